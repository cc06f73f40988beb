// ring/own.h: what the library remembers of a ring beside the handle.
//
// It lies in a mapping of its own, because the handle's layout is liburing's and full.
//
// In flight is what has been pushed and has not ended. It needs no counter on the way in or out: the submission tail counts
// every push, the completion head every pop, and only completions that do not end their operation (IORING_CQE_F_MORE)
// are counted here.
//
//	in flight = pushed - (popped - more)
//
// All three wrap around together. [io_uring_enter(2); own design]
#pragma once

#include "ring/ring.h"

struct ring_own {
	struct ring_options options;
	size_t size;           // bytes of the mapping that this lies in
	unsigned more;         // popped completions whose operation goes on
	bool goes_on;          // since nothing was in flight, an operation was pushed that may complete more than once
	unsigned traced_entry; // entries and completions before these have been told of (trace.h)
	unsigned traced_completion;
};

static inline unsigned ring_in_flight(const struct io_uring *ring)
{
	return ring->sq.sqe_tail - (*ring->cq.khead - ring->cq.own->more);
}
