// tests/unit/ring_close.c: when ring_close has returned, nothing of the ring lives on: no port, no pipe, no memory lent.
//
// For either engine.
#include "ring/ring.h"

#include <linux/userfaultfd.h>

#include "tests/unit/ring_unit.h"

static uint8_t bytes[16];

static struct io_uring_sqe sqe_pipe_read(int fd)
{
	return sqe_read(fd, SPAN(bytes), SQE_AT_POSITION);
}

// Whether the reading end is gone: nobody else holds it. SIGPIPE must be ignored.
static bool is_broken(int write_end)
{
	return sys_write(write_end, "x", 1) == -EPIPE;
}

UNIT(close_gives_everything_back)
{
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		struct io_uring ring;
		struct held before = held_now();
		if (!open_or_skip(&ring, 64, ring_kinds[kind]))
			return;
		close_ring(&ring);
		CHECK_EQUAL(ring.ring_fd, -1);
		CHECK_HELD(before);
		if (!open_or_skip(&ring, 8, ring_kinds[kind]))
			return;
		for (unsigned i = 0; i < 50; i++) { // popped by nobody, far more than fit
			for (unsigned j = 0; j < 8; j++)
				(void)!ring_push(&ring, sqe_nop(), j);
			(void)!ring_submit(&ring, 0);
		}
		close_ring(&ring);
		CHECK_HELD(before);
	}
}

UNIT(close_ends_pending_reads)
{
	CHECK_EQUAL(signal_ignore(SIGPIPE), 0);
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		struct io_uring ring;
		if (!open_or_skip(&ring, 64, ring_kinds[kind]))
			return;
		struct pair pipe = make_pipe();
		for (unsigned i = 0; i < 64; i++)
			CHECK_EQUAL(ring_push(&ring, sqe_pipe_read(pipe.read), i), 0);
		CHECK_EQUAL(ring_submit(&ring, 0), 64);
		close_fd(pipe.read); // the operations hold it now
		close_ring(&ring);
		CHECK(is_broken(pipe.write));
		close_fd(pipe.write);
	}
}

UNIT(close_frees_a_port)
{
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		for (int multishot = 0; multishot < 2; multishot++) {
			struct io_uring ring;
			if (!open_or_skip(&ring, 8, ring_kinds[kind]))
				return;
			struct sockaddr_in address;
			int listener = make_listener(&address);
			struct io_uring_sqe accept = multishot ? sqe_accept_multishot(listener, SOCK_CLOEXEC)
							       : sqe_accept(listener, nullptr, nullptr, SOCK_CLOEXEC);
			CHECK_EQUAL(ring_push(&ring, accept, 1), 0);
			CHECK_EQUAL(ring_submit(&ring, 0), 1);
			close_fd(listener);
			close_ring(&ring);

			int again = sys_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
			CHECK_EQUAL(sys_bind(again, &address, sizeof(address)), 0);
			CHECK_EQUAL(sys_listen(again, 1), 0);
			close_fd(again);
		}
	}
}

UNIT(close_ends_operations_of_every_sort)
{
	CHECK_EQUAL(signal_ignore(SIGPIPE), 0);
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		struct held before = held_now();
		struct io_uring ring;
		if (!open_or_skip(&ring, 16, ring_kinds[kind]))
			return;
		struct pair pipe = make_pipe(), sockets = make_sockets();
		struct __kernel_timespec hour = {.tv_sec = 3600};
		struct io_uring_sqe poll = sqe_of(IORING_OP_POLL_ADD, pipe.read, nullptr, 0, 0);
		poll.poll32_events = POLLIN;
		struct io_uring_sqe poll_on = poll;
		poll_on.len = IORING_POLL_ADD_MULTI;
		struct io_uring_sqe async = sqe_pipe_read(pipe.read);
		async.flags |= IOSQE_ASYNC; // a worker thread waits in read(2)
		struct io_uring_sqe drained = sqe_nop();
		drained.flags |= IOSQE_IO_DRAIN; // waits for all before it
		struct io_uring_sqe entries[] = {
			poll,
			poll_on,
			async,
			sqe_timeout(&hour, 0, 0),
			sqe_timeout(&hour, 100, 0),
			sqe_recv(sockets.read, SPAN(bytes), 0),
			sqe_linked(sqe_pipe_read(pipe.read)),
			sqe_pipe_read(pipe.read),
			drained,
		};
		int count = (int)(sizeof(entries) / sizeof(entries[0]));
		for (int i = 0; i < count; i++)
			CHECK_EQUAL(ring_push(&ring, entries[i], (uint64_t)i), 0);
		CHECK_EQUAL(ring_submit(&ring, 0), count);
		sleep_ms(5); // the worker is at it
		close_fd(pipe.read);
		close_fd(sockets.read);
		int64_t start = monotonic_ns();
		close_ring(&ring);
		CHECK(monotonic_ns() - start < 4000000000); // canceled, not given up
		CHECK(is_broken(pipe.write));
		CHECK(is_broken(sockets.write));
		close_fd(pipe.write);
		close_fd(sockets.write);
		CHECK_HELD(before);
	}
}

// A hard link holds though the entry before it was canceled: then the next one starts, while we are closing.
UNIT(close_ends_a_hard_linked_chain)
{
	CHECK_EQUAL(signal_ignore(SIGPIPE), 0);
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		struct ring_options options = ring_kinds[kind];
		options.close_ms = 2000;
		struct io_uring ring;
		if (!open_or_skip(&ring, 8, options))
			return;
		struct pair pipe = make_pipe();
		struct io_uring_sqe read = sqe_pipe_read(pipe.read);
		read.flags |= IOSQE_IO_HARDLINK;
		for (unsigned i = 0; i < 7; i++)
			CHECK_EQUAL(ring_push(&ring, read, i), 0);
		CHECK_EQUAL(ring_push(&ring, sqe_pipe_read(pipe.read), 7), 0);
		CHECK_EQUAL(ring_submit(&ring, 0), 8);
		close_ring(&ring); // the pipe is open: an operation looks its descriptor up when it starts
		close_fd(pipe.read);
		CHECK(is_broken(pipe.write));
		close_fd(pipe.write);
	}
}

// Workers that sit in system calls take a signal to cancel, and our own alarms interrupt whoever waits for them.
UNIT(close_is_not_disturbed_by_signals)
{
	CHECK_EQUAL(signal_ignore(SIGPIPE), 0);
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		for (unsigned round = 0; round < 20; round++) {
			struct io_uring ring;
			if (!open_or_skip(&ring, 32, ring_kinds[kind]))
				return;
			struct pair pipe = make_pipe();
			struct io_uring_sqe read = sqe_pipe_read(pipe.read);
			read.flags |= IOSQE_ASYNC;
			for (unsigned i = 0; i < 8; i++) {
				CHECK_EQUAL(ring_push(&ring, read, i), 0);
				CHECK_EQUAL(ring_push(&ring, sqe_pipe_read(pipe.read), i), 0);
			}
			CHECK_EQUAL(ring_submit(&ring, 0), 16);
			sleep_ms(1);
			close_fd(pipe.read);
			alarm_every_us(100);
			int error = ring_close(&ring);
			alarm_every_us(0);
			CHECK_EQUAL(error, 0);
			CHECK(is_broken(pipe.write));
			close_fd(pipe.write);
		}
	}
}

UNIT(close_does_not_run_what_was_not_submitted)
{
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		for (int quick = 0; quick < 2; quick++) {
			struct io_uring ring;
			struct ring_options options = ring_kinds[kind];
			options.close_quick = quick != 0;
			if (!open_or_skip(&ring, 8, options))
				return;
			struct pair pipe = make_pipe();
			CHECK_EQUAL(ring_push(&ring, sqe_pipe_read(pipe.read), 0), 0);
			CHECK_EQUAL(ring_submit(&ring, 0), 1); // so that there is something to cancel, too
			for (unsigned i = 1; i < 8; i++)
				CHECK_EQUAL(ring_push(&ring, sqe_write(pipe.write, STR("no"), SQE_AT_POSITION), i), 0);
			close_ring(&ring);
			sleep_ms(quick ? 20 : 0);
			struct pollfd poll = {.fd = pipe.read, .events = POLLIN};
			CHECK_EQUAL(sys_ppoll(&poll, 1, &(struct __kernel_timespec){}, nullptr), 0);
			close_pair(pipe);
		}
	}
}

UNIT(close_quick_does_not_wait)
{
	CHECK_EQUAL(signal_ignore(SIGPIPE), 0);
	struct held before = held_now();
	struct io_uring ring;
	RING_OR_SKIP(ring, 8, .close_quick = true);
	struct pair pipe = make_pipe();
	CHECK_EQUAL(ring_push(&ring, sqe_pipe_read(pipe.read), 1), 0);
	CHECK_EQUAL(ring_submit(&ring, 0), 1);
	close_fd(pipe.read);
	close_ring(&ring);
	// The kernel ends the read on its own, after a while.
	int64_t limit = monotonic_ns() + 10000000000;
	while (!is_broken(pipe.write) && monotonic_ns() < limit)
		sleep_ms(1);
	CHECK(is_broken(pipe.write));
	close_fd(pipe.write);
	CHECK_HELD(before);
}

// A worker stands still in the middle of a write(2), because the page that it copies from is not there and whoever should
// supply it (userfaultfd) does not yet. No signal ends that.
UNIT(close_gives_up_and_can_be_called_again)
{
	if (wants_emulation())
		UNIT_SKIP(STR("the emulation has no worker that could hang alone"));
	struct held before = held_now();
	struct io_uring ring;
	RING_OR_SKIP(ring, 8, .close_ms = 50);
	int faults =
		(int)syscall6(__NR_userfaultfd, O_CLOEXEC | O_NONBLOCK /* else it cannot be polled */, 0, 0, 0, 0, 0);
	if (faults < 0) {
		close_ring(&ring);
		if (faults == -ENOSYS)
			UNIT_SKIP(STR("this kernel has no userfaultfd"));
		UNIT_SKIP(STR("userfaultfd is not allowed"));
	}
	struct uffdio_api api = {.api = UFFD_API};
	CHECK_EQUAL(syscall6(__NR_ioctl, faults, UFFDIO_API, (long)&api, 0, 0, 0), 0);
	size_t size = 65536;
	long page = sys_mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_range range = {.start = (uint64_t)page, .len = size};
	struct uffdio_register missing = {.range = range, .mode = UFFDIO_REGISTER_MODE_MISSING};
	CHECK_EQUAL(syscall6(__NR_ioctl, faults, UFFDIO_REGISTER, (long)&missing, 0, 0, 0), 0);

	struct pair pipe = make_pipe();
	struct io_uring_sqe write = sqe_write(pipe.write, (struct str){(const char *)page, 4}, SQE_AT_POSITION);
	write.flags |= IOSQE_ASYNC;
	CHECK_EQUAL(ring_push(&ring, write, 1), 0);
	CHECK_EQUAL(ring_submit(&ring, 0), 1);
	struct pollfd fault = {.fd = faults, .events = POLLIN};
	CHECK_EQUAL(sys_ppoll(&fault, 1, &(struct __kernel_timespec){.tv_sec = 10}, nullptr), 1);

	int64_t start = monotonic_ns();
	CHECK_EQUAL(ring_close(&ring), -ETIME);
	CHECK(monotonic_ns() - start >= 50000000);
	CHECK_EQUAL(ring_close(&ring), -ETIME);
	alarm_every_us(2000); // signals do not start the time anew
	int error = ring_close(&ring);
	alarm_every_us(0);
	CHECK_EQUAL(error, -ETIME);
	CHECK(ring.ring_fd >= 0);
	struct uffdio_zeropage zero = {.range = range};
	CHECK_EQUAL(syscall6(__NR_ioctl, faults, UFFDIO_ZEROPAGE, (long)&zero, 0, 0, 0), 0);
	close_ring(&ring);
	close_pair(pipe);
	close_fd(faults);
	CHECK_EQUAL(sys_munmap((void *)page, size), 0);
	CHECK_HELD(before);
}

// A silent operation that fails says so, and nobody behind it in its chain says anything: what was pushed and what was popped
// do not add up any more. [io_uring_enter(2), IOSQE_CQE_SKIP_SUCCESS]
UNIT(a_chain_that_was_hushed)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8, .close_ms = 1000);
	struct pair ends = make_pipe();
	CHECK_EQUAL(ring_push(&ring, sqe_silent(sqe_linked(sqe_poll(ends.read, POLLIN))), 1), 0);
	for (uint64_t token = 2; token < 5; token++)
		CHECK_EQUAL(ring_push(&ring, sqe_linked(sqe_nop()), token), 0);
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 5), 0);
	CHECK_EQUAL(ring_submit(&ring, 0), 5);
	close_ring(&ring);
	close_pair(ends);
}
