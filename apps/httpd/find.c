// apps/httpd/find.c: from the path that a request names to the file that it gets.
//
//	NAMED -> [CLEAN ->] file ----+-> [CODED -> CODED ->] answer_file
//	   |        |                |
//	   +-> folder -> INDEX ------+
//	   |                |        |
//	   +-> none --------+-> FALLBACK
//	                    +-> answer_folder, answer_redirect, ERROR_PAGE -> answer_error
//
// Each word in capitals is a file that is opened, or looked for in vain (enum sought).
#include "apps/httpd/find.h"

#include "apps/httpd/answer.h"
#include "apps/httpd/beneath.h"
#include "apps/httpd/known.h"
#include "apps/httpd/mime.h"
#include "apps/httpd/target.h"
#include "crt/mem.h"
#include "crt/str.h"

#define INDEX STR("/index.html")

static struct str path_of(const struct exchange *exchange)
{
	return str_from_cstr((const char *)answer_path(exchange).ptr);
}

// Puts `path` and `ending` into answer_path; `path` may lie there already. False: they do not fit.
static bool set_path(struct exchange *exchange, struct str path, struct str ending)
{
	struct span memory = answer_path(exchange);
	if (path.len + ending.len >= memory.len)
		return false;
	memmove(memory.ptr, path.ptr, path.len);
	memcpy(memory.ptr + path.len, ending.ptr, ending.len);
	memory.ptr[path.len + ending.len] = 0;
	return true;
}

// Takes the request's target apart again. It cannot fail: it has succeeded once, and the request still lies there.
static struct target target_again(const struct server *server, struct exchange *exchange)
{
	struct target target;
	if (target_decode(exchange->request.target, server->with_hidden, answer_path(exchange), &target) != HTTP_OK)
		target = (struct target){.path = STR(".")};
	return target;
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

// Opens what answer_path names, once it is known to be a file or a folder: through the ring, or where the kernel has no openat2, by
// a walk.
static void seek(struct server *server, struct exchange *exchange, enum sought sought)
{
	const char *path = (const char *)answer_path(exchange).ptr;
	exchange->sought = sought;
	deadline_lift(&exchange->connection->deadline); // files have none
	if (server->is_beneath_known) {
		exchange->connection->state = CONNECTION_LOOKING;
		server_push(server, exchange->connection,
			    sqe_openat2(server->root, path, &beneath_look_rules, sizeof(beneath_look_rules)));
		return;
	}
	exchange->connection->state = CONNECTION_OPENING;
	int result = beneath_walk(server->root, path);
	// The completion of a nop brings the result, so that both ways go on at the same place.
	exchange->walked = result;
	server_push(server, exchange->connection, sqe_nop());
}

bool find_looked(struct server *server, struct exchange *exchange, int *result)
{
	exchange->connection->state = CONNECTION_OPENING;
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
	const char *path = (const char *)answer_path(exchange).ptr;
	server_push(server, exchange->connection,
		    sqe_openat2(server->root, path, &beneath_rules, sizeof(beneath_rules)));
	return true;
}

bool find_error_page(struct server *server, struct exchange *exchange)
{
	uint8_t digits[3];
	struct out number = out_to_memory(SPAN(digits));
	out_unsigned(&number, exchange->status);
	if (!set_path(exchange, out_written(&number), STR(".html")))
		return false;
	seek(server, exchange, SOUGHT_ERROR_PAGE);
	return true;
}

// There is nothing under this name. An application of one page is there under all of them, but not in place of a missing
// picture or script: what asks for those could do nothing with a page.
static void missing(struct server *server, struct exchange *exchange)
{
	struct target target = target_again(server, exchange);
	const char *fallback = server->options.fallback;
	if (fallback != nullptr && (target.ends_with_slash || !mime_is_known(server->options.mime, target.path)) &&
	    set_path(exchange, str_from_cstr(fallback), STR(""))) {
		answer_close_file(exchange);
		seek(server, exchange, SOUGHT_FALLBACK);
		return;
	}
	answer_refuse(server, exchange, HTTP_NOT_FOUND);
}

static void refuse_or_miss(struct server *server, struct exchange *exchange, int error)
{
	if (answer_status_of(error) == HTTP_NOT_FOUND)
		missing(server, exchange);
	else
		answer_refuse_error(server, exchange, error);
}

// Looks for the best coding of the file that was not looked for yet; when there is none, sends the file as it is.
static void seek_coding(struct server *server, struct exchange *exchange)
{
	struct str path = str_take(path_of(exchange), exchange->path_len);
	enum coding best = codings_best(&exchange->codings, exchange->codings_tried);
	// A file that the client does not take matters only as what another client would get.
	bool is_wanted = best != CODING_IDENTITY && (codings_takes(&exchange->codings, best) || !exchange->varies);
	if (is_wanted && !server->options.is_coding_off && set_path(exchange, path, coding_extension(best))) {
		exchange->coding = best;
		exchange->codings_tried |= 1u << best;
		seek(server, exchange, SOUGHT_CODED);
		return;
	}
	if (exchange->codings.weight[CODING_IDENTITY] == 0) { // "identity;q=0" [RFC 9110 §12.5.3]
		answer_refuse(server, exchange, HTTP_NOT_ACCEPTABLE);
		return;
	}
	answer_file(server, exchange);
}

static void sought_coded(struct server *server, struct exchange *exchange, int opened)
{
	struct statx about;
	int error = ask_file(opened, &about);
	// One that is older than its original has been forgotten there.
	if (error != 0 || about.stx_mtime.tv_sec < exchange->facts.modified) {
		drop(opened);
		seek_coding(server, exchange);
		return;
	}
	exchange->varies = true;
	if (!codings_takes(&exchange->codings, exchange->coding)) {
		drop(opened);
		seek_coding(server, exchange);
		return;
	}
	answer_close_file(exchange);
	exchange->file = opened;
	exchange->facts =
		(struct facts){about.stx_size, about.stx_mtime.tv_sec, about.stx_mtime.tv_nsec, exchange->coding};
	answer_file(server, exchange);
}

// The file in `opened`, which answer_path names, is the one to be sent, or one that is compressed in its place.
static void found(struct server *server, struct exchange *exchange, int opened, const struct statx *about)
{
	answer_close_file(exchange); // a folder: the index takes its place
	struct str path = path_of(exchange);
	exchange->file = opened;
	exchange->facts =
		(struct facts){about->stx_size, about->stx_mtime.tv_sec, about->stx_mtime.tv_nsec, CODING_IDENTITY};
	exchange->type = mime_type(server->options.mime, path);
	exchange->cache = cache_find(&server->options.cache, path);
	exchange->path_len = path.len;
	exchange->varies = false;
	exchange->codings = codings_read(exchange->request.wishes.accept_encoding);
	exchange->codings_tried = 0;
	seek_coding(server, exchange);
}

// The same for what may be no file. Zero, or why it is none.
static int found_file(struct server *server, struct exchange *exchange, int opened)
{
	struct statx about;
	int error = ask_file(opened, &about);
	if (error == 0)
		found(server, exchange, opened, &about);
	else
		drop(opened);
	return error;
}

static void sought_named(struct server *server, struct exchange *exchange, int opened)
{
	struct statx about;
	struct target target = target_again(server, exchange);
	int error = opened < 0 ? opened : ask(opened, &about);
	bool is_folder = error == 0 && S_ISDIR(about.stx_mode);
	if (error == 0 && S_ISREG(about.stx_mode) && !target.ends_with_slash) {
		found(server, exchange, opened, &about);
		return;
	}
	if (is_folder)
		exchange->file = opened;
	else
		drop(opened);
	if (error != 0 && answer_status_of(error) != HTTP_NOT_FOUND) {
		answer_refuse_error(server, exchange, error);
		return;
	}
	// "page" is page.html, even beside a folder of that name: that one has its slash.
	if (server->options.is_clean && !target.ends_with_slash && set_path(exchange, target.path, STR(".html"))) {
		seek(server, exchange, SOUGHT_CLEAN);
		return;
	}
	if (!is_folder) { // devices, FIFOs and sockets are nobody's business, nor is a file with a slash behind it
		missing(server, exchange);
		return;
	}
	if (!target.ends_with_slash) {
		answer_redirect(server, exchange, &target);
		return;
	}
	if (!set_path(exchange, target.path, INDEX)) {
		answer_refuse(server, exchange, HTTP_NOT_FOUND);
		return;
	}
	seek(server, exchange, SOUGHT_INDEX);
}

static void sought_clean(struct server *server, struct exchange *exchange, int opened)
{
	int error = found_file(server, exchange, opened);
	if (error == 0)
		return;
	if (exchange->file < 0 || answer_status_of(error) != HTTP_NOT_FOUND) {
		refuse_or_miss(server, exchange, error);
		return;
	}
	struct target target = target_again(server, exchange);
	answer_redirect(server, exchange, &target);
}

// The index of the folder in exchange->file was opened, or there is none: then the folder is listed. What is not a regular
// file is none.
static void sought_index(struct server *server, struct exchange *exchange, int opened)
{
	int error = found_file(server, exchange, opened);
	if (error == 0)
		return;
	if (server->options.is_listing_off || answer_status_of(error) != HTTP_NOT_FOUND) {
		refuse_or_miss(server, exchange, error);
		return;
	}
	struct target target = target_again(server, exchange);
	answer_folder(server, exchange, &target);
}

static void sought_fallback(struct server *server, struct exchange *exchange, int opened)
{
	int error = found_file(server, exchange, opened);
	if (error == 0)
		return;
	answer_refuse_error(server, exchange, error);
}

static void sought_error_page(struct server *server, struct exchange *exchange, int opened)
{
	struct statx about;
	if (ask_file(opened, &about) != 0) {
		drop(opened);
		answer_error(server, exchange, nullptr);
		return;
	}
	exchange->file = opened;
	exchange->type = mime_type(server->options.mime, path_of(exchange));
	answer_error(server, exchange, &about);
}

void find_opened(struct server *server, struct exchange *exchange, int result)
{
	// No descriptors are left: those of remembered files are for this.
	if ((result == -EMFILE || result == -ENFILE) && files_drop_all(&server->files) > 0) {
		seek(server, exchange, exchange->sought);
		return;
	}
	switch (exchange->sought) {
	case SOUGHT_NAMED:
		sought_named(server, exchange, result);
		return;
	case SOUGHT_CLEAN:
		sought_clean(server, exchange, result);
		return;
	case SOUGHT_INDEX:
		sought_index(server, exchange, result);
		return;
	case SOUGHT_FALLBACK:
		sought_fallback(server, exchange, result);
		return;
	case SOUGHT_CODED:
		sought_coded(server, exchange, result);
		return;
	case SOUGHT_ERROR_PAGE:
		sought_error_page(server, exchange, result);
		return;
	}
}

void find_begin(struct server *server, struct exchange *exchange)
{
	struct target target;
	enum http_status status =
		target_decode(exchange->request.target, server->with_hidden, answer_path(exchange), &target);
	if (status != HTTP_OK) {
		answer_refuse(server, exchange, status);
		return;
	}
	if (exchange->request.method == METHOD_OPTIONS) {
		answer_methods(server, exchange);
		return;
	}
	if (!known_answer(server, exchange, &target))
		seek(server, exchange, SOUGHT_NAMED);
}
