// tests/unit/ring_setup.c: every option of a ring is passed on and does what it says; what cannot be is refused unasked.
//
// For either engine.
#include "ring/engine.h"
#include "ring/own.h"
#include "ring/ring.h"
#include "tests/unit/ring_unit.h"

// What the library adds by itself.
#define OWN_FLAGS (IORING_SETUP_NO_SQARRAY | IORING_SETUP_TASKRUN_FLAG)

static _Alignas(65536) uint8_t memory[1 << 17];

// Four times round a small queue, by the verbs of its width.
static void use(struct io_uring *ring)
{
	for (uint64_t token = 0; token < 32; token++) {
		int error = (ring->flags & IORING_SETUP_SQE128) != 0 ? ring_push128(ring, sqe_nop(), nullptr, token)
								     : ring_push(ring, sqe_nop(), token);
		CHECK_EQUAL(error, 0);
		CHECK_EQUAL(ring_submit(ring, 1), 1);
		struct ring_cqe32 done = {.user_data = 99, .res = 99};
		CHECK(ring_pop32(ring, &done));
		CHECK_EQUAL(done.user_data, token);
		CHECK_EQUAL(done.res, 0);
		CHECK(!ring_pop32(ring, &done));
	}
}

static const struct ring_engine *chosen_engine(void)
{
	return wants_emulation() ? &ring_emulated : &ring_kernel;
}

// What the emulation has none of: a thread that polls, devices, and other widths. [ring/emulate/engine.c]
#define NOT_EMULATED                                                                                    \
	(IORING_SETUP_SQPOLL | IORING_SETUP_SQ_AFF | IORING_SETUP_IOPOLL | IORING_SETUP_HYBRID_IOPOLL | \
	 IORING_SETUP_SQE128 | IORING_SETUP_CQE32 | IORING_SETUP_SQE_MIXED | IORING_SETUP_CQE_MIXED)

// Whether the engine itself grants such a ring: then the library must, too.
static bool engine_has(unsigned flags)
{
	if (wants_emulation())
		return (flags & NOT_EMULATED) == 0;
	struct io_uring_params params = {.flags = flags, .cq_entries = (flags & IORING_SETUP_CQSIZE) != 0 ? 64 : 0};
	int fd = sys_io_uring_setup(8, &params);
	if (fd < 0)
		return false;
	close_fd(fd);
	return true;
}

// A ring with the options, which has the flags and works.
static void grant(struct ring_options options, unsigned flags, struct str lacking)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	close_ring(&ring);
	struct held before = held_now();
	if (!engine_has(flags)) {
		CHECK_EQUAL(ring_open(&ring, 8, on_engine(options)), -EINVAL);
		UNIT_SKIP(lacking);
	}
	RING_OR_SKIP(ring, 8, .engine = options.engine);
	close_ring(&ring);
	if (!open_or_skip(&ring, 8, options))
		return;
	CHECK_EQUAL(ring.flags & ~OWN_FLAGS, flags & ~OWN_FLAGS);
	CHECK_EQUAL((ring.flags & IORING_SETUP_TASKRUN_FLAG) != 0,
		    (flags & (IORING_SETUP_COOP_TASKRUN | IORING_SETUP_DEFER_TASKRUN)) != 0);
	use(&ring);
	close_ring(&ring);
	CHECK_HELD(before);
}

#define OPTION(name, flags, ...)                                                                                  \
	UNIT(option_##name)                                                                                       \
	{                                                                                                         \
		grant((struct ring_options){__VA_ARGS__}, (flags),                                                \
		      wants_emulation() ? STR("the emulation has no " #name) : STR("this kernel has no " #name)); \
	}

OPTION(cq_entries, IORING_SETUP_CQSIZE, .cq_entries = 64)
OPTION(clamp, IORING_SETUP_CLAMP, .clamp = true)
OPTION(submit_all, IORING_SETUP_SUBMIT_ALL, .submit_all = true)
OPTION(coop_taskrun, IORING_SETUP_COOP_TASKRUN, .coop_taskrun = true)
OPTION(single_issuer, IORING_SETUP_SINGLE_ISSUER, .single_issuer = true)
OPTION(defer_taskrun, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN, .single_issuer = true,
       .defer_taskrun = true)
OPTION(sqe128, IORING_SETUP_SQE128, .sqe128 = true)
OPTION(cqe32, IORING_SETUP_CQE32, .cqe32 = true)
OPTION(both_wide, IORING_SETUP_SQE128 | IORING_SETUP_CQE32, .sqe128 = true, .cqe32 = true)
OPTION(sqe_mixed, IORING_SETUP_SQE_MIXED, .sqe_mixed = true)
OPTION(cqe_mixed, IORING_SETUP_CQE_MIXED, .cqe_mixed = true)
OPTION(iopoll, IORING_SETUP_IOPOLL, .iopoll = true)
OPTION(hybrid_iopoll, IORING_SETUP_IOPOLL | IORING_SETUP_HYBRID_IOPOLL, .iopoll = true, .hybrid_iopoll = true)
OPTION(sqpoll, IORING_SETUP_SQPOLL, .sqpoll = true)
OPTION(sqpoll_pinned, IORING_SETUP_SQPOLL | IORING_SETUP_SQ_AFF, .sqpoll = true, .sqpoll_pinned = true)
OPTION(all_of_one_thread,
       IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_COOP_TASKRUN |
	       IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SQE128 | IORING_SETUP_CQE32,
       .cq_entries = 64, .clamp = true, .submit_all = true, .coop_taskrun = true, .single_issuer = true,
       .defer_taskrun = true, .sqe128 = true, .cqe32 = true)
OPTION(a_large_page, 0, .page_size = 65536)

// An engine that only counts how often it is asked, and says one thing.

static struct {
	int result;
	int setups;
	struct io_uring_params params; // of the last
} asked;

static int asked_setup(unsigned, struct io_uring_params *params)
{
	asked.setups++;
	asked.params = *params;
	return asked.result;
}

static size_t no_state(const struct io_uring_params *)
{
	return 0;
}

static const struct ring_engine asking = {.setup = asked_setup, .state_bytes = no_state};

// [io_uring_setup(2)]
UNIT(what_excludes_each_other_is_refused_unasked)
{
	static const struct io_uring without_descriptor = {.ring_fd = -1};
	static const struct {
		unsigned entries;
		struct ring_options options;
	} cases[] = {
		{0, {}},
		{0, {.clamp = true}},
		{32769, {}},
		{UINT32_MAX, {}},
		{8, {.cq_entries = 65537}},
		{8, {.cq_entries = 7}},
		{8, {.cq_entries = 4, .clamp = true}},
		{8, {.page_size = 3000}},
		{8, {.defer_taskrun = true}},
		{8, {.sqpoll = true, .coop_taskrun = true}},
		{8, {.sqpoll = true, .single_issuer = true, .defer_taskrun = true}},
		{8, {.sqpoll_idle_ms = 1}},
		{8, {.sqpoll_pinned = true}},
		{8, {.sqpoll_cpu = 1}},
		{8, {.sqpoll = true, .sqpoll_cpu = 1}},
		{8, {.hybrid_iopoll = true}},
		{8, {.sqe128 = true, .sqe_mixed = true}},
		{8, {.cqe32 = true, .cqe_mixed = true}},
		{8, {.registered_fd_only = true}},
		{8, {.attach = &without_descriptor}},
	};
	asked = (typeof(asked)){.result = -EIO};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct io_uring ring;
		struct ring_options options = cases[i].options;
		options.engine = options.fallback = &asking;
		CHECK_EQUAL(ring_open(&ring, cases[i].entries, options), -EINVAL);
		if (options.registered_fd_only)
			continue; // in the caller's memory it can be had
		CHECK_EQUAL(ring_memory_bytes(cases[i].entries, options), 0);
		CHECK_EQUAL(ring_open_in(&ring, cases[i].entries, options, SPAN(memory)), -EINVAL);
	}
	CHECK_EQUAL(asked.setups, 0);
}

UNIT(what_is_set_is_what_the_engine_is_asked)
{
	static const struct io_uring other = {.ring_fd = 77};
	asked = (typeof(asked)){.result = -EIO};
	struct io_uring ring;
	struct ring_options options = {
		.engine = &asking,
		.cq_entries = 33,
		.sqpoll = true,
		.sqpoll_idle_ms = 17,
		.sqpoll_pinned = true,
		.sqpoll_cpu = 3,
		.attach = &other,
		.disabled = true,
	};
	CHECK_EQUAL(ring_open(&ring, 8, options), -EIO);
	CHECK_EQUAL(asked.setups, 1);
	CHECK_EQUAL(asked.params.flags, IORING_SETUP_CQSIZE | IORING_SETUP_SQPOLL | IORING_SETUP_SQ_AFF |
						IORING_SETUP_ATTACH_WQ | IORING_SETUP_R_DISABLED |
						IORING_SETUP_NO_SQARRAY);
	CHECK_EQUAL(asked.params.cq_entries, 33);
	CHECK_EQUAL(asked.params.sq_thread_idle, 17);
	CHECK_EQUAL(asked.params.sq_thread_cpu, 3);
	CHECK_EQUAL(asked.params.wq_fd, 77);

	// Only the index array is tried both ways.
	asked = (typeof(asked)){.result = -EINVAL};
	CHECK_EQUAL(ring_open(&ring, 8, options), -EINVAL);
	CHECK_EQUAL(asked.setups, 2);
	CHECK_EQUAL(asked.params.flags & IORING_SETUP_NO_SQARRAY, 0);
	CHECK_EQUAL(asked.params.cq_entries, 33);
	options.index_array = true;
	asked = (typeof(asked)){.result = -EINVAL};
	CHECK_EQUAL(ring_open(&ring, 8, options), -EINVAL);
	CHECK_EQUAL(asked.setups, 1);
	CHECK_EQUAL(asked.params.flags & IORING_SETUP_NO_SQARRAY, 0);
}

// The other engine is for where the first is missing or forbidden, not for where it has no memory or says no.
UNIT(the_fallback_is_asked_only_where_there_is_none)
{
	asked = (typeof(asked)){.result = -EIO};
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	close_ring(&ring);
	RING_OR_SKIP(ring, 8, .fallback = &asking);
	CHECK_EQUAL(ring_engine(&ring), chosen_engine());
	CHECK_EQUAL(asked.setups, 0);
	use(&ring);
	close_ring(&ring);

	static const int errors[] = {-ENOSYS, -EPERM, -EINVAL, -ENOMEM, -EMFILE, -ENFILE, -EACCES};
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		asked = (typeof(asked)){.result = errors[i]};
		struct held before = held_now();
		int error = ring_open(&ring, 8, (struct ring_options){.engine = &asking, .fallback = chosen_engine()});
		if (i >= 2) {
			CHECK_EQUAL(error, errors[i]);
			CHECK_HELD(before);
			continue;
		}
		if (!CHECK_EQUAL(error, 0))
			return;
		CHECK_EQUAL(asked.setups, 1);
		CHECK_EQUAL(ring_engine(&ring), chosen_engine());
		CHECK_EQUAL(ring.flags & ~OWN_FLAGS, 0);
		use(&ring);
		close_ring(&ring);
	}
	asked = (typeof(asked)){.result = -ENOSYS};
	CHECK_EQUAL(ring_open(&ring, 8, (struct ring_options){.engine = &asking}), -ENOSYS);
	CHECK_EQUAL(ring_open(&ring, 8, (struct ring_options){.engine = &asking, .fallback = &asking}), -ENOSYS);
	CHECK_EQUAL(asked.setups, 3);
}

UNIT(sizes_are_rounded_and_clamped)
{
	static const struct {
		unsigned entries, cq_entries;
		bool clamp;
		unsigned sq, cq;
	} cases[] = {
		{5, 0, false, 8, 16},
		{5, 5, false, 8, 8},
		{5, 9, false, 8, 16},
		{8, 8, false, 8, 8},
		{1, 65536, false, 1, 65536},
		{32768, 32768, false, 32768, 32768},
		{32769, 0, true, 32768, 65536},
		{UINT32_MAX, 0, true, 32768, 65536},
		{UINT32_MAX, 32768, true, 32768, 32768},
		{5, 65537, true, 8, 65536},
		{5, UINT32_MAX, true, 8, 65536},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct io_uring ring;
		struct ring_options options = {.cq_entries = cases[i].cq_entries, .clamp = cases[i].clamp};
		if (!open_or_skip(&ring, cases[i].entries, options))
			return;
		CHECK_EQUAL(ring.sq.ring_entries, cases[i].sq);
		CHECK_EQUAL(ring.cq.ring_entries, cases[i].cq);
		CHECK_EQUAL(ring.cq.ring_mask, cases[i].cq - 1);
		use(&ring);
		close_ring(&ring);
	}
}

// [IORING_SETUP_NO_SQARRAY, Linux 6.6] Without the array its offset is 0, where the ring's head lies.
UNIT(the_index_array_is_left_out)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	bool has_none = engine_has(IORING_SETUP_NO_SQARRAY);
	CHECK_EQUAL((ring.flags & IORING_SETUP_NO_SQARRAY) != 0, has_none);
	CHECK_EQUAL(ring.sq.array == nullptr, has_none);
	CHECK_EQUAL(*ring.sq.khead, 0);
	CHECK_EQUAL(*ring.sq.ktail, 0);
	CHECK_EQUAL(*ring.cq.khead, 0);
	CHECK_EQUAL(*ring.cq.ktail, 0);
	CHECK_EQUAL(*ring.sq.kring_entries, 8);
	CHECK_EQUAL(*ring.cq.kring_entries, 16);
	use(&ring);
	close_ring(&ring);

	RING_OR_SKIP(ring, 8, .index_array = true);
	CHECK_EQUAL(ring.flags & IORING_SETUP_NO_SQARRAY, 0);
	if (!CHECK(ring.sq.array != nullptr))
		return;
	for (unsigned i = 0; i < 8; i++)
		CHECK_EQUAL(ring.sq.array[i], i);
	use(&ring);
	close_ring(&ring);
}

// The thread that polls a ring, as its descriptor tells: 0 if it tells none within ten seconds. The kernel tells nothing while
// the thread has the ring in its hands, and names the process until the thread has begun. To count threads tells less: that of a ring that is closed lives on for a while.
// [Linux io_uring/fdinfo.c, io_uring_show_fdinfo()]
static unsigned poller_of(const struct io_uring *ring)
{
	static const struct str word = STR("SqThread:\t");
	static uint8_t buffer[8192];
	char name[12] = {}, *digit = name + 11;
	for (unsigned number = (unsigned)ring->ring_fd; number != 0; number /= 10)
		*--digit = (char)('0' + number % 10);
	int folder = sys_openat(AT_FDCWD, "/proc/self/fdinfo", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	unsigned own = (unsigned)sys_getpid(), thread = 0;
	for (int64_t limit = monotonic_ns() + 10000000000; monotonic_ns() < limit; sleep_ms(1)) {
		int fd = sys_openat(folder, digit, O_RDONLY | O_CLOEXEC, 0);
		long got = sys_read(fd, buffer, sizeof(buffer));
		close_fd(fd);
		for (long at = 0; at + (long)word.len < got; at++) {
			if (!str_equal((struct str){(const char *)buffer + at, word.len}, word))
				continue;
			for (at += (long)word.len; at < got && buffer[at] >= '0' && buffer[at] <= '9'; at++)
				thread = thread * 10 + buffer[at] - '0';
		}
		if (thread != 0 && thread != own)
			break;
		thread = 0;
	}
	close_fd(folder);
	return thread;
}

UNIT(attached_rings_share_a_thread)
{
	struct io_uring first, second;
	if (wants_emulation())
		UNIT_SKIP(STR("the emulation has no thread that polls"));
	RING_OR_SKIP(first, 8, .sqpoll = true);
	unsigned poller = poller_of(&first);
	CHECK(poller != 0);
	RING_OR_SKIP(second, 8, .sqpoll = true, .attach = &first);
	CHECK_EQUAL(poller_of(&second), poller);
	CHECK((second.flags & IORING_SETUP_ATTACH_WQ) != 0);
	use(&first);
	use(&second);
	close_ring(&first);
	use(&second); // it lives on without the first
	close_ring(&second);

	RING_OR_SKIP(first, 8);
	RING_OR_SKIP(second, 8, .attach = &first);
	use(&second);
	close_ring(&second);
	use(&first);

	struct io_uring none = {.ring_fd = SYS_STDOUT};
	CHECK_EQUAL(ring_open(&second, 8, (struct ring_options){.attach = &none}), -EINVAL);
	close_ring(&first);
}

UNIT(a_poller_cannot_run_where_there_is_no_processor)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	close_ring(&ring);
	struct held before = held_now();
	CHECK_EQUAL(ring_open(&ring, 8,
			      on_engine((struct ring_options){
				      .sqpoll = true, .sqpoll_pinned = true, .sqpoll_cpu = 1 << 20})),
		    -EINVAL);
	CHECK_HELD(before);
}

static int enable(struct io_uring *ring)
{
	return ring_register(ring, IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
}

// [IORING_SETUP_R_DISABLED, IORING_REGISTER_ENABLE_RINGS]
UNIT(a_disabled_ring_takes_nothing)
{
	static const struct ring_options kinds[] = {
		{.disabled = true},
		{.disabled = true, .single_issuer = true, .defer_taskrun = true},
		{.disabled = true, .sqpoll = true},
	};
	for (size_t kind = 0; kind < kinds_with_poller(sizeof(kinds) / sizeof(kinds[0])); kind++) {
		struct held before = held_now();
		struct io_uring ring;
		if (!open_or_skip(&ring, 8, kinds[kind]))
			return;
		struct io_uring_cqe done;
		CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), -EBADFD);
		CHECK_EQUAL(ring_space(&ring), 8);
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), 1), 0);
		CHECK_EQUAL(ring_submit(&ring, 1), -EBADFD);
		CHECK_EQUAL(ring_space(&ring), 7);
		CHECK_EMPTY(&ring);
		CHECK_EQUAL(enable(&ring), 0);
		CHECK(ring_submit(&ring, 1) >= 0);
		CHECK_POP(&ring, 1, 0);
		use(&ring);
		close_ring(&ring);

		// One that is never enabled closes, too.
		if (!open_or_skip(&ring, 8, kinds[kind]))
			return;
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), 1), 0);
		int shown = ring_submit(&ring, 0);
		CHECK(shown == -EBADFD || (shown == 1 && kinds[kind].sqpoll)); // the thread may look awake
		close_ring(&ring);
		CHECK_HELD(before);
	}
}

// [IORING_SETUP_SINGLE_ISSUER] A child is another issuer, if the queues are left to it.
UNIT(a_single_issuer_is_held_to_it)
{
	for (int defers = 0; defers < 2; defers++) {
		struct io_uring ring;
		RING_OR_SKIP(ring, 8, .single_issuer = true, .defer_taskrun = defers != 0, .fork_shares = true);
		int child = fork_child();
		if (child == 0) {
			struct io_uring_cqe done;
			int pushed = ring_push(&ring, sqe_nop(), 1);
			int submitted = ring_submit(&ring, 1);
			int did = ring_do(&ring, sqe_nop(), &done);
			sys_exit_group(pushed != 0 ? 1 : submitted != -EEXIST ? 2 : did != -EEXIST ? 3 : 0);
		}
		CHECK_EQUAL(wait_child(child), 0);
		// The child's tail is in the queue, but it was never taken.
		use(&ring);
		close_ring(&ring);
	}
}

// The signal that ends a child which reads that address; 0 if it could.
static int signal_of_reading(const void *address)
{
	int child = fork_child();
	if (child == 0) {
		(void)signal_default(SIGSEGV);
		(void)*(const volatile uint8_t *)address;
		sys_exit_group(0);
	}
	int how = 0;
	CHECK_EQUAL(sys_wait4(child, &how, 0), child);
	return how & 0x7f;
}

// [madvise(2), MADV_DONTFORK]
UNIT(a_child_has_no_part_in_a_ring)
{
	struct io_uring opened;
	RING_OR_SKIP(opened, 8);
	close_ring(&opened);
	void *page = (void *)sys_mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK_EQUAL(sys_madvise(page, 4096, MADV_DONTFORK), 0);
	int signal = signal_of_reading(page);
	CHECK_EQUAL(sys_munmap(page, 4096), 0);
	if (signal == 0)
		UNIT_SKIP(STR("this kernel (or qemu-user) has no MADV_DONTFORK"));
	for (int shares = 0; shares < 2; shares++) {
		struct io_uring ring;
		RING_OR_SKIP(ring, 4096, .fork_shares = shares != 0);
		const uint8_t *parts[] = {
			(uint8_t *)ring.sq.sqes,          (uint8_t *)(ring.sq.sqes + 4095), (uint8_t *)ring.sq.ring_ptr,
			(uint8_t *)(ring.cq.cqes + 8191), (uint8_t *)ring.cq.own,
		};
		for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
			CHECK_EQUAL(signal_of_reading(parts[i]), shares ? 0 : SIGSEGV);

		int child = fork_child();
		if (child == 0) { // it opens its own, while the parent's is open
			struct io_uring own;
			struct io_uring_cqe done = {.res = 1};
			if (ring_open(&own, 8, on_engine((struct ring_options){})) != 0)
				sys_exit_group(1);
			int did = ring_do(&own, sqe_nop(), &done);
			sys_exit_group(did != 0 || done.res != 0 || ring_close(&own) != 0 ? 2 : 0);
		}
		CHECK_EQUAL(wait_child(child), 0);
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), 1), 0);
		CHECK_EQUAL(ring_submit(&ring, 1), 1);
		CHECK_POP(&ring, 1, 0);
		close_ring(&ring);
	}
}

// In the caller's memory. [IORING_SETUP_NO_MMAP, Linux 6.5; 6.10 where it is no huge page]

// Opens in `into`, or skips where the kernel cannot.
static bool open_in_or_skip(struct io_uring *ring, unsigned entries, struct ring_options options, struct span into)
{
	struct io_uring probe;
	if (!open_or_skip(&probe, 1, (struct ring_options){}))
		return false;
	close_ring(&probe);
	int error = ring_open_in(ring, entries, on_engine(options), into);
	if (error == -EINVAL && (probe.features & IORING_FEAT_MIN_TIMEOUT) == 0) { // 6.12
		unit_skip(STR("this kernel cannot have a ring in ordinary memory of the caller"));
		return false;
	}
	return CHECK_EQUAL(error, 0);
}

UNIT(lent_memory_is_all_that_is_used)
{
	static const struct {
		unsigned entries;
		struct ring_options options;
	} cases[] = {
		{1, {}},
		{8, {}},
		{64, {.cq_entries = 64}},
		{64, {.cq_entries = 1000}},
		{8, {.sqe128 = true}},
		{8, {.cqe32 = true}},
		{8, {.sqe128 = true, .cqe32 = true}},
		{512, {.sqe128 = true, .cqe32 = true}},
		{8, {.single_issuer = true, .defer_taskrun = true}},
		{8, {.sqpoll = true}},
		{8, {.index_array = true}},
		{1024, {}},
		{1024, {.index_array = true}},
		{32768, {.index_array = true, .cqe32 = true}},
		{UINT32_MAX, {.clamp = true}},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool is_other = cases[i].options.sqe128 || cases[i].options.cqe32 || cases[i].options.sqpoll;
		if (wants_emulation() && (is_other || cases[i].entries > 1024))
			continue; // no such ring, or hundreds of megabytes of tables
		size_t size = ring_memory_bytes(cases[i].entries, on_engine(cases[i].options));
		CHECK(size > 0 && size % 4096 == 0);
		// Behind it a page that nobody may touch, and in it something other than zeros.
		long start = sys_mmap(nullptr, size + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (!CHECK(!sys_failed(start)))
			return;
		CHECK_EQUAL(sys_mprotect((uint8_t *)start + size, 4096, PROT_NONE), 0);
		struct span lent = {(uint8_t *)start, size};
		for (int again = 0; again < 2; again++) {
			for (size_t at = 0; at < size; at++)
				lent.ptr[at] = 0xff;
			struct held before = held_now();
			struct io_uring ring;
			if (!open_in_or_skip(&ring, cases[i].entries, cases[i].options, lent))
				return;
			CHECK((ring.flags & IORING_SETUP_NO_MMAP) != 0);
			CHECK_EQUAL(held_now().mappings, before.mappings);
			CHECK_EQUAL(held_now().descriptors, before.descriptors + 1);
			use(&ring);
			unsigned count = ring.sq.ring_entries;
			bool is_wide = cases[i].options.sqe128;
			for (unsigned token = 0; token < count; token++)
				CHECK_EQUAL(is_wide ? ring_push128(&ring, sqe_nop(), nullptr, token)
						    : ring_push(&ring, sqe_nop(), token),
					    0);
			CHECK_EQUAL(ring_submit(&ring, count), count);
			struct ring_cqe32 done;
			for (unsigned token = 0; token < count; token++)
				CHECK(ring_pop32(&ring, &done) && done.user_data == token && done.res == 0);
			close_ring(&ring);
			CHECK_HELD(before);
		}
		CHECK_EQUAL(sys_munmap((void *)start, size + 4096), 0);
	}
}

// The kernel is not done with a ring when it is closed: it must not be seen in the memory that came back.
UNIT(lent_memory_is_left_alone_afterwards)
{
	if (wants_emulation())
		UNIT_SKIP(STR("the emulation has no life after its close"));
	enum { RINGS = 10 };
	static _Alignas(4096) uint8_t lent[RINGS][12288];
	CHECK_EQUAL(ring_memory_bytes(8, (struct ring_options){}), sizeof(lent[0]));
	for (int i = 0; i < RINGS; i++) {
		struct io_uring ring;
		struct ring_options options = {.close_quick = i % 2 != 0};
		if (!open_in_or_skip(&ring, 8, options, SPAN(lent[i])))
			return;
		use(&ring);
		close_ring(&ring);
		for (size_t at = 0; at < sizeof(lent[i]); at++)
			lent[i][at] = 0xaa;
	}
	unsigned spoilt = 0;
	for (int64_t limit = monotonic_ns() + 300000000; spoilt == 0 && monotonic_ns() < limit; sleep_ms(10)) {
		for (int i = 0; i < RINGS; i++) {
			for (size_t at = 0; at < sizeof(lent[i]); at++)
				spoilt += lent[i][at] != 0xaa;
		}
	}
	CHECK_EQUAL(spoilt, 0);
}

UNIT(lent_memory_that_does_not_do)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 1);
	close_ring(&ring);
	struct held before = held_now();
	size_t size = ring_memory_bytes(8, (struct ring_options){});
	CHECK(size > 0 && size < sizeof(memory) / 2);
	CHECK_EQUAL(ring_open_in(&ring, 8, (struct ring_options){}, (struct span){memory, size - 1}), -ENOSPC);
	CHECK_EQUAL(ring_open_in(&ring, 8, (struct ring_options){}, (struct span){memory + 64, size}), -EINVAL);
	struct ring_options large = {.page_size = 65536};
	CHECK_EQUAL(ring_memory_bytes(8, large), 3 * 65536);
	CHECK_EQUAL(ring_open_in(&ring, 8, large, (struct span){memory + 4096, 3 * 65536}), -EINVAL);
	CHECK_EQUAL(ring_memory_bytes(0, (struct ring_options){}), 0);
	CHECK_HELD(before);
}

// [IORING_SETUP_REGISTERED_FD_ONLY, Linux 6.5]
UNIT(a_ring_without_a_descriptor)
{
	if (wants_emulation())
		UNIT_SKIP(STR("the emulation has no table of rings"));
	struct io_uring ring;
	RING_OR_SKIP(ring, 1);
	close_ring(&ring);
	for (unsigned round = 0; round < 40; round++) { // the task's table has 16 places
		struct held before = held_now();
		struct ring_options options = {.registered_fd_only = true};
		if (!open_in_or_skip(&ring, 8, options, SPAN(memory)))
			return;
		CHECK_HELD(before);
		CHECK_EQUAL(ring.ring_fd, -1);
		use(&ring);
		struct io_uring_cqe done = {.res = 1};
		CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), 0);
		CHECK_EQUAL(done.res, 0);
		CHECK_EQUAL(ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = 1000}), -ETIME);
		CHECK(ring_has(&ring, IORING_OP_NOP));

		struct pair pipe = make_pipe(); // something to wait for when it is closed
		uint8_t byte[1];
		CHECK_EQUAL(ring_push(&ring, sqe_read(pipe.read, SPAN(byte), SQE_AT_POSITION), 1), 0);
		CHECK_EQUAL(ring_submit(&ring, 0), 1);
		close_ring(&ring);
		close_pair(pipe);
		CHECK_HELD(before);
	}
}
