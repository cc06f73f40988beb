// ring/options.c: what ring_options mean to the kernel.
//
// What the kernel would refuse with a bare -EINVAL is refused here, so that the reason stands somewhere: in ring_options_agree.
#include "ring/options.h"

#include "ring/own.h"

#define PAGE_DEFAULT 4096u
#define CLOSE_MS_DEFAULT 5000u

// [Linux io_uring/io_uring.h, IORING_MAX_ENTRIES and IORING_MAX_CQ_ENTRIES]
#define ENTRIES_MAX 32768u
#define CQ_ENTRIES_MAX (2 * ENTRIES_MAX)

// Bytes before the completions, generously: the kernel keeps its indices in a few cache lines there. [Linux
// include/linux/io_uring_types.h, struct io_rings]
#define QUEUES_HEAD_BYTES 1024u

#define STATE_ALIGNMENT 64u

void ring_options_complete(struct ring_options *options)
{
	if (options->engine == nullptr)
		options->engine = &ring_kernel;
	if (options->page_size == 0)
		options->page_size = PAGE_DEFAULT;
	if (options->close_ms == 0)
		options->close_ms = CLOSE_MS_DEFAULT;
}

bool ring_options_agree(const struct ring_options *options, unsigned entries, bool is_lent)
{
	if (entries == 0)
		return false;
	if (!options->clamp && (entries > ENTRIES_MAX || options->cq_entries > CQ_ENTRIES_MAX))
		return false;
	unsigned submissions = entries < ENTRIES_MAX ? entries : ENTRIES_MAX;
	if (options->cq_entries != 0 && options->cq_entries < submissions)
		return false; // every submission completes
	if ((options->page_size & (options->page_size - 1)) != 0)
		return false;
	if (options->defer_taskrun && !options->single_issuer)
		return false; // only one thread can be the one that must wait
	if (options->sqpoll && (options->coop_taskrun || options->defer_taskrun))
		return false; // the kernel's thread submits: there is no task of ours to run anything in
	if (!options->sqpoll && (options->sqpoll_pinned || options->sqpoll_idle_ms != 0))
		return false;
	if (!options->sqpoll_pinned && options->sqpoll_cpu != 0)
		return false;
	if (options->hybrid_iopoll && !options->iopoll)
		return false;
	if ((options->sqe128 && options->sqe_mixed) || (options->cqe32 && options->cqe_mixed))
		return false; // all are wide, or some are
	if (options->attach != nullptr && options->attach->ring_fd < 0)
		return false; // it is found by its descriptor
	if (options->registered_fd_only && !is_lent)
		return false; // without a descriptor there is nothing to map from
	return true;
}

struct io_uring_params ring_options_params(const struct ring_options *options, bool is_lent)
{
	const struct {
		bool wanted;
		unsigned flag;
	} flags[] = {
		{options->iopoll, IORING_SETUP_IOPOLL},
		{options->sqpoll, IORING_SETUP_SQPOLL},
		{options->sqpoll_pinned, IORING_SETUP_SQ_AFF},
		{options->cq_entries != 0, IORING_SETUP_CQSIZE},
		{options->clamp, IORING_SETUP_CLAMP},
		{options->attach != nullptr, IORING_SETUP_ATTACH_WQ},
		{options->disabled, IORING_SETUP_R_DISABLED},
		{options->submit_all, IORING_SETUP_SUBMIT_ALL},
		{options->coop_taskrun, IORING_SETUP_COOP_TASKRUN},
		{options->coop_taskrun || options->defer_taskrun, IORING_SETUP_TASKRUN_FLAG},
		{options->sqe128, IORING_SETUP_SQE128},
		{options->cqe32, IORING_SETUP_CQE32},
		{options->single_issuer, IORING_SETUP_SINGLE_ISSUER},
		{options->defer_taskrun, IORING_SETUP_DEFER_TASKRUN},
		{is_lent, IORING_SETUP_NO_MMAP},
		{options->registered_fd_only, IORING_SETUP_REGISTERED_FD_ONLY},
		{!options->index_array, IORING_SETUP_NO_SQARRAY},
		{options->hybrid_iopoll, IORING_SETUP_HYBRID_IOPOLL},
		{options->cqe_mixed, IORING_SETUP_CQE_MIXED},
		{options->sqe_mixed, IORING_SETUP_SQE_MIXED},
	};
	struct io_uring_params params = {
		.cq_entries = options->cq_entries,
		.sq_thread_cpu = options->sqpoll_cpu,
		.sq_thread_idle = options->sqpoll_idle_ms,
		.wq_fd = options->attach != nullptr ? (unsigned)options->attach->ring_fd : 0,
	};
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		params.flags |= flags[i].wanted ? flags[i].flag : 0;
	return params;
}

static unsigned power_of_two(unsigned at_least)
{
	unsigned power = 1;
	while (power < at_least)
		power *= 2;
	return power;
}

static size_t pages(size_t bytes, unsigned page)
{
	return (bytes + page - 1) & -(size_t)page;
}

size_t ring_own_state_at(void)
{
	return (sizeof(struct ring_own) + STATE_ALIGNMENT - 1) & -(size_t)STATE_ALIGNMENT;
}

size_t ring_own_bytes(const struct ring_options *options, size_t state_bytes)
{
	return pages(ring_own_state_at() + state_bytes, options->page_size);
}

struct ring_sizes ring_options_sizes(const struct ring_options *options, unsigned entries)
{
	struct io_uring_params params = ring_options_params(options, true);
	params.sq_entries = power_of_two(entries < ENTRIES_MAX ? entries : ENTRIES_MAX);
	unsigned cq = options->cq_entries < CQ_ENTRIES_MAX ? options->cq_entries : CQ_ENTRIES_MAX;
	params.cq_entries = cq > params.sq_entries ? power_of_two(cq) : 2 * params.sq_entries;
	if (cq != 0 && cq <= params.sq_entries)
		params.cq_entries = params.sq_entries;

	size_t state = options->engine->state_bytes(&params);
	if (options->fallback != nullptr) {
		size_t other = options->fallback->state_bytes(&params);
		state = other > state ? other : state;
	}
	size_t cqe_bytes = sizeof(struct io_uring_cqe) << (options->cqe32 ? 1 : 0);
	return (struct ring_sizes){
		.own = ring_own_bytes(options, state),
		.sqes = pages(params.sq_entries * ring_sqe_bytes(params.flags), options->page_size),
		.queues =
			pages(QUEUES_HEAD_BYTES + params.cq_entries * cqe_bytes + params.sq_entries * sizeof(unsigned),
			      options->page_size),
	};
}

size_t ring_memory_bytes(unsigned entries, struct ring_options options)
{
	ring_options_complete(&options);
	if (!ring_options_agree(&options, entries, true))
		return 0;
	struct ring_sizes sizes = ring_options_sizes(&options, entries);
	return sizes.own + sizes.sqes + sizes.queues;
}
