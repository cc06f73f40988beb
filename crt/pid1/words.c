// crt/pid1/words.c: next_arg, on text that stays as it is.
#include "crt/pid1/words.h"

#include "crt/str.h"

// As the kernel has it, the space that does not break a line (0xa0 in Latin-1) is one too. [Linux lib/ctype.c]
static bool is_space(char byte)
{
	return ascii_is_space(byte) || (uint8_t)byte == 0xa0;
}

bool word_next(struct str *line, struct word *word)
{
	while (line->len > 0 && is_space(line->ptr[0]))
		*line = str_skip(*line, 1);
	if (line->len == 0)
		return false;

	bool is_quoted = line->ptr[0] == '"', is_inside = is_quoted;
	struct str text = str_skip(*line, is_quoted);
	size_t end = 0, equals = 0; // a "=" in front of everything separates nothing
	for (; end < text.len && (is_inside || !is_space(text.ptr[end])); end++) {
		if (text.ptr[end] == '=' && equals == 0)
			equals = end;
		if (text.ptr[end] == '"')
			is_inside = !is_inside;
	}
	*line = str_skip(text, end);

	size_t value = equals > 0 ? equals + 1 : end;
	if (value < end && text.ptr[value] == '"') {
		is_quoted = true;
		value++;
	}
	if (is_quoted && end > 0 && text.ptr[end - 1] == '"')
		end--;
	word->name = str_take(text, equals > 0 ? equals : end);
	word->value = str_slice(text, value, end);
	return equals > 0 || !str_equal(word->name, STR("--"));
}

struct str word_value(struct str line, struct str name)
{
	struct word word;
	while (word_next(&line, &word)) {
		if (str_equal(word.name, name))
			return word.value;
	}
	return (struct str){0};
}
