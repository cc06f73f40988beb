// tests/unit/httpd_conditions.c: apps/httpd/etag.h, conditions.h and plan.h.
#include "apps/httpd/conditions.h"

#include "apps/httpd/etag.h"
#include "apps/httpd/plan.h"
#include "crt/str.h"
#include "tests/unit/httpd_edge.h"
#include "tests/unit/unit.h"

#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"
#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define AFTER "Sun, 06 Nov 1994 08:49:38 GMT"
constexpr int64_t TIME = 784'111'777;
constexpr int64_t NOW = TIME + 1000;

static struct str tag_of(struct facts facts, int64_t now)
{
	struct out out = out_to_memory(edge_span(ETAG_BYTES_MAX));
	etag_write(&out, &facts, now);
	CHECK_EQUAL(out.error, 0);
	return out_written(&out);
}

UNIT(tags)
{
	struct facts facts = {.bytes = 0x123, .modified = 1, .modified_ns = 2, .coding = CODING_IDENTITY};
	CHECK_STR(tag_of(facts, NOW), STR("\"3b9aca02-123\""));
	facts.coding = CODING_GZIP;
	CHECK_STR(tag_of(facts, NOW), STR("\"3b9aca02-123-gzip\""));
	// The longest there is, and times that no clock shows.
	facts = (struct facts){UINT64_MAX, INT64_MIN, 999'999'999, CODING_ZSTD};
	CHECK_STR(tag_of(facts, INT64_MAX), STR("\"3b9ac9ff-ffffffffffffffff-zstd\""));
	facts = (struct facts){UINT64_MAX, -1, 0, CODING_ZSTD};
	CHECK_STR(tag_of(facts, -2), STR("W/\"ffffffffc4653600-ffffffffffffffff-zstd\""));
}

UNIT(strong_only_at_rest)
{
	struct facts facts = {.modified = TIME, .coding = CODING_IDENTITY};
	CHECK(str_starts(tag_of(facts, TIME + 2), STR("\"")));
	CHECK(str_starts(tag_of(facts, TIME + 1), STR("W/\"")));
	CHECK(str_starts(tag_of(facts, TIME), STR("W/\"")));
	CHECK(str_starts(tag_of(facts, TIME - 1), STR("W/\""))); // from the future
	facts.modified = INT64_MAX;
	CHECK(str_starts(tag_of(facts, INT64_MIN + 1), STR("W/\"")));
}

static bool listed(struct str list, struct str tag, enum etag_comparison comparison)
{
	struct field field = {.span = edge_str(list), .is_there = true};
	return etag_is_listed(field, STR("If-Match"), tag, comparison);
}

#define STRONGLY(list, tag) listed(STR(list), STR(tag), ETAG_STRONGLY)
#define WEAKLY(list, tag) listed(STR(list), STR(tag), ETAG_WEAKLY)

UNIT(the_comparisons_of_the_rfc) // the table of RFC 9110 §8.8.3.2
{
	CHECK(!STRONGLY("W/\"1\"", "W/\"1\"") && WEAKLY("W/\"1\"", "W/\"1\""));
	CHECK(!STRONGLY("W/\"1\"", "W/\"2\"") && !WEAKLY("W/\"1\"", "W/\"2\""));
	CHECK(!STRONGLY("W/\"1\"", "\"1\"") && WEAKLY("W/\"1\"", "\"1\""));
	CHECK(!STRONGLY("\"1\"", "W/\"1\"") && WEAKLY("\"1\"", "W/\"1\""));
	CHECK(STRONGLY("\"1\"", "\"1\"") && WEAKLY("\"1\"", "\"1\""));
}

UNIT(lists_of_tags)
{
	CHECK(WEAKLY("*", "\"1\""));
	CHECK(WEAKLY(" * ", "")); // something is there, tag or not
	CHECK(!WEAKLY("\"1\"", ""));
	CHECK(!WEAKLY("\"\"", ""));
	CHECK(WEAKLY("\"\"", "\"\""));
	CHECK(WEAKLY("\"0\", W/\"2\" ,\t\"1\"", "\"1\""));
	CHECK(WEAKLY(",, ,\"1\",", "\"1\""));
	CHECK(WEAKLY("\"a,b\", \"1\"", "\"1\"")); // a comma may stand in a tag, a backslash is itself
	CHECK(WEAKLY("\"a\\\", \"1\"", "\"1\""));
	CHECK(WEAKLY("\"\xff!\", \"1\"", "\"1\""));
	CHECK(!WEAKLY("\"x\", *", "\"1\"")); // the star stands alone
	CHECK(!WEAKLY("1", "\"1\""));
	CHECK(!WEAKLY("w/\"1\"", "\"1\"")); // "W/" has a case
	CHECK(!WEAKLY("\"1", "\"1\""));
	CHECK(!WEAKLY("", "\"1\""));
	CHECK(!WEAKLY("x, \"1\"", "\"1\"")); // behind what is malformed nothing is seen
	CHECK(!WEAKLY("\"0\" \"1\"", "\"1\""));
	CHECK(!WEAKLY("\"a b\", \"1\"", "\"1\""));
}

static struct wishes wishes;
#define WISH(member, value)                          \
	wishes.member = (struct field)               \
	{                                            \
		.span = STR(value), .is_there = true \
	}

static int judged(void)
{
	struct validators validators = {
		.tag = STR("\"1\""), .has_modified = true, .modified = TIME, .is_at_rest = true};
	return (int)conditions_judge(&wishes, &validators, NOW);
}

UNIT(each_condition_alone)
{
	wishes = (struct wishes){0};
	CHECK_EQUAL(judged(), 200);
	WISH(if_match, "\"1\"");
	CHECK_EQUAL(judged(), 200);
	WISH(if_match, "*");
	CHECK_EQUAL(judged(), 200);
	WISH(if_match, "\"2\"");
	CHECK_EQUAL(judged(), 412);
	WISH(if_match, "W/\"1\"");
	CHECK_EQUAL(judged(), 412);

	wishes = (struct wishes){0};
	WISH(if_unmodified_since, DATE);
	CHECK_EQUAL(judged(), 200);
	WISH(if_unmodified_since, BEFORE);
	CHECK_EQUAL(judged(), 412);
	WISH(if_unmodified_since, "yesterday");
	CHECK_EQUAL(judged(), 200);

	wishes = (struct wishes){0};
	WISH(if_none_match, "\"2\"");
	CHECK_EQUAL(judged(), 200);
	WISH(if_none_match, "\"2\", W/\"1\"");
	CHECK_EQUAL(judged(), 304);
	WISH(if_none_match, "*");
	CHECK_EQUAL(judged(), 304);

	wishes = (struct wishes){0};
	WISH(if_modified_since, DATE);
	CHECK_EQUAL(judged(), 304);
	WISH(if_modified_since, AFTER);
	CHECK_EQUAL(judged(), 304);
	WISH(if_modified_since, BEFORE);
	CHECK_EQUAL(judged(), 200);
	WISH(if_modified_since, "yesterday");
	CHECK_EQUAL(judged(), 200);
	WISH(if_modified_since, DATE);
	wishes.if_modified_since.is_repeated = true;
	CHECK_EQUAL(judged(), 200);
}

UNIT(the_order_of_conditions) // [RFC 9110 §13.2.2]
{
	wishes = (struct wishes){0};
	WISH(if_match, "\"1\"");
	WISH(if_unmodified_since, BEFORE); // not asked beside If-Match
	CHECK_EQUAL(judged(), 200);
	WISH(if_none_match, "\"1\"");
	CHECK_EQUAL(judged(), 304);
	WISH(if_match, "\"2\"");
	CHECK_EQUAL(judged(), 412);

	wishes = (struct wishes){0};
	WISH(if_none_match, "\"2\"");
	WISH(if_modified_since, DATE); // not asked beside If-None-Match
	CHECK_EQUAL(judged(), 200);
	WISH(if_unmodified_since, BEFORE);
	CHECK_EQUAL(judged(), 412);
}

UNIT(pages_without_validators)
{
	wishes = (struct wishes){0};
	CHECK_EQUAL(plan_page(&wishes, NOW), 200);
	WISH(if_modified_since, AFTER);
	WISH(if_unmodified_since, BEFORE);
	CHECK_EQUAL(plan_page(&wishes, NOW), 200);
	WISH(if_match, "\"1\"");
	CHECK_EQUAL(plan_page(&wishes, NOW), 412);
	WISH(if_match, "*");
	CHECK_EQUAL(plan_page(&wishes, NOW), 200);
	WISH(if_none_match, "*");
	CHECK_EQUAL(plan_page(&wishes, NOW), 304);
}

static struct plan plan;

static int planned(enum request_method method, int64_t now)
{
	struct facts facts = {.bytes = 0x10, .modified = TIME, .coding = CODING_IDENTITY};
	plan_file(&plan, &facts, &wishes, method, now);
	return (int)plan.status;
}

UNIT(ranges_in_the_plan)
{
	wishes = (struct wishes){0};
	CHECK_EQUAL(planned(METHOD_GET, NOW), 200);
	CHECK_STR(plan_tag(&plan), STR("\"ae1b981bc490a00-10\""));
	CHECK_EQUAL(plan.ranges.count, 0);
	WISH(range, "bytes=0-1,4-5");
	CHECK_EQUAL(planned(METHOD_GET, NOW), 206);
	CHECK_EQUAL(plan.ranges.count, 2);
	CHECK_EQUAL(planned(METHOD_HEAD, NOW), 200); // [RFC 9110 §14.2]
	CHECK_EQUAL(plan.ranges.count, 0);
	WISH(range, "bytes=5-4");
	CHECK_EQUAL(planned(METHOD_GET, NOW), 200);
	CHECK_EQUAL(plan.ranges.count, 0);
	WISH(range, "bytes=16-");
	CHECK_EQUAL(planned(METHOD_GET, NOW), 416);
	CHECK_EQUAL(planned(METHOD_HEAD, NOW), 200);
	WISH(range, "bytes=0-1");
	wishes.range.is_repeated = true;
	CHECK_EQUAL(planned(METHOD_GET, NOW), 200);
	WISH(range, "bytes=16-");
	WISH(if_none_match, "\"ae1b981bc490a00-10\""); // conditions go first
	CHECK_EQUAL(planned(METHOD_GET, NOW), 304);
}

UNIT(if_range) // [RFC 9110 §13.1.5]
{
	wishes = (struct wishes){0};
	WISH(range, "bytes=0-1");
	WISH(if_range, "\"ae1b981bc490a00-10\"");
	CHECK_EQUAL(planned(METHOD_GET, NOW), 206);
	CHECK_EQUAL(planned(METHOD_GET, TIME + 1), 200); // that tag is weak now
	WISH(if_range, "W/\"ae1b981bc490a00-10\"");
	CHECK_EQUAL(planned(METHOD_GET, NOW), 200);
	CHECK_EQUAL(planned(METHOD_GET, TIME + 1), 200);
	WISH(if_range, "\"other\"");
	CHECK_EQUAL(planned(METHOD_GET, NOW), 200);
	WISH(if_range, "\"ae1b981bc490a00-10\", \"a\"");
	CHECK_EQUAL(planned(METHOD_GET, NOW), 200);
	WISH(if_range, "*");
	CHECK_EQUAL(planned(METHOD_GET, NOW), 200);
	WISH(if_range, "");
	CHECK_EQUAL(planned(METHOD_GET, NOW), 200);
	WISH(if_range, DATE);
	CHECK_EQUAL(planned(METHOD_GET, NOW), 206);
	CHECK_EQUAL(planned(METHOD_GET, TIME + 1), 200);
	wishes.if_range.is_repeated = true;
	CHECK_EQUAL(planned(METHOD_GET, NOW), 200);
	WISH(if_range, AFTER); // the very date, not a later one
	CHECK_EQUAL(planned(METHOD_GET, NOW), 200);
	WISH(if_range, BEFORE);
	CHECK_EQUAL(planned(METHOD_GET, NOW), 200);
	WISH(range, "bytes=16-"); // nor is it 416 then
	CHECK_EQUAL(planned(METHOD_GET, NOW), 200);
}
