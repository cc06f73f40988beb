// apps/httpd/facts.h: what is known about a file that may be sent: all that its head and its conditions are made from.
#pragma once

#include <stdint.h>

#include "apps/httpd/coding.h"

struct facts {
	uint64_t bytes;
	int64_t modified;     // seconds since 1970
	uint32_t modified_ns; // and nanoseconds
	enum coding coding; // of the file itself: CODING_GZIP for what was compressed before and stands in for another
};
