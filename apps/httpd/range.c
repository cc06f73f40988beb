// apps/httpd/range.c: range_parse, one range after another.
#include "apps/httpd/range.h"

#include "apps/httpd/wishes.h"
#include "crt/str.h"

// One range-spec, as it stands there.
struct spec {
	bool has_first, has_last;
	uint64_t first, last;
};

// Digits, a number that is too large for 64 bits being as good as the largest: no file is longer.
static bool take_number(struct str text, uint64_t *number)
{
	uint64_t value = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (!ascii_is_digit(text.ptr[i]))
			return false;
		uint64_t digit = (uint64_t)(text.ptr[i] - '0');
		value = value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : value * 10 + digit;
	}
	*number = value;
	return text.len > 0;
}

// first-pos "-" [ last-pos ] / "-" suffix-length, no white space within. [RFC 9110 §14.1.1, §14.1.2]
static bool read_spec(struct str text, struct spec *spec)
{
	struct str_cut cut = str_cut(text, '-');
	*spec = (struct spec){.has_first = cut.before.len > 0, .has_last = cut.after.len > 0};
	if (!cut.found || (!spec->has_first && !spec->has_last))
		return false;
	if (spec->has_first && !take_number(cut.before, &spec->first))
		return false;
	if (spec->has_last && !take_number(cut.after, &spec->last))
		return false;
	return !spec->has_first || !spec->has_last || spec->last >= spec->first;
}

// The bytes of the file that a spec means. False: none.
static bool place(const struct spec *spec, uint64_t size, struct range *range)
{
	if (!spec->has_first) { // the last bytes: all of them if it has fewer
		uint64_t bytes = spec->last < size ? spec->last : size;
		*range = (struct range){size - bytes, bytes};
		return bytes > 0;
	}
	if (spec->first >= size)
		return false;
	uint64_t last = spec->has_last && spec->last < size ? spec->last : size - 1;
	*range = (struct range){spec->first, last - spec->first + 1};
	return true;
}

static bool touches(const struct range *one, const struct range *other)
{
	return one->first <= other->first + other->bytes && other->first <= one->first + one->bytes;
}

// Adds a range. The earlier ones that it overlaps or touches are taken out and grow into it; it stands where the first of them
// stood.
static void add(struct ranges *ranges, struct range range)
{
	unsigned at = ranges->count, kept = 0;
	for (unsigned i = 0; i < ranges->count; i++) {
		const struct range *each = &ranges->of[i];
		if (!touches(each, &range)) {
			ranges->of[kept++] = *each;
			continue;
		}
		uint64_t first = each->first < range.first ? each->first : range.first;
		uint64_t end = each->first + each->bytes > range.first + range.bytes ? each->first + each->bytes
										     : range.first + range.bytes;
		range = (struct range){first, end - first};
		if (at == ranges->count)
			at = kept;
	}
	// A range that has grown may touch one that was kept before it grew; but what was kept touches neither the range as it
	// was nor any of those that grew into it (else they would have been one already), and their union is no larger.
	if (at > kept)
		at = kept;
	for (unsigned i = kept; i > at; i--)
		ranges->of[i] = ranges->of[i - 1];
	ranges->of[at] = range;
	ranges->count = kept + 1;
}

enum range_state range_parse(struct str value, uint64_t size, struct ranges *ranges)
{
	struct str_cut unit = str_cut(value, '=');
	ranges->count = 0;
	if (!unit.found ||
	    !str_equal_nocase(unit.before, STR("bytes"))) // an unknown unit is to be ignored [RFC 9110 §14.2]
		return RANGE_IGNORED;

	unsigned specs = 0;
	bool has_suffix_of_nothing = false;
	for (struct str rest = unit.after; rest.len > 0;) {
		struct str_cut cut = str_cut(rest, ',');
		struct str text = field_trim(cut.before);
		rest = cut.after;
		if (text.len == 0) // [RFC 9110 §5.6.1.2]
			continue;
		struct spec spec;
		struct range range;
		if (++specs > RANGES_MAX || !read_spec(text, &spec))
			return RANGE_IGNORED;
		if (place(&spec, size, &range))
			add(ranges, range);
		else
			has_suffix_of_nothing |= !spec.has_first && spec.last > 0;
	}
	if (specs == 0)
		return RANGE_IGNORED;
	if (ranges->count > 0)
		return RANGE_TAKEN;
	// The last bytes of an empty file can be had [RFC 9110 §14.1.2], but no Content-Range can say so: the whole can.
	return has_suffix_of_nothing ? RANGE_IGNORED : RANGE_UNSATISFIABLE;
}
