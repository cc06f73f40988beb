// apps/httpd/address.h: an address to listen on, or of a client, between text and the kernel's form.
//
// Numbers only: there is no name service here, and a server should not start differently when one changes its mind.
#pragma once

#include <stdint.h>

#include "arch/span.h"
#include "arch/sys.h"
#include "crt/out.h"

// A socket's address of one of these families, as bind(2), accept(2) and getsockname(2) pass it.
union address {
	__kernel_sa_family_t family; // AF_INET, AF_INET6, or AF_UNIX: of that nothing else is kept
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

// Reads "192.0.2.7", or an IPv6 address in any form of RFC 4291 §2.2 ("::1", "2001:db8::7", "::ffff:192.0.2.7") without
// brackets or zone. Strict: four decimal numbers without leading zeros for IPv4 [RFC 6943 §3.1.1 tells why]. True if it is
// one; then `address` is whole, with `port` in host order.
[[nodiscard]] bool address_parse(struct str text, uint16_t port, union address *address);

// Bytes of the address for the kernel.
uint32_t address_bytes(const union address *address);

// The port, in host order.
uint16_t address_port(const union address *address);

// Writes the address without its port: "192.0.2.7", "2001:db8::7" in the one form of RFC 5952. An IPv4 client of an IPv6
// socket (::ffff:192.0.2.7) is written as IPv4; who comes by a unix socket has none, and is "unix:".
void address_write(struct out *out, const union address *address);

// Writes how a browser reaches it: "http://192.0.2.7:8080/", "http://[::1]:8080/". [RFC 3986 §3.2.2]
void address_write_url(struct out *out, const union address *address);
