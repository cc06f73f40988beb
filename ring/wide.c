// ring/wide.c: entries of 128 bytes and completions of 32: what commands to a device take and give beyond a file's.
//
// A ring has all entries wide (SQE128, CQE32), or some (the mixed forms). In a mixed ring the indices count narrow places; a
// wide entry takes two that lie side by side, so at the end of the queue, where its halves would be torn apart, one place
// is filled with a nop that says nothing. The kernel does the same to completions, with IORING_CQE_F_SKIP.
// [io_uring_setup(2); Linux io_uring/io_uring.c, io_init_req() and io_fill_nop_cqe()]
#include "ring/misuse.h"
#include "ring/own.h"
#include "ring/ring.h"
#include "ring/traced.h"

#ifndef SQE_OP_NOP128
#define SQE_OP_NOP128 63       // IORING_OP_NOP128, Linux 6.19
#define SQE_OP_URING_CMD128 64 // IORING_OP_URING_CMD128, Linux 6.19
#endif

#define COMMAND_BYTES 80u // of a wide entry, from `cmd` to its end
#define TOKEN_FILLER (RING_TOKEN_LIMIT + 1)
#define COMMAND_AT (2 * sizeof(struct io_uring_sqe) - COMMAND_BYTES)

static void fill(struct io_uring_sqe *slot, struct io_uring_sqe sqe, const uint8_t *command, uint64_t token)
{
	sqe.user_data = token;
	slot[0] = sqe;
	slot[1] = (struct io_uring_sqe){0};
	for (unsigned i = 0; command != nullptr && i < COMMAND_BYTES; i++)
		((uint8_t *)slot)[COMMAND_AT + i] = command[i];
}

// A mixed ring: room for two places that lie side by side, behind a filler if need be. Zero, or -EAGAIN.
static int pair_up(struct io_uring *ring)
{
	struct io_uring_sq *sq = &ring->sq;
	bool is_torn = (sq->sqe_tail & sq->ring_mask) == sq->ring_mask;
	if (ring_space(ring) < (is_torn ? 3 : 2))
		return -EAGAIN;
	if (is_torn) {
		struct io_uring_sqe filler = sqe_nop();
		filler.flags = IOSQE_CQE_SKIP_SUCCESS;
		filler.user_data = TOKEN_FILLER;
		sq->sqes[sq->sqe_tail++ & sq->ring_mask] = filler;
		ring->cq.own->more--; // it ends without a word
	}
	ring->cq.own->more--; // the second place
	return 0;
}

// Room for one more entry of this ring's kind of wide ones; what ring_push128 says.
static int make_wide_room(struct io_uring *ring)
{
	if ((ring->flags & IORING_SETUP_SQE128) != 0)
		return ring_space(ring) == 0 ? -EAGAIN : 0;
	if ((ring->flags & IORING_SETUP_SQE_MIXED) != 0)
		return pair_up(ring);
	ring_misuse();
	return -EINVAL;
}

int ring_put_wide(struct io_uring *ring, struct io_uring_sqe sqe, const uint8_t *command, uint64_t token)
{
	int full = make_wide_room(ring);
	if (full != 0)
		return full;
	if (sqe_goes_on(&sqe))
		ring_note_goes_on(ring);
	if ((sqe.flags & IOSQE_CQE_SKIP_SUCCESS) != 0)
		ring_note_silent(ring);

	struct io_uring_sq *sq = &ring->sq;
	bool is_mixed = (ring->flags & IORING_SETUP_SQE_MIXED) != 0;
	fill(&sq->sqes[(sq->sqe_tail & sq->ring_mask) << (is_mixed ? 0 : 1)], sqe, command, token);
	sq->sqe_tail += is_mixed ? 2 : 1;
	if (is_mixed) {
		ring->cq.own->wide_tail = sq->sqe_tail;
		sq->ends.push = sq->sqe_head + sq->ring_entries; // the tail may have stepped over where it was
	} else {
		sq->ends.push = sq->sqe_tail; // the narrow verb is still refused (queue.c)
	}
	return 0;
}

unsigned ring_uncount(struct io_uring *ring, unsigned at)
{
	struct ring_own *own = ring->cq.own;
	unsigned shift = (ring->flags & IORING_SETUP_SQE128) != 0;
	const struct io_uring_sqe *sqe = &ring->sq.sqes[(at & ring->sq.ring_mask) << shift];
	bool is_mixed = (ring->flags & IORING_SETUP_SQE_MIXED) != 0;
	if (is_mixed && sqe->user_data == TOKEN_FILLER) {
		own->more++;
		return 1;
	}
	own->silent -= (sqe->flags & IOSQE_CQE_SKIP_SUCCESS) != 0;
	if (!is_mixed || (sqe->opcode != SQE_OP_NOP128 && sqe->opcode != SQE_OP_URING_CMD128))
		return 1;
	own->more++;
	return 2;
}

int ring_push128(struct io_uring *ring, struct io_uring_sqe sqe, const uint8_t command[80], uint64_t token)
{
	if (token >= RING_TOKEN_LIMIT)
		return -EINVAL;
	return ring_put_wide(ring, sqe, command, token);
}

bool ring_pop32(struct io_uring *ring, struct ring_cqe32 *done)
{
	struct io_uring_cq *cq = &ring->cq;
	unsigned head = *cq->khead;
	unsigned shift = ring_cqe_shift(ring);
	for (;; head++, ring->cq.own->more++) {
		// Pairs with the kernel's release in io_commit_cqring().
		if (head == load_acquire(cq->ktail)) {
			store_release(cq->khead, head);
			if (!ring_flush_completions(ring))
				return false;
		}
		if (RING_TRACE)
			ring_trace_completions(ring);
		if ((cq->cqes[(head & cq->ring_mask) << shift].flags & IORING_CQE_F_SKIP) == 0)
			break;
	}
	const struct io_uring_cqe *from = &cq->cqes[(head & cq->ring_mask) << shift];
	done->user_data = from->user_data;
	done->res = from->res;
	done->flags = from->flags;
	bool is_wide = shift != 0 || (from->flags & IORING_CQE_F_32) != 0;
	done->more[0] = is_wide ? from->big_cqe[0] : 0;
	done->more[1] = is_wide ? from->big_cqe[1] : 0;
	if (from->flags & IORING_CQE_F_MORE)
		ring->cq.own->more++;
	head++;
	if (is_wide && shift == 0) {
		head++;
		ring->cq.own->more++;
	}
	store_release(cq->khead, head);
	// The narrow verb reads on from here, or, where it must not, is still refused (queue.c).
	ring->sq.ends.pop = head;
	return true;
}
