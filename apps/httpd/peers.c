// apps/httpd/peers.c: how many connections each address has.
#include "apps/httpd/peers.h"

#include "crt/mem.h"

// Numbers for IPv4 lie where IPv6 has ::/64, from which nobody comes.
static uint64_t network_of(const union address *address)
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0,    0,
					   0, 0, 0, 0, 0xff, 0xff}; // ::ffff:0:0/96 [RFC 4291 §2.5.5.2]
	uint32_t v4 = address->v4.sin_addr.s_addr;
	uint64_t v6;
	if (address->family == AF_INET6) {
		const uint8_t *bytes = address->v6.sin6_addr.in6_u.u6_addr8;
		memcpy(&v6, bytes, sizeof(v6));
		memcpy(&v4, bytes + sizeof(mapped), sizeof(v4));
		if (memcmp(bytes, mapped, sizeof(mapped)) != 0)
			return v6;
	}
	return (uint64_t)v4 << 32;
}

static size_t place_of(const struct peers *peers, uint64_t network)
{
	uint64_t mixed = (network ^ peers->secret) * UINT64_C(0x9e3779b97f4a7c15);
	mixed = (mixed ^ mixed >> 32) * (peers->secret | 1);
	return (size_t)(mixed >> 32) & (peers->places - 1);
}

static size_t next_of(const struct peers *peers, size_t place)
{
	return (place + 1) & (peers->places - 1);
}

// Where the network is, or the open place where it would be.
static size_t find(const struct peers *peers, uint64_t network)
{
	size_t place = place_of(peers, network);
	while (peers->table[place].count != 0 && peers->table[place].network != network)
		place = next_of(peers, place);
	return place;
}

bool peers_enter(struct peers *peers, const union address *address)
{
	if (address->family == AF_UNIX)
		return true;
	uint64_t network = network_of(address);
	struct peer *peer = &peers->table[find(peers, network)];
	if (peer->count >= peers->count_max)
		return false;
	peer->network = network;
	peer->count++;
	return true;
}

void peers_leave(struct peers *peers, const union address *address)
{
	if (address->family == AF_UNIX)
		return;
	size_t open = find(peers, network_of(address));
	if (--peers->table[open].count != 0)
		return;
	// Whoever stands behind, and would be sought from the open place on or before it, moves up.
	for (size_t place = next_of(peers, open); peers->table[place].count != 0; place = next_of(peers, place)) {
		size_t wanted = place_of(peers, peers->table[place].network);
		size_t mask = peers->places - 1;
		if (((place - wanted) & mask) < ((place - open) & mask))
			continue;
		peers->table[open] = peers->table[place];
		peers->table[place].count = 0;
		open = place;
	}
}
