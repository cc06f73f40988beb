// tests/fuzz/request.c: a request's head is read the same in whatever pieces it comes, and holds what it promises.
//
// links: apps/httpd/request.c apps/httpd/wishes.c crt/str.c
#include "apps/httpd/request.h"

#include "tests/fuzz/fuzz.h"

static bool is_same_str(struct str left, struct str right)
{
	return left.ptr == right.ptr && left.len == right.len;
}

static void require_same(const struct request *left, const struct request *right)
{
	REQUIRE(left->status == right->status && left->method == right->method);
	REQUIRE(left->keep_alive == right->keep_alive && left->is_1_0 == right->is_1_0);
	REQUIRE(left->body_follows == right->body_follows && left->is_chunked == right->is_chunked);
	REQUIRE(left->wants_continue == right->wants_continue && left->content_length == right->content_length);
	REQUIRE(left->head_bytes == right->head_bytes);
	REQUIRE(is_same_str(left->line, right->line) && is_same_str(left->target, right->target));
	REQUIRE(is_same_str(left->host, right->host));
	REQUIRE(is_same_str(left->wishes.range.span, right->wishes.range.span));
	REQUIRE(is_same_str(left->wishes.if_none_match.span, right->wishes.if_none_match.span));
}

static void require_inside(struct str part, struct str whole)
{
	REQUIRE(part.len == 0 || (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len));
	for (size_t i = 0; i < part.len; i++)
		REQUIRE((uint8_t)part.ptr[i] >= ' ' || part.ptr[i] == '\t');
}

static void require_promises(enum request_state state, const struct request *request, struct str text)
{
	if (state == REQUEST_MORE)
		return;
	require_inside(request->line, text);
	REQUIRE((state == REQUEST_OK) == (request->status == HTTP_OK));
	REQUIRE(!(request->keep_alive || request->body_follows) || request->head_bytes > 0);
	REQUIRE(request->body_follows || !request->wants_continue);
	REQUIRE(request->head_bytes <= text.len);
	if (request->head_bytes > 0)
		REQUIRE(str_ends(str_take(text, request->head_bytes), STR("\r\n\r\n")));
	if (state == REQUEST_BAD)
		return;

	struct str head = str_take(text, request->head_bytes);
	REQUIRE(request->method != METHOD_OTHER);
	REQUIRE(head.len > 0);
	REQUIRE(fuzz_count(head, '\n') == fuzz_count(head, '\r') && fuzz_count(head, '\0') == 0);
	require_inside(request->target, head);
	require_inside(request->host, head);
	require_inside(field_single(&request->wishes.if_modified_since), head);
	struct field tags = request->wishes.if_none_match;
	for (struct str value; field_next(&tags, STR("If-None-Match"), &value);)
		require_inside(value, head);
	REQUIRE(request->target.len == 0 || request->target.ptr[0] == '/' || request->target.ptr[0] == '?');
	REQUIRE(fuzz_count(request->target, '#') + fuzz_count(request->target, ' ') == 0);
	REQUIRE(fuzz_count(request->host, '/') + fuzz_count(request->host, '@') + fuzz_count(request->host, ' ') == 0);
	REQUIRE(request->body_follows == (request->is_chunked || request->content_length > 0));
	REQUIRE(!request->is_chunked || request->content_length == 0);
}

// Reads `text` in pieces of `step` bytes.
static enum request_state read_pieces(struct str text, size_t step, size_t limit, struct request *request)
{
	*request = (struct request){0};
	enum request_state state = REQUEST_MORE;
	for (size_t len = 0; len < text.len && state == REQUEST_MORE;) {
		len = text.len - len < step ? text.len : len + step;
		state = request_parse(request, str_take(text, len), limit);
	}
	return state;
}

static void try_limit(struct str text, size_t limit)
{
	struct request whole, pieces;
	enum request_state state = read_pieces(text, text.len, limit, &whole);
	require_promises(state, &whole, text);

	static const size_t steps[] = {1, 2, 3, 7, 16};
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		REQUIRE(read_pieces(text, steps[i], limit, &pieces) == state);
		if (state != REQUEST_MORE)
			require_same(&pieces, &whole);
	}

	// A head that is whole is whole without what follows it.
	if (state == REQUEST_OK) {
		REQUIRE(read_pieces(str_take(text, whole.head_bytes), 1, limit, &pieces) == REQUEST_OK);
		require_same(&pieces, &whole);
		REQUIRE(read_pieces(str_take(text, whole.head_bytes - 1), 1, limit, &pieces) == REQUEST_MORE);
	}
	if (limit == text.len && limit > 0)
		REQUIRE(state != REQUEST_MORE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_limit(fuzz_str(data, size), SIZE_MAX);
	try_limit(fuzz_str(data, size), size);
	return 0;
}
