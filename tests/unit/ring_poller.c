// tests/unit/ring_poller.c: a thread of the kernel takes the entries (sqpoll): none is lost whether it is awake, asleep, or
// falling asleep, and there is no system call for nothing.
#include "ring/ring.h"
#include "tests/unit/ring_toy.h"
#include "tests/unit/ring_unit.h"

#include "tests/unit/ring_scale.h" // behind sys.h, since process.h has a `process`

// The kernel, counted.

static int enters;
static unsigned enter_flags; // of all enters together

static int counted_enter(void *state, int fd, unsigned to_submit, unsigned min_complete, unsigned flags,
			 const void *arg, size_t size)
{
	enters++;
	enter_flags |= flags;
	return ring_kernel.enter(state, fd, to_submit, min_complete, flags, arg, size);
}

static struct ring_engine counting;

static bool open_poller(struct io_uring *ring, unsigned entries, struct ring_options options)
{
	counting = ring_kernel;
	counting.enter = counted_enter;
	enters = 0;
	enter_flags = 0;
	options.engine = &counting;
	options.sqpoll = true;
	return open_or_skip(ring, entries, options);
}

static bool sleeps(const struct io_uring *ring)
{
	return (load_relaxed(ring->sq.kflags) & IORING_SQ_NEED_WAKEUP) != 0;
}

// Waits until the thread has gone to sleep. False after ten seconds.
static bool wait_until_it_sleeps(const struct io_uring *ring)
{
	for (int64_t limit = monotonic_ns() + 10000000000; !sleeps(ring); sleep_ms(1)) {
		if (monotonic_ns() > limit)
			return CHECK(false);
	}
	return true;
}

// Waits for one completion, ten seconds at most. A lost wake-up is one that does not come.
static bool pop_in_time(struct io_uring *ring, uint64_t token)
{
	struct io_uring_cqe done;
	for (int64_t limit = monotonic_ns() + 10000000000; !ring_pop(ring, &done);) {
		int waited = ring_wait(ring, 1, (struct ring_wait){.timeout_ns = 1000000000});
		if (monotonic_ns() > limit || (waited < 0 && waited != -ETIME && waited != -EINTR))
			return CHECK_EQUAL(waited, 0) && CHECK(false);
	}
	return CHECK_EQUAL(done.user_data, token) && CHECK_EQUAL(done.res, 0);
}

// Waits for it as ring.h says: -EINTR again. What interrupts may be the kernel's own work for this thread.
static int wait_for_space(struct io_uring *ring)
{
	int waited;
	do
		waited = ring_wait_space(ring);
	while (waited == -EINTR);
	return waited;
}

UNIT(a_million_busy_pushes)
{
	struct io_uring ring;
	if (!open_poller(&ring, 64, (struct ring_options){}))
		return;
	unsigned count = scaled(1000000);
	uint64_t pushed = 0, popped = 0;
	while (popped < count) {
		unsigned before = (unsigned)pushed;
		while (pushed < count && pushed - popped < ring.cq.ring_entries &&
		       ring_push(&ring, sqe_nop(), pushed) == 0)
			pushed++;
		CHECK_EQUAL(ring_submit(&ring, 0), pushed - before);
		struct io_uring_cqe done;
		while (ring_pop(&ring, &done)) {
			if (!CHECK_EQUAL(done.user_data, popped++))
				return;
		}
		if (pushed < count && ring_space(&ring) == 0)
			CHECK_EQUAL(wait_for_space(&ring), 0);
		else if (popped < pushed)
			CHECK(ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = 1000000000}) >= 0);
	}
	CHECK_EQUAL(pushed, count);
	CHECK_EMPTY(&ring);
	close_ring(&ring);
}

// One to seven at a time, to a thread that sleeps. It stays awake for two ticks of the kernel at least (8 ms where it has 250 of
// them), so many threads fall asleep at the same time.
UNIT(five_thousand_with_the_poller_asleep)
{
	enum { RINGS = 12 };
	struct io_uring rings[RINGS];
	for (unsigned i = 0; i < RINGS; i++) {
		if (!open_poller(&rings[i], 8, (struct ring_options){.sqpoll_idle_ms = 1}))
			return;
	}
	unsigned woken = 0;
	for (unsigned round = 0; woken < scaled(5000); round++) {
		for (unsigned i = 0; i < RINGS; i++, woken++) {
			if (!wait_until_it_sleeps(&rings[i]))
				return;
			for (unsigned token = 0; token <= (round + i) % 7; token++)
				CHECK_EQUAL(ring_push(&rings[i], sqe_nop(), token), 0);
			CHECK_EQUAL(ring_submit(&rings[i], 0), (round + i) % 7 + 1);
		}
		for (unsigned i = 0; i < RINGS; i++) {
			for (unsigned token = 0; token <= (round + i) % 7; token++)
				if (!pop_in_time(&rings[i], token))
					return;
		}
	}
	for (unsigned i = 0; i < RINGS; i++)
		close_ring(&rings[i]);
}

// Pushed just when the thread may be about to sleep: after a delay that differs from round to round.
UNIT(pushes_while_the_poller_falls_asleep)
{
	struct io_uring ring;
	if (!open_poller(&ring, 8, (struct ring_options){.sqpoll_idle_ms = 1}))
		return;
	unsigned slept = 0;
	for (unsigned round = 0; round < scaled(600); round++) {
		int64_t until = monotonic_ns() + (int64_t)(round * 7919 % 1000) * 12000; // to 12 ms
		while (!sleeps(&ring) && monotonic_ns() < until) {
		}
		slept += sleeps(&ring);
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), round), 0);
		CHECK_EQUAL(ring_submit(&ring, 0), 1);
		if (!pop_in_time(&ring, round))
			return;
	}
	CHECK(slept > 0);
	close_ring(&ring);
}

// The store of the tail and the load of the flag, against the store of the flag and the load of the tail: without a full
// fence on our side both may read what was before. Another process plays the thread of the kernel; the two meet
// before each round. [Linux io_uring/sqpoll.c, io_sq_thread(); tools/memory-model, the litmus test SB]
UNIT(the_tail_is_stored_before_the_flag_is_loaded)
{
	struct meeting {
		_Alignas(64) volatile unsigned ours;
		_Alignas(64) volatile unsigned theirs;
		_Alignas(64) volatile unsigned seen; // the tail that the other one has read, of this round
	};
	long start = sys_mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!CHECK(!sys_failed(start)))
		return;
	struct meeting *meeting = (void *)start;
	unsigned *tail = (unsigned *)((uint8_t *)start + 1024), *flags = (unsigned *)((uint8_t *)start + 1536);
	unsigned rounds = is_slow() ? 50 : 20000; // with one processor each costs two ticks of the scheduler
	int child = fork_child();
	if (child == 0) {
		for (unsigned round = 1; round <= rounds; round++) {
			meeting->theirs = round;
			while (meeting->ours != round) {
			}
			__atomic_store_n(flags, IORING_SQ_NEED_WAKEUP, __ATOMIC_RELAXED);
			__atomic_thread_fence(__ATOMIC_SEQ_CST);
			unsigned seen = __atomic_load_n(tail, __ATOMIC_RELAXED);
			meeting->seen = seen;
			__atomic_thread_fence(__ATOMIC_SEQ_CST);
			meeting->theirs = round | 1u << 31;
			while (meeting->ours != (round | 1u << 31)) {
			}
		}
		sys_exit_group(0);
	}
	struct io_uring ring;
	if (!toy_open(&ring, 8, 0, (struct ring_options){.sqpoll = true, .close_quick = true}))
		return;
	toy.is_idle = true;
	ring.sq.ktail = tail;
	ring.sq.kflags = flags;
	unsigned lost = 0;
	int64_t limit = monotonic_ns() + 30000000000;
	for (unsigned round = 1; round <= rounds; round++) {
		int before = toy.enters;
		while (ring_space(&ring) == 0)
			toy_queues.sq_head = *tail;
		(void)!ring_push(&ring, sqe_nop(), round);
		while (meeting->theirs != round) {
			if (round % 256 == 0 && monotonic_ns() > limit)
				break;
		}
		meeting->ours = round;
		for (volatile unsigned delay = round % 64; delay > 0; delay--) { // so that they meet now and then
		}
		(void)!ring_submit(&ring, 0);
		while (meeting->theirs != (round | 1u << 31)) {
			if (round % 256 == 0 && monotonic_ns() > limit)
				break;
		}
		lost += toy.enters == before && meeting->seen != *tail;
		toy_queues.sq_head = *tail;
		*flags = 0;
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		meeting->ours = round | 1u << 31;
		if (monotonic_ns() > limit)
			break;
	}
	CHECK_EQUAL(lost, 0);
	CHECK(toy.enters > 0 ||
	      is_slow()); // it was seen to sleep now and then; a machine of one processor may never see it
	(void)sys_kill(child, SIGKILL);
	(void)wait_child(child);
	ring.sq.ktail = &toy_queues.sq_tail;
	close_ring(&ring);
	CHECK_EQUAL(sys_munmap((void *)start, 4096), 0);
}

UNIT(while_it_is_awake_there_is_no_system_call)
{
	struct io_uring ring;
	if (!open_poller(&ring, 8, (struct ring_options){.sqpoll_idle_ms = 10000}))
		return;
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 0), 0);
	CHECK_EQUAL(ring_submit(&ring, 1), 1); // now it is awake
	CHECK_POP(&ring, 0, 0);
	enters = 0;
	for (unsigned i = 1; i < 100; i++) {
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), i), 0);
		if (i % 3 == 0)
			CHECK_EQUAL(ring_wait(&ring, 0, (struct ring_wait){.timeout_ns = 1000000}), 1);
		else
			CHECK_EQUAL(ring_submit(&ring, 0), 1);
		struct io_uring_cqe done = {};
		for (int64_t limit = monotonic_ns() + 10000000000; !ring_pop(&ring, &done) && monotonic_ns() < limit;) {
		}
		CHECK_EQUAL(done.user_data, i);
	}
	CHECK_EQUAL(ring_wait_space(&ring), 0);
	CHECK_EQUAL(ring_submit(&ring, 0), 0);
	CHECK_EQUAL(enters, 0);
	close_ring(&ring);
}

// Every call that shows entries wakes it.
UNIT(each_call_wakes_it)
{
	struct io_uring ring;
	if (!open_poller(&ring, 8, (struct ring_options){.sqpoll_idle_ms = 1}))
		return;
	for (unsigned call = 0; call < 5; call++) {
		if (!wait_until_it_sleeps(&ring))
			return;
		enters = 0;
		enter_flags = 0;
		if (call == 4) {
			struct io_uring_cqe done = {.res = 1};
			CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), 0);
			CHECK_EQUAL(done.res, 0);
		} else {
			CHECK_EQUAL(ring_push(&ring, sqe_nop(), call), 0);
			if (call == 0)
				CHECK_EQUAL(ring_submit(&ring, 0), 1);
			else if (call == 1)
				CHECK_EQUAL(ring_submit(&ring, 1), 1);
			else if (call == 2)
				CHECK_EQUAL(ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = 10000000000}), 1);
			else {
				CHECK_EQUAL(ring_publish(&ring), 1); // shown, but it is not woken
				CHECK_EQUAL(enters, 0);
				CHECK_EQUAL(ring_submit(&ring, 1), 0);
			}
			if (!pop_in_time(&ring, call))
				return;
		}
		CHECK((enter_flags & IORING_ENTER_SQ_WAKEUP) != 0);
	}
	close_ring(&ring);
}

UNIT(space_is_waited_for)
{
	struct io_uring ring;
	if (!open_poller(&ring, 4, (struct ring_options){.sqpoll_idle_ms = 1}))
		return;
	uint64_t pushed = 0, popped = 0;
	for (unsigned round = 0; round < scaled(100); round++) {
		if (round % 10 == 0 && !wait_until_it_sleeps(&ring))
			return;
		while (ring_push(&ring, sqe_nop(), pushed) == 0)
			pushed++;
		CHECK_EQUAL(wait_for_space(&ring), 0);
		CHECK(ring_space(&ring) > 0);
		if (!CHECK_EQUAL(ring_push(&ring, sqe_nop(), pushed++), 0))
			return;
		while (popped < pushed)
			if (!pop_in_time(&ring, popped++))
				return;
	}
	close_ring(&ring);
	RING_OR_SKIP(ring, 4);
	CHECK_EQUAL(ring_wait_space(&ring), -EINVAL);
	close_ring(&ring);
}

// Of a signal the kernel says nothing: it returns, and there is still no room.
UNIT(waiting_for_space_tells_of_a_signal)
{
	struct io_uring ring;
	if (!toy_open(&ring, 4, 0, (struct ring_options){.sqpoll = true}))
		return;
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), i), 0);
	CHECK_EQUAL(ring_wait_space(&ring), -EINTR); // the toy has taken none
	CHECK_EQUAL(toy.flags, IORING_ENTER_SQ_WAIT);
	CHECK_EQUAL(toy_enter(nullptr, 0, 1, 0, 0, nullptr, 0), 1);
	CHECK_EQUAL(ring_wait_space(&ring), 0);
	CHECK_EQUAL(toy_enter(nullptr, 0, 3, 0, 0, nullptr, 0), 3);
	for (unsigned i = 0; i < 4; i++)
		CHECK_POP(&ring, i, 0);
	close_ring(&ring);
}

// Entries complete before the poller has moved its index past them, so a ring whose entries are all popped may be full.
static void push_in_time(struct io_uring *ring, uint64_t token)
{
	int error;
	while ((error = ring_push(ring, sqe_nop(), token)) == -EAGAIN) {
		CHECK(ring_submit(ring, 0) >= 0);
		if (!CHECK_EQUAL(wait_for_space(ring), 0))
			return;
	}
	CHECK_EQUAL(error, 0);
}

UNIT(do_beside_a_poller)
{
	struct io_uring ring;
	if (!open_poller(&ring, 4, (struct ring_options){.sqpoll_idle_ms = 1}))
		return;
	for (uint64_t round = 0; round < scaled(2000); round++) {
		unsigned before = round % 5;
		for (uint64_t i = 0; i < before; i++)
			push_in_time(&ring, i);
		if (round % 100 == 0 && !wait_until_it_sleeps(&ring))
			return;
		struct io_uring_cqe done = {.res = 1};
		if (!CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), 0))
			return;
		CHECK_EQUAL(done.res, 0);
		for (uint64_t i = 0; i < before; i++)
			CHECK_POP(&ring, i, 0);
		CHECK_EMPTY(&ring);
	}
	close_ring(&ring);
}

UNIT(a_poller_that_overflows)
{
	struct io_uring ring;
	if (!open_poller(&ring, 8, (struct ring_options){}))
		return;
	for (uint64_t i = 0; i < 100; i++)
		push_in_time(&ring, i);
	CHECK(ring_submit(&ring, 16) >= 0);
	for (uint64_t i = 0; i < 100; i++)
		if (!pop_in_time(&ring, i))
			return;
	CHECK_EMPTY(&ring);
	close_ring(&ring);
}

UNIT(wait_beside_a_poller)
{
	struct io_uring ring;
	if (!open_poller(&ring, 8, (struct ring_options){}))
		return;
	int64_t start = monotonic_ns();
	CHECK_EQUAL(ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = 20000000}), -ETIME);
	CHECK(monotonic_ns() - start >= 20000000);
	alarm_every_us(2000);
	int waited = ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = 10000000000});
	alarm_every_us(0);
	CHECK_EQUAL(waited, -EINTR);
	close_ring(&ring);
}

UNIT(close_ends_what_the_poller_has)
{
	CHECK_EQUAL(signal_ignore(SIGPIPE), 0);
	static uint8_t bytes[16];
	for (int asleep = 0; asleep < 2; asleep++) {
		struct io_uring ring;
		struct held before = held_now();
		if (!open_poller(&ring, 16, (struct ring_options){.sqpoll_idle_ms = 1}))
			return;
		struct pair pipe = make_pipe();
		for (unsigned i = 0; i < 16; i++)
			CHECK_EQUAL(ring_push(&ring, sqe_read(pipe.read, SPAN(bytes), SQE_AT_POSITION), i), 0);
		CHECK_EQUAL(ring_submit(&ring, 0), 16);
		CHECK_EQUAL(wait_for_space(&ring), 0);
		if (asleep && !wait_until_it_sleeps(&ring))
			return;
		for (unsigned i = 0; i < 4 && ring_space(&ring) > 0; i++) // pushed and not shown
			CHECK_EQUAL(ring_push(&ring, sqe_read(pipe.read, SPAN(bytes), SQE_AT_POSITION), i), 0);
		close_ring(&ring); // the pipe is open: what is taken last looks it up
		close_fd(pipe.read);
		CHECK_EQUAL(sys_write(pipe.write, "x", 1), -EPIPE);
		close_fd(pipe.write);
		CHECK_HELD(before);
	}
}
