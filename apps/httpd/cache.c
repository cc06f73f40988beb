// apps/httpd/cache.c: patterns with stars, and the rules that have them.
#include "apps/httpd/cache.h"

#include "crt/str.h"

// A pattern begins with a slash or a star, and a Cache-Control with neither. [RFC 9111 §5.2]
static bool has_pattern(struct str text)
{
	return str_starts(text, STR("/")) || str_starts(text, STR("*"));
}

enum cache_result cache_add(struct cache_rules *rules, struct str text)
{
	struct cache_rule rule = {.value = text};
	if (has_pattern(text)) {
		struct str_cut cut = str_cut(text, ':');
		rule = (struct cache_rule){cut.before, str_trim(cut.after)};
	}
	if (rule.value.len == 0 || rule.value.len > CACHE_VALUE_BYTES_MAX)
		return CACHE_BAD;
	for (size_t i = 0; i < rule.value.len; i++) {
		if (ascii_is_control(rule.value.ptr[i]) || (uint8_t)rule.value.ptr[i] > '~')
			return CACHE_BAD;
	}
	if (rules->count == CACHE_RULES_MAX)
		return CACHE_FULL;
	rules->rules[rules->count++] = rule;
	return CACHE_OK;
}

// Whether the text is the pattern's. What a star has taken is only ever made longer for the last star seen: if the rest can be
// matched at all, it can be matched behind the shortest place for all stars before. So the steps are at most the product of
// the two lengths.
static bool matches(struct str pattern, struct str text)
{
	size_t p = 0, t = 0, star = STR_NONE, taken_to = 0;
	while (t < text.len) {
		if (p < pattern.len && pattern.ptr[p] == '*') {
			star = p++;
			taken_to = t;
		} else if (p < pattern.len && pattern.ptr[p] == text.ptr[t]) {
			p++;
			t++;
		} else if (star != STR_NONE) {
			p = star + 1;
			t = ++taken_to;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}

// The same for "/" and the path, which lie nowhere together.
static bool matches_path(struct str pattern, struct str path)
{
	if (str_starts(pattern, STR("/")))
		return matches(str_skip(pattern, 1), path);
	// It begins with a star, which may take the slash alone, or with it all that it takes of the path.
	return matches(pattern, path) ||
	       (str_starts(str_skip(pattern, 1), STR("/")) && matches(str_skip(pattern, 2), path));
}

struct str cache_find(const struct cache_rules *rules, struct str path)
{
	for (size_t i = rules->count; i > 0; i--) {
		const struct cache_rule *rule = &rules->rules[i - 1];
		if (rule->pattern.len == 0 || matches_path(rule->pattern, path))
			return rule->value;
	}
	return (struct str){0};
}
