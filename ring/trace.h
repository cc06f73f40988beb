// ring/trace.h: what goes into the queues and comes out of them, a line each, for the one who wants to see it.
//
//	-> read fd=3 len=4096 off=0 token=7 LINK
//	-> openat dir=AT_FDCWD path="etc/hosts" flags=0x80000 mode=0 token=8
//	<- token=7 res=512
//	<- token=8 res=-2 ENOENT
//	!! overflow: completions wait behind a full queue
//
// A line names the fields that mean something to its operation, then what holds for all: the flags, and how often it
// completes. Lines go to options.trace of a ring, in a library that was built with its own tracing (CONFIG_RING_TRACE;
// traced.h); where they are written and what time it is are the program's business. These two functions are there always, for
// a debugger or a log.
//
// Compiles as C11 and C++17.
#pragma once

#include <linux/io_uring.h>
#include <stdbool.h>

#include "arch/span.h"

#ifdef __cplusplus
extern "C" {
#endif

// Enough for any line that these write.
#define RING_TRACE_BYTES 512

// Bytes of a path that are shown; "..." stands for the rest.
#define RING_TRACE_PATH_BYTES 32

// Writes an entry's line, without a line feed, and returns its length. What does not fit is left out.
//
// Paths and times are read from where the entry points, so it must not have been submitted yet, or what it lends must still be
// there; a null pointer is shown as such. Bytes of a path that are not printable ASCII become '?'.
size_t ring_trace_entry(struct span into, const struct io_uring_sqe *sqe);

// The same for a completion. `is_wide`: it has the 16 bytes more of a ring of wide completions.
size_t ring_trace_completion(struct span into, const struct io_uring_cqe *cqe, bool is_wide);

#ifdef __cplusplus
}
#endif
