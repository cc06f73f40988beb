// apps/httpd/request.h: reads the head of one HTTP/1.x request, the request line and the header fields. [RFC 9112]
//
//	received.ptr            scanned                    limit
//	| head, seen so far     | bytes of a later call    |
//	|---- head_bytes ----| next request, or a body
//
// A pure function over the bytes that have come so far, called again as more come. It looks at each byte once and parses
// each line once, when the line is whole, so a head of N bytes costs the same N steps in one piece or in N. The result
// does not depend on the pieces.
//
// It is strict where a lenient reader and a strict one could see two different requests in the same bytes, because between
// two such readers (a proxy and this server) somebody can hide a request. [RFC 9112 §11.2]
//
// It knows no files: the target is handed on as it came (target.h takes it apart). It reads no body, but says how that is
// framed (body.h finds its end).
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "apps/httpd/status.h"
#include "apps/httpd/wishes.h"
#include "arch/span.h"

enum request_state {
	REQUEST_MORE, // the head is not whole: call again with more bytes
	REQUEST_OK,   // a GET, HEAD or OPTIONS to answer
	REQUEST_BAD,  // to be answered with `status`, an error, once the body has come, if one follows
};

enum request_method {
	METHOD_OTHER, // one that is not served, or not known yet
	METHOD_GET,
	METHOD_HEAD,    // answered without content, whatever the status [RFC 9110 §9.3.2]
	METHOD_OPTIONS, // of any target, or of the server: '*', whose target is empty here [RFC 9110 §9.3.7]
};

// One request. Begin with (struct request){0}; every str points into the bytes received.
struct request {
	// As soon as the state is OK or BAD:
	enum http_status status;    // HTTP_OK or what to answer
	enum request_method method; // of BAD too, where it could be read
	bool keep_alive;            // after the answer, the connection may carry another request [RFC 9112 §9.3]
	bool is_last;               // .. by the client's own word it carries none: it will send nothing behind this one
	bool is_1_0;                // the client speaks HTTP/1.0, and must be told that its connection is kept
	bool body_follows;          // a body comes after the head, and where it ends is certain:
	bool is_chunked;            // ... in chunks, else ...
	uint64_t content_length;    // ... of so many bytes; 0 if absent
	bool wants_continue;        // the client waits for a 100 before it sends that body [RFC 9110 §10.1.1]
	struct str line;            // the request line without its end, for the log; cut short if it never ended

	// When the state is OK:
	struct str target;    // path and query: begins with '/', or is empty or a query ('?') of the root
	struct str host;      // authority of the absolute form, else the Host field; may be empty
	struct wishes wishes; // conditions, ranges, codings; not checked

	// When keep_alive or body_follows:
	size_t head_bytes; // where the body begins, or the next request

	// The parser's own.
	size_t scanned;     // bytes looked at
	size_t line_start;  // where the line begins that is being received
	bool is_line_known; // the request line is behind
	bool has_host;      // these three: a field was there
	bool has_length;
	bool has_coding;
	bool has_other_coding; // a transfer coding other than chunked
	bool has_two_chunked;
	bool is_chunked_last; // of the codings so far
	bool wants_close;
	bool wants_keep;
	bool wants_unknown; // an expectation other than 100-continue
};

// Goes on with a request. `received` is all that has come since the request began: the same bytes at the same address as in
// the call before, and more behind them (as many as `limit` at most). `limit`, in bytes, is how many the caller can hold: a
// head that is not whole by then is answered 414, or 431 if the request line was whole, or 501 if not even the method was.
//
// The bytes are lent to `request` for as long as its strs are used. After OK and BAD, do not call again for this request.
[[nodiscard]] enum request_state request_parse(struct request *request, struct str received, size_t limit);
