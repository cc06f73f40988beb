// apps/httpd/peers.h: how many connections each address has.
//
//	place = hash(address) mod places     | a: 3 |      | c: 1 | b: 2 |      | ...
//	                                                     ^      ^ wanted the place of c
//
// A table with open places, twice as many as there can be connections, so that it is never full and a search is short. Who leaves
// as the last of an address has those behind moved up: there are no marks of the dead. An IPv6 address counts by its first half, since
// whoever has one has all of the second; IPv4 in IPv6 is IPv4. It knows no sockets and asks the kernel nothing.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "apps/httpd/address.h"

struct peer {
	uint64_t network; // the address, or what of it counts; different for different families
	uint32_t count;   // 0: the place is open
};

struct peers {
	struct peer *table;
	size_t places;   // a power of two
	uint64_t secret; // so that nobody outside knows which addresses meet in the table
	uint32_t count_max;
};

// One more of this address, who may come by count_max times at once. False: it has so many already. Clients of unix sockets have no address,
// and are not counted. The table must have an open place.
[[nodiscard]] bool peers_enter(struct peers *peers, const union address *address);

// One less, of those that have entered.
void peers_leave(struct peers *peers, const union address *address);
