// tests/unit/httpd_body.c: apps/httpd/body.h.
//
// Every body goes in four ways: in one piece, one byte at a time, cut in two at every place, and in the pieces that
// body_least allows. All must agree, and the last may not take a byte too many.
#include "apps/httpd/body.h"

#include "crt/str.h"
#include "tests/unit/httpd_edge.h"
#include "tests/unit/unit.h"

constexpr uint64_t ALLOWED = 1000;

// Reads a body that comes in pieces of `step` bytes, the first of `first`. `used`: of all of them.
static enum body_state read_pieces(struct body body, struct str text, size_t first, size_t step, size_t *used)
{
	enum body_state state = BODY_MORE;
	*used = 0;
	for (size_t at = 0, len = first; at < text.len && state == BODY_MORE; at += len, len = step) {
		size_t part = SIZE_MAX, left = text.len - at;
		state = body_read(&body, str_slice(text, at, at + (len < left ? len : left)), &part);
		if (state == BODY_MORE && len <= left)
			CHECK_EQUAL(part, len);
		*used = at + part;
	}
	return state;
}

// Receives no more than body_least says.
static enum body_state read_least(struct body body, struct str text, size_t *used)
{
	enum body_state state = BODY_MORE;
	for (*used = 0; *used < text.len && state == BODY_MORE;) {
		uint64_t least = body_least(&body);
		size_t part, left = text.len - *used, len = least < left ? (size_t)least : left;
		if (!CHECK(least > 0))
			return BODY_BAD;
		state = body_read(&body, str_slice(text, *used, *used + len), &part);
		*used += part;
		if (state == BODY_END)
			CHECK_EQUAL(part, len); // nothing of the next request was taken
	}
	return state;
}

static size_t used;

static enum body_state take(struct body body, struct str text)
{
	size_t other;
	text = edge_str(text);
	enum body_state state = read_pieces(body, text, text.len, 1, &used);
	CHECK_EQUAL(read_pieces(body, text, 1, 1, &other), state);
	if (state == BODY_END)
		CHECK_EQUAL(other, used);
	for (size_t cut = 1; cut < text.len && cut < 300; cut++) {
		if (!CHECK_EQUAL(read_pieces(body, text, cut, text.len, &other), state))
			break;
		if (state == BODY_END)
			CHECK_EQUAL(other, used);
	}
	CHECK_EQUAL(read_least(body, text, &other), state);
	if (state == BODY_END)
		CHECK_EQUAL(other, used);
	return state;
}

#define CHUNKS(text) take(body_chunked(ALLOWED), STR(text))

// These chunks are whole, with and without the next request behind them.
#define IS_WHOLE(text)                                                             \
	(CHECK_EQUAL(CHUNKS(text), BODY_END), CHECK_EQUAL(used, sizeof(text) - 1), \
	 CHECK_EQUAL(CHUNKS(text "GET / HTTP/1.1"), BODY_END), CHECK_EQUAL(used, sizeof(text) - 1))
#define IS_BAD(text) CHECK_EQUAL(CHUNKS(text), BODY_BAD)
#define IS_MORE(text) CHECK_EQUAL(CHUNKS(text), BODY_MORE)
#define IS_TOO_LARGE(text) CHECK_EQUAL(CHUNKS(text), BODY_TOO_LARGE)

UNIT(a_length)
{
	CHECK_EQUAL(take(body_sized(5, ALLOWED), STR("hell")), BODY_MORE);
	CHECK_EQUAL(take(body_sized(5, ALLOWED), STR("hello")), BODY_END);
	CHECK_EQUAL(take(body_sized(5, 5), STR("helloGET / HTTP/1.1\r\n")), BODY_END);
	CHECK_EQUAL(used, 5);
	CHECK_EQUAL(take(body_sized(6, 5), STR("hello")), BODY_TOO_LARGE);
	CHECK_EQUAL(used, 0);
	CHECK_EQUAL(take(body_sized(UINT64_MAX, 5), STR("hello")), BODY_TOO_LARGE);
	struct body body = body_sized(7, ALLOWED);
	CHECK_EQUAL(body_read(&body, STR("abc"), &used), BODY_MORE);
	CHECK_EQUAL(body_least(&body), 4);
	CHECK_EQUAL(body_read(&body, STR(""), &used), BODY_MORE);
	CHECK_EQUAL(used, 0);
}

UNIT(chunks)
{
	IS_WHOLE("0\r\n\r\n");
	IS_WHOLE("5\r\nhello\r\n0\r\n\r\n");
	IS_WHOLE("5\r\n\r\n0\r\n\r\n0\r\n\r\n"); // five bytes that look like an end
	IS_WHOLE("1\r\na\r\n00a\r\n0123456789\r\nA\r\n0123456789\r\n000\r\n\r\n");
	IS_WHOLE("0000000000000001\r\na\r\n0\r\n\r\n");
	IS_MORE("");
	IS_MORE("5\r\nhell");
	IS_MORE("0\r\n\r");
	IS_MORE("0\r\nA: b\r\n");
}

UNIT(sizes)
{
	IS_BAD("\r\n");
	IS_BAD("g\r\n");
	IS_BAD("-1\r\n");
	IS_BAD("+1\r\n");
	IS_BAD("0x1\r\n");
	IS_BAD(" 1\r\n");
	IS_BAD("1 \r\na\r\n0\r\n\r\n"); // a blank with no extension behind it
	IS_BAD("1_\r\n");
	IS_BAD("1,1\r\n");
	IS_BAD("00000000000000001\r\na\r\n0\r\n\r\n"); // a 17th digit
	IS_BAD(";a=b\r\n");
	IS_TOO_LARGE("3e9");
	IS_TOO_LARGE("ffffffffffffffff\r\n");
	IS_TOO_LARGE("fffffffffffffffff\r\n");
	IS_TOO_LARGE("10000000000000001\r\n");
}

UNIT(line_ends)
{
	IS_BAD("5\nhello\r\n0\r\n\r\n");
	IS_BAD("5\rhello\r\n0\r\n\r\n");
	IS_BAD("5\r\r\nhello\r\n0\r\n\r\n");
	IS_BAD("5\r\nhello\n0\r\n\r\n");
	IS_BAD("5\r\nhello0\r\n\r\n");
	IS_BAD("5\r\nhello\r0\r\n\r\n");
	IS_BAD("5\r\nhelloo\r\n0\r\n\r\n");
	IS_BAD("0\n\r\n");
	IS_BAD("0\r\n\n");
	IS_BAD("0\r\n\rX");
	IS_BAD("1;a\nX\r\n0\r\n\r\n"); // an LF where one reader ends the line and the next does not
	IS_BAD("1;a=\"\n\"\r\nX\r\n0\r\n\r\n");
	IS_BAD("1;a=\"\r\n\"\r\nX\r\n0\r\n\r\n");
	IS_BAD("1;a\rb\r\nX\r\n0\r\n\r\n");
}

UNIT(extensions)
{
	IS_WHOLE("1;a\r\nX\r\n0;b=c\r\n\r\n");
	IS_WHOLE("1 \t; a \t= \tb ;c=\"d;\\\"\\\t\xff\" ; e\r\nX\r\n0\r\n\r\n");
	IS_WHOLE("1;a=\"\"\r\nX\r\n0\r\n\r\n");
	IS_BAD("1;\r\n");
	IS_BAD("1;;a\r\n");
	IS_BAD("1;a=\r\n");
	IS_BAD("1;a=b=c\r\n");
	IS_BAD("1;a b\r\n");
	IS_BAD("1;a \r\n");
	IS_BAD("1;a=b \r\n");
	IS_BAD("1;a=b c\r\n");
	IS_BAD("1;a=\"b\"c\r\n");
	IS_BAD("1;a=\"b\0\"\r\n");
	IS_BAD("1;a=\"b\\\0\"\r\n");
	IS_BAD("1;\"a\"\r\n");
	IS_BAD("1;=b\r\n");
	IS_BAD("1;a=\x01\r\n");
	IS_BAD("1 a\r\n");
}

UNIT(trailers)
{
	IS_WHOLE("0\r\nA: b\r\nC:\r\nD:\t\xff \r\n\r\n");
	IS_WHOLE("1\r\nX\r\n0\r\nContent-Length: 7\r\nTransfer-Encoding: x\r\n\r\n");
	IS_BAD("0\r\nA\r\n\r\n");
	IS_BAD("0\r\nA : b\r\n\r\n");
	IS_BAD("0\r\n: b\r\n\r\n");
	IS_BAD("0\r\n A: b\r\n\r\n");
	IS_BAD("0\r\nA: b\r\n c\r\n\r\n");
	IS_BAD("0\r\nA: b\n\r\n");
	IS_BAD("0\r\nA: b\rc\r\n\r\n");
	IS_BAD("0\r\nA: \0\r\n\r\n");
	IS_BAD("0\r\nA: b\r\n\n");
}

static char big[3 * BODY_EXTRA_BYTES_MAX];

// `start`, then so many 'a', then `end`.
static struct str filled(struct str start, size_t count, struct str end)
{
	size_t len = 0;
	for (size_t i = 0; i < start.len; i++)
		big[len++] = start.ptr[i];
	for (size_t i = 0; i < count; i++)
		big[len++] = 'a';
	for (size_t i = 0; i < end.len; i++)
		big[len++] = end.ptr[i];
	return (struct str){big, len};
}

UNIT(what_is_too_much)
{
	// Content, in one chunk and in two.
	CHECK_EQUAL(take(body_chunked(16), filled(STR("10\r\n"), 16, STR("\r\n0\r\n\r\n"))), BODY_END);
	CHECK_EQUAL(take(body_chunked(15), filled(STR("10\r\n"), 16, STR("\r\n0\r\n\r\n"))), BODY_TOO_LARGE);
	CHECK_EQUAL(take(body_chunked(2), STR("1\r\na\r\n1\r\na\r\n0\r\n\r\n")), BODY_END);
	CHECK_EQUAL(take(body_chunked(1), STR("1\r\na\r\n1\r\na\r\n0\r\n\r\n")), BODY_TOO_LARGE);
	CHECK_EQUAL(take(body_chunked(0), STR("0\r\n\r\n")), BODY_END);

	// What surrounds it: the bytes between the size and the end of the line, and those of the trailer.
	size_t max = BODY_EXTRA_BYTES_MAX;
	struct str end = STR("\r\n\r\n");
	CHECK_EQUAL(take(body_chunked(1), filled(STR("0;"), max - 2, end)), BODY_END);
	CHECK_EQUAL(take(body_chunked(1), filled(STR("0;"), max, end)), BODY_TOO_LARGE);
	CHECK_EQUAL(take(body_chunked(1), filled(STR("0\r\nA:"), max - 3, end)), BODY_END);
	CHECK_EQUAL(take(body_chunked(1), filled(STR("0\r\nA:"), max, end)), BODY_TOO_LARGE);
	CHECK_EQUAL(take(body_chunked(1), filled(STR("0;a\r\nA:"), max - 2, end)), BODY_TOO_LARGE); // together
}
