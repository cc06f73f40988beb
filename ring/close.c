// ring/close.c: how a ring ends, so that nothing of it lives on.
//
// Closing the descriptor does not end what is in flight: the kernel cancels that later, from a worker, and until then a
// request may hold a port, a file, or memory that the program has already put to another use. So: cancel everything, wait
// until everything has ended, and only then unmap and close.
#include <linux/time.h>

#include "arch/sys.h"
#include "ring/map.h"
#include "ring/own.h"
#include "ring/ring.h"

#define NS_PER_S 1000000000
#define NS_PER_MS 1000000

// How long a round of waiting is: the first 0.1 ms, each twice the one before, up to 3.2 ms.
#define ROUND_NS(round) ((int64_t)100000 << ((round) < 5 ? (round) : 5))

// Pops and drops, whatever the width. What counts is that the operations have ended. Whether there were any.
static bool drop_completions(struct io_uring *ring)
{
	struct ring_cqe32 done;
	bool any = false;
	while (ring_pop32(ring, &done))
		any = true;
	return any;
}

static int64_t now_ns(void)
{
	struct __kernel_timespec now = {0};
	(void)sys_clock_gettime(CLOCK_MONOTONIC, &now); // cannot fail for this clock
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

// Asks for the end of everything in flight, and waits for what a worker is in the middle of. How many operations it found,
// or -errno; 0 or -ENOENT: none. [io_uring_register(2), IORING_REGISTER_SYNC_CANCEL, Linux 6.0]
static int cancel_all(struct io_uring *ring, int64_t ns)
{
	struct io_uring_sync_cancel_reg all = {
		.fd = -1,
		.flags = IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL,
		.timeout = {.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S},
	};
	return ring_register(ring, IORING_REGISTER_SYNC_CANCEL, &all, 1);
}

// Operations that owe a completion. Silent ones may owe one or not, so they are taken for those that do not.
static bool is_owed_completions(const struct io_uring *ring)
{
	return (int)(ring_in_flight(ring) - ring->cq.own->silent) > 0;
}

// After how many rounds in which nothing was found and nothing came everything has ended. At once, where every operation says
// when it ends. Where some were silent the count is off either way: one that failed has told of its end, and has hushed
// its whole chain. Then only quiet tells, and more of it where the count disagrees.
static unsigned quiet_rounds(const struct io_uring *ring)
{
	if (ring->cq.own->silent == 0)
		return is_owed_completions(ring) ? UINT32_MAX : 1;
	return is_owed_completions(ring) ? 50 : 3;
}

// What came unasked (a message of another ring, a tag) was popped without having been pushed, and the number in flight is
// then too low: so that nothing is owed is believed only when there is nothing to cancel either.
static int end_all(struct io_uring *ring, unsigned ms)
{
	if ((ring->flags & IORING_SETUP_SQPOLL) == 0)
		ring_take_back(ring, load_acquire(ring->sq.khead));
	else
		(void)ring_publish(ring); // its thread may be at them: they end like all the others
	if (ring->sq.sqe_tail == 0 && ring_in_flight(ring) == 0)
		return 0; // nothing was ever pushed

	// Canceled is not yet ended: each operation still posts its completion. And its end may start another that no
	// cancel has met (a hard link, a drain), and one that a worker has just in its hands is not always found. So
	// cancel all and wait a little, again and again.
	int64_t deadline = now_ns() + (int64_t)ms * NS_PER_MS;
	unsigned quiet = 0;
	for (unsigned round = 0;; round++) {
		if (drop_completions(ring))
			quiet = 0;
		int64_t left = deadline - now_ns();
		if (left <= 0)
			return -ETIME;
		int found = cancel_all(ring, left);
		if (found == -EINVAL || found == -EACCES)
			return 0; // a kernel that cannot, or a ring that may not: the close is quick
		if (found == -EINTR || found == -ETIME)
			continue;
		if (found < 0 && found != -ENOENT)
			return is_owed_completions(ring) ? found : 0;
		quiet = found > 0 ? 0 : quiet + 1;
		if (quiet >= quiet_rounds(ring))
			return 0;
		int64_t ns = ROUND_NS(round) < left ? ROUND_NS(round) : left;
		int waited = ring_wait(ring, 1, (struct ring_wait){.timeout_ns = ns});
		if (waited == -EBADFD || waited == -EOWNERDEAD)
			return 0; // the kernel's thread does not run, and when it ended it has ended all of its own
		if (waited < 0 && waited != -EINTR && waited != -ETIME)
			return waited;
	}
}

// A ring in the task's table of rings stays alive there, whatever becomes of its descriptor.
static void leave_table(struct io_uring *ring)
{
	struct io_uring_rsrc_update place = {.offset = (unsigned)ring->enter_ring_fd};
	(void)ring_register(ring, IORING_UNREGISTER_RING_FDS, &place, 1); // fails only if it is not there
}

// The kernel tears down behind the close, and stores the index of its last completion once more meanwhile. In the caller's
// memory that would fall upon whatever lies there by then, the next ring for one. So the pages are left to the kernel, and
// fresh ones take their place. [Linux io_uring/io_uring.c, io_ring_ctx_free() and io_cqring_overflow_kill(); madvise(2)]
static void leave_pages(const struct io_uring *ring)
{
	(void)sys_madvise(ring->sq.ring_ptr, ring->sq.ring_sz, MADV_DONTNEED_LOCKED); // 5.18; lent memory wants 6.5
}

// Pools of buffers end with the ring; what they have of their own they unmap when they are closed.
static void leave_pools(struct ring_own *own)
{
	for (struct ring_buffers *pool = own->pools, *next; pool != nullptr; pool = next) {
		next = pool->next;
		pool->next = nullptr;
		pool->ring = nullptr;
	}
}

int ring_close(struct io_uring *ring)
{
	struct ring_own *own = ring->cq.own;
	if (!own->options.close_quick) {
		int error = end_all(ring, own->options.close_ms);
		if (error != 0)
			return error;
	}
	const struct ring_engine *engine = own->engine;
	void *state = own->state;
	leave_pools(own);
	if ((own->enter_flags & IORING_ENTER_REGISTERED_RING) != 0)
		leave_table(ring);
	if (ring->ring_fd >= 0)
		engine->close(state, ring->ring_fd);
	if (own->is_lent) {
		leave_pages(ring);
	} else {
		ring_queues_unmap(engine, queues_of(ring));
		(void)sys_munmap(own, own->size); // it was ours: it cannot fail
	}
	*ring = (struct io_uring){.ring_fd = -1, .enter_ring_fd = -1};
	return 0;
}
