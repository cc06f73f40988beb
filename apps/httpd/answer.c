// apps/httpd/answer.c: what a request gets, from the path that it names to the first bytes of the answer.
//
//	target -> path -> opened -> file, folder, redirect or error -> head composed -> connection_send
#include "apps/httpd/answer.h"

#include "apps/httpd/beneath.h"
#include "apps/httpd/folder.h"
#include "apps/httpd/mime.h"
#include "apps/httpd/response.h"
#include "apps/httpd/target.h"
#include "crt/mem.h"
#include "crt/say.h"
#include "crt/str.h"

#define INDEX "index.html"
#define HTML STR("text/html; charset=utf-8")

// The path being opened lies at the end of what will be sent: the head is composed at the start, and content is read over
// the path only when it is no longer needed.
#define PATH_BYTES PATH_MAX
static_assert(SEND_BYTES >= PATH_BYTES + RESPONSE_ERROR_BYTES_MAX, "an error must fit beside the path");

static struct span path_memory(const struct connection *connection)
{
	return (struct span){connection->composed.ptr + connection->composed.len - PATH_BYTES, PATH_BYTES};
}

static struct out compose(const struct connection *connection)
{
	size_t room = connection->composed.len - PATH_BYTES;
	return out_to_memory((struct span){connection->composed.ptr, room});
}

static void close_file(struct connection *connection)
{
	if (connection->file >= 0)
		(void)sys_close(connection->file); // the descriptor is gone whatever close says
	connection->file = -1;
	connection->file_left = 0;
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

void answer_refuse(struct server *server, struct connection *connection, enum http_status status)
{
	close_file(connection);
	struct response response = response_of(server, connection, status);
	struct out out = compose(connection);
	connection->content_bytes = response_error(&out, &response, connection->request.method != METHOD_HEAD);
	connection_send(server, connection, out.len);
}

// The answer to an error of opening or reading. [openat2(2), ERRORS]
static enum http_status status_of(int error)
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
static void refuse_error(struct server *server, struct connection *connection, int error)
{
	enum http_status status = status_of(error);
	if (status == HTTP_INTERNAL_ERROR)
		say_error(error, STR("httpd: cannot answer '"), connection->request.line, STR("'"));
	answer_refuse(server, connection, status);
}

// Opens connection's path, once it is known to be a file or a folder: through the ring, or where the kernel has no openat2, by a
// walk.
static void open_path(struct server *server, struct connection *connection, enum connection_state state)
{
	const char *path = (const char *)path_memory(connection).ptr;
	deadline_lift(&connection->deadline); // files have none
	if (server->is_beneath_known) {
		connection->state = CONNECTION_LOOKING;
		connection->looks_for = state;
		server_push(server, connection,
			    sqe_openat2(server->root, path, &beneath_look_rules, sizeof(beneath_look_rules)));
		return;
	}
	connection->state = state;
	int result = beneath_walk(server->root, path);
	// The completion of a nop brings the result, so that both ways go on at the same place.
	connection->walked = result;
	server_push(server, connection, sqe_nop());
}

static void redirect(struct server *server, struct connection *connection, const struct target *target)
{
	close_file(connection);
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

static void serve_file(struct server *server, struct connection *connection, const struct statx *about)
{
	int64_t modified = about->stx_mtime.tv_sec;
	int64_t since;
	// Not later than the date that the client has: it has the file. [RFC 9110 §13.1.3]
	if (connection->request.if_modified_since.len > 0 &&
	    date_parse(connection->request.if_modified_since, server->now_s, &since) && modified <= since) {
		close_file(connection);
		struct response response = response_of(server, connection, HTTP_NOT_MODIFIED);
		response.has_modified = true;
		response.modified = modified;
		struct out out = compose(connection);
		response_head(&out, &response);
		connection_send(server, connection, out.len);
		return;
	}

	struct response response = response_of(server, connection, HTTP_OK);
	response.type = mime_type(str_from_cstr((const char *)path_memory(connection).ptr));
	response.content_bytes = about->stx_size;
	response.has_modified = true;
	response.modified = modified;
	struct out out = compose(connection);
	response_head(&out, &response);
	if (connection->request.method == METHOD_HEAD || about->stx_size == 0) {
		close_file(connection);
		connection_send(server, connection, out.len);
		return;
	}
	connection->file_at = 0;
	connection->file_left = about->stx_size;
	connection_send(server, connection, out.len);
}

static void serve_folder(struct server *server, struct connection *connection, const struct target *target)
{
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
		refuse_error(server, connection, error);
		return;
	}
	close_file(connection);

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

// Takes the request's target apart again. It cannot fail: it has succeeded once, and the request still lies there.
static struct target target_again(const struct server *server, struct connection *connection)
{
	struct target target;
	if (target_decode(connection->request.target, server->with_hidden, path_memory(connection), &target) != HTTP_OK)
		target = (struct target){.path = STR(".")};
	return target;
}

// What an open file is. Zero or -errno. A plain call: the kernel has the answer at hand, while a statx through the ring always
// goes to a worker thread. [Linux io_uring/statx.c, io_statx_prep: REQ_F_FORCE_ASYNC]
static int ask(int file, struct statx *about)
{
	return sys_statx(file, "", AT_EMPTY_PATH, STATX_TYPE | STATX_SIZE | STATX_MTIME, about);
}

bool answer_looked(struct server *server, struct connection *connection, int *result)
{
	connection->state = connection->looks_for;
	if (*result < 0)
		return false;
	struct statx about;
	int error = ask(*result, &about);
	(void)sys_close(*result); // the descriptor is gone whatever close says
	if (error == 0 && !S_ISREG(about.stx_mode) && !S_ISDIR(about.stx_mode))
		error = -ENXIO; // as an open says it of a socket [open(2)]
	*result = error;
	if (error != 0)
		return false;
	const char *path = (const char *)path_memory(connection).ptr;
	server_push(server, connection, sqe_openat2(server->root, path, &beneath_rules, sizeof(beneath_rules)));
	return true;
}

// What the request names was opened.
void answer_opened(struct server *server, struct connection *connection, int result)
{
	if (result < 0) {
		refuse_error(server, connection, result);
		return;
	}
	connection->file = result;
	struct statx about;
	int error = ask(result, &about);
	if (error != 0) {
		refuse_error(server, connection, error);
		return;
	}
	struct target target = target_again(server, connection);
	if (!S_ISDIR(about.stx_mode)) {
		// A file, and not asked for as a folder. Devices, FIFOs and sockets are nobody's business.
		if (S_ISREG(about.stx_mode) && !target.ends_with_slash)
			serve_file(server, connection, &about);
		else
			answer_refuse(server, connection, HTTP_NOT_FOUND);
		return;
	}
	if (!target.ends_with_slash) {
		redirect(server, connection, &target);
		return;
	}
	struct span memory = path_memory(connection);
	if (target.path.len + sizeof("/" INDEX) > memory.len) {
		answer_refuse(server, connection, HTTP_NOT_FOUND);
		return;
	}
	memcpy(memory.ptr + target.path.len, "/" INDEX, sizeof("/" INDEX)); // with its NUL
	open_path(server, connection, CONNECTION_INDEXING);
}

// The index of the folder in connection->file was opened, or there is none: then the folder is listed. What is not a regular
// file is none.
void answer_indexed(struct server *server, struct connection *connection, int result)
{
	struct statx about;
	int error = result < 0 ? result : ask(result, &about);
	if (error == 0 && S_ISREG(about.stx_mode)) {
		close_file(connection); // the folder; the index takes its place
		connection->file = result;
		serve_file(server, connection, &about);
		return;
	}
	if (result >= 0)
		(void)sys_close(result); // the descriptor is gone whatever close says
	if (error != 0 && status_of(error) != HTTP_NOT_FOUND) {
		refuse_error(server, connection, error);
		return;
	}
	struct target target = target_again(server, connection);
	serve_folder(server, connection, &target);
}

// The methods that there are, for any target that could be one, or for the server itself. [RFC 9110 §9.3.7]
static void tell_methods(struct server *server, struct connection *connection)
{
	struct response response = response_of(server, connection, HTTP_OK);
	response.has_methods = true;
	struct out out = compose(connection);
	response_head(&out, &response);
	connection_send(server, connection, out.len);
}

void answer_request(struct server *server, struct connection *connection)
{
	struct target target;
	enum http_status status =
		target_decode(connection->request.target, server->with_hidden, path_memory(connection), &target);
	if (status != HTTP_OK) {
		answer_refuse(server, connection, status);
		return;
	}
	if (connection->request.method == METHOD_OPTIONS) {
		tell_methods(server, connection);
		return;
	}
	open_path(server, connection, CONNECTION_OPENING);
}

void answer_clear(struct connection *connection)
{
	close_file(connection);
	give_back_page(connection);
}
