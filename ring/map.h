// ring/map.h: the kernel's queues, mapped, and the handle laid over them: when a ring is opened, and when it is resized.
#pragma once

#include "ring/engine.h"
#include "ring/own.h"
#include "ring/ring.h"

// The two mappings that are shared with the kernel.
struct ring_queues {
	void *queues; // the indices of both queues, and the completions
	size_t queues_bytes;
	void *sqes;
	size_t sqes_bytes;
};

// Maps the queues of a ring that the engine has granted. Zero, or -errno: then nothing remains mapped.
int ring_queues_map(const struct ring_options *options, int fd, const struct io_uring_params *params,
		    struct ring_queues *into);

// Undoes it.
void ring_queues_unmap(const struct ring_engine *engine, struct ring_queues queues);

// Lays the handle over the queues; `params` says where in them each index lies.
void ring_queues_attach(struct io_uring *ring, const struct io_uring_params *params, struct ring_queues queues);

// Those that the handle lies over now.
static inline struct ring_queues queues_of(const struct io_uring *ring)
{
	return (struct ring_queues){
		.queues = ring->sq.ring_ptr,
		.queues_bytes = ring->sq.ring_sz,
		.sqes = ring->sq.sqes,
		.sqes_bytes = ring->sq.ring_entries * ring_sqe_bytes(ring->flags),
	};
}
