// apps/httpd/body.h: finds the end of a request's body, which nobody here wants. [RFC 9112 §6, §7.1]
//
//	sized      content content content
//	chunked    7;name=value CRLF content CRLF 3 CRLF ... 0 CRLF [trailer: value CRLF]... CRLF
//
// A pure function over bytes, in whatever pieces they come; it keeps none of them. It is as strict as request.h, and for
// the same reason: where a body ends the next request begins, and two readers that disagree about that place can be told
// two different stories. [RFC 9112 §11.2]
//
// It knows how many bytes are certain to come still (body_least). Who receives no more than that at a time never takes a
// byte of the next request, and needs no place to keep it.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "arch/span.h"

enum body_state {
	BODY_MORE,      // the end has not come
	BODY_END,       // it has
	BODY_BAD,       // these are no chunks: where the next request begins is not known
	BODY_TOO_LARGE, // more content than is allowed, or more than BODY_EXTRA_BYTES_MAX around it
};

// Bytes of chunk extensions and trailers, together. Both are ignored, so they may not go on for ever.
// [RFC 9112 §7.1.1]
constexpr size_t BODY_EXTRA_BYTES_MAX = 8192;

// The reader's own.
struct body {
	uint8_t phase;    // what comes next
	uint8_t digits;   // of this chunk's size
	uint16_t extra;   // bytes of extensions and trailers so far
	uint64_t left;    // bytes of content to come: of the body, or of this chunk
	uint64_t allowed; // bytes of content that may still come, those included
};
static_assert(BODY_EXTRA_BYTES_MAX < UINT16_MAX);

// A body of `content_bytes`, of which `allowed` at most; and one in chunks.
struct body body_sized(uint64_t content_bytes, uint64_t allowed);
struct body body_chunked(uint64_t allowed);

// Goes on with a body. `used`: how many of the bytes belong to it; all of them after BODY_MORE. After another state, do not
// call again.
[[nodiscard]] enum body_state body_read(struct body *body, struct str bytes, size_t *used);

// How many bytes of it are still to come at least. After BODY_MORE: 1 or more.
uint64_t body_least(const struct body *body);
