// ring/open.c: how a ring comes to be.
//
// The engine makes the queues, map.c maps them; a third mapping is for what the library and the engine remember (own.h). In the
// caller's memory (NO_MMAP) the same three lie one behind the other. [io_uring_setup(2)]
#include "arch/sys.h"
#include "ring/engine.h"
#include "ring/map.h"
#include "ring/options.h"
#include "ring/own.h"
#include "ring/ring.h"

// The three parts, as they are mapped.
struct parts {
	struct ring_own *own;
	size_t own_bytes;
	struct ring_queues queues;
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

// Asks the engine, and the other one where that one is missing or forbidden; then `refusal` becomes what it said.
// `options->engine` becomes who answered.
static int setup(unsigned entries, struct ring_options *options, struct io_uring_params *params, int *refusal)
{
	struct io_uring_params wanted = *params;
	int fd = setup_by(options->engine, entries, params);
	if (options->fallback == nullptr || (fd != -ENOSYS && fd != -EPERM))
		return fd;
	*refusal = fd;
	options->engine = options->fallback;
	*params = wanted;
	fd = setup_by(options->engine, entries, params);
	return fd == -ENOSYS ? *refusal : fd; // there is no other either: then the first one's reason is the reason
}

static void unmap(const struct ring_engine *engine, const struct parts *parts)
{
	if (parts->is_lent)
		return;
	ring_queues_unmap(engine, parts->queues);
	if (parts->own != nullptr)
		(void)sys_munmap(parts->own, parts->own_bytes); // it was ours: it cannot fail
}

// Maps the three parts of a ring that setup has granted. What was mapped when it fails is in `parts`.
static int map(const struct ring_options *options, int fd, const struct io_uring_params *params, struct parts *parts)
{
	parts->own_bytes = ring_own_bytes(options, options->engine->state_bytes(params));
	int sharing = options->fork_shares ? MAP_SHARED : MAP_PRIVATE;
	// The emulation's tables are sized for the worst day, and touched when they are used: a small machine must be able to start.
	// [Linux Documentation/mm/overcommit-accounting.rst]
	int flags = sharing | MAP_ANONYMOUS | MAP_NORESERVE;
	long start = sys_mmap(nullptr, parts->own_bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (sys_failed(start))
		return (int)start;
	parts->own = (struct ring_own *)start;
	int error = options->fork_shares ? 0 : sys_madvise(parts->own, parts->own_bytes, MADV_DONTFORK);
	return error != 0 ? error : ring_queues_map(options, fd, params, &parts->queues);
}

// Whether ring_submit may take its short way.
static bool is_plain(const struct ring_options *options, unsigned setup_flags)
{
	unsigned others = IORING_SETUP_SQPOLL | IORING_SETUP_CQE32 | IORING_SETUP_CQE_MIXED;
	return options->engine == &ring_kernel && options->trace == nullptr && (setup_flags & others) == 0;
}

// Makes the ring; where `parts` are lent they lie already, and the kernel is told where.
static int make(struct io_uring *ring, unsigned entries, struct ring_options *options, struct parts *parts)
{
	struct io_uring_params params = ring_options_params(options, parts->is_lent);
	params.cq_off.user_addr = (uintptr_t)parts->queues.queues;
	params.sq_off.user_addr = (uintptr_t)parts->queues.sqes;
	int refusal = 0;
	int fd = setup(entries, options, &params, &refusal);
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
		.flags = params.flags,
		.ring_fd = is_index ? -1 : fd,
		.features = params.features,
		.enter_ring_fd = fd,
	};
	*parts->own = (struct ring_own){
		.engine = options->engine,
		.state = (uint8_t *)parts->own + ring_own_state_at(),
		.refusal = refusal,
		.enter_flags = is_index ? IORING_ENTER_REGISTERED_RING : 0,
		.is_plain = is_plain(options, params.flags),
		.is_lent = parts->is_lent,
		.size = parts->own_bytes,
		.options = *options,
	};
	struct ring_place place = {&params, parts->queues.queues, parts->queues.sqes};
	options->engine->begin(parts->own->state, fd, place);
	ring_queues_attach(ring, &params, parts->queues); // the indices are there now, whoever wrote them
	ring->cq.own = parts->own;
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
		.own_bytes = sizes.own,
		.queues =
			{
				.queues = memory.ptr + sizes.own + sizes.sqes,
				.queues_bytes = sizes.queues,
				.sqes = memory.ptr + sizes.own,
				.sqes_bytes = sizes.sqes,
			},
		.is_lent = true,
	};
	return make(ring, entries, &options, &parts);
}

const struct ring_engine *ring_engine(const struct io_uring *ring)
{
	return ring->cq.own->engine;
}

int ring_refusal(const struct io_uring *ring)
{
	return ring->cq.own->refusal;
}
