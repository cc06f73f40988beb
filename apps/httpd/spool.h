// apps/httpd/spool.h: lines on their way to a reader that may be slow.
//
//	filling | line | line | line |      room      |     new lines go here
//	writing |~~~~~~~ written | still to write |         one write at a time is under way here
//
// Two halves of memory: while the kernel writes from one, lines gather in the other; when it is done they change places. So
// nobody waits for the reader. When both are full there is no room for a line: it is dropped, and counted.
//
// It knows nothing of rings and descriptors: it says what is to be written next, and is told how much of it was.
#pragma once

#include <stdint.h>

#include "arch/span.h"
#include "crt/out.h"

struct spool {
	struct out filling;
	struct span other; // the half that `writing` lies in
	struct str writing;
	size_t bytes_max; // of a write
	uint64_t dropped; // lines for which there was no room, since the owner last set it to zero
};

// `memory`, cut in two, is the spool's for good. `bytes_max`: the most that is written at a time, in whole lines: a line at least.
struct spool spool_open(struct span memory, size_t bytes_max);

// Where to write the next line of at most `bytes_max` bytes, valid until the next call; null: no room, and it is counted.
struct out *spool_line(struct spool *spool, size_t bytes_max);

// What is to be written next; empty: nothing. It stays where it is until spool_written has been told of all of it.
struct str spool_next(struct spool *spool);

// `bytes` of what spool_next gave have been written.
void spool_written(struct spool *spool, size_t bytes);
