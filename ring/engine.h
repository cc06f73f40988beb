// ring/engine.h: the seam between the queues and whoever works them off.
//
// Above it, everything is memory: entries go in, completions come out. Below it is what takes the ones and makes the
// others. Three calls and two mappings are all that crosses, so nothing above knows what is below: today the
// kernel (engine_kernel.c).
#pragma once

#include <linux/io_uring.h>
#include <stddef.h>

// Makes a ring; `params` comes back with what was granted. A descriptor, or -errno. [io_uring_setup(2)]
int engine_setup(unsigned entries, struct io_uring_params *params);

// Maps one of the ring's three parts (IORING_OFF_*), `size` bytes. The address, or -errno as a number.
long engine_map(int fd, size_t size, unsigned long long part);

// Undoes engine_map.
void engine_unmap(void *start, size_t size);

// Submits and waits. How many entries were taken, or -errno. [io_uring_enter(2)]
int engine_enter(int fd, unsigned to_submit, unsigned min_complete, unsigned flags, const void *arg, size_t size);

// Everything else. [io_uring_register(2)]
int engine_register(int fd, unsigned opcode, void *arg, unsigned count);

// Ends the ring. What is still in flight ends on its own, later.
void engine_close(int fd);
