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

// The path being opened lies at the end of what will be sent: the head is composed at the start, and content is read over
// the path only when it is no longer needed.
#define PATH_BYTES PATH_MAX
static_assert(SEND_BYTES >= PATH_BYTES + RESPONSE_ERROR_BYTES_MAX, "an error must fit beside the path");

struct span answer_path(const struct connection *connection)
{
	return (struct span){connection->composed.ptr + connection->composed.len - PATH_BYTES, PATH_BYTES};
}

static struct out compose(const struct connection *connection)
{
	size_t room = connection->composed.len - PATH_BYTES;
	return out_to_memory((struct span){connection->composed.ptr, room});
}

void answer_close_file(struct connection *connection)
{
	if (connection->file >= 0)
		(void)sys_close(connection->file); // the descriptor is gone whatever close says
	connection->file = -1;
	connection->file_left = 0;
	connection->parts_left = 0;
}

static void give_back_page(struct connection *connection)
{
	if (connection->folder == nullptr)
		return;
	// The next page starts from zeros again, and until then the memory is the kernel's. Failing to give it back costs
	// memory only, and the kernel never does for private memory of ours. [madvise(2)]
	(void)sys_madvise(connection->folder->memory.ptr, connection->folder->memory.len, MADV_DONTNEED);
	connection->folder->is_taken = false;
	connection->folder = nullptr;
	connection->page = (struct str){0};
}

void answer_clear(struct connection *connection)
{
	answer_close_file(connection);
	give_back_page(connection);
}

// The parts of a response that every one has.
static struct response response_of(const struct server *server, struct connection *connection, enum http_status status)
{
	connection->status = status;
	connection->content_bytes = 0;
	if (server->is_ending)
		connection->request.keep_alive = false;
	return (struct response){
		.status = status,
		.now = server->now_s,
		.keep_alive = connection->request.keep_alive,
		.is_1_0 = connection->request.is_1_0,
	};
}

// The head of an error, but for its content.
static struct response error_response(const struct server *server, struct connection *connection, struct out *range)
{
	struct response response = response_of(server, connection, connection->status);
	if (connection->status != HTTP_RANGE_UNSATISFIABLE)
		return response;
	out_str(range, STR("bytes */")); // [RFC 9110 §14.4, §15.5.17]
	out_unsigned(range, connection->facts.bytes);
	response.range = out_written(range);
	return response;
}

void answer_error(struct server *server, struct connection *connection, const struct statx *page)
{
	uint8_t range_bytes[32];
	struct out range = out_to_memory(SPAN(range_bytes));
	struct response response = error_response(server, connection, &range);
	struct out out = compose(connection);
	bool is_head = connection->request.method == METHOD_HEAD;
	if (page == nullptr) {
		connection->content_bytes = response_error(&out, &response, !is_head);
	} else {
		response.type = connection->type;
		response.content_bytes = page->stx_size;
		response_head(&out, &response);
		connection->file_at = 0;
		connection->file_left = is_head ? 0 : page->stx_size;
	}
	connection_send(server, connection, out.len);
}

void answer_refuse(struct server *server, struct connection *connection, enum http_status status)
{
	answer_close_file(connection);
	connection->status = status;
	if (!find_error_page(server, connection))
		answer_error(server, connection, nullptr);
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
void answer_refuse_error(struct server *server, struct connection *connection, int error)
{
	enum http_status status = answer_status_of(error);
	if (status == HTTP_INTERNAL_ERROR)
		say_error(error, STR("httpd: cannot answer '"), connection->request.line, STR("'"));
	answer_refuse(server, connection, status);
}

void answer_redirect(struct server *server, struct connection *connection, const struct target *target)
{
	answer_close_file(connection);
	struct response response = response_of(server, connection, HTTP_MOVED);
	response.moved_to = target->path;
	response.moved_query = target->query;
	struct out out = compose(connection);
	connection->content_bytes = response_error(&out, &response, connection->request.method != METHOD_HEAD);
	if (out.error != 0) { // an address so long that its encoding does not fit
		answer_refuse(server, connection, HTTP_URI_TOO_LONG);
		return;
	}
	connection_send(server, connection, out.len);
}

// The methods that there are, for any target that could be one, or for the server itself. [RFC 9110 §9.3.7]
void answer_methods(struct server *server, struct connection *connection)
{
	struct response response = response_of(server, connection, HTTP_OK);
	response.has_methods = true;
	struct out out = compose(connection);
	response_head(&out, &response);
	connection_send(server, connection, out.len);
}

// Sends one piece of the file, the first of the content or a later one, behind the head in `out`.
static void send_piece(struct server *server, struct connection *connection, const struct out *out, struct range range)
{
	connection->file_at = range.first;
	connection->file_left = range.bytes;
	connection_send(server, connection, out->len);
}

static struct multipart multipart_of(const struct connection *connection)
{
	return (struct multipart){connection->boundary, connection->type, connection->facts.bytes};
}

// Composes what goes before the next piece, and sends both; or the end.
static void compose_part(struct server *server, struct connection *connection, struct out *out)
{
	size_t before = out->len;
	struct multipart multipart = multipart_of(connection);
	unsigned next = connection->ranges.count + 1 - connection->parts_left--;
	struct range range = {0};
	if (next < connection->ranges.count) {
		range = connection->ranges.of[next];
		multipart_head(out, &multipart, &range);
	} else {
		multipart_end(out, multipart.boundary);
	}
	connection->content_bytes += out->len - before;
	send_piece(server, connection, out, range);
}

void answer_part(struct server *server, struct connection *connection)
{
	struct out out = compose(connection);
	compose_part(server, connection, &out);
}

// Sends the file that was found, or what the plan has instead.
void answer_file(struct server *server, struct connection *connection)
{
	struct plan plan;
	plan_file(&plan, &connection->facts, &connection->request.wishes, connection->request.method, server->now_s);
	if (plan.status == HTTP_PRECONDITION_FAILED || plan.status == HTTP_RANGE_UNSATISFIABLE) {
		answer_refuse(server, connection, plan.status);
		return;
	}

	struct response response = response_of(server, connection, plan.status);
	response.tag = plan_tag(&plan);
	response.varies = connection->varies;
	response.cache = connection->cache;
	response.type = connection->type;
	response.coding = coding_name(connection->facts.coding);
	response.content_bytes = connection->facts.bytes;
	response.has_modified = true;
	response.modified = connection->facts.modified;
	response.has_ranges = true;

	struct range range = {0, connection->facts.bytes};
	uint8_t field_bytes[64];
	struct out field = out_to_memory(SPAN(field_bytes));
	connection->ranges = plan.ranges;
	if (plan.ranges.count == 1) {
		range = plan.ranges.of[0];
		multipart_range(&field, &range, connection->facts.bytes);
		response.range = out_written(&field);
		response.content_bytes = range.bytes;
	} else if (plan.ranges.count > 1) {
		connection->boundary = (uint64_t)server->now_ns;
		struct multipart multipart = multipart_of(connection);
		multipart_type(&field, connection->boundary);
		response.type = out_written(&field);
		response.content_bytes = multipart_bytes(&multipart, &plan.ranges);
	}
	struct out out = compose(connection);
	response_head(&out, &response);
	if (connection->request.method == METHOD_HEAD || plan.status == HTTP_NOT_MODIFIED ||
	    response.content_bytes == 0) {
		answer_close_file(connection);
		connection_send(server, connection, out.len);
		return;
	}
	if (plan.ranges.count > 1) {
		connection->parts_left = plan.ranges.count + 1;
		compose_part(server, connection, &out);
		return;
	}
	send_piece(server, connection, &out, range);
}

void answer_folder(struct server *server, struct connection *connection, const struct target *target)
{
	enum http_status status = plan_page(&connection->request.wishes, server->now_s);
	if (status == HTTP_PRECONDITION_FAILED) {
		answer_refuse(server, connection, status);
		return;
	}
	if (status == HTTP_NOT_MODIFIED) {
		answer_close_file(connection);
		struct response response = response_of(server, connection, status);
		struct out out = compose(connection);
		response_head(&out, &response);
		connection_send(server, connection, out.len);
		return;
	}

	struct page *page = server->pages;
	while (page < server->pages + PAGES_MAX && page->is_taken)
		page++;
	if (page == server->pages + PAGES_MAX) {
		answer_refuse(server, connection, HTTP_UNAVAILABLE);
		return;
	}
	struct out text = out_to_memory(page->memory);
	int error =
		folder_page(server->root, connection->file, target->path, server->with_hidden, server->scratch, &text);
	page->is_taken = true;
	connection->folder = page;
	if (error != 0)
		give_back_page(connection);
	if (error == -EFBIG) {
		say(STR("httpd: cannot list the folder of '"), connection->request.line,
		    STR("': it has too many names for a page; with an index.html in it, that would be sent"));
		answer_refuse(server, connection, HTTP_INTERNAL_ERROR);
		return;
	}
	if (error != 0) {
		answer_refuse_error(server, connection, error);
		return;
	}
	answer_close_file(connection);

	struct response response = response_of(server, connection, HTTP_OK);
	response.type = HTML;
	response.content_bytes = text.len;
	struct out out = compose(connection);
	response_head(&out, &response);
	connection->page = out_written(&text);
	if (connection->request.method == METHOD_HEAD)
		give_back_page(connection);
	connection_send(server, connection, out.len);
}
