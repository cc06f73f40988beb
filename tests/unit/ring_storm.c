// tests/unit/ring_storm.c: a signal every 100 microseconds, whatever the ring is about: nothing is lost, nothing comes twice.
//
// For either engine.
//
// Every call is repeated as ring.h says: -EINTR again, -EBUSY and -EAGAIN pop first.
#include "ring/own.h"
#include "ring/ring.h"
#include "tests/unit/ring_unit.h"

#include "tests/unit/ring_scale.h" // behind sys.h, since process.h has a `process`

static const struct ring_options storm_kinds[] = {
	{},
	{.submit_all = true},
	{.single_issuer = true, .defer_taskrun = true},
	{.sqpoll = true},
};
#define STORM_KINDS kinds_with_poller(sizeof(storm_kinds) / sizeof(storm_kinds[0]))

static void begin_storm(void)
{
	alarm_every_us(is_slow() ? 2000 : 100);
}

static void end_storm(void)
{
	alarm_every_us(0);
	CHECK(alarms > 0 || is_slow()); // few operations may end before the first
}

// Submits, and waits for `count`, until nothing is left to submit. False: an error that ring.h does not name for it.
static bool submit_all(struct io_uring *ring, unsigned count)
{
	for (;;) {
		int taken = ring_submit(ring, count);
		if (taken >= 0 && ring_ready(ring) >= count)
			return true;
		if (taken == -EBUSY || taken == -EAGAIN)
			return ring_ready(ring) > 0; // pop first
		if (taken < 0 && taken != -EINTR)
			return CHECK_EQUAL(taken, 0);
	}
}

// Four are pushed for each that is popped, until 400 wait behind the 16 that fit; then all are popped.
static void overflow(struct io_uring *ring, unsigned count)
{
	uint64_t pushed = 0, popped = 0;
	struct io_uring_cqe done;
	bool overflowed = false;
	while (popped < count) {
		for (unsigned i = 0; i < 4 && pushed < count; i++)
			pushed += ring_push(ring, sqe_nop(), pushed) == 0;
		if (!submit_all(ring, 0))
			return;
		overflowed |= (load_relaxed(ring->sq.kflags) & IORING_SQ_CQ_OVERFLOW) != 0;
		bool drains = pushed - popped > 400 || pushed == count;
		while (popped < pushed && ring_pop(ring, &done)) {
			if (!CHECK_EQUAL(done.user_data, popped++) || !CHECK_EQUAL(done.res, 0))
				return;
			if (!drains)
				break;
		}
		if (drains && popped < pushed && !submit_all(ring, 1))
			return;
	}
	CHECK_EMPTY(ring);
	CHECK(overflowed || (ring->flags & IORING_SETUP_SQPOLL) != 0); // its thread may be slower than we
	CHECK_EQUAL(ring_in_flight(ring), 0);
}

#define OVERFLOW(name, count, ...)                  \
	UNIT(name)                                  \
	{                                           \
		struct io_uring ring;               \
		RING_OR_SKIP(ring, 8, __VA_ARGS__); \
		begin_storm();                      \
		overflow(&ring, scaled(count));     \
		end_storm();                        \
		close_ring(&ring);                  \
	}

OVERFLOW(a_million_through_eight_places, 1000000, .fork_shares = false)
OVERFLOW(a_million_through_eight_deferred, 1000000, .single_issuer = true, .defer_taskrun = true)
UNIT(a_million_through_a_poller)
{
	if (wants_emulation())
		UNIT_SKIP(STR("the emulation has no thread that takes entries"));
	struct io_uring ring;
	RING_OR_SKIP(ring, 8, .sqpoll = true);
	begin_storm();
	// With one processor each turn of the poller waits for a tick of the scheduler.
	overflow(&ring, is_slow() ? 1000 : 1000000);
	end_storm();
	close_ring(&ring);
}

// Each through a pipe and back: what is read is what was written, though a signal comes in the middle of every wait.
UNIT(operations_to_their_end)
{
	for (size_t kind = 0; kind < STORM_KINDS; kind++) {
		struct io_uring ring;
		if (!open_or_skip(&ring, 4, storm_kinds[kind]))
			return;
		struct pair pipe = make_pipe();
		uint64_t received = 0;
		struct span into = {(uint8_t *)&received, sizeof(received)};
		begin_storm();
		for (uint64_t i = 0; i < scaled(20000); i++) {
			struct io_uring_cqe done = {};
			if (i % 2 == 0) { // the read waits beside it
				CHECK_EQUAL(ring_push(&ring, sqe_read(pipe.read, into, SQE_AT_POSITION), i), 0);
				if (i % 4 == 0)
					(void)submit_all(&ring, 0);
			}
			struct str from = {(const char *)&i, sizeof(i)};
			if (!CHECK_EQUAL(ring_do(&ring, sqe_write(pipe.write, from, SQE_AT_POSITION), &done), 0) ||
			    !CHECK_EQUAL(done.res, 8))
				break;
			if (i % 2 == 0) {
				while (!ring_pop(&ring, &done) && submit_all(&ring, 1)) {
				}
				CHECK_EQUAL(done.user_data, i);
				CHECK_EQUAL(done.res, 8);
			} else {
				CHECK_EQUAL(ring_do(&ring, sqe_read(pipe.read, into, SQE_AT_POSITION), &done), 0);
				CHECK_EQUAL(done.res, 8);
			}
			if (!CHECK_EQUAL(received, i))
				break;
		}
		end_storm();
		CHECK_EMPTY(&ring);
		close_pair(pipe);
		close_ring(&ring);
	}
}

// Timeouts and workers' nops, which complete in any order: each once. Where a thread takes longer to begin than the next signal
// to come, the kernel gives up after three tries to begin its first worker, and cancels what waits for it. [Linux
// io_uring/io-wq.c, io_should_retry_thread, io_wq_enqueue]
UNIT(completions_that_come_later)
{
	static uint8_t seen[10000];
	unsigned count = scaled(sizeof(seen));
	for (size_t kind = 0; kind < STORM_KINDS; kind++) {
		for (size_t i = 0; i < sizeof(seen); i++)
			seen[i] = 0;
		struct io_uring ring;
		if (!open_or_skip(&ring, 8, storm_kinds[kind]))
			return;
		struct __kernel_timespec soon = {.tv_nsec = 20000};
		uint64_t pushed = 0, popped = 0;
		begin_storm();
		while (popped < count) {
			while (pushed < count && pushed - popped < 64) {
				struct io_uring_sqe sqe =
					pushed % 2 == 0 ? sqe_timeout(&soon, 0, 0) : sqe_async(sqe_nop());
				if (ring_push(&ring, sqe, pushed) != 0)
					break;
				pushed++;
			}
			if (!submit_all(&ring, 1))
				break;
			struct ring_cqe done[5];
			unsigned got = ring_pop_many(&ring, done, 5);
			for (unsigned i = 0; i < got; i++) {
				if (CHECK(done[i].user_data < count))
					seen[done[i].user_data]++;
				if (done[i].user_data % 2 == 0)
					CHECK_EQUAL(done[i].res, -ETIME);
				else if (done[i].res != -ECANCELED || !is_slow())
					CHECK_EQUAL(done[i].res, 0);
			}
			popped += got;
		}
		end_storm();
		unsigned once = 0;
		for (unsigned i = 0; i < count; i++)
			once += seen[i] == 1;
		CHECK_EQUAL(once, count);
		CHECK_EMPTY(&ring);
		close_ring(&ring);
	}
}

UNIT(waits_with_a_limit)
{
	for (size_t kind = 0; kind < STORM_KINDS; kind++) {
		struct io_uring ring;
		if (!open_or_skip(&ring, 8, storm_kinds[kind]))
			return;
		uint64_t none = ~UINT64_C(0);
		begin_storm();
		int64_t start = monotonic_ns();
		int error = ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = 20000000, .signals = &none});
		int64_t took = monotonic_ns() - start;
		int interrupted = ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = 20000000000});
		end_storm();
		CHECK_EQUAL(error, -ETIME);
		CHECK(took >= 20000000);
		CHECK_EQUAL(interrupted, -EINTR);
		close_ring(&ring);
	}
}

UNIT(opened_and_closed)
{
	for (size_t kind = 0; kind < STORM_KINDS; kind++) {
		struct held before = held_now();
		struct pair pipe = make_pipe();
		uint8_t byte[1];
		begin_storm();
		for (unsigned round = 0; round < scaled(kind == 3 ? 100 : 400); round++) {
			struct io_uring ring;
			if (!open_or_skip(&ring, 8, storm_kinds[kind]))
				break;
			for (unsigned i = 0; i < 4; i++)
				CHECK_EQUAL(ring_push(&ring, sqe_read(pipe.read, SPAN(byte), SQE_AT_POSITION), i), 0);
			if (round % 2 == 0)
				(void)submit_all(&ring, 0);
			close_ring(&ring);
		}
		end_storm();
		close_pair(pipe);
		CHECK_HELD(before);
	}
}

// Two processes.

// Runs the other process's share to its end, under a storm of its own: timers are not inherited. [setitimer(2)]
static int fork_into_storm(void)
{
	int child = fork_child();
	if (child == 0)
		alarm_every_us(is_slow() ? 2000 : 100);
	return child;
}

// A place for a ring's handle that a child sees, too.
static struct io_uring *shared_handle(void)
{
	long start = sys_mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(!sys_failed(start));
	return (struct io_uring *)start;
}

// Sends `count` messages to `to`, each when the one before has gone; then takes as many off `ring`, in order.
static bool send(struct io_uring *ring, int to, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		struct io_uring_cqe done = {.res = 1};
		// Its own completions and the other's messages come into one queue: this is not for ring_do.
		struct io_uring_sqe message = sqe_silent(sqe_msg_ring(to, i, (uint32_t)i));
		while (ring_push(ring, message, 1) != 0) { // full: its thread has not come to it yet
			int waited = ring_wait_space(ring);
			if (waited != 0 && waited != -EINTR)
				return false;
		}
		if (!submit_all(ring, 0))
			return false;
		if (i % 16 == 14 && ring_pop(ring, &done))
			return false; // nothing fails, and the other one does not send yet
	}
	return true;
}

static bool receive(struct io_uring *ring, uint64_t count)
{
	int64_t limit = monotonic_ns() + 20000000000;
	for (uint64_t i = 0; i < count;) {
		struct io_uring_cqe done;
		if (!ring_pop(ring, &done)) {
			int waited = ring_wait(ring, 1, (struct ring_wait){.timeout_ns = 1000000000});
			if ((waited < 0 && waited != -EINTR && waited != -ETIME) || monotonic_ns() > limit)
				return false;
			continue;
		}
		if (done.user_data != i || done.res != (int)i)
			return false;
		i++;
	}
	return true;
}

// A ring that is left to a child (fork_shares), and one that stays: messages go both ways, in order.
UNIT(messages_between_the_rings_of_two_processes)
{
	if (wants_emulation())
		UNIT_SKIP(STR("an emulated ring is one process's"));
	unsigned count = scaled(50000);
	for (int polled = 0; polled < 2; polled++) {
		struct io_uring ours, *theirs = shared_handle();
		struct held before = held_now();
		RING_OR_SKIP(ours, 8, .sqpoll = polled != 0, .close_ms = 2000);
		RING_OR_SKIP(*theirs, 8, .fork_shares = true);
		int child = fork_into_storm();
		if (child == 0)
			sys_exit_group(!receive(theirs, count) ? 1 : !send(theirs, ours.ring_fd, count) ? 2 : 0);
		begin_storm();
		bool sent = send(&ours, theirs->ring_fd, count);
		bool received = receive(&ours, count);
		end_storm();
		CHECK(sent);
		CHECK(received);
		CHECK_EQUAL(wait_child(child), 0);
		CHECK_EMPTY(&ours);

		// More was popped than was pushed, and a read is in flight: it ends with the ring all the same.
		struct pair pipe = make_pipe();
		uint8_t byte[1];
		CHECK_EQUAL(signal_ignore(SIGPIPE), 0);
		CHECK_EQUAL(ring_push(&ours, sqe_read(pipe.read, SPAN(byte), SQE_AT_POSITION), 1), 0);
		CHECK_EQUAL(ring_submit(&ours, 0), 1);
		if (polled)
			for (int64_t limit = monotonic_ns() + 10000000000;
			     load_acquire(ours.sq.khead) != ours.sq.sqe_tail && monotonic_ns() < limit;)
				sleep_ms(1);
		close_fd(pipe.read);
		int64_t start = monotonic_ns();
		close_ring(&ours);
		CHECK(monotonic_ns() - start < 1500000000);
		CHECK_EQUAL(sys_write(pipe.write, "x", 1), -EPIPE);
		close_fd(pipe.write);
		close_ring(theirs);
		CHECK_HELD(before);
		CHECK_EQUAL(sys_munmap(theirs, 4096), 0);
	}
}

// One ring, its handle and its record in memory that both see: they take turns.
UNIT(one_ring_for_two_processes)
{
	if (wants_emulation())
		UNIT_SKIP(STR("an emulated ring is one process's"));
	struct io_uring *shared = shared_handle();
	RING_OR_SKIP(*shared, 8, .fork_shares = true);
	struct pair there = make_pipe(), back = make_pipe();
	unsigned rounds = scaled(2000);
	int child = fork_into_storm();
	if (child == 0) {
		for (unsigned round = 0; round < rounds; round++) {
			uint8_t byte;
			long got;
			do
				got = sys_read(there.read, &byte, 1);
			while (got == -EINTR);
			struct io_uring_cqe done = {.res = 1};
			int pushed = ring_push(shared, sqe_nop(), round);
			int did = ring_do(shared, sqe_nop(), &done);
			if (pushed != 0 || did != 0 || done.res != 0)
				sys_exit_group(1);
			(void)sys_write(back.write, "x", 1);
		}
		sys_exit_group(0);
	}
	begin_storm();
	bool good = true;
	for (unsigned round = 0; good && round < rounds; round++) {
		struct io_uring_cqe done = {};
		(void)sys_write(there.write, "x", 1);
		uint8_t byte;
		struct pollfd turn = {.fd = back.read, .events = POLLIN};
		struct __kernel_timespec limit = {.tv_sec = 10};
		while (sys_ppoll(&turn, 1, &limit, nullptr) == -EINTR) { // the rest of the limit is in `limit`
		}
		good = (turn.revents & POLLIN) != 0 && sys_read(back.read, &byte, 1) == 1;
		good = good && ring_pop(shared, &done) && done.user_data == round && !ring_pop(shared, &done);
		good = good && ring_do(shared, sqe_nop(), &done) == 0 && done.res == 0;
	}
	end_storm();
	CHECK(good);
	CHECK_EQUAL(ring_in_flight(shared), 0);
	if (!good)
		(void)sys_kill(child, SIGKILL);
	CHECK_EQUAL(wait_child(child), 0);
	close_ring(shared);
	CHECK_EQUAL(sys_munmap(shared, 4096), 0);
	close_pair(there);
	close_pair(back);
}
