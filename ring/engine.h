// ring/engine.h: the seam between the queues and whoever works them off.
//
// Above it, everything is memory: entries go in, completions come out. Below it is an engine, which takes the ones and makes
// the others. What crosses is this table, so nothing above knows what is below:
//
//	ring_kernel      the kernel does it                                     (engine_kernel.c)
//	ring_emulated    the same in this thread, by ordinary system calls      (emulate/)
//
// A program may bring a third one: one that fails on purpose, for its tests.
//
// An engine may want memory of its own. It says how much once the ring's size is known, finds those bytes zeroed in the
// mapping that ring_open makes anyway, and gets them back at every call as `state`. Nothing is allocated later.
#pragma once

#include <linux/io_uring.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// Where the queues of a ring lie.
struct ring_place {
	const struct io_uring_params *params; // as setup gave them back; valid during begin only
	void *queues;                         // what params->sq_off and cq_off count from
	struct io_uring_sqe *sqes;
};

struct ring_engine {
	// Makes a ring; `params` comes back with what was granted. A descriptor, or -errno. [io_uring_setup(2)]
	int (*setup)(unsigned entries, struct io_uring_params *params);

	// Bytes that the engine wants for itself, for a ring that setup has granted.
	size_t (*state_bytes)(const struct io_uring_params *params);

	// Maps one of the ring's parts (IORING_OFF_*), `size` bytes. The address, or -errno as a number. Not called where
	// the caller gave the memory.
	long (*map)(int fd, size_t size, unsigned long long part);

	// Undoes map.
	void (*unmap)(void *start, size_t size);

	// Tells the engine where everything lies: called once, before the first enter. `state` is aligned to 64 bytes.
	void (*begin)(void *state, int fd, struct ring_place place);

	// Submits and waits. How many entries were taken, or -errno. [io_uring_enter(2)]
	int (*enter)(void *state, int fd, unsigned to_submit, unsigned min_complete, unsigned flags, const void *arg,
		     size_t size);

	// Everything else. [io_uring_register(2)]
	int (*registers)(void *state, int fd, unsigned opcode, void *arg, unsigned count);

	// Ends the ring. What is still in flight ends on its own, later. `state` is null where begin was not reached.
	void (*close)(void *state, int fd);
};

extern const struct ring_engine ring_kernel;
extern const struct ring_engine ring_emulated;

#ifdef __cplusplus
}
#endif
