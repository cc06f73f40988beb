// tests/unit/ring_do_each.c: each operation that ring_do stands in for (read, write, openat, close, send, recv, accept, statx,
// fsync), to its end, with other completions before it, after it and between: none is lost, none changes its place.
// For either engine.
#include "ring/ring.h"

#include "tests/unit/ring_unit.h"

static uint8_t other_bytes[4][1];

// Things that complete around the one that is done: two that are there already, two that are pushed with it, and two reads of
// a pipe that a child wakes while it runs, if it runs long enough.
struct company {
	struct io_uring ring;
	struct pair pipe;
};

enum { OLD = 10, FRESH = 20, LATER = 30 };

static bool company_open(struct company *company, struct ring_options options)
{
	if (!open_or_skip(&company->ring, 8, options))
		return false;
	company->pipe = make_pipe();
	return true;
}

static void company_gather(struct company *company)
{
	struct io_uring *ring = &company->ring;
	CHECK_EQUAL(ring_push(ring, sqe_nop(), OLD), 0);
	CHECK_EQUAL(ring_push(ring, sqe_nop(), OLD + 1), 0);
	CHECK_EQUAL(ring_submit(ring, 2), 2);
	CHECK_EQUAL(ring_ready(ring), 2);
	for (unsigned i = 0; i < 2; i++) {
		struct io_uring_sqe read = sqe_read(company->pipe.read, SPAN(other_bytes[i]), SQE_AT_POSITION);
		CHECK_EQUAL(ring_push(ring, read, LATER + i), 0);
	}
	CHECK_EQUAL(ring_push(ring, sqe_nop(), FRESH), 0);
	CHECK_EQUAL(ring_push(ring, sqe_nop(), FRESH + 1), 0);
}

// All of them are there, once; those that were ready before are first, in their order, and so are the nops.
static void company_leaves(struct company *company)
{
	struct io_uring *ring = &company->ring;
	CHECK_EQUAL(sys_write(company->pipe.write, "xy", 2), 2);
	CHECK_POP(ring, OLD, 0);
	CHECK_POP(ring, OLD + 1, 0);
	unsigned fresh = 0, later = 0;
	uint64_t last = 0;
	while (fresh + later < 4) {
		struct io_uring_cqe done = {};
		if (!ring_pop(ring, &done)) {
			int waited = ring_wait(ring, 1, (struct ring_wait){.timeout_ns = 10000000000});
			if (!CHECK(waited >= 0))
				return;
			continue;
		}
		if (done.user_data >= LATER) {
			CHECK(done.user_data <= LATER + 1 && done.user_data != last); // in either order
			last = done.user_data;
			later++;
			CHECK_EQUAL(done.res, 1);
		} else {
			CHECK_EQUAL(done.user_data, FRESH + fresh++);
			CHECK_EQUAL(done.res, 0);
		}
	}
	CHECK_EMPTY(ring);
}

static void company_close(struct company *company)
{
	close_pair(company->pipe);
	close_ring(&company->ring);
}

// Does `sqe` in company. Its result, or an error of ring_do.
static int in_company(struct company *company, struct io_uring_sqe sqe)
{
	company_gather(company);
	struct io_uring_cqe done = {.user_data = 1};
	int error = ring_do(&company->ring, sqe, &done);
	CHECK_EQUAL(error, 0);
	CHECK_EQUAL(done.user_data, 0);
	company_leaves(company);
	return error != 0 ? error : done.res;
}

static const struct ring_options each_kinds[] = {
	{},
	{.submit_all = true},
	{.coop_taskrun = true, .single_issuer = true},
	{.single_issuer = true, .defer_taskrun = true},
	{.sqpoll = true},
};
#define EACH_KINDS kinds_with_poller(sizeof(each_kinds) / sizeof(each_kinds[0]))

// Begins a test that is run with every kind of ring.
#define EACH(name)                                                    \
	static void do_##name(struct company *company);               \
	UNIT(name)                                                    \
	{                                                             \
		for (size_t i = 0; i < EACH_KINDS; i++) {             \
			struct company company;                       \
			if (!company_open(&company, each_kinds[i]))   \
				return;                               \
			for (unsigned round = 0; round < 10; round++) \
				do_##name(&company);                  \
			company_close(&company);                      \
		}                                                     \
	}                                                             \
	static void do_##name(struct company *company)

static int make_file(void)
{
	int fd = sys_openat(AT_FDCWD, "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	return fd;
}

// A child that writes to `fd` a little later.
static int write_later(int fd, struct str bytes)
{
	int child = fork_child();
	if (child == 0) {
		sleep_ms(3);
		(void)sys_write(fd, bytes.ptr, bytes.len);
		sys_exit_group(0);
	}
	return child;
}

EACH(read)
{
	struct pair pipe = make_pipe();
	uint8_t bytes[8] = {};
	int child = write_later(pipe.write, STR("later"));
	CHECK_EQUAL(in_company(company, sqe_read(pipe.read, SPAN(bytes), SQE_AT_POSITION)), 5);
	CHECK_BYTES(bytes, "later", 5);
	CHECK_EQUAL(wait_child(child), 0);
	close_pair(pipe);
}

EACH(write)
{
	int fd = make_file();
	uint8_t bytes[8] = {};
	CHECK_EQUAL(in_company(company, sqe_write(fd, STR("bytes"), 3)), 5);
	CHECK_EQUAL(sys_lseek(fd, 3, 0), 3);
	CHECK_EQUAL(sys_read(fd, bytes, sizeof(bytes)), 5);
	CHECK_BYTES(bytes, "bytes", 5);
	close_fd(fd);
}

EACH(openat)
{
	int fd = in_company(company, sqe_openat(AT_FDCWD, "/proc/self/stat", O_RDONLY | O_CLOEXEC, 0));
	uint8_t byte[1];
	if (CHECK(fd >= 0)) {
		CHECK_EQUAL(sys_read(fd, byte, 1), 1);
		close_fd(fd);
	}
	CHECK_EQUAL(in_company(company, sqe_openat(AT_FDCWD, "/no/such", O_RDONLY, 0)), -ENOENT);
}

EACH(close)
{
	int fd = make_dup(SYS_STDOUT);
	CHECK_EQUAL(in_company(company, sqe_close(fd)), 0);
	CHECK_EQUAL(sys_close(fd), -EBADF);
}

EACH(send)
{
	struct pair sockets = make_sockets();
	uint8_t bytes[8] = {};
	CHECK_EQUAL(in_company(company, sqe_send(sockets.write, STR("sent"), 0)), 4);
	CHECK_EQUAL(sys_read(sockets.read, bytes, sizeof(bytes)), 4);
	CHECK_BYTES(bytes, "sent", 4);
	close_pair(sockets);
}

EACH(recv)
{
	struct pair sockets = make_sockets();
	uint8_t bytes[8] = {};
	int child = write_later(sockets.write, STR("came"));
	CHECK_EQUAL(in_company(company, sqe_recv(sockets.read, SPAN(bytes), 0)), 4);
	CHECK_BYTES(bytes, "came", 4);
	CHECK_EQUAL(wait_child(child), 0);
	close_pair(sockets);
}

EACH(accept)
{
	struct sockaddr_in address;
	int listener = make_listener(&address);
	int child = fork_child();
	if (child == 0) {
		sleep_ms(3);
		sys_exit_group(make_connection(&address) < 0);
	}
	int fd = in_company(company, sqe_accept(listener, nullptr, nullptr, SOCK_CLOEXEC));
	if (CHECK(fd >= 0))
		close_fd(fd);
	CHECK_EQUAL(wait_child(child), 0);
	close_fd(listener);
}

EACH(statx)
{
	int fd = make_file();
	CHECK_EQUAL(sys_write(fd, "12345", 5), 5);
	struct statx about = {};
	CHECK_EQUAL(in_company(company, sqe_statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &about)), 0);
	CHECK_EQUAL(about.stx_size, 5);
	close_fd(fd);
}

EACH(fsync)
{
	int fd = make_file();
	CHECK_EQUAL(sys_write(fd, "12345", 5), 5);
	CHECK_EQUAL(in_company(company, sqe_fsync(fd, 0)), 0);
	CHECK_EQUAL(in_company(company, sqe_fsync(fd, IORING_FSYNC_DATASYNC)), 0);
	CHECK_EQUAL(in_company(company, sqe_fsync(-1, 0)), -EBADF);
	close_fd(fd);
}

// A signal during the read: whoever returns then and takes the buffer back finds the bytes of later in it. The alarm comes
// first, the bytes long after it, and the buffer is looked at when the ring has gone on to other things.
UNIT(a_signal_does_not_give_the_buffer_back_early)
{
	for (size_t kind = 0; kind < EACH_KINDS; kind++) {
		struct io_uring ring;
		if (!open_or_skip(&ring, 8, each_kinds[kind]))
			return;
		struct pair pipe = make_pipe();
		uint8_t bytes[8] = {};
		struct io_uring_cqe done = {};
		alarm_writes[0] = (struct alarm_write){10, pipe.write, STR("LATE")};
		alarm_every_us(2000);
		int error = ring_do(&ring, sqe_read(pipe.read, SPAN(bytes), SQE_AT_POSITION), &done);
		bool has_come = bytes[0] == 'L';
		for (unsigned i = 0; i < 4; i++)
			bytes[i] = 'm'; // mine again
		for (int64_t limit = monotonic_ns() + 10000000000; alarms < 10 && monotonic_ns() < limit;)
			sleep_ms(1);
		alarm_every_us(0);
		struct io_uring_cqe next = {};
		CHECK_EQUAL(ring_do(&ring, sqe_nop(), &next), 0);
		CHECK_EQUAL(next.res, 0); // not the read's
		CHECK_EQUAL(error, 0);
		CHECK_EQUAL(done.res, 4);
		CHECK(has_come);
		CHECK(alarms >= 10);
		CHECK_BYTES(bytes, "mmmm", 4);
		CHECK_EMPTY(&ring);
		close_pair(pipe);
		close_ring(&ring);
	}
}

// [ring.h] What was refused was not submitted, and never runs.
UNIT(what_is_refused_does_not_run)
{
	for (size_t kind = 0; kind < EACH_KINDS; kind++) {
		struct io_uring ring;
		struct ring_options options = each_kinds[kind];
		options.cq_entries = 8;
		if (!open_or_skip(&ring, 8, options))
			return;
		struct pair pipe = make_pipe();
		struct io_uring_sqe write = sqe_write(pipe.write, STR("no"), SQE_AT_POSITION);
		struct io_uring_cqe done;

		// Where its completion might find no place: eight are in flight, pushed, taken, or ready.
		for (unsigned i = 0; i < 8; i++)
			CHECK_EQUAL(ring_push(&ring, sqe_nop(), i), 0);
		CHECK_EQUAL(ring_do(&ring, write, &done), -EBUSY);
		CHECK_EQUAL(ring_submit(&ring, 8), 8);
		CHECK_EQUAL(ring_do(&ring, write, &done), -EBUSY);
		CHECK_POP(&ring, 0, 0);
		CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), 0);
		for (unsigned i = 1; i < 8; i++)
			CHECK_POP(&ring, i, 0);

		// Where messages that it did not ask for fill the queue.
		if (!options.sqpoll) {
			for (unsigned i = 0; i < 8; i++)
				CHECK_EQUAL(ring_push(&ring, sqe_silent(sqe_msg_ring(ring.ring_fd, i, 0)), i), 0);
			CHECK_EQUAL(ring_submit(&ring, 8), 8);
			CHECK_EQUAL(ring_ready(&ring), 8);
			CHECK_EQUAL(ring_do(&ring, write, &done), -EBUSY);
			for (unsigned i = 0; i < 8; i++)
				CHECK_POP(&ring, i, 0);
		}

		// In a chain that is open.
		CHECK_EQUAL(ring_push(&ring, sqe_hardlinked(sqe_nop()), 1), 0);
		CHECK_EQUAL(ring_do(&ring, write, &done), -EBUSY);
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), 2), 0);
		CHECK_EQUAL(ring_submit(&ring, 2), 2);
		CHECK_POP(&ring, 1, 0);
		CHECK_POP(&ring, 2, 0);

		// What has no one end.
		CHECK_EQUAL(ring_do(&ring, sqe_linked(write), &done), -EINVAL);
		CHECK_EQUAL(ring_do(&ring, sqe_silent(write), &done), -EINVAL);
		CHECK_EQUAL(ring_do(&ring, sqe_poll_multishot(pipe.read, POLLIN), &done), -EINVAL);

		struct pollfd poll = {.fd = pipe.read, .events = POLLIN};
		CHECK_EQUAL(sys_ppoll(&poll, 1, &(struct __kernel_timespec){}, nullptr), 0);
		CHECK_EMPTY(&ring);
		close_pair(pipe);
		close_ring(&ring);
	}
}
