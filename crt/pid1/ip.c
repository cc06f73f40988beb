// crt/pid1/ip.c: ip_wish_parse.
#include "crt/pid1/ip.h"

#include "crt/ip.h"
#include "crt/mem.h"
#include "crt/str.h"

// Cuts the next field off; one in brackets may have colons. False: a bracket is not closed, or something stands behind it.
static bool next_field(struct str *text, struct str *field)
{
	if (!str_starts(*text, STR("["))) {
		struct str_cut cut = str_cut(*text, ':');
		*field = cut.before;
		*text = cut.after;
		return true;
	}
	struct str_cut cut = str_cut(str_skip(*text, 1), ']');
	*field = cut.before;
	*text = str_skip(cut.after, 1);
	return cut.found && (cut.after.len == 0 || cut.after.ptr[0] == ':');
}

// An empty field is no address, nor is one of zeros.
static bool parse_address(struct str text, struct ip_address *address)
{
	static const uint8_t zeros[16];
	*address = (struct ip_address){0};
	if (text.len == 0)
		return true;
	if (ip_parse_v4(text, address->bytes))
		address->len = 4;
	else if (ip_parse_v6(text, address->bytes))
		address->len = 16;
	else
		return false;
	if (memcmp(address->bytes, zeros, address->len) == 0)
		address->len = 0;
	return true;
}

// The class of an address of old decides where no mask is given, as in the kernel. [RFC 791 §3.2]
static unsigned prefix_of_class(const struct ip_address *address)
{
	if (address->len != 4)
		return 64;
	return address->bytes[0] < 128 ? 8 : address->bytes[0] < 192 ? 16 : 24;
}

static bool parse_mask(struct str text, const struct ip_address *address, unsigned *prefix)
{
	*prefix = prefix_of_class(address);
	uint8_t mask[4];
	uint64_t bits;
	if (text.len == 0)
		return true;
	if (str_to_unsigned(text, &bits)) {
		*prefix = (unsigned)bits;
		return bits <= 8u * (address->len != 0 ? address->len : 4u);
	}
	if (address->len == 16 || !ip_parse_v4(text, mask))
		return false;
	uint32_t word = (uint32_t)mask[0] << 24 | (uint32_t)mask[1] << 16 | (uint32_t)mask[2] << 8 | mask[3];
	for (*prefix = 0; (word & 0x80000000u) != 0; word <<= 1)
		++*prefix;
	return word == 0; // ones, then zeros
}

// Whether this word asks a server, and whether it is one that the kernel knows. BOOTP and RARP are of another age.
static bool parse_how(struct str text, bool *asks)
{
	*asks = str_equal(text, STR("dhcp")) || str_equal(text, STR("on")) || str_equal(text, STR("any"));
	return *asks || text.len == 0 || str_equal(text, STR("off")) || str_equal(text, STR("none")) ||
	       str_equal(text, STR("static"));
}

bool ip_wish_parse(struct str text, struct ip_wish *wish)
{
	*wish = (struct ip_wish){0};
	if (parse_how(text, &wish->asks))
		return true;
	struct str address, server, gateway, mask, how, names[2];
	struct str *const fields[] = {&address,         &server, &gateway,  &mask,    &wish->host,
				      &wish->interface, &how,    &names[0], &names[1]};
	for (unsigned i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if (!next_field(&text, fields[i]))
			return false;
	}
	if (!parse_address(address, &wish->address) || !parse_address(gateway, &wish->gateway) ||
	    !parse_address(names[0], &wish->names[0]) || !parse_address(names[1], &wish->names[1]) ||
	    !parse_mask(mask, &wish->address, &wish->prefix) || !parse_how(how, &wish->asks))
		return false;
	if (wish->address.len == 0 && how.len == 0)
		wish->asks = true; // as the kernel does: "any" is what it takes where nothing is said
	return wish->gateway.len == 0 || wish->address.len == 0 || wish->gateway.len == wish->address.len;
}
