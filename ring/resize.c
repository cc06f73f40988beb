// ring/resize.c: other queues for a ring that runs.
//
// The kernel makes new queues, moves what waits in the old ones, and lets the old ones go; we map the new ones and lay the handle
// over them. Indices go on counting, so nothing that is remembered of them changes. [Linux io_uring/register.c,
// io_register_resize_rings()]
#include "ring/map.h"
#include "ring/own.h"
#include "ring/register.h"

#define WIDE (IORING_SETUP_SQE128 | IORING_SETUP_SQE_MIXED | IORING_SETUP_CQE32 | IORING_SETUP_CQE_MIXED)

// Whether the kernel would not move all that lies from `head` to `tail`: it moves narrow ones only, and none where the indices
// wrap around, since it counts while one is less than the other.
static bool is_lost(const struct io_uring *ring, unsigned head, unsigned tail)
{
	return head != tail && ((ring->flags & WIDE) != 0 || tail < head);
}

int ring_resize(struct io_uring *ring, struct ring_size size)
{
	struct ring_own *own = ring->cq.own;
	if (own->is_lent || ring->ring_fd < 0)
		return -EINVAL; // there is nothing to map, or nothing to map it from
	if ((ring->flags & IORING_SETUP_NO_SQARRAY) == 0)
		return -EINVAL; // the kernel would not say where the new index array lies, but zero
	(void)ring_publish(ring);
	if (is_lost(ring, load_acquire(ring->sq.khead), ring->sq.sqe_tail) ||
	    is_lost(ring, *ring->cq.khead, load_acquire(ring->cq.ktail)))
		return -EBUSY;

	struct io_uring_params params = {
		.sq_entries = size.entries,
		.cq_entries = size.cq_entries,
		.flags = (size.cq_entries != 0 ? IORING_SETUP_CQSIZE : 0) | (size.clamp ? IORING_SETUP_CLAMP : 0),
	};
	int error = ring_register(ring, IORING_REGISTER_RESIZE_RINGS, &params, 1);
	if (error != 0)
		return error;

	struct ring_queues before = queues_of(ring);
	struct ring_queues after;
	if (ring_queues_map(&own->options, ring->ring_fd, &params, &after) != 0) {
		own->options.close_quick = true; // nobody will hear of what is in flight
		return -ENOTRECOVERABLE;
	}
	ring_queues_attach(ring, &params, after);
	ring_queues_unmap(own->engine, before);
	ring->sq.ends.push = ring->sq.sqe_tail; // so that push looks at how much room there is now
	return 0;
}
