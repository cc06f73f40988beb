// apps/httpd/files.c: the table of files that were found before.
#include "apps/httpd/files.h"

#include "arch/sys.h"
#include "crt/mem.h"
#include "crt/process.h"
#include "crt/str.h"

#define INDEX STR("index.html")

static_assert((FILES_BUCKETS & (FILES_BUCKETS - 1)) == 0 && (FILES_ASKED_MAX & (FILES_ASKED_MAX - 1)) == 0);

// FNV-1a, which is short. Who could choose names that fall together could make the table slow, not wrong; but the names are those of
// files that are there. [Fowler, Noll, Vo; RFC 9923]
static uint32_t hash_of(struct file_key key)
{
	uint32_t hash = key.is_folder ? 0x811c9dc5u : 0x811c9dc4u;
	for (size_t i = 0; i < key.path.len; i++)
		hash = (hash ^ (uint8_t)key.path.ptr[i]) * 0x01000193u;
	return hash ^ hash >> 15;
}

static struct str path_of(const struct file *file)
{
	return (struct str){file->path, file->path_len};
}

static struct file **bucket_of(struct files *files, uint32_t hash)
{
	return &files->buckets[hash & (FILES_BUCKETS - 1)];
}

int files_open(struct files *files, struct arena *arena)
{
	*files = (struct files){
		.sweep_at_ns = INT64_MAX,
		.table = ARENA_TABLE(arena, struct file, CONFIG_HTTPD_FILES_MAX),
		.memory = arena_alloc(arena, CONFIG_HTTPD_FILES_MAX, CONFIG_HTTPD_FILE_BYTES_MAX, process.page_size),
	};
	return files->table == nullptr || files->memory == nullptr ? -ENOMEM : 0;
}

// Closes what the file has open. How many.
static unsigned close_forms(struct file *file)
{
	unsigned closed = 0;
	for (unsigned i = 0; i < CODINGS; i++) {
		if (file->forms[i].state == FORM_OPEN) {
			(void)sys_close(file->forms[i].descriptor); // the descriptor is gone whatever close says
			closed++;
		}
		file->forms[i].state = FORM_UNKNOWN;
	}
	return closed;
}

// Takes a file that is kept out of its bucket, and lists its place among those to be taken. How many descriptors were closed.
static unsigned drop(struct files *files, struct file *file)
{
	struct file **link = bucket_of(files, file->hash);
	while (*link != file)
		link = &(*link)->next;
	*link = file->next;
	file->is_kept = false;
	file->next = files->dropped;
	files->dropped = file;
	return file->holders == 0 ? close_forms(file) : 0;
}

void files_drop(struct files *files, struct file *file)
{
	(void)drop(files, file); // who counts descriptors drops all
}

unsigned files_drop_all(struct files *files)
{
	unsigned closed = 0;
	for (unsigned i = 0; i < files->count; i++) {
		if (files->table[i].is_kept)
			closed += drop(files, &files->table[i]);
	}
	return closed;
}

struct file *files_find(struct files *files, struct file_key key, int64_t now_ns)
{
	uint32_t hash = hash_of(key);
	struct file *file = *bucket_of(files, hash);
	while (file != nullptr &&
	       (file->hash != hash || file->is_folder != key.is_folder || !str_equal(path_of(file), key.path)))
		file = file->next;
	if (file == nullptr)
		return nullptr;
	if (file->until_ns <= now_ns) {
		files_drop(files, file);
		return nullptr;
	}
	file->is_used = true;
	return file;
}

bool files_is_asked_again(struct files *files, struct file_key key)
{
	uint32_t hash = hash_of(key);
	uint32_t *asked = &files->asked[hash & (FILES_ASKED_MAX - 1)];
	bool is_again = *asked == hash;
	*asked = hash;
	return is_again;
}

// The place that was dropped last of those that nobody holds, or null.
static struct file *take_dropped(struct files *files)
{
	struct file **link = &files->dropped;
	while (*link != nullptr && (*link)->holders > 0)
		link = &(*link)->next;
	struct file *file = *link;
	if (file != nullptr)
		*link = file->next;
	return file;
}

// A place where no file is found, or null: one whose memory was used before, else one that never was, so that few files need little
// memory however often they are found anew. In a full table the hand takes the first that was not used since it came by last; twice
// round finds one, if not all are held.
static struct file *free_place(struct files *files)
{
	struct file *dropped = take_dropped(files);
	if (dropped != nullptr)
		return dropped;
	if (files->count < CONFIG_HTTPD_FILES_MAX)
		return &files->table[files->count++];
	for (unsigned step = 0; step < 2 * CONFIG_HTTPD_FILES_MAX; step++) {
		struct file *file = &files->table[files->hand];
		files->hand = (files->hand + 1) % CONFIG_HTTPD_FILES_MAX;
		bool was_used = file->is_used;
		file->is_used = false;
		if (!file->is_kept || was_used || file->holders > 0)
			continue;
		files_drop(files, file);
		return take_dropped(files);
	}
	return nullptr;
}

struct file *files_take(struct files *files, struct file_key key)
{
	struct file *file = key.path.len <= FILES_PATH_BYTES_MAX ? free_place(files) : nullptr;
	if (file == nullptr)
		return nullptr;
	file->hash = hash_of(key);
	file->is_folder = key.is_folder;
	file->is_used = false;
	file->path_len = key.path.len;
	memcpy(file->path, key.path.ptr, key.path.len);
	size_t place = (size_t)(file - files->table);
	file->memory = (struct span){files->memory + place * CONFIG_HTTPD_FILE_BYTES_MAX, CONFIG_HTTPD_FILE_BYTES_MAX};
	file->memory_used = 0;
	return file;
}

void files_keep(struct files *files, struct file *file, int64_t until_ns)
{
	struct file **bucket = bucket_of(files, file->hash);
	file->next = *bucket;
	*bucket = file;
	file->is_kept = true;
	file->until_ns = until_ns;
	if (until_ns < files->sweep_at_ns)
		files->sweep_at_ns = until_ns;
}

void files_sweep(struct files *files, int64_t now_ns)
{
	if (now_ns < files->sweep_at_ns)
		return;
	files->sweep_at_ns = INT64_MAX;
	for (unsigned i = 0; i < files->count; i++) {
		struct file *file = &files->table[i];
		if (file->is_kept && file->until_ns <= now_ns)
			files_drop(files, file);
		else if (file->is_kept && file->until_ns < files->sweep_at_ns)
			files->sweep_at_ns = file->until_ns;
	}
}

void file_hold(struct file *file)
{
	file->holders++;
}

void file_let_go(struct file *file)
{
	file->holders--;
	if (!file->is_kept && file->holders == 0)
		(void)close_forms(file); // who counts descriptors drops all
}

struct str file_name_in(const struct file *file, struct str folder)
{
	struct str path = path_of(file);
	if (!str_starts(path, folder))
		return STR("");
	struct str rest = str_skip(path, folder.len);
	if (rest.len == 0)
		return file->is_folder ? INDEX : STR("");
	if (folder.len > 0) {
		if (rest.ptr[0] != '/')
			return STR("");
		rest = str_skip(rest, 1);
	}
	return str_cut(rest, '/').before;
}

void files_changed(struct files *files, struct str folder, struct str name)
{
	for (unsigned i = 0; i < files->count; i++) {
		struct file *file = &files->table[i];
		struct str own = file->is_kept ? file_name_in(file, folder) : STR("");
		if (own.len == 0)
			continue;
		// Its own name, and what begins with it and goes on with a dot: a compressed one, or page.html in place of page.
		bool is_meant =
			name.len == 0 || (str_starts(name, own) && (name.len == own.len || name.ptr[own.len] == '.'));
		if (is_meant)
			files_drop(files, file);
	}
}
