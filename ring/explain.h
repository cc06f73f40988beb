// ring/explain.h: why there is no ring, and what a person can do about it.
//
// ring_open's error alone does not tell: -EPERM is a sysctl or a filter, -ENOSYS an old kernel, a filter or an emulator.
// What decides between them is looked up in /proc; where there is no /proc, the error must do.
//
// Compiles as C11 and C++17.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arch/span.h"

#ifdef __cplusplus
extern "C" {
#endif

enum ring_cause {
	RING_CAUSE_NONE,        // the error says nothing about io_uring as such
	RING_CAUSE_OLD,         // the kernel is older than what is wanted
	RING_CAUSE_LEFT_OUT,    // it was built without io_uring
	RING_CAUSE_EMULATOR,    // the kernel has it, and what runs the program does not pass it on
	RING_CAUSE_FILTER,      // a seccomp filter
	RING_CAUSE_SYSCTL_ALL,  // kernel.io_uring_disabled is 2: for everybody
	RING_CAUSE_SYSCTL_MOST, // .. is 1: for all but a group and the privileged
	RING_CAUSE_FORBIDDEN,   // somebody forbids it, and it is not to be seen who
	RING_CAUSE_MEMLOCK,     // the limit on locked memory, which rings counted against before 5.12
	RING_CAUSE_MEMORY,      // any other want of memory
	RING_CAUSE_DESCRIPTORS, // the process has too many open
	RING_CAUSE_FILES,       // the machine has
};

// What there is to be known beside the error.
struct ring_facts {
	unsigned major, minor; // of the kernel's release: 6 and 12
	int sysctl;            // kernel.io_uring_disabled; -1: no such file, or no /proc
	bool has_filter;       // a seccomp filter is at work in this process
	bool is_privileged;    // CAP_SYS_ADMIN, for which a sysctl of 1 does not count
	bool is_memory_locked; // RLIMIT_MEMLOCK is set
};

// Looks it up now: uname(2), prlimit(2), /proc/sys/kernel/io_uring_disabled, /proc/self/status.
struct ring_facts ring_facts(void);

// What they mean together with ring_open's `error`, of either sign. Pure.
enum ring_cause ring_judge(int error, const struct ring_facts *facts);

// A cause and its cure in one clause; empty for RING_CAUSE_NONE. Never changes.
struct str ring_cause_text(enum ring_cause cause);

// All three: what ring_explain (ring.h) tells in words.
enum ring_cause ring_why(int error);

#ifdef __cplusplus
}
#endif
