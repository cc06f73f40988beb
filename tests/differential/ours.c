// tests/differential/ours.c: what httpd's parsers make of bytes, for tests/differential/compare.js.
//
// Input: frames, each four bytes of length (the lowest first) and so many bytes, which are all that a connection carries.
// Output: a line for each frame, with seven numbers for each request that httpd reads to its end and could answer, served or not:
//
//	end  line  line_len  host  host_len  minor  keep_alive
//
// `end` is where the next request begins; `line` and `host` are offsets of the request line and of the Host that counts. All
// are offsets in the frame. After a request that is refused for its form, or that is not whole, there are no more.
//
// Built hosted, with the files that this line names. links: apps/httpd/request.c apps/httpd/body.c apps/httpd/wishes.c crt/str.c
#include <stdio.h>
#include <stdlib.h>

#include "apps/httpd/body.h"
#include "apps/httpd/request.h"
#include "crt/str.h"

#define HEAD_BYTES_MAX 8192
#define BODY_BYTES_MAX 1048576

// Where the body that follows the head of `request` ends in `text`, or STR_NONE.
static size_t body_end(const struct request *request, struct str text)
{
	if (!request->body_follows)
		return request->head_bytes;
	struct body body = request->is_chunked ? body_chunked(BODY_BYTES_MAX)
					       : body_sized(request->content_length, BODY_BYTES_MAX);
	size_t used;
	if (body_read(&body, str_skip(text, request->head_bytes), &used) != BODY_END)
		return STR_NONE;
	return request->head_bytes + used;
}

static void tell(struct str frame)
{
	for (struct str text = frame; text.len > 0;) {
		struct request request = {0};
		enum request_state state = request_parse(&request, text, HEAD_BYTES_MAX);
		bool is_framed =
			state == REQUEST_OK || (state == REQUEST_BAD && (request.keep_alive || request.body_follows));
		size_t end = is_framed ? body_end(&request, text) : STR_NONE;
		if (end == STR_NONE)
			break;
		text = str_skip(text, end);
		printf("%zu %zu %zu %zu %zu %d %d ", frame.len - text.len, (size_t)(request.line.ptr - frame.ptr),
		       request.line.len, request.host.len > 0 ? (size_t)(request.host.ptr - frame.ptr) : 0,
		       request.host.len, request.is_1_0 ? 0 : 1, request.keep_alive);
		if (!request.keep_alive)
			break;
	}
	putchar('\n');
}

int main(void)
{
	unsigned char head[4];
	while (fread(head, 1, sizeof(head), stdin) == sizeof(head)) {
		size_t len = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
		char *bytes = malloc(len + 1); // of its own, so that a sanitizer sees its end
		if (bytes == NULL || fread(bytes, 1, len, stdin) != len)
			return 1;
		tell((struct str){bytes, len});
		free(bytes);
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
