// tests/unit/httpd_request.c: apps/httpd/request.h.
//
// Every head goes in three ways: in one piece, one byte at a time, and cut in two at every place. All must agree.
#include "apps/httpd/request.h"

#include "crt/str.h"
#include "tests/unit/httpd_edge.h"
#include "tests/unit/unit.h"

constexpr size_t LIMIT = 8192;

static bool is_same_str(struct str left, struct str right)
{
	return left.ptr == right.ptr && left.len == right.len;
}

static bool is_same(const struct request *left, const struct request *right)
{
	return left->status == right->status && left->method == right->method &&
	       left->keep_alive == right->keep_alive && left->is_1_0 == right->is_1_0 &&
	       left->body_follows == right->body_follows && left->is_chunked == right->is_chunked &&
	       left->wants_continue == right->wants_continue && left->content_length == right->content_length &&
	       left->head_bytes == right->head_bytes && is_same_str(left->line, right->line) &&
	       is_same_str(left->target, right->target) && is_same_str(left->host, right->host) &&
	       is_same_str(left->wishes.if_modified_since.span, right->wishes.if_modified_since.span);
}

// Parses text that comes in pieces which end at the multiples of `step`, and at `cut`.
static enum request_state parse_pieces(struct str text, size_t step, size_t cut, size_t limit, struct request *request)
{
	*request = (struct request){0};
	enum request_state state = REQUEST_MORE;
	for (size_t len = 1; len <= text.len && state == REQUEST_MORE; len++) {
		if (len % step == 0 || len == cut || len == text.len)
			state = request_parse(request, str_take(text, len), limit);
	}
	return state;
}

static struct request request;
static enum request_state state;

// Parses text from the edge of a page to `request` and `state`.
static void parse_limited(struct str text, size_t limit)
{
	struct request other;
	text = edge_str(text);
	state = parse_pieces(text, SIZE_MAX, 0, limit, &request);

	CHECK_EQUAL(parse_pieces(text, 1, 0, limit, &other), state);
	CHECK(is_same(&other, &request));
	// Long texts are cut where it matters: at their start and their end.
	for (size_t cut = 1; cut < text.len; cut++) {
		if (cut > 300 && cut < text.len - 300)
			continue;
		if (!CHECK_EQUAL(parse_pieces(text, SIZE_MAX, cut, limit, &other), state) ||
		    !CHECK(is_same(&other, &request)))
			break;
	}
}

static void parse(struct str text)
{
	parse_limited(text, LIMIT);
}

#define IS_OK(text) (parse(STR(text)), CHECK_EQUAL(state, REQUEST_OK) && CHECK_EQUAL(request.status, HTTP_OK))
#define IS_MORE(text) (parse(STR(text)), CHECK_EQUAL(state, REQUEST_MORE))
#define IS_BAD(text, code) (parse(STR(text)), CHECK_EQUAL(state, REQUEST_BAD) && CHECK_EQUAL(request.status, (code)))

// A request of one line, or of one field beside the Host.
#define LINE(line) line "\r\nHost: h\r\n\r\n"
#define FIELD(field) "GET / HTTP/1.1\r\nHost: h\r\n" field "\r\n\r\n"

UNIT(a_request_of_a_browser)
{
	IS_OK("GET /a%20b?x=1 HTTP/1.1\r\nHost: example.org:8080\r\nUser-Agent: t\xc3\xa4st\r\nAccept: */*\r\n"
	      "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT \r\nEmpty:\r\n\r\n");
	CHECK_EQUAL(request.method, METHOD_GET);
	CHECK_STR(request.target, STR("/a%20b?x=1"));
	CHECK_STR(request.host, STR("example.org:8080"));
	CHECK_STR(field_single(&request.wishes.if_modified_since), STR("Sun, 06 Nov 1994 08:49:37 GMT"));
	CHECK_STR(request.line, STR("GET /a%20b?x=1 HTTP/1.1"));
	CHECK(request.keep_alive);
	CHECK(!request.is_1_0);
	CHECK(!request.body_follows);
	CHECK_EQUAL(request.content_length, 0);
	CHECK_EQUAL(request.head_bytes, request.scanned);
}

UNIT(a_head_ends_where_the_next_begins)
{
	struct str four = edge_str(
		STR(LINE("GET /1 HTTP/1.1") LINE("HEAD /2 HTTP/1.1") LINE("GET /3 HTTP/1.1") LINE("GET /4 HTTP/1.1")));
	for (char i = '1'; i <= '4'; i++) {
		request = (struct request){0};
		if (!CHECK_EQUAL(request_parse(&request, four, LIMIT), REQUEST_OK))
			return;
		CHECK_EQUAL(request.target.ptr[1], i);
		four = str_skip(four, request.head_bytes);
	}
	CHECK_EQUAL(four.len, 0);
}

UNIT(a_head_that_is_not_whole)
{
	IS_MORE("");
	IS_MORE("G");
	IS_MORE("GET / HTTP/1.1\r\nHost: h\r\n\r");
	IS_MORE("\r\n");
	IS_MORE("\r\n\r\n");
	IS_MORE("\x80");
}

UNIT(empty_lines_before_a_request)
{
	IS_OK("\r\n" LINE("GET / HTTP/1.1"));
	CHECK_EQUAL(request.head_bytes, sizeof("\r\n" LINE("GET / HTTP/1.1")) - 1);
	IS_OK("\r\n\r\n\r\n" LINE("GET / HTTP/1.1"));
	IS_BAD("\n" LINE("GET / HTTP/1.1"), 400);
	IS_BAD("\r\r\n" LINE("GET / HTTP/1.1"), 400);
	IS_BAD(" \r\n" LINE("GET / HTTP/1.1"), 400);
}

UNIT(methods)
{
	IS_OK(LINE("HEAD / HTTP/1.1"));
	CHECK_EQUAL(request.method, METHOD_HEAD);

	IS_BAD(LINE("POST / HTTP/1.1"), 405);
	CHECK_EQUAL(request.method, METHOD_OTHER);
	CHECK(request.keep_alive); // the head is understood: the connection may go on
	CHECK_EQUAL(request.head_bytes, sizeof(LINE("POST / HTTP/1.1")) - 1);
	IS_BAD(LINE("PUT / HTTP/1.1"), 405);
	IS_BAD(LINE("DELETE / HTTP/1.1"), 405);
	IS_BAD(LINE("PATCH / HTTP/1.1"), 405);
	IS_BAD(LINE("TRACE / HTTP/1.1"), 405);
	IS_OK(LINE("OPTIONS /a HTTP/1.1"));
	CHECK_EQUAL(request.method, METHOD_OPTIONS);
	CHECK_STR(request.target, STR("/a"));
	IS_OK(LINE("OPTIONS * HTTP/1.1"));
	CHECK_EQUAL(request.method, METHOD_OPTIONS);
	CHECK_EQUAL(request.target.len, 0);
	IS_OK(LINE("OPTIONS http://h:1 HTTP/1.1")); // what a proxy makes of the same [RFC 9112 §3.2.4]
	CHECK_EQUAL(request.target.len, 0);
	IS_BAD(LINE("CONNECT h:80 HTTP/1.1"), 501);
	IS_BAD(LINE("CONNECT [::1]:80 HTTP/1.1"), 501);
	IS_BAD(LINE("BREW / HTTP/1.1"), 501);
	CHECK(request.keep_alive);
	IS_BAD(LINE("get / HTTP/1.1"), 501); // methods are case-sensitive [RFC 9110 §9.1]
	IS_BAD(LINE("GETT / HTTP/1.1"), 501);
	IS_BAD(LINE("!#$%&'*+-.^_`|~09azAZ / HTTP/1.1"), 501);

	IS_BAD(LINE("G(T / HTTP/1.1"), 400);
	IS_BAD(LINE("G\xc3\x84T / HTTP/1.1"), 400);
	IS_BAD(LINE("GET: / HTTP/1.1"), 400);
	IS_BAD(LINE(" / HTTP/1.1"), 400);
	// A method that is not served and a head that is broken: broken.
	IS_BAD("POST / HTTP/1.1\r\n\r\n", 400);
}

UNIT(request_lines)
{
	IS_BAD(LINE("GET"), 400);
	IS_BAD(LINE("GET "), 400);
	IS_BAD(LINE("GET /"), 400);
	IS_BAD(LINE("GET / "), 400);
	IS_BAD(LINE("GET  / HTTP/1.1"), 400);
	IS_BAD(LINE("GET /  HTTP/1.1"), 400);
	IS_BAD(LINE("GET / HTTP/1.1 "), 400);
	IS_BAD(LINE(" GET / HTTP/1.1"), 400);
	IS_BAD(LINE("GET /a b HTTP/1.1"), 400);
	IS_BAD(LINE("GET\t/ HTTP/1.1"), 400);
	IS_BAD(LINE("GET /\tHTTP/1.1"), 400);
	IS_BAD(LINE("GET /a\tb HTTP/1.1"), 400);
}

UNIT(versions)
{
	IS_OK(LINE("GET / HTTP/1.1"));
	CHECK(!request.is_1_0);
	IS_OK(LINE("GET / HTTP/1.0"));
	CHECK(request.is_1_0);
	IS_OK(LINE("GET / HTTP/1.2"));
	CHECK(!request.is_1_0 && request.keep_alive);
	IS_OK(LINE("GET / HTTP/1.9"));
	IS_BAD("GET / HTTP/1.9\r\n\r\n", 400); // as 1.1, it needs a Host
	IS_BAD(LINE("GET / HTTP/0.9"), 505);
	IS_BAD(LINE("GET / HTTP/2.0"), 505);
	IS_BAD(LINE("GET / HTTP/9.9"), 505);
	IS_BAD("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505); // the preface of HTTP/2 [RFC 9113 §3.4]
	IS_BAD(LINE("GET / HTTP/2"), 400);
	IS_BAD(LINE("GET / HTTP/1.10"), 400);
	IS_BAD(LINE("GET / HTTP/01.1"), 400);
	IS_BAD(LINE("GET / HTTP/1,1"), 400);
	IS_BAD(LINE("GET / HTTP/1."), 400);
	IS_BAD(LINE("GET / HTTP/x.1"), 400);
	IS_BAD(LINE("GET / HTTP/1.x"), 400);
	IS_BAD(LINE("GET / http/1.1"), 400);
	IS_BAD(LINE("GET / ICY/1.1"), 400);
}

UNIT(an_answer_is_not_waited_for)
{
	// What is wrong with a line is said when the line ends, and a byte that no head may have, when it comes.
	IS_BAD("GET / HTTP/9.9\r\n", 505);
	IS_BAD("GET /\x01", 400);
	IS_BAD("\x16\x03\x01\x02", 400); // TLS, at the wrong port
}

UNIT(targets)
{
	IS_OK(LINE("GET /|[]{}^`\\\"<> HTTP/1.1"));
	IS_OK(LINE("GET // HTTP/1.1"));
	IS_OK(LINE("GET /? HTTP/1.1"));
	IS_OK(LINE("GET /%00 HTTP/1.1")); // target.h's business
	IS_BAD(LINE("GET /a#b HTTP/1.1"), 400);
	IS_BAD(LINE("GET /?#b HTTP/1.1"), 400);
	IS_BAD(LINE("GET /\xc3\xa4 HTTP/1.1"), 400);
	IS_BAD(LINE("GET a HTTP/1.1"), 400);
	IS_BAD(LINE("GET ?a HTTP/1.1"), 400);
	IS_BAD(LINE("GET * HTTP/1.1"), 400);
	IS_BAD(LINE("OPTIONS *a HTTP/1.1"), 400);
	IS_BAD(LINE("GET h:80 HTTP/1.1"), 400);
	IS_BAD(LINE("GET h HTTP/1.1"), 400);
	IS_BAD(LINE("CONNECT / HTTP/1.1"), 400);
	IS_BAD(LINE("CONNECT h HTTP/1.1"), 400);
	IS_BAD(LINE("CONNECT h: HTTP/1.1"), 400);
	IS_BAD(LINE("CONNECT :80 HTTP/1.1"), 400);
	IS_BAD(LINE("CONNECT [::1] HTTP/1.1"), 400);
	IS_BAD(LINE("CONNECT u@h:80 HTTP/1.1"), 400);
}

UNIT(absolute_form)
{
	IS_OK("GET http://a.example:81/x?y HTTP/1.1\r\nHost: b.example\r\n\r\n");
	CHECK_STR(request.target, STR("/x?y"));
	CHECK_STR(request.host, STR("a.example:81"));
	IS_OK("GET HTTPS://a/ HTTP/1.1\r\nHost:\r\n\r\n");
	CHECK_STR(request.host, STR("a"));
	IS_OK(LINE("GET http://a HTTP/1.1"));
	CHECK_STR(request.target, STR(""));
	IS_OK(LINE("GET http://a?b/c HTTP/1.1"));
	CHECK_STR(request.target, STR("?b/c"));
	CHECK_STR(request.host, STR("a"));
	IS_OK("GET http://[::1]/ HTTP/1.0\r\n\r\n");
	CHECK_STR(request.host, STR("[::1]"));

	IS_BAD("GET http://a/ HTTP/1.1\r\n\r\n", 400); // Host is needed all the same
	IS_BAD(LINE("GET http:///x HTTP/1.1"), 400);
	IS_BAD(LINE("GET http://:80/x HTTP/1.1"), 400);
	IS_BAD(LINE("GET http://u@a/ HTTP/1.1"), 400);
	IS_BAD(LINE("GET http:/a HTTP/1.1"), 400);
	IS_BAD(LINE("GET http HTTP/1.1"), 400);
	IS_BAD(LINE("GET httpx://a/ HTTP/1.1"), 400);
	IS_BAD(LINE("GET ftp://a/ HTTP/1.1"), 400);
	IS_BAD(LINE("GET http://a\\b/ HTTP/1.1"), 400);
}

UNIT(hosts)
{
	IS_BAD("GET / HTTP/1.1\r\n\r\n", 400);
	IS_BAD("GET / HTTP/1.1\r\nX: Host: h\r\n\r\n", 400);
	IS_BAD("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400);
	IS_BAD("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400);
	IS_OK("GET / HTTP/1.0\r\n\r\n");
	CHECK_EQUAL(request.host.len, 0);

#define HOST(value) "GET / HTTP/1.1\r\nhOST:" value "\r\n\r\n"
	IS_OK(HOST(""));
	IS_OK(HOST(" \t a.b-c_d~e%20!$&'()*+,;=1 \t "));
	CHECK_STR(request.host, STR("a.b-c_d~e%20!$&'()*+,;=1"));
	IS_OK(HOST("a:"));
	IS_OK(HOST("a:65535"));
	IS_OK(HOST("[fe80::1.2.3.4]:1"));
	IS_BAD(HOST("a:b"), 400);
	IS_BAD(HOST("a:-1"), 400);
	IS_BAD(HOST("a:1:2"), 400);
	IS_BAD(HOST("a b"), 400);
	IS_BAD(HOST("a\tb"), 400);
	IS_BAD(HOST("a/b"), 400);
	IS_BAD(HOST("u@a"), 400);
	IS_BAD(HOST("a?b"), 400);
	IS_BAD(HOST("a#b"), 400);
	IS_BAD(HOST("a\\b"), 400);
	IS_BAD(HOST("a<b"), 400);
	IS_BAD(HOST("\xc3\xa4"), 400);
	IS_BAD(HOST("[::1"), 400);
	IS_BAD(HOST("[]"), 400);
	IS_BAD(HOST("[::1]a"), 400);
	IS_BAD(HOST("[::g]"), 400);
	IS_BAD(HOST("::1"), 400);
}

UNIT(line_ends)
{
	IS_BAD("GET / HTTP/1.1\nHost: h\r\n\r\n", 400);
	CHECK_STR(request.line, STR("GET / HTTP/1.1"));
	IS_BAD("GET / HTTP/1.1\r\nHost: h\n\r\n", 400);
	IS_BAD("GET / HTTP/1.1\r\nHost: h\r\n\n", 400);
	IS_BAD("GET / HTTP/1.1\r\nHost: h\n\n", 400);
	IS_BAD("GET / HTTP/1.1\rHost: h\r\n\r\n", 400);
	IS_BAD("GET / HTTP/1.1\r\r\nHost: h\r\n\r\n", 400);
	IS_BAD(FIELD("A: b\rc"), 400);
	IS_BAD(FIELD("A: b\r\r"), 400);
	IS_BAD("GET / HTTP/1.1\r\nHost: h\r\n\r\r\n", 400);
}

UNIT(fields)
{
	IS_OK(FIELD("A: \"b\t c\" (d), \x80\xff;=\\"));
	IS_OK(FIELD("A:"));
	IS_OK(FIELD("A: \t "));
	IS_OK(FIELD("A:::b"));
	IS_OK(FIELD("!#$%&'*+-.^_`|~09azAZ: x"));
	IS_BAD(FIELD("A : b"), 400);
	IS_BAD(FIELD("A\t: b"), 400);
	IS_BAD(FIELD(" A: b"), 400);
	IS_BAD("GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400); // white space after the request line [RFC 9112 §2.2]
	IS_BAD(FIELD("A: b\r\n c"), 400);                  // folded
	IS_BAD(FIELD("A: b\r\n\tc"), 400);
	IS_BAD(FIELD("A: b\r\n "), 400);
	IS_BAD(FIELD("A"), 400);
	IS_BAD(FIELD(": b"), 400);
	IS_BAD(FIELD("A B: c"), 400);
	IS_BAD(FIELD("A(: c"), 400);
	IS_BAD(FIELD("\xc3\xa4: c"), 400);
	IS_BAD(FIELD("A: b\0c"), 400);
	IS_BAD(FIELD("A: b\x01"), 400);
	IS_BAD(FIELD("A: b\x1f"), 400);
	IS_BAD(FIELD("A: b\x7f"), 400);
	IS_BAD(FIELD("A\0: b"), 400);
	IS_BAD("GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n", 400);
}

UNIT(keeping_the_connection)
{
#define KEPT(version, fields, kept) \
	(IS_OK("GET / HTTP/" version "\r\nHost: h\r\n" fields "\r\n") && CHECK_EQUAL(request.keep_alive, kept))
	KEPT("1.1", "", true);
	KEPT("1.1", "Connection: close\r\n", false);
	KEPT("1.1", "CONNECTION: CLOSE\r\n", false);
	KEPT("1.1", "Connection: keep-alive\r\n", true);
	KEPT("1.1", "Connection: keep-alive, close\r\n", false);
	KEPT("1.1", "Connection:,, foo ,\tclose\t,\r\n", false);
	KEPT("1.1", "Connection: close\r\nConnection: keep-alive\r\n", false);
	KEPT("1.1", "Connection: closed\r\n", true);
	KEPT("1.1", "Connection: not close\r\n", true);
	KEPT("1.1", "Connection:\r\n", true);
	KEPT("1.0", "", false);
	KEPT("1.0", "Connection: Keep-Alive\r\n", true);
	KEPT("1.0", "Connection: foo\r\nConnection: keep-alive\r\n", true);
	KEPT("1.0", "Connection: keep-alive, close\r\n", false);
}

UNIT(lengths)
{
	IS_OK(FIELD("Content-Length: 0"));
	CHECK(!request.body_follows && request.keep_alive);
	IS_OK(FIELD("Content-Length: 10"));
	CHECK(request.body_follows && !request.is_chunked && request.keep_alive);
	CHECK_EQUAL(request.content_length, 10);
	CHECK_EQUAL(request.head_bytes, sizeof(FIELD("Content-Length: 10")) - 1);
	IS_OK(FIELD("Content-Length: 18446744073709551615"));
	CHECK_EQUAL(request.content_length, UINT64_MAX);
	IS_BAD(FIELD("Content-Length: 18446744073709551616"), 400);
	IS_BAD(FIELD("Content-Length:"), 400);
	IS_BAD(FIELD("Content-Length: -1"), 400);
	IS_BAD(FIELD("Content-Length: +1"), 400);
	IS_BAD(FIELD("Content-Length: 1 0"), 400);
	IS_BAD(FIELD("Content-Length: 0x1"), 400);
	IS_BAD(FIELD("Content-Length: 1, 1"), 400);
	IS_BAD(FIELD("Content-Length: 1\r\ncontent-length: 1"), 400);
	CHECK(!request.body_follows && !request.keep_alive);
	IS_BAD("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", 405);
	CHECK(request.body_follows && request.keep_alive);
	CHECK_EQUAL(request.content_length, 3);
}

UNIT(transfer_codings)
{
	IS_OK(FIELD("Transfer-Encoding: chunked"));
	CHECK(request.body_follows && request.is_chunked && request.keep_alive);
	CHECK_EQUAL(request.head_bytes, sizeof(FIELD("Transfer-Encoding: chunked")) - 1);
	IS_OK(FIELD("Transfer-Encoding:, CHUNKED ,"));
	IS_BAD(FIELD("Transfer-Encoding: gzip, chunked"), 501);
	IS_BAD(FIELD("Transfer-Encoding: foo\r\nTransfer-Encoding: chunked"), 501);
	CHECK(!request.keep_alive && !request.body_follows);
	// Chunked must be the last one, and be there once [RFC 9112 §6.3, §7.1].
	IS_BAD(FIELD("Transfer-Encoding: foo"), 400);
	IS_BAD(FIELD("Transfer-Encoding: identity"), 400);
	IS_BAD(FIELD("Transfer-Encoding: chunked, gzip"), 400);
	IS_BAD(FIELD("Transfer-Encoding: chunked, chunked"), 400);
	IS_BAD(FIELD("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400);
	IS_BAD(FIELD("Transfer-Encoding: xchunked"), 400);
	IS_BAD(FIELD("Transfer-Encoding: chunked;a=b"), 400);
	IS_BAD(FIELD("Transfer-Encoding: \"chunked\""), 400);
	IS_BAD(FIELD("Transfer-Encoding: \vchunked"), 400);
	IS_BAD(FIELD("Transfer-Encoding:"), 400);
	IS_BAD(FIELD("Content-Length: 1\r\nTransfer-Encoding: chunked"), 400);
	IS_BAD(FIELD("Transfer-Encoding: chunked\r\nContent-Length: 0"), 400);
	IS_BAD("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
}

UNIT(expectations)
{
#define ASKS "Expect: 100-continue\r\n"
#define LENGTH "Content-Length: 1"
	IS_OK(FIELD(ASKS LENGTH));
	CHECK(request.wants_continue && request.body_follows && request.keep_alive);
	IS_OK(FIELD("expect:, 100-CONTINUE ,\r\n" ASKS "Transfer-Encoding: chunked"));
	CHECK(request.wants_continue && request.is_chunked);
	IS_OK(FIELD("Expect:\r\n" LENGTH));
	CHECK(!request.wants_continue);
	IS_OK("GET / HTTP/1.1\r\nHost: h\r\n" ASKS "\r\n"); // for a body that there is not
	CHECK(!request.wants_continue && request.keep_alive);

	// Refused: nobody knows whether the body comes, so the connection cannot go on.
	IS_BAD("PUT / HTTP/1.1\r\nHost: h\r\n" ASKS LENGTH "\r\n\r\n", 405);
	CHECK(!request.wants_continue && !request.body_follows && !request.keep_alive);
	IS_BAD("PUT / HTTP/1.1\r\nHost: h\r\n" ASKS "\r\n", 405);
	CHECK(request.keep_alive);

	IS_BAD(FIELD("Expect: 200-ok\r\n" LENGTH), 417);
	CHECK(!request.body_follows && !request.keep_alive);
	IS_BAD(FIELD("Expect: 100-continue, 100-continued\r\n" LENGTH), 417);
	CHECK(!request.keep_alive);
	IS_BAD(FIELD("Expect: x=y"), 417);
	CHECK(request.keep_alive);
	IS_BAD("PUT / HTTP/1.1\r\nHost: h\r\nExpect: x\r\n\r\n", 405); // what no method can do is said first

	// HTTP/1.0 knows no expectations.
	IS_OK("GET / HTTP/1.0\r\n" ASKS "Expect: x\r\n" LENGTH "\r\n\r\n");
	CHECK(!request.wants_continue && request.body_follows);
}

UNIT(what_is_wished_for)
{
	IS_OK(FIELD("If-Modified-Since: \t x \t"));
	CHECK_STR(field_single(&request.wishes.if_modified_since), STR("x"));
	IS_OK(FIELD("If-Modified-Since: x\r\nif-modified-since: y\r\nIF-MODIFIED-SINCE: z"));
	CHECK_EQUAL(field_single(&request.wishes.if_modified_since).len, 0); // nobody knows which
	CHECK(request.wishes.if_modified_since.is_there);
	IS_OK(FIELD("range: a\r\nIf-Range: b\r\nIF-MATCH: c\r\nif-none-match: d\r\nAccept-Encoding: e\r\n"
		    "If-Unmodified-Since: f\r\nIf-Ranges: g\r\nAccept: h\r\nRang: i"));
	CHECK_STR(field_single(&request.wishes.range), STR("a"));
	CHECK_STR(field_single(&request.wishes.if_range), STR("b"));
	CHECK_STR(field_single(&request.wishes.if_match), STR("c"));
	CHECK_STR(field_single(&request.wishes.if_none_match), STR("d"));
	CHECK_STR(field_single(&request.wishes.accept_encoding), STR("e"));
	CHECK_STR(field_single(&request.wishes.if_unmodified_since), STR("f"));
	CHECK(!request.wishes.if_modified_since.is_there);
}

UNIT(a_list_in_several_lines)
{
	IS_OK(FIELD("If-None-Match:\r\nIf-None-Match: a, b\t\r\nX: If-None-Match: y\r\nif-none-match:c\r\nAccept: z"));
	struct field list = request.wishes.if_none_match;
	struct str value;
	CHECK(field_next(&list, STR("If-None-Match"), &value) && value.len == 0);
	CHECK(field_next(&list, STR("If-None-Match"), &value));
	CHECK_STR(value, STR("a, b"));
	CHECK(field_next(&list, STR("If-None-Match"), &value));
	CHECK_STR(value, STR("c"));
	CHECK(!field_next(&list, STR("If-None-Match"), &value));
	list = request.wishes.range;
	CHECK(!field_next(&list, STR("Range"), &value));
}

static char big[2 * LIMIT];

// `start`, then 'a' up to `len` bytes.
static struct str filled(struct str start, size_t len)
{
	for (size_t i = 0; i < len; i++)
		big[i] = i < start.len ? start.ptr[i] : 'a';
	return (struct str){big, len};
}

UNIT(what_does_not_fit)
{
	struct {
		struct str start;
		enum http_status status;
		enum request_method method;
	} static const cases[] = {
		{STR("GET /"), HTTP_URI_TOO_LONG, METHOD_GET},
		{STR("HEAD /"), HTTP_URI_TOO_LONG, METHOD_HEAD},
		{STR("\r\n\r\nHEAD /"), HTTP_URI_TOO_LONG, METHOD_HEAD},
		{STR("GET"), HTTP_NOT_IMPLEMENTED, METHOD_OTHER},
		{STR("{"), HTTP_BAD_REQUEST, METHOD_OTHER},
		{STR("GET / HTTP/1.1\r\n"), HTTP_FIELDS_TOO_LARGE, METHOD_GET},
		{STR("HEAD / HTTP/1.1\r\nHost: h\r\nA: "), HTTP_FIELDS_TOO_LARGE, METHOD_HEAD},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		parse_limited(filled(cases[i].start, LIMIT), LIMIT);
		CHECK_EQUAL(state, REQUEST_BAD);
		CHECK_EQUAL(request.status, cases[i].status);
		CHECK_EQUAL(request.method, cases[i].method);
		CHECK(!request.keep_alive);
		parse_limited(filled(cases[i].start, LIMIT - 1), LIMIT); // one byte may still come
		CHECK_EQUAL(state, REQUEST_MORE);
	}

	// A head that fills the room to the last byte is whole; and a line that has ended is judged before its length.
	struct str exact = STR(LINE("GET / HTTP/1.1"));
	parse_limited(exact, exact.len);
	CHECK_EQUAL(state, REQUEST_OK);
	parse_limited(exact, exact.len + 1);
	CHECK_EQUAL(state, REQUEST_OK);
	parse_limited(str_take(exact, exact.len - 1), exact.len - 1);
	CHECK_EQUAL(request.status, HTTP_FIELDS_TOO_LARGE);
	parse_limited(STR("\r\n\r\n"), 4);
	CHECK_EQUAL(request.status, HTTP_BAD_REQUEST);
	parse_limited(STR("GET / HTTP/1.1\r"), 15);
	CHECK_EQUAL(request.status, HTTP_URI_TOO_LONG);
}

UNIT(one_byte_at_a_time_costs_as_much_as_all_at_once)
{
	// What has been scanned, and lies before the line being received, must not be read again: so it is destroyed here.
	struct str head = filled(STR("GET / HTTP/1.1\r\nHost: h\r\na:"), LIMIT);
	for (size_t i = 40; i < LIMIT; i += 40)
		big[i - 2] = '\r', big[i - 1] = '\n', big[i + 1] = ':';
	struct request one = {0};
	for (size_t len = 1; len < head.len; len++) {
		size_t before = one.line_start;
		if (!CHECK_EQUAL(request_parse(&one, str_take(head, len), LIMIT), REQUEST_MORE))
			return;
		// Each call leaves at most one byte (a CR whose LF has not come) for the next to see again.
		if (!CHECK(one.scanned == len || one.scanned + 1 == len))
			return;
		// A line is parsed when it has ended, once: the next begins behind it.
		if (one.line_start != before) {
			CHECK_EQUAL(one.line_start, len);
			for (size_t i = before; i < len; i++)
				big[i] = '\1';
		}
	}
	CHECK(one.line_start > LIMIT - 50);
}
