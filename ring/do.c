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
#include "ring/engine.h"
#include "ring/own.h"
#include "ring/ring.h"

#define TOKEN_DO RING_TOKEN_LIMIT // the first of the library's own

// Whether the entry pushed last, and not yet taken, leads on to the next one.
static bool chain_is_open(const struct io_uring *ring)
{
	const struct io_uring_sq *sq = &ring->sq;
	if (sq->sqe_tail == load_acquire(sq->khead))
		return false; // a chain ends with the submit at the latest
	uint8_t flags = sq->sqes[(sq->sqe_tail - 1) & sq->ring_mask].flags;
	return (flags & (IOSQE_IO_LINK | IOSQE_IO_HARDLINK)) != 0;
}

// Whether our own completion is sure of a place in the queue. What is in flight posts one each at the end; what goes on
// after a completion (multishot) may post any number, so after one of those nothing is sure until all has ended.
static bool has_a_place(const struct io_uring *ring)
{
	unsigned others = ring_in_flight(ring); // popped ones no longer count, ready ones still do
	if (others == 0)
		ring->cq.own->goes_on = false;
	return !ring->cq.own->goes_on && others < ring->cq.ring_entries;
}

// Finds our completion among the ready ones, takes it, and closes the gap.
static bool take_own(struct io_uring *ring, struct io_uring_cqe *done)
{
	struct io_uring_cq *cq = &ring->cq;
	unsigned head = *cq->khead;
	unsigned tail = load_acquire(cq->ktail);
	for (unsigned at = head; at != tail; at++) {
		struct io_uring_cqe *own = &cq->cqes[at & cq->ring_mask];
		if (own->user_data != TOKEN_DO)
			continue;
		done->user_data = 0;
		done->res = own->res;
		done->flags = own->flags;
		for (; at != head; at--) {
			struct io_uring_cqe *to = &cq->cqes[at & cq->ring_mask];
			const struct io_uring_cqe *from = &cq->cqes[(at - 1) & cq->ring_mask];
			to->user_data = from->user_data;
			to->res = from->res;
			to->flags = from->flags;
		}
		store_release(cq->khead, head + 1);
		return true;
	}
	return false;
}

// Whether the kernel has taken our entry, which was the last pushed.
static bool is_taken(const struct io_uring *ring)
{
	return load_acquire(ring->sq.khead) == ring->sq.sqe_tail;
}

int ring_do(struct io_uring *ring, struct io_uring_sqe sqe, struct io_uring_cqe *done)
{
	if ((sqe.flags & (IOSQE_IO_LINK | IOSQE_IO_HARDLINK | IOSQE_CQE_SKIP_SUCCESS)) != 0 || sqe_goes_on(&sqe))
		return -EINVAL;
	if (chain_is_open(ring) || !has_a_place(ring))
		return -EBUSY;

	// A full queue is only a batch that is ready.
	int error = ring_put(ring, sqe, TOKEN_DO);
	if (error == -EAGAIN) {
		int taken = ring_submit(ring, 0);
		error = taken < 0 ? taken : ring_put(ring, sqe, TOKEN_DO);
	}
	if (error != 0)
		return error;

	while (!take_own(ring, done)) {
		int entered = ring_submit(ring, ring_ready(ring) + 1);
		if (entered >= 0 || entered == -EINTR)
			continue;
		if (is_taken(ring))
			continue; // it runs: nothing but its completion ends the loan of its memory
		// The kernel takes entries only while we are in enter, so ours can be taken back.
		ring->sq.sqe_tail--;
		ring->cq.own->traced_entry = ring->sq.sqe_tail;
		store_release(ring->sq.ktail, ring->sq.sqe_tail);
		return entered;
	}
	return 0;
}
