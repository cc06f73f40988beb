// apps/httpd/response.c: response_head and response_error.
#include "apps/httpd/response.h"

#include "apps/httpd/escape.h"
#include "crt/str.h"

// A field, unless it has no value.
static void field(struct out *out, struct str name, struct str value)
{
	if (value.len == 0)
		return;
	out_str(out, name);
	out_str(out, STR(": "));
	out_str(out, value);
	out_str(out, STR("\r\n"));
}

// A date never is later than Date: a clock that was wrong would else have caches keep the file too long [RFC 9110 §8.8.2.1].
static void last_modified(struct out *out, const struct response *response)
{
	out_str(out, STR("Last-Modified: "));
	date_write_http(out, response->modified < response->now ? response->modified : response->now);
	out_str(out, STR("\r\n"));
}

// The address of a folder: its path with a slash at both ends. One slash only goes first, because "//x" would be another
// host [RFC 3986 §4.2]; the path has none.
static void location(struct out *out, const struct response *response)
{
	out_str(out, STR("Location: /"));
	escape_path(out, response->moved_to);
	out_byte(out, '/');
	if (response->moved_query.ptr != nullptr) {
		out_byte(out, '?');
		out_str(out, response->moved_query);
	}
	out_str(out, STR("\r\n"));
}

void response_head(struct out *out, const struct response *response)
{
	out_str(out, STR("HTTP/1.1 "));
	out_unsigned(out, response->status);
	out_byte(out, ' ');
	out_str(out, http_status_reason(response->status));
	out_str(out, STR("\r\nDate: "));
	date_write_http(out, response->now);
	out_str(out, STR("\r\n"));

	// 304 tells the client which of its copies is good, and what it may do with it. What describes the content it knows, and
	// the time of modification beside a tag would say nothing more [RFC 9110 §15.4.5].
	if (response->status != HTTP_NOT_MODIFIED) {
		field(out, STR("Content-Type"), response->type);
		field(out, STR("Content-Encoding"), response->coding);
		out_str(out, STR("Content-Length: "));
		out_unsigned(out, response->content_bytes);
		out_str(out, STR("\r\n"));
		field(out, STR("Content-Range"), response->range);
		if (response->has_modified)
			last_modified(out, response);
		if (response->has_ranges)
			field(out, STR("Accept-Ranges"), STR("bytes")); // [RFC 9110 §14.3]
	}
	field(out, STR("ETag"), response->tag);
	if (response->varies)
		field(out, STR("Vary"), STR("Accept-Encoding")); // [RFC 9110 §12.5.5]
	field(out, STR("Cache-Control"), response->cache);
	if (response->moved_to.len > 0)
		location(out, response);
	if (response->has_methods || response->status == HTTP_METHOD_NOT_ALLOWED) // [RFC 9110 §9.3.7, §15.5.6]
		field(out, STR("Allow"), STR("GET, HEAD, OPTIONS"));

	if (!response->keep_alive)
		field(out, STR("Connection"), STR("close"));
	else if (response->is_1_0)
		field(out, STR("Connection"), STR("keep-alive"));
	out_str(out, STR("\r\n"));
}

// The reason phrase is the title and the heading; what to know about it, one sentence.
static void error_page(struct out *out, enum http_status status)
{
	struct str reason = http_status_reason(status);

	out_str(out, STR("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
			 "<meta name=\"viewport\" content=\"width=device-width\">\n<title>"));
	out_str(out, reason);
	out_str(out, STR("</title>\n<style>:root{color-scheme:light dark}body{font:1em/1.5 system-ui,sans-serif;"
			 "max-width:40em;margin:4em auto;padding:0 1em}</style>\n<h1>"));
	out_str(out, reason);
	out_str(out, STR("</h1>\n<p>"));
	out_str(out, http_status_sentence(status));
	out_str(out, STR("\n</html>\n"));
}

uint64_t response_error(struct out *out, const struct response *response, bool with_content)
{
	// The page first, because its length stands in the head.
	uint8_t page_bytes[RESPONSE_PAGE_BYTES_MAX];
	struct out page = out_to_memory(SPAN(page_bytes));
	error_page(&page, response->status);

	struct response whole = *response;
	whole.type = STR("text/html; charset=utf-8");
	whole.content_bytes = out_written(&page).len;
	response_head(out, &whole);
	if (!with_content)
		return 0;
	out_str(out, out_written(&page));
	return whole.content_bytes;
}
