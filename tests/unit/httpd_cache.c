// tests/unit/httpd_cache.c: apps/httpd/cache.h.
#include "apps/httpd/cache.h"

#include "crt/out.h"
#include "crt/str.h"
#include "tests/unit/httpd_edge.h"
#include "tests/unit/unit.h"

static struct cache_rules rules;

#define ADD(text) CHECK_EQUAL(cache_add(&rules, STR(text)), CACHE_OK)
#define FINDS(path, expected) CHECK_STR(cache_find(&rules, edge_str(STR(path))), STR(expected))

UNIT(no_rule)
{
	rules = (struct cache_rules){0};
	FINDS("a", "");
}

UNIT(the_last_that_fits)
{
	rules = (struct cache_rules){0};
	ADD("max-age=60, extension=\"a:b\"");
	ADD("*.html: no-cache");
	ADD("/assets/*:public, max-age=31536000, immutable");
	ADD("/assets/*/index.html:no-store");
	FINDS("a.txt", "max-age=60, extension=\"a:b\"");
	FINDS("index.html", "no-cache");
	FINDS("a/b/index.html", "no-cache");
	FINDS("assets/a.js", "public, max-age=31536000, immutable");
	FINDS("assets/index.html", "public, max-age=31536000, immutable");
	FINDS("assets/a/b/index.html", "no-store");
	FINDS("a/assets/x", "max-age=60, extension=\"a:b\"");
	FINDS("assets", "max-age=60, extension=\"a:b\"");
}

static bool fits(struct str pattern, struct str path)
{
	uint8_t text[64];
	struct out out = out_to_memory(SPAN(text));
	out_str(&out, pattern);
	out_str(&out, STR(":x"));
	rules = (struct cache_rules){0};
	CHECK_EQUAL(cache_add(&rules, out_written(&out)), CACHE_OK);
	return cache_find(&rules, edge_str(path)).len > 0;
}

#define FITS(pattern, path) CHECK(fits(STR(pattern), STR(path)))
#define FITS_NOT(pattern, path) CHECK(!fits(STR(pattern), STR(path)))

UNIT(patterns)
{
	FITS("*", "a");
	FITS("**", "a/b");
	FITS("/*", "a");
	FITS("*/a", "a"); // the star may stand for nothing
	FITS("*/a", "b/a");
	FITS_NOT("*/a", "ba");
	FITS("/a", "a");
	FITS_NOT("/a", "a/");
	FITS_NOT("/a", "b/a");
	FITS("*a*b*", "xaxbx");
	FITS_NOT("*a*b*", "xbxax");
	FITS("*ab", "aab");
	FITS("*aab", "aaab");
	FITS_NOT("*aab", "aaba");
	FITS("/a*a", "aa");
	FITS_NOT("/a*a", "a");
	FITS("/[a]?", "[a]?"); // nothing but the star is special
	FITS_NOT("/a?", "ab");
}

UNIT(rules_that_are_none)
{
	rules = (struct cache_rules){0};
	CHECK_EQUAL(cache_add(&rules, STR("")), CACHE_BAD);
	CHECK_EQUAL(cache_add(&rules, STR("*.html")), CACHE_BAD);
	CHECK_EQUAL(cache_add(&rules, STR("*.html: ")), CACHE_BAD);
	CHECK_EQUAL(cache_add(&rules, STR("a\r\nX: y")), CACHE_BAD);
	CHECK_EQUAL(cache_add(&rules, STR("a\x7f")), CACHE_BAD);
	CHECK_EQUAL(cache_add(&rules, STR("\xc3\xa4")), CACHE_BAD);
	static char many[CACHE_VALUE_BYTES_MAX + 1];
	for (size_t i = 0; i < sizeof(many); i++)
		many[i] = 'a';
	CHECK_EQUAL(cache_add(&rules, (struct str){many, sizeof(many)}), CACHE_BAD);
	CHECK_EQUAL(rules.count, 0);
	for (size_t i = 0; i < CACHE_RULES_MAX; i++)
		CHECK_EQUAL(cache_add(&rules, (struct str){many, sizeof(many) - 1}), CACHE_OK);
	CHECK_EQUAL(cache_add(&rules, STR("a")), CACHE_FULL);
}
