// tests/unit/ring_engine.c: the library over an engine that behaves like an older kernel, or fails on purpose.
//
// The engine here passes on to the kernel what the test does not change, and counts.
#include "ring/engine.h"

#include "ring/ring.h"
#include "tests/unit/ring_unit.h"

static struct {
	// What to do otherwise.
	unsigned setup_flags_refused;
	unsigned features_missing;
	int map_fails_at;    // the how many-th mapping, from 1
	int enter_error;     // every enter ends so ..
	int enter_errors;    // .. or only so many
	bool enter_first;    // .. but after it has done its work
	int register_error;  // every register ends so ..
	int register_errors; // .. or only so many

	// What has been.
	int setups, maps, unmaps, closes, enters, registers;
	unsigned to_submit, min_complete, flags; // of the last enter
} engine;

static void engine_reset(void)
{
	engine = (typeof(engine)){};
}

static int engine_setup(unsigned entries, struct io_uring_params *params)
{
	engine.setups++;
	if ((params->flags & engine.setup_flags_refused) != 0)
		return -EINVAL;
	int fd = sys_io_uring_setup(entries, params);
	params->features &= ~engine.features_missing;
	return fd;
}

static long engine_map(int fd, size_t size, unsigned long long part)
{
	if (++engine.maps == engine.map_fails_at)
		return -ENOMEM;
	return sys_mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, (int64_t)part);
}

static void engine_unmap(void *start, size_t size)
{
	engine.unmaps++;
	CHECK_EQUAL(sys_munmap(start, size), 0);
}

// The error, until as many as there should be have been.
static int next_error(int *error, int *left)
{
	int now = *error;
	if (*left > 0 && --*left == 0)
		*error = 0;
	return now;
}

static int engine_enter(void *state, int fd, unsigned to_submit, unsigned min_complete, unsigned flags, const void *arg,
			size_t size)
{
	(void)state;
	engine.enters++;
	engine.to_submit = to_submit;
	engine.min_complete = min_complete;
	engine.flags = flags;
	int error = next_error(&engine.enter_error, &engine.enter_errors);
	if (error != 0 && !engine.enter_first)
		return error;
	int result = sys_io_uring_enter(fd, to_submit, min_complete, flags, arg, size);
	return error != 0 ? error : result;
}

static int engine_register(void *state, int fd, unsigned opcode, void *arg, unsigned count)
{
	(void)state;
	engine.registers++;
	int error = next_error(&engine.register_error, &engine.register_errors);
	return error != 0 ? error : sys_io_uring_register(fd, opcode, arg, count);
}

static void engine_close(void *state, int fd)
{
	(void)state;
	engine.closes++;
	close_fd(fd);
}

// State of 100 bytes, to see that it is there, zeroed, and aligned.
static size_t engine_state_bytes(const struct io_uring_params *params)
{
	(void)params;
	return 100;
}

static void engine_begin(void *state, int fd, struct ring_place place)
{
	static const uint8_t zeros[100];
	CHECK_EQUAL((uintptr_t)state % 64, 0);
	CHECK_BYTES(state, zeros, sizeof(zeros));
	CHECK(fd >= 0 && place.queues != nullptr && place.sqes != nullptr && place.params->sq_entries > 0);
}

static const struct ring_engine ours = {
	.setup = engine_setup,
	.state_bytes = engine_state_bytes,
	.map = engine_map,
	.unmap = engine_unmap,
	.begin = engine_begin,
	.enter = engine_enter,
	.registers = engine_register,
	.close = engine_close,
};

// [IORING_SETUP_NO_SQARRAY, Linux 6.6]
UNIT(a_kernel_that_wants_the_index_array)
{
	engine_reset();
	engine.setup_flags_refused = IORING_SETUP_NO_SQARRAY;
	struct io_uring ring;
	RING_OR_SKIP(ring, 8, .engine = &ours);
	CHECK_EQUAL(ring.flags, 0);
	if (!CHECK(ring.sq.array != nullptr))
		return;
	for (unsigned i = 0; i < 8; i++)
		CHECK_EQUAL(ring.sq.array[i], i);
	for (uint64_t i = 0; i < 100; i += 5) {
		for (uint64_t j = i; j < i + 5; j++)
			CHECK_EQUAL(ring_push(&ring, sqe_nop(), j), 0);
		CHECK_EQUAL(ring_submit(&ring, 5), 5);
		for (uint64_t j = i; j < i + 5; j++)
			CHECK_POP(&ring, j, 0);
	}
	close_ring(&ring);
}

// [IORING_FEAT_NODROP, Linux 5.5; IORING_FEAT_SINGLE_MMAP, Linux 5.4]
UNIT(a_kernel_that_is_too_old)
{
	engine_reset();
	struct io_uring ring;
	RING_OR_SKIP(ring, 8, .engine = &ours);
	close_ring(&ring);
	static const unsigned missing[] = {IORING_FEAT_NODROP, IORING_FEAT_SINGLE_MMAP};
	for (size_t i = 0; i < 2; i++) {
		struct held before = held_now();
		engine.features_missing = missing[i];
		CHECK_EQUAL(ring_open(&ring, 8, (struct ring_options){.engine = &ours}), -ENOSYS);
		CHECK_HELD(before);
	}
	engine_reset();
	engine.setup_flags_refused = IORING_SETUP_DEFER_TASKRUN;
	CHECK_EQUAL(ring_open(&ring, 8,
			      (struct ring_options){.engine = &ours, .single_issuer = true, .defer_taskrun = true}),
		    -EINVAL);
}

UNIT(a_mapping_that_fails)
{
	engine_reset();
	struct io_uring ring;
	RING_OR_SKIP(ring, 8, .engine = &ours);
	close_ring(&ring);
	CHECK_EQUAL(engine.maps, 2);
	for (int which = 1; which <= 2; which++) {
		struct held before = held_now();
		engine_reset();
		engine.map_fails_at = which;
		CHECK_EQUAL(ring_open(&ring, 8, (struct ring_options){.engine = &ours}), -ENOMEM);
		CHECK_EQUAL(engine.closes, 1);
		CHECK_HELD(before);
	}
}

UNIT(each_call_enters_as_often_as_it_must)
{
	engine_reset();
	struct io_uring ring;
	RING_OR_SKIP(ring, 8, .engine = &ours);
	CHECK_EMPTY(&ring);
	CHECK_EQUAL(ring_submit(&ring, 0), 0);
	CHECK_EQUAL(engine.enters, 0);

	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 1), 0);
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 2), 0);
	CHECK_EQUAL(ring_submit(&ring, 0), 2);
	CHECK(engine.enters == 1 && engine.to_submit == 2 && engine.min_complete == 0 && engine.flags == 0);
	CHECK_EQUAL(ring_submit(&ring, 2), 0);
	CHECK_EQUAL(engine.enters, 1);
	CHECK_POP(&ring, 1, 0);
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 3), 0);
	CHECK_EQUAL(ring_submit(&ring, 2), 1);
	CHECK(engine.enters == 2 && engine.to_submit == 1 && engine.min_complete == 2 &&
	      engine.flags == IORING_ENTER_GETEVENTS);
	CHECK_POP(&ring, 2, 0);
	CHECK_POP(&ring, 3, 0);
	CHECK_EMPTY(&ring);
	CHECK_EQUAL(engine.enters, 2);

	struct io_uring_cqe done;
	CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), 0);
	CHECK_EQUAL(engine.enters, 3);
	close_ring(&ring);
	CHECK_EQUAL(engine.enters, 3);
	CHECK_EQUAL(engine.registers, 1); // nothing was in flight, but that is only believed when it is asked for
	CHECK_EQUAL(engine.unmaps, 2);
	CHECK_EQUAL(engine.closes, 1);
}

UNIT(an_error_of_enter_is_told_and_takes_nothing)
{
	static const int errors[] = {-EAGAIN, -EBUSY, -EINTR, -ENOMEM, -EBADR};
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		engine_reset();
		struct io_uring ring;
		RING_OR_SKIP(ring, 4, .engine = &ours);
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), 1), 0);
		engine.enter_error = errors[i];
		CHECK_EQUAL(ring_submit(&ring, 0), errors[i]);
		CHECK_EQUAL(ring_submit(&ring, 1), errors[i]);
		CHECK_EQUAL(engine.enters, 2); // the caller decides whether to try again
		struct io_uring_cqe done;
		if (errors[i] != -EINTR) {
			CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), errors[i]);
			CHECK_EQUAL(engine.enters, 3);
		}
		CHECK_EQUAL(ring_space(&ring), 3);
		engine.enter_error = 0;
		CHECK_EQUAL(ring_submit(&ring, 1), 1);
		CHECK_POP(&ring, 1, 0);
		CHECK_EMPTY(&ring);
		close_ring(&ring);
	}
}

// The kernel has taken the operation, and then says something else: only its completion ends it.
UNIT(do_goes_on_when_its_entry_was_taken)
{
	static const int errors[] = {-EAGAIN, -EBUSY, -EINTR, -EBADR};
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		engine_reset();
		struct io_uring ring;
		RING_OR_SKIP(ring, 4, .engine = &ours);
		engine.enter_error = errors[i];
		engine.enter_first = true;
		struct __kernel_timespec limit = {.tv_nsec = 2000000};
		struct io_uring_cqe done = {};
		CHECK_EQUAL(ring_do(&ring, sqe_timeout(&limit, 0, 0), &done), 0);
		CHECK_EQUAL(done.res, -ETIME);
		engine_reset();
		close_ring(&ring);
	}
}

// A signal before the kernel has taken anything is no reason to give up either.
UNIT(do_tries_again_after_a_signal)
{
	engine_reset();
	struct io_uring ring;
	RING_OR_SKIP(ring, 4, .engine = &ours);
	engine.enter_error = -EINTR;
	engine.enter_errors = 3;
	struct io_uring_cqe done = {.res = 1};
	CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), 0);
	CHECK_EQUAL(done.res, 0);
	CHECK_EQUAL(engine.enters, 4);
	close_ring(&ring);
}

// Older completions that nobody pops do not wake it: it sleeps until there is one more than those.
UNIT(do_sleeps_beside_older_completions)
{
	engine_reset();
	struct io_uring ring;
	RING_OR_SKIP(ring, 4, .engine = &ours);
	struct pair pipe = make_pipe();
	for (unsigned i = 0; i < 3; i++)
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), i), 0);
	CHECK_EQUAL(ring_submit(&ring, 0), 3);
	int child = fork_child();
	if (child == 0) {
		sleep_ms(20);
		(void)sys_write(pipe.write, "x", 1);
		sys_exit_group(0);
	}
	uint8_t byte[1];
	struct io_uring_cqe done = {};
	CHECK_EQUAL(ring_do(&ring, sqe_read(pipe.read, SPAN(byte), SQE_AT_POSITION), &done), 0);
	CHECK_EQUAL(done.res, 1);
	CHECK_EQUAL(engine.enters, 2);
	CHECK_EQUAL(engine.min_complete, 4);
	CHECK_EQUAL(wait_child(child), 0);
	close_pair(pipe);
	close_ring(&ring);
}

UNIT(submit_brings_what_did_not_fit)
{
	engine_reset();
	struct io_uring ring;
	RING_OR_SKIP(ring, 4, .engine = &ours);
	for (unsigned i = 0; i < 12; i++) {
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), i), 0);
		CHECK_EQUAL(ring_submit(&ring, 0), 1);
	}
	CHECK_EQUAL(ring_ready(&ring), 8);
	for (unsigned i = 0; i < 4; i++)
		CHECK_POP(&ring, i, 0);
	CHECK_EQUAL(engine.enters, 12);
	CHECK_EQUAL(ring_submit(&ring, 0), 0);
	CHECK_EQUAL(engine.enters, 13);
	CHECK_EQUAL(engine.flags, IORING_ENTER_GETEVENTS);
	CHECK_EQUAL(ring_ready(&ring), 8);
	close_ring(&ring);
}

// [IORING_FEAT_EXT_ARG, Linux 5.11]
UNIT(a_kernel_that_cannot_wait_with_a_limit)
{
	engine_reset();
	engine.features_missing = IORING_FEAT_EXT_ARG;
	struct io_uring ring;
	RING_OR_SKIP(ring, 4, .engine = &ours);
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 1), 0);
	CHECK_EQUAL(ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = 1000}), -EINVAL);
	CHECK_EQUAL(ring_wait(&ring, 1, (struct ring_wait){}), 1);
	CHECK_POP(&ring, 1, 0);
	close_ring(&ring);
}

// [IORING_REGISTER_SYNC_CANCEL, Linux 6.0; IORING_REGISTER_PROBE, Linux 5.6]
UNIT(a_kernel_that_cannot_cancel_all)
{
	engine_reset();
	struct held before = held_now();
	struct io_uring ring;
	RING_OR_SKIP(ring, 4, .engine = &ours);
	struct pair pipe = make_pipe();
	uint8_t byte[1];
	CHECK_EQUAL(ring_push(&ring, sqe_read(pipe.read, SPAN(byte), SQE_AT_POSITION), 1), 0);
	CHECK_EQUAL(ring_submit(&ring, 0), 1);
	engine.register_error = -EINVAL;
	CHECK(!ring_has(&ring, IORING_OP_NOP));
	close_ring(&ring);
	CHECK_EQUAL(engine.closes, 1);
	close_pair(pipe);
	CHECK_HELD(before);
}

UNIT(close_cancels_again_after_a_signal)
{
	engine_reset();
	struct io_uring ring;
	RING_OR_SKIP(ring, 4, .engine = &ours);
	struct pair pipe = make_pipe();
	uint8_t byte[1];
	CHECK_EQUAL(ring_push(&ring, sqe_read(pipe.read, SPAN(byte), SQE_AT_POSITION), 1), 0);
	CHECK_EQUAL(ring_submit(&ring, 0), 1);
	engine.register_error = -EINTR;
	engine.register_errors = 2;
	int64_t start = monotonic_ns();
	close_ring(&ring);
	CHECK(monotonic_ns() - start < 4000000000);
	CHECK_EQUAL(engine.registers, 4); // the last one finds nothing more
	close_pair(pipe);
}
