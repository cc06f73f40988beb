// ring/do.c: one operation, to its end.
//
// The easy version takes whichever completion comes first and calls it its own. Then the buffer of an operation that is
// still in flight is taken back by its owner, and the kernel writes into it later. So this waits for its own token, however
// many others come before it and however often a signal interrupts, and then takes it out of the middle of the queue:
//
//	head                     own
//	| older A | older B | older C | DONE | newer D |      copy DONE out, move A, B and C up a slot, then the head:
//	          | older A | older B | older C | newer D |
//
// User space owns the entries from the head to the tail until it moves the head. [io_uring(7)]
#include "ring/own.h"
#include "ring/ring.h"
#include "ring/traced.h"

#define TOKEN_DO RING_TOKEN_LIMIT // the first of the library's own

// Whether the entry pushed last, and not yet taken, leads on to the next one.
static bool chain_is_open(const struct io_uring *ring)
{
	const struct io_uring_sq *sq = &ring->sq;
	if (sq->sqe_tail == load_acquire(sq->khead))
		return false; // a chain ends with the submit at the latest
	unsigned last = sq->sqe_tail - 1;
	if ((ring->flags & IORING_SETUP_SQE_MIXED) != 0 && ring->cq.own->wide_tail == sq->sqe_tail)
		last--;
	unsigned shift = (ring->flags & IORING_SETUP_SQE128) != 0;
	uint8_t flags = sq->sqes[(last & sq->ring_mask) << shift].flags;
	return (flags & (IOSQE_IO_LINK | IOSQE_IO_HARDLINK)) != 0;
}

// Whether our own completion is sure of a place in the queue. What is in flight posts one each at the end; what goes on
// after a completion (multishot) may post any number, so after one of those nothing is sure until all has ended. What came
// unasked is seen only while it is here; when more of it was popped than is in flight, the count is below zero: not sure.
static bool has_a_place(const struct io_uring *ring)
{
	unsigned others = ring_in_flight(ring); // popped ones no longer count, ready ones still do
	if (others == 0)
		ring->cq.own->goes_on = false;
	return !ring->cq.own->goes_on && others < ring->cq.ring_entries && ring_ready(ring) < ring->cq.ring_entries;
}

static void copy(struct io_uring_cqe *to, const struct io_uring_cqe *from, unsigned shift)
{
	to->user_data = from->user_data;
	to->res = from->res;
	to->flags = from->flags;
	if (shift != 0) {
		to->big_cqe[0] = from->big_cqe[0];
		to->big_cqe[1] = from->big_cqe[1];
	}
}

// Finds our completion among the ready ones, takes it, and closes the gap.
static bool take_own(struct io_uring *ring, struct io_uring_cqe *done)
{
	struct io_uring_cq *cq = &ring->cq;
	unsigned head = *cq->khead;
	unsigned tail = load_acquire(cq->ktail);
	unsigned shift = ring_cqe_shift(ring);
	if (RING_TRACE)
		ring_trace_completions(ring);
	for (unsigned at = head; at != tail; at++) {
		struct io_uring_cqe *own = &cq->cqes[(at & cq->ring_mask) << shift];
		if (own->user_data != TOKEN_DO)
			continue;
		done->user_data = 0;
		done->res = own->res;
		done->flags = own->flags;
		for (; at != head; at--)
			copy(&cq->cqes[(at & cq->ring_mask) << shift], &cq->cqes[((at - 1) & cq->ring_mask) << shift],
			     shift);
		store_release(cq->khead, head + 1);
		// ring_pop has not looked beyond the old head, perhaps: it looks again.
		ring->sq.ends.pop = head + 1;
		return true;
	}
	return false;
}

// Whether our entry, which was the last pushed, is beyond recall: the kernel has taken it, or its thread may any moment,
// unless an enter said that the thread does not run (yet, or no longer).
static bool is_taken(const struct io_uring *ring, int entered)
{
	if (load_acquire(ring->sq.khead) == ring->sq.sqe_tail)
		return true;
	return (ring->flags & IORING_SETUP_SQPOLL) != 0 && entered != -EBADFD && entered != -EOWNERDEAD;
}

static int put(struct io_uring *ring, struct io_uring_sqe sqe)
{
	if ((ring->flags & IORING_SETUP_SQE128) != 0)
		return ring_put_wide(ring, sqe, nullptr, TOKEN_DO);
	return ring_put(ring, sqe, TOKEN_DO);
}

// A full queue is only a batch that is ready.
static int put_behind_a_batch(struct io_uring *ring, struct io_uring_sqe sqe)
{
	int error = put(ring, sqe);
	if (error != -EAGAIN)
		return error;
	int taken = ring_submit(ring, 0);
	if (taken >= 0 && (ring->flags & IORING_SETUP_SQPOLL) != 0)
		do
			taken = ring_wait_space(ring);
		while (taken == -EINTR);
	return taken < 0 ? taken : put(ring, sqe);
}

int ring_do(struct io_uring *ring, struct io_uring_sqe sqe, struct io_uring_cqe *done)
{
	if ((sqe.flags & (IOSQE_IO_LINK | IOSQE_IO_HARDLINK | IOSQE_CQE_SKIP_SUCCESS)) != 0 || sqe_goes_on(&sqe) ||
	    (ring->flags & IORING_SETUP_CQE_MIXED) != 0)
		return -EINVAL;
	if (chain_is_open(ring) || !has_a_place(ring))
		return -EBUSY;
	int error = put_behind_a_batch(ring, sqe);
	if (error != 0)
		return error;

	while (!take_own(ring, done)) {
		int entered = ring_submit(ring, ring_ready(ring) + 1);
		if (entered >= 0 || entered == -EINTR)
			continue;
		if (is_taken(ring, entered))
			continue; // it runs: nothing but its completion ends the loan of its memory
		// The kernel takes entries only while we are in enter, so ours can be taken back.
		ring_take_back(ring, ring->sq.sqe_tail - 1);
		return entered;
	}
	return 0;
}
