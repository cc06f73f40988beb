// apps/httpd/folder.c: a folder without an index, read and made into a page.
//
//	scratch
//	| entry 0 | entry 1 | ...  ->     free     <- ...  name 1 | name 0 | what getdents64 filled |
#include "apps/httpd/folder.h"

#include "apps/httpd/beneath.h"
#include "apps/httpd/listing.h"
#include "apps/httpd/target.h"
#include "arch/sys.h"
#include "crt/mem.h"
#include "crt/str.h"

#define DIRENTS_BYTES 32768u

struct folder {
	struct listing_entry *entries;
	size_t count;
	uint8_t *names; // the lowest name; names grow down to meet the entries
	int root;       // the served folder
	int dir;        // the one that is read
	struct str path;
	bool with_hidden;
};

// Opens what a link leads to, if that lies beneath the served folder, only to ask about it.
static int open_link(const struct folder *folder, struct str name)
{
	char path[PATH_MAX];
	if (folder->path.len + 1 + name.len >= sizeof(path))
		return -ENAMETOOLONG;
	memcpy(path, folder->path.ptr, folder->path.len);
	path[folder->path.len] = '/';
	memcpy(path + folder->path.len + 1, name.ptr, name.len);
	path[folder->path.len + 1 + name.len] = 0;
	return sys_openat2(folder->root, path, &beneath_look_rules);
}

// Whether a name is a file or a folder, and what the page shows of it. A link is shown as what it leads to, and not at all
// where opening it would fail.
static bool describe(const struct folder *folder, const struct sys_dirent *found, struct listing_entry *entry)
{
	struct statx about;
	unsigned mask = STATX_TYPE | STATX_SIZE | STATX_MTIME;
	if (sys_statx(folder->dir, found->name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, mask, &about) != 0)
		return false; // gone since
	if (S_ISLNK(about.stx_mode)) {
		int fd = open_link(folder, entry->name);
		if (fd < 0)
			return false;
		int error = sys_statx(fd, "", AT_EMPTY_PATH, mask, &about);
		(void)sys_close(fd); // the descriptor is gone whatever close says
		if (error != 0)
			return false;
	}
	entry->is_folder = S_ISDIR(about.stx_mode);
	entry->bytes = about.stx_size;
	entry->modified = about.stx_mtime.tv_sec;
	return S_ISDIR(about.stx_mode) || S_ISREG(about.stx_mode);
}

static int add(struct folder *folder, const struct sys_dirent *found)
{
	struct listing_entry entry = {.name = str_from_cstr(found->name)};
	size_t len = entry.name.len;
	bool in_root = str_equal(folder->path, STR("."));
	if (!target_is_served(entry.name, in_root, folder->with_hidden) || !describe(folder, found, &entry))
		return 0;

	if ((size_t)(folder->names - (uint8_t *)&folder->entries[folder->count]) < len + sizeof(entry))
		return -EFBIG;
	folder->names -= len;
	memcpy(folder->names, found->name, len);
	entry.name.ptr = (const char *)folder->names;
	folder->entries[folder->count++] = entry;
	return 0;
}

static int read_names(struct folder *folder, uint8_t *dirents)
{
	for (;;) {
		long filled = sys_getdents64(folder->dir, dirents, DIRENTS_BYTES);
		if (filled <= 0)
			return (int)filled;
		for (long at = 0; at < filled;) {
			const struct sys_dirent *found = (const struct sys_dirent *)(dirents + at);
			int error = add(folder, found);
			if (error != 0)
				return error;
			at += found->reclen;
		}
	}
}

// Lets the entry at `at` sink to where both below it are smaller.
static void sink(struct listing_entry *entries, size_t at, size_t count)
{
	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && listing_compare(&entries[child], &entries[child + 1]) < 0)
			child++;
		if (listing_compare(&entries[at], &entries[child]) >= 0)
			return;
		struct listing_entry moved = entries[at];
		entries[at] = entries[child];
		entries[child] = moved;
	}
}

// Heapsort: in place, and no order of names makes it slow. [Williams, CACM 7 (1964) 347]
static void sort(struct listing_entry *entries, size_t count)
{
	for (size_t at = count / 2; at > 0; at--)
		sink(entries, at - 1, count);
	for (size_t end = count; end > 1; end--) {
		struct listing_entry greatest = entries[0];
		entries[0] = entries[end - 1];
		entries[end - 1] = greatest;
		sink(entries, 0, end - 1);
	}
}

int folder_page(int root, int dir, struct str path, bool with_hidden, struct span scratch, struct out *page)
{
	uint8_t *dirents = scratch.ptr + scratch.len - DIRENTS_BYTES;
	struct folder folder = {
		.entries = (struct listing_entry *)scratch.ptr,
		.names = dirents,
		.root = root,
		.dir = dir,
		.path = path,
		.with_hidden = with_hidden,
	};
	int error = read_names(&folder, dirents);
	if (error != 0)
		return error;
	sort(folder.entries, folder.count);

	listing_begin(page, path);
	for (size_t i = 0; i < folder.count; i++)
		listing_entry(page, &folder.entries[i]);
	listing_end(page);
	return page->error == 0 ? 0 : -EFBIG;
}
