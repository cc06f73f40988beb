// tests/unit/httpd_response.c: apps/httpd/response.h and status.h.
#include "apps/httpd/response.h"

#include "apps/httpd/cache.h"
#include "apps/httpd/etag.h"
#include "apps/httpd/mime_table.h"
#include "crt/str.h"
#include "tests/unit/httpd_edge.h"
#include "tests/unit/unit.h"

static uint8_t memory[2048];

static struct str head_of(struct response response)
{
	struct out out = out_to_memory(SPAN(memory));
	response_head(&out, &response);
	CHECK_EQUAL(out.error, 0);
	return out_written(&out);
}

static bool has(struct str text, struct str part)
{
	for (size_t i = 0; i + part.len <= text.len; i++) {
		if (str_starts(str_skip(text, i), part))
			return true;
	}
	return false;
}

#define DATE "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
constexpr int64_t NOW = 784111777;

static struct response ok(void)
{
	return (struct response){
		.status = HTTP_OK,
		.now = NOW,
		.type = STR("text/html; charset=utf-8"),
		.content_bytes = 123,
		.has_modified = true,
		.modified = 0,
		.keep_alive = true,
	};
}

UNIT(the_head_of_a_file)
{
	CHECK_STR(head_of(ok()), STR("HTTP/1.1 200 OK\r\n" DATE "Content-Type: text/html; charset=utf-8\r\n"
				     "Content-Length: 123\r\n"
				     "Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
				     "\r\n"));

	struct response empty = ok();
	empty.content_bytes = 0;
	CHECK(has(head_of(empty), STR("Content-Length: 0\r\n")));
	empty.content_bytes = UINT64_MAX;
	CHECK(has(head_of(empty), STR("Content-Length: 18446744073709551615\r\n")));
}

UNIT(a_file_from_the_future)
{
	struct response response = ok();
	response.modified = NOW + 1;
	CHECK(has(head_of(response), STR("Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n")));
	response.modified = INT64_MIN;
	CHECK(has(head_of(response), STR("Last-Modified: Sat, 01 Jan 0000 00:00:00 GMT\r\n")));
}

UNIT(what_is_said_about_the_connection)
{
	struct response response = ok();
	CHECK(!has(head_of(response), STR("Connection")));
	response.is_1_0 = true;
	CHECK(has(head_of(response), STR("\r\nConnection: keep-alive\r\n")));
	response.keep_alive = false;
	CHECK(has(head_of(response), STR("\r\nConnection: close\r\n")));
	response.is_1_0 = false;
	CHECK(has(head_of(response), STR("\r\nConnection: close\r\n")));
}

UNIT(not_modified_describes_no_content)
{
	struct response response = ok();
	response.status = HTTP_NOT_MODIFIED;
	CHECK_STR(head_of(response), STR("HTTP/1.1 304 Not Modified\r\n" DATE "\r\n"));
	response.tag = STR("\"a\"");
	response.coding = STR("gzip");
	response.varies = response.has_ranges = true;
	response.cache = STR("no-cache");
	CHECK_STR(head_of(response), STR("HTTP/1.1 304 Not Modified\r\n" DATE
					 "ETag: \"a\"\r\nVary: Accept-Encoding\r\nCache-Control: no-cache\r\n\r\n"));
}

UNIT(the_address_of_a_folder)
{
	struct response response = {
		.status = HTTP_MOVED,
		.now = NOW,
		.moved_to = STR("a b/\xc3\xa4?#%/:\r\nX: y"),
		.keep_alive = true,
	};
	CHECK_STR(head_of(response),
		  STR("HTTP/1.1 301 Moved Permanently\r\n" DATE
		      "Content-Length: 0\r\nLocation: /a%20b/%C3%A4%3F%23%25/%3A%0D%0AX%3A%20y/\r\n\r\n"));
	response.moved_to = STR("a");
	response.moved_query = STR("b=/c?d");
	CHECK(has(head_of(response), STR("\r\nLocation: /a/?b=/c?d\r\n")));
	response.moved_query = STR("");
	CHECK(has(head_of(response), STR("\r\nLocation: /a/?\r\n")));
}

UNIT(a_method_that_is_not_allowed)
{
	struct response response = {.status = HTTP_METHOD_NOT_ALLOWED, .now = NOW, .keep_alive = true};
	CHECK(has(head_of(response), STR("\r\nAllow: GET, HEAD, OPTIONS\r\n")));
}

#define STATUS(code, name, reason, sentence) {name, STR(reason), STR(sentence)},

UNIT(every_error_has_a_page)
{
	static const struct {
		enum http_status status;
		struct str reason, sentence;
	} all[] = {HTTP_STATUSES(STATUS)};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		CHECK_STR(http_status_reason(all[i].status), all[i].reason);
		CHECK_STR(http_status_sentence(all[i].status), all[i].sentence);
		if (all[i].status < 301 || all[i].status == HTTP_NOT_MODIFIED)
			continue;

		// With all that a head may have, it fits into what is promised, to the byte before the edge.
		struct response response = ok();
		response.status = all[i].status;
		response.keep_alive = false;
		struct out out = out_to_memory(edge_span(RESPONSE_ERROR_BYTES_MAX));
		uint64_t content_bytes = response_error(&out, &response, true);
		CHECK_EQUAL(out.error, 0);
		struct str whole = out_written(&out);

		struct str_cut number = str_cut(whole, ' ');
		CHECK_STR(number.before, STR("HTTP/1.1"));
		CHECK(has(whole, STR("\r\nContent-Type: text/html; charset=utf-8\r\n")));
		CHECK(has(whole, STR("<html lang=\"en\">")));
		CHECK(has(whole, STR("<title>")));
		CHECK(has(whole, STR("<h1>")));
		CHECK(has(whole, all[i].sentence));
		CHECK(all[i].sentence.len > 0);
		CHECK(str_ends(whole, STR("</html>\n"))); // the page fits its own memory

		// The length is the content's, and HEAD gets the same head without it.
		struct out head = out_to_memory(SPAN(memory));
		CHECK_EQUAL(response_error(&head, &response, false), 0);
		struct str alone = out_written(&head);
		CHECK(alone.len <= RESPONSE_HEAD_BYTES_MAX);
		CHECK_EQUAL(content_bytes, whole.len - alone.len);
		CHECK_STR(str_take(whole, alone.len), alone);
		CHECK(str_ends(alone, STR("\r\n\r\n")));
		uint8_t line_bytes[64];
		struct out line = out_to_memory(SPAN(line_bytes));
		out_str(&line, STR("\r\nContent-Length: "));
		out_unsigned(&line, whole.len - alone.len);
		out_str(&line, STR("\r\n"));
		CHECK(has(alone, out_written(&line)));
	}
	CHECK_EQUAL(http_status_reason((enum http_status)299).len, 0);
	CHECK_EQUAL(http_status_sentence((enum http_status)0).len, 0);
}

UNIT(a_piece_that_is_compressed)
{
	struct response response = ok();
	response.status = HTTP_PARTIAL;
	response.tag = STR("\"a\"");
	response.coding = STR("br");
	response.varies = response.has_ranges = true;
	response.range = STR("bytes 0-122/456");
	CHECK_STR(head_of(response),
		  STR("HTTP/1.1 206 Partial Content\r\n" DATE "Content-Type: text/html; charset=utf-8\r\n"
		      "Content-Encoding: br\r\nContent-Length: 123\r\nContent-Range: bytes 0-122/456\r\n"
		      "Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT\r\nAccept-Ranges: bytes\r\nETag: \"a\"\r\n"
		      "Vary: Accept-Encoding\r\n\r\n"));
}

UNIT(the_longest_head_fits)
{
	static char spaces[CACHE_VALUE_BYTES_MAX];
	struct response response = {
		.status = HTTP_FIELDS_TOO_LARGE,
		.now = NOW,
		.type = {spaces, MIME_TYPE_BYTES_MAX + sizeof("; charset=utf-8")},
		.content_bytes = UINT64_MAX,
		.has_modified = true,
		.tag = {spaces, ETAG_BYTES_MAX},
		.coding = STR("zstd"),
		.varies = true,
		.has_ranges = true,
		.cache = {spaces, CACHE_VALUE_BYTES_MAX},
		.range = STR("bytes 18446744073709551615-18446744073709551615/18446744073709551615"),
		.is_1_0 = true,
		.keep_alive = true,
	};
	CHECK(head_of(response).len + sizeof("Allow: GET, HEAD, OPTIONS\r\n") <= RESPONSE_HEAD_BYTES_MAX);
}

UNIT(a_head_that_does_not_fit)
{
	for (size_t len = 0; len < 100; len++) {
		struct response response = ok();
		struct out out = out_to_memory(edge_span(len));
		response_head(&out, &response);
		CHECK(out.error != 0);
	}
}
