// ring/open.c: how a ring comes to be.
//
// The kernel makes the queues and says where in them each index lies; we map them:
//
//	IORING_OFF_SQ_RING   | sq head tail mask entries flags dropped [array] | cq head tail ... | cqe cqe cqe ... |
//	IORING_OFF_SQES      | sqe sqe sqe ... |
//
// Since 5.4 both queues are one mapping (IORING_FEAT_SINGLE_MMAP); Ringlet wants 5.5 for IORING_FEAT_NODROP anyway, so there
// are two mappings, and a third for what the library remembers (own.h). [io_uring_setup(2)]
#include "arch/sys.h"
#include "ring/engine.h"
#include "ring/own.h"
#include "ring/ring.h"

#define PAGE_DEFAULT 4096u
#define CLOSE_MS_DEFAULT 5000u

static unsigned setup_flags(const struct ring_options *options)
{
	unsigned flags = 0;
	if (options->cq_entries != 0)
		flags |= IORING_SETUP_CQSIZE;
	if (options->clamp)
		flags |= IORING_SETUP_CLAMP;
	if (options->submit_all)
		flags |= IORING_SETUP_SUBMIT_ALL;
	if (options->coop_taskrun || options->defer_taskrun)
		flags |= IORING_SETUP_TASKRUN_FLAG; // so that work that waits for us shows in the flags: 5.19, as coop
	if (options->coop_taskrun)
		flags |= IORING_SETUP_COOP_TASKRUN;
	if (options->single_issuer)
		flags |= IORING_SETUP_SINGLE_ISSUER;
	if (options->defer_taskrun)
		flags |= IORING_SETUP_DEFER_TASKRUN;
	return flags;
}

// Asks for a ring. Without the index array if the kernel can (6.6): entries are taken in the order they lie in, which is
// all that this library wants, and a cache line less is touched a submission.
static int setup(unsigned entries, const struct ring_options *options, struct io_uring_params *params)
{
	unsigned flags = setup_flags(options);
	*params = (struct io_uring_params){.flags = flags | IORING_SETUP_NO_SQARRAY, .cq_entries = options->cq_entries};
	int fd = engine_setup(entries, params);
	if (fd != -EINVAL)
		return fd;
	*params = (struct io_uring_params){.flags = flags, .cq_entries = options->cq_entries};
	return engine_setup(entries, params);
}

static unsigned *at(void *start, unsigned offset)
{
	return (unsigned *)((uint8_t *)start + offset);
}

// Lays the handle over the mapped queues.
static void attach(struct io_uring *ring, const struct io_uring_params *params, void *queues, void *sqes)
{
	struct io_uring_sq *sq = &ring->sq;
	sq->khead = at(queues, params->sq_off.head);
	sq->ktail = at(queues, params->sq_off.tail);
	sq->kring_mask = at(queues, params->sq_off.ring_mask);
	sq->kring_entries = at(queues, params->sq_off.ring_entries);
	sq->kflags = at(queues, params->sq_off.flags);
	sq->kdropped = at(queues, params->sq_off.dropped);
	sq->sqes = sqes;
	sq->ring_ptr = queues;
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

static size_t queues_size(const struct io_uring_params *params)
{
	size_t sq_end = params->sq_off.array + params->sq_entries * sizeof(unsigned);
	size_t cq_end = params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe);
	return sq_end > cq_end ? sq_end : cq_end;
}

int ring_open(struct io_uring *ring, unsigned entries, struct ring_options options)
{
	if (options.page_size == 0)
		options.page_size = PAGE_DEFAULT;
	if (options.close_ms == 0)
		options.close_ms = CLOSE_MS_DEFAULT;
	if (options.defer_taskrun && !options.single_issuer)
		return -EINVAL; // the kernel would say the same, but not which of the two was meant

	struct io_uring_params params;
	int fd = setup(entries, &options, &params);
	if (fd < 0)
		return fd;

	long error = -ENOSYS; // too old: completions may be dropped, and there are two mappings where we expect one
	unsigned wanted = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP;
	if ((params.features & wanted) != wanted)
		goto fail_fd;

	size_t own_size = (sizeof(struct ring_own) + options.page_size - 1) & -(size_t)options.page_size;
	error = sys_mmap(nullptr, own_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (sys_failed(error))
		goto fail_fd;
	struct ring_own *own = (struct ring_own *)error;

	size_t ring_size = queues_size(&params);
	error = engine_map(fd, ring_size, IORING_OFF_SQ_RING);
	if (sys_failed(error))
		goto fail_own;
	void *queues = (void *)error;

	error = engine_map(fd, params.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
	if (sys_failed(error))
		goto fail_queues;

	*ring = (struct io_uring){
		.sq.ring_sz = ring_size,
		.flags = params.flags,
		.ring_fd = fd,
		.features = params.features,
		.enter_ring_fd = fd,
	};
	attach(ring, &params, queues, (void *)error);
	*own = (struct ring_own){.options = options, .size = own_size};
	ring->cq.own = own;
	return 0;

fail_queues:
	engine_unmap(queues, ring_size);
fail_own:
	engine_unmap(own, own_size);
fail_fd:
	engine_close(fd);
	return (int)error;
}
