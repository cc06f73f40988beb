// apps/httpd/wishes.h: the fields of a request that say which answer is wished for: conditions, ranges, codings.
//
//	If-None-Match: "a"\r\nHost: b\r\nIf-None-Match: "c", "d"
//	               |---------------------- span ---------|   two lines, one list [RFC 9110 §5.3]
//
// A field that came in several lines is kept as the bytes from the first of them to the last, and its lines are found in
// there again when it is read: so no number of lines needs memory. Knows names only; what values mean is conditions.h's,
// range.h's and coding.h's business.
#pragma once

#include "arch/span.h"

struct field {
	struct str span; // what has come of it; lent with the request's bytes
	bool is_there;
	bool is_repeated; // in several lines
	bool is_begun;    // field_next has given the first line
};

// All zero: no wish.
struct wishes {
	struct field accept_encoding, if_match, if_none_match; // lists
	struct field if_modified_since, if_range, if_unmodified_since, range;
};

// Notes a line of the head, if it is one of these. All lines of a request lie in the same memory, in their order. `value` has no
// white space at its ends.
void wishes_take(struct wishes *wishes, struct str name, struct str value);

// The value of the next line of a field called `name`. Works on a copy: `field` is used up. False: no more.
bool field_next(struct field *field, struct str name, struct str *value);

// The value of a field that is no list. Empty if it is not there, and if it is there twice: which one was meant cannot be known.
struct str field_single(const struct field *field);

// Text without the white space of HTTP at its ends, which is space and tab [RFC 9110 §5.6.3]. (str_trim takes more.)
struct str field_trim(struct str text);
