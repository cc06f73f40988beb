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

// A completion of the kernel's as far as it is one of ours.
typedef struct ring_cqe __attribute__((may_alias)) narrow_cqe;
static_assert(sizeof(narrow_cqe) == sizeof(struct io_uring_cqe), "what is copied is all of it");

// Copies completions that lie one behind the other. How many of them were not an operation's last.
static unsigned copy(struct ring_cqe *to, const struct io_uring_cqe *from, unsigned count)
{
	unsigned more = 0;
	for (; count > 0; count--, to++, from++) {
		*to = *(const narrow_cqe *)from;
		more += (to->flags & IORING_CQE_F_MORE) != 0;
	}
	return more;
}

// As ring_pop_many, when fewer are known of than are wanted. Apart, so that the other calls nothing and saves no registers.
__attribute__((noinline)) static unsigned look_and_pop(struct io_uring *ring, struct ring_cqe *done, unsigned count)
{
	if (!ring_look_again(ring))
		return 0;
	unsigned ready = ring->sq.ends.pop - *ring->cq.khead;
	return ring_pop_many(ring, done, count < ready ? count : ready);
}

unsigned ring_pop_many(struct io_uring *ring, struct ring_cqe *done, unsigned count)
{
	struct io_uring_cq *cq = &ring->cq;
	unsigned head = *cq->khead;
	if (ring->sq.ends.pop - head < count)
		return look_and_pop(ring, done, count);
	// To the end of the queue, and on from its beginning.
	unsigned at = head & cq->ring_mask;
	unsigned straight = count < cq->ring_entries - at ? count : cq->ring_entries - at;
	*cq->more += copy(done, &cq->cqes[at], straight);
	if (straight < count)
		*cq->more += copy(done + straight, cq->cqes, count - straight);
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
