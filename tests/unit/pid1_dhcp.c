// tests/unit/pid1_dhcp.c: crt/pid1/dhcp.h, with a clock that is driven and a server that says what it is told to.
#include "crt/pid1/dhcp.h"

#include "crt/mem.h"
#include "crt/str.h"
#include "tests/unit/httpd_edge.h"
#include "tests/unit/unit.h"

// The numbers of the RFCs, once more: the test does not take them from what it tests.
// [RFC 2131 §2, figure 1; RFC 2132]
enum { AT_EXCHANGE = 4, AT_SECONDS = 8, AT_FLAGS = 10, AT_CLIENT = 12, AT_YOURS = 16, AT_NEXT = 20 };
enum { AT_HARDWARE = 28, AT_SERVER_NAME = 44, AT_FILE = 108, AT_COOKIE = 236, AT_OPTIONS = 240 };
enum { MASK = 1, GATEWAY = 3, NAMES = 6, HOST = 12, DOMAIN = 15, ADDRESS = 50, LEASE = 51, OVERLOAD = 52 };
enum { KIND = 53, SERVER = 54, WANTED = 55, RENEW = 58, REBIND = 59, END = 255 };
enum { DISCOVER = 1, OFFER = 2, REQUEST = 3, ACK = 5, NAK = 6 };

#define START_MS INT64_C(5'000'000)
#define CHANCE 0x11223344u
#define HOUR_S 3600
#define SECOND_MS 1000

static const uint8_t hardware[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};
static const uint8_t nobody[4];

// What is told to a client, or what a client has said.
struct message {
	uint8_t bytes[1500];
	size_t len;
};

static uint32_t word_at(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put_word(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void add(struct message *message, uint8_t which, struct str value)
{
	message->bytes[message->len++] = which;
	message->bytes[message->len++] = (uint8_t)value.len;
	memcpy(message->bytes + message->len, value.ptr, value.len);
	message->len += value.len;
}

static void add_seconds(struct message *message, uint8_t which, uint32_t seconds)
{
	uint8_t value[4];
	put_word(value, seconds);
	add(message, which, (struct str){(const char *)value, 4});
}

// An answer to this client, to which options may be added.
static struct message answer(const struct dhcp *dhcp, uint8_t kind, const char *address)
{
	struct message message = {.bytes = {2, 1, 6}, .len = AT_OPTIONS};
	put_word(message.bytes + AT_EXCHANGE, dhcp->exchange);
	memcpy(message.bytes + AT_YOURS, address, 4);
	memcpy(message.bytes + AT_HARDWARE, dhcp->hardware, 6);
	memcpy(message.bytes + AT_COOKIE, "\x63\x82\x53\x63", 4);
	add(&message, KIND, (struct str){(const char *)&kind, 1});
	return message;
}

// The address that is granted, the server, and another of each.
#define OURS "\x0a\x00\x02\x0f"
#define OTHER "\x0a\x00\x02\x10"
#define HERE STR("\x0a\x00\x02\x02")
#define THERE STR("\x0a\x00\x02\x03")

// What a server says to most.
static struct message usual(const struct dhcp *dhcp, uint8_t kind, uint32_t lease_s)
{
	struct message message = answer(dhcp, kind, OURS);
	add(&message, SERVER, HERE);
	add_seconds(&message, LEASE, lease_s);
	return message;
}

// Takes it, from memory that ends where it ends. True: a lease was granted.
static bool take(struct dhcp *dhcp, int64_t now_ms, const struct message *message)
{
	return dhcp_receive(dhcp, now_ms, edge_str((struct str){(const char *)message->bytes, message->len}));
}

// Takes what is nothing to this client: it stays as it is.
static bool passed_over(struct dhcp *dhcp, int64_t now_ms, const struct message *message)
{
	struct dhcp before = *dhcp;
	return CHECK(!take(dhcp, now_ms, message)) && CHECK_BYTES(dhcp, &before, sizeof(before));
}

// What the client says now, and to whom.
static struct message say(struct dhcp *dhcp, int64_t now_ms, uint8_t to[4])
{
	struct message message = {0};
	struct span room = edge_span(DHCP_BYTES_MAX);
	memset(to, 0xee, 4);
	message.len = dhcp_send(dhcp, now_ms, room.ptr, to);
	memcpy(message.bytes, room.ptr, message.len);
	return message;
}

// The value of an option of what a client says; empty where it is not there.
static struct str option(const struct message *message, uint8_t which)
{
	for (size_t at = AT_OPTIONS; at < message->len && message->bytes[at] != END;
	     at += 2u + message->bytes[at + 1]) {
		if (message->bytes[at] == which)
			return (struct str){(const char *)message->bytes + at + 2, message->bytes[at + 1]};
	}
	return (struct str){0};
}

static uint8_t kind_of(const struct message *message)
{
	struct str value = option(message, KIND);
	return value.len == 1 ? (uint8_t)value.ptr[0] : 0;
}

static unsigned seconds_of(const struct message *message)
{
	return (unsigned)message->bytes[AT_SECONDS] << 8 | message->bytes[AT_SECONDS + 1];
}

// A client that has said DISCOVER at START_MS.
static struct dhcp seeking(void)
{
	uint8_t to[4];
	struct dhcp dhcp = dhcp_open(hardware, CHANCE, START_MS);
	(void)say(&dhcp, START_MS, to);
	return dhcp;
}

// One that was offered OURS by HERE, and has asked for it at START_MS.
static struct dhcp asking(void)
{
	uint8_t to[4];
	struct dhcp dhcp = seeking();
	struct message offer = usual(&dhcp, OFFER, 1);
	CHECK(!take(&dhcp, START_MS, &offer));
	CHECK_EQUAL(dhcp.state, DHCP_ASKING);
	CHECK_EQUAL(dhcp.due_ms, START_MS);
	(void)say(&dhcp, START_MS, to);
	return dhcp;
}

// One that has had it since START_MS.
static struct dhcp bound(uint32_t lease_s)
{
	struct dhcp dhcp = asking();
	struct message ack = usual(&dhcp, ACK, lease_s);
	CHECK(take(&dhcp, START_MS + 10, &ack));
	CHECK_EQUAL(dhcp.state, DHCP_BOUND);
	return dhcp;
}

// One whose renewal is under way: asked first at T1.
static struct dhcp renewing(uint32_t lease_s)
{
	uint8_t to[4];
	struct dhcp dhcp = bound(lease_s);
	(void)say(&dhcp, dhcp.due_ms, to);
	CHECK_EQUAL(dhcp.state, DHCP_RENEWING);
	return dhcp;
}

// One that asks all servers.
static struct dhcp rebinding(uint32_t lease_s)
{
	uint8_t to[4];
	struct dhcp dhcp = bound(lease_s);
	(void)say(&dhcp, START_MS + (int64_t)dhcp.lease.rebind_s * SECOND_MS, to);
	CHECK_EQUAL(dhcp.state, DHCP_REBINDING);
	return dhcp;
}

UNIT(discover)
{
	uint8_t to[4];
	struct dhcp dhcp = dhcp_open(hardware, CHANCE, START_MS);
	CHECK_EQUAL(dhcp.due_ms, START_MS);
	struct message message = say(&dhcp, START_MS, to);
	CHECK_BYTES(to, nobody, 4);
	CHECK_EQUAL(message.len, 300);
	CHECK_EQUAL(message.bytes[0], 1); // asks
	CHECK_EQUAL(message.bytes[1], 1); // Ethernet
	CHECK_EQUAL(message.bytes[2], 6);
	CHECK_EQUAL(message.bytes[3], 0);
	CHECK_EQUAL(word_at(message.bytes + AT_EXCHANGE), CHANCE);
	CHECK_EQUAL(seconds_of(&message), 0);
	CHECK_EQUAL(message.bytes[AT_FLAGS], 0x80);
	CHECK_EQUAL(message.bytes[AT_FLAGS + 1], 0);
	for (size_t i = AT_CLIENT; i < AT_HARDWARE; i++)
		CHECK_EQUAL(message.bytes[i], 0);
	CHECK_BYTES(message.bytes + AT_HARDWARE, hardware, 6);
	for (size_t i = AT_HARDWARE + 6; i < AT_COOKIE; i++)
		CHECK_EQUAL(message.bytes[i], 0);
	CHECK_BYTES(message.bytes + AT_COOKIE, "\x63\x82\x53\x63", 4);
	CHECK_EQUAL(kind_of(&message), DISCOVER);
	CHECK_EQUAL(option(&message, ADDRESS).len, 0);
	CHECK_EQUAL(option(&message, SERVER).len, 0);
	CHECK_STR(option(&message, WANTED), STR("\x01\x03\x06\x0c\x0f\x33\x3a\x3b"));
}

UNIT(request_of_what_was_offered)
{
	uint8_t to[4];
	struct dhcp dhcp = dhcp_open(hardware, CHANCE, START_MS);
	(void)say(&dhcp, START_MS, to);
	(void)say(&dhcp, START_MS + 5 * SECOND_MS, to);
	struct message offer = usual(&dhcp, OFFER, HOUR_S);
	CHECK(!take(&dhcp, START_MS + 7 * SECOND_MS, &offer));
	CHECK_EQUAL(dhcp.state, DHCP_ASKING);
	CHECK_EQUAL(dhcp.due_ms, START_MS + 7 * SECOND_MS);

	struct message message = say(&dhcp, START_MS + 7 * SECOND_MS, to);
	CHECK_BYTES(to, nobody, 4); // all servers hear which one was chosen
	CHECK_EQUAL(kind_of(&message), REQUEST);
	CHECK_EQUAL(word_at(message.bytes + AT_EXCHANGE), CHANCE);
	CHECK_EQUAL(seconds_of(&message), 5); // as in the DISCOVER before it [RFC 2131 §3.1, 3.]
	CHECK_EQUAL(message.bytes[AT_FLAGS], 0x80);
	CHECK_BYTES(message.bytes + AT_CLIENT, nobody, 4);
	CHECK_STR(option(&message, ADDRESS), STR(OURS));
	CHECK_STR(option(&message, SERVER), HERE);

	// The lease counts from that request, not from the answer.
	struct message ack = usual(&dhcp, ACK, HOUR_S);
	add(&ack, MASK, STR("\xff\xff\xff\x00"));
	add(&ack, GATEWAY, HERE);
	CHECK(take(&dhcp, START_MS + 9 * SECOND_MS, &ack));
	CHECK_EQUAL(dhcp.state, DHCP_BOUND);
	CHECK_EQUAL(dhcp.leased_ms, START_MS + 7 * SECOND_MS);
	CHECK_EQUAL(dhcp.due_ms, START_MS + (7 + HOUR_S / 2) * SECOND_MS);
	CHECK_BYTES(dhcp.lease.address, OURS, 4);
	CHECK_BYTES(dhcp.lease.server, HERE.ptr, 4);
	CHECK_BYTES(dhcp.lease.gateway, HERE.ptr, 4);
	CHECK_EQUAL(dhcp.lease.prefix, 24);
	CHECK_EQUAL(dhcp.lease.lease_s, HOUR_S);
}

// Says `count` times what is due when it is due, and checks each pause. [RFC 2131 §4.1]
static void try_again(struct dhcp *dhcp, uint8_t kind, const int64_t *seconds, unsigned count)
{
	uint8_t to[4];
	for (unsigned i = 0; i < count; i++) {
		int64_t now = dhcp->due_ms;
		struct message message = say(dhcp, now, to);
		CHECK_EQUAL(kind_of(&message), kind);
		CHECK_BYTES(to, nobody, 4);
		int64_t pause = dhcp->due_ms - now;
		CHECK(pause >= (seconds[i] - 1) * SECOND_MS && pause <= (seconds[i] + 1) * SECOND_MS);
	}
}

UNIT(nobody_answers)
{
	static const int64_t seconds[] = {4, 8, 16, 32, 64, 64, 64, 64};
	struct dhcp dhcp = dhcp_open(hardware, CHANCE, START_MS);
	try_again(&dhcp, DISCOVER, seconds, 8);
	CHECK_EQUAL(dhcp.exchange, CHANCE);

	// How long it has been, in 16 bits.
	uint8_t to[4];
	struct message message = say(&dhcp, START_MS + INT64_C(65534) * SECOND_MS, to);
	CHECK_EQUAL(seconds_of(&message), 65534);
	message = say(&dhcp, START_MS + INT64_C(65536) * SECOND_MS, to);
	CHECK_EQUAL(seconds_of(&message), 65535);
}

UNIT(machines_started_together_do_not_stay_together)
{
	uint8_t to[4];
	int64_t least = INT64_MAX, most = 0;
	for (uint32_t chance = 0; chance < 1000; chance++) {
		struct dhcp dhcp = dhcp_open(hardware, chance * 7919, START_MS);
		(void)say(&dhcp, START_MS, to);
		least = dhcp.due_ms < least ? dhcp.due_ms : least;
		most = dhcp.due_ms > most ? dhcp.due_ms : most;
	}
	CHECK(least >= START_MS + 3000 && least < START_MS + 3050);
	CHECK(most <= START_MS + 5000 && most > START_MS + 4950);
}

UNIT(the_server_is_gone_after_its_offer)
{
	static const int64_t seconds[] = {4, 8, 16, 32};
	struct dhcp dhcp = seeking();
	struct message offer = usual(&dhcp, OFFER, HOUR_S);
	CHECK(!take(&dhcp, START_MS + 10, &offer));
	try_again(&dhcp, REQUEST, seconds, 4);
	CHECK_EQUAL(dhcp.exchange, CHANCE);
	int64_t now = dhcp.due_ms;
	try_again(&dhcp, DISCOVER, seconds, 4);
	CHECK_EQUAL(dhcp.exchange, CHANCE + 1); // an answer that is late now is no answer
	CHECK_EQUAL(dhcp.asked_ms, now);
}

UNIT(renewal)
{
	uint8_t to[4];
	struct dhcp dhcp = bound(HOUR_S);
	CHECK_EQUAL(dhcp.due_ms, START_MS + 1800 * SECOND_MS); // T1, half of the lease
	struct message message = say(&dhcp, dhcp.due_ms, to);
	CHECK_EQUAL(dhcp.state, DHCP_RENEWING);
	CHECK_BYTES(to, HERE.ptr, 4);
	CHECK_EQUAL(kind_of(&message), REQUEST);
	CHECK_EQUAL(word_at(message.bytes + AT_EXCHANGE), CHANCE + 1);
	CHECK_EQUAL(seconds_of(&message), 0);
	CHECK_EQUAL(message.bytes[AT_FLAGS], 0); // we have an address to which an answer can go
	CHECK_BYTES(message.bytes + AT_CLIENT, OURS, 4);
	CHECK_EQUAL(option(&message, ADDRESS).len, 0); // [RFC 2131 §4.3.2: MUST NOT]
	CHECK_EQUAL(option(&message, SERVER).len, 0);
	CHECK_EQUAL(dhcp.due_ms, START_MS + (1800 + 675) * SECOND_MS); // half of what is left until T2

	struct message ack = usual(&dhcp, ACK, 2 * HOUR_S);
	CHECK(take(&dhcp, START_MS + 1805 * SECOND_MS, &ack));
	CHECK_EQUAL(dhcp.state, DHCP_BOUND);
	CHECK_EQUAL(dhcp.leased_ms, START_MS + 1800 * SECOND_MS);
	CHECK_EQUAL(dhcp.due_ms, START_MS + (1800 + 3600) * SECOND_MS);
	// Said twice it counts once.
	passed_over(&dhcp, START_MS + 1806 * SECOND_MS, &ack);

	// And again.
	message = say(&dhcp, dhcp.due_ms, to);
	CHECK_EQUAL(word_at(message.bytes + AT_EXCHANGE), CHANCE + 2);
	CHECK_BYTES(to, HERE.ptr, 4);
}

UNIT(renewal_rebinding_and_the_end)
{
	// Half of what is left, and 60 s at least: until T2 by the one server, until the end by all. [RFC 2131 §4.4.5]
	static const struct {
		int64_t due_s;
		enum dhcp_state state;
	} times[] = {
		{1800, DHCP_RENEWING},  {2475, DHCP_RENEWING},  {2812, DHCP_RENEWING},  {2981, DHCP_RENEWING},
		{3065, DHCP_RENEWING},  {3125, DHCP_RENEWING},  {3150, DHCP_REBINDING}, {3375, DHCP_REBINDING},
		{3487, DHCP_REBINDING}, {3547, DHCP_REBINDING}, {3600, DHCP_SEEKING},
	};
	uint8_t to[4];
	struct dhcp dhcp = bound(HOUR_S);
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		CHECK_EQUAL((dhcp.due_ms - START_MS) / SECOND_MS, times[i].due_s);
		struct message message = say(&dhcp, dhcp.due_ms, to);
		CHECK_EQUAL(dhcp.state, times[i].state);
		CHECK_BYTES(to, times[i].state == DHCP_RENEWING ? (const uint8_t *)HERE.ptr : nobody, 4);
		CHECK_EQUAL(word_at(message.bytes + AT_EXCHANGE), CHANCE + 1 + (times[i].state == DHCP_SEEKING));
		CHECK_EQUAL(kind_of(&message), times[i].state == DHCP_SEEKING ? DISCOVER : REQUEST);
		CHECK_BYTES(message.bytes + AT_CLIENT, times[i].state == DHCP_SEEKING ? nobody : (const uint8_t *)OURS,
			    4);
	}
	CHECK_BYTES(dhcp.lease.address, OURS, 4); // who is to take it away can still read it

	// From there on as at the beginning.
	struct message offer = usual(&dhcp, OFFER, HOUR_S);
	CHECK(!take(&dhcp, dhcp.due_ms, &offer));
	CHECK_EQUAL(dhcp.state, DHCP_ASKING);
}

UNIT(a_machine_that_was_stopped)
{
	// When it goes on, it is later than anything that was due.
	uint8_t to[4];
	struct dhcp dhcp = bound(HOUR_S);
	struct message message = say(&dhcp, START_MS + 3300 * SECOND_MS, to);
	CHECK_EQUAL(dhcp.state, DHCP_REBINDING);
	CHECK_BYTES(to, nobody, 4);
	CHECK_EQUAL(word_at(message.bytes + AT_EXCHANGE), CHANCE + 1);
	CHECK_EQUAL(dhcp.asked_ms, START_MS + 3300 * SECOND_MS);

	dhcp = bound(HOUR_S);
	message = say(&dhcp, START_MS + INT64_C(90000) * SECOND_MS, to);
	CHECK_EQUAL(dhcp.state, DHCP_SEEKING);
	CHECK_EQUAL(kind_of(&message), DISCOVER);
	CHECK_EQUAL(seconds_of(&message), 0);
}

UNIT(times_that_a_server_leaves_out_or_mixes_up)
{
	static const struct {
		uint32_t lease_s, renew_s, rebind_s; // 0: not said
		uint32_t renews_s, rebinds_s;
	} times[] = {
		{3600, 0, 0, 1800, 3150},
		{3600, 100, 200, 100, 200},
		{3600, 1800, 3599, 1800, 3599},
		{3600, 0, 200, 100, 200},
		{3600, 0, 2000, 1800, 2000},
		{3600, 0, 1500, 750, 1500}, // half of the lease would be too late
		{3600, 100, 0, 100, 3150},
		{3600, 3150, 0, 1800, 3150},
		{3600, 200, 100, 50, 100},
		{3600, 3600, 3600, 1800, 3150},
		{3600, 9999, 9999, 1800, 3150},
		{120, 0, 0, 60, 105},
		{10, 0, 0, 5, 9},
		{2, 0, 0, 1, 2},
		{1, 0, 0, 1, 1},
		{3600, 0, 1, 1, 1},
		{UINT32_MAX, 0, 0, UINT32_MAX / 2, UINT32_MAX - UINT32_MAX / 8}, // for ever [RFC 2131 §3.3]
	};
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		struct dhcp dhcp = asking();
		struct message ack = usual(&dhcp, ACK, times[i].lease_s);
		if (times[i].renew_s != 0)
			add_seconds(&ack, RENEW, times[i].renew_s);
		if (times[i].rebind_s != 0)
			add_seconds(&ack, REBIND, times[i].rebind_s);
		CHECK(take(&dhcp, START_MS, &ack));
		CHECK_EQUAL(dhcp.lease.lease_s, times[i].lease_s);
		CHECK_EQUAL(dhcp.lease.renew_s, times[i].renews_s);
		CHECK_EQUAL(dhcp.lease.rebind_s, times[i].rebinds_s);
		CHECK_EQUAL(dhcp.due_ms, START_MS + (int64_t)times[i].renews_s * SECOND_MS);

		// Whatever they are, the client is never due at once, again and again, and ends in time.
		uint8_t to[4];
		int64_t now = dhcp.due_ms, end = START_MS + (int64_t)times[i].lease_s * SECOND_MS;
		for (unsigned tries = 0; dhcp.state != DHCP_SEEKING; tries++) {
			now = dhcp.due_ms;
			(void)say(&dhcp, now, to);
			if (!CHECK(dhcp.due_ms > now && tries < 100))
				return;
		}
		CHECK_EQUAL(now, end);
	}
}

UNIT(another_address_at_renewal)
{
	struct dhcp dhcp = renewing(HOUR_S);
	struct message ack = answer(&dhcp, ACK, OTHER);
	add(&ack, SERVER, HERE);
	add_seconds(&ack, LEASE, HOUR_S);
	CHECK(take(&dhcp, dhcp.asked_ms, &ack));
	CHECK_BYTES(dhcp.lease.address, OTHER, 4);
}

UNIT(a_server_that_says_no)
{
	uint8_t to[4];
	struct dhcp clients[] = {asking(), renewing(HOUR_S), rebinding(HOUR_S)};
	for (size_t i = 0; i < sizeof(clients) / sizeof(*clients); i++) {
		struct dhcp *dhcp = &clients[i];
		uint32_t exchange = dhcp->exchange;
		struct message nak = answer(dhcp, NAK, "\0\0\0\0");
		add(&nak, SERVER, HERE);
		CHECK(!take(dhcp, START_MS + HOUR_S, &nak));
		CHECK_EQUAL(dhcp->state, DHCP_SEEKING);
		CHECK_EQUAL(dhcp->due_ms, START_MS + HOUR_S + 4000); // not at once
		CHECK_BYTES(dhcp->lease.address, OURS, 4);
		struct message message = say(dhcp, dhcp->due_ms, to);
		CHECK_EQUAL(kind_of(&message), DISCOVER);
		CHECK_EQUAL(word_at(message.bytes + AT_EXCHANGE), exchange + 1);
	}
}

UNIT(a_server_that_was_not_asked)
{
	struct dhcp one = asking(), two = renewing(HOUR_S), all = rebinding(HOUR_S);
	struct dhcp *clients[] = {&one, &two, &all};
	for (size_t i = 0; i < 3; i++) {
		for (uint8_t kind = ACK; kind <= NAK; kind++) {
			struct dhcp dhcp = *clients[i];
			struct message message = answer(&dhcp, kind, OURS);
			add(&message, SERVER, THERE);
			add_seconds(&message, LEASE, HOUR_S);
			if (i < 2) {
				passed_over(&dhcp, START_MS, &message);
				continue;
			}
			CHECK_EQUAL(take(&dhcp, START_MS, &message), kind == ACK);
			CHECK_EQUAL(dhcp.state, kind == ACK ? DHCP_BOUND : DHCP_SEEKING);
			if (kind == ACK)
				CHECK_BYTES(dhcp.lease.server, THERE.ptr, 4);
		}
	}

	// One that does not say who it is, is taken for the one that was asked.
	struct message ack = answer(&two, ACK, OURS);
	add_seconds(&ack, LEASE, HOUR_S);
	CHECK(take(&two, START_MS, &ack));
	CHECK_BYTES(two.lease.server, HERE.ptr, 4);
}

UNIT(what_is_no_answer_to_us)
{
	struct dhcp clients[] = {seeking(), asking(), bound(HOUR_S), renewing(HOUR_S), rebinding(HOUR_S)};
	for (size_t i = 0; i < sizeof(clients) / sizeof(*clients); i++) {
		struct dhcp *dhcp = &clients[i];
		uint8_t fitting = dhcp->state == DHCP_SEEKING ? OFFER : ACK;
		// Another kind than this state waits for.
		for (unsigned kind = 0; kind < 256; kind++) {
			bool is_answer = dhcp->state == DHCP_SEEKING ? kind == OFFER
					 : dhcp->state == DHCP_BOUND ? false
								     : kind == ACK || kind == NAK;
			struct message message = usual(dhcp, (uint8_t)kind, HOUR_S);
			if (!is_answer)
				passed_over(dhcp, START_MS, &message);
		}
		// Every bit of the exchange's number, of the hardware's address, of the cookie, and of who speaks.
		static const struct {
			size_t at, len;
		} parts[] = {{0, 1}, {AT_EXCHANGE, 4}, {AT_HARDWARE, 6}, {AT_COOKIE, 4}};
		for (size_t part = 0; part < sizeof(parts) / sizeof(*parts); part++) {
			for (size_t bit = 0; bit < 8 * parts[part].len; bit++) {
				struct message message = usual(dhcp, fitting, HOUR_S);
				message.bytes[parts[part].at + bit / 8] ^= (uint8_t)(1u << bit % 8);
				passed_over(dhcp, START_MS, &message);
			}
		}
		// No address, no kind, no length of the lease, or one of zero.
		struct message message = answer(dhcp, fitting, "\0\0\0\0");
		add(&message, SERVER, HERE);
		add_seconds(&message, LEASE, HOUR_S);
		passed_over(dhcp, START_MS, &message);
		message = usual(dhcp, fitting, HOUR_S);
		message.bytes[AT_OPTIONS] = 0xf0; // an option that nobody knows
		passed_over(dhcp, START_MS, &message);
		message = answer(dhcp, fitting, OURS);
		add(&message, SERVER, HERE);
		passed_over(dhcp, START_MS, &message);
		message = usual(dhcp, fitting, 0);
		passed_over(dhcp, START_MS, &message);
	}

	// An offer by nobody.
	struct message offer = answer(&clients[0], OFFER, OURS);
	add_seconds(&offer, LEASE, HOUR_S);
	passed_over(&clients[0], START_MS, &offer);
}

// The lease that an ACK with these bytes behind its kind, its server and its time gives.
static struct dhcp_lease lease_of(struct str options)
{
	struct dhcp dhcp = asking();
	struct message ack = usual(&dhcp, ACK, HOUR_S);
	memcpy(ack.bytes + ack.len, options.ptr, options.len);
	ack.len += options.len;
	CHECK(take(&dhcp, START_MS, &ack));
	return dhcp.lease;
}

UNIT(options)
{
	struct dhcp_lease lease = lease_of(STR("\x01\x04\xff\xff\xf0\x00"
					       "\x03\x08\x0a\x00\x02\x02\x0a\x00\x02\x63"
					       "\x06\x0c\x0a\x00\x02\x35\x0a\x00\x02\x36\x0a\x00\x02\x37"
					       "\x0c\x04name\x0f\x0b"
					       "example.org\xff"));
	CHECK_EQUAL(lease.prefix, 20);
	CHECK_BYTES(lease.gateway, HERE.ptr, 4);
	CHECK_BYTES(lease.names, "\x0a\x00\x02\x35\x0a\x00\x02\x36", 8);
	CHECK_STR(str_from_cstr(lease.host), STR("name"));
	CHECK_STR(str_from_cstr(lease.domain), STR("example.org"));

	// None, and what then holds.
	lease = lease_of(STR(""));
	CHECK_EQUAL(lease.prefix, 24);
	CHECK_BYTES(lease.gateway, nobody, 4);
	CHECK_BYTES(lease.names[0], nobody, 4);
	CHECK_BYTES(lease.names[1], nobody, 4);
	CHECK_STR(str_from_cstr(lease.host), STR(""));
	CHECK_STR(str_from_cstr(lease.domain), STR(""));

	// One name server; masks of all ones, of none, and with a hole; an option twice; what nobody knows; no bytes at all;
	// padding; and nothing behind the end.
	lease = lease_of(STR("\x06\x04\x0a\x00\x02\x35\x01\x04\xff\xff\xff\xff"));
	CHECK_BYTES(lease.names, "\x0a\x00\x02\x35\x00\x00\x00\x00", 8);
	CHECK_EQUAL(lease.prefix, 32);
	CHECK_EQUAL(lease_of(STR("\x01\x04\x00\x00\x00\x00")).prefix, 0);
	CHECK_EQUAL(lease_of(STR("\x01\x04\xff\x00\xff\x00")).prefix, 8);
	CHECK_EQUAL(lease_of(STR("\x01\x04\xff\x00\x00\x00\x01\x04\xff\xff\x00\x00")).prefix, 16);
	CHECK_EQUAL(lease_of(STR("\xe0\x02\x01\x04\x01\x04\xff\xff\x00\x00")).prefix, 16);
	CHECK_EQUAL(lease_of(STR("\xe0\x00\x00\x00\x00\x01\x04\xff\xff\x00\x00")).prefix, 16);
	CHECK_EQUAL(lease_of(STR("\xff\x00\x01\x04\xff\xff\x00\x00")).prefix, 24);
}

UNIT(options_that_are_too_short_or_too_long)
{
	// Shorter than what it is to hold: as if it were not there.
	CHECK_EQUAL(lease_of(STR("\x01\x03\xff\xff\x00")).prefix, 24);
	CHECK_EQUAL(lease_of(STR("\x01\x00")).prefix, 24);
	CHECK_BYTES(lease_of(STR("\x03\x03\x0a\x00\x02")).gateway, nobody, 4);
	CHECK_BYTES(lease_of(STR("\x06\x03\x0a\x00\x02")).names, "\0\0\0\0\0\0\0\0", 8);
	CHECK_BYTES(lease_of(STR("\x06\x07\x0a\x00\x02\x35\x0a\x00\x02")).names, "\x0a\x00\x02\x35\0\0\0\0", 8);
	CHECK_EQUAL(lease_of(STR("\x33\x03\x00\x00\x01")).lease_s, HOUR_S);
	CHECK_BYTES(lease_of(STR("\x36\x01\x01")).server, HERE.ptr, 4);
	CHECK_EQUAL(lease_of(STR("\x35\x02\x06\x06\x35\x00")).lease_s, HOUR_S); // a kind is one byte
	// Longer than the message: it ends the options.
	CHECK_EQUAL(lease_of(STR("\x01\x05\xff\xff\x00\x00")).prefix, 24);
	CHECK_EQUAL(lease_of(STR("\x01")).prefix, 24);
	CHECK_EQUAL(lease_of(STR("\xe0\xff\x01\x04\xff\xff\x00\x00")).prefix, 24);
}

UNIT(names_are_names)
{
	// They go into files that others read line by line.
	CHECK_STR(str_from_cstr(lease_of(STR("\x0c\x0cname\nnameserv")).host), STR("name"));
	CHECK_STR(str_from_cstr(lease_of(STR("\x0c\x05"
					     "a b c"))
					.host),
		  STR("a"));
	CHECK_STR(str_from_cstr(lease_of(STR("\x0c\x05"
					     "ab\0cd"))
					.host),
		  STR("ab"));
	CHECK_STR(str_from_cstr(lease_of(STR("\x0c\x03\xc3\xa4"
					     "b"))
					.host),
		  STR(""));
	CHECK_STR(str_from_cstr(lease_of(STR("\x0c\x00")).host), STR(""));
	CHECK_STR(str_from_cstr(lease_of(STR("\x0f\x0d"
					     "A-Z.a-z.0-9.x"))
					.domain),
		  STR("A-Z.a-z.0-9.x"));
	CHECK_STR(str_from_cstr(lease_of(STR("\x0f\x03/[`")).domain), STR(""));
	CHECK_STR(str_from_cstr(lease_of(STR("\x0f\x03{@:")).domain), STR(""));
	CHECK_STR(str_from_cstr(lease_of(STR("\x0f\x01{")).domain), STR(""));
	CHECK_STR(str_from_cstr(lease_of(STR("\x0f\x01@")).domain), STR(""));
	CHECK_STR(str_from_cstr(lease_of(STR("\x0f\x01:")).domain), STR(""));

	// As long as there is room.
	for (uint8_t len = 62; len <= 65; len++) {
		char option[2 + 65] = {HOST, (char)len};
		memset(option + 2, 'a', len);
		CHECK_EQUAL(str_from_cstr(lease_of((struct str){option, 2u + len}).host).len, len < 63 ? len : 63);
	}
	char option[2 + 255] = {DOMAIN, (char)255};
	memset(option + 2, 'a', 255);
	CHECK_EQUAL(str_from_cstr(lease_of((struct str){option, sizeof(option)}).domain).len, 63);
}

UNIT(options_that_go_on_in_other_fields)
{
	// [RFC 2132 §9.3]
	for (uint8_t overload = 0; overload < 8; overload++) {
		struct dhcp dhcp = asking();
		struct message ack = usual(&dhcp, ACK, HOUR_S);
		add(&ack, OVERLOAD, (struct str){(const char *)&overload, 1});
		ack.bytes[ack.len++] = END;
		memcpy(ack.bytes + AT_FILE, "\x00\x01\x04\xff\xff\x00\x00\x0c\x04name\xff\x0c\x01x", 17);
		memcpy(ack.bytes + AT_SERVER_NAME,
		       "\x0f\x07"
		       "example\xff\x0f\x01x",
		       13);
		CHECK(take(&dhcp, START_MS, &ack));
		CHECK_EQUAL(dhcp.lease.prefix, (overload & 1) != 0 ? 16 : 24);
		CHECK_STR(str_from_cstr(dhcp.lease.host), (overload & 1) != 0 ? STR("name") : STR(""));
		CHECK_STR(str_from_cstr(dhcp.lease.domain), (overload & 2) != 0 ? STR("example") : STR(""));
	}

	// The field ends where the next begins, whatever length an option there says; and that it goes on is said in one place.
	struct dhcp dhcp = asking();
	struct message ack = usual(&dhcp, ACK, HOUR_S);
	add(&ack, OVERLOAD, STR("\x01"));
	memcpy(ack.bytes + AT_FILE, "\x34\x01\x02", 3);
	memset(ack.bytes + AT_FILE + 3, 0, AT_COOKIE - AT_FILE - 3);
	memcpy(ack.bytes + AT_COOKIE - 4,
	       "\x0c\x03"
	       "ab",
	       4);
	memcpy(ack.bytes + AT_SERVER_NAME,
	       "\x0f\x07"
	       "example\xff",
	       10);
	CHECK(take(&dhcp, START_MS, &ack));
	CHECK_STR(str_from_cstr(dhcp.lease.host), STR(""));
	CHECK_STR(str_from_cstr(dhcp.lease.domain), STR(""));

	// All that matters may stand there.
	dhcp = asking();
	ack = answer(&dhcp, ACK, OURS);
	ack.len = AT_OPTIONS;
	add(&ack, OVERLOAD, STR("\x03"));
	memcpy(ack.bytes + AT_FILE, "\x35\x01\x05\xff", 4);
	memcpy(ack.bytes + AT_SERVER_NAME, "\x33\x04\x00\x00\x0e\x10\xff", 7);
	CHECK(take(&dhcp, START_MS, &ack));
	CHECK_EQUAL(dhcp.lease.lease_s, HOUR_S);
}

UNIT(an_answer_that_ends_anywhere)
{
	struct dhcp client = asking();
	struct message ack = usual(&client, ACK, HOUR_S);
	size_t enough = ack.len;
	add(&ack, OVERLOAD, STR("\x03"));
	add(&ack, MASK, STR("\xff\xff\xf0\x00"));
	add(&ack, GATEWAY, HERE);
	add(&ack, NAMES, STR("\x0a\x00\x02\x35\x0a\x00\x02\x36"));
	add(&ack, HOST, STR("name"));
	add(&ack, DOMAIN, STR("example.org"));
	add_seconds(&ack, RENEW, 100);
	add_seconds(&ack, REBIND, 200);
	ack.bytes[ack.len++] = END;
	size_t len = ack.len;
	for (ack.len = 0; ack.len <= len; ack.len++) {
		struct dhcp dhcp = client;
		if (ack.len < enough)
			passed_over(&dhcp, START_MS, &ack);
		else
			CHECK(take(&dhcp, START_MS, &ack));
		CHECK(dhcp.lease.renew_s < HOUR_S);
	}

	// And an offer.
	struct dhcp seeker = seeking();
	struct message offer = usual(&seeker, OFFER, HOUR_S);
	len = offer.len;
	for (offer.len = 0; offer.len < len; offer.len++)
		passed_over(&seeker, START_MS, &offer);
}
