// crt/pid1/ip.h: what the kernel's command line wants of the network, from text.
//
//	ip=192.0.2.7::192.0.2.1:255.255.255.0:name:eth0:off:192.0.2.53      [Linux Documentation/admin-guide/nfs/nfsroot.rst]
//	ip=[2001:db8::7]::[2001:db8::1]:64:name:eth0:off                    IPv6, in brackets, as dracut has it
//	ip=dhcp    ip=:::::eth1:dhcp                                        ask
//	ip=off                                                              nothing
//
// The fields: address, server, gateway, netmask (or the length of the prefix), host name (all of it, with its dots), interface,
// how, two name servers, and what else there is, which is passed over. All of them may be empty: with neither an address nor how,
// it asks. It knows no interface and makes no system call.
#pragma once

#include <stdint.h>

#include "arch/span.h"

struct ip_address {
	uint8_t bytes[16];
	uint8_t len; // 4 or 16; 0: none
};

struct ip_wish {
	struct ip_address address;
	struct ip_address gateway;
	unsigned prefix;            // bits that address and network share
	struct str host;            // empty: none
	struct str interface;       // empty: the first
	bool asks;                  // by DHCP
	struct ip_address names[2]; // servers
};

// Reads what stands behind "ip=". The texts point into `text`. False: it cannot be read.
[[nodiscard]] bool ip_wish_parse(struct str text, struct ip_wish *wish);
