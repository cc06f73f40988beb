// crt/str.c: the searches and comparisons of str.h, byte by byte.
//
// Names, options, header fields: these texts are short, so a plain loop is small and fast enough. What copies or scans
// whole buffers does not belong here.
#include "crt/str.h"

#include <stdckdint.h>

#include "crt/mem.h"

// The range of the second byte is what keeps out the longer spellings, surrogates, and what lies beyond U+10FFFF.
size_t utf8_bytes(struct str text)
{
	if (text.len == 0)
		return 0;
	uint8_t first = (uint8_t)text.ptr[0];
	if (first < 0x80)
		return 1;
	size_t bytes = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
	if (bytes == 0 || text.len < bytes)
		return 0;

	uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	if ((uint8_t)text.ptr[1] < low || (uint8_t)text.ptr[1] > high)
		return 0;
	for (size_t i = 2; i < bytes; i++) {
		if (((uint8_t)text.ptr[i] & 0xc0) != 0x80)
			return 0;
	}
	return bytes;
}

struct str str_trim(struct str text)
{
	while (text.len > 0 && ascii_is_space(text.ptr[0]))
		text = str_skip(text, 1);
	while (text.len > 0 && ascii_is_space(text.ptr[text.len - 1]))
		text.len--;
	return text;
}

struct str_cut str_cut(struct str text, char byte)
{
	size_t at = str_find_byte(text, byte);
	struct str before = str_take(text, at);
	return (struct str_cut){before, str_skip(text, before.len + 1), at != STR_NONE};
}

bool str_equal(struct str left, struct str right)
{
	return left.len == right.len && memcmp(left.ptr, right.ptr, left.len) == 0;
}

bool str_equal_nocase(struct str left, struct str right)
{
	if (left.len != right.len)
		return false;
	for (size_t i = 0; i < left.len; i++) {
		if (ascii_lower(left.ptr[i]) != ascii_lower(right.ptr[i]))
			return false;
	}
	return true;
}

size_t str_find_byte(struct str text, char byte)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == byte)
			return i;
	}
	return STR_NONE;
}

struct str str_from_cstr(const char *string)
{
	struct str text = {.ptr = string};
	while (string != nullptr && string[text.len] != 0)
		text.len++;
	return text;
}

bool str_to_unsigned(struct str text, uint64_t *value)
{
	uint64_t number = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (!ascii_is_digit(text.ptr[i]) || ckd_mul(&number, number, 10u) ||
		    ckd_add(&number, number, (unsigned)(text.ptr[i] - '0')))
			return false;
	}
	if (text.len == 0)
		return false;
	*value = number;
	return true;
}
