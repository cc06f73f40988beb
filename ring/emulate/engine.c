// ring/emulate/engine.c: how an emulated ring comes to be and ends: what is granted, and where the tables lie.
#include "ring/emulate/emulate.h"

// [Linux io_uring/io_uring.h, IORING_MAX_ENTRIES and IORING_MAX_CQ_ENTRIES]
#define ENTRIES_MAX 32768u
#define CQ_ENTRIES_MAX (2 * ENTRIES_MAX)

// Asked for, and honoured. Work is done only when the thread comes in.
#define SETUP_FLAGS                                                                                     \
	(IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP | IORING_SETUP_R_DISABLED | IORING_SETUP_SUBMIT_ALL | \
	 IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SINGLE_ISSUER |           \
	 IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_NO_MMAP | IORING_SETUP_NO_SQARRAY)

#define FEATURES                                                                                                  \
	(IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP | IORING_FEAT_SUBMIT_STABLE | IORING_FEAT_RW_CUR_POS |      \
	 IORING_FEAT_FAST_POLL | IORING_FEAT_POLL_32BITS | IORING_FEAT_EXT_ARG | IORING_FEAT_RSRC_TAGS |          \
	 IORING_FEAT_CQE_SKIP | IORING_FEAT_LINKED_FILE | IORING_FEAT_RECVSEND_BUNDLE | IORING_FEAT_MIN_TIMEOUT | \
	 IORING_FEAT_NO_IOWAIT)

static unsigned power_of_two(unsigned at_least)
{
	unsigned power = 1;
	while (power < at_least)
		power *= 2;
	return power;
}

// [Linux io_uring/io_uring.c, io_uring_fill_params()]
static int grant_entries(unsigned entries, struct io_uring_params *params)
{
	bool clamps = (params->flags & IORING_SETUP_CLAMP) != 0;
	if (entries == 0 || (entries > ENTRIES_MAX && !clamps))
		return -EINVAL;
	params->sq_entries = power_of_two(entries < ENTRIES_MAX ? entries : ENTRIES_MAX);
	if ((params->flags & IORING_SETUP_CQSIZE) == 0) {
		params->cq_entries = 2 * params->sq_entries;
		return 0;
	}
	unsigned wanted = params->cq_entries;
	if (wanted == 0 || (wanted > CQ_ENTRIES_MAX && !clamps))
		return -EINVAL;
	params->cq_entries = power_of_two(wanted < CQ_ENTRIES_MAX ? wanted : CQ_ENTRIES_MAX);
	return params->cq_entries < params->sq_entries ? -EINVAL : 0;
}

static void grant_offsets(struct io_uring_params *params)
{
	uint64_t sqes = params->sq_off.user_addr, queues = params->cq_off.user_addr;
	params->sq_off = (struct io_sqring_offsets){
		.head = offsetof(struct indices, sq_head),
		.tail = offsetof(struct indices, sq_tail),
		.ring_mask = offsetof(struct indices, sq_mask),
		.ring_entries = offsetof(struct indices, sq_entries),
		.flags = offsetof(struct indices, sq_flags),
		.dropped = offsetof(struct indices, sq_dropped),
		.user_addr = sqes,
	};
	params->cq_off = (struct io_cqring_offsets){
		.head = offsetof(struct indices, cq_head),
		.tail = offsetof(struct indices, cq_tail),
		.ring_mask = offsetof(struct indices, cq_mask),
		.ring_entries = offsetof(struct indices, cq_entries),
		.overflow = offsetof(struct indices, cq_overflow),
		.flags = offsetof(struct indices, cq_flags),
		.cqes = sizeof(struct indices),
		.user_addr = queues,
	};
	if ((params->flags & IORING_SETUP_NO_SQARRAY) == 0)
		params->sq_off.array =
			(unsigned)(sizeof(struct indices) + params->cq_entries * sizeof(struct io_uring_cqe));
}

static int setup(unsigned entries, struct io_uring_params *params)
{
	for (size_t i = 0; i < sizeof(params->resv) / sizeof(params->resv[0]); i++)
		if (params->resv[i] != 0)
			return -EINVAL;
	unsigned flags = params->flags;
	if ((flags & ~SETUP_FLAGS) != 0)
		return -EINVAL;
	if ((flags & IORING_SETUP_DEFER_TASKRUN) != 0 && (flags & IORING_SETUP_SINGLE_ISSUER) == 0)
		return -EINVAL;
	if ((flags & IORING_SETUP_TASKRUN_FLAG) != 0 &&
	    (flags & (IORING_SETUP_COOP_TASKRUN | IORING_SETUP_DEFER_TASKRUN)) == 0)
		return -EINVAL;
	int error = grant_entries(entries, params);
	if (error != 0)
		return error;
	params->features = FEATURES;
	grant_offsets(params);
	return sys_epoll_create1(O_CLOEXEC);
}

static unsigned at_least(unsigned count, unsigned least)
{
	return count > least ? count : least;
}

// Lays the tables out behind the record, which may be null to learn their size. Each request has its completion's place in
// itself, so there are twice as many as fit the completion queue: as many again may wait behind a full one.
static size_t layout(struct emulation *e, void *state, const struct io_uring_params *params)
{
	struct emulation unused;
	e = e != nullptr ? e : &unused;
	size_t at = (sizeof(*e) + 63) & ~(size_t)63;
	unsigned cq = params->cq_entries;
	e->requests_max = at_least(4 * params->sq_entries, 2 * cq);
	e->files_max = at_least(cq, 1024);
	e->provided_max = at_least(cq, 1024);
	e->blocks_max = at_least(params->sq_entries < 256 ? params->sq_entries : 256, 16);
	e->seen_max = at_least(4 * cq, 4096);
#define PLACE(member, count)                                 \
	do {                                                 \
		e->member = (void *)((uintptr_t)state + at); \
		at += (count) * sizeof(*e->member);          \
	} while (0)
	PLACE(requests, e->requests_max);
	PLACE(watches, e->requests_max);
	PLACE(files, e->files_max);
	PLACE(buffers, BUFFERS_MAX);
	PLACE(groups, GROUPS_MAX);
	PLACE(provided, e->provided_max);
	PLACE(blocks, e->blocks_max);
	PLACE(seen, e->seen_max / 8);
#undef PLACE
	return at;
}

static size_t state_bytes(const struct io_uring_params *params)
{
	return layout(nullptr, nullptr, params);
}

static long map(int fd, size_t size, unsigned long long part)
{
	(void)fd;
	if (part != IORING_OFF_SQ_RING && part != IORING_OFF_SQES)
		return -EINVAL;
	return sys_mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void unmap(void *start, size_t size)
{
	(void)sys_munmap(start, size); // it fails only for what was never ours
}

static void begin(void *state, int fd, struct ring_place place)
{
	struct emulation *e = state;
	const struct io_uring_params *params = place.params;
	(void)layout(e, state, params);
	e->indices = place.queues;
	e->sqes = place.sqes;
	e->cqes = (struct io_uring_cqe *)((uint8_t *)place.queues + params->cq_off.cqes);
	if ((params->flags & IORING_SETUP_NO_SQARRAY) == 0)
		e->array = (unsigned *)((uint8_t *)place.queues + params->sq_off.array);
	e->indices->sq_entries = params->sq_entries;
	e->indices->sq_mask = params->sq_entries - 1;
	e->indices->cq_entries = params->cq_entries;
	e->indices->cq_mask = params->cq_entries - 1;
	e->fd = fd;
	e->flags = params->flags;
	e->is_disabled = (params->flags & IORING_SETUP_R_DISABLED) != 0;
	ring_emu_settle(e);
	e->free_count = e->requests_max;
	e->eventfd = -1;
	ring_emu_enroll(e);
}

// What waits is forgotten. What the emulation itself holds of descriptors is closed.
static void close(void *state, int fd)
{
	struct emulation *e = state;
	if (e != nullptr && e->indices != nullptr) {
		ring_emu_strike(e);
		for (struct request *request = e->waiting.first; request != nullptr;) {
			struct request *next = request->next;
			(void)ring_emu_watch_leave(e, request); // whom should a tag be told
			request = next;
		}
		ring_emu_files_close(e);
		if (e->eventfd >= 0)
			(void)sys_close(e->eventfd); // the descriptor is gone whatever close says
	}
	(void)sys_close(fd); // the descriptor is gone whatever close says
}

const struct ring_engine ring_emulated = {
	.setup = setup,
	.state_bytes = state_bytes,
	.map = map,
	.unmap = unmap,
	.begin = begin,
	.enter = ring_emu_enter,
	.registers = ring_emu_registers,
	.close = close,
};
