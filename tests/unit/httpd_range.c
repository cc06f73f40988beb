// tests/unit/httpd_range.c: apps/httpd/range.h, and multipart.h, which writes what it gives.
#include "apps/httpd/range.h"

#include "apps/httpd/multipart.h"
#include "crt/str.h"
#include "tests/unit/httpd_edge.h"
#include "tests/unit/unit.h"

static uint8_t memory[4096];

// What a value means for a file of `size` bytes: "0-1 4-5", "ignored" or "416".
static struct str meant(struct str value, uint64_t size)
{
	struct ranges ranges;
	enum range_state state = range_parse(edge_str(value), size, &ranges);
	if (state == RANGE_IGNORED)
		return STR("ignored");
	if (state == RANGE_UNSATISFIABLE)
		return STR("416");
	struct out out = out_to_memory(SPAN(memory));
	for (unsigned i = 0; i < ranges.count; i++) {
		if (i > 0)
			out_byte(&out, ' ');
		out_unsigned(&out, ranges.of[i].first);
		out_byte(&out, '-');
		out_unsigned(&out, ranges.of[i].first + ranges.of[i].bytes - 1);
	}
	return out_written(&out);
}

#define MEANS(value, size, expected) CHECK_STR(meant(STR(value), size), STR(expected))
#define MAX "18446744073709551615"

UNIT(one_range)
{
	MEANS("bytes=0-0", 10, "0-0");
	MEANS("bytes=0-9", 10, "0-9");
	MEANS("bytes=3-5", 10, "3-5");
	MEANS("bytes=3-", 10, "3-9");
	MEANS("bytes=9-", 10, "9-9");
	MEANS("bytes=3-99", 10, "3-9"); // the end is cut to the file's [RFC 9110 §14.1.2]
	MEANS("Bytes=0-1", 10, "0-1");  // names of units have no case [RFC 9110 §14.1]
	MEANS("bytes=007-08", 10, "7-8");
	MEANS("bytes=0-" MAX, 10, "0-9");
	MEANS("bytes=0-99999999999999999999999", 10, "0-9");
	MEANS("bytes=5-", UINT64_MAX, "5-18446744073709551614");
	MEANS("bytes=" MAX "-", UINT64_MAX, "416");
}

UNIT(the_last_bytes)
{
	MEANS("bytes=-1", 10, "9-9");
	MEANS("bytes=-10", 10, "0-9");
	MEANS("bytes=-11", 10, "0-9");
	MEANS("bytes=-99999999999999999999999", 10, "0-9");
	MEANS("bytes=-0", 10, "416");
	MEANS("bytes=-5", 0, "ignored"); // satisfiable, but no Content-Range can say so
}

UNIT(ranges_that_begin_behind_the_end)
{
	MEANS("bytes=10-", 10, "416");
	MEANS("bytes=10-20", 10, "416");
	MEANS("bytes=99999999999999999999999-", 10, "416");
	MEANS("bytes=0-", 0, "416");
	MEANS("bytes=20-30,40-", 10, "416");
	MEANS("bytes=20-30,1-2,-0", 10, "1-2"); // one that can be had is enough
}

UNIT(what_is_no_range)
{
	MEANS("", 10, "ignored");
	MEANS("bytes", 10, "ignored");
	MEANS("bytes=", 10, "ignored");
	MEANS("bytes= , ,", 10, "ignored");
	MEANS("bytes=-", 10, "ignored");
	MEANS("bytes=5-4", 10, "ignored"); // [RFC 9110 §14.1.1]
	MEANS("bytes=1", 10, "ignored");
	MEANS("bytes=a-b", 10, "ignored");
	MEANS("bytes=1-2-3", 10, "ignored");
	MEANS("bytes=1 -2", 10, "ignored");
	MEANS("bytes=+1-2", 10, "ignored");
	MEANS("bytes=--1", 10, "ignored");
	MEANS("bytes=0x1-2", 10, "ignored");
	MEANS("bytes =0-1", 10, "ignored");
	MEANS("items=0-1", 10, "ignored");
	MEANS("bytes=0-1;2-3", 10, "ignored");
	MEANS("bytes=0-1,x", 10, "ignored"); // one that is bad spoils all
}

UNIT(many_ranges)
{
	MEANS("bytes=0-1,4-5", 10, "0-1 4-5");
	MEANS("bytes=4-5,0-1", 10, "4-5 0-1"); // in the order of the request
	MEANS("bytes= 0-1 ,\t, 4-5,", 10, "0-1 4-5");
	MEANS("bytes=0-0,-1", 10, "0-0 9-9");
	MEANS("bytes=0-1,20-,4-5", 10, "0-1 4-5");
}

UNIT(what_overlaps_or_touches_is_one)
{
	MEANS("bytes=0-5,3-7", 10, "0-7");
	MEANS("bytes=0-1,2-3", 10, "0-3");
	MEANS("bytes=2-3,0-1", 10, "0-3");
	MEANS("bytes=0-,0-,0-", 10, "0-9");
	MEANS("bytes=0-1,4-5,8-9,1-8", 10, "0-9"); // one that bridges all before
	MEANS("bytes=8-9,0-0,4-5,5-8", 10, "4-9 0-0");
	MEANS("bytes=6-6,0-0,2-2,4-4,1-1", 10, "6-6 0-2 4-4");
	MEANS("bytes=3-5,4-4", 10, "3-5");
	MEANS("bytes=4-4,3-5,0-0", 10, "3-5 0-0");
}

UNIT(more_ranges_than_are_answered)
{
	uint8_t text[1024];
	struct out out = out_to_memory(SPAN(text));
	out_str(&out, STR("bytes="));
	for (unsigned i = 0; i < RANGES_MAX; i++) {
		out_unsigned(&out, 2 * i);
		out_byte(&out, '-');
		out_unsigned(&out, 2 * i);
		out_byte(&out, ',');
	}
	struct ranges ranges;
	CHECK_EQUAL(range_parse(out_written(&out), 1000, &ranges), RANGE_TAKEN);
	CHECK_EQUAL(ranges.count, RANGES_MAX);
	out_str(&out, STR("1-1")); // though it would make three of them one
	CHECK_EQUAL(range_parse(out_written(&out), 1000, &ranges), RANGE_IGNORED);
}

UNIT(every_small_set_of_ranges)
{
	// Three ranges in six bytes, all of them: the bytes are those asked for, and no two pieces overlap or touch.
	for (unsigned n = 0; n < 36 * 36 * 36; n++) {
		uint8_t text[64];
		struct out out = out_to_memory(SPAN(text));
		unsigned asked = 0, got = 0;
		bool is_valid = true;
		out_str(&out, STR("bytes="));
		for (unsigned rest = n, i = 0; i < 3; i++, rest /= 36) {
			unsigned first = rest % 36 / 6, last = rest % 6;
			is_valid &= first <= last;
			for (unsigned byte = first; byte <= last; byte++)
				asked |= 1u << byte;
			out_unsigned(&out, first);
			out_byte(&out, '-');
			out_unsigned(&out, last);
			out_byte(&out, ',');
		}
		struct ranges ranges;
		enum range_state state = range_parse(out_written(&out), 6, &ranges);
		if (!is_valid) {
			CHECK_EQUAL(state, RANGE_IGNORED);
			continue;
		}
		unsigned borders = 0; // the bytes before and behind each piece belong to no other
		for (unsigned i = 0; i < ranges.count; i++) {
			for (uint64_t byte = ranges.of[i].first; byte < ranges.of[i].first + ranges.of[i].bytes;
			     byte++) {
				CHECK((got >> byte & 1) == 0);
				got |= 1u << byte;
			}
			borders |= 1u << (ranges.of[i].first + ranges.of[i].bytes);
			if (ranges.of[i].first > 0)
				borders |= 1u << (ranges.of[i].first - 1);
		}
		CHECK_EQUAL(got, asked);
		CHECK_EQUAL(got & borders, 0);
	}
}

UNIT(the_lines_around_pieces)
{
	struct multipart multipart = {.boundary = 0x1f, .type = STR("text/plain"), .of_bytes = 100};
	struct ranges ranges = {.count = 2, .of = {{0, 1}, {90, 10}}};
	struct out out = out_to_memory(SPAN(memory));
	multipart_type(&out, multipart.boundary);
	CHECK_STR(out_written(&out), STR("multipart/byteranges; boundary=ringlet-000000000000001f"));

	out = out_to_memory(SPAN(memory));
	multipart_head(&out, &multipart, &ranges.of[1]);
	CHECK_STR(out_written(&out), STR("\r\n--ringlet-000000000000001f\r\nContent-Type: text/plain\r\n"
					 "Content-Range: bytes 90-99/100\r\n\r\n"));
	size_t head = out.len;
	multipart_end(&out, multipart.boundary);
	CHECK_STR(str_skip(out_written(&out), head), STR("\r\n--ringlet-000000000000001f--\r\n"));
	// The other head says "0-0" and has two bytes less.
	CHECK_EQUAL(multipart_bytes(&multipart, &ranges), head - 2 + 1 + out.len + 10);
}

UNIT(the_longest_head_of_a_piece_fits)
{
	static char type[127 + sizeof("; charset=utf-8")];
	struct multipart multipart = {UINT64_MAX, {type, sizeof(type)}, UINT64_MAX};
	struct range range = {UINT64_MAX - 1, 1};
	struct out out = out_to_memory(edge_span(MULTIPART_HEAD_BYTES_MAX));
	multipart_head(&out, &multipart, &range);
	CHECK_EQUAL(out.error, 0);
}
