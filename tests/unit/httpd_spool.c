// tests/unit/httpd_spool.c: apps/httpd/spool.h.
#include "apps/httpd/spool.h"

#include "crt/str.h"
#include "tests/unit/unit.h"

static uint8_t memory[16]; // two halves of 8

static bool add(struct spool *spool, struct str text)
{
	struct out *line = spool_line(spool, text.len);
	if (line == nullptr)
		return false;
	out_str(line, text);
	return true;
}

UNIT(an_empty_spool_has_nothing_to_write)
{
	struct spool spool = spool_open(SPAN(memory), SIZE_MAX);
	CHECK(spool_next(&spool).len == 0);
}

UNIT(lines_come_out_in_their_order)
{
	struct spool spool = spool_open(SPAN(memory), SIZE_MAX);
	CHECK(add(&spool, STR("ab\n")));
	CHECK(add(&spool, STR("c\n")));
	CHECK_STR(spool_next(&spool), STR("ab\nc\n"));
	CHECK_STR(spool_next(&spool), STR("ab\nc\n")); // asking changes nothing
	CHECK(add(&spool, STR("d\n")));                // meanwhile
	spool_written(&spool, 2);
	CHECK_STR(spool_next(&spool), STR("\nc\n"));
	spool_written(&spool, 3);
	CHECK_STR(spool_next(&spool), STR("d\n"));
	spool_written(&spool, 2);
	CHECK(spool_next(&spool).len == 0);
}

UNIT(a_line_without_room_is_dropped_whole_and_counted)
{
	struct spool spool = spool_open(SPAN(memory), SIZE_MAX);
	CHECK(add(&spool, STR("1234567\n"))); // to the last byte
	CHECK(!add(&spool, STR("x")));
	CHECK_STR(spool_next(&spool), STR("1234567\n"));
	CHECK(add(&spool, STR("abcd\n")));
	CHECK(!add(&spool, STR("efg\n")));
	CHECK(spool.dropped == 2);
	spool_written(&spool, 8);
	CHECK_STR(spool_next(&spool), STR("abcd\n"));
	CHECK(add(&spool, STR("hi\n")));
	CHECK(spool.dropped == 2);
	spool_written(&spool, 5);
	CHECK_STR(spool_next(&spool), STR("hi\n"));
}

UNIT(a_write_has_whole_lines_and_no_more_bytes_than_it_may)
{
	struct spool spool = spool_open(SPAN(memory), 5);
	CHECK(add(&spool, STR("a\n")));
	CHECK(add(&spool, STR("b\n")));
	CHECK(add(&spool, STR("cde\n")));
	CHECK_STR(spool_next(&spool), STR("a\nb\n"));
	spool_written(&spool, 1); // as a socket may
	CHECK_STR(spool_next(&spool), STR("\nb\n"));
	spool_written(&spool, 3);
	CHECK_STR(spool_next(&spool), STR("cde\n"));
	spool_written(&spool, 4);
	CHECK(spool_next(&spool).len == 0);
}
