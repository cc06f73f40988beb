// apps/httpd/range.h: which bytes of a file a request wants. [RFC 9110 §14.1, §14.2]
//
//	bytes=0-99       the first hundred       bytes=500-     from there to the end
//	bytes=-5         the last five           bytes=0-1,4-5  two pieces
//
// Pure: numbers in, numbers out. What overlaps or touches is made one piece, so that all pieces together are never more than the
// file; and a request for very many is answered with the whole. [RFC 9110 §14.2, §17.15]
#pragma once

#include <stdint.h>

#include "arch/span.h"

// Pieces that are answered; with more than that in one request, the field is ignored. Players and viewers ask for one to four.
constexpr unsigned RANGES_MAX = 16;

struct range {
	uint64_t first; // offset
	uint64_t bytes; // 1 or more
};

struct ranges {
	unsigned count;
	struct range of[RANGES_MAX]; // in the order of the request
};

enum range_state {
	RANGE_IGNORED,       // as if it were not there: no range of bytes, malformed, or too many
	RANGE_TAKEN,         // `ranges` has them, each within the file
	RANGE_UNSATISFIABLE, // none begins within the file: 416
};

// Reads the value of a Range field for a file of `size` bytes.
[[nodiscard]] enum range_state range_parse(struct str value, uint64_t size, struct ranges *ranges);
