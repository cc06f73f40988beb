// ring/map.c: the kernel's queues, mapped, and the handle laid over them.
//
// The kernel makes the queues and says where in them each index lies; we map them:
//
//	IORING_OFF_SQ_RING   | sq head tail mask entries flags dropped [array] | cq head tail ... | cqe cqe cqe ... |
//	IORING_OFF_SQES      | sqe sqe sqe ... |
//
// Since 5.4 both queues are one mapping (IORING_FEAT_SINGLE_MMAP); Ringlet wants 5.5 for IORING_FEAT_NODROP anyway, so there
// are two mappings. [io_uring_setup(2)]
#include "ring/map.h"

#include "arch/sys.h"

static size_t queues_bytes(const struct io_uring_params *params)
{
	unsigned shift = (params->flags & IORING_SETUP_CQE32) != 0;
	size_t sq_end = params->sq_off.array + params->sq_entries * sizeof(unsigned);
	size_t cq_end = params->cq_off.cqes + (params->cq_entries * sizeof(struct io_uring_cqe) << shift);
	return sq_end > cq_end ? sq_end : cq_end;
}

static int map_part(const struct ring_engine *engine, int fd, size_t size, unsigned long long part, void **into)
{
	long start = engine->map(fd, size, part);
	if (sys_failed(start))
		return (int)start;
	*into = (void *)start;
	return 0;
}

void ring_queues_unmap(const struct ring_engine *engine, struct ring_queues mapped)
{
	if (mapped.sqes != nullptr)
		engine->unmap(mapped.sqes, mapped.sqes_bytes);
	if (mapped.queues != nullptr)
		engine->unmap(mapped.queues, mapped.queues_bytes);
}

// Two processes that both moved a tail would run each other's entries; a child without the queues cannot.
static int keep_from_children(const struct ring_queues *mapped)
{
	int error = sys_madvise(mapped->queues, mapped->queues_bytes, MADV_DONTFORK);
	return error != 0 ? error : sys_madvise(mapped->sqes, mapped->sqes_bytes, MADV_DONTFORK);
}

int ring_queues_map(const struct ring_options *options, int fd, const struct io_uring_params *params,
		    struct ring_queues *into)
{
	struct ring_queues mapped = {
		.queues_bytes = queues_bytes(params),
		.sqes_bytes = params->sq_entries * ring_sqe_bytes(params->flags),
	};
	int error = map_part(options->engine, fd, mapped.queues_bytes, IORING_OFF_SQ_RING, &mapped.queues);
	if (error == 0)
		error = map_part(options->engine, fd, mapped.sqes_bytes, IORING_OFF_SQES, &mapped.sqes);
	if (error == 0 && !options->fork_shares)
		error = keep_from_children(&mapped);
	if (error != 0)
		ring_queues_unmap(options->engine, mapped);
	else
		*into = mapped;
	return error;
}

static unsigned *at(void *start, unsigned offset)
{
	return (unsigned *)((uint8_t *)start + offset);
}

void ring_queues_attach(struct io_uring *ring, const struct io_uring_params *params, struct ring_queues mapped)
{
	void *queues = mapped.queues;
	struct io_uring_sq *sq = &ring->sq;
	sq->khead = at(queues, params->sq_off.head);
	sq->ktail = at(queues, params->sq_off.tail);
	sq->kring_mask = at(queues, params->sq_off.ring_mask);
	sq->kring_entries = at(queues, params->sq_off.ring_entries);
	sq->kflags = at(queues, params->sq_off.flags);
	sq->kdropped = at(queues, params->sq_off.dropped);
	sq->sqes = mapped.sqes;
	sq->ring_ptr = queues;
	sq->ring_sz = mapped.queues_bytes;
	sq->ring_mask = *sq->kring_mask;
	sq->ring_entries = *sq->kring_entries;

	struct io_uring_cq *cq = &ring->cq;
	cq->khead = at(queues, params->cq_off.head);
	cq->ktail = at(queues, params->cq_off.tail);
	cq->kring_mask = at(queues, params->cq_off.ring_mask);
	cq->kring_entries = at(queues, params->cq_off.ring_entries);
	cq->kflags = params->cq_off.flags != 0 ? at(queues, params->cq_off.flags) : nullptr;
	cq->koverflow = at(queues, params->cq_off.overflow);
	cq->cqes = (struct io_uring_cqe *)((uint8_t *)queues + params->cq_off.cqes);
	cq->ring_ptr = queues;
	cq->ring_sz = sq->ring_sz;
	cq->ring_mask = *cq->kring_mask;
	cq->ring_entries = *cq->kring_entries;

	// Without NO_SQARRAY the kernel finds an entry through the array; the identity makes that a detour without a turn.
	// With it there is no array, and its offset is 0: writing there would be writing the head.
	if ((params->flags & IORING_SETUP_NO_SQARRAY) != 0)
		return;
	sq->array = at(queues, params->sq_off.array);
	for (unsigned i = 0; i < sq->ring_entries; i++)
		sq->array[i] = i;
}
