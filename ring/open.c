// ring/open.c: how a ring comes to be.
//
// The kernel makes the queues and says where in them each index lies; we map them:
//
//	IORING_OFF_SQ_RING   | sq head tail mask entries flags dropped [array] | cq head tail ... | cqe cqe cqe ... |
//	IORING_OFF_SQES      | sqe sqe sqe ... |
//
// Since 5.4 both queues are one mapping (IORING_FEAT_SINGLE_MMAP); Ringlet wants 5.5 for IORING_FEAT_NODROP anyway, so there
// are two mappings, and a third for what the library and the engine remember (own.h). In the caller's memory (NO_MMAP)
// the same three lie one behind the other. [io_uring_setup(2)]
#include "arch/sys.h"
#include "ring/engine.h"
#include "ring/options.h"
#include "ring/own.h"
#include "ring/ring.h"

// The three parts, as they are mapped.
struct parts {
	struct ring_own *own;
	void *sqes;
	void *queues;
	struct ring_sizes sizes;
	bool is_lent;
};

// Asks one engine for a ring. Without the index array if it can (6.6): entries are taken in the order they lie in, which is
// all that this library wants, and a cache line less is touched a submission.
static int setup_by(const struct ring_engine *engine, unsigned entries, struct io_uring_params *params)
{
	struct io_uring_params wanted = *params;
	int fd = engine->setup(entries, params);
	if (fd != -EINVAL || (wanted.flags & IORING_SETUP_NO_SQARRAY) == 0)
		return fd;
	*params = wanted;
	params->flags &= ~IORING_SETUP_NO_SQARRAY;
	return engine->setup(entries, params);
}

// Asks the engine, and the other one where that one is missing or forbidden. `options->engine` becomes who answered.
static int setup(unsigned entries, struct ring_options *options, struct io_uring_params *params)
{
	struct io_uring_params wanted = *params;
	int fd = setup_by(options->engine, entries, params);
	if (options->fallback == nullptr || (fd != -ENOSYS && fd != -EPERM))
		return fd;
	options->engine = options->fallback;
	*params = wanted;
	return setup_by(options->engine, entries, params);
}

static unsigned *at(void *start, unsigned offset)
{
	return (unsigned *)((uint8_t *)start + offset);
}

// Lays the handle over the queues.
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

static size_t queues_bytes(const struct io_uring_params *params)
{
	unsigned shift = (params->flags & IORING_SETUP_CQE32) != 0;
	size_t sq_end = params->sq_off.array + params->sq_entries * sizeof(unsigned);
	size_t cq_end = params->cq_off.cqes + (params->cq_entries * sizeof(struct io_uring_cqe) << shift);
	return sq_end > cq_end ? sq_end : cq_end;
}

static void unmap(const struct ring_engine *engine, const struct parts *parts)
{
	if (parts->is_lent)
		return;
	if (parts->sqes != nullptr)
		engine->unmap(parts->sqes, parts->sizes.sqes);
	if (parts->queues != nullptr)
		engine->unmap(parts->queues, parts->sizes.queues);
	if (parts->own != nullptr)
		(void)sys_munmap(parts->own, parts->sizes.own); // it was ours: it cannot fail
}

static int map_part(const struct ring_engine *engine, int fd, size_t size, unsigned long long part, void **into)
{
	long start = engine->map(fd, size, part);
	if (sys_failed(start))
		return (int)start;
	*into = (void *)start;
	return 0;
}

// Maps the three parts of a ring that setup has granted. What was mapped when it fails is in `parts`.
static int map(const struct ring_options *options, int fd, const struct io_uring_params *params, struct parts *parts)
{
	parts->sizes = (struct ring_sizes){
		.own = ring_own_bytes(options, options->engine->state_bytes(params)),
		.sqes = params->sq_entries * ring_sqe_bytes(params->flags),
		.queues = queues_bytes(params),
	};
	long start = sys_mmap(nullptr, parts->sizes.own, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (sys_failed(start))
		return (int)start;
	parts->own = (struct ring_own *)start;
	int error = map_part(options->engine, fd, parts->sizes.queues, IORING_OFF_SQ_RING, &parts->queues);
	if (error == 0)
		error = map_part(options->engine, fd, parts->sizes.sqes, IORING_OFF_SQES, &parts->sqes);
	if (error != 0 || options->fork_shares)
		return error;

	// Two processes that both moved a tail would run each other's entries; a child without the queues cannot.
	error = sys_madvise(parts->own, parts->sizes.own, MADV_DONTFORK);
	if (error == 0)
		error = sys_madvise(parts->queues, parts->sizes.queues, MADV_DONTFORK);
	if (error == 0)
		error = sys_madvise(parts->sqes, parts->sizes.sqes, MADV_DONTFORK);
	return error;
}

// Makes the ring; where `parts` are lent they lie already, and the kernel is told where.
static int make(struct io_uring *ring, unsigned entries, struct ring_options *options, struct parts *parts)
{
	struct io_uring_params params = ring_options_params(options, parts->is_lent);
	params.cq_off.user_addr = (uintptr_t)parts->queues;
	params.sq_off.user_addr = (uintptr_t)parts->sqes;
	int fd = setup(entries, options, &params);
	if (fd < 0)
		return fd;

	int error = 0;
	unsigned wanted = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP;
	if ((params.features & wanted) != wanted)
		error = -ENOSYS; // completions may be dropped, and there are two mappings where we expect one
	else if (!parts->is_lent)
		error = map(options, fd, &params, parts);
	if (error != 0) {
		unmap(options->engine, parts);
		options->engine->close(nullptr, fd);
		return error;
	}

	bool is_index = options->registered_fd_only;
	*ring = (struct io_uring){
		.sq.ring_sz = parts->sizes.queues,
		.flags = params.flags,
		.ring_fd = is_index ? -1 : fd,
		.features = params.features,
		.enter_ring_fd = fd,
	};
	attach(ring, &params, parts->queues, parts->sqes);
	*parts->own = (struct ring_own){
		.engine = options->engine,
		.state = (uint8_t *)parts->own + ring_own_state_at(),
		.enter_flags = is_index ? IORING_ENTER_REGISTERED_RING : 0,
		.is_lent = parts->is_lent,
		.size = parts->sizes.own,
		.options = *options,
	};
	ring->cq.own = parts->own;
	options->engine->begin(parts->own->state, fd, (struct ring_place){&params, parts->queues, parts->sqes});
	return 0;
}

int ring_open(struct io_uring *ring, unsigned entries, struct ring_options options)
{
	ring_options_complete(&options);
	if (!ring_options_agree(&options, entries, false))
		return -EINVAL;
	return make(ring, entries, &options, &(struct parts){});
}

int ring_open_in(struct io_uring *ring, unsigned entries, struct ring_options options, struct span memory)
{
	ring_options_complete(&options);
	if (!ring_options_agree(&options, entries, true) || (uintptr_t)memory.ptr % options.page_size != 0)
		return -EINVAL;
	struct ring_sizes sizes = ring_options_sizes(&options, entries);
	if (memory.len < sizes.own + sizes.sqes + sizes.queues)
		return -ENOSPC;
	for (size_t i = 0; i < sizes.own + sizes.sqes + sizes.queues; i++)
		memory.ptr[i] = 0; // as a mapping would be
	struct parts parts = {
		.own = (struct ring_own *)memory.ptr,
		.sqes = memory.ptr + sizes.own,
		.queues = memory.ptr + sizes.own + sizes.sqes,
		.sizes = sizes,
		.is_lent = true,
	};
	return make(ring, entries, &options, &parts);
}

const struct ring_engine *ring_engine(const struct io_uring *ring)
{
	return ring->cq.own->engine;
}
