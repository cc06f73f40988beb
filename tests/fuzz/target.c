// tests/fuzz/target.c: no target leads out of the root, to a hidden name, or to a path that is not the canonical one.
//
// links: apps/httpd/target.c apps/httpd/escape.c apps/httpd/mime.c apps/httpd/mime_table.c crt/str.c crt/out.c arch/errno.c
#include "apps/httpd/target.h"

#include "apps/httpd/escape.h"
#include "apps/httpd/mime.h"
#include "tests/fuzz/fuzz.h"

static void require_safe(const struct target *target, bool with_hidden)
{
	struct str path = target->path;
	REQUIRE(path.len > 0 && path.ptr[path.len] == 0 && fuzz_count(path, '\0') == 0);
	if (str_equal(path, STR("."))) {
		REQUIRE(target->ends_with_slash);
		return;
	}

	bool is_first = true;
	for (struct str rest = path; rest.len > 0; is_first = false) {
		struct str_cut cut = str_cut(rest, '/');
		REQUIRE(cut.before.len > 0 && cut.before.len <= NAME_MAX);
		REQUIRE(!str_equal(cut.before, STR(".")) && !str_equal(cut.before, STR("..")));
		bool is_well_known = is_first && str_equal(cut.before, STR(".well-known"));
		REQUIRE(cut.before.ptr[0] != '.' || is_well_known || with_hidden);
		REQUIRE(!cut.found || cut.after.len > 0);
		rest = cut.after;
	}
	REQUIRE(mime_type(nullptr, path).len > 0);
}

static void try_target(const uint8_t *data, size_t size, bool with_hidden)
{
	static uint8_t memory[PATH_MAX], encoded[3 * PATH_MAX], again[PATH_MAX];
	struct str raw = fuzz_str(data, size);
	struct target target, second;

	enum http_status status = target_decode(raw, with_hidden, SPAN(memory), &target);
	REQUIRE(status == HTTP_OK || status == HTTP_BAD_REQUEST || status == HTTP_NOT_FOUND);
	if (status == HTTP_OK) {
		require_safe(&target, with_hidden);
		REQUIRE((target.query.ptr != nullptr) == (fuzz_count(raw, '?') > 0));

		// Encoded anew, it leads to the same place.
		struct out out = out_to_memory(SPAN(encoded));
		out_byte(&out, '/');
		escape_path(&out, target.path);
		if (target.ends_with_slash)
			out_byte(&out, '/');
		REQUIRE(out.error == 0);
		REQUIRE(target_decode(out_written(&out), with_hidden, SPAN(again), &second) == HTTP_OK);
		REQUIRE(str_equal(second.path, target.path) && second.ends_with_slash == target.ends_with_slash);
	}

	// Into less memory: either the same or not found, and nothing beyond the memory's end.
	size_t small = 2 + size % 32;
	uint8_t *room = __builtin_malloc(small);
	enum http_status squeezed = target_decode(raw, with_hidden, (struct span){room, small}, &second);
	REQUIRE(squeezed == status || squeezed == HTTP_NOT_FOUND);
	if (squeezed == HTTP_OK)
		REQUIRE(str_equal(second.path, target.path));
	__builtin_free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_target(data, size, false);
	try_target(data, size, true);
	return 0;
}
