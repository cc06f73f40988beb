// tests/unit/httpd_log.c: apps/httpd/log.h.
#include "apps/httpd/log.h"

#include "crt/str.h"
#include "tests/unit/httpd_edge.h"
#include "tests/unit/unit.h"

static uint8_t memory[LOG_LINE_BYTES_MAX];

static struct str line_of(struct log_entry entry)
{
	struct out out = out_to_memory(SPAN(memory));
	log_write(&out, &entry);
	CHECK_EQUAL(out.error, 0);
	return out_written(&out);
}

static struct log_entry get(struct str request)
{
	return (struct log_entry){STR("192.0.2.7"), 971186136, edge_str(request), HTTP_OK, 2326};
}

#define BEFORE "192.0.2.7 - - [10/Oct/2000:13:55:36 +0000] \""
#define IS_LOGGED(request, shown) CHECK_STR(line_of(get(STR(request))), STR(BEFORE shown "\" 200 2326\n"))

UNIT(the_common_log_format)
{
	IS_LOGGED("GET /a HTTP/1.1", "GET /a HTTP/1.1");

	struct log_entry empty = get(STR(""));
	empty.status = HTTP_TIMEOUT;
	empty.bytes = 0;
	CHECK_STR(line_of(empty), STR(BEFORE "-\" 408 -\n"));
	empty.client = STR("2001:db8::1");
	empty.bytes = UINT64_MAX;
	CHECK_STR(line_of(empty), STR("2001:db8::1 - - [10/Oct/2000:13:55:36 +0000] \"-\" 408 18446744073709551615\n"));
}

UNIT(a_line_cannot_be_forged)
{
	IS_LOGGED("GET /\" 200 1\n192.0.2.8 - -", "GET /\\x22 200 1\\x0a192.0.2.8 - -");
	IS_LOGGED("\\x22", "\\x5cx22");
	IS_LOGGED("\0\r\t\x1b[2J\x7f", "\\x00\\x0d\\x09\\x1b[2J\\x7f");
	IS_LOGGED("\xc3\xa4\xff\x80", "\\xc3\\xa4\\xff\\x80");

	// No byte of the client's ends the line or its quotes.
	for (int byte = 0; byte < 256; byte++) {
		char one = (char)byte;
		struct str line = line_of(get((struct str){&one, 1}));
		size_t quotes = 0, ends = 0;
		for (size_t i = 0; i < line.len; i++) {
			quotes += line.ptr[i] == '"';
			ends += line.ptr[i] == '\n';
			CHECK(line.ptr[i] == '\n' || (line.ptr[i] >= ' ' && line.ptr[i] <= '~'));
		}
		CHECK_EQUAL(quotes, 2);
		CHECK_EQUAL(ends, 1);
	}
}

UNIT(the_longest_line_fits)
{
	static char bytes[LOG_REQUEST_BYTES_MAX + 1]; // NULs, four bytes each
	struct str request = {bytes, LOG_REQUEST_BYTES_MAX};
	struct log_entry entry = {{bytes, LOG_CLIENT_BYTES_MAX + 1}, INT64_MAX, request, HTTP_OK, UINT64_MAX};
	size_t exact = line_of(entry).len;
	entry.request.len++;
	struct str line = line_of(entry);
	CHECK_EQUAL(line.len, exact + 3);
	CHECK(line.len <= LOG_LINE_BYTES_MAX && line.len > LOG_LINE_BYTES_MAX - 10);
	CHECK(str_ends(line, STR("\\x00...\" 200 18446744073709551615\n")));
}
