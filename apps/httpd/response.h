// apps/httpd/response.h: what the server says: the head of a response, and the page of an error.
//
// Composes text into an out, from values that the caller knows. It opens no file and asks no clock.
//
// Left out on purpose: Server, which tells strangers what to attack and clients nothing [RFC 9110 §17.12]; and
// X-Content-Type-Options, because a missing line in a table of types should not stop a page from working.
#pragma once

#include <stdint.h>

#include "apps/httpd/date.h"
#include "apps/httpd/status.h"
#include "arch/span.h"
#include "crt/out.h"

// One response. Fields that stay zero are not sent.
struct response {
	enum http_status status;
	int64_t now;            // seconds since 1970, for Date
	struct str type;        // Content-Type
	uint64_t content_bytes; // Content-Length; always sent, but for 304
	bool has_modified;
	int64_t modified;       // Last-Modified, seconds since 1970
	struct str tag;         // ETag
	struct str coding;      // Content-Encoding
	bool varies;            // Vary: Accept-Encoding: there are other codings that a request could have got
	bool has_ranges;        // Accept-Ranges: parts of it may be asked for
	struct str cache;       // Cache-Control
	struct str range;       // Content-Range
	struct str moved_to;    // 301: the path of a folder, as target_decode gives it; its address is sent as Location
	struct str moved_query; // 301: the query to keep; none if ptr is null
	bool has_methods;       // Allow: the methods that there are; sent with 405 in any case
	bool keep_alive;        // the connection carries on
	bool is_1_0;            // the request was HTTP/1.0, where keeping a connection has to be said [RFC 9112 §9.3]
};

// Room for any head without a Location. A Location is at most three bytes to each of its path, and its query.
constexpr size_t RESPONSE_HEAD_BYTES_MAX = 1024;

// Room for the page of any error, and for the whole response, without a Location.
constexpr size_t RESPONSE_PAGE_BYTES_MAX = 512;
constexpr size_t RESPONSE_ERROR_BYTES_MAX = RESPONSE_HEAD_BYTES_MAX + RESPONSE_PAGE_BYTES_MAX;

// Writes the head, with the empty line that ends it. It is the same for GET and HEAD [RFC 9110 §9.3.2]. Where it did not fit,
// out->error is -ENOSPC, and what is there must not be sent.
void response_head(struct out *out, const struct response *response);

// Writes a whole response whose content is a page about its status: a small document in HTML. `response` gives all but
// the content's type and length. `with_content` is false for HEAD: then the head alone is written, the same. Returns the bytes
// of content written.
uint64_t response_error(struct out *out, const struct response *response, bool with_content);
