// tests/fuzz/body.c: the end of a body is found at the same place in whatever pieces it comes, and never behind it.
//
// The first two bytes say which body: how much content is allowed, and whether it is chunked or of that length.
//
// links: apps/httpd/body.c crt/str.c
#include "apps/httpd/body.h"

#include "tests/fuzz/fuzz.h"

// Reads in pieces of `step` bytes; of 0: of what is certain to come.
static enum body_state read_pieces(struct body body, struct str text, size_t step, size_t *used)
{
	enum body_state state = BODY_MORE;
	for (*used = 0; *used < text.len && state == BODY_MORE;) {
		uint64_t least = body_least(&body);
		REQUIRE(least > 0);
		size_t left = text.len - *used, len = step > 0 ? step : least < left ? (size_t)least : left;
		struct str piece = str_slice(text, *used, *used + (len < left ? len : left));
		size_t part = 0;
		state = body_read(&body, piece, &part);
		REQUIRE(part <= piece.len && (state != BODY_MORE || part == piece.len));
		REQUIRE(state != BODY_END || step > 0 || part == piece.len); // nothing of what follows was taken
		REQUIRE(state != BODY_END || part >= least);                 // and it was certain to come
		*used += part;
	}
	return state;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 3)
		return 0;
	uint64_t allowed = data[0];
	struct body body = data[1] % 2 == 0 ? body_chunked(allowed * 16) : body_sized(data[1], allowed);
	struct str text = fuzz_str(data + 2, size - 2);

	size_t whole, used;
	enum body_state state = read_pieces(body, text, text.len, &whole);
	static const size_t steps[] = {0, 1, 2, 3, 7, 16};
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		REQUIRE(read_pieces(body, text, steps[i], &used) == state);
		REQUIRE(state != BODY_END || used == whole);
	}
	if (state != BODY_END)
		return 0;

	// Whole without what follows it, and not before. Chunks end with an empty line.
	struct str bytes = str_take(text, whole);
	REQUIRE(read_pieces(body, bytes, whole, &used) == BODY_END);
	REQUIRE(read_pieces(body, str_take(bytes, whole - 1), whole, &used) == BODY_MORE);
	if (data[1] % 2 == 0)
		REQUIRE(str_ends(bytes, STR("\r\n\r\n")) && fuzz_count(bytes, '0') > 0);
	return 0;
}
