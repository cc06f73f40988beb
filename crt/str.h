// crt/str.h: work on text that knows its length.
//
// Everything here is pure: it reads what it is given, gives back values, and a str that comes back points into the one
// that went in. Nothing allocates, and nothing reads past the end. Text is bytes: letters are ASCII's, every other byte
// is only itself, and no locale is asked. A str of length zero may have any ptr, null included.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "arch/span.h"

// "Nowhere", as the answer to a search. It is larger than any length, so the clamped functions below take it as the
// end.
constexpr size_t STR_NONE = SIZE_MAX;

// Bytes as ASCII knows them. [RFC 20]

static inline bool ascii_is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

// Space, and the five that move the cursor: tab, line feed, vertical tab, form feed, carriage return.
static inline bool ascii_is_space(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

// What a text has no business with: NUL to unit separator, and delete.
static inline bool ascii_is_control(char byte)
{
	return (uint8_t)byte < ' ' || byte == 0x7f;
}

static inline char ascii_lower(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
}

// The value of a hexadecimal digit in either case, 0 to 15; -1 for any other byte.
static inline int ascii_hex_value(char byte)
{
	if (ascii_is_digit(byte))
		return byte - '0';
	byte = ascii_lower(byte);
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

// The bytes, 1 to 4, of the well-formed UTF-8 sequence that the text begins with; 0 if it begins with none. [RFC 3629 §4]
size_t utf8_bytes(struct str text);

// Pieces. An index beyond the end means the end, so every result lies within the text.

// The text without its first `count` bytes.
static inline struct str str_skip(struct str text, size_t count)
{
	if (count > text.len)
		count = text.len;
	return (struct str){text.ptr + count, text.len - count};
}

// The first `count` bytes of the text.
static inline struct str str_take(struct str text, size_t count)
{
	return (struct str){text.ptr, count < text.len ? count : text.len};
}

// The bytes from index `from` up to, not with, index `to`; empty where `to` does not come after `from`.
static inline struct str str_slice(struct str text, size_t from, size_t to)
{
	return str_skip(str_take(text, to), from);
}

// The text without white space at its two ends (ascii_is_space).
struct str str_trim(struct str text);

// The text in two, at the first `byte`, which neither half holds. Where there is none, all is before.
struct str_cut {
	struct str before;
	struct str after;
	bool found;
};
struct str_cut str_cut(struct str text, char byte);

// Comparisons.

bool str_equal(struct str left, struct str right);

// Equal if upper and lower case of ASCII are one.
bool str_equal_nocase(struct str left, struct str right);

static inline bool str_starts(struct str text, struct str prefix)
{
	return text.len >= prefix.len && str_equal(str_take(text, prefix.len), prefix);
}

static inline bool str_ends(struct str text, struct str suffix)
{
	return text.len >= suffix.len && str_equal(str_skip(text, text.len - suffix.len), suffix);
}

// The index of the first `byte`, or STR_NONE.
size_t str_find_byte(struct str text, char byte);

// To and from other forms.

// A string that ends with a NUL, such as an argument, without that NUL. A null pointer gives an empty str.
struct str str_from_cstr(const char *string);

// The number that the whole text spells in decimal digits. False, and `value` left alone, where it is empty, holds
// anything but digits (a sign, a space), or goes past UINT64_MAX. Zeros in front are allowed.
[[nodiscard]] bool str_to_unsigned(struct str text, uint64_t *value);
