// tests/fuzz/ip.c: a command line is cut into words that lie in it, and a wish that can be read is the same wish written anew.
//
// links: crt/pid1/words.c crt/pid1/ip.c crt/ip.c crt/str.c crt/out.c arch/errno.c
#include "crt/pid1/ip.h"

#include "crt/mem.h"
#include "crt/out.h"
#include "crt/pid1/words.h"
#include "tests/fuzz/fuzz.h"

static void require_inside(struct str part, struct str text)
{
	REQUIRE(part.len == 0 || (part.ptr >= text.ptr && part.ptr + part.len <= text.ptr + text.len));
}

static void write_address(struct out *out, const struct ip_address *address)
{
	if (address->len == 16)
		out_byte(out, '[');
	for (unsigned i = 0; i < address->len; i++) {
		if (i > 0 && (address->len == 4 || i % 2 == 0))
			out_byte(out, address->len == 4 ? '.' : ':');
		if (address->len == 4)
			out_unsigned(out, address->bytes[i]);
		else
			out_hex(out, address->bytes[i], 2);
	}
	if (address->len == 16)
		out_byte(out, ']');
}

static struct str write(const struct ip_wish *wish, struct span memory)
{
	struct out out = out_to_memory(memory);
	write_address(&out, &wish->address);
	out_str(&out, STR("::"));
	write_address(&out, &wish->gateway);
	out_byte(&out, ':');
	out_unsigned(&out, wish->prefix);
	out_byte(&out, ':');
	for (unsigned i = 0; i < 2; i++) { // in brackets, as they may have colons
		out_byte(&out, '[');
		out_str(&out, i == 0 ? wish->host : wish->interface);
		out_str(&out, STR("]:"));
	}
	out_str(&out, wish->asks ? STR("dhcp:") : STR("off:"));
	write_address(&out, &wish->names[0]);
	out_byte(&out, ':');
	write_address(&out, &wish->names[1]);
	REQUIRE(out.error == 0);
	return out_written(&out);
}

static void require_same_address(const struct ip_address *one, const struct ip_address *other)
{
	REQUIRE(one->len == other->len && memcmp(one->bytes, other->bytes, one->len) == 0);
}

static void try_wish(struct str text)
{
	static uint8_t memory[16384];
	struct ip_wish wish, again;
	if (!ip_wish_parse(text, &wish))
		return;
	require_inside(wish.host, text);
	require_inside(wish.interface, text);
	REQUIRE(wish.address.len == 0 || wish.address.len == 4 || wish.address.len == 16);
	REQUIRE(wish.prefix <= 8u * (wish.address.len == 16 ? 16 : wish.address.len == 4 ? 4 : 64));
	REQUIRE(wish.address.len == 0 || wish.gateway.len == 0 || wish.address.len == wish.gateway.len);
	if (fuzz_count(wish.host, ']') + fuzz_count(wish.interface, ']') > 0 ||
	    (wish.address.len == 0 && wish.prefix > 32))
		return; // the one cannot be written, and the other means nothing

	REQUIRE(ip_wish_parse(write(&wish, SPAN(memory)), &again));
	require_same_address(&again.address, &wish.address);
	require_same_address(&again.gateway, &wish.gateway);
	require_same_address(&again.names[0], &wish.names[0]);
	require_same_address(&again.names[1], &wish.names[1]);
	REQUIRE(again.prefix == wish.prefix && again.asks == wish.asks);
	REQUIRE(str_equal(again.host, wish.host) && str_equal(again.interface, wish.interface));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_str(data, size), line = text;
	try_wish(text);
	for (struct word word; line.len > 0;) {
		struct str before = line;
		bool is_word = word_next(&line, &word);
		require_inside(line, text);
		REQUIRE(line.len < before.len || (before.len > 0 && !is_word));
		if (!is_word)
			break;
		require_inside(word.name, before);
		require_inside(word.value, before);
		REQUIRE(word.name.len + word.value.len + line.len <= before.len);
		if (str_equal(word.name, STR("ip")))
			try_wish(word.value);
	}
	(void)word_value(text, STR("ip"));
	return 0;
}
