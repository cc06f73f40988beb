// apps/httpd/address.c: addresses between text and the kernel's form.
#include "apps/httpd/address.h"

#include "crt/ip.h"
#include "crt/mem.h"
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

bool address_parse(struct str text, uint16_t port, union address *address)
{
	*address = (union address){0};
	if (ip_parse_v4(text, (uint8_t *)&address->v4.sin_addr)) {
		address->v4.sin_family = AF_INET;
		address->v4.sin_port = to_network(port);
		return true;
	}
	*address = (union address){0};
	if (!ip_parse_v6(text, address->v6.sin6_addr.s6_addr))
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

// The four bytes of an IPv4 address, also of one that an IPv6 socket has; null if it is none. [RFC 4291 §2.5.5.2]
static const uint8_t *v4_of(const union address *address)
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	if (address->family == AF_INET)
		return (const uint8_t *)&address->v4.sin_addr;
	const uint8_t *bytes = address->v6.sin6_addr.s6_addr;
	return memcmp(bytes, mapped, sizeof(mapped)) == 0 ? bytes + sizeof(mapped) : nullptr;
}

void address_write(struct out *out, const union address *address)
{
	if (address->family == AF_UNIX) {
		out_str(out, STR("unix:"));
		return;
	}
	const uint8_t *v4 = v4_of(address);
	if (v4 != nullptr)
		write_v4(out, v4);
	else
		write_v6(out, address->v6.sin6_addr.s6_addr);
}

void address_write_url(struct out *out, const union address *address)
{
	bool is_v6 = v4_of(address) == nullptr;
	out_str(out, is_v6 ? STR("http://[") : STR("http://"));
	address_write(out, address);
	out_str(out, is_v6 ? STR("]:") : STR(":"));
	out_unsigned(out, address_port(address));
	out_byte(out, '/');
}
