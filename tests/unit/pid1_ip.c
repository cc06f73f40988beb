// tests/unit/pid1_ip.c: crt/pid1/ip.h.
#include "crt/pid1/ip.h"

#include "crt/mem.h"
#include "crt/out.h"
#include "crt/str.h"
#include "tests/unit/httpd_edge.h"
#include "tests/unit/unit.h"

static char text[256];

static void write_address(struct out *out, const struct ip_address *address)
{
	for (unsigned i = 0; i < address->len; i++) {
		if (i > 0 && (address->len == 4 || i % 2 == 0))
			out_byte(out, address->len == 4 ? '.' : ':');
		if (address->len == 4)
			out_unsigned(out, address->bytes[i]);
		else
			out_hex(out, address->bytes[i], 2);
	}
}

// A wish as a line: address/prefix gateway host interface asks name name; "-" for what is not there.
static struct str shown(struct str wish_text)
{
	struct ip_wish wish;
	struct out out = out_to_memory(SPAN(text));
	if (!ip_wish_parse(edge_str(wish_text), &wish))
		return STR("cannot be read");
	const struct ip_address *addresses[] = {&wish.address, &wish.gateway, &wish.names[0], &wish.names[1]};
	for (unsigned i = 0; i < 4; i++) {
		if (addresses[i]->len == 0)
			out_byte(&out, '-');
		write_address(&out, addresses[i]);
		if (i == 0 && wish.address.len > 0) {
			out_byte(&out, '/');
			out_unsigned(&out, wish.prefix);
		}
		out_byte(&out, ' ');
	}
	out_str(&out, wish.host.len > 0 ? wish.host : STR("-"));
	out_byte(&out, ' ');
	out_str(&out, wish.interface.len > 0 ? wish.interface : STR("-"));
	out_str(&out, wish.asks ? STR(" asks") : STR(""));
	return out_written(&out);
}

static const struct {
	struct str text;
	struct str wish;
} good[] = {
	// Words alone.
	{STR("dhcp"), STR("- - - - - - asks")},
	{STR("on"), STR("- - - - - - asks")},
	{STR("any"), STR("- - - - - - asks")},
	{STR("off"), STR("- - - - - -")},
	{STR("none"), STR("- - - - - -")},
	{STR("static"), STR("- - - - - -")},
	{STR(""), STR("- - - - - -")},
	// All fields.
	{STR("192.0.2.7:192.0.2.9:192.0.2.1:255.255.255.0:name.example:eth0:off:192.0.2.53:192.0.2.54:192.0.2.123"),
	 STR("192.0.2.7/24 192.0.2.1 192.0.2.53 192.0.2.54 name.example eth0")},
	{STR("192.0.2.7:no address:192.0.2.1:24:name:eth0:none:192.0.2.53:192.0.2.54:what:ever"),
	 STR("192.0.2.7/24 192.0.2.1 192.0.2.53 192.0.2.54 name eth0")},
	{STR("[2001:db8::7]::[2001:db8::1]:48:name:eth0:off:[2001:db8::53]"),
	 STR("2001:0db8:0000:0000:0000:0000:0000:0007/48 2001:0db8:0000:0000:0000:0000:0000:0001 "
	     "2001:0db8:0000:0000:0000:0000:0000:0053 - name eth0")},
	// Name servers may be of either kind, as may be an address alone.
	{STR("192.0.2.7:::::::[2001:db8::53]:192.0.2.53"),
	 STR("192.0.2.7/24 - 2001:0db8:0000:0000:0000:0000:0000:0053 192.0.2.53 - -")},
	{STR("[2001:db8::7]"), STR("2001:0db8:0000:0000:0000:0000:0000:0007/64 - - - - -")},
	{STR("[192.0.2.7]"), STR("192.0.2.7/24 - - - - -")},
	{STR("[]:::::eth0:off"), STR("- - - - - eth0")},
	// Who asks: the word decides, and where there is none, whether an address was given.
	{STR(":::::eth1:dhcp"), STR("- - - - - eth1 asks")},
	{STR("::::name::on"), STR("- - - - name - asks")},
	{STR("::::::any"), STR("- - - - - - asks")},
	{STR("::::name"), STR("- - - - name - asks")},
	{STR(":"), STR("- - - - - - asks")},
	{STR("::::name:eth0:off"), STR("- - - - name eth0")},
	{STR("::::name:eth0:none"), STR("- - - - name eth0")},
	{STR("192.0.2.7::::::dhcp"), STR("192.0.2.7/24 - - - - - asks")},
	{STR("0.0.0.0::0.0.0.0::::"), STR("- - - - - - asks")},
	{STR("[::]::::::off"), STR("- - - - - -")},
	{STR("::192.0.2.1::::dhcp:192.0.2.53"), STR("- 192.0.2.1 192.0.2.53 - - - asks")},
	// Masks: none, as a length, as an address.
	{STR("10.1.2.3"), STR("10.1.2.3/8 - - - - -")},
	{STR("127.255.255.255"), STR("127.255.255.255/8 - - - - -")},
	{STR("128.0.0.1"), STR("128.0.0.1/16 - - - - -")},
	{STR("191.255.0.1"), STR("191.255.0.1/16 - - - - -")},
	{STR("192.0.0.1"), STR("192.0.0.1/24 - - - - -")},
	{STR("10.1.2.3:::0"), STR("10.1.2.3/0 - - - - -")},
	{STR("10.1.2.3:::32"), STR("10.1.2.3/32 - - - - -")},
	{STR("10.1.2.3:::0.0.0.0"), STR("10.1.2.3/0 - - - - -")},
	{STR("10.1.2.3:::128.0.0.0"), STR("10.1.2.3/1 - - - - -")},
	{STR("10.1.2.3:::255.255.254.0"), STR("10.1.2.3/23 - - - - -")},
	{STR("10.1.2.3:::255.255.255.255"), STR("10.1.2.3/32 - - - - -")},
	{STR("[2001:db8::7]:::0"), STR("2001:0db8:0000:0000:0000:0000:0000:0007/0 - - - - -")},
	{STR("[2001:db8::7]:::128"), STR("2001:0db8:0000:0000:0000:0000:0000:0007/128 - - - - -")},
	{STR(":::32:::dhcp"), STR("- - - - - - asks")},
};

UNIT(what_can_be_read)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		CHECK_STR(shown(good[i].text), good[i].wish);
}

static const struct str bad[] = {
	// Words of another age, or of dracut; addresses that are none.
	STR("bootp"),
	STR("both"),
	STR("rarp"),
	STR("DHCP"),
	STR("dhcp6"),
	STR("eth0:dhcp"),
	STR("192.0.2"),
	STR("192.0.2.256"),
	STR("192.0.2.7 "),
	STR("2001:db8::7"),
	STR("[2001:db8::7::1]"),
	STR("192.0.2.7::192.0.2"),
	STR("192.0.2.7:::::::192.0.2"),
	STR("192.0.2.7::::::::192.0.2"),
	STR("192.0.2.7::::::bootp"),
	// Brackets.
	STR("[2001:db8::7"),
	STR("[2001:db8::7]x"),
	STR("[2001:db8::7]x:"),
	STR("["),
	STR("192.0.2.7::[2001:db8::1"),
	STR("[[2001:db8::7]]"),
	// Masks.
	STR("10.1.2.3:::33"),
	STR("10.1.2.3:::-1"),
	STR("10.1.2.3:::99999999999999999999"),
	STR("10.1.2.3:::255.0.255.0"),
	STR("10.1.2.3:::0.0.0.1"),
	STR("10.1.2.3:::255.255.255"),
	STR("[2001:db8::7]:::129"),
	STR("[2001:db8::7]:::255.255.255.0"),
	STR(":::33:::dhcp"),
	// A gateway of the other kind.
	STR("192.0.2.7::[2001:db8::1]"),
	STR("[2001:db8::7]::192.0.2.1"),
};

UNIT(what_cannot_be_read)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK_STR(shown(bad[i]), STR("cannot be read"));
}

UNIT(every_beginning_is_read_or_refused)
{
	// No beginning of a good one reads beyond its end, and its texts lie within it.
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		for (size_t len = 0; len < good[i].text.len; len++) {
			struct str part = edge_str(str_take(good[i].text, len));
			struct ip_wish wish;
			if (!ip_wish_parse(part, &wish))
				continue;
			CHECK(wish.host.len == 0 ||
			      (wish.host.ptr >= part.ptr && wish.host.ptr + wish.host.len <= part.ptr + len));
			CHECK(wish.interface.len == 0 || (wish.interface.ptr >= part.ptr &&
							  wish.interface.ptr + wish.interface.len <= part.ptr + len));
		}
	}
}
