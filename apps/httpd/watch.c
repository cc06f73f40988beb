// apps/httpd/watch.c: watches on folders, and what their events mean.
#include "apps/httpd/watch.h"

#include <linux/inotify.h>

#include "arch/sys.h"
#include "crt/mem.h"
#include "crt/say.h"
#include "crt/str.h"

// Whatever changes what a name stands for, the file's content, or who may read it.
#define CHANGES (IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVE | IN_DELETE_SELF | IN_MOVE_SELF)

// Reads in a row; who changes files faster than that has all of them found anew.
#define READS_MAX 16

#define EVENT_BYTES_MAX (sizeof(struct inotify_event) + NAME_MAX + 1)
static_assert(sizeof((struct watches){}.bytes) >= 2 * EVENT_BYTES_MAX);

static struct str path_of(const struct watch *watch)
{
	return (struct str){watch->path, watch->path_len};
}

int watches_open(struct watches *watches, int root, struct arena *arena)
{
	*watches = (struct watches){.events = -1, .table = ARENA_TABLE(arena, struct watch, WATCHES_MAX)};
	if (watches->table == nullptr)
		return -ENOMEM;
	int events = sys_inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	// inotify takes a path, and no folder that it would begin at. So this process goes there, for good: it has no other path.
	int error = events < 0 ? events : sys_fchdir(root);
	if (error == 0) {
		watches->events = events;
		return 0;
	}
	if (events >= 0)
		(void)sys_close(events); // the descriptor is gone whatever close says
	if (error != -ENOSYS)            // a kernel without it is somebody's choice
		say_error(error, STR("httpd: cannot watch for changes, which are seen within a second then (raise "
				     "fs.inotify.max_user_instances, if that is it)"));
	return 0;
}

// Gives a watch of the kernel's back, if no path has it: folders may be reached by several, through symbolic links.
static void give_back(struct watches *watches, int number)
{
	for (unsigned i = 0; i < watches->count; i++) {
		if (watches->table[i].number == number)
			return;
	}
	// The kernel may have taken it away already: then that fails, as it should.
	(void)sys_inotify_rm_watch(watches->events, number);
}

static void forget(struct watches *watches, struct watch *watch)
{
	int number = watch->number;
	watch->number = -1;
	if (number >= 0)
		give_back(watches, number);
}

// Whether what is remembered depends on it, or what is to be: it was set just now on the way to `path`.
static bool is_needed(const struct files *files, const struct watch *watch, struct str path)
{
	struct str above = path_of(watch);
	if (str_starts(path, above) && (above.len == 0 || path.ptr[above.len] == '/'))
		return true;
	for (unsigned i = 0; i < files->count; i++) {
		if (files->table[i].is_kept && file_name_in(&files->table[i], path_of(watch)).len > 0)
			return true;
	}
	return false;
}

// The watch of this path, or a free place; null: all that were looked at are needed.
static struct watch *place_for(struct watches *watches, const struct files *files, struct str path)
{
	struct watch *free = nullptr;
	for (unsigned i = 0; i < watches->count; i++) {
		struct watch *watch = &watches->table[i];
		if (watch->number < 0)
			free = watch;
		else if (str_equal(path_of(watch), path))
			return watch;
	}
	if (free != nullptr)
		return free;
	if (watches->count < WATCHES_MAX) {
		watches->table[watches->count].number = -1;
		return &watches->table[watches->count++];
	}
	for (unsigned tries = 0; tries < 8; tries++) { // few, since each costs a look at all files
		struct watch *watch = &watches->table[watches->hand];
		watches->hand = (watches->hand + 1) % WATCHES_MAX;
		if (is_needed(files, watch, path))
			continue;
		forget(watches, watch);
		return watch;
	}
	return nullptr;
}

static int set(struct watches *watches, const struct files *files, struct str path)
{
	char name[FILES_PATH_BYTES_MAX + 1] = ".";
	memcpy(name, path.ptr, path.len);
	if (path.len > 0)
		name[path.len] = 0;
	int number = sys_inotify_add_watch(watches->events, name, CHANGES | IN_ONLYDIR);
	if (number == -ENOENT || number == -ENOTDIR || number == -ELOOP)
		return number;
	if (number < 0) { // EACCES: it may be passed through, but not read; ENOSPC, ENOMEM: there are enough
		if (number == -ENOSPC && !watches->is_told)
			say(STR("httpd: cannot watch all folders for changes, which are seen within a second then "
				"(raise "
				"fs.inotify.max_user_watches)"));
		watches->is_told = watches->is_told || number == -ENOSPC;
		return 0;
	}
	struct watch *watch = place_for(watches, files, path);
	if (watch == nullptr) {
		give_back(watches, number);
		return -EBUSY;
	}
	if (watch->number == number)
		return 0;
	forget(watches, watch); // of a folder that had this path before
	watch->number = number;
	watch->path_len = path.len;
	memcpy(watch->path, path.ptr, path.len);
	return 0;
}

int watches_set(struct watches *watches, const struct files *files, struct file_key key)
{
	if (watches->events < 0)
		return 0;
	int error = set(watches, files, STR(""));
	for (size_t at = 0; at < key.path.len && error == 0; at++) {
		if (key.path.ptr[at] == '/')
			error = set(watches, files, str_take(key.path, at));
	}
	if (error == 0 && key.is_folder && key.path.len > 0)
		error = set(watches, files, key.path);
	return error;
}

// Forgets the watches of the folder `name` in `folder`, if it is one, and of all beneath: another may stand there now.
static void forget_beneath(struct watches *watches, struct str folder, struct str name)
{
	for (unsigned i = 0; i < watches->count; i++) {
		struct watch *watch = &watches->table[i];
		struct str path = path_of(watch);
		if (watch->number < 0 || !str_starts(path, folder))
			continue;
		struct str rest = str_skip(path, folder.len);
		if (folder.len > 0) {
			if (rest.len == 0 || rest.ptr[0] != '/')
				continue;
			rest = str_skip(rest, 1);
		}
		if (str_equal(str_cut(rest, '/').before, name))
			forget(watches, watch);
	}
}

// An event of the watch, which is of the folder itself if `name` is empty.
static void changed(struct watches *watches, struct files *files, struct watch *watch, uint32_t mask, struct str name)
{
	files_changed(files, path_of(watch), name);
	if (name.len > 0)
		forget_beneath(watches, path_of(watch), name);
	else if ((mask & (IN_IGNORED | IN_UNMOUNT | IN_DELETE_SELF | IN_MOVE_SELF)) != 0)
		forget(watches, watch);
}

static void take(struct watches *watches, struct files *files, struct str bytes)
{
	while (bytes.len >= sizeof(struct inotify_event)) {
		struct inotify_event event;
		memcpy(&event, bytes.ptr, sizeof(event));
		struct str rest = str_skip(bytes, sizeof(event));
		struct str name = event.len > 0 ? str_from_cstr(rest.ptr) : STR(""); // the kernel ends it, and fills up
		bytes = str_skip(rest, event.len);
		if ((event.mask & IN_Q_OVERFLOW) != 0)
			(void)files_drop_all(files); // the descriptors do not matter
		for (unsigned i = 0; i < watches->count; i++) {
			if (watches->table[i].number == event.wd && event.wd >= 0)
				changed(watches, files, &watches->table[i], event.mask, name);
		}
	}
}

void watches_read(struct watches *watches, struct files *files)
{
	if (watches->events < 0)
		return;
	for (unsigned reads = 0; reads < READS_MAX; reads++) {
		long got = sys_read(watches->events, watches->bytes, sizeof(watches->bytes));
		if (got <= 0)
			return; // nothing has changed [inotify(7)]
		take(watches, files, (struct str){(const char *)watches->bytes, (size_t)got});
		if ((size_t)got + EVENT_BYTES_MAX <= sizeof(watches->bytes))
			return; // another event would have had room: there was none
	}
	(void)files_drop_all(files); // the descriptors do not matter
}
