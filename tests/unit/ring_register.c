// tests/unit/ring_register.c: what a ring can be told beside entries, and beside files and buffers.
//
// For either engine.
#include "ring/register.h"

#include <linux/io_uring/query.h>

#include "tests/unit/ring_needs.h"

// Does one operation to its end, and gives its result.
static int result_of(struct io_uring *ring, struct io_uring_sqe sqe)
{
	struct io_uring_cqe done = {.res = -1};
	CHECK_EQUAL(ring_do(ring, sqe, &done), 0);
	return done.res;
}

// Eventfds.

static int make_eventfd(void)
{
	return (int)syscall6(__NR_eventfd2, 0, O_CLOEXEC | O_NONBLOCK, 0, 0, 0, 0);
}

// How much was added since it was read last.
static uint64_t events(int fd)
{
	uint64_t count = 0;
	long got = sys_read(fd, &count, sizeof(count));
	CHECK(got == sizeof(count) || got == -EAGAIN);
	return count;
}

UNIT(an_eventfd_hears_of_completions)
{
	struct held before = held_now();
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	int fd = make_eventfd();
	int error = ring_register_eventfd(&ring, fd, false);
	NEEDS(&ring, error, 5, 2, "eventfd");
	CHECK_EQUAL(error, 0);
	CHECK_EQUAL(ring_register_eventfd(&ring, fd, false), -EBUSY);
	CHECK_EQUAL(events(fd), 0);
	CHECK_EQUAL(result_of(&ring, sqe_nop()), 0);
	CHECK_EQUAL(events(fd), 1);

	CHECK_EQUAL(ring_pause_eventfd(&ring, true), 0);
	CHECK_EQUAL(result_of(&ring, sqe_nop()), 0);
	CHECK_EQUAL(events(fd), 0);
	CHECK_EQUAL(ring_pause_eventfd(&ring, false), 0);
	CHECK_EQUAL(result_of(&ring, sqe_nop()), 0);
	CHECK_EQUAL(events(fd), 1);

	CHECK_EQUAL(ring_unregister_eventfd(&ring), 0);
	CHECK_EQUAL(ring_unregister_eventfd(&ring), -ENXIO);
	CHECK_EQUAL(result_of(&ring, sqe_nop()), 0);
	CHECK_EQUAL(events(fd), 0);
	CHECK_EQUAL(ring_register_eventfd(&ring, -1, false), -EBADF);
	close_fd(fd);
	close_ring(&ring);
	CHECK_HELD(before);
}

UNIT(an_eventfd_hears_only_of_workers)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	int fd = make_eventfd();
	int error = ring_register_eventfd(&ring, fd, true);
	NEEDS(&ring, error, 5, 6, "eventfd for workers");
	CHECK_EQUAL(error, 0);
	CHECK_EQUAL(result_of(&ring, sqe_nop()), 0);
	CHECK_EQUAL(events(fd), 0);
	struct io_uring_sqe async = sqe_nop();
	async.flags |= IOSQE_ASYNC;
	CHECK_EQUAL(result_of(&ring, async), 0);
	struct pollfd heard = {.fd = fd, .events = POLLIN}; // the worker may tell a moment later
	CHECK_EQUAL(sys_ppoll(&heard, 1, &(struct __kernel_timespec){.tv_sec = 5}, nullptr), 1);
	CHECK_EQUAL(events(fd), 1);
	close_fd(fd);
	close_ring(&ring);
}

// Credentials.

static int set_user(unsigned user)
{
	return (int)syscall6(__NR_setresuid, user, user, user, 0, 0, 0);
}

// In a child, that may not look into `dir` any more: the first step that does not as it should, or 0.
static int open_as_another(int dir)
{
	struct io_uring ring;
	if (ring_open(&ring, 4, on_engine((struct ring_options){})) != 0)
		return 1;
	int number = ring_register_personality(&ring);
	if (number <= 0)
		return number == -EINVAL && ring_engine(&ring) != &ring_kernel ? 100 : 2;
	if (set_user(65534) != 0)
		return 3;
	struct io_uring_cqe done;
	struct io_uring_sqe look = sqe_openat(dir, "nothing", O_RDONLY, 0);
	if (ring_do(&ring, look, &done) != 0 || done.res != -EACCES)
		return 4;
	look.personality = (uint16_t)number;
	if (ring_do(&ring, look, &done) != 0 || done.res != -ENOENT)
		return 5;
	if (ring_unregister_personality(&ring, (unsigned)number) != 0)
		return 6;
	if (ring_unregister_personality(&ring, (unsigned)number) != -EINVAL)
		return 7;
	if (ring_do(&ring, look, &done) != 0 || done.res != -EINVAL)
		return 8;
	return ring_close(&ring) == 0 ? 0 : 9;
}

UNIT(entries_work_under_credentials_of_before)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4);
	close_ring(&ring);
	if (syscall6(__NR_geteuid, 0, 0, 0, 0, 0, 0) != 0)
		UNIT_SKIP(STR("only root can become another user"));
	// A folder that only root may look into, gone again before it is looked into.
	const char *path = "/tmp/unit-ring_register";
	int error = sys_mkdirat(AT_FDCWD, path, 0700);
	if (error == -ENOENT) { // no /tmp, as in a machine
		path = "/unit-ring_register";
		error = sys_mkdirat(AT_FDCWD, path, 0700);
	}
	CHECK_EQUAL(error, 0);
	int dir = sys_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	CHECK(dir >= 0);
	CHECK_EQUAL(syscall6(__NR_unlinkat, AT_FDCWD, (long)path, AT_REMOVEDIR, 0, 0, 0), 0);

	int child = fork_child();
	if (child == 0)
		sys_exit_group(open_as_another(dir));
	int status = wait_child(child);
	close_fd(dir);
	if (status == 100)
		UNIT_SKIP(STR("the emulation has no credentials"));
	CHECK_EQUAL(status, 0);
}

// Restrictions.

UNIT(a_restricted_ring_does_only_what_it_may)
{
	struct held before = held_now();
	struct io_uring ring;
	RING_OR_SKIP(ring, 8, .disabled = true);
	const struct io_uring_restriction rules[] = {
		{.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_NOP},
		{.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_WRITE},
		{.opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED, .sqe_flags = IOSQE_IO_LINK},
		{.opcode = IORING_RESTRICTION_REGISTER_OP, .register_op = IORING_UNREGISTER_EVENTFD},
	};
	const struct io_uring_restriction unknown = {.opcode = 99};
	CHECK_EQUAL(ring_restrict(&ring, &unknown, 1), -EINVAL);
	CHECK_EQUAL(ring_restrict(&ring, nullptr, 0), -EINVAL);
	int error = ring_restrict(&ring, rules, sizeof(rules) / sizeof(rules[0]));
	NEEDS(&ring, error, 5, 10, "restrictions");
	CHECK_EQUAL(error, 0);
	CHECK_EQUAL(ring_restrict(&ring, rules, 1), -EBUSY);

	struct io_uring_cqe done;
	CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), -EBADFD);
	CHECK_EQUAL(ring_enable(&ring), 0);
	CHECK(ring_enable(&ring) < 0); // it is not among what it may do; without rules it would be -EBADFD
	CHECK_EQUAL(result_of(&ring, sqe_nop()), 0);
	struct pair pipe = make_pipe();
	uint8_t byte[1];
	CHECK_EQUAL(result_of(&ring, sqe_write(pipe.write, STR("x"), SQE_AT_POSITION)), 1);
	CHECK_EQUAL(result_of(&ring, sqe_read(pipe.read, SPAN(byte), SQE_AT_POSITION)), -EACCES);
	struct io_uring_sqe async = sqe_nop();
	async.flags |= IOSQE_ASYNC;
	CHECK_EQUAL(result_of(&ring, async), -EACCES);
	CHECK_EQUAL(ring_unregister_eventfd(&ring), -ENXIO);
	CHECK_EQUAL(ring_register_personality(&ring), -EACCES);
	close_pair(pipe);
	close_ring(&ring);
	CHECK_HELD(before);
}

UNIT(an_enabled_ring_is_not_restricted)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	const struct io_uring_restriction rule = {.opcode = IORING_RESTRICTION_SQE_OP};
	int error = ring_restrict(&ring, &rule, 1);
	NEEDS(&ring, error, 5, 10, "restrictions");
	CHECK_EQUAL(error, -EBADFD);
	CHECK_EQUAL(ring_enable(&ring), -EBADFD);
	close_ring(&ring);
}

// The ring in the thread's table.

UNIT(a_ring_in_the_table_works_as_before)
{
	struct io_uring warm; // the first ring of a process leaves nothing that later ones do not
	RING_OR_SKIP(warm, 1);
	close_ring(&warm);
	for (unsigned round = 0; round < 40; round++) { // the table has 16 places
		struct held before = held_now();
		struct io_uring ring;
		RING_OR_SKIP(ring, 8);
		int error = ring_register_self(&ring);
		NEEDS(&ring, error, 5, 18, "table of rings");
		CHECK_EQUAL(error, 0);
		CHECK(ring.enter_ring_fd != ring.ring_fd && ring.enter_ring_fd < 16);
		CHECK_EQUAL(ring.int_flags, 1); // as liburing has it
		CHECK_EQUAL(ring_register_self(&ring), -EEXIST);
		CHECK_EQUAL(result_of(&ring, sqe_nop()), 0);
		CHECK_EQUAL(ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = 1000}), -ETIME);
		CHECK(ring_has(&ring, IORING_OP_NOP));
		if (round % 2 == 0) {
			CHECK_EQUAL(ring_unregister_self(&ring), 0);
			CHECK_EQUAL(ring.enter_ring_fd, ring.ring_fd);
			CHECK_EQUAL(ring.int_flags, 0);
			CHECK_EQUAL(ring_unregister_self(&ring), -EINVAL);
			CHECK_EQUAL(result_of(&ring, sqe_nop()), 0);
		}
		close_ring(&ring);
		CHECK_HELD(before);
	}
}

UNIT(the_table_of_rings_can_be_full)
{
	struct io_uring rings[17];
	for (unsigned i = 0; i < 17; i++)
		RING_OR_SKIP(rings[i], 1);
	int error = ring_register_self(&rings[0]);
	NEEDS(&rings[0], error, 5, 18, "table of rings");
	CHECK_EQUAL(error, 0);
	for (unsigned i = 1; i < 16; i++)
		CHECK_EQUAL(ring_register_self(&rings[i]), 0);
	CHECK_EQUAL(ring_register_self(&rings[16]), -EBUSY);
	CHECK_EQUAL(rings[16].enter_ring_fd, rings[16].ring_fd);
	close_ring(&rings[3]);
	CHECK_EQUAL(ring_register_self(&rings[16]), 0);
	for (unsigned i = 0; i < 17; i++) {
		if (i == 3)
			continue;
		CHECK_EQUAL(result_of(&rings[i], sqe_nop()), 0);
		close_ring(&rings[i]);
	}
}

// Workers.

// Which processors the one other thread of this process may use, as a mask; 0: there is no other.
static uint64_t cpus_of_worker(void)
{
	static uint8_t buffer[4096];
	uint64_t mask = 0;
	int fd = sys_openat(AT_FDCWD, "/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	CHECK(fd >= 0);
	for (long got; (got = sys_getdents64(fd, buffer, sizeof(buffer))) > 0;) {
		for (long at = 0; at < got; at += ((struct sys_dirent *)(buffer + at))->reclen) {
			int thread = 0;
			for (const char *digit = ((struct sys_dirent *)(buffer + at))->name;
			     *digit >= '0' && *digit <= '9'; digit++)
				thread = thread * 10 + (*digit - '0');
			if (thread != 0 && thread != sys_gettid())
				CHECK(syscall6(__NR_sched_getaffinity, thread, sizeof(mask), (long)&mask, 0, 0, 0) > 0);
		}
	}
	close_fd(fd);
	return mask;
}

UNIT(workers_run_where_they_may)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	uint64_t first = 1;
	int error = ring_register_worker_cpus(&ring, &first, sizeof(first));
	NEEDS(&ring, error, 5, 14, "processors for workers");
	CHECK_EQUAL(error, 0);

	struct pair pipe = make_pipe();
	uint8_t byte[1];
	struct io_uring_sqe read = sqe_read(pipe.read, SPAN(byte), SQE_AT_POSITION);
	read.flags |= IOSQE_ASYNC; // a worker sleeps in it
	CHECK_EQUAL(ring_push(&ring, read, 1), 0);
	CHECK_EQUAL(ring_submit(&ring, 0), 1);
	CHECK_EQUAL(cpus_of_worker(), 1);
	CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1);
	CHECK_EQUAL(ring_submit(&ring, 1), 0);
	CHECK_POP(&ring, 1, 1);

	CHECK_EQUAL(ring_register_worker_cpus(&ring, &first, 0), -EINVAL);
	CHECK_EQUAL(ring_register_worker_cpus(&ring, nullptr, 8), -EINVAL);
	CHECK_EQUAL(ring_unregister_worker_cpus(&ring), 0);
	close_pair(pipe);
	close_ring(&ring);
}

UNIT(workers_are_limited)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	unsigned limits[2] = {3, 5};
	int error = ring_limit_workers(&ring, limits);
	NEEDS(&ring, error, 5, 15, "limit of workers");
	CHECK_EQUAL(error, 0);
	CHECK(limits[0] > 3 && limits[1] > 5); // what it was before
	unsigned asked[2] = {0, 0};
	CHECK_EQUAL(ring_limit_workers(&ring, asked), 0);
	CHECK(asked[0] == 3 && asked[1] == 5);
	unsigned too_many[2] = {0, 1u << 31};
	CHECK_EQUAL(ring_limit_workers(&ring, too_many), -EINVAL);
	CHECK_EQUAL(ring_limit_workers(&ring, limits), 0);
	close_ring(&ring);
}

// Busy polling.

UNIT(busy_polling_is_set_and_told)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	struct ring_napi before = {.busy_us = 1};
	int error = ring_register_napi(&ring, (struct ring_napi){.busy_us = 50, .prefer_busy = true}, &before);
	NEEDS(&ring, error, 6, 9, "busy polling");
	if (error == -EINVAL || error == -EOPNOTSUPP) { // a matter of its configuration, NET_RX_BUSY_POLL
		close_ring(&ring);
		UNIT_SKIP(STR("this kernel is built without busy polling"));
	}
	CHECK_EQUAL(error, 0);
	CHECK(before.busy_us == 0 && !before.prefer_busy && !before.is_by_number);
	CHECK_EQUAL(ring_register_napi(&ring, (struct ring_napi){.busy_us = 1000000}, &before), 0);
	CHECK(before.busy_us == 50 && before.prefer_busy);
	CHECK_EQUAL(ring_register_napi(&ring, (struct ring_napi){.busy_us = 70}, nullptr), 0);
	CHECK_EQUAL(ring_unregister_napi(&ring, &before), 0);
	CHECK(before.busy_us == 70 && !before.prefer_busy);
	CHECK_EQUAL(ring_unregister_napi(&ring, nullptr), 0);
	close_ring(&ring);
}

UNIT(busy_polling_by_number)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	int error = ring_register_napi(&ring, (struct ring_napi){.busy_us = 10, .is_by_number = true}, nullptr);
	if (error == 0 && kernel_is_older(6, 13))
		error = -EINVAL; // it did not look at what it does not know
	NEEDS(&ring, error, 6, 13, "busy polling by number");
	if (error == -EINVAL || error == -EOPNOTSUPP) {
		close_ring(&ring);
		UNIT_SKIP(STR("this kernel is built without busy polling"));
	}
	CHECK_EQUAL(error, 0);
	CHECK_EQUAL(ring_napi_add(&ring, 100000), 0); // small numbers are processors, which have none
	CHECK_EQUAL(ring_napi_add(&ring, 100000), -EEXIST);
	CHECK_EQUAL(ring_napi_remove(&ring, 100000), 0);
	CHECK_EQUAL(ring_napi_remove(&ring, 100000), -ENOENT);
	struct ring_napi before = {};
	CHECK_EQUAL(ring_register_napi(&ring, (struct ring_napi){.busy_us = 10}, &before), 0);
	CHECK(before.is_by_number);
	CHECK_EQUAL(ring_napi_add(&ring, 100000), -EINVAL);
	CHECK_EQUAL(ring_napi_remove(&ring, 100000), -EINVAL);
	close_ring(&ring);
}

// Canceling.

UNIT(cancel_finds_what_it_is_told)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	struct pair pipes[2] = {make_pipe(), make_pipe()};
	uint8_t bytes[4][1];
	for (unsigned i = 0; i < 4; i++) // tokens 0 and 2 read from the one, 1 and 3 from the other
		CHECK_EQUAL(ring_push(&ring, sqe_read(pipes[i % 2].read, SPAN(bytes[i]), SQE_AT_POSITION), i), 0);
	CHECK_EQUAL(ring_push(&ring, sqe_poll(pipes[0].read, POLLIN), 4), 0);
	CHECK_EQUAL(ring_submit(&ring, 0), 5);

	CHECK_EQUAL(ring_cancel(&ring, (struct ring_cancel){.token = 2}), 0);
	CHECK_EQUAL(ring_submit(&ring, 1), 0);
	CHECK_POP(&ring, 2, -ECANCELED);
	CHECK_EQUAL(ring_cancel(&ring, (struct ring_cancel){.token = 2}), -ENOENT);

	struct ring_cancel by_fd = {
		.fd = pipes[1].read,
		.flags = IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_ALL,
		.timeout_ns = 1000000000,
	};
	CHECK_EQUAL(ring_cancel(&ring, by_fd), 2);
	CHECK_EQUAL(ring_submit(&ring, 2), 0);
	for (unsigned i = 0; i < 2; i++) {
		struct io_uring_cqe done = {};
		CHECK(ring_pop(&ring, &done));
		CHECK(done.res == -ECANCELED && (done.user_data == 1 || done.user_data == 3));
	}
	int none = ring_cancel(&ring, by_fd);
	CHECK(none == 0 || none == -ENOENT);

	int found =
		ring_cancel(&ring, (struct ring_cancel){.opcode = IORING_OP_POLL_ADD, .flags = IORING_ASYNC_CANCEL_OP});
	if (found != -EINVAL || !kernel_is_older(6, 6)) {
		CHECK_EQUAL(found, 0);
		CHECK_EQUAL(ring_submit(&ring, 1), 0);
		CHECK_POP(&ring, 4, -ECANCELED);
	}
	struct ring_cancel any = {.flags = IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL};
	CHECK(ring_cancel(&ring, any) >= 1);
	CHECK_EQUAL(ring_submit(&ring, 1), 0);
	CHECK_POP(&ring, 0, -ECANCELED);
	CHECK_EMPTY(&ring);

	CHECK_EQUAL(ring_cancel(&ring, (struct ring_cancel){.fd = 9999, .flags = IORING_ASYNC_CANCEL_FD}), -EBADF);
	CHECK_EQUAL(ring_cancel(&ring, (struct ring_cancel){.timeout_ns = -1}), -EINVAL);
	CHECK_EQUAL(ring_cancel(&ring, (struct ring_cancel){.flags = 1u << 31}), -EINVAL);
	close_pair(pipes[0]);
	close_pair(pipes[1]);
	close_ring(&ring);
}

// A worker in the middle of a splice is woken, and has ended when the call returns, unless the time is over before.
UNIT(cancel_waits_for_a_worker)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	struct pair from = make_pipe();
	struct pair to = make_pipe();
	struct io_uring_sqe splice = sqe_splice(from.read, SQE_AT_POSITION, to.write, SQE_AT_POSITION, 1, 0);
	static const int64_t limits[] = {0, 5000000000, 1};
	unsigned over = 0; // already, because what woke the worker out of the last one came late, and met this one
	for (unsigned i = 0; i < 30; i++) {
		CHECK_EQUAL(ring_push(&ring, splice, 1), 0);
		CHECK_EQUAL(ring_submit(&ring, 0), 1);
		int error = ring_cancel(&ring, (struct ring_cancel){.token = 1, .timeout_ns = limits[i % 3]});
		over += error == -ENOENT;
		if (error != -ENOENT && (error != -ETIME || limits[i % 3] != 1))
			CHECK_EQUAL(error, 0);
		CHECK_EQUAL(ring_submit(&ring, 1), 0);
		struct io_uring_cqe done = {};
		CHECK(ring_pop(&ring, &done));
		CHECK(done.res < 0); // -ECANCELED, -EINTR, or a number that is the kernel's own (512, ERESTARTSYS)
	}
	CHECK(over < 10);
	close_pair(from);
	close_pair(to);
	close_ring(&ring);
}

// Messages.

UNIT(a_message_without_a_ring)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	if (ring_engine(&ring) != &ring_kernel) {
		close_ring(&ring);
		UNIT_SKIP(STR("the emulation has no ring that the kernel knows"));
	}
	int error = ring_send_message(ring.ring_fd, -42, 7, 0);
	NEEDS(&ring, error, 6, 13, "message without a ring");
	CHECK_EQUAL(error, 0);
	CHECK_POP(&ring, 7, -42);
	ring_unasked(&ring);
	CHECK_EQUAL(result_of(&ring, sqe_nop()), 0); // it counts what is in flight rightly

	CHECK_EQUAL(ring_send_message(ring.ring_fd, 1, 8, 1u << 31), 0);
	struct io_uring_cqe done = {};
	CHECK(ring_pop(&ring, &done));
	CHECK(done.user_data == 8 && done.res == 1 && done.flags == 1u << 31);
	ring_unasked(&ring);

	int child = fork_child();
	if (child == 0)
		sys_exit_group(ring_send_message(ring.ring_fd, 3, 9, 0) == 0 ? 0 : 1);
	CHECK_EQUAL(ring_submit(&ring, 1), 0);
	CHECK_POP(&ring, 9, 3);
	ring_unasked(&ring);
	CHECK_EQUAL(wait_child(child), 0);

	struct pair pipe = make_pipe();
	CHECK_EQUAL(ring_send_message(pipe.read, 0, 0, 0), -EBADFD);
	CHECK_EQUAL(ring_send_message(9999, 0, 0, 0), -EBADF);
	close_pair(pipe);
	int64_t start = monotonic_ns();
	close_ring(&ring);
	CHECK(monotonic_ns() - start < 1000000000);
}

// Waiting.

static int64_t now_of(int clock)
{
	struct __kernel_timespec now = {};
	CHECK_EQUAL(sys_clock_gettime(clock, &now), 0);
	return now.tv_sec * 1000000000 + now.tv_nsec;
}

UNIT(the_clock_of_waits)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	int boottime = 7, realtime = 0; // [linux/time.h, CLOCK_BOOTTIME, CLOCK_REALTIME]
	int error = ring_register_clock(&ring, (uint32_t)boottime);
	NEEDS(&ring, error, 6, 12, "clock to choose");
	CHECK_EQUAL(error, 0);
	int64_t until = now_of(boottime) + 3000000;
	CHECK_EQUAL(ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = until, .absolute = true}), -ETIME);
	int64_t late = now_of(boottime) - until;
	CHECK(late >= 0 && late < 2000000000);
	CHECK_EQUAL(ring_register_clock(&ring, (uint32_t)realtime), -EINVAL);
	CHECK_EQUAL(ring_register_clock(&ring, 1), 0);
	close_ring(&ring);
}

UNIT(waits_that_are_registered)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8, .disabled = true);
	size_t size = 65536; // a page, whatever its size
	long start = sys_mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(!sys_failed(start));
	struct io_uring_reg_wait *waits = (struct io_uring_reg_wait *)start;
	struct span memory = {(uint8_t *)start, size};
	int error = ring_register_waits(&ring, memory);
	if (error != 0)
		CHECK_EQUAL(sys_munmap(waits, size), 0);
	NEEDS(&ring, error, 6, 13, "registered waits");
	CHECK_EQUAL(error, 0);
	CHECK_EQUAL(ring_register_waits(&ring, memory), -EBUSY);
	CHECK_EQUAL(ring_enable(&ring), 0);

	unsigned last = (unsigned)(size / sizeof(*waits)) - 2; // behind it is one that the kernel does not find
	waits[last].ts.tv_nsec = 2000000;
	waits[last].flags = IORING_REG_WAIT_TS;
	int64_t began = monotonic_ns();
	CHECK_EQUAL(ring_wait_registered(&ring, 1, last), -ETIME);
	int64_t lasted = monotonic_ns() - began;
	CHECK(lasted >= 2000000 && lasted < 2000000000);
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 1), 0);
	CHECK_EQUAL(ring_wait_registered(&ring, 1, last), 1);
	CHECK_POP(&ring, 1, 0);
	waits[0] = waits[1] = waits[last];
	waits[1].flags |= 1u << 31;
	CHECK_EQUAL(ring_wait_registered(&ring, 1, 0), -ETIME);
	CHECK_EQUAL(ring_wait_registered(&ring, 1, 1), -EINVAL);
	CHECK_EQUAL(ring_wait_registered(&ring, 1, last + 1), -EFAULT);
	CHECK_EQUAL(ring_wait_registered(&ring, 1, UINT32_MAX), -EFAULT);
	close_ring(&ring);
	CHECK_EQUAL(sys_munmap(waits, size), 0);
}

UNIT(waits_are_registered_only_before)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	static _Alignas(65536) uint8_t page[65536];
	CHECK_EQUAL(ring_register_waits(&ring, SPAN(page)), -EINVAL); // it is enabled
	close_ring(&ring);
	RING_OR_SKIP(ring, 8, .disabled = true);
	CHECK_EQUAL(ring_register_waits(&ring, (struct span){page + 64, 4096}), -EINVAL);
	CHECK_EQUAL(ring_register_waits(&ring, (struct span){page, 100}), -EINVAL);
	CHECK(ring_register_waits(&ring, (struct span){nullptr, 4096}) < 0);
	close_ring(&ring);
}

// What there is.

UNIT(the_kernel_is_asked_what_it_can)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 1);
	if (ring_engine(&ring) != &ring_kernel) {
		close_ring(&ring);
		UNIT_SKIP(STR("the emulation has no query"));
	}
	struct io_uring_query_opcode can = {};
	int known = ring_query(IO_URING_QUERY_OPCODES, &can, sizeof(can));
	NEEDS(&ring, known, 6, 18, "query");
	CHECK(known >= 40 && known <= (int)sizeof(can));
	CHECK(can.nr_request_opcodes > IORING_OP_READ && can.nr_register_opcodes > IORING_REGISTER_QUERY);
	CHECK_EQUAL(can.feature_flags & ring.features, ring.features);
	CHECK_EQUAL(can.ring_setup_flags & ring.flags, ring.flags);

	uint32_t few = 0;
	CHECK_EQUAL(ring_query(IO_URING_QUERY_OPCODES, &few, sizeof(few)), sizeof(few));
	CHECK_EQUAL(few, can.nr_request_opcodes);
	CHECK_EQUAL(ring_query(9999, &can, sizeof(can)), -EOPNOTSUPP);
	CHECK_EQUAL(ring_query(IO_URING_QUERY_OPCODES, nullptr, sizeof(can)), -EFAULT);
	close_ring(&ring);
}

// Only how it is called: the rest needs a network card that can do it.
UNIT(zero_copy_receive_wants_a_card)
{
	struct io_uring ring;
	if (wants_emulation())
		UNIT_SKIP(STR("the emulation has no wide completions"));
	RING_OR_SKIP(ring, 8, .single_issuer = true, .defer_taskrun = true, .cqe32 = true);
	struct io_uring_region_desc region = {};
	struct io_uring_zcrx_area_reg area = {};
	struct io_uring_zcrx_ifq_reg queue = {
		.if_idx = 1, // the loopback, which has no such queue
		.rq_entries = 8,
		.area_ptr = (uintptr_t)&area,
		.region_ptr = (uintptr_t)&region,
	};
	CHECK(ring_register_zcrx(&ring, &queue) < 0);
	CHECK(ring_control_zcrx(&ring, &(struct zcrx_ctrl){}) < 0);
	close_ring(&ring);
}
