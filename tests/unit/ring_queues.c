// tests/unit/ring_queues.c: the two queues at their edges: shown without a call, half taken, waited for with limits, full,
// overflowing, and wrapping around.
//
// For either engine.
#include "ring/own.h"
#include "ring/ring.h"
#include "tests/unit/ring_toy.h"
#include "tests/unit/ring_unit.h"

static void push_nops(struct io_uring *ring, uint64_t from, uint64_t count)
{
	for (uint64_t token = from; token < from + count; token++)
		CHECK_EQUAL(ring_push(ring, sqe_nop(), token), 0);
}

// Pushing and submitting.

UNIT(publish_shows_and_takes_nothing)
{
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		struct io_uring ring;
		if (!open_or_skip(&ring, 8, ring_kinds[kind]))
			return;
		CHECK_EQUAL(ring_publish(&ring), 0);
		push_nops(&ring, 0, 3);
		CHECK_EQUAL(*ring.sq.ktail, 0);
		CHECK_EQUAL(ring_publish(&ring), 3);
		CHECK_EQUAL(*ring.sq.ktail, 3);
		CHECK_EQUAL(ring_publish(&ring), 3);
		CHECK_EQUAL(ring_space(&ring), 5);
		CHECK_EMPTY(&ring);

		// An enter that somebody else makes takes them.
		const struct ring_engine *engine = ring_engine(&ring);
		int taken =
			engine->enter(ring.cq.own->state, ring.enter_ring_fd, 2, 0, IORING_ENTER_GETEVENTS, nullptr, 0);
		CHECK_EQUAL(taken, 2);
		CHECK_EQUAL(ring_space(&ring), 7);
		push_nops(&ring, 3, 2);
		CHECK_EQUAL(ring_publish(&ring), 3);
		CHECK_EQUAL(ring_submit(&ring, 5), 3);
		CHECK_EQUAL(ring_publish(&ring), 0);
		for (unsigned i = 0; i < 5; i++)
			CHECK_POP(&ring, i, 0);
		CHECK_EMPTY(&ring);
		close_ring(&ring);
	}
}

// The one that is refused, at every place of every batch: what was counted is what was taken, and nothing is left over.
UNIT(each_count_is_what_the_kernel_took)
{
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		struct io_uring ring;
		if (!open_or_skip(&ring, 8, ring_kinds[kind]))
			return;
		bool takes_all = ring_kinds[kind].submit_all;
		for (unsigned batch = 1; batch <= 8; batch++) {
			for (unsigned bad = 0; bad < batch; bad++) {
				for (unsigned i = 0; i < batch; i++) {
					struct io_uring_sqe sqe = i == bad ? sqe_of(255, -1, nullptr, 0, 0) : sqe_nop();
					CHECK_EQUAL(ring_push(&ring, sqe, i), 0);
				}
				CHECK_EQUAL(ring_submit(&ring, 0), takes_all ? batch : bad + 1);
				CHECK_EQUAL(ring_space(&ring), takes_all ? 8 : 8 - batch + bad + 1);
				if (!takes_all && bad + 1 < batch)
					CHECK_EQUAL(ring_submit(&ring, batch), batch - bad - 1);
				CHECK_EQUAL(ring_submit(&ring, 0), 0);
				unsigned seen = 0;
				for (struct io_uring_cqe done; ring_pop(&ring, &done);) {
					CHECK_EQUAL(done.res, done.user_data == bad ? -EINVAL : 0);
					seen |= 1u << done.user_data;
				}
				CHECK_EQUAL(seen, (1u << batch) - 1);
			}
		}
		close_ring(&ring);
	}
}

// A refused entry takes its chain along, and the chain is not run in part.
UNIT(a_refused_entry_in_a_chain)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	CHECK_EQUAL(ring_push(&ring, sqe_linked(sqe_nop()), 0), 0);
	CHECK_EQUAL(ring_push(&ring, sqe_linked(sqe_of(255, -1, nullptr, 0, 0)), 1), 0);
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 2), 0);
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 3), 0);
	unsigned taken = 0;
	for (unsigned round = 0; round < 4 && taken < 4; round++)
		taken += (unsigned)ring_submit(&ring, 0);
	CHECK_EQUAL(taken, 4);
	CHECK_EQUAL(ring_submit(&ring, 4), 0);
	static const int results[] = {-ECANCELED, -EINVAL, -ECANCELED, 0};
	unsigned seen = 0;
	for (struct io_uring_cqe done; ring_pop(&ring, &done);) {
		if (CHECK(done.user_data < 4))
			CHECK_EQUAL(done.res, results[done.user_data]);
		seen |= 1u << done.user_data;
	}
	CHECK_EQUAL(seen, 15);
	close_ring(&ring);
}

// Waiting.

// [IORING_FEAT_MIN_TIMEOUT, Linux 6.12]
UNIT(wait_at_least_so_long_for_all)
{
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		struct io_uring ring;
		if (!open_or_skip(&ring, 8, ring_kinds[kind]))
			return;
		struct ring_wait how = {.min_wait_us = 30000, .timeout_ns = 10000000000};
		if ((ring.features & IORING_FEAT_MIN_TIMEOUT) == 0) {
			CHECK_EQUAL(ring_wait(&ring, 2, how), -EINVAL);
			close_ring(&ring);
			UNIT_SKIP(STR("this kernel has no minimum wait"));
		}
		// All at once: it does not wait.
		push_nops(&ring, 0, 2);
		int64_t start = monotonic_ns();
		CHECK_EQUAL(ring_wait(&ring, 2, how), 2);
		CHECK(monotonic_ns() - start < 30000000);
		CHECK_POP(&ring, 0, 0);
		CHECK_POP(&ring, 1, 0);

		// One of two: after the minimum that will do.
		struct __kernel_timespec soon = {.tv_nsec = 1000000};
		CHECK_EQUAL(ring_push(&ring, sqe_timeout(&soon, 0, IORING_TIMEOUT_ETIME_SUCCESS), 2), 0);
		start = monotonic_ns();
		CHECK_EQUAL(ring_wait(&ring, 2, how), 1);
		CHECK(monotonic_ns() - start < 5000000000);
		CHECK_POP(&ring, 2, -ETIME);

		// A minimum and nothing else.
		push_nops(&ring, 3, 1);
		start = monotonic_ns();
		CHECK_EQUAL(ring_wait(&ring, 2, (struct ring_wait){.min_wait_us = 30000}), 1);
		CHECK(monotonic_ns() - start >= 30000000);
		CHECK_POP(&ring, 3, 0);
		close_ring(&ring);
	}
}

// [pselect(2)] A signal that is let in for the wait alone: no gap in which it could be missed.
UNIT(wait_lets_signals_in)
{
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		struct io_uring ring;
		if (!open_or_skip(&ring, 8, ring_kinds[kind]))
			return;
		alarms = 0;
		CHECK_EQUAL(signal_catch(SIGUSR1, count_alarm, 0), 0);
		CHECK_EQUAL(signal_block(signal_bit(SIGUSR1), nullptr), 0);
		CHECK_EQUAL(sys_kill(sys_getpid(), SIGUSR1), 0);
		CHECK_EQUAL(alarms, 0);
		CHECK_EQUAL(ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = 1000000}), -ETIME);
		CHECK_EQUAL(alarms, 0);
		uint64_t none = 0;
		CHECK_EQUAL(ring_wait(&ring, 1, (struct ring_wait){.signals = &none}), -EINTR);
		CHECK_EQUAL(alarms, 1);
		CHECK_EQUAL(sys_kill(sys_getpid(), SIGUSR1), 0); // and it is blocked as before
		CHECK_EQUAL(alarms, 1);
		CHECK_EQUAL(signal_unblock(signal_bit(SIGUSR1)), 0);
		CHECK_EQUAL(alarms, 2);
		CHECK_EQUAL(signal_default(SIGUSR1), 0);
		close_ring(&ring);
	}
}

UNIT(wait_keeps_signals_out)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	uint64_t all = ~UINT64_C(0);
	alarm_every_us(2000);
	int waited = ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = 30000000, .signals = &all});
	for (int64_t limit = monotonic_ns() + 10000000000; alarms == 0 && monotonic_ns() < limit;)
		sleep_ms(1); // qemu-user lets them in a little later
	alarm_every_us(0);
	CHECK_EQUAL(waited, -ETIME);
	CHECK(alarms >= 1); // afterwards
	close_ring(&ring);
}

// [IORING_ENTER_ABS_TIMER, Linux 6.12]
UNIT(wait_until_a_time)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	int64_t until = monotonic_ns() + 20000000;
	int waited = ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = until, .absolute = true});
	if (waited == -EINVAL && (ring.features & IORING_FEAT_MIN_TIMEOUT) == 0) {
		close_ring(&ring);
		UNIT_SKIP(STR("this kernel has no absolute time to wait until"));
	}
	CHECK_EQUAL(waited, -ETIME);
	CHECK(monotonic_ns() >= until);
	int64_t start = monotonic_ns();
	CHECK_EQUAL(ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = 1, .absolute = true}), -ETIME);
	CHECK(monotonic_ns() - start < 1000000000); // it was long ago
	close_ring(&ring);
}

// [IORING_FEAT_NO_IOWAIT, Linux 6.15]
UNIT(wait_without_io_wait)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	push_nops(&ring, 1, 1);
	int waited = ring_wait(&ring, 1, (struct ring_wait){.no_iowait = true});
	if (waited == -EINVAL && (ring.features & IORING_FEAT_NO_IOWAIT) == 0) {
		close_ring(&ring);
		UNIT_SKIP(STR("this kernel counts every wait as I/O wait"));
	}
	CHECK_EQUAL(waited, 1);
	CHECK_POP(&ring, 1, 0);
	close_ring(&ring);
}

UNIT(wait_refuses_and_takes_nothing)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	push_nops(&ring, 1, 1);
	CHECK_EQUAL(ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = -1}), -EINVAL);
	CHECK_EQUAL(ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = INT64_MIN, .absolute = true}), -EINVAL);
	CHECK_EQUAL(ring_space(&ring), 7);
	CHECK_EMPTY(&ring);
	// More than fit are not waited for.
	push_nops(&ring, 2, 7);
	CHECK_EQUAL(ring_submit(&ring, 0), 8);
	push_nops(&ring, 9, 8);
	CHECK_EQUAL(ring_submit(&ring, 17), 8);
	CHECK_EQUAL(ring_submit(&ring, UINT32_MAX), 0);
	CHECK_EQUAL(ring_ready(&ring), 16);
	for (unsigned i = 1; i < 17; i++)
		CHECK_POP(&ring, i, 0);
	close_ring(&ring);
}

// Popping.

static unsigned by_pop(struct io_uring *ring, struct ring_cqe *done)
{
	struct io_uring_cqe one = {};
	bool popped = ring_pop(ring, &one);
	*done = (struct ring_cqe){one.user_data, one.res, one.flags};
	return popped;
}

static unsigned by_pop_many(struct io_uring *ring, struct ring_cqe *done)
{
	return ring_pop_many(ring, done, 1);
}

static unsigned by_pop32(struct io_uring *ring, struct ring_cqe *done)
{
	struct ring_cqe32 one = {};
	bool popped = ring_pop32(ring, &one);
	*done = (struct ring_cqe){one.user_data, one.res, one.flags};
	return popped;
}

UNIT(many_are_popped_round_the_end)
{
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		struct io_uring ring;
		if (!open_or_skip(&ring, 8, ring_kinds[kind]))
			return;
		struct ring_cqe done[20];
		CHECK_EQUAL(ring_pop_many(&ring, done, 20), 0);
		CHECK_EQUAL(ring_pop_many(&ring, done, 0), 0);
		uint64_t pushed = 0, popped = 0;
		for (unsigned round = 0; round < 200; round++) {
			push_nops(&ring, pushed, round % 8 + 1);
			pushed += round % 8 + 1;
			CHECK_EQUAL(ring_submit(&ring, 0), round % 8 + 1);
			unsigned ready = ring_ready(&ring), wanted = round % 5;
			unsigned got = ring_pop_many(&ring, done, wanted);
			CHECK_EQUAL(got, wanted < ready ? wanted : ready);
			for (unsigned i = 0; i < got; i++)
				CHECK(done[i].user_data == popped++ && done[i].res == 0);
			if (round % 3 == 0) // mixed with the other verb
				for (; popped < pushed; popped++)
					CHECK_POP(&ring, popped, 0);
		}
		while (popped < pushed) {
			unsigned got = ring_pop_many(&ring, done, 20);
			if (!CHECK(got > 0))
				return;
			for (unsigned i = 0; i < got; i++)
				CHECK_EQUAL(done[i].user_data, popped++);
		}
		CHECK_EQUAL(ring_pop_many(&ring, done, 1), 0);
		close_ring(&ring);
	}
}

// What has come since the last look is popped as well.
UNIT(many_are_all_that_are_ready)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	push_nops(&ring, 0, 3);
	CHECK_EQUAL(ring_submit(&ring, 3), 3);
	CHECK_POP(&ring, 0, 0);
	push_nops(&ring, 3, 4);
	CHECK_EQUAL(ring_submit(&ring, 4), 4);
	struct ring_cqe done[8];
	CHECK_EQUAL(ring_pop_many(&ring, done, 8), 6);
	for (unsigned i = 0; i < 6; i++)
		CHECK_EQUAL(done[i].user_data, i + 1);
	close_ring(&ring);
}

// A completion that another one follows is no end: popped either way, it is counted.
UNIT(what_goes_on_is_still_in_flight)
{
	for (int many = 0; many < 2; many++) {
		struct io_uring ring;
		RING_OR_SKIP(ring, 8);
		struct pair pipe = make_pipe();
		struct io_uring_sqe poll = sqe_poll(pipe.read, POLLIN);
		poll.len = IORING_POLL_ADD_MULTI;
		CHECK_EQUAL(ring_push(&ring, poll, 1), 0);
		CHECK_EQUAL(ring_submit(&ring, 0), 1);
		for (unsigned i = 0; i < 5; i++) {
			CHECK_EQUAL(ring_in_flight(&ring), 1);
			CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1);
			CHECK_EQUAL(ring_submit(&ring, 1), 0);
			struct ring_cqe done = {};
			CHECK_EQUAL((many ? by_pop_many : by_pop)(&ring, &done), 1);
			CHECK(done.user_data == 1 && (done.flags & IORING_CQE_F_MORE) != 0);
		}
		CHECK_EQUAL(ring_push(&ring, sqe_cancel(1), 2), 0);
		CHECK_EQUAL(ring_submit(&ring, 2), 1);
		for (struct ring_cqe done; (many ? by_pop_many : by_pop)(&ring, &done) != 0;)
			CHECK(done.user_data == 1 || done.user_data == 2);
		CHECK_EQUAL(ring_in_flight(&ring), 0);
		close_ring(&ring);
		close_pair(pipe);
	}
}

// The fields of a completion are told as they are: a buffer that stays in use, INT32_MIN. [IORING_NOP_INJECT_RESULT, 6.13]
UNIT(any_result_is_passed_on)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	static const int results[] = {0, 1, -1, -ETIME, -4095, INT32_MIN, INT32_MAX};
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		struct io_uring_sqe sqe = sqe_nop();
		sqe.rw_flags = IORING_NOP_INJECT_RESULT;
		sqe.len = (uint32_t)results[i];
		CHECK_EQUAL(ring_push(&ring, sqe, i), 0);
		CHECK_EQUAL(ring_submit(&ring, 1), 1);
		CHECK_POP(&ring, i, results[i]);
		struct io_uring_cqe done = {};
		CHECK_EQUAL(ring_do(&ring, sqe, &done), 0);
		CHECK_EQUAL(done.res, results[i]);
	}
	close_ring(&ring);
}

// Overflowing.

// 32 completions for 16 places, taken by one verb alone: none is lost, none waits for another call.
UNIT(every_pop_brings_what_did_not_fit)
{
	static unsigned (*const verbs[])(struct io_uring *, struct ring_cqe *) = {by_pop, by_pop_many, by_pop32};
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		for (size_t verb = 0; verb < 3; verb++) {
			struct io_uring ring;
			if (!open_or_skip(&ring, 8, ring_kinds[kind]))
				return;
			for (unsigned i = 0; i < 4; i++) {
				push_nops(&ring, 8 * i, 8);
				CHECK_EQUAL(ring_submit(&ring, 0), 8);
			}
			CHECK((load_relaxed(ring.sq.kflags) & IORING_SQ_CQ_OVERFLOW) != 0);
			uint64_t popped = 0;
			for (struct ring_cqe done; verbs[verb](&ring, &done) != 0;)
				CHECK_EQUAL(done.user_data, popped++);
			CHECK_EQUAL(popped, 32);
			CHECK_EQUAL(load_relaxed(ring.sq.kflags) & IORING_SQ_CQ_OVERFLOW, 0);
			close_ring(&ring);
		}
	}
}

// So does every other call that looks for completions.
UNIT(every_call_brings_what_did_not_fit)
{
	for (int call = 0; call < 3; call++) {
		struct io_uring ring;
		RING_OR_SKIP(ring, 8);
		for (unsigned i = 0; i < 3; i++) {
			push_nops(&ring, 8 * i, 8);
			CHECK_EQUAL(ring_submit(&ring, 0), 8);
		}
		for (unsigned i = 0; i < 10; i++)
			CHECK_POP(&ring, i, 0);
		CHECK_EQUAL(ring_ready(&ring), 6);
		if (call == 0)
			CHECK_EQUAL(ring_submit(&ring, 0), 0);
		else if (call == 1)
			CHECK_EQUAL(ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = 1}), 0);
		else
			CHECK(ring_flush_completions(&ring));
		CHECK_EQUAL(ring_ready(&ring), 14);
		CHECK(!ring_flush_completions(&ring) || ring_ready(&ring) == 14);
		for (unsigned i = 10; i < 24; i++)
			CHECK_POP(&ring, i, 0);
		CHECK_EMPTY(&ring);
		close_ring(&ring);
	}
}

// A device that is polled.

// [IORING_SETUP_IOPOLL] Nothing else than an enter with GETEVENTS ends an operation.
UNIT(a_polled_ring_is_asked_by_every_call)
{
	struct io_uring ring;
	for (int call = 0; call < 5; call++) {
		if (!toy_open(&ring, 8, 0, (struct ring_options){.iopoll = true}))
			return;
		CHECK_EMPTY(&ring);
		CHECK_EQUAL(ring_submit(&ring, 0), 0);
		CHECK_EQUAL(toy.enters, 0); // nothing is in flight
		push_nops(&ring, 0, 2);
		(void)ring_publish(&ring);
		CHECK_EQUAL(toy_enter(nullptr, 0, 2, 0, 0, nullptr, 0), 2);
		CHECK_EQUAL(ring_ready(&ring), 0);
		struct io_uring_cqe done = {};
		if (call == 0)
			CHECK_EQUAL(ring_submit(&ring, 0), 0);
		else if (call == 1)
			CHECK_EQUAL(ring_wait(&ring, 0, (struct ring_wait){.timeout_ns = 1}), 0);
		else if (call == 2)
			CHECK(ring_flush_completions(&ring));
		else if (call == 3)
			CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), 0);
		if (call == 4)
			CHECK_POP(&ring, 0, 0);
		CHECK_EQUAL(ring_ready(&ring), call == 4 ? 1 : 2);
		close_ring(&ring);
	}
}

UNIT(a_read_from_a_polled_device)
{
	static _Alignas(4096) uint8_t page[4096];
	struct io_uring ring;
	if (wants_emulation())
		UNIT_SKIP(STR("the emulation has no polling of devices"));
	RING_OR_SKIP(ring, 8, .iopoll = true);
	int fd = sys_openat(AT_FDCWD, "/var/tmp", O_TMPFILE | O_RDWR | O_DIRECT | O_CLOEXEC, 0600);
	if (fd < 0) {
		close_ring(&ring);
		UNIT_SKIP(STR("no file here can be read directly"));
	}
	for (unsigned i = 0; i < sizeof(page); i++)
		page[i] = (uint8_t)i;
	CHECK_EQUAL(sys_write(fd, page, sizeof(page)), sizeof(page));
	for (unsigned i = 0; i < sizeof(page); i++)
		page[i] = 0;
	CHECK_EQUAL(ring_push(&ring, sqe_read(fd, SPAN(page), 0), 1), 0);
	CHECK_EQUAL(ring_submit(&ring, 1), 1);
	struct io_uring_cqe done = {};
	int64_t limit = monotonic_ns() + 10000000000;
	while (!ring_pop(&ring, &done) && monotonic_ns() < limit) { // a wait may end before (ring.h)
	}
	close_fd(fd);
	close_ring(&ring);
	if (done.res == -EOPNOTSUPP)
		UNIT_SKIP(STR("no device here can be polled"));
	CHECK_EQUAL(done.res, sizeof(page));
	CHECK(page[1] == 1 && page[4095] == 255);
}

// Wrapping around.

// All indices are 32 bits wide and wrap around together. No test can push four thousand millions; so they begin there.
UNIT(indices_wrap_around)
{
	static const unsigned starts[] = {UINT32_MAX, UINT32_MAX - 6, UINT32_MAX - 40, 0x7fffffff, 0x7fffffe0};
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		struct io_uring ring;
		if (!toy_open(&ring, 8, starts[i], (struct ring_options){}))
			return;
		uint64_t pushed = 0, popped = 0;
		struct ring_cqe done[4];
		struct io_uring_cqe did;
		for (unsigned round = 0; round < 20; round++) {
			unsigned batch = round % 8 + 1;
			CHECK_EQUAL(ring_space(&ring), 8);
			push_nops(&ring, pushed, batch);
			pushed += batch;
			CHECK_EQUAL(ring_space(&ring), 8 - batch);
			if (batch == 8)
				CHECK_EQUAL(ring_push(&ring, sqe_nop(), 0), -EAGAIN);
			CHECK_EQUAL(ring_publish(&ring), batch);
			CHECK_EQUAL(ring_submit(&ring, batch), batch);
			CHECK_EQUAL(ring_in_flight(&ring), batch);
			CHECK_EQUAL(ring_do(&ring, sqe_nop(), &did), 0);
			CHECK_EQUAL(ring_ready(&ring), batch);
			unsigned got = ring_pop_many(&ring, done, 4);
			CHECK_EQUAL(got, batch < 4 ? batch : 4);
			for (unsigned at = 0; at < got; at++)
				CHECK_EQUAL(done[at].user_data, popped++);
			while (popped < pushed)
				CHECK_POP(&ring, popped++, 0);
			CHECK_EMPTY(&ring);
			CHECK_EQUAL(ring_in_flight(&ring), 0);
		}
		push_nops(&ring, 0, 3); // taken back by close
		close_ring(&ring);
	}
}
