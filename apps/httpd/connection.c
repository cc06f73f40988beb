// apps/httpd/connection.c: a connection, from state to state.
//
//	RECEIVING -> OPENING -> [INDEXING ->] READING -> SENDING -> READING -> ... -> RECEIVING
//	    |           |           |                       ^  |
//	    |           +-----------+-- error, page --------+  +--> FINISHING -> LINGERING -> free
//	    +-- error, 304 ---------------------------------+
//
// One operation is in flight in each state, and its completion moves the connection on. What has arrived behind a request
// (pipelining) waits in the buffer until the answer before it has been sent, so answers go out in order.
#include "apps/httpd/beneath.h"
#include "apps/httpd/folder.h"
#include "apps/httpd/log.h"
#include "apps/httpd/mime.h"
#include "apps/httpd/response.h"
#include "apps/httpd/server.h"
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

static void receive(struct server *server, struct connection *connection)
{
	bool is_begun = connection->received_len > 0;
	if (server->is_ending && !is_begun) {
		server_release(server, connection);
		return;
	}
	connection->state = CONNECTION_RECEIVING;
	// The time for a head runs from its first byte, however the rest trickles in.
	enum deadline_kind kind = is_begun ? DEADLINE_HEADER : DEADLINE_IDLE;
	if (!deadline_is_set(&connection->deadline) || connection->deadline.kind != kind)
		deadline_set(&server->deadlines, &connection->deadline, kind, server->now_ns);
	struct span room = {connection->received.ptr + connection->received_len,
			    connection->received.len - connection->received_len};
	server_push(server, connection, sqe_recv(connection->socket, room, 0));
}

static void send_rest(struct server *server, struct connection *connection)
{
	connection->state = CONNECTION_SENDING;
	deadline_set(&server->deadlines, &connection->deadline, DEADLINE_SEND, server->now_ns);
	struct str rest = {(const char *)connection->composed.ptr + connection->sent_len,
			   connection->composed_len - connection->sent_len};
	bool is_more = connection->file_left > 0 || connection->page.len > 0;
	server_push(
		server, connection,
		sqe_send(connection->socket, rest, (uint32_t)(MSG_NOSIGNAL | MSG_WAITALL | (is_more ? MSG_MORE : 0))));
}

// Sends what `out` composed at the start of connection->composed.
static void send_composed(struct server *server, struct connection *connection, const struct out *out)
{
	connection->composed_len = out->len;
	connection->sent_len = 0;
	send_rest(server, connection);
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

static void refuse(struct server *server, struct connection *connection, enum http_status status)
{
	close_file(connection);
	struct response response = response_of(server, connection, status);
	struct out out = compose(connection);
	connection->content_bytes = response_error(&out, &response, connection->request.method != METHOD_HEAD);
	send_composed(server, connection, &out);
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
	case ENXIO: // a socket, or a device without a driver
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
	refuse(server, connection, status);
}

// Opens connection's path: through the ring, or where the kernel has no openat2, by a walk.
static void open_path(struct server *server, struct connection *connection, enum connection_state state)
{
	const char *path = (const char *)path_memory(connection).ptr;
	connection->state = state;
	deadline_lift(&connection->deadline); // files have none
	if (server->is_beneath_known) {
		server_push(server, connection, sqe_openat2(server->root, path, &beneath_rules, sizeof(beneath_rules)));
		return;
	}
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
		refuse(server, connection, HTTP_URI_TOO_LONG);
		return;
	}
	send_composed(server, connection, &out);
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
		send_composed(server, connection, &out);
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
		send_composed(server, connection, &out);
		return;
	}
	connection->file_at = 0;
	connection->file_left = about->stx_size;
	connection->composed_len = out.len;
	connection->sent_len = 0;
	connection->state = CONNECTION_READING;
	struct span room = {connection->composed.ptr + out.len, connection->composed.len - out.len};
	if (room.len > connection->file_left)
		room.len = connection->file_left;
	server_push(server, connection, sqe_read(connection->file, room, 0));
}

static void serve_folder(struct server *server, struct connection *connection, const struct target *target)
{
	struct page *page = server->pages;
	while (page < server->pages + PAGES_MAX && page->is_taken)
		page++;
	if (page == server->pages + PAGES_MAX) {
		refuse(server, connection, HTTP_UNAVAILABLE);
		return;
	}
	struct out text = out_to_memory(page->memory);
	int error = folder_page(server->root, connection->file, target->path, server->scratch, &text);
	page->is_taken = true;
	connection->folder = page;
	if (error != 0)
		give_back_page(connection);
	if (error == -EFBIG) {
		say(STR("httpd: cannot list the folder of '"), connection->request.line,
		    STR("': it has too many names for a page; with an index.html in it, that would be sent"));
		refuse(server, connection, HTTP_INTERNAL_ERROR);
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
	send_composed(server, connection, &out);
}

// Takes the request's target apart again. It cannot fail: it has succeeded once, and the request still lies there.
static struct target target_again(struct connection *connection)
{
	struct target target;
	if (target_decode(connection->request.target, path_memory(connection), &target) != HTTP_OK)
		target = (struct target){.path = STR(".")};
	return target;
}

// What an open file is. Zero or -errno. A plain call: the kernel has the answer at hand, while a statx through the ring always
// goes to a worker thread. [Linux io_uring/statx.c, io_statx_prep: REQ_F_FORCE_ASYNC]
static int ask(int file, struct statx *about)
{
	return sys_statx(file, "", AT_EMPTY_PATH, STATX_TYPE | STATX_SIZE | STATX_MTIME, about);
}

// What the request names was opened.
static void opened(struct server *server, struct connection *connection, int result)
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
	struct target target = target_again(connection);
	if (!S_ISDIR(about.stx_mode)) {
		// A file, and not asked for as a folder. Devices, FIFOs and sockets are nobody's business.
		if (S_ISREG(about.stx_mode) && !target.ends_with_slash)
			serve_file(server, connection, &about);
		else
			refuse(server, connection, HTTP_NOT_FOUND);
		return;
	}
	if (!target.ends_with_slash) {
		redirect(server, connection, &target);
		return;
	}
	struct span memory = path_memory(connection);
	if (target.path.len + sizeof("/" INDEX) > memory.len) {
		refuse(server, connection, HTTP_NOT_FOUND);
		return;
	}
	memcpy(memory.ptr + target.path.len, "/" INDEX, sizeof("/" INDEX)); // with its NUL
	open_path(server, connection, CONNECTION_INDEXING);
}

// The index of the folder in connection->file was opened, or there is none: then the folder is listed. What is not a regular
// file is none.
static void opened_index(struct server *server, struct connection *connection, int result)
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
	struct target target = target_again(connection);
	serve_folder(server, connection, &target);
}

// Answers what has been received, or receives more.
static void answer(struct server *server, struct connection *connection)
{
	struct str received = {(const char *)connection->received.ptr, connection->received_len};
	enum request_state state = request_parse(&connection->request, received, connection->received.len);
	if (state == REQUEST_MORE) {
		receive(server, connection);
		return;
	}
	deadline_lift(&connection->deadline);
	if (state == REQUEST_BAD) {
		refuse(server, connection, connection->request.status);
		return;
	}
	struct target target;
	enum http_status status = target_decode(connection->request.target, path_memory(connection), &target);
	if (status != HTTP_OK) {
		refuse(server, connection, status);
		return;
	}
	open_path(server, connection, CONNECTION_OPENING);
}

static void log_response(struct server *server, const struct connection *connection)
{
	struct out *line = server->is_quiet ? nullptr : spool_line(&server->log, LOG_LINE_BYTES_MAX);
	if (line == nullptr)
		return;
	char client[LOG_CLIENT_BYTES_MAX];
	struct out text = out_to_memory(SPAN(client));
	address_write(&text, &connection->client);
	struct log_entry entry = {
		.client = out_written(&text),
		.seconds = server->now_s,
		.request = connection->request.line,
		.status = connection->status,
		.bytes = connection->content_bytes,
	};
	log_write(line, &entry);
}

// The response has been sent whole.
static void sent(struct server *server, struct connection *connection)
{
	log_response(server, connection);
	close_file(connection);
	give_back_page(connection);
	if (connection->request.keep_alive && !server->is_ending) {
		size_t used = connection->request.head_bytes;
		connection->received_len -= used;
		memmove(connection->received.ptr, connection->received.ptr + used, connection->received_len);
		connection->request = (struct request){0};
		answer(server, connection);
		return;
	}
	// To close a socket that still has bytes to read sends a reset, which may overtake the answer on its way. So: say that
	// we are done, and read until the client is too. [RFC 9112 §9.6]
	connection->state = CONNECTION_FINISHING;
	deadline_set(&server->deadlines, &connection->deadline, DEADLINE_LINGER, server->now_ns);
	server_push(server, connection, sqe_shutdown(connection->socket, SHUT_WR));
}

// The connection broke, or the file did: what was promised cannot be sent, and only closing says so.
static void cut(struct server *server, struct connection *connection)
{
	// What was read and not sent does not count. Content comes last, so what is left is content first of all.
	uint64_t unsent = connection->composed_len - connection->sent_len;
	connection->content_bytes -= unsent < connection->content_bytes ? unsent : connection->content_bytes;
	log_response(server, connection);
	server_release(server, connection);
}

static void linger(struct server *server, struct connection *connection)
{
	connection->state = CONNECTION_LINGERING;
	server_push(server, connection, sqe_recv(connection->socket, connection->received, 0));
}

static void read_part(struct server *server, struct connection *connection, int result)
{
	if (result <= 0) { // an error, or the file was cut short since its size was told
		cut(server, connection);
		return;
	}
	connection->file_at += (uint64_t)result;
	connection->file_left -= (uint64_t)result;
	connection->composed_len += (size_t)result;
	connection->content_bytes += (uint64_t)result;
	send_rest(server, connection);
}

static void sent_part(struct server *server, struct connection *connection, int result)
{
	if (result <= 0) {
		cut(server, connection);
		return;
	}
	connection->sent_len += (size_t)result;
	if (connection->sent_len < connection->composed_len) {
		send_rest(server, connection);
		return;
	}
	connection->composed_len = 0;
	connection->sent_len = 0;
	if (connection->page.len > 0) {
		size_t len = connection->page.len < connection->composed.len ? connection->page.len
									     : connection->composed.len;
		memcpy(connection->composed.ptr, connection->page.ptr, len);
		connection->page = (struct str){connection->page.ptr + len, connection->page.len - len};
		connection->composed_len = len;
		connection->content_bytes += len;
		send_rest(server, connection);
		return;
	}
	if (connection->file_left > 0) {
		connection->state = CONNECTION_READING;
		struct span room = connection->composed;
		if (room.len > connection->file_left)
			room.len = connection->file_left;
		server_push(server, connection, sqe_read(connection->file, room, connection->file_at));
		return;
	}
	sent(server, connection);
}

static void received(struct server *server, struct connection *connection, int result, bool was_canceled)
{
	bool is_begun = connection->received_len > 0;
	if (was_canceled && result <= 0 && is_begun) { // its time was over
		connection->request.keep_alive = false;
		refuse(server, connection, HTTP_TIMEOUT);
		return;
	}
	if (result <= 0) { // the client is gone, or was idle too long
		server_release(server, connection);
		return;
	}
	connection->received_len += (size_t)result;
	answer(server, connection);
}

void connection_clear(struct connection *connection)
{
	close_file(connection);
	give_back_page(connection);
	(void)sys_close(connection->socket); // the descriptor is gone whatever close says
}

void connection_begin(struct server *server, struct connection *connection, int socket)
{
	connection->socket = socket;
	connection->file = -1;
	connection->received_len = 0;
	connection->request = (struct request){0};
	receive(server, connection);
}

void connection_go_on(struct server *server, struct connection *connection, int result)
{
	// A cancel concerns the operation that was in flight when it was pushed, even if that came to a good end before it.
	bool was_canceled = connection->is_canceled;
	connection->is_canceled = false;
	switch (connection->state) {
	case CONNECTION_RECEIVING:
		received(server, connection, result, was_canceled);
		return;
	case CONNECTION_OPENING:
		opened(server, connection, server->is_beneath_known ? result : connection->walked);
		return;
	case CONNECTION_INDEXING:
		opened_index(server, connection, server->is_beneath_known ? result : connection->walked);
		return;
	case CONNECTION_READING:
		read_part(server, connection, result);
		return;
	case CONNECTION_SENDING:
		sent_part(server, connection, result);
		return;
	case CONNECTION_FINISHING:
		if (result < 0) {
			server_release(server, connection);
			return;
		}
		linger(server, connection);
		return;
	case CONNECTION_LINGERING:
		if (result <= 0) {
			server_release(server, connection);
			return;
		}
		linger(server, connection);
		return;
	case CONNECTION_FREE:
		return; // nothing of it is in flight
	}
}

void connection_time_out(struct server *server, struct connection *connection)
{
	deadline_lift(&connection->deadline);
	connection->is_canceled = true;
	server_cancel(server, connection);
}

void connection_drain(struct server *server, struct connection *connection)
{
	connection->request.keep_alive = false;
	if (connection->state == CONNECTION_RECEIVING && connection->received_len == 0)
		connection_time_out(server, connection);
}
