// tests/fuzz/date.c: a date that is read is the date that is written, and one that is written can be read.
//
// links: apps/httpd/date.c crt/str.c crt/out.c arch/errno.c
#include "apps/httpd/date.h"

#include "tests/fuzz/fuzz.h"

static struct str write(struct span memory, int64_t seconds)
{
	struct out out = out_to_memory(memory);
	date_write_http(&out, seconds);
	REQUIRE(out.error == 0 && out_written(&out).len == 29);
	return out_written(&out);
}

// Eight bytes of time, and a text.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < sizeof(int64_t))
		return 0;
	uint64_t bits = 0;
	for (size_t i = 0; i < sizeof(bits); i++)
		bits = bits << 8 | data[i];
	int64_t now = (int64_t)bits, seconds = 0, again = 0;
	uint8_t memory[32];

	// Any time: what is written is the nearest that four digits can say.
	int64_t nearest = now < DATE_SECONDS_MIN ? DATE_SECONDS_MIN : now > DATE_SECONDS_MAX ? DATE_SECONDS_MAX : now;
	REQUIRE(date_parse(write(SPAN(memory), now), 0, &seconds) && seconds == nearest);

	// Any text. Beyond the last second there may be one leap second.
	struct str text = fuzz_str(data + sizeof(bits), size - sizeof(bits));
	if (!date_parse(text, now, &seconds))
		return 0;
	REQUIRE(seconds >= DATE_SECONDS_MIN && seconds <= DATE_SECONDS_MAX + 1);
	if (seconds <= DATE_SECONDS_MAX)
		REQUIRE(date_parse(write(SPAN(memory), seconds), 0, &again) && again == seconds);
	// Without a leap second, the recommended spelling is the only one for its moment.
	if (text.len == 29 && text.ptr[3] == ',' && text.ptr[23] != '6')
		REQUIRE(str_equal(write(SPAN(memory), seconds), text));
	return 0;
}
