// ring/trace.c: tells of each entry and each completion once, in the order in which they lie.
//
// A queue is walked from where the last walk ended to its tail. What takes two places (wide entries of mixed rings) is told of
// once.
#include "ring/trace.h"

#include "ring/own.h"
#include "ring/traced.h"

static void tell(const struct ring_own *own, struct str line)
{
	own->options.trace(own->options.trace_context, line);
}

static bool takes_two_places(const struct io_uring *ring, const struct io_uring_sqe *sqe)
{
	return (ring->flags & IORING_SETUP_SQE_MIXED) != 0 &&
	       (sqe->opcode == IORING_OP_NOP128 || sqe->opcode == IORING_OP_URING_CMD128);
}

void ring_trace_entries(struct io_uring *ring)
{
	struct ring_own *own = ring->cq.own;
	if (own->options.trace == nullptr)
		return;
	unsigned shift = (ring->flags & IORING_SETUP_SQE128) != 0;
	while (own->traced_entry != ring->sq.sqe_tail) {
		const struct io_uring_sqe *sqe = &ring->sq.sqes[(own->traced_entry & ring->sq.ring_mask) << shift];
		uint8_t line[RING_TRACE_BYTES];
		size_t len = ring_trace_entry(SPAN(line), sqe);
		own->traced_entry += takes_two_places(ring, sqe) ? 2 : 1;
		tell(own, (struct str){(const char *)line, len});
	}
}

// What the kernel keeps back, when it begins to; and what it lost for good.
static void tell_of_losses(struct io_uring *ring)
{
	struct ring_own *own = ring->cq.own;
	bool overflows = (load_relaxed(ring->sq.kflags) & IORING_SQ_CQ_OVERFLOW) != 0;
	if (overflows && !own->traced_overflow)
		tell(own, STR("!! overflow: completions wait behind a full queue"));
	own->traced_overflow = overflows;

	unsigned dropped = load_relaxed(ring->sq.kdropped), lost = load_relaxed(ring->cq.koverflow);
	if (dropped != own->traced_dropped)
		tell(own, STR("!! dropped: the kernel found no entry where it was pointed to"));
	if (lost != own->traced_lost)
		tell(own, STR("!! lost: completions, for want of memory"));
	own->traced_dropped = dropped;
	own->traced_lost = lost;
}

void ring_trace_completions(struct io_uring *ring)
{
	struct ring_own *own = ring->cq.own;
	if (own->options.trace == nullptr)
		return;
	unsigned shift = ring_cqe_shift(ring);
	unsigned tail = load_acquire(ring->cq.ktail); // pairs with the kernel's release in io_commit_cqring()
	while (own->traced_completion != tail) {
		const struct io_uring_cqe *cqe = &ring->cq.cqes[(own->traced_completion & ring->cq.ring_mask) << shift];
		bool is_wide = shift != 0 || (cqe->flags & IORING_CQE_F_32) != 0;
		uint8_t line[RING_TRACE_BYTES];
		size_t len = ring_trace_completion(SPAN(line), cqe, is_wide);
		own->traced_completion += is_wide && shift == 0 ? 2 : 1;
		tell(own, (struct str){(const char *)line, len});
	}
	tell_of_losses(ring);
}
