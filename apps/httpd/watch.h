// apps/httpd/watch.h: learns of changes below the served folder before an answer is made from what is remembered. [inotify(7)]
//
//	path "a/b/c.js"  ->  watches on "", "a", "a/b"     a change in one of them drops what depends on it (files_changed)
//
// A watch is on a folder, not on its path: so a folder that is renamed is noticed in the one above, and the watches of what lies
// beneath are forgotten. Watches are set anew with each file that is remembered, which costs little and mends whatever was
// missed.
//
// What nobody tells of is a change from another machine (a network's file system), through a mapping of memory, by another name of
// the same file (a hard link, the target of a symbolic link), and a mount. For these there is files.h's time limit.
#pragma once

#include <linux/limits.h>

#include "apps/httpd/files.h"

// Folders that are watched at once.
constexpr unsigned WATCHES_MAX = CONFIG_HTTPD_FILES_MAX < 64 ? 64 : CONFIG_HTTPD_FILES_MAX;

struct watch {
	int number; // inotify's; -1: none
	size_t path_len;
	char path[FILES_PATH_BYTES_MAX];
};

struct watches {
	int events;                     // inotify's descriptor; -1: there is none
	bool is_told;                   // it was said that a folder cannot be watched
	unsigned count;                 // of the table, that were ever taken
	unsigned hand;                  // where to look for a place next
	struct watch *table;            // WATCHES_MAX
	alignas(8) uint8_t bytes[4096]; // events
};

constexpr size_t WATCHES_BYTES = WATCHES_MAX * sizeof(struct watch) + 64;

// Takes the memory. `root` is where paths begin: it becomes the working directory of this process. Without inotify there are no
// watches: where somebody can do something about that, a sentence says so. -ENOMEM: the arena has too little.
[[nodiscard]] int watches_open(struct watches *watches, int root, struct arena *arena);

// Watches all folders on the way to a file. Zero: a change is told from now on, or there can be no watches. -ENOENT and the like: a
// folder is not there. -EBUSY: there are more folders than places.
[[nodiscard]] int watches_set(struct watches *watches, const struct files *files, struct file_key key);

// Drops what has changed. One call, if nothing has.
void watches_read(struct watches *watches, struct files *files);
