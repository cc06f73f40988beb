// apps/httpd/learn.c: from a path to a remembered file.
#include "apps/httpd/learn.h"

#include "apps/httpd/beneath.h"
#include "apps/httpd/etag.h"
#include "apps/httpd/mime.h"
#include "apps/httpd/response.h"
#include "crt/str.h"

#define ENDING_BYTES_MAX 16 // "/index.html", ".html", and the extension of a coding

// What is being learnt.
struct lesson {
	struct server *server;
	struct file *file;
	char path[FILES_PATH_BYTES_MAX + 2 * ENDING_BYTES_MAX];
	size_t path_len;
};

// Puts an ending behind the first `len` bytes of the path.
static void set_path(struct lesson *lesson, size_t len, struct str ending)
{
	struct out out = out_to_memory(SPAN(lesson->path));
	out.len = len;
	out_str(&out, ending);
	lesson->path_len = out.len;
	out_byte(&out, 0);
}

static struct stamp stamp_of(const struct statx *about)
{
	return (struct stamp){
		.inode = about->stx_ino,
		.bytes = about->stx_size,
		.modified = about->stx_mtime.tv_sec,
		.modified_ns = about->stx_mtime.tv_nsec,
		.changed = about->stx_ctime.tv_sec,
		.changed_ns = about->stx_ctime.tv_nsec,
		.device_major = about->stx_dev_major,
		.device_minor = about->stx_dev_minor,
	};
}

static int ask(int file, struct statx *about)
{
	return sys_statx(file, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_BASIC_STATS, about);
}

bool learn_is_same(int file, const struct stamp *stamp)
{
	struct statx about;
	if (ask(file, &about) != 0)
		return false;
	struct stamp now = stamp_of(&about);
	return stamp_is_same(&now, stamp);
}

// Opens by rules of beneath.h, but without waiting: what the kernel does not have in memory is -EAGAIN. [openat2(2), RESOLVE_CACHED,
// Linux 5.12]
static int open_by(struct lesson *lesson, const struct open_how *rules)
{
	struct open_how how = *rules;
	how.resolve |= RESOLVE_CACHED;
	int result = sys_openat2(lesson->server->root, lesson->path, &how);
	return result == -EINVAL ? sys_openat2(lesson->server->root, lesson->path, rules) : result;
}

// Looks first, as find.c does, so that no device is opened.
static int open_known(struct lesson *lesson, struct statx *about)
{
	int looked = open_by(lesson, &beneath_look_rules);
	if (looked < 0)
		return looked;
	int error = ask(looked, about);
	(void)sys_close(looked); // the descriptor is gone whatever close says
	if (error == 0 && !S_ISREG(about->stx_mode))
		error = -ENOENT;
	return error == 0 ? open_by(lesson, &beneath_rules) : error;
}

// Opens the file that the path names, if it is one. A descriptor or -errno; -ENOENT: what is there is no file.
static int open_file(struct lesson *lesson, struct statx *about)
{
	struct server *server = lesson->server;
	int file = server->is_beneath_known ? open_known(lesson, about) : beneath_walk(server->root, lesson->path);
	int error = file < 0 ? file : ask(file, about);
	if (error == 0 && !S_ISREG(about->stx_mode))
		error = -ENOENT;
	if (error != 0 && file >= 0)
		(void)sys_close(file); // the descriptor is gone whatever close says
	return error == 0 ? file : error;
}

// Whether a change of the file from now on would show in its times.
static bool is_at_rest(const struct statx *about, int64_t now)
{
	struct facts modified = {.modified = about->stx_mtime.tv_sec}, changed = {.modified = about->stx_ctime.tv_sec};
	return etag_is_at_rest(&modified, now) && etag_is_at_rest(&changed, now);
}

static void set_form(struct lesson *lesson, enum coding coding, int descriptor, const struct statx *about)
{
	lesson->file->forms[coding] = (struct form){
		.state = FORM_OPEN,
		.descriptor = descriptor,
		.facts = {about->stx_size, about->stx_mtime.tv_sec, about->stx_mtime.tv_nsec, coding},
		.stamp = stamp_of(about),
	};
}

// Whether there is nothing that the kernel could not say now, but might later.
static bool is_final(int error)
{
	return error == -ENOENT || error == -ENOTDIR || error == -EACCES || error == -ELOOP || error == -EXDEV ||
	       error == -ENAMETOOLONG;
}

// Looks for the file compressed, under the first `len` bytes of the path and an extension.
static void learn_coding(struct lesson *lesson, size_t len, enum coding coding)
{
	struct form *form = &lesson->file->forms[coding];
	struct statx about;
	set_path(lesson, len, coding_extension(coding));
	int file = open_file(lesson, &about);
	form->state = is_final(file) ? FORM_NONE : FORM_UNKNOWN;
	if (file < 0)
		return;
	bool is_old = about.stx_mtime.tv_sec < lesson->file->forms[CODING_IDENTITY].facts.modified; // see find.c
	if (!is_old && is_at_rest(&about, lesson->server->now_s)) {
		set_form(lesson, coding, file, &about);
		lesson->file->varies = true;
		return;
	}
	form->state = is_old ? FORM_NONE : FORM_UNKNOWN;
	(void)sys_close(file); // the descriptor is gone whatever close says
}

// Composes the head of a form. Its Date is written over whenever it is sent.
static struct out compose_head(struct lesson *lesson, const struct form *form)
{
	struct file *file = lesson->file;
	uint8_t tag_bytes[ETAG_BYTES_MAX];
	struct out tag = out_to_memory(SPAN(tag_bytes));
	etag_write(&tag, &form->facts, lesson->server->now_s);
	struct response response = {
		.status = HTTP_OK,
		.now = lesson->server->now_s,
		.type = file->type,
		.content_bytes = form->facts.bytes,
		.has_modified = true,
		.modified = form->facts.modified,
		.tag = out_written(&tag),
		.coding = coding_name(form->facts.coding),
		.varies = file->varies,
		.has_ranges = true,
		.cache = file->cache,
		.keep_alive = true,
	};
	struct out head = out_to_memory(
		(struct span){file->memory.ptr + file->memory_used, file->memory.len - file->memory_used});
	response_head(&head, &response);
	return head;
}

// Takes a form that is open into memory, if it fits and is at hand: then its descriptor is not needed any more.
static void read_form(struct lesson *lesson, struct form *form)
{
	struct file *file = lesson->file;
	if (form->state != FORM_OPEN)
		return;
	struct out head = compose_head(lesson, form);
	size_t len = form->facts.bytes, room = head.cap - head.len;
	if (head.error != 0 || len > room)
		return;
	struct iovec into = {head.ptr + head.len, len};
	if (len > 0 && sys_preadv2(form->descriptor, &into, 1, 0, RWF_NOWAIT) != (long)len)
		return;
	// Head and content are of one state of the file: it was at rest when it was opened, and has not changed since. If it has,
	// it stays open, and whoever uses it finds that out.
	if (!learn_is_same(form->descriptor, &form->stamp))
		return;
	(void)sys_close(form->descriptor); // the descriptor is gone whatever close says
	form->state = FORM_IN_MEMORY;
	form->at = (uint32_t)file->memory_used;
	form->head_len = (uint32_t)head.len;
	file->memory_used += head.len + len;
}

// The walk of find.c, as far as it leads to a file, in lesson->path. A descriptor or -errno.
static int walk(struct lesson *lesson, struct file_key key, struct statx *about)
{
	set_path(lesson, 0, key.path);
	if (key.is_folder) {
		set_path(lesson, lesson->path_len, key.path.len > 0 ? STR("/index.html") : STR("index.html"));
		return open_file(lesson, about);
	}
	int file = open_file(lesson, about);
	if (!lesson->server->options.is_clean || (file != -ENOENT && file != -ENOTDIR))
		return file;
	set_path(lesson, lesson->path_len, STR(".html"));
	return open_file(lesson, about);
}

struct file *learn(struct server *server, struct file_key key)
{
	struct files *files = &server->files;
	if (key.path.len > FILES_PATH_BYTES_MAX || watches_set(&server->watches, files, key) != 0)
		return nullptr;
	struct lesson lesson = {.server = server};
	struct statx about;
	int opened = walk(&lesson, key, &about);
	if (opened < 0)
		return nullptr;
	struct file *file = is_at_rest(&about, server->now_s) ? files_take(files, key) : nullptr;
	if (file == nullptr) {
		(void)sys_close(opened); // the descriptor is gone whatever close says
		return nullptr;
	}
	lesson.file = file;
	set_form(&lesson, CODING_IDENTITY, opened, &about);
	struct str path = {lesson.path, lesson.path_len};
	file->type = mime_type(server->options.mime, path);
	file->cache = cache_find(&server->options.cache, path);
	file->varies = false;
	for (unsigned i = 0; i < CODING_IDENTITY; i++) {
		if (server->options.is_coding_off)
			file->forms[i].state = FORM_NONE;
		else
			learn_coding(&lesson, path.len, (enum coding)i);
	}
	for (unsigned i = 0; i < CODINGS; i++)
		read_form(&lesson, &file->forms[i]);
	files_keep(files, file, server->now_ns + FILES_KEPT_NS_MAX);
	return file;
}
