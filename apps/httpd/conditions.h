// apps/httpd/conditions.h: whether what a client already has, or expects, makes a difference. [RFC 9110 §13]
//
//	If-Match -----------> no: 412        in this order; a date is asked only
//	If-Unmodified-Since-> no: 412        where there is no list of tags
//	If-None-Match ------> no: 304
//	If-Modified-Since --> no: 304
//	If-Range -----------> no: the whole, not a range
#pragma once

#include <stdint.h>

#include "apps/httpd/status.h"
#include "apps/httpd/wishes.h"

// What is compared with.
struct validators {
	struct str tag;    // the entity tag; empty: none (the page of a folder has none)
	bool has_modified; // a time is known
	int64_t modified;  // that time, in seconds since 1970
	bool is_at_rest;   // and it can be trusted to have changed with the last change
};

// For a GET or HEAD that would be answered with 200. HTTP_OK: answer it; HTTP_NOT_MODIFIED; or HTTP_PRECONDITION_FAILED. Of
// any other answer the conditions are to be ignored [RFC 9110 §13.2.1]. `now` is for dates with two digits of a year.
enum http_status conditions_judge(const struct wishes *wishes, const struct validators *validators, int64_t now);

// Whether If-Range lets a range be answered: it is not there, or it is true.
bool conditions_let_range(const struct wishes *wishes, const struct validators *validators, int64_t now);
