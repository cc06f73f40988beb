// ring/own.h: what the library remembers of a ring beside the handle.
//
// It lies in a mapping of its own, because the handle's layout is liburing's and full. What the engine remembers lies behind it.
//
// In flight is what has been pushed and has not ended. It needs no counter on the way in or out: the submission tail counts
// every push, the completion head every pop, and only what is no end of an operation is counted here: completions that
// another one follows (IORING_CQE_F_MORE), and in mixed rings the places that wide ones take beyond their first.
//
//	in flight = pushed - (popped - more)
//
// All three wrap around together. [io_uring_enter(2); own design]
#pragma once

#include "ring/buffers.h"
#include "ring/engine.h"
#include "ring/ring.h"

struct ring_own {
	unsigned
		more; // places in the completion queue that were popped and ended nothing; first, for ring_pop (ring.h)
	const struct ring_engine *engine;
	void *state;           // the engine's, behind this
	int refusal;           // what the first engine said, where this one is the fallback
	unsigned enter_flags;  // IORING_ENTER_REGISTERED_RING where enter_ring_fd is an index
	unsigned silent;       // entries pushed that complete only if they fail
	unsigned wide_tail;    // sqe_tail behind the last entry that took two places
	bool goes_on;          // since nothing was in flight, an operation was pushed that may complete more than once
	bool is_plain;         // the kernel works it off; no poller, no trace, narrow completions
	bool is_lent;          // all this lies in the caller's memory
	unsigned traced_entry; // entries and completions before these have been told of (traced.h)
	unsigned traced_completion;
	unsigned traced_dropped, traced_lost; // the kernel's counters, as last told of
	bool traced_overflow;                 // completions were kept back when last looked at
	struct ring_buffers *pools;           // those of this ring (buffers.h)
	unsigned waits;                       // how many registered waits can be used
	size_t size;                          // bytes of the mapping that this lies in
	struct ring_options options;
};

static inline unsigned ring_in_flight(const struct io_uring *ring)
{
	return ring->sq.sqe_tail - (*ring->cq.khead - ring->cq.own->more);
}

// A completion takes two places of the array in a ring of wide ones, and indices count the pairs.
static inline unsigned ring_cqe_shift(const struct io_uring *ring)
{
	return (ring->flags & IORING_SETUP_CQE32) != 0;
}

// io_uring_register(2) for this ring, through its engine: a count, zero, or -errno.
int ring_register(struct io_uring *ring, unsigned opcode, void *arg, unsigned count);

// Takes back what was pushed from `tail` on and not taken: it never runs. Not with sqpoll, whose thread may be at it.
void ring_take_back(struct io_uring *ring, unsigned tail);

// Undoes what was counted for the entry at index `at`. How many places it took.
unsigned ring_uncount(struct io_uring *ring, unsigned at);

// ring_push128 without the check of the token.
int ring_put_wide(struct io_uring *ring, struct io_uring_sqe sqe, const uint8_t *command, uint64_t token);

// Bytes of a submission's place.
static inline size_t ring_sqe_bytes(unsigned setup_flags)
{
	return (setup_flags & IORING_SETUP_SQE128) != 0 ? 2 * sizeof(struct io_uring_sqe) : sizeof(struct io_uring_sqe);
}
