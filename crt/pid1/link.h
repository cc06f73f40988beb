// crt/pid1/link.h: network interfaces, and what can be done to one. Each is one exchange with the kernel, and asks for
// CAP_NET_ADMIN. [rtnetlink(7)]
#pragma once

#include "crt/pid1/ip.h"

struct link {
	int number;
	char name[16];       // ended by NUL [Linux include/uapi/linux/if.h, IFNAMSIZ]
	uint8_t hardware[6]; // its Ethernet address
};

// Finds the interface of that name; where `name` is empty, the first that leads to others. Zero, or -ENODEV, or -errno.
[[nodiscard]] int link_find(struct str name, struct link *link);

// Switches it on. Zero or -errno.
[[nodiscard]] int link_up(const struct link *link);

// Gives it an address, at once of use, and the network behind it: the bits that the two share. One that it has already is
// fine. Zero or -errno.
[[nodiscard]] int link_add_address(const struct link *link, const struct ip_address *address, unsigned prefix);

// Takes an address away. Zero or -errno.
[[nodiscard]] int link_drop_address(const struct link *link, const struct ip_address *address, unsigned prefix);

// Sends what is for nobody near through this gateway, instead of another. Zero or -errno.
[[nodiscard]] int link_set_gateway(const struct link *link, const struct ip_address *gateway);
