// tests/unit/httpd_peers.c: apps/httpd/peers.h, beside a plain list of the same.
#include "apps/httpd/peers.h"

#include "crt/str.h"
#include "tests/unit/unit.h"

#define PLACES 64

static struct peer table[PLACES];

static struct peers peers_new(uint32_t count_max)
{
	for (size_t i = 0; i < PLACES; i++)
		table[i] = (struct peer){0};
	return (struct peers){
		.table = table, .places = PLACES, .secret = UINT64_C(0x123456789abcdef), .count_max = count_max};
}

static union address of(struct str text)
{
	union address address;
	CHECK(address_parse(text, 80, &address));
	return address;
}

UNIT(so_many_and_no_more)
{
	struct peers peers = peers_new(2);
	union address one = of(STR("192.0.2.1")), two = of(STR("192.0.2.2"));
	CHECK(peers_enter(&peers, &one) && peers_enter(&peers, &one) && !peers_enter(&peers, &one));
	CHECK(peers_enter(&peers, &two));
	peers_leave(&peers, &one);
	CHECK(peers_enter(&peers, &one) && !peers_enter(&peers, &one));
}

UNIT(which_addresses_are_one)
{
	struct peers peers = peers_new(1);
	union address mapped = of(STR("::ffff:192.0.2.1")), v4 = of(STR("192.0.2.1"));
	CHECK(peers_enter(&peers, &mapped) && !peers_enter(&peers, &v4));
	union address left = of(STR("2001:db8:1:2::1")), right = of(STR("2001:db8:1:2:ffff::7")),
		      other = of(STR("2001:db8:1:3::1"));
	CHECK(peers_enter(&peers, &left) && !peers_enter(&peers, &right) && peers_enter(&peers, &other));
	union address self = of(STR("::1")), any = of(STR("0.0.0.0")), local = of(STR("127.0.0.1"));
	CHECK(peers_enter(&peers, &self) && peers_enter(&peers, &local));
	CHECK(!peers_enter(&peers, &any)); // ::/64 and 0.0.0.0 are one; from neither does anybody come but ::1
	union address path = {.family = AF_UNIX};
	for (int i = 0; i < 10; i++)
		CHECK(peers_enter(&peers, &path));
	for (int i = 0; i < 10; i++)
		peers_leave(&peers, &path);
}

UNIT(a_hundred_thousand_comings_and_goings)
{
	static uint32_t counts[40];
	static unsigned total;
	struct peers peers = peers_new(3);
	uint32_t random = 1;
	for (int round = 0; round < 100000; round++) {
		random = random * 1664525 + 1013904223;
		unsigned who = random >> 8 & 31, leaves = random >> 20 & 1;
		union address address = {.v4 = {.sin_family = AF_INET, .sin_addr = {who * 0x01000193u}}};
		if (leaves && counts[who] > 0) {
			peers_leave(&peers, &address);
			counts[who]--;
			total--;
		} else if (!leaves && total < PLACES / 2) {
			bool entered = peers_enter(&peers, &address);
			if (!CHECK_EQUAL(entered, counts[who] < 3))
				return;
			counts[who] += entered;
			total += entered;
		}
	}
	uint32_t left = 0;
	for (size_t i = 0; i < PLACES; i++)
		left += table[i].count;
	CHECK_EQUAL(left, total);
}
