// crt/ip.c: addresses from text.
#include "crt/ip.h"

#include "crt/str.h"

#define GROUPS 8 // 16-bit groups of an IPv6 address

bool ip_parse_v4(struct str text, uint8_t into[4])
{
	size_t at = 0;
	for (unsigned i = 0; i < 4; i++) {
		if (i > 0 && (at >= text.len || text.ptr[at++] != '.'))
			return false;
		size_t start = at;
		unsigned value = 0;
		while (at < text.len && at - start < 3 && text.ptr[at] >= '0' && text.ptr[at] <= '9')
			value = value * 10 + (unsigned)(text.ptr[at++] - '0');
		if (at == start || value > 255 || (at - start > 1 && text.ptr[start] == '0'))
			return false;
		into[i] = (uint8_t)value;
	}
	return at == text.len;
}

bool ip_parse_v6(struct str text, uint8_t into[16])
{
	uint16_t groups[GROUPS];
	unsigned count = 0;
	unsigned gap = GROUPS + 1; // where "::" stands; beyond the end: nowhere
	size_t at = 0;
	if (text.len >= 2 && text.ptr[0] == ':' && text.ptr[1] == ':') {
		gap = 0;
		at = 2;
	}
	while (at < text.len) {
		if (count == GROUPS)
			return false;
		size_t start = at;
		unsigned value = 0;
		while (at < text.len && at - start < 4 && ascii_hex_value(text.ptr[at]) >= 0)
			value = value << 4 | (unsigned)ascii_hex_value(text.ptr[at++]);
		if (at < text.len && text.ptr[at] == '.') {
			uint8_t last[4];
			if (count > GROUPS - 2 || !ip_parse_v4((struct str){text.ptr + start, text.len - start}, last))
				return false;
			groups[count++] = (uint16_t)(last[0] << 8 | last[1]);
			groups[count++] = (uint16_t)(last[2] << 8 | last[3]);
			break;
		}
		if (at == start)
			return false;
		groups[count++] = (uint16_t)value;
		if (at == text.len)
			break;
		if (text.ptr[at++] != ':' || at == text.len)
			return false;
		if (text.ptr[at] == ':') {
			if (gap <= GROUPS)
				return false;
			gap = count;
			at++;
		}
	}
	if (gap > GROUPS ? count != GROUPS : count == GROUPS)
		return false;

	for (unsigned i = 0; i < GROUPS; i++) {
		unsigned missing = GROUPS - count;
		uint16_t value = i < gap ? groups[i] : i < gap + missing ? 0 : groups[i - missing];
		into[2 * i] = (uint8_t)(value >> 8);
		into[2 * i + 1] = (uint8_t)value;
	}
	return true;
}
