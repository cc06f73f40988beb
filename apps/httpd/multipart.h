// apps/httpd/multipart.h: several pieces of one file in one answer. [RFC 9110 §14.6; RFC 2046 §5.1]
//
//	CRLF --boundary CRLF Content-Type: T CRLF Content-Range: bytes 0-1/9 CRLF CRLF   piece
//	CRLF --boundary CRLF ...                                                         piece
//	CRLF --boundary-- CRLF
//
// The boundary is a number that nobody knew when the file was written (the caller's clock, in nanoseconds), so that it is not in
// the file.
#pragma once

#include <stdint.h>

#include "apps/httpd/range.h"
#include "crt/out.h"

struct multipart {
	uint64_t boundary;
	struct str type;   // of the file
	uint64_t of_bytes; // the file's size
};

// "multipart/byteranges; boundary=..."
void multipart_type(struct out *out, uint64_t boundary);

// What goes before a piece, and what goes behind the last. Of a head at most MULTIPART_HEAD_BYTES_MAX.
void multipart_head(struct out *out, const struct multipart *multipart, const struct range *range);
void multipart_end(struct out *out, uint64_t boundary);

constexpr size_t MULTIPART_HEAD_BYTES_MAX = 384;

// The bytes of all of it: heads, pieces and end.
uint64_t multipart_bytes(const struct multipart *multipart, const struct ranges *ranges);

// "bytes 0-1/9", for Content-Range. [RFC 9110 §14.4]
void multipart_range(struct out *out, const struct range *range, uint64_t of_bytes);
