// apps/httpd/files.h: files that were found before, so that a request for one of them needs no system call.
//
//	path "a/b.js"      -> struct file: as it is | .zst | .br | .gz     each not known, not there, in memory, or open
//	path "a", a folder -> struct file (of a/index.html)
//
// A small file lies in memory, each of its forms behind the head of its answer, so that one piece of memory is the whole answer; a
// larger one is open:
//
//	file->memory  | head, content | head, content | room |
//
// The table knows no kernel but to close what it has open, and asks no clock: who fills it is learn.c, who tells it of changes
// watch.c, who sends from it known.c. What is not there, is refused, or is a folder's page is not kept: nobody who asks for a
// thousand names in vain pushes a file out.
#pragma once

#include <stdint.h>

#include "apps/httpd/coding.h"
#include "apps/httpd/facts.h"
#include "arch/span.h"
#include "autoconf.h"
#include "crt/arena.h"

// Longer paths are not kept.
constexpr size_t FILES_PATH_BYTES_MAX = 192;

// How long a file is kept before it is found anew, for the changes that nobody tells of.
constexpr int64_t FILES_KEPT_NS_MAX = 1'000'000'000;

// Places in which the table remembers what was asked for once; a path is worth a place when it is asked for again.
constexpr unsigned FILES_ASKED_MAX = 1024;

constexpr unsigned FILES_BUCKETS = 512; // a power of two

// What a request names. The root is the folder "".
struct file_key {
	struct str path; // relative to the root, no slash at either end
	bool is_folder;  // it had a slash at its end
};

enum form_state {
	FORM_UNKNOWN, // whoever wants it must look
	FORM_NONE,
	FORM_IN_MEMORY, // head and content
	FORM_OPEN,      // a descriptor
};

// What tells one state of a file from another: a change of content or of rights is a change of `changed`, whatever a program does
// to the time of modification. [inode(7)]
struct stamp {
	uint64_t inode, bytes;
	int64_t modified, changed; // seconds since 1970
	uint32_t modified_ns, changed_ns;
	uint32_t device_major, device_minor;
};

// A file as it is, or as it lies compressed beside itself.
struct form {
	enum form_state state;
	int descriptor;    // of FORM_OPEN
	uint32_t at;       // of FORM_IN_MEMORY: of its head, in the file's memory
	uint32_t head_len; // of a head that says neither "close" nor "keep-alive"
	struct facts facts;
	struct stamp stamp;
};

struct file {
	struct file *next; // in its bucket, or among the dropped
	uint32_t hash;
	bool is_kept;     // it can be found. If not, it was dropped, and its place is free as soon as nobody holds it
	bool is_used;     // since the hand that looks for a free place came by
	unsigned holders; // answers that read one of its descriptors, or send from its memory
	int64_t until_ns;
	bool is_folder;
	size_t path_len;
	char path[FILES_PATH_BYTES_MAX];

	struct str type;  // lent for good, like the next
	struct str cache; // Cache-Control
	bool varies;      // there is a compressed one
	struct form forms[CODINGS];
	struct span memory;
	size_t memory_used;
};

struct files {
	struct file *table;   // CONFIG_HTTPD_FILES_MAX
	uint8_t *memory;      // CONFIG_HTTPD_FILE_BYTES_MAX for each
	unsigned count;       // places that were ever taken: what lies beyond was never touched, and costs no memory
	unsigned hand;        // where to look for a place next
	struct file *dropped; // what is not kept any more, the last one first
	int64_t sweep_at_ns;  // when the time of the first is over; INT64_MAX: there is none
	struct file *buckets[FILES_BUCKETS];
	uint32_t asked[FILES_ASKED_MAX]; // hashes
};

// Takes the memory of an empty table. -ENOMEM: the arena has too little: FILES_BYTES are wanted.
[[nodiscard]] int files_open(struct files *files, struct arena *arena);

constexpr size_t FILES_BYTES =
	CONFIG_HTTPD_FILES_MAX * (sizeof(struct file) + (size_t)CONFIG_HTTPD_FILE_BYTES_MAX) + 65536;

// The file that is kept for this, at the time `now_ns`; null: none. One whose time is over is dropped.
[[nodiscard]] struct file *files_find(struct files *files, struct file_key key, int64_t now_ns);

// Whether this was asked for not long ago; it was now.
[[nodiscard]] bool files_is_asked_again(struct files *files, struct file_key key);

// An empty place for a file, that of another one if need be: of one that was not used lately. It cannot be found until files_keep.
// Null: all are held, or the path is too long. The next call is files_keep.
[[nodiscard]] struct file *files_take(struct files *files, struct file_key key);

// Lets it be found, until `until_ns`.
void files_keep(struct files *files, struct file *file, int64_t until_ns);

// One that is kept is not found any more; what it has open is closed as soon as nobody holds it.
void files_drop(struct files *files, struct file *file);

// Drops those whose time is over: a file that nobody asks for any more must not stay open, since it may have been deleted.
void files_sweep(struct files *files, int64_t now_ns);

// Drops all. How many descriptors were closed.
unsigned files_drop_all(struct files *files);

// Holds the descriptors and the memory of a file; until it is let go they stay what they are.
void file_hold(struct file *file);
void file_let_go(struct file *file);

// Something has changed under the name `name` in the folder `folder` (the root: ""), or, if `name` is empty, whatever may be: all
// files that may depend on it are dropped.
void files_changed(struct files *files, struct str folder, struct str name);

// The next name of the file's path behind a folder's: of "a/b/c" in "a" it is "b". Empty: it does not lie there.
[[nodiscard]] struct str file_name_in(const struct file *file, struct str folder);

static inline bool stamp_is_same(const struct stamp *one, const struct stamp *other)
{
	return one->inode == other->inode && one->bytes == other->bytes && one->modified == other->modified &&
	       one->modified_ns == other->modified_ns && one->changed == other->changed &&
	       one->changed_ns == other->changed_ns && one->device_major == other->device_major &&
	       one->device_minor == other->device_minor;
}
