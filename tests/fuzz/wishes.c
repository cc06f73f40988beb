// tests/fuzz/wishes.c: the lines of a head, as conditions, codings and ranges: no line costs its bounds, and what is decided keeps
// to the order of RFC 9110.
//
// links: apps/httpd/wishes.c apps/httpd/plan.c apps/httpd/conditions.c apps/httpd/etag.c apps/httpd/range.c apps/httpd/coding.c apps/httpd/date.c crt/str.c crt/out.c arch/errno.c
#include "apps/httpd/wishes.h"

#include "apps/httpd/coding.h"
#include "apps/httpd/plan.h"
#include "tests/fuzz/fuzz.h"

static struct wishes read(struct str text)
{
	struct wishes wishes = {0};
	while (text.len > 0) {
		struct str_cut line = str_cut(text, '\r');
		text = str_skip(line.after, 1);
		struct str_cut field = str_cut(line.before, ':');
		if (field.found)
			wishes_take(&wishes, field.before, field_trim(field.after));
	}
	return wishes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wishes wishes = read(fuzz_str(data, size));
	struct facts facts = {.bytes = 10, .modified = 784'111'777, .coding = CODING_IDENTITY};

	struct plan get, head;
	plan_file(&get, &facts, &wishes, METHOD_GET, facts.modified + 10);
	plan_file(&head, &facts, &wishes, METHOD_HEAD, facts.modified + 10);
	enum http_status page = plan_page(&wishes, 0);
	REQUIRE(get.status == head.status ||
		(head.status == HTTP_OK && (get.status == HTTP_PARTIAL || get.status == HTTP_RANGE_UNSATISFIABLE)));
	REQUIRE((get.status == HTTP_PARTIAL) == (get.ranges.count > 0));
	REQUIRE(get.status != HTTP_PARTIAL || wishes.range.is_there);
	REQUIRE(get.status != HTTP_NOT_MODIFIED || wishes.if_none_match.is_there || wishes.if_modified_since.is_there);
	REQUIRE(get.status != HTTP_PRECONDITION_FAILED || wishes.if_match.is_there ||
		wishes.if_unmodified_since.is_there);
	REQUIRE(page == HTTP_OK || wishes.if_match.is_there || wishes.if_none_match.is_there);

	struct codings codings = codings_read(wishes.accept_encoding);
	unsigned tried = 0;
	bool was_taken = true;
	for (enum coding best; (best = codings_best(&codings, tried)) != CODING_IDENTITY; tried |= 1u << best) {
		REQUIRE((tried >> best & 1) == 0 && codings.weight[best] <= 1000);
		bool is_taken = codings_takes(&codings, best);
		REQUIRE(was_taken || !is_taken); // those that are taken come first
		was_taken = is_taken;
	}
	REQUIRE(tried == (1u << CODING_IDENTITY) - 1);
	return 0;
}
