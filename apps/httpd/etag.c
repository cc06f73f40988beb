// apps/httpd/etag.c: etag_write, and the list of a client taken apart.
#include "apps/httpd/etag.h"

#include "crt/str.h"

bool etag_is_at_rest(const struct facts *facts, int64_t now)
{
	// A time in the future says nothing about when the file was written. (No sum of what a file system says may overflow.)
	return facts->modified <= now && now - ETAG_REST_SECONDS >= facts->modified;
}

void etag_write(struct out *out, const struct facts *facts, int64_t now)
{
	if (!etag_is_at_rest(facts, now))
		out_str(out, STR("W/"));
	// In nanoseconds, modulo 2^64, which is 584 years.
	out_byte(out, '"');
	out_hex(out, (uint64_t)facts->modified * 1'000'000'000 + facts->modified_ns, 1);
	out_byte(out, '-');
	out_hex(out, facts->bytes, 1);
	// Another coding is another representation, though a file may have the same size and time [RFC 9110 §8.8.3.3].
	if (facts->coding != CODING_IDENTITY) {
		out_byte(out, '-');
		out_str(out, coding_name(facts->coding));
	}
	out_byte(out, '"');
}

// Bytes of the tag that the text begins with, 0 if it begins with none: [ "W/" ] DQUOTE *etagc DQUOTE, where etagc is any visible
// byte but the quote, and all above ASCII. There is no escape in it. [RFC 9110 §8.8.3]
static size_t tag_len(struct str text)
{
	size_t at = str_starts(text, STR("W/")) ? 2 : 0;
	if (at == text.len || text.ptr[at] != '"')
		return 0;
	for (at++; at < text.len; at++) {
		if (text.ptr[at] == '"')
			return at + 1;
		if (text.ptr[at] == ' ' || ascii_is_control(text.ptr[at]))
			return 0;
	}
	return 0;
}

static bool is_same(struct str one, struct str other, enum etag_comparison comparison)
{
	if (comparison == ETAG_STRONGLY)
		return one.ptr[0] == '"' && str_equal(one, other);
	return str_equal(str_skip(one, one.ptr[0] == '"' ? 0 : 2), str_skip(other, other.ptr[0] == '"' ? 0 : 2));
}

bool etag_is(struct str text, struct str tag, enum etag_comparison comparison)
{
	return tag.len > 0 && text.len > 0 && tag_len(text) == text.len && is_same(text, tag, comparison);
}

bool etag_is_listed(struct field field, struct str name, struct str tag, enum etag_comparison comparison)
{
	for (struct str list; field_next(&field, name, &list);) {
		if (str_equal(field_trim(list), STR("*")))
			return true;
		for (;;) {
			// Empty members are to be passed over [RFC 9110 §5.6.1.2].
			while (list.len > 0 && (list.ptr[0] == ' ' || list.ptr[0] == '\t' || list.ptr[0] == ','))
				list = str_skip(list, 1);
			size_t len = tag_len(list);
			if (len == 0)
				break;
			if (tag.len > 0 && is_same(str_take(list, len), tag, comparison))
				return true;
			list = str_skip(list, len);
			struct str_cut cut = str_cut(list, ',');
			if (field_trim(cut.before).len > 0)
				break;
			list = cut.after;
		}
	}
	return false;
}
