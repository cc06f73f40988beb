// apps/httpd/answer.c: what a request gets, from the path that it names to the first bytes of the answer.
//
//	NAMED -> [CLEAN ->] file ----+-> [CODED -> CODED ->] plan -> head -> connection_send
//	   |        |                |
//	   +-> folder -> INDEX ------+          plan: plan.h
//	   |                |        |
//	   +-> none --------+-> FALLBACK
//	                    +-> listing, redirect, ERROR_PAGE
//
// Each word in capitals is a file that is opened, or looked for in vain (enum sought). A range of several pieces comes back here
// for the head of each (answer_part).
#include "apps/httpd/answer.h"

#include "apps/httpd/beneath.h"
#include "apps/httpd/folder.h"
#include "apps/httpd/mime.h"
#include "apps/httpd/multipart.h"
#include "apps/httpd/plan.h"
#include "apps/httpd/response.h"
#include "apps/httpd/target.h"
#include "crt/mem.h"
#include "crt/say.h"
#include "crt/str.h"

#define INDEX STR("/index.html")
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

// What an open file is. Zero or -errno. A plain call: the kernel has the answer at hand, while a statx through the ring always
// goes to a worker thread. [Linux io_uring/statx.c, io_statx_prep: REQ_F_FORCE_ASYNC]
static int ask(int file, struct statx *about)
{
	return sys_statx(file, "", AT_EMPTY_PATH, STATX_TYPE | STATX_SIZE | STATX_MTIME, about);
}

// The same for the result of an open; -ENOENT for what is no regular file.
static int ask_file(int opened, struct statx *about)
{
	int error = opened < 0 ? opened : ask(opened, about);
	return error == 0 && !S_ISREG(about->stx_mode) ? -ENOENT : error;
}

// Closes what an open has given and nobody wants.
static void drop(int opened)
{
	if (opened >= 0)
		(void)sys_close(opened); // the descriptor is gone whatever close says
}

// Opens what path_memory names, once it is known to be a file or a folder: through the ring, or where the kernel has no openat2, by
// a walk.
static void seek(struct server *server, struct connection *connection, enum sought sought)
{
	const char *path = (const char *)path_memory(connection).ptr;
	connection->sought = sought;
	deadline_lift(&connection->deadline); // files have none
	if (server->is_beneath_known) {
		connection->state = CONNECTION_LOOKING;
		server_push(server, connection,
			    sqe_openat2(server->root, path, &beneath_look_rules, sizeof(beneath_look_rules)));
		return;
	}
	connection->state = CONNECTION_OPENING;
	int result = beneath_walk(server->root, path);
	// The completion of a nop brings the result, so that both ways go on at the same place.
	connection->walked = result;
	server_push(server, connection, sqe_nop());
}

bool answer_looked(struct server *server, struct connection *connection, int *result)
{
	connection->state = CONNECTION_OPENING;
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

static struct str path_of(const struct connection *connection)
{
	return str_from_cstr((const char *)path_memory(connection).ptr);
}

// Puts `path` and `ending` into path_memory; `path` may lie there already. False: they do not fit.
static bool set_path(struct connection *connection, struct str path, struct str ending)
{
	struct span memory = path_memory(connection);
	if (path.len + ending.len >= memory.len)
		return false;
	memmove(memory.ptr, path.ptr, path.len);
	memcpy(memory.ptr + path.len, ending.ptr, ending.len);
	memory.ptr[path.len + ending.len] = 0;
	return true;
}

// Takes the request's target apart again. It cannot fail: it has succeeded once, and the request still lies there.
static struct target target_again(const struct server *server, struct connection *connection)
{
	struct target target;
	if (target_decode(connection->request.target, server->with_hidden, path_memory(connection), &target) != HTTP_OK)
		target = (struct target){.path = STR(".")};
	return target;
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

// Answers connection->status with the page that this server has for it.
static void send_error(struct server *server, struct connection *connection)
{
	uint8_t range_bytes[32];
	struct out range = out_to_memory(SPAN(range_bytes));
	struct response response = error_response(server, connection, &range);
	struct out out = compose(connection);
	connection->content_bytes = response_error(&out, &response, connection->request.method != METHOD_HEAD);
	connection_send(server, connection, out.len);
}

void answer_refuse(struct server *server, struct connection *connection, enum http_status status)
{
	close_file(connection);
	connection->status = status;
	uint8_t digits[3];
	struct out number = out_to_memory(SPAN(digits));
	out_unsigned(&number, status);
	if (set_path(connection, out_written(&number), STR(".html")))
		seek(server, connection, SOUGHT_ERROR_PAGE);
	else
		send_error(server, connection);
}

static void sought_error_page(struct server *server, struct connection *connection, int opened)
{
	struct statx about;
	if (ask_file(opened, &about) != 0) {
		drop(opened);
		send_error(server, connection);
		return;
	}
	uint8_t range_bytes[32];
	struct out range = out_to_memory(SPAN(range_bytes));
	struct response response = error_response(server, connection, &range);
	response.type = mime_type(server->options.mime, path_of(connection));
	response.content_bytes = about.stx_size;
	struct out out = compose(connection);
	response_head(&out, &response);
	connection->file = opened;
	connection->file_at = 0;
	connection->file_left = connection->request.method == METHOD_HEAD ? 0 : about.stx_size;
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
static void serve_file(struct server *server, struct connection *connection)
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
		close_file(connection);
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

// Looks for the best coding of the file that was not looked for yet; when there is none, sends the file as it is.
static void seek_coding(struct server *server, struct connection *connection)
{
	struct str path = str_take(path_of(connection), connection->path_len);
	enum coding best = codings_best(&connection->codings, connection->codings_tried);
	// A file that the client does not take matters only as what another client would get.
	bool is_wanted = best != CODING_IDENTITY && (codings_takes(&connection->codings, best) || !connection->varies);
	if (is_wanted && !server->options.is_coding_off && set_path(connection, path, coding_extension(best))) {
		connection->coding = best;
		connection->codings_tried |= 1u << best;
		seek(server, connection, SOUGHT_CODED);
		return;
	}
	if (connection->codings.weight[CODING_IDENTITY] == 0) { // "identity;q=0" [RFC 9110 §12.5.3]
		answer_refuse(server, connection, HTTP_NOT_ACCEPTABLE);
		return;
	}
	serve_file(server, connection);
}

static void sought_coded(struct server *server, struct connection *connection, int opened)
{
	struct statx about;
	int error = ask_file(opened, &about);
	// One that is older than its original has been forgotten there.
	if (error != 0 || about.stx_mtime.tv_sec < connection->facts.modified) {
		drop(opened);
		seek_coding(server, connection);
		return;
	}
	connection->varies = true;
	if (!codings_takes(&connection->codings, connection->coding)) {
		drop(opened);
		seek_coding(server, connection);
		return;
	}
	close_file(connection);
	connection->file = opened;
	connection->facts =
		(struct facts){about.stx_size, about.stx_mtime.tv_sec, about.stx_mtime.tv_nsec, connection->coding};
	serve_file(server, connection);
}

// The file in `opened`, which path_memory names, is the one to be sent, or one that is compressed in its place.
static void found(struct server *server, struct connection *connection, int opened, const struct statx *about)
{
	close_file(connection); // a folder: the index takes its place
	struct str path = path_of(connection);
	connection->file = opened;
	connection->facts =
		(struct facts){about->stx_size, about->stx_mtime.tv_sec, about->stx_mtime.tv_nsec, CODING_IDENTITY};
	connection->type = mime_type(server->options.mime, path);
	connection->cache = cache_find(&server->options.cache, path);
	connection->path_len = path.len;
	connection->varies = false;
	connection->codings = codings_read(connection->request.wishes.accept_encoding);
	connection->codings_tried = 0;
	seek_coding(server, connection);
}

static void serve_folder(struct server *server, struct connection *connection, const struct target *target)
{
	enum http_status status = plan_page(&connection->request.wishes, server->now_s);
	if (status == HTTP_PRECONDITION_FAILED) {
		answer_refuse(server, connection, status);
		return;
	}
	if (status == HTTP_NOT_MODIFIED) {
		close_file(connection);
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

// There is nothing under this name. An application of one page is there under all of them, but not in place of a missing
// picture or script: what asks for those could do nothing with a page.
static void missing(struct server *server, struct connection *connection)
{
	struct target target = target_again(server, connection);
	const char *fallback = server->options.fallback;
	if (fallback != nullptr && (target.ends_with_slash || !mime_is_known(server->options.mime, target.path)) &&
	    set_path(connection, str_from_cstr(fallback), STR(""))) {
		close_file(connection);
		seek(server, connection, SOUGHT_FALLBACK);
		return;
	}
	answer_refuse(server, connection, HTTP_NOT_FOUND);
}

static void refuse_or_miss(struct server *server, struct connection *connection, int error)
{
	if (status_of(error) == HTTP_NOT_FOUND)
		missing(server, connection);
	else
		refuse_error(server, connection, error);
}

static void sought_named(struct server *server, struct connection *connection, int opened)
{
	struct statx about;
	struct target target = target_again(server, connection);
	int error = opened < 0 ? opened : ask(opened, &about);
	bool is_folder = error == 0 && S_ISDIR(about.stx_mode);
	if (error == 0 && S_ISREG(about.stx_mode) && !target.ends_with_slash) {
		found(server, connection, opened, &about);
		return;
	}
	if (is_folder)
		connection->file = opened;
	else
		drop(opened);
	if (error != 0 && status_of(error) != HTTP_NOT_FOUND) {
		refuse_error(server, connection, error);
		return;
	}
	// "page" is page.html, even beside a folder of that name: that one has its slash.
	if (server->options.is_clean && !target.ends_with_slash && set_path(connection, target.path, STR(".html"))) {
		seek(server, connection, SOUGHT_CLEAN);
		return;
	}
	if (!is_folder) { // devices, FIFOs and sockets are nobody's business, nor is a file with a slash behind it
		missing(server, connection);
		return;
	}
	if (!target.ends_with_slash) {
		redirect(server, connection, &target);
		return;
	}
	if (!set_path(connection, target.path, INDEX)) {
		answer_refuse(server, connection, HTTP_NOT_FOUND);
		return;
	}
	seek(server, connection, SOUGHT_INDEX);
}

static void sought_clean(struct server *server, struct connection *connection, int opened)
{
	struct statx about;
	int error = ask_file(opened, &about);
	if (error == 0) {
		found(server, connection, opened, &about);
		return;
	}
	drop(opened);
	if (connection->file < 0 || status_of(error) != HTTP_NOT_FOUND) {
		refuse_or_miss(server, connection, error);
		return;
	}
	struct target target = target_again(server, connection);
	redirect(server, connection, &target);
}

// The index of the folder in connection->file was opened, or there is none: then the folder is listed. What is not a regular
// file is none.
static void sought_index(struct server *server, struct connection *connection, int opened)
{
	struct statx about;
	int error = ask_file(opened, &about);
	if (error == 0) {
		found(server, connection, opened, &about);
		return;
	}
	drop(opened);
	if (server->options.is_listing_off || status_of(error) != HTTP_NOT_FOUND) {
		refuse_or_miss(server, connection, error);
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

static void sought_fallback(struct server *server, struct connection *connection, int opened)
{
	struct statx about;
	int error = ask_file(opened, &about);
	if (error == 0) {
		found(server, connection, opened, &about);
		return;
	}
	drop(opened);
	refuse_error(server, connection, error);
}

void answer_opened(struct server *server, struct connection *connection, int result)
{
	switch (connection->sought) {
	case SOUGHT_NAMED:
		sought_named(server, connection, result);
		return;
	case SOUGHT_CLEAN:
		sought_clean(server, connection, result);
		return;
	case SOUGHT_INDEX:
		sought_index(server, connection, result);
		return;
	case SOUGHT_FALLBACK:
		sought_fallback(server, connection, result);
		return;
	case SOUGHT_CODED:
		sought_coded(server, connection, result);
		return;
	case SOUGHT_ERROR_PAGE:
		sought_error_page(server, connection, result);
		return;
	}
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
	seek(server, connection, SOUGHT_NAMED);
}

void answer_clear(struct connection *connection)
{
	close_file(connection);
	give_back_page(connection);
}
