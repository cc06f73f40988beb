// tests/unit/ring.c: a ring opens and unwinds, takes entries in order, and gives completions back in order, each once.
//
// For either engine.
#include "ring/ring.h"

#include "tests/unit/ring_unit.h"

#include "tests/unit/ring_scale.h" // behind sys.h, since process.h has a `process`

static const uint8_t bad_opcode = 255; // no kernel has so many operations; refused at once

static struct io_uring_sqe sqe_bad(void)
{
	return sqe_of(bad_opcode, -1, nullptr, 0, 0);
}

// Opening.

UNIT(open_makes_a_power_of_two)
{
	static const unsigned sizes[][2] = {{1, 1}, {3, 4}, {64, 64}, {4096, 4096}, {32767, 32768}, {32768, 32768}};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct io_uring ring;
		RING_OR_SKIP(ring, sizes[i][0]);
		unsigned entries = sizes[i][1];
		CHECK_EQUAL(ring.sq.ring_entries, entries);
		CHECK_EQUAL(ring.sq.ring_mask, entries - 1);
		CHECK_EQUAL(ring.cq.ring_entries, 2 * entries);
		CHECK_EQUAL(ring.cq.ring_mask, 2 * entries - 1);
		CHECK_EQUAL(ring_space(&ring), entries);

		bool is_next_alike = sizes[i][0] == 32767; // as many entries, which are many for an emulator
		if (is_slow() && is_next_alike) {
			close_ring(&ring);
			continue;
		}
		// To the last entry, so that the last byte of each mapping is used.
		for (unsigned token = 0; token < entries; token++)
			CHECK_EQUAL(ring_push(&ring, sqe_nop(), token), 0);
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), 0), -EAGAIN);
		CHECK_EQUAL(ring_submit(&ring, entries), entries);
		CHECK_EQUAL(ring_ready(&ring), entries);
		for (unsigned token = 0; token < entries; token++)
			CHECK_POP(&ring, token, 0);
		CHECK_EMPTY(&ring);
		close_ring(&ring);
	}
}

UNIT(open_clamps)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 32769, .clamp = true);
	CHECK_EQUAL(ring.sq.ring_entries, 32768);
	close_ring(&ring);
	RING_OR_SKIP(ring, 8, .cq_entries = 1 << 20, .clamp = true);
	CHECK_EQUAL(ring.cq.ring_entries, 65536);
	close_ring(&ring);
}

UNIT(open_sizes_the_completion_queue)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8, .cq_entries = 100);
	CHECK_EQUAL(ring.sq.ring_entries, 8);
	CHECK_EQUAL(ring.cq.ring_entries, 128);
	close_ring(&ring);
}

UNIT(open_refuses_and_keeps_nothing)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 1);
	close_ring(&ring);

	struct held before = held_now();
	CHECK_EQUAL(ring_open(&ring, 0, (struct ring_options){}), -EINVAL);
	CHECK_EQUAL(ring_open(&ring, 0, (struct ring_options){.clamp = true}), -EINVAL);
	CHECK_EQUAL(ring_open(&ring, 32769, (struct ring_options){}), -EINVAL);
	CHECK_EQUAL(ring_open(&ring, UINT32_MAX, (struct ring_options){}), -EINVAL);
	CHECK_EQUAL(ring_open(&ring, 8, (struct ring_options){.cq_entries = 65537}), -EINVAL);
	CHECK_EQUAL(ring_open(&ring, 8, (struct ring_options){.cq_entries = 4}), -EINVAL);
	CHECK_EQUAL(ring_open(&ring, 8, (struct ring_options){.defer_taskrun = true}), -EINVAL);
	CHECK_HELD(before);
}

UNIT(open_passes_every_option_on)
{
	static const struct {
		struct ring_options options;
		unsigned flags;
	} cases[] = {
		{{}, 0},
		{{.cq_entries = 64}, IORING_SETUP_CQSIZE},
		{{.clamp = true}, IORING_SETUP_CLAMP},
		{{.submit_all = true}, IORING_SETUP_SUBMIT_ALL},
		{{.coop_taskrun = true}, IORING_SETUP_COOP_TASKRUN},
		{{.single_issuer = true}, IORING_SETUP_SINGLE_ISSUER},
		{{.single_issuer = true, .defer_taskrun = true},
		 IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN},
		{{.cq_entries = 64, .clamp = true, .submit_all = true, .coop_taskrun = true, .single_issuer = true},
		 IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_COOP_TASKRUN |
			 IORING_SETUP_SINGLE_ISSUER},
		{{.page_size = 65536}, 0},
	};
	// What the kernel was asked for, it tells; the two that speed up are the library's own choice.
	unsigned own = IORING_SETUP_NO_SQARRAY | IORING_SETUP_TASKRUN_FLAG;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct held before = held_now();
		struct io_uring ring;
		if (!open_or_skip(&ring, 8, cases[i].options))
			return;
		CHECK_EQUAL(ring.flags & ~own, cases[i].flags);
		CHECK(ring.ring_fd >= 0 && ring.enter_ring_fd == ring.ring_fd);
		CHECK_EQUAL((ring.features & IORING_FEAT_NODROP), IORING_FEAT_NODROP);
		close_ring(&ring);
		CHECK_EQUAL(ring.ring_fd, -1);
		CHECK_HELD(before);
	}
}

UNIT(the_descriptor_is_closed_on_exec)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	CHECK_EQUAL(syscall6(__NR_fcntl, ring.ring_fd, F_GETFD, 0, 0, 0, 0), 1 /* FD_CLOEXEC */);
	close_ring(&ring);
}

UNIT(open_unwinds_without_a_descriptor)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	close_ring(&ring);

	struct held before = held_now();
	int next = make_dup(SYS_STDOUT);
	close_fd(next);
	uint64_t limit = set_limit(RLIMIT_NOFILE, (uint64_t)next);
	int error = ring_open(&ring, 8, on_engine((struct ring_options){}));
	set_limit(RLIMIT_NOFILE, limit);
	CHECK_EQUAL(error, -EMFILE);
	CHECK_HELD(before);
}

// One page more of address space each time, so that every mapping is once the one that does not fit.
UNIT(open_unwinds_without_memory)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 1024);
	close_ring(&ring);

	struct held before = held_now();
	uint64_t none = set_limit(RLIMIT_AS, 4096);
	long page = sys_mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	set_limit(RLIMIT_AS, none);
	if (!sys_failed(page)) {
		CHECK_EQUAL(sys_munmap((void *)page, 4096), 0);
		UNIT_SKIP(STR("the limit of address space is not in force here"));
	}

	unsigned failures = 0;
	int error = -ENOMEM;
	for (uint64_t pages = 16; error == -ENOMEM && pages < 65536; pages++) {
		uint64_t limit = set_limit(RLIMIT_AS, pages * 4096);
		error = ring_open(&ring, 1024, on_engine((struct ring_options){}));
		set_limit(RLIMIT_AS, limit);
		if (error != -ENOMEM)
			break;
		failures++;
		struct held after = held_now();
		if (!CHECK_EQUAL(after.descriptors, before.descriptors) ||
		    !CHECK_EQUAL(after.mappings, before.mappings))
			return;
	}
	CHECK(failures > 20); // the three mappings need more pages than that, so each has failed
	if (!CHECK_EQUAL(error, 0))
		return;
	close_ring(&ring);
	CHECK_HELD(before);
}

// Pushing, submitting, popping.

UNIT(completions_come_in_order_round_and_round)
{
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		struct io_uring ring;
		if (!open_or_skip(&ring, 8, ring_kinds[kind]))
			return;
		uint64_t pushed = 0, popped = 0;
		for (unsigned round = 0; round < 1000; round++) {
			unsigned batch = round % 8 + 1;
			for (unsigned i = 0; i < batch; i++)
				CHECK_EQUAL(ring_push(&ring, sqe_nop(), pushed++), 0);
			CHECK_EQUAL(ring_space(&ring), 8 - batch);
			CHECK_EQUAL(ring_submit(&ring, batch), batch);
			CHECK_EQUAL(ring_space(&ring), 8);
			CHECK_EQUAL(ring_ready(&ring), batch);
			for (unsigned i = 0; i < batch; i++)
				CHECK_POP(&ring, popped++, 0);
			CHECK_EMPTY(&ring);
		}
		close_ring(&ring);
	}
}

UNIT(a_full_queue_says_so)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4);
	for (unsigned i = 0; i < 4; i++) {
		CHECK_EQUAL(ring_space(&ring), 4 - i);
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), i), 0);
	}
	CHECK_EQUAL(ring_space(&ring), 0);
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 9), -EAGAIN);
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 9), -EAGAIN);
	CHECK_EQUAL(ring_submit(&ring, 0), 4);
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 4), 0); // sees by itself that there is room again
	CHECK_EQUAL(ring_submit(&ring, 0), 1);
	for (unsigned i = 0; i < 5; i++)
		CHECK_POP(&ring, i, 0);
	CHECK_EMPTY(&ring);
	close_ring(&ring);
}

UNIT(an_entry_is_pushed_byte_for_byte)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4);
	union {
		struct io_uring_sqe sqe;
		uint8_t bytes[64];
	} entry;
	for (uint8_t i = 0; i < 64; i++)
		entry.bytes[i] = (uint8_t)(0x80 + i);
	CHECK_EQUAL(ring_push(&ring, entry.sqe, 0x0123456789abcdef), 0);
	entry.sqe.user_data = 0x0123456789abcdef;
	CHECK_BYTES(ring.sq.sqes, entry.bytes, 64);
	close_ring(&ring); // it was not submitted, so it never runs
}

UNIT(reserved_tokens_are_refused)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4);
	for (uint64_t token = RING_TOKEN_LIMIT; token != 0; token++)
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), token), -EINVAL);
	CHECK_EQUAL(ring_space(&ring), 4);
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), RING_TOKEN_LIMIT - 1), 0);
	CHECK_EQUAL(ring_submit(&ring, 1), 1);
	CHECK_POP(&ring, RING_TOKEN_LIMIT - 1, 0);
	CHECK_EMPTY(&ring);
	close_ring(&ring);
}

// A silent entry completes only if it fails, and does not keep the ring open.
UNIT(silent_entries)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4);
	struct io_uring_sqe silent = sqe_nop(), fails = sqe_close(-1);
	silent.flags = fails.flags = IOSQE_CQE_SKIP_SUCCESS;
	CHECK_EQUAL(ring_push(&ring, silent, 1), 0);
	CHECK_EQUAL(ring_push(&ring, fails, 2), 0);
	CHECK_EQUAL(ring_push(&ring, silent, 3), 0);
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 4), 0);
	for (int taken = 0; taken < 4;) // the kernel stops behind the one that fails
		taken += ring_submit(&ring, 0);
	CHECK_POP(&ring, 2, -EBADF);
	CHECK_POP(&ring, 4, 0);
	CHECK_EMPTY(&ring);
	CHECK_EQUAL(ring_push(&ring, silent, 5), 0); // taken back
	int64_t start = monotonic_ns();
	close_ring(&ring);
	CHECK(monotonic_ns() - start < 1000000000);
}

// Where the ring's descriptor is another file, a system call would answer -EOPNOTSUPP.
UNIT(nothing_to_do_is_no_system_call)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4);
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 1), 0);
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 2), 0);
	CHECK_EQUAL(ring_submit(&ring, 2), 2);

	int kept = make_dup(ring.ring_fd);
	dup_onto(SYS_STDOUT, ring.ring_fd);
	CHECK_EQUAL(ring_submit(&ring, 0), 0);
	CHECK_EQUAL(ring_submit(&ring, 2), 0); // they are there
	CHECK_EQUAL(ring_wait(&ring, 2, (struct ring_wait){}), 0);
	CHECK_EQUAL(ring_wait(&ring, 2, (struct ring_wait){.timeout_ns = 1}), 0);
	CHECK(ring_submit(&ring, 3) < 0); // the proof that the descriptor is wrong
	CHECK_POP(&ring, 1, 0);
	CHECK_POP(&ring, 2, 0);
	CHECK_EQUAL(ring_submit(&ring, 0), 0);
	dup_onto(kept, ring.ring_fd);
	close_fd(kept);
	close_ring(&ring);
}

UNIT(a_failed_submit_takes_nothing)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4);
	int kept = make_dup(ring.ring_fd);
	close_fd(ring.ring_fd);
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), i), 0);
	CHECK_EQUAL(ring_submit(&ring, 0), -EBADF);
	CHECK_EQUAL(ring_submit(&ring, 1), -EBADF);
	CHECK_EQUAL(ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = 1}), -EBADF);
	CHECK_EQUAL(ring_space(&ring), 0);
	dup_onto(kept, ring.ring_fd);
	close_fd(kept);
	CHECK_EQUAL(ring_submit(&ring, 4), 4);
	for (unsigned i = 0; i < 4; i++)
		CHECK_POP(&ring, i, 0);
	close_ring(&ring);
}

UNIT(a_refused_entry_stops_the_batch)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	for (unsigned i = 0; i < 5; i++)
		CHECK_EQUAL(ring_push(&ring, i == 1 || i == 2 ? sqe_bad() : sqe_nop(), i), 0);
	CHECK_EQUAL(ring_submit(&ring, 0), 2);
	CHECK_EQUAL(ring_space(&ring), 5);
	CHECK_POP(&ring, 0, 0);
	CHECK_POP(&ring, 1, -EINVAL);
	CHECK_EMPTY(&ring);
	CHECK_EQUAL(ring_submit(&ring, 1), 1);
	CHECK_POP(&ring, 2, -EINVAL);
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 5), 0);
	CHECK_EQUAL(ring_submit(&ring, 3), 3); // the rest, and the new one
	for (unsigned i = 3; i < 6; i++)
		CHECK_POP(&ring, i, 0);
	CHECK_EQUAL(ring_submit(&ring, 0), 0);
	close_ring(&ring);
}

UNIT(submit_all_goes_on_behind_a_refused_entry)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8, .submit_all = true);
	for (unsigned i = 0; i < 5; i++)
		CHECK_EQUAL(ring_push(&ring, i == 1 ? sqe_bad() : sqe_nop(), i), 0);
	CHECK_EQUAL(ring_submit(&ring, 5), 5);
	bool seen[5] = {};
	struct io_uring_cqe done;
	while (ring_pop(&ring, &done)) {
		if (CHECK(done.user_data < 5 && !seen[done.user_data]))
			seen[done.user_data] = true;
		CHECK_EQUAL(done.res, done.user_data == 1 ? -EINVAL : 0);
	}
	CHECK(seen[0] && seen[1] && seen[2] && seen[3] && seen[4]);
	close_ring(&ring);
}

UNIT(a_chain_breaks_behind_a_short_read)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	struct pair from = make_pipe(), to = make_pipe();
	uint8_t bytes[8] = {};
	for (int is_short = 0; is_short < 2; is_short++) {
		CHECK_EQUAL(sys_write(from.write, "12345678", is_short ? 3 : 8), is_short ? 3 : 8);
		struct io_uring_sqe read = sqe_read(from.read, SPAN(bytes), SQE_AT_POSITION);
		CHECK_EQUAL(ring_push(&ring, sqe_linked(read), 1), 0);
		CHECK_EQUAL(ring_push(&ring, sqe_write(to.write, STR("out"), SQE_AT_POSITION), 2), 0);
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), 3), 0);
		CHECK_EQUAL(ring_submit(&ring, 3), 3);
		struct io_uring_cqe done;
		for (unsigned i = 0; i < 3 && CHECK(ring_pop(&ring, &done)); i++) {
			if (done.user_data == 1)
				CHECK_EQUAL(done.res, is_short ? 3 : 8);
			if (done.user_data == 2)
				CHECK_EQUAL(done.res, is_short ? -ECANCELED : 3);
			if (done.user_data == 3)
				CHECK_EQUAL(done.res, 0);
		}
		CHECK_EMPTY(&ring);
	}
	CHECK_EQUAL(sys_read(to.read, bytes, sizeof(bytes)), 3); // once
	close_pair(from);
	close_pair(to);
	close_ring(&ring);
}

// 8 at a time into a queue of 16, one taken out for every two put in: the kernel must hold thousands back.
UNIT(an_overflowing_queue_loses_nothing)
{
	enum { COUNT = 20000 };
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		struct io_uring ring;
		struct ring_options options = ring_kinds[kind];
		options.cq_entries = 16;
		if (!open_or_skip(&ring, 8, options))
			return;
		unsigned pushed = 0, popped = 0;
		bool overflowed = false;
		struct io_uring_cqe done;
		while (pushed < COUNT) {
			int error = ring_push(&ring, sqe_nop(), pushed);
			if (error == 0)
				pushed++;
			else if (CHECK_EQUAL(error, -EAGAIN)) {
				int taken = ring_submit(&ring, 0);
				CHECK(taken == 8 || taken == -EBUSY);
			}
			overflowed |= (load_relaxed(ring.sq.kflags) & IORING_SQ_CQ_OVERFLOW) != 0;
			if (pushed % 2 == 0 && ring_pop(&ring, &done))
				CHECK_EQUAL(done.user_data, popped++);
		}
		CHECK(overflowed);
		while (ring_submit(&ring, 0) == -EBUSY && ring_pop(&ring, &done))
			CHECK_EQUAL(done.user_data, popped++);
		while (ring_pop(&ring, &done)) {
			if (!CHECK_EQUAL(done.user_data, popped++))
				return;
		}
		CHECK_EQUAL(popped, COUNT);
		close_ring(&ring);
	}
}

// Nothing but ring_pop is called after the event: whatever the kernel keeps for us, it asks for.
UNIT(pop_finds_what_completes_later)
{
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		struct io_uring ring;
		if (!open_or_skip(&ring, 8, ring_kinds[kind]))
			return;
		struct pair pipe = make_pipe();
		uint8_t byte[1] = {};
		CHECK_EQUAL(ring_push(&ring, sqe_read(pipe.read, SPAN(byte), SQE_AT_POSITION), 7), 0);
		CHECK_EQUAL(ring_submit(&ring, 0), 1);
		CHECK_EMPTY(&ring);
		CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1);
		struct io_uring_cqe done = {};
		int64_t limit = monotonic_ns() + 10000000000;
		while (!ring_pop(&ring, &done) && monotonic_ns() < limit) {
		}
		CHECK_EQUAL(done.user_data, 7);
		CHECK_EQUAL(done.res, 1);
		CHECK_EQUAL(byte[0], 'x');
		close_pair(pipe);
		close_ring(&ring);
	}
}

// Waiting.

// A child writes three bytes, one after another, to wake three reads.
UNIT(submit_waits_for_as_many_as_asked)
{
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		struct io_uring ring;
		if (!open_or_skip(&ring, 8, ring_kinds[kind]))
			return;
		struct pair pipe = make_pipe();
		int child = fork_child();
		if (child == 0) {
			for (int i = 0; i < 3; i++) {
				sleep_ms(15);
				(void)sys_write(pipe.write, "x", 1);
			}
			sys_exit_group(0);
		}
		uint8_t bytes[3][1] = {};
		for (unsigned i = 0; i < 3; i++)
			CHECK_EQUAL(ring_push(&ring, sqe_read(pipe.read, SPAN(bytes[i]), SQE_AT_POSITION), i), 0);
		CHECK_EQUAL(ring_submit(&ring, 3), 3);
		CHECK_EQUAL(ring_ready(&ring), 3);
		for (unsigned i = 0; i < 3; i++)
			CHECK_EQUAL(bytes[i][0], 'x');
		CHECK_EQUAL(wait_child(child), 0);
		close_pair(pipe);
		close_ring(&ring);
	}
}

UNIT(a_timeout_that_ends_ends_the_wait)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	struct __kernel_timespec soon = {.tv_nsec = 10000000}, late = {.tv_sec = 60};
	CHECK_EQUAL(ring_push(&ring, sqe_timeout(&late, 0, 0), 1), 0);
	CHECK_EQUAL(ring_push(&ring, sqe_timeout(&soon, 0, 0), 2), 0);
	CHECK_EQUAL(ring_submit(&ring, 2), 2);
	CHECK_EQUAL(ring_ready(&ring), 1);
	CHECK_POP(&ring, 2, -ETIME);
	close_ring(&ring);
}

UNIT(wait_gives_up_in_time)
{
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		struct io_uring ring;
		if (!open_or_skip(&ring, 8, ring_kinds[kind]))
			return;
		int64_t start = monotonic_ns();
		CHECK_EQUAL(ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = 20000000}), -ETIME);
		CHECK(monotonic_ns() - start >= 20000000);
		start = monotonic_ns();
		CHECK_EQUAL(ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = 1020000000}),
			    -ETIME); // beyond a second
		CHECK(monotonic_ns() - start >= 1020000000);

		// Taken entries are told, though the time is over.
		struct pair pipe = make_pipe();
		uint8_t byte[1] = {};
		CHECK_EQUAL(ring_push(&ring, sqe_read(pipe.read, SPAN(byte), SQE_AT_POSITION), 7), 0);
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), 8), 0);
		start = monotonic_ns();
		CHECK_EQUAL(ring_wait(&ring, 2, (struct ring_wait){.timeout_ns = 20000000}), 2);
		CHECK(monotonic_ns() - start >= 20000000);
		CHECK_POP(&ring, 8, 0);
		CHECK_EMPTY(&ring);
		CHECK_EQUAL(ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = -1}), -EINVAL);

		// And it does not wait for the time when the completion comes.
		CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1);
		start = monotonic_ns();
		CHECK_EQUAL(ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = INT64_MAX}), 0);
		CHECK_POP(&ring, 7, 1);
		CHECK_EQUAL(ring_wait(&ring, 0, (struct ring_wait){.timeout_ns = INT64_MAX}), 0);
		close_pair(pipe);
		close_ring(&ring);
	}
}

UNIT(a_signal_interrupts_a_wait_and_hides_no_count)
{
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		struct io_uring ring;
		if (!open_or_skip(&ring, 8, ring_kinds[kind]))
			return;
		struct pair pipe = make_pipe();
		uint8_t byte[1] = {};
		struct io_uring_sqe read = sqe_read(pipe.read, SPAN(byte), SQE_AT_POSITION);
		alarm_every_us(2000);
		int taken = ring_push(&ring, read, 1) == 0 ? ring_submit(&ring, 1) : -1;
		int alone = ring_submit(&ring, 1);
		int timed = ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = 60000000000});
		int counted = ring_push(&ring, read, 2) == 0
				      ? ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = 60000000000})
				      : -1;
		alarm_every_us(0);
		CHECK_EQUAL(taken, 1);
		CHECK_EQUAL(alone, -EINTR);
		CHECK_EQUAL(timed, -EINTR);
		CHECK_EQUAL(counted, 1);
		CHECK(alarms >= 4);
		CHECK_EMPTY(&ring);
		close_ring(&ring);
		close_pair(pipe);
	}
}

// What can be asked.

UNIT(has_knows_what_the_kernel_can_do)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 1);
	CHECK(ring_has(&ring, IORING_OP_NOP));
	CHECK(ring_has(&ring, IORING_OP_READ));
	CHECK(ring_has(&ring, IORING_OP_OPENAT2));
	CHECK(!ring_has(&ring, 255));
	CHECK(!ring_has(&ring, 256));
	CHECK(!ring_has(&ring, UINT32_MAX));
	close_ring(&ring);
}

UNIT(explain_has_words_for_what_open_returns)
{
	static const int errors[] = {EINVAL, ENOSYS, EPERM, ENOMEM, EMFILE, ENFILE};
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct str why = ring_explain(-errors[i]);
		CHECK(why.len > 20);
		CHECK_STR(ring_explain(errors[i]), why);
	}
	CHECK_EQUAL(ring_explain(0).len, 0);
	CHECK_EQUAL(ring_explain(-EIO).len, 0);
	CHECK_EQUAL(ring_explain(INT32_MIN + 1).len, 0);
}
