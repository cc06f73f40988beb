// apps/httpd/coding.c: Accept-Encoding, member by member.
#include "apps/httpd/coding.h"

#include "crt/str.h"

// A coding that is not named and not excluded by "*;q=0" or "identity;q=0" is identity alone, and it is the last that one would
// take. [RFC 9110 §12.5.3, item 2]
#define WEIGHT_LAST 1
#define WEIGHT_FULL 1000
#define UNSAID UINT16_MAX

struct str coding_name(enum coding coding)
{
	switch (coding) {
	case CODING_ZSTD:
		return STR("zstd");
	case CODING_BROTLI:
		return STR("br");
	case CODING_GZIP:
		return STR("gzip");
	default:
		return STR("");
	}
}

struct str coding_extension(enum coding coding)
{
	switch (coding) {
	case CODING_ZSTD:
		return STR(".zst");
	case CODING_BROTLI:
		return STR(".br");
	case CODING_GZIP:
		return STR(".gz");
	default:
		return STR("");
	}
}

// weight = OWS ";" OWS "q=" qvalue; qvalue = "0" [ "." 0*3DIGIT ] / "1" [ "." 0*3"0" ]. [RFC 9110 §12.4.2]
static bool read_weight(struct str text, uint16_t *weight)
{
	if (text.len < 3 || text.len > 7 || ascii_lower(text.ptr[0]) != 'q' || text.ptr[1] != '=')
		return false;
	if (text.ptr[2] != '0' && text.ptr[2] != '1')
		return false;
	unsigned value = text.ptr[2] == '1' ? WEIGHT_FULL : 0, unit = 100;
	if (text.len > 3 && text.ptr[3] != '.')
		return false;
	for (size_t i = 4; i < text.len; i++, unit /= 10) {
		if (!ascii_is_digit(text.ptr[i]))
			return false;
		value += unit * (unsigned)(text.ptr[i] - '0');
	}
	*weight = (uint16_t)value;
	return value <= WEIGHT_FULL;
}

static void take_member(struct str member, uint16_t weight[CODINGS], uint16_t *others)
{
	struct str_cut cut = str_cut(member, ';');
	struct str name = field_trim(cut.before);
	uint16_t value = WEIGHT_FULL;
	if (cut.found && !read_weight(field_trim(cut.after), &value))
		return;
	if (str_equal(name, STR("*")))
		*others = value;
	else if (str_equal_nocase(name, STR("identity")))
		weight[CODING_IDENTITY] = value;
	else if (str_equal_nocase(name, STR("x-gzip"))) // the same as gzip [RFC 9110 §8.4.1.3]
		weight[CODING_GZIP] = value;
	else {
		for (unsigned i = 0; i < CODING_IDENTITY; i++) {
			if (str_equal_nocase(name, coding_name((enum coding)i)))
				weight[i] = value;
		}
	}
}

struct codings codings_read(struct field accept_encoding)
{
	struct codings codings;
	uint16_t others = UNSAID;
	for (unsigned i = 0; i < CODINGS; i++)
		codings.weight[i] = UNSAID;
	for (struct str list; field_next(&accept_encoding, STR("Accept-Encoding"), &list);) {
		while (list.len > 0) {
			struct str_cut cut = str_cut(list, ',');
			take_member(cut.before, codings.weight, &others);
			list = cut.after;
		}
	}
	for (unsigned i = 0; i < CODINGS; i++) {
		if (codings.weight[i] == UNSAID)
			codings.weight[i] = others != UNSAID ? others : i == CODING_IDENTITY ? WEIGHT_LAST : 0;
	}
	return codings;
}

enum coding codings_best(const struct codings *codings, unsigned tried)
{
	enum coding best = CODING_IDENTITY;
	for (unsigned i = 0; i < CODING_IDENTITY; i++) {
		if ((tried >> i & 1) != 0)
			continue;
		bool is_better = best == CODING_IDENTITY ||
				 (codings_takes(codings, (enum coding)i) && codings->weight[i] > codings->weight[best]);
		if (is_better)
			best = (enum coding)i;
	}
	return best;
}
