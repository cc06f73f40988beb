// apps/httpd/address.c: addresses between text and the kernel's form.
#include "apps/httpd/address.h"

#include "crt/str.h"

#define GROUPS 8 // 16-bit groups of an IPv6 address

// Network order is big-endian on every machine; shifting says so without asking which this one is.
static uint16_t to_network(uint16_t value)
{
	union {
		uint8_t bytes[2];
		uint16_t word;
	} both = {.bytes = {(uint8_t)(value >> 8), (uint8_t)value}};
	return both.word;
}

static uint16_t from_network(uint16_t word)
{
	const uint8_t *bytes = (const uint8_t *)&word;
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

// Reads four numbers with dots between them.
static bool parse_v4(struct str text, uint8_t into[4])
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

static int hex_value(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	char small = (char)(byte | 0x20);
	return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

// Reads up to eight groups of hexadecimal digits; "::" stands once for as many zero groups as are missing; the last two
// groups may be an IPv4 address.
static bool parse_v6(struct str text, uint8_t into[16])
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
		while (at < text.len && at - start < 4 && hex_value(text.ptr[at]) >= 0)
			value = value << 4 | (unsigned)hex_value(text.ptr[at++]);
		if (at < text.len && text.ptr[at] == '.') {
			uint8_t last[4];
			if (count > GROUPS - 2 || !parse_v4((struct str){text.ptr + start, text.len - start}, last))
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

bool address_parse(struct str text, uint16_t port, union address *address)
{
	*address = (union address){0};
	if (parse_v4(text, (uint8_t *)&address->v4.sin_addr)) {
		address->v4.sin_family = AF_INET;
		address->v4.sin_port = to_network(port);
		return true;
	}
	*address = (union address){0};
	if (!parse_v6(text, address->v6.sin6_addr.s6_addr))
		return false;
	address->v6.sin6_family = AF_INET6;
	address->v6.sin6_port = to_network(port);
	return true;
}

uint32_t address_bytes(const union address *address)
{
	return address->family == AF_INET ? sizeof(address->v4) : sizeof(address->v6);
}

uint16_t address_port(const union address *address)
{
	return from_network(address->family == AF_INET ? address->v4.sin_port : address->v6.sin6_port);
}

static void write_v4(struct out *out, const uint8_t bytes[4])
{
	for (unsigned i = 0; i < 4; i++) {
		if (i > 0)
			out_byte(out, '.');
		out_unsigned(out, bytes[i]);
	}
}

// The longest run of two or more zero groups becomes "::", the first of several. [RFC 5952 §4.2]
static void write_v6(struct out *out, const uint8_t bytes[16])
{
	unsigned best = GROUPS, best_len = 1;
	for (unsigned i = 0; i < GROUPS; i++) {
		unsigned len = 0;
		while (i + len < GROUPS && bytes[2 * (i + len)] == 0 && bytes[2 * (i + len) + 1] == 0)
			len++;
		if (len > best_len) {
			best = i;
			best_len = len;
		}
	}
	for (unsigned i = 0; i < GROUPS; i++) {
		if (i == best) {
			out_str(out, STR("::"));
			i += best_len - 1;
			continue;
		}
		if (i > 0 && i != best + best_len)
			out_byte(out, ':');
		out_hex(out, (uint64_t)(bytes[2 * i] << 8 | bytes[2 * i + 1]), 1);
	}
}

void address_write(struct out *out, const union address *address)
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}; // [RFC 4291 §2.5.5.2]
	if (address->family == AF_INET) {
		write_v4(out, (const uint8_t *)&address->v4.sin_addr);
		return;
	}
	const uint8_t *bytes = address->v6.sin6_addr.s6_addr;
	for (unsigned i = 0; i < sizeof(mapped); i++) {
		if (bytes[i] != mapped[i]) {
			write_v6(out, bytes);
			return;
		}
	}
	write_v4(out, bytes + sizeof(mapped));
}

void address_write_url(struct out *out, const union address *address)
{
	bool is_v6 = address->family == AF_INET6;
	out_str(out, is_v6 ? STR("http://[") : STR("http://"));
	address_write(out, address);
	out_str(out, is_v6 ? STR("]:") : STR(":"));
	out_unsigned(out, address_port(address));
	out_byte(out, '/');
}
