// ring/submit.c: the one system call, and when it is owed.
//
// io_uring_enter(2) gives the kernel what was pushed, and waits. Two things make it necessary though nothing was pushed and
// nothing is waited for: completions that did not fit and wait behind the queue (IORING_SQ_CQ_OVERFLOW), and work that the
// kernel keeps for this thread to do (IORING_SQ_TASKRUN). Both are asked for by IORING_ENTER_GETEVENTS.
#include "ring/engine.h"
#include "ring/own.h"
#include "ring/ring.h"
#include "ring/trace.h"

#define NS_PER_S 1000000000

// Whether the kernel holds something back that only an enter with GETEVENTS brings. For a ring that finishes operations only
// when asked, the flag tells because ring_open always asks for it (TASKRUN_FLAG).
static bool owes_events(const struct io_uring *ring)
{
	return (load_relaxed(ring->sq.kflags) & (IORING_SQ_CQ_OVERFLOW | IORING_SQ_TASKRUN)) != 0;
}

// Publishes what was pushed. How many entries the kernel has yet to take.
static unsigned publish(struct io_uring *ring)
{
	// Release makes our stores to the entries visible before the tail that announces them; it pairs with the acquire
	// in the kernel's io_sqring_entries(). [Linux io_uring/io_uring.c, opening comment]
	store_release(ring->sq.ktail, ring->sq.sqe_tail);
	return ring->sq.sqe_tail - load_acquire(ring->sq.khead);
}

// The one system call, between the two looks of whoever traces.
static int enter(struct io_uring *ring, unsigned pending, unsigned count, unsigned flags, const void *arg, size_t size)
{
	trace_entries(ring);
	int result = engine_enter(ring->enter_ring_fd, pending, count, flags, arg, size);
	trace_completions(ring);
	return result;
}

int ring_submit(struct io_uring *ring, unsigned count)
{
	unsigned pending = publish(ring);
	bool waits = count > 0 && ring_ready(ring) < count;
	bool owed = owes_events(ring);
	if (pending == 0 && !waits && !owed)
		return 0;

	// min_complete counts what is ready already, so there is nothing to subtract. [io_uring_enter(2)]
	return enter(ring, pending, waits ? count : 0, waits || owed ? IORING_ENTER_GETEVENTS : 0, nullptr, 0);
}

int ring_wait(struct io_uring *ring, unsigned count, struct ring_wait how)
{
	if (how.timeout_ns == 0)
		return ring_submit(ring, count);
	if (how.timeout_ns < 0 || (ring->features & IORING_FEAT_EXT_ARG) == 0)
		return -EINVAL;

	unsigned pending = publish(ring);
	if (pending == 0 && ring_ready(ring) >= count && !owes_events(ring))
		return 0;
	struct __kernel_timespec limit = {.tv_sec = how.timeout_ns / NS_PER_S, .tv_nsec = how.timeout_ns % NS_PER_S};
	struct io_uring_getevents_arg arg = {.ts = (uintptr_t)&limit};
	return enter(ring, pending, count, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &arg, sizeof(arg));
}

bool ring_flush_completions(struct io_uring *ring)
{
	if (!owes_events(ring))
		return false;
	// What the enter says is not of interest, only what it brought: -EBUSY or -EINTR may come with completions.
	(void)enter(ring, 0, 0, IORING_ENTER_GETEVENTS, nullptr, 0);
	return ring_ready(ring) > 0;
}

void ring_note_goes_on(struct io_uring *ring)
{
	ring->cq.own->goes_on = true;
}

void ring_note_more(struct io_uring *ring)
{
	ring->cq.own->more++;
}
