// apps/httpd/plan.h: what is to be sent, decided from what is known about the file and what the request wishes; nothing is sent.
//
//	facts, wishes, method  ->  200 the file | 206 pieces of it | 304 | 412 | 416
//
// Pure, and knows no path, no descriptor and no connection: so the facts may as well come from a table of files that were opened
// before.
#pragma once

#include <stdint.h>

#include "apps/httpd/etag.h"
#include "apps/httpd/facts.h"
#include "apps/httpd/range.h"
#include "apps/httpd/request.h"
#include "apps/httpd/status.h"
#include "apps/httpd/wishes.h"

struct plan {
	enum http_status status;
	struct ranges ranges; // of 206: one, or several, which make a multipart
	size_t tag_len;
	uint8_t tag[ETAG_BYTES_MAX];
};

// The plan for a file that was found; `now` in seconds since 1970.
void plan_file(struct plan *plan, const struct facts *facts, const struct wishes *wishes, enum request_method method,
	       int64_t now);

// The plan for a page that is made on the spot, which has no validators: 200, 304 or 412.
enum http_status plan_page(const struct wishes *wishes, int64_t now);

static inline struct str plan_tag(const struct plan *plan)
{
	return (struct str){(const char *)plan->tag, plan->tag_len};
}
