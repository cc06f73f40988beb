// apps/httpd/token.h: the bytes of a token, of which HTTP makes methods, the names of fields and much else.
//
// Sets of bytes of ASCII, one bit each: 16 bytes say what a chain of comparisons would.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "arch/span.h"

struct byte_set {
	uint64_t low;  // 0 to 63
	uint64_t high; // 64 to 127
};

static constexpr uint64_t BYTE_DIGITS = UINT64_C(0x3ff) << '0';
static constexpr uint64_t BYTE_LETTERS =
	UINT64_C(0x07fffffe'07fffffe); // the same 26 bits for both cases, '@' being bit 0

#define BYTE_LOW(byte) (UINT64_C(1) << (byte))
#define BYTE_HIGH(byte) (UINT64_C(1) << ((byte) - 64))

// tchar [RFC 9110 §5.6.2]
static constexpr struct byte_set TOKEN = {
	BYTE_DIGITS | BYTE_LOW('!') | BYTE_LOW('#') | BYTE_LOW('$') | BYTE_LOW('%') | BYTE_LOW('&') | BYTE_LOW('\'') |
		BYTE_LOW('*') | BYTE_LOW('+') | BYTE_LOW('-') | BYTE_LOW('.'),
	BYTE_LETTERS | BYTE_HIGH('^') | BYTE_HIGH('_') | BYTE_HIGH('`') | BYTE_HIGH('|') | BYTE_HIGH('~'),
};

static inline bool set_has(struct byte_set set, char byte)
{
	uint8_t bit = (uint8_t)byte;
	return bit < 128 && ((bit < 64 ? set.low : set.high) >> (bit & 63) & 1) != 0;
}

static inline bool set_has_all(struct byte_set set, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!set_has(set, text.ptr[i]))
			return false;
	}
	return true;
}

static inline bool is_token(struct str text)
{
	return text.len > 0 && set_has_all(TOKEN, text);
}
