// apps/httpd/answer.c: what a request is sent: the head, and where the content comes from.
//
// A range of several pieces comes back here for the head of each (answer_part).
#include "apps/httpd/answer.h"

#include "apps/httpd/find.h"
#include "apps/httpd/folder.h"
#include "apps/httpd/multipart.h"
#include "apps/httpd/plan.h"
#include "apps/httpd/response.h"
#include "crt/say.h"
#include "crt/str.h"

#define HTML STR("text/html; charset=utf-8")

// The path being opened lies at the end of what will be sent: the head is composed at the start, or behind the answers that are sent
// with it, and content is read over the path only when it is no longer needed.
#define PATH_BYTES PATH_MAX
static_assert(SEND_BYTES >= PATH_BYTES + RESPONSE_ERROR_BYTES_MAX, "an error must fit beside the path");

struct span answer_path(const struct exchange *exchange)
{
	return (struct span){exchange->composed.ptr + exchange->composed.len - PATH_BYTES, PATH_BYTES};
}

static struct out compose(const struct exchange *exchange)
{
	size_t room = exchange->composed.len - PATH_BYTES - exchange->answer_at;
	return out_to_memory((struct span){exchange->composed.ptr + exchange->answer_at, room});
}

bool answer_fits(const struct exchange *exchange, size_t request_bytes)
{
	size_t needed = PATH_BYTES + RESPONSE_ERROR_BYTES_MAX + 3 * request_bytes; // for a Location (response.h)
	return exchange->composed.len - exchange->composed_len >= needed;
}

void answer_close_file(struct exchange *exchange)
{
	if (exchange->held != nullptr)
		file_let_go(exchange->held);
	else if (exchange->file >= 0)
		(void)sys_close(exchange->file); // the descriptor is gone whatever close says
	exchange->held = nullptr;
	exchange->content = (struct str){0};
	exchange->file = -1;
	exchange->file_left = 0;
	exchange->parts_left = 0;
}

static void give_back_page(struct exchange *exchange)
{
	if (exchange->folder == nullptr)
		return;
	// The next page starts from zeros again, and until then the memory is the kernel's. Failing to give it back costs
	// memory only, and the kernel never does for private memory of ours. [madvise(2)]
	(void)sys_madvise(exchange->folder->memory.ptr, exchange->folder->memory.len, MADV_DONTNEED);
	exchange->folder->is_taken = false;
	exchange->folder = nullptr;
	exchange->content = (struct str){0};
}

void answer_clear(struct exchange *exchange)
{
	answer_close_file(exchange);
	give_back_page(exchange);
}

// The parts of a response that every one has.
static struct response response_of(const struct server *server, struct exchange *exchange, enum http_status status)
{
	exchange->status = status;
	exchange->content_bytes = 0;
	if (server->is_leaving)
		exchange->request.keep_alive = false;
	return (struct response){
		.status = status,
		.now = server->now_s,
		.keep_alive = exchange->request.keep_alive,
		.is_1_0 = exchange->request.is_1_0,
	};
}

// The head of an error, but for its content.
static struct response error_response(const struct server *server, struct exchange *exchange, struct out *range)
{
	struct response response = response_of(server, exchange, exchange->status);
	if (exchange->status != HTTP_RANGE_UNSATISFIABLE)
		return response;
	out_str(range, STR("bytes */")); // [RFC 9110 §14.4, §15.5.17]
	out_unsigned(range, exchange->facts.bytes);
	response.range = out_written(range);
	return response;
}

void answer_error(struct server *server, struct exchange *exchange, const struct statx *page)
{
	uint8_t range_bytes[32];
	struct out range = out_to_memory(SPAN(range_bytes));
	struct response response = error_response(server, exchange, &range);
	struct out out = compose(exchange);
	bool is_head = exchange->request.method == METHOD_HEAD;
	if (page == nullptr) {
		exchange->content_bytes = response_error(&out, &response, !is_head);
	} else {
		response.type = exchange->type;
		response.content_bytes = page->stx_size;
		response_head(&out, &response);
		exchange->file_at = 0;
		exchange->file_left = is_head ? 0 : page->stx_size;
	}
	exchange_send(server, exchange, out.len);
}

void answer_refuse(struct server *server, struct exchange *exchange, enum http_status status)
{
	answer_close_file(exchange);
	exchange->status = status;
	if (!find_error_page(server, exchange))
		answer_error(server, exchange, nullptr);
}

// The answer to an error of opening or reading. [openat2(2), ERRORS]
enum http_status answer_status_of(int error)
{
	switch (-error) {
	case ENOENT:
	case ENOTDIR:
	case ENAMETOOLONG:
	case ELOOP: // a link in a circle, or one that is not followed
	case EXDEV: // a link that leads out of the folder
	case ENXIO: // neither file nor folder
	case ENODEV:
		return HTTP_NOT_FOUND;
	case EACCES:
	case EPERM:
		return HTTP_FORBIDDEN;
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case EAGAIN:
		return HTTP_UNAVAILABLE;
	default:
		return HTTP_INTERNAL_ERROR;
	}
}

// Refuses because of an error. One that nobody can answer for but who runs the server is told there too.
void answer_refuse_error(struct server *server, struct exchange *exchange, int error)
{
	enum http_status status = answer_status_of(error);
	if (status == HTTP_INTERNAL_ERROR)
		say_error(error, STR("httpd: cannot answer '"), exchange->request.line, STR("'"));
	answer_refuse(server, exchange, status);
}

void answer_redirect(struct server *server, struct exchange *exchange, const struct target *target)
{
	answer_close_file(exchange);
	struct response response = response_of(server, exchange, HTTP_MOVED);
	response.moved_to = target->path;
	response.moved_query = target->query;
	struct out out = compose(exchange);
	exchange->content_bytes = response_error(&out, &response, exchange->request.method != METHOD_HEAD);
	if (out.error != 0) { // an address so long that its encoding does not fit
		answer_refuse(server, exchange, HTTP_URI_TOO_LONG);
		return;
	}
	exchange_send(server, exchange, out.len);
}

// The methods that there are, for any target that could be one, or for the server itself. [RFC 9110 §9.3.7]
void answer_methods(struct server *server, struct exchange *exchange)
{
	struct response response = response_of(server, exchange, HTTP_OK);
	response.has_methods = true;
	struct out out = compose(exchange);
	response_head(&out, &response);
	exchange_send(server, exchange, out.len);
}

// Sends one piece of the file, the first of the content or a later one, behind the head in `out`.
static void send_piece(struct server *server, struct exchange *exchange, const struct out *out, struct range range)
{
	exchange->file_at = range.first;
	exchange->file_left = range.bytes;
	exchange_send(server, exchange, out->len);
}

static struct multipart multipart_of(const struct exchange *exchange)
{
	return (struct multipart){exchange->boundary, exchange->type, exchange->facts.bytes};
}

// Composes what goes before the next piece, and sends both; or the end.
static void compose_part(struct server *server, struct exchange *exchange, struct out *out)
{
	size_t before = out->len;
	struct multipart multipart = multipart_of(exchange);
	unsigned next = exchange->ranges.count + 1 - exchange->parts_left--;
	struct range range = {0};
	if (next < exchange->ranges.count) {
		range = exchange->ranges.of[next];
		multipart_head(out, &multipart, &range);
	} else {
		multipart_end(out, multipart.boundary);
	}
	exchange->content_bytes += out->len - before;
	send_piece(server, exchange, out, range);
}

void answer_part(struct server *server, struct exchange *exchange)
{
	struct out out = compose(exchange);
	compose_part(server, exchange, &out);
}

// Sends the file that was found, or what the plan has instead.
void answer_file(struct server *server, struct exchange *exchange)
{
	struct plan plan;
	plan_file(&plan, &exchange->facts, &exchange->request.wishes, exchange->request.method, server->now_s);
	if (plan.status == HTTP_PRECONDITION_FAILED || plan.status == HTTP_RANGE_UNSATISFIABLE) {
		answer_refuse(server, exchange, plan.status);
		return;
	}

	struct response response = response_of(server, exchange, plan.status);
	response.tag = plan_tag(&plan);
	response.varies = exchange->varies;
	response.cache = exchange->cache;
	response.type = exchange->type;
	response.coding = coding_name(exchange->facts.coding);
	response.content_bytes = exchange->facts.bytes;
	response.has_modified = true;
	response.modified = exchange->facts.modified;
	response.has_ranges = true;

	struct range range = {0, exchange->facts.bytes};
	uint8_t field_bytes[64];
	struct out field = out_to_memory(SPAN(field_bytes));
	exchange->ranges = plan.ranges;
	if (plan.ranges.count == 1) {
		range = plan.ranges.of[0];
		multipart_range(&field, &range, exchange->facts.bytes);
		response.range = out_written(&field);
		response.content_bytes = range.bytes;
	} else if (plan.ranges.count > 1) {
		exchange->boundary = (uint64_t)server->now_ns;
		struct multipart multipart = multipart_of(exchange);
		multipart_type(&field, exchange->boundary);
		response.type = out_written(&field);
		response.content_bytes = multipart_bytes(&multipart, &plan.ranges);
	}
	struct out out = compose(exchange);
	response_head(&out, &response);
	if (exchange->request.method == METHOD_HEAD || plan.status == HTTP_NOT_MODIFIED ||
	    response.content_bytes == 0) {
		answer_close_file(exchange);
		exchange_send(server, exchange, out.len);
		return;
	}
	if (plan.ranges.count > 1) {
		exchange->parts_left = plan.ranges.count + 1;
		compose_part(server, exchange, &out);
		return;
	}
	send_piece(server, exchange, &out, range);
}

void answer_folder(struct server *server, struct exchange *exchange, const struct target *target)
{
	enum http_status status = plan_page(&exchange->request.wishes, server->now_s);
	if (status == HTTP_PRECONDITION_FAILED) {
		answer_refuse(server, exchange, status);
		return;
	}
	if (status == HTTP_NOT_MODIFIED) {
		answer_close_file(exchange);
		struct response response = response_of(server, exchange, status);
		struct out out = compose(exchange);
		response_head(&out, &response);
		exchange_send(server, exchange, out.len);
		return;
	}

	struct page *page = server->pages;
	while (page < server->pages + PAGES_MAX && page->is_taken)
		page++;
	if (page == server->pages + PAGES_MAX) {
		answer_refuse(server, exchange, HTTP_UNAVAILABLE);
		return;
	}
	struct out text = out_to_memory(page->memory);
	int error =
		folder_page(server->root, exchange->file, target->path, server->with_hidden, server->scratch, &text);
	page->is_taken = true;
	exchange->folder = page;
	if (error != 0)
		give_back_page(exchange);
	if (error == -EFBIG) {
		say(STR("httpd: cannot list the folder of '"), exchange->request.line,
		    STR("': it has too many names for a page; with an index.html in it, that would be sent"));
		answer_refuse(server, exchange, HTTP_INTERNAL_ERROR);
		return;
	}
	if (error != 0) {
		answer_refuse_error(server, exchange, error);
		return;
	}
	answer_close_file(exchange);

	struct response response = response_of(server, exchange, HTTP_OK);
	response.type = HTML;
	response.content_bytes = text.len;
	struct out out = compose(exchange);
	response_head(&out, &response);
	exchange->content = out_written(&text);
	if (exchange->request.method == METHOD_HEAD)
		give_back_page(exchange);
	exchange->content_bytes = exchange->content.len;
	exchange_send(server, exchange, out.len);
}
