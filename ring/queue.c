// ring/queue.c: the rarer half of pushing and popping: where the kernel's index must be looked at again.
#include "ring/misuse.h"
#include "ring/own.h"
#include "ring/ring.h"
#include "ring/traced.h"

// Rings with wide or mixed entries are not for the narrow verbs. Those are sent here every time, because their end
// never moves (ring_ends): so the narrow verbs need no check of their own.
#define WIDE_SQ IORING_SETUP_SQE128
#define WIDE_CQ (IORING_SETUP_CQE32 | IORING_SETUP_CQE_MIXED)

int ring_make_room(struct io_uring *ring)
{
	struct io_uring_sq *sq = &ring->sq;
	if ((ring->flags & WIDE_SQ) != 0) {
		sq->ends.push = sq->sqe_tail; // so that the next one comes here too
		ring_misuse();
		return -EINVAL;
	}
	if (ring_space(ring) == 0)
		return -EAGAIN;
	sq->ends.push = sq->sqe_head + sq->ring_entries;
	return 0;
}

bool ring_look_again(struct io_uring *ring)
{
	if ((ring->flags & WIDE_CQ) != 0) {
		ring->sq.ends.pop = *ring->cq.khead;
		ring_misuse();
		return false;
	}
	unsigned head = *ring->cq.khead;
	if (load_acquire(ring->cq.ktail) == head && !ring_flush_completions(ring))
		return false;
	ring->sq.ends.pop = load_acquire(ring->cq.ktail); // pairs with the kernel's release in io_commit_cqring()
	if (RING_TRACE)
		ring_trace_completions(ring);
	return true;
}

unsigned ring_pop_many(struct io_uring *ring, struct ring_cqe *done, unsigned count)
{
	struct io_uring_cq *cq = &ring->cq;
	unsigned head = *cq->khead;
	if (count == 0 || (ring->sq.ends.pop - head < count && !ring_look_again(ring)))
		return 0;
	unsigned ready = ring->sq.ends.pop - head;
	count = count < ready ? count : ready;
	for (unsigned i = 0; i < count; i++) {
		const struct io_uring_cqe *from = &cq->cqes[(head + i) & cq->ring_mask];
		done[i].user_data = from->user_data;
		done[i].res = from->res;
		done[i].flags = from->flags;
		if (from->flags & IORING_CQE_F_MORE)
			ring_note_more(ring);
	}
	store_release(cq->khead, head + count);
	return count;
}

void ring_note_goes_on(struct io_uring *ring)
{
	ring->cq.own->goes_on = true;
}

void ring_note_silent(struct io_uring *ring)
{
	ring->cq.own->silent++;
}

void ring_note_more(struct io_uring *ring)
{
	ring->cq.own->more++;
}
