// tests/fuzz/dhcp.c: whatever servers say, and whenever, a client of DHCP keeps its promises: it sends what is well formed, pauses
// between, holds no address longer than it was lent, and takes over no byte that could end a line.
//
// links: crt/pid1/dhcp.c crt/str.c
#include "crt/pid1/dhcp.h"

#include "crt/mem.h"
#include "tests/fuzz/fuzz.h"

// The input is a play of steps, each a byte and what belongs to it:
enum {
	STEP_DUE,    // it is the time that the client waits for
	STEP_LATER,  // it is some seconds later (two bytes)
	STEP_RAW,    // these bytes come (one byte: how many)
	STEP_ANSWER, // an answer comes with these options (one byte: the last of the address; one: how many)
	STEPS,
};

enum { HEAD_BYTES = 240, NAME_AT = 44, FILE_AT = 108, COOKIE_AT = 236 }; // [RFC 2131 §2, figure 1]

static const uint8_t hardware[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};

static uint8_t take_byte(struct str *text)
{
	uint8_t byte = text->len > 0 ? (uint8_t)text->ptr[0] : 0;
	*text = str_skip(*text, 1);
	return byte;
}

static void require_name(const char name[64])
{
	size_t len = 0;
	for (; len < 64 && name[len] != 0; len++)
		REQUIRE(name[len] == '-' || name[len] == '.' || ascii_is_digit(name[len]) ||
			(ascii_lower(name[len]) >= 'a' && ascii_lower(name[len]) <= 'z'));
	REQUIRE(len < 64);
}

static void require_lease(const struct dhcp *dhcp)
{
	const struct dhcp_lease *lease = &dhcp->lease;
	REQUIRE(lease->prefix <= 32);
	require_name(lease->host);
	require_name(lease->domain);
	if (dhcp->state < DHCP_BOUND)
		return;
	REQUIRE((lease->address[0] | lease->address[1] | lease->address[2] | lease->address[3]) != 0);
	REQUIRE(lease->renew_s > 0 && lease->renew_s <= lease->rebind_s && lease->rebind_s <= lease->lease_s);
	REQUIRE(dhcp->due_ms <= dhcp->leased_ms + (int64_t)lease->lease_s * 1000);
}

// What is sent can be read, and says what its state asks for.
static void require_message(const struct dhcp *dhcp, const uint8_t *bytes, size_t len, const uint8_t to[4])
{
	REQUIRE(len >= 300 && len <= DHCP_BYTES_MAX);
	bool is_asking = dhcp->state == DHCP_ASKING, has_address = false, has_server = false;
	uint8_t kind = 0;
	size_t at = HEAD_BYTES;
	for (; bytes[at] != 255; at += 2u + bytes[at + 1]) {
		REQUIRE(at + 2 + bytes[at + 1] < len);
		kind = bytes[at] == 53 ? bytes[at + 2] : kind;
		has_address |= bytes[at] == 50;
		has_server |= bytes[at] == 54;
	}
	for (; ++at < len;)
		REQUIRE(bytes[at] == 0);
	REQUIRE(kind == (dhcp->state == DHCP_SEEKING ? 1 : 3));
	REQUIRE(has_address == is_asking && has_server == is_asking);
	bool has_client = (bytes[12] | bytes[13] | bytes[14] | bytes[15]) != 0;
	REQUIRE(has_client == (dhcp->state >= DHCP_BOUND));
	REQUIRE(dhcp->state == DHCP_RENEWING || (to[0] | to[1] | to[2] | to[3]) == 0);
}

static void send_due(struct dhcp *dhcp, int64_t now_ms)
{
	uint8_t *bytes = __builtin_malloc(DHCP_BYTES_MAX), to[4];
	bool had_address = dhcp->state >= DHCP_BOUND;
	int64_t end_ms = dhcp->leased_ms + (int64_t)dhcp->lease.lease_s * 1000;
	size_t len = dhcp_send(dhcp, now_ms, bytes, to);
	require_message(dhcp, bytes, len, to);
	REQUIRE(dhcp->due_ms > now_ms);
	REQUIRE(dhcp->state != DHCP_BOUND && (!had_address || (dhcp->state >= DHCP_BOUND) == (now_ms < end_ms)));
	__builtin_free(bytes);
}

// Memory of exactly the message's size, so that a read beyond it is found.
static void receive(struct dhcp *dhcp, int64_t now_ms, const uint8_t *bytes, size_t len)
{
	char *copy = __builtin_malloc(len);
	__builtin_memcpy(copy, bytes, len);
	struct dhcp before = *dhcp;
	bool is_granted = dhcp_receive(dhcp, now_ms, (struct str){copy, len});
	REQUIRE(is_granted == (dhcp->state == DHCP_BOUND && before.state != DHCP_BOUND));
	REQUIRE(before.state != DHCP_SEEKING || dhcp->state <= DHCP_ASKING);
	REQUIRE(dhcp->due_ms >= now_ms || is_granted || dhcp->due_ms == before.due_ms);
	if (is_granted)
		REQUIRE(dhcp->leased_ms == before.asked_ms);
	__builtin_free(copy);
}

static void answer(struct dhcp *dhcp, int64_t now_ms, uint8_t last, struct str options)
{
	uint8_t bytes[HEAD_BYTES + 255] = {[0] = 2, [16] = last != 0 ? 10 : 0, [19] = last};
	for (unsigned i = 0; i < 4; i++)
		bytes[4 + i] = (uint8_t)(dhcp->exchange >> (24 - 8 * i));
	memcpy(bytes + 28, hardware, 6);
	// Where options may go on, are the same ones.
	memcpy(bytes + NAME_AT, options.ptr, options.len < FILE_AT - NAME_AT ? options.len : FILE_AT - NAME_AT);
	memcpy(bytes + FILE_AT, options.ptr, options.len < COOKIE_AT - FILE_AT ? options.len : COOKIE_AT - FILE_AT);
	memcpy(bytes + COOKIE_AT, "\x63\x82\x53\x63", 4);
	memcpy(bytes + HEAD_BYTES, options.ptr, options.len);
	receive(dhcp, now_ms, bytes, HEAD_BYTES + options.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_str(data, size);
	int64_t now_ms = 1000;
	struct dhcp dhcp = dhcp_open(hardware, 0x11223344, now_ms);
	while (text.len > 0) {
		uint8_t step = take_byte(&text) % STEPS, last = 0;
		if (step == STEP_DUE)
			now_ms = dhcp.due_ms > now_ms ? dhcp.due_ms : now_ms;
		if (step == STEP_LATER) {
			unsigned seconds = take_byte(&text);
			now_ms += (seconds << 8 | take_byte(&text)) * INT64_C(1000);
		}
		if (step == STEP_ANSWER)
			last = take_byte(&text);
		if (step == STEP_RAW || step == STEP_ANSWER) {
			size_t len = take_byte(&text);
			struct str bytes = str_take(text, len);
			text = str_skip(text, len);
			if (step == STEP_RAW)
				receive(&dhcp, now_ms, (const uint8_t *)bytes.ptr, bytes.len);
			else
				answer(&dhcp, now_ms, last, bytes);
		}
		require_lease(&dhcp);
		if (now_ms >= dhcp.due_ms)
			send_due(&dhcp, now_ms);
		require_lease(&dhcp);
	}
	return 0;
}
