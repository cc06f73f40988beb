// apps/httpd/wishes.c: which fields are kept, and how their lines are found again.
#include "apps/httpd/wishes.h"

#include "crt/str.h"

static struct field *field_of(struct wishes *wishes, struct str name)
{
	// Most fields of most requests are none of these, and are done after one look.
	switch (name.len > 0 ? ascii_lower(name.ptr[0]) : 0) {
	case 'a':
		return str_equal_nocase(name, STR("Accept-Encoding")) ? &wishes->accept_encoding : nullptr;
	case 'r':
		return str_equal_nocase(name, STR("Range")) ? &wishes->range : nullptr;
	case 'i':
		break;
	default:
		return nullptr;
	}
	if (str_equal_nocase(name, STR("If-None-Match")))
		return &wishes->if_none_match;
	if (str_equal_nocase(name, STR("If-Modified-Since")))
		return &wishes->if_modified_since;
	if (str_equal_nocase(name, STR("If-Range")))
		return &wishes->if_range;
	if (str_equal_nocase(name, STR("If-Match")))
		return &wishes->if_match;
	return str_equal_nocase(name, STR("If-Unmodified-Since")) ? &wishes->if_unmodified_since : nullptr;
}

void wishes_take(struct wishes *wishes, struct str name, struct str value)
{
	struct field *field = field_of(wishes, name);
	if (field == nullptr)
		return;
	if (!field->is_there) {
		*field = (struct field){.span = value, .is_there = true};
		return;
	}
	field->is_repeated = true;
	field->span.len = (size_t)(value.ptr - field->span.ptr) + value.len;
}

bool field_next(struct field *field, struct str name, struct str *value)
{
	if (!field->is_there)
		return false;
	if (!field->is_begun) {
		field->is_begun = true;
		struct str_cut line = str_cut(field->span, '\r');
		*value = line.before;
		field->span = line.after;
		return true;
	}
	while (field->span.len > 0) {
		struct str_cut line = str_cut(str_skip(field->span, 1), '\r'); // the LF of the line before
		struct str_cut cut = str_cut(line.before, ':');
		field->span = line.after;
		if (!str_equal_nocase(cut.before, name))
			continue;
		*value = field_trim(cut.after);
		return true;
	}
	return false;
}

struct str field_single(const struct field *field)
{
	return field->is_repeated ? str_take(field->span, 0) : field->span;
}

struct str field_trim(struct str text)
{
	while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
		text = str_skip(text, 1);
	while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
		text.len--;
	return text;
}
