// tests/unit/httpd_listing.c: apps/httpd/listing.h, and escape.h under it.
#include "apps/httpd/listing.h"

#include "apps/httpd/escape.h"
#include "crt/str.h"
#include "tests/unit/httpd_edge.h"
#include "tests/unit/unit.h"

static uint8_t memory[4096];

static struct str escaped(void (*escape)(struct out *, struct str), struct str text)
{
	struct out out = out_to_memory(SPAN(memory));
	escape(&out, edge_str(text));
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

#define HTML(text, expected) CHECK_STR(escaped(escape_html, STR(text)), STR(expected))
#define PATH(text, expected) CHECK_STR(escaped(escape_path, STR(text)), STR(expected))
#define NOT_A_CHARACTER "\xef\xbf\xbd" // U+FFFD in UTF-8

UNIT(html_escapes)
{
	HTML("", "");
	HTML("a b", "a b");
	HTML("<script>alert('1')</script>", "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;");
	HTML("\"a\" & b", "&quot;a&quot; &amp; b");
	HTML("&lt;", "&amp;lt;");
	HTML("a\0b\nc\x1b[m\x7f", "a" NOT_A_CHARACTER "b" NOT_A_CHARACTER "c" NOT_A_CHARACTER "[m" NOT_A_CHARACTER);
}

UNIT(html_keeps_what_is_utf8)
{
	HTML("\xc2\x80\xdf\xbf", "\xc2\x80\xdf\xbf");
	HTML("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf");
	HTML("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
	HTML("\xc3\xa4<\xc3\xa4", "\xc3\xa4&lt;\xc3\xa4");
}

UNIT(html_replaces_what_is_not_utf8)
{
#define BAD NOT_A_CHARACTER
	HTML("\x80", BAD);
	HTML("a\xff", "a" BAD);
	HTML("\xc3", BAD); // cut short
	HTML("\xe2\x82", BAD BAD);
	HTML("\xf0\x9f\x98", BAD BAD BAD);
	HTML("\xc3<", BAD "&lt;"); // a lead byte may not swallow a tag
	HTML("\xe2\x82<", BAD BAD "&lt;");
	HTML("\xf0\x9f\x98<", BAD BAD BAD "&lt;");
	HTML("\xc0\xbc", BAD BAD); // '<', overlong
	HTML("\xc1\xbf", BAD BAD);
	HTML("\xe0\x80\xbc", BAD BAD BAD);
	HTML("\xe0\x9f\xbf", BAD BAD BAD);
	HTML("\xf0\x80\x80\xbc", BAD BAD BAD BAD);
	HTML("\xf0\x8f\xbf\xbf", BAD BAD BAD BAD);
	HTML("\xed\xa0\x80", BAD BAD BAD);         // a surrogate
	HTML("\xf4\x90\x80\x80", BAD BAD BAD BAD); // beyond U+10FFFF
	HTML("\xf5\x80\x80\x80", BAD BAD BAD BAD);
}

UNIT(path_escapes_all_but_what_is_unreserved)
{
	// Every byte, against the list as RFC 3986 §2.3 has it.
	struct str plain = STR("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/");
	for (int byte = 0; byte < 256; byte++) {
		char one = (char)byte;
		struct str text = escaped(escape_path, (struct str){&one, 1});
		if (str_find_byte(plain, one) != STR_NONE) {
			CHECK_STR(text, ((struct str){&one, 1}));
		} else {
			char coded[3] = {'%', "0123456789ABCDEF"[byte / 16], "0123456789ABCDEF"[byte % 16]};
			CHECK_STR(text, ((struct str){coded, 3}));
		}
	}
	PATH("", "");
	PATH("a b/c", "a%20b/c");
	PATH("%41", "%2541");
}

static struct str entry(struct str name, bool is_folder, uint64_t bytes)
{
	struct out out = out_to_memory(SPAN(memory));
	struct listing_entry row = {edge_str(name), is_folder, bytes, 784111777};
	listing_entry(&out, &row);
	return out_written(&out);
}

#define TIME "<td><time datetime=\"1994-11-06T08:49:37Z\">1994-11-06 08:49</time>\n"

UNIT(rows)
{
	CHECK_STR(entry(STR("a.txt"), false, 1536), STR("<tr><td><a href=\"./a.txt\">a.txt</a><td>1.5K" TIME));
	CHECK_STR(entry(STR("empty"), false, 0), STR("<tr><td><a href=\"./empty\">empty</a><td>0" TIME));
	CHECK_STR(entry(STR("sub"), true, 4096), STR("<tr><td><a href=\"./sub/\">sub/</a><td>" TIME));
}

UNIT(names_that_mean_something_to_html_or_to_addresses)
{
	CHECK_STR(entry(STR("<b>\"&'"), false, 1),
		  STR("<tr><td><a href=\"./%3Cb%3E%22%26%27\">&lt;b&gt;&quot;&amp;&#39;</a><td>1" TIME));
	CHECK_STR(entry(STR("javascript:alert(1)"), false, 1),
		  STR("<tr><td><a href=\"./javascript%3Aalert%281%29\">javascript:alert(1)</a><td>1" TIME));
	CHECK_STR(entry(STR("a?b#c%d"), true, 1), STR("<tr><td><a href=\"./a%3Fb%23c%25d/\">a?b#c%d/</a><td>" TIME));
	CHECK_STR(entry(STR("\xff.bin"), false, 1),
		  STR("<tr><td><a href=\"./%FF.bin\">" NOT_A_CHARACTER ".bin</a><td>1" TIME));
}

static struct str begun(struct str path)
{
	struct out out = out_to_memory(SPAN(memory));
	listing_begin(&out, edge_str(path));
	CHECK_EQUAL(out.error, 0);
	return out_written(&out);
}

UNIT(the_page_around_the_rows)
{
	struct str root = begun(STR("."));
	CHECK(str_starts(root, STR("<!doctype html>\n<html lang=\"en\">\n")));
	CHECK(has(root, STR("<meta charset=\"utf-8\">")));
	CHECK(has(root, STR("<meta name=\"viewport\"")));
	CHECK(has(root, STR("<title>/</title>")));
	CHECK(has(root, STR("<h1>/</h1>")));
	CHECK(has(root, STR("<th scope=\"col\">Name")));
	CHECK(!has(root, STR("../")));
	CHECK(root.len < 1400);

	struct str below = begun(STR("a/<b>"));
	CHECK(has(below, STR("<title>/a/&lt;b&gt;/</title>")));
	CHECK(has(below, STR("<h1>/a/&lt;b&gt;/</h1>")));
	CHECK(str_ends(below, STR("<tr><td><a href=\"../\">../</a><td><td>\n")));
	CHECK(!has(below, STR("<b>")));

	struct out out = out_to_memory(SPAN(memory));
	listing_end(&out);
	CHECK_STR(out_written(&out), STR("</tbody>\n</table>\n</html>\n"));
}

UNIT(the_order_of_rows)
{
	static const struct listing_entry sorted[] = {
		{.name = STR("Z"), .is_folder = true},
		{.name = STR("a"), .is_folder = true},
		{.name = STR("A")},
		{.name = STR("B")},
		{.name = STR("a")},
		{.name = STR("a.b")},
		{.name = STR("ab")},
		{.name = STR("\x80")}, // bytes above ASCII go last, whether or not char has a sign
	};
	size_t count = sizeof(sorted) / sizeof(*sorted);
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < count; j++) {
			int order = listing_compare(&sorted[i], &sorted[j]);
			CHECK_EQUAL((order > 0) - (order < 0), (i > j) - (i < j));
		}
	}
}
