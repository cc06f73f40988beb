// tests/fuzz/range.c: whatever a Range says, its pieces lie within the file, and no two of them overlap or touch.
//
// The first byte is the size of the file, as a power of two.
//
// links: apps/httpd/range.c apps/httpd/wishes.c apps/httpd/multipart.c crt/str.c crt/out.c arch/errno.c
#include "apps/httpd/range.h"

#include "apps/httpd/multipart.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct str value = fuzz_str(data + 1, size - 1);
	uint64_t bytes = data[0] < 64 ? UINT64_C(1) << data[0] : data[0] == 64 ? UINT64_MAX : 0;

	struct ranges ranges;
	enum range_state state = range_parse(value, bytes, &ranges);
	REQUIRE(state != RANGE_TAKEN || (ranges.count > 0 && ranges.count <= RANGES_MAX));
	REQUIRE(state != RANGE_UNSATISFIABLE || ranges.count == 0);
	if (state != RANGE_TAKEN)
		return 0;
	for (unsigned i = 0; i < ranges.count; i++) {
		const struct range *one = &ranges.of[i];
		REQUIRE(one->bytes > 0 && one->first < bytes && one->bytes <= bytes - one->first);
		for (unsigned j = 0; j < i; j++) {
			const struct range *other = &ranges.of[j];
			REQUIRE(one->first > other->first + other->bytes || other->first > one->first + one->bytes);
		}
		uint8_t head_bytes[MULTIPART_HEAD_BYTES_MAX];
		struct multipart multipart = {data[0], STR("a/b"), bytes};
		struct out head = out_to_memory(SPAN(head_bytes));
		multipart_head(&head, &multipart, one);
		REQUIRE(head.error == 0);
	}
	return 0;
}
