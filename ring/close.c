// ring/close.c: how a ring ends, so that nothing of it lives on.
//
// Closing the descriptor does not end what is in flight: the kernel cancels that later, from a worker, and until then a
// request may hold a port, a file, or memory that the program has already put to another use. So: cancel everything, wait
// until everything has ended, and only then unmap and close.
#include <linux/time.h>

#include "arch/sys.h"
#include "ring/engine.h"
#include "ring/own.h"
#include "ring/ring.h"
#include "ring/sqe.h"

#define NS_PER_S 1000000000
#define NS_PER_MS 1000000

// Pops and drops. What counts is that the operations have ended.
static void drop_completions(struct io_uring *ring)
{
	struct io_uring_cqe done;
	while (ring_pop(ring, &done)) {
	}
}

// Entries that were pushed and never submitted are taken back: they must not run now. (The published tail follows with the next
// enter; until then nobody reads it.)
static void take_back(struct io_uring *ring)
{
	ring->sq.sqe_tail = load_acquire(ring->sq.khead);
	ring->cq.own->traced_entry = ring->sq.sqe_tail; // what was told of and not taken is not counted on
}

static int64_t now_ns(void)
{
	struct __kernel_timespec now = {0};
	(void)sys_clock_gettime(CLOCK_MONOTONIC, &now); // cannot fail for this clock
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

// Asks for the end of everything in flight, and waits for what a worker is in the middle of. How many operations it found,
// or -errno. [io_uring_register(2), IORING_REGISTER_SYNC_CANCEL, Linux 6.0]
static int cancel_all(struct io_uring *ring, int64_t ns)
{
	struct io_uring_sync_cancel_reg all = {
		.fd = -1,
		.flags = IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL,
		.timeout = {.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S},
	};
	return engine_register(ring->ring_fd, IORING_REGISTER_SYNC_CANCEL, &all, 1);
}

static int end_all(struct io_uring *ring, unsigned ms)
{
	take_back(ring);
	// Canceled is not yet ended: each operation still posts its completion. And its end may start another that no
	// cancel has met (a hard link). So cancel all and wait for a completion, again and again; a signal only makes a
	// round shorter.
	int64_t deadline = now_ns() + (int64_t)ms * NS_PER_MS;
	while (drop_completions(ring), ring_in_flight(ring) != 0) {
		int64_t left = deadline - now_ns();
		if (left <= 0)
			return -ETIME;
		int found = cancel_all(ring, left);
		if (found == -EINVAL)
			return 0; // a kernel that cannot: the close is quick
		if (found == -EINTR || found == -ETIME)
			continue;
		int waited = ring_wait(ring, 1, (struct ring_wait){.timeout_ns = left});
		if (waited < 0 && waited != -EINTR && waited != -ETIME)
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
