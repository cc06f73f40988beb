// apps/httpd/cache.h: which Cache-Control goes with which file: the rules of --cache-control.
//
//	"no-cache"                                     all files
//	"/assets/*: public, max-age=31536000"          those whose path it matches; the last rule that does counts
//
// Pure. A pattern is compared with the path of the file that is sent, with a slash before it: /assets/a.js, or /a/index.html where
// /a/ was asked for. In it a star stands for any bytes, slashes too; there is nothing else to know about patterns.
#pragma once

#include <stddef.h>

#include "arch/span.h"

constexpr size_t CACHE_RULES_MAX = 16;
constexpr size_t CACHE_VALUE_BYTES_MAX = 200;

struct cache_rule {
	struct str pattern; // empty: every path
	struct str value;
};

struct cache_rules {
	size_t count;
	struct cache_rule rules[CACHE_RULES_MAX];
};

enum cache_result { CACHE_OK, CACHE_BAD, CACHE_FULL };

// Adds the rule that `text` spells; the text is lent for good. CACHE_BAD: the value is empty, longer than CACHE_VALUE_BYTES_MAX,
// or holds what may not stand in a field [RFC 9110 §5.5].
[[nodiscard]] enum cache_result cache_add(struct cache_rules *rules, struct str text);

// The value for a file; empty: none. `path` is relative to the root and has no slash at its start.
struct str cache_find(const struct cache_rules *rules, struct str path);
