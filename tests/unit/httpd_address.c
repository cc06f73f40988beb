// tests/unit/httpd_address.c: apps/httpd/address.h, and crt/ip.h below it.
#include "apps/httpd/address.h"

#include "crt/str.h"
#include "tests/unit/httpd_edge.h"
#include "tests/unit/unit.h"

static char text[64];

static struct str written(void (*write)(struct out *, const union address *), const union address *address)
{
	struct out out = out_to_memory(SPAN(text));
	write(&out, address);
	CHECK_EQUAL(out.error, 0);
	return out_written(&out);
}

// An address, as it is given, and as RFC 5952 and a browser have it.
static const struct {
	struct str given;
	struct str shown;
	struct str url;
} addresses[] = {
	{STR("127.0.0.1"), STR("127.0.0.1"), STR("http://127.0.0.1:8080/")},
	{STR("0.0.0.0"), STR("0.0.0.0"), STR("http://0.0.0.0:8080/")},
	{STR("255.255.255.255"), STR("255.255.255.255"), STR("http://255.255.255.255:8080/")},
	{STR("::"), STR("::"), STR("http://[::]:8080/")},
	{STR("::1"), STR("::1"), STR("http://[::1]:8080/")},
	{STR("1::"), STR("1::"), STR("http://[1::]:8080/")},
	{STR("0:0:0:0:0:0:0:0"), STR("::"), STR("http://[::]:8080/")},
	{STR("2001:DB8::00a7"), STR("2001:db8::a7"), STR("http://[2001:db8::a7]:8080/")},
	{STR("1:2:3:4:5:6:7:8"), STR("1:2:3:4:5:6:7:8"), STR("http://[1:2:3:4:5:6:7:8]:8080/")},
	{STR("1:2:3:4:5:6:7::"), STR("1:2:3:4:5:6:7:0"), STR("http://[1:2:3:4:5:6:7:0]:8080/")},
	{STR("::2:3:4:5:6:7:8"), STR("0:2:3:4:5:6:7:8"), STR("http://[0:2:3:4:5:6:7:8]:8080/")},
	// The longest run of zeros, and of two the first. [RFC 5952 §4.2.3]
	{STR("1:0:0:4:0:0:0:8"), STR("1:0:0:4::8"), STR("http://[1:0:0:4::8]:8080/")},
	{STR("1:0:0:4:5:0:0:8"), STR("1::4:5:0:0:8"), STR("http://[1::4:5:0:0:8]:8080/")},
	{STR("64:ff9b::192.0.2.7"), STR("64:ff9b::c000:207"), STR("http://[64:ff9b::c000:207]:8080/")},
	{STR("1:2:3:4:5:6:192.0.2.7"), STR("1:2:3:4:5:6:c000:207"), STR("http://[1:2:3:4:5:6:c000:207]:8080/")},
	// IPv4 in an IPv6 socket; brackets about it would be no address.
	{STR("::ffff:192.0.2.7"), STR("192.0.2.7"), STR("http://192.0.2.7:8080/")},
	{STR("::ffff:c000:207"), STR("192.0.2.7"), STR("http://192.0.2.7:8080/")},
	{STR("::fffe:192.0.2.7"), STR("::fffe:c000:207"), STR("http://[::fffe:c000:207]:8080/")},
};

UNIT(addresses_both_ways)
{
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		union address address;
		if (!CHECK(address_parse(edge_str(addresses[i].given), 8080, &address)))
			continue;
		CHECK_EQUAL(address_port(&address), 8080);
		CHECK_STR(written(address_write, &address), addresses[i].shown);
		CHECK_STR(written(address_write_url, &address), addresses[i].url);
		bool is_v4 = str_find_byte(addresses[i].given, ':') == STR_NONE;
		CHECK_EQUAL(address.family, is_v4 ? AF_INET : AF_INET6);
		CHECK_EQUAL(address_bytes(&address), is_v4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
	}
}

UNIT(the_kernels_form)
{
	union address address;
	CHECK(address_parse(STR("192.0.2.7"), 0x1234, &address));
	CHECK_BYTES(&address.v4.sin_port, "\x12\x34\xc0\x00\x02\x07\0\0\0\0\0\0\0\0", 14);
	CHECK(address_parse(STR("1:23:456:789a::b"), 0xfedc, &address));
	CHECK_BYTES(&address.v6.sin6_port,
		    "\xfe\xdc\0\0\0\0\x00\x01\x00\x23\x04\x56\x78\x9a\0\0\0\0\0\0\x00\x0b\0\0\0\0", 26);
}

UNIT(what_is_no_address_is_refused)
{
	static const struct str bad[] = {
		STR(""),
		STR("localhost"),
		STR("1"),
		STR("1.2.3"),
		STR("1.2.3."),
		STR("1.2.3.4."),
		STR("1.2.3.4.5"),
		STR(".1.2.3"),
		STR("1..2.3"),
		STR("256.0.0.1"),
		STR("1.2.3.1000"),
		STR("01.2.3.4"), // octal to some, decimal to others
		STR("0x1.2.3.4"),
		STR("-1.2.3.4"),
		STR(" 1.2.3.4"),
		STR("1.2.3.4 "),
		STR("1.2.3.4\0"),
		STR("1.2.3.4:80"),
		STR(":"),
		STR(":::"),
		STR(":1"),
		STR("1:"),
		STR("1:2:3:4:5:6:7"),
		STR("1:2:3:4:5:6:7:"),
		STR("1:2:3:4:5:6:7:8:"),
		STR("1:2:3:4:5:6:7:8:9"),
		STR("::1:2:3:4:5:6:7:8"), // nothing is left out
		STR("1:2:3:4::5:6:7:8"),
		STR("1::2::3"),
		STR("1:::2"),
		STR("12345::"),
		STR("g::"),
		STR("[::1]"),
		STR("::1%lo"),
		STR("::1.2.3"),
		STR("::1.2.3.4:5"),
		STR("::1.2.3.4."),
		STR("1:2:3:4:5:6:7:1.2.3.4"),
		STR("1.2.3.4::"),
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		union address address;
		if (!CHECK(!address_parse(edge_str(bad[i]), 80, &address)))
			CHECK_STR(bad[i], STR("refused"));
	}
}

UNIT(who_comes_by_a_unix_socket_has_no_address)
{
	union address address = {.family = AF_UNIX};
	char bytes[16];
	struct out out = out_to_memory(SPAN(bytes));
	address_write(&out, &address);
	CHECK_STR(out_written(&out), STR("unix:"));
}
