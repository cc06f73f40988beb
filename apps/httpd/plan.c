// apps/httpd/plan.c: conditions first, then ranges. [RFC 9110 §13.2.2]
#include "apps/httpd/plan.h"

#include "apps/httpd/conditions.h"
#include "crt/out.h"

void plan_file(struct plan *plan, const struct facts *facts, const struct wishes *wishes, enum request_method method,
	       int64_t now)
{
	struct out tag = out_to_memory(SPAN(plan->tag));
	etag_write(&tag, facts, now);
	plan->tag_len = tag.len;
	plan->ranges.count = 0;

	struct validators validators = {
		.tag = plan_tag(plan),
		.has_modified = true,
		.modified = facts->modified,
		.is_at_rest = etag_is_at_rest(facts, now),
	};
	plan->status = conditions_judge(wishes, &validators, now);
	// A range is a matter of GET alone [RFC 9110 §14.2].
	if (plan->status != HTTP_OK || !wishes->range.is_there || method != METHOD_GET ||
	    !conditions_let_range(wishes, &validators, now))
		return;
	switch (range_parse(field_single(&wishes->range), facts->bytes, &plan->ranges)) {
	case RANGE_IGNORED:
		plan->ranges.count = 0;
		return;
	case RANGE_TAKEN:
		plan->status = HTTP_PARTIAL;
		return;
	case RANGE_UNSATISFIABLE:
		plan->status = HTTP_RANGE_UNSATISFIABLE;
		return;
	}
}

enum http_status plan_page(const struct wishes *wishes, int64_t now)
{
	return conditions_judge(wishes, &(struct validators){0}, now);
}
