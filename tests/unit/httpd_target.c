// tests/unit/httpd_target.c: apps/httpd/target.h. Raw targets lie at the edge of a page.
#include "apps/httpd/target.h"

#include "crt/str.h"
#include "tests/unit/httpd_edge.h"
#include "tests/unit/unit.h"

static uint8_t into[PATH_MAX];
static struct target target;

static bool with_hidden;

static enum http_status decode(struct str raw)
{
	for (size_t i = 0; i < sizeof(into); i++)
		into[i] = 0xff;
	target = (struct target){0};
	return target_decode(edge_str(raw), with_hidden, SPAN(into), &target);
}

#define IS_PATH(raw, expected, slash)                                                       \
	(CHECK_EQUAL(decode(STR(raw)), HTTP_OK) && CHECK_STR(target.path, STR(expected)) && \
	 CHECK_EQUAL(target.path.ptr[target.path.len], '\0') && CHECK_EQUAL(target.ends_with_slash, slash))
#define IS_REFUSED(raw, status) CHECK_EQUAL(decode(STR(raw)), status)

UNIT(plain_paths)
{
	IS_PATH("/", ".", true);
	IS_PATH("", ".", true); // of the absolute form: http://host
	IS_PATH("/a", "a", false);
	IS_PATH("/a/", "a", true);
	IS_PATH("/a/b.c", "a/b.c", false);
	IS_PATH("/a/b/", "a/b", true);
	IS_PATH("/a.b.", "a.b.", false);
	IS_PATH("/a:b", "a:b", false);
	IS_PATH("/~a/-b/+c/d=e&f;g,h", "~a/-b/+c/d=e&f;g,h", false); // '+' is itself in a path
	IS_REFUSED("a", HTTP_BAD_REQUEST);
	IS_REFUSED("*", HTTP_BAD_REQUEST);
	IS_REFUSED("%2f", HTTP_BAD_REQUEST);
}

UNIT(queries)
{
	IS_PATH("/a?b=c", "a", false);
	CHECK_STR(target.query, STR("b=c"));
	IS_PATH("/?", ".", true);
	CHECK(target.query.ptr != nullptr && target.query.len == 0);
	IS_PATH("?a", ".", true);
	CHECK_STR(target.query, STR("a"));
	IS_PATH("/", ".", true);
	CHECK(target.query.ptr == nullptr);
	IS_PATH("/a?b?c/../../%00%zz", "a", false); // left as it came
	CHECK_STR(target.query, STR("b?c/../../%00%zz"));
	IS_PATH("/a%3fb?c", "a?b", false);
	CHECK_STR(target.query, STR("c"));
}

UNIT(escapes)
{
	IS_PATH("/%61%2d%7E", "a-~", false);
	IS_PATH("/a%20b", "a b", false);
	IS_PATH("/%C3%a4", "\xc3\xa4", false);
	IS_PATH("/%ff%80", "\xff\x80", false); // a name is bytes
	IS_PATH("/%25%32%66", "%2f", false);   // once, not twice
	IS_PATH("/%252e%252e/a", "%2e%2e/a", false);
	IS_PATH("/a%5c..%5cb", "a\\..\\b", false); // a backslash is a letter
	IS_REFUSED("/%00", HTTP_BAD_REQUEST);
	IS_REFUSED("/a.html%00.png", HTTP_BAD_REQUEST);
	IS_REFUSED("/%", HTTP_BAD_REQUEST);
	IS_REFUSED("/%4", HTTP_BAD_REQUEST);
	IS_REFUSED("/a%/b", HTTP_BAD_REQUEST);
	IS_REFUSED("/%4/1", HTTP_BAD_REQUEST); // an escape ends with its segment
	IS_REFUSED("/%4g", HTTP_BAD_REQUEST);
	IS_REFUSED("/%g4", HTTP_BAD_REQUEST);
	IS_REFUSED("/%%34", HTTP_BAD_REQUEST);
	IS_REFUSED("/% 4", HTTP_BAD_REQUEST);
	IS_REFUSED("/%+4", HTTP_BAD_REQUEST);
	IS_REFUSED("/%u0041", HTTP_BAD_REQUEST);
	IS_REFUSED("/%2f", HTTP_NOT_FOUND);
	IS_REFUSED("/a%2Fb", HTTP_NOT_FOUND);
	IS_REFUSED("/..%2f..%2fetc%2fpasswd", HTTP_NOT_FOUND);
}

UNIT(dot_segments)
{
	IS_PATH("/.", ".", true);
	IS_PATH("/./", ".", true);
	IS_PATH("/./a", "a", false);
	IS_PATH("/a/.", "a", true);
	IS_PATH("/a/./b", "a/b", false);
	IS_PATH("/a/..", ".", true);
	IS_PATH("/a/../", ".", true);
	IS_PATH("/a/../b", "b", false);
	IS_PATH("/a/b/..", "a", true);
	IS_PATH("/a/b/../..", ".", true);
	IS_PATH("/a/b/../../c/d", "c/d", false);
	IS_PATH("/abc/de/../f", "abc/f", false);
	IS_PATH("/a/%2e%2E/b/%2e/c", "b/c", false);
	IS_PATH("/a/.%2e/b", "b", false);
	IS_PATH("/a//..", ".", true); // an empty segment is no segment
	IS_REFUSED("/..", HTTP_BAD_REQUEST);
	IS_REFUSED("/../", HTTP_BAD_REQUEST);
	IS_REFUSED("/../a", HTTP_BAD_REQUEST);
	IS_REFUSED("/a/../..", HTTP_BAD_REQUEST);
	IS_REFUSED("/a/../../b", HTTP_BAD_REQUEST);
	IS_REFUSED("/./..", HTTP_BAD_REQUEST);
	IS_REFUSED("//..", HTTP_BAD_REQUEST);
	IS_REFUSED("/%2e%2e/%2e%2e/etc/passwd", HTTP_BAD_REQUEST);
}

UNIT(several_slashes)
{
	IS_PATH("//", ".", true);
	IS_PATH("//a", "a", false);
	IS_PATH("/a//b", "a/b", false);
	IS_PATH("/a///", "a", true);
	IS_PATH("//example.org/..", ".", true);
}

UNIT(hidden_names)
{
	IS_REFUSED("/.git", HTTP_NOT_FOUND);
	IS_REFUSED("/.git/config", HTTP_NOT_FOUND);
	IS_REFUSED("/a/.b", HTTP_NOT_FOUND);
	IS_REFUSED("/%2egit/", HTTP_NOT_FOUND);
	IS_REFUSED("/...", HTTP_NOT_FOUND);
	IS_REFUSED("/..a", HTTP_NOT_FOUND);
	IS_REFUSED("/.a/..", HTTP_NOT_FOUND);
	IS_PATH("/a.", "a.", false);
	IS_PATH("/a..b/c..", "a..b/c..", false);
	IS_PATH("/.well-known/acme-challenge/x", ".well-known/acme-challenge/x", false);
	IS_PATH("/%2ewell-known/", ".well-known", true);
	IS_PATH("/a/../.well-known/x", ".well-known/x", false);
	IS_REFUSED("/a/.well-known/x", HTTP_NOT_FOUND);
	IS_REFUSED("/.well-known/.a", HTTP_NOT_FOUND);
	IS_REFUSED("/.well-known2", HTTP_NOT_FOUND);
	IS_REFUSED("/.well-know", HTTP_NOT_FOUND);
}

UNIT(hidden_names_that_are_to_be_served)
{
	with_hidden = true;
	IS_PATH("/.git/config", ".git/config", false);
	IS_PATH("/a/%2e.b/.", "a/..b", true);
	IS_PATH("/...", "...", false);
	IS_PATH("/.a/.b/%2e./.c", ".a/.c", false); // dot segments are what they were
	IS_REFUSED("/..", HTTP_BAD_REQUEST);
	IS_REFUSED("/.a/../%2e%2E/.b", HTTP_BAD_REQUEST);
	IS_REFUSED("/.a%0a", HTTP_NOT_FOUND);
	with_hidden = false;
	CHECK(target_is_served(STR(".a"), false, true));
	CHECK(!target_is_served(STR("."), false, true));
	CHECK(!target_is_served(STR(".."), true, true));
}

UNIT(control_bytes)
{
	IS_REFUSED("/a%0ab", HTTP_NOT_FOUND);
	IS_REFUSED("/a%0d%0aSet-Cookie:x", HTTP_NOT_FOUND);
	IS_REFUSED("/%1b[2J", HTTP_NOT_FOUND);
	IS_REFUSED("/%7f", HTTP_NOT_FOUND);
	CHECK(!target_is_served(STR("a\tb"), true, true));
	CHECK(target_is_served(STR("a b\x80"), false, false));
}

static char long_raw[2 * PATH_MAX];

static struct str repeated(struct str part, size_t count)
{
	size_t len = 0;
	for (size_t i = 0; i < count * part.len; i++)
		long_raw[len++] = part.ptr[i % part.len];
	return (struct str){long_raw, len};
}

UNIT(lengths)
{
	struct str name = repeated(STR("a"), NAME_MAX + 2);
	long_raw[0] = '/';
	CHECK_EQUAL(decode(str_take(name, NAME_MAX + 1)), HTTP_OK);
	CHECK_EQUAL(target.path.len, NAME_MAX);
	CHECK_EQUAL(decode(name), HTTP_NOT_FOUND);

	// 255 bytes that take three each
	(void)repeated(STR("%20"), NAME_MAX + 2);
	struct str raw = {long_raw + 2, 1 + 3 * NAME_MAX};
	long_raw[2] = '/';
	CHECK_EQUAL(decode(raw), HTTP_OK);
	CHECK_EQUAL(target.path.len, NAME_MAX);
	raw.len += 3;
	CHECK_EQUAL(decode(raw), HTTP_NOT_FOUND);

	// 4,095 bytes of path, and a NUL
	CHECK_EQUAL(decode(repeated(STR("/a"), PATH_MAX / 2)), HTTP_OK);
	CHECK_EQUAL(target.path.len, PATH_MAX - 1);
	CHECK_EQUAL(decode(repeated(STR("/a"), PATH_MAX / 2 + 1)), HTTP_NOT_FOUND);
	CHECK_EQUAL(decode(repeated(STR("/ab"), PATH_MAX / 3 + 2)), HTTP_NOT_FOUND);
	CHECK_EQUAL(decode(repeated(STR("/a/.."), PATH_MAX / 5)), HTTP_OK); // long to ask, short to open
	CHECK_STR(target.path, STR("."));
}

UNIT(not_a_byte_beyond_the_span)
{
	// Into memory at the edge of a page, of every size.
	struct str raw = STR("/ab/c/../de%20/");
	for (size_t len = 2; len < 12; len++) {
		enum http_status status = target_decode(raw, false, edge_span(len), &target);
		CHECK_EQUAL(status, len >= sizeof("ab/c/..") ? HTTP_OK : HTTP_NOT_FOUND); // the longest on the way
	}
	CHECK_EQUAL(target_decode(STR("/"), false, edge_span(2), &target), HTTP_OK);
	CHECK_STR(target.path, STR("."));
}
