// crt/pid1/dhcp.c: a client of DHCP.
#include "crt/pid1/dhcp.h"

#include "crt/mem.h"

// A message, and where its fields lie. [RFC 2131 §2, figure 1]
enum {
	AT_OP = 0, // 1 asks, 2 answers
	AT_HARDWARE_TYPE = 1,
	AT_HARDWARE_BYTES = 2,
	AT_EXCHANGE = 4,
	AT_SECONDS = 8,
	AT_FLAGS = 10,
	AT_CLIENT = 12, // our address, where we have one
	AT_YOURS = 16,  // the address that is offered
	AT_HARDWARE = 28,
	AT_SERVER_NAME = 44, // 64 bytes
	AT_FILE = 108,       // 128 bytes
	AT_COOKIE = 236,
	AT_OPTIONS = 240,
	BYTES_MIN = 300, // what relays of old want [RFC 1542 §2.1]
};

static const uint8_t cookie[4] = {99, 130, 83, 99}; // [RFC 2131 §3]

enum { DISCOVER = 1, OFFER = 2, REQUEST = 3, ACK = 5, NAK = 6 }; // [RFC 2132 §9.6]

enum { // [RFC 2132]
	OPTION_PAD = 0,
	OPTION_MASK = 1,
	OPTION_GATEWAY = 3,
	OPTION_NAMES = 6,
	OPTION_HOST = 12,
	OPTION_DOMAIN = 15,
	OPTION_ADDRESS = 50,
	OPTION_LEASE = 51,
	OPTION_OVERLOAD = 52,
	OPTION_KIND = 53,
	OPTION_SERVER = 54,
	OPTION_WANTED = 55,
	OPTION_RENEW = 58,
	OPTION_REBIND = 59,
	OPTION_END = 255,
};

#define FIRST_TRY_MS 4000 // doubled with each try, to 64 s, each a second more or less by chance [RFC 2131 §4.1]
#define DOUBLINGS_MAX 4
#define CHANCE_MS 1000
#define REQUESTS_MAX 4       // in some 60 s; then that server is gone [RFC 2131 §3.1, 5.]
#define LEAST_RETRY_MS 60000 // between renewals [RFC 2131 §4.4.5]

static void put_word(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t get_word(const char *at)
{
	uint32_t value = 0;
	for (unsigned i = 0; i < 4; i++)
		value = value << 8 | (uint8_t)at[i];
	return value;
}

struct dhcp dhcp_open(const uint8_t hardware[6], uint32_t chance, int64_t now_ms)
{
	struct dhcp dhcp = {.exchange = chance, .asked_ms = now_ms, .due_ms = now_ms};
	memcpy(dhcp.hardware, hardware, sizeof(dhcp.hardware));
	return dhcp;
}

static uint8_t *option(uint8_t *at, uint8_t which, const uint8_t *value, uint8_t len)
{
	*at++ = which;
	*at++ = len;
	memcpy(at, value, len);
	return at + len;
}

static size_t compose(const struct dhcp *dhcp, uint8_t kind, uint8_t into[DHCP_BYTES_MAX])
{
	static const uint8_t wanted[] = {OPTION_MASK,   OPTION_GATEWAY, OPTION_NAMES, OPTION_HOST,
					 OPTION_DOMAIN, OPTION_LEASE,   OPTION_RENEW, OPTION_REBIND};
	bool is_bound = dhcp->state >= DHCP_BOUND;
	memset(into, 0, DHCP_BYTES_MAX);
	into[AT_OP] = 1;
	into[AT_HARDWARE_TYPE] = 1; // Ethernet
	into[AT_HARDWARE_BYTES] = sizeof(dhcp->hardware);
	put_word(into + AT_EXCHANGE, dhcp->exchange);
	into[AT_SECONDS] = (uint8_t)(dhcp->seconds >> 8);
	into[AT_SECONDS + 1] = (uint8_t)dhcp->seconds;
	if (is_bound)
		memcpy(into + AT_CLIENT, dhcp->lease.address, 4);
	else
		into[AT_FLAGS] = 0x80; // answer to everybody: we have no address yet that an answer could go to
	memcpy(into + AT_HARDWARE, dhcp->hardware, sizeof(dhcp->hardware));
	memcpy(into + AT_COOKIE, cookie, sizeof(cookie));

	uint8_t *at = option(into + AT_OPTIONS, OPTION_KIND, &kind, 1);
	if (dhcp->state == DHCP_ASKING) { // only then are these there [RFC 2131 §4.3.2]
		at = option(at, OPTION_ADDRESS, dhcp->lease.address, 4);
		at = option(at, OPTION_SERVER, dhcp->lease.server, 4);
	}
	at = option(at, OPTION_WANTED, wanted, sizeof(wanted));
	*at++ = OPTION_END;
	size_t len = (size_t)(at - into);
	return len < BYTES_MIN ? BYTES_MIN : len;
}

static void seek(struct dhcp *dhcp, int64_t now_ms)
{
	dhcp->state = DHCP_SEEKING;
	dhcp->tries = 0;
	dhcp->exchange++;
	dhcp->asked_ms = dhcp->due_ms = now_ms;
}

// How long to wait for an answer to this try. Machines that were started together must not stay together: the exchange's number
// was chosen by chance, and this makes another of it for each try. [Knuth, The Art of Computer Programming, vol. 3, §6.4]
static int64_t pause_ms(const struct dhcp *dhcp)
{
	int chance = (int)((dhcp->exchange + dhcp->tries) * UINT32_C(2654435761) >> 16);
	unsigned doublings = dhcp->tries < DOUBLINGS_MAX ? dhcp->tries : DOUBLINGS_MAX;
	return (FIRST_TRY_MS << doublings) - CHANCE_MS + chance % (2 * CHANCE_MS + 1);
}

// Half of what is left until `end_ms`, but not too soon. [RFC 2131 §4.4.5]
static int64_t half_way(int64_t now_ms, int64_t end_ms)
{
	int64_t half = (end_ms - now_ms) / 2;
	int64_t next = now_ms + (half > LEAST_RETRY_MS ? half : LEAST_RETRY_MS);
	return next < end_ms ? next : end_ms;
}

size_t dhcp_send(struct dhcp *dhcp, int64_t now_ms, uint8_t into[DHCP_BYTES_MAX], uint8_t to[4])
{
	memset(to, 0, 4);
	int64_t rebind_ms = dhcp->leased_ms + (int64_t)dhcp->lease.rebind_s * 1000;
	int64_t end_ms = dhcp->leased_ms + (int64_t)dhcp->lease.lease_s * 1000;
	if (dhcp->state >= DHCP_BOUND && now_ms >= end_ms)
		seek(dhcp, now_ms);
	else if (dhcp->state >= DHCP_BOUND && now_ms >= rebind_ms)
		dhcp->state = DHCP_REBINDING;
	else if (dhcp->state == DHCP_BOUND)
		dhcp->state = DHCP_RENEWING;

	if (dhcp->state == DHCP_ASKING && dhcp->tries >= REQUESTS_MAX)
		seek(dhcp, now_ms);
	if (dhcp->state >= DHCP_BOUND && dhcp->tries == 0) {
		dhcp->exchange++;
		dhcp->asked_ms = now_ms;
	}
	if (dhcp->state != DHCP_ASKING) { // whose message must say what its DISCOVER said [RFC 2131 §3.1, 3.]
		int64_t seconds = (now_ms - dhcp->asked_ms) / 1000;
		dhcp->seconds = (uint16_t)(seconds < UINT16_MAX ? seconds : UINT16_MAX);
	}

	switch (dhcp->state) {
	case DHCP_RENEWING:
		memcpy(to, dhcp->lease.server, 4);
		[[fallthrough]];
	case DHCP_REBINDING:
		dhcp->due_ms = half_way(now_ms, dhcp->state == DHCP_RENEWING ? rebind_ms : end_ms);
		break;
	case DHCP_ASKING:
	case DHCP_SEEKING:
	case DHCP_BOUND:
		dhcp->due_ms = now_ms + pause_ms(dhcp);
	}
	dhcp->tries++;
	return compose(dhcp, dhcp->state == DHCP_SEEKING ? DISCOVER : REQUEST, into);
}

// What of an answer is of interest.
struct answer {
	uint8_t kind;
	uint8_t overload;
	bool has_server;
	struct dhcp_lease lease;
};

static void take_text(char into[64], struct str value)
{
	size_t len = 0;
	// Only what is part of a host's name: it goes into files that others read line by line.
	for (; len < value.len && len < 63; len++) {
		char byte = value.ptr[len];
		bool is_fine = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
			       (byte >= '0' && byte <= '9') || byte == '-' || byte == '.';
		if (!is_fine)
			break;
		into[len] = byte;
	}
	into[len] = '\0';
}

static void take_option(struct answer *answer, uint8_t which, struct str value)
{
	struct dhcp_lease *lease = &answer->lease;
	if (which == OPTION_HOST)
		take_text(lease->host, value);
	if (which == OPTION_DOMAIN)
		take_text(lease->domain, value);
	if (value.len == 1 && which == OPTION_KIND)
		answer->kind = (uint8_t)value.ptr[0];
	if (value.len == 1 && which == OPTION_OVERLOAD)
		answer->overload = (uint8_t)value.ptr[0];
	if (value.len < 4)
		return;
	uint32_t word = get_word(value.ptr);
	switch (which) {
	case OPTION_MASK:
		for (lease->prefix = 0; (word & 0x80000000u) != 0; word <<= 1)
			lease->prefix++;
		return;
	case OPTION_GATEWAY:
		memcpy(lease->gateway, value.ptr, 4);
		return;
	case OPTION_NAMES:
		memcpy(lease->names, value.ptr, value.len < 8 ? 4 : 8);
		return;
	case OPTION_SERVER:
		memcpy(lease->server, value.ptr, 4);
		answer->has_server = true;
		return;
	case OPTION_LEASE:
		lease->lease_s = word;
		return;
	case OPTION_RENEW:
		lease->renew_s = word;
		return;
	case OPTION_REBIND:
		lease->rebind_s = word;
	}
}

static void take_options(struct answer *answer, struct str options)
{
	for (size_t at = 0; at < options.len;) {
		uint8_t which = (uint8_t)options.ptr[at++];
		if (which == OPTION_PAD)
			continue;
		if (which == OPTION_END || at == options.len)
			return;
		size_t len = (uint8_t)options.ptr[at++];
		if (len > options.len - at)
			return;
		take_option(answer, which, (struct str){options.ptr + at, len});
		at += len;
	}
}

// Seconds that a server may have left out or mixed up: half of the lease, and seven eighths. [RFC 2131 §4.4.5]
static void order_times(struct dhcp_lease *lease)
{
	if (lease->rebind_s == 0 || lease->rebind_s >= lease->lease_s)
		lease->rebind_s = lease->lease_s - lease->lease_s / 8;
	if (lease->renew_s == 0 || lease->renew_s >= lease->rebind_s)
		lease->renew_s = (lease->lease_s / 2 < lease->rebind_s ? lease->lease_s : lease->rebind_s) / 2;
	if (lease->renew_s == 0)
		lease->renew_s = 1; // of a lease of one second; never at once, and again, and again
}

bool dhcp_receive(struct dhcp *dhcp, int64_t now_ms, struct str message)
{
	if (message.len < AT_OPTIONS || message.ptr[AT_OP] != 2 ||
	    get_word(message.ptr + AT_EXCHANGE) != dhcp->exchange ||
	    memcmp(message.ptr + AT_HARDWARE, dhcp->hardware, 6) != 0 ||
	    memcmp(message.ptr + AT_COOKIE, cookie, 4) != 0)
		return false;
	struct answer answer = {.lease.prefix = 24}; // where the server does not say
	take_options(&answer, (struct str){message.ptr + AT_OPTIONS, message.len - AT_OPTIONS});
	uint8_t overload = answer.overload;
	if ((overload & 1) != 0) // options go on in fields that booting from a server would use [RFC 2132 §9.3]
		take_options(&answer, (struct str){message.ptr + AT_FILE, AT_COOKIE - AT_FILE});
	if ((overload & 2) != 0)
		take_options(&answer, (struct str){message.ptr + AT_SERVER_NAME, AT_FILE - AT_SERVER_NAME});
	memcpy(answer.lease.address, message.ptr + AT_YOURS, 4);
	// No address without an end: the server has to say when. [RFC 2131 §4.3.1, table 3]
	bool has_lease = get_word(message.ptr + AT_YOURS) != 0 && answer.lease.lease_s != 0;

	// One server was asked, or, from DHCP_REBINDING on, all.
	bool is_asked = dhcp->state == DHCP_REBINDING ||
			((dhcp->state == DHCP_ASKING || dhcp->state == DHCP_RENEWING) &&
			 (!answer.has_server || memcmp(answer.lease.server, dhcp->lease.server, 4) == 0));
	if (dhcp->state == DHCP_SEEKING && answer.kind == OFFER && answer.has_server && has_lease) {
		dhcp->lease = answer.lease;
		dhcp->state = DHCP_ASKING;
		dhcp->tries = 0;
		dhcp->asked_ms = dhcp->due_ms = now_ms;
		return false;
	}
	if (is_asked && answer.kind == NAK) {
		seek(dhcp, now_ms);
		dhcp->due_ms = now_ms + FIRST_TRY_MS; // not at once: a server that always says no would keep us busy
		return false;
	}
	if (!is_asked || answer.kind != ACK || !has_lease)
		return false;
	if (!answer.has_server)
		memcpy(answer.lease.server, dhcp->lease.server, 4);
	order_times(&answer.lease);
	dhcp->lease = answer.lease;
	dhcp->state = DHCP_BOUND;
	dhcp->tries = 0;
	dhcp->leased_ms = dhcp->asked_ms;
	dhcp->due_ms = dhcp->leased_ms + (int64_t)answer.lease.renew_s * 1000;
	return true;
}
