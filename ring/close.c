// ring/close.c: how a ring ends, so that nothing of it lives on.
//
// Closing the descriptor does not end what is in flight: the kernel cancels that later, from a worker, and until then a
// request may hold a port, a file, or memory that the program has already put to another use. So: cancel everything, wait
// until everything has ended, and only then unmap and close.
#include "arch/sys.h"
#include "ring/engine.h"
#include "ring/own.h"
#include "ring/ring.h"
#include "ring/sqe.h"

#define NS_PER_MS 1000000

// Pops and drops. What counts is that the operations have ended.
static void drop_completions(struct io_uring *ring)
{
	struct io_uring_cqe done;
	while (ring_pop(ring, &done)) {
	}
}

// Entries that were pushed and never submitted are taken back: they must not run now.
static void take_back(struct io_uring *ring)
{
	unsigned published = load_relaxed(ring->sq.ktail);
	unsigned taken = load_acquire(ring->sq.khead);
	ring->sq.sqe_tail = taken;
	ring->cq.own->traced_entry = taken; // what was told of and not taken is not counted on
	if (published != taken)
		store_release(ring->sq.ktail, taken); // nobody reads it: the kernel looks only while we are in enter
}

// Asks for the end of everything in flight. [io_uring_register(2), IORING_REGISTER_SYNC_CANCEL, Linux 6.0]
static int cancel_all(struct io_uring *ring, unsigned ms)
{
	struct io_uring_sync_cancel_reg all = {
		.fd = -1,
		.flags = IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL,
		.timeout = {.tv_sec = ms / 1000, .tv_nsec = (long long)(ms % 1000) * NS_PER_MS},
	};
	return engine_register(ring->ring_fd, IORING_REGISTER_SYNC_CANCEL, &all, 1);
}

static int end_all(struct io_uring *ring, unsigned ms)
{
	take_back(ring);
	drop_completions(ring);
	if (ring_in_flight(ring) == 0)
		return 0;
	int error = cancel_all(ring, ms);
	if (error == -EINVAL)
		return 0; // a kernel that cannot: the close is quick
	if (error == -ETIME)
		return -ETIME;

	// Canceled is not yet ended: each operation still posts its completion. One wait each, since a wait ends when one
	// completion is there, and every wait within the time.
	while (drop_completions(ring), ring_in_flight(ring) != 0) {
		int waited = ring_wait(ring, 1, (struct ring_wait){.timeout_ns = (int64_t)ms * NS_PER_MS});
		if (waited < 0 && waited != -EINTR)
			return waited;
	}
	return 0;
}

int ring_close(struct io_uring *ring)
{
	struct ring_own *own = ring->cq.own;
	if (!own->options.close_quick) {
		int error = end_all(ring, own->options.close_ms);
		if (error != 0)
			return error;
	}
	engine_unmap(ring->sq.sqes, ring->sq.ring_entries * sizeof(struct io_uring_sqe));
	engine_unmap(ring->sq.ring_ptr, ring->sq.ring_sz);
	engine_unmap(own, own->size);
	engine_close(ring->ring_fd);
	*ring = (struct io_uring){.ring_fd = -1, .enter_ring_fd = -1};
	return 0;
}
