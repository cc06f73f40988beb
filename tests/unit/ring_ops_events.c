// tests/unit/ring_ops_events.c: every builder of sqe_events.h, for real. [ring_op.h]
#include <linux/eventpoll.h>
#include <linux/futex.h>
#include <linux/poll.h>
#include <linux/wait.h>

#include "tests/unit/ring_op.h"

static const struct __kernel_timespec hour = {.tv_sec = 3600}, moment = {.tv_nsec = 10000000};

OP(poll, IORING_OP_POLL_ADD)
{
	struct pair pipe = make_pipe();
	CHECK_EQUAL(result_of(ring, sqe_poll(pipe.write, POLLOUT)), POLLOUT); // at once
	push(ring, sqe_poll(pipe.read, POLLIN), 1);
	push(ring, sqe_nop(), 2);
	submit(ring, 2);
	NEXT_IS(2, 0);
	CHECK_EMPTY(ring);
	CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1);
	struct io_uring_cqe done = NEXT_IS(1, POLLIN);
	CHECK_EQUAL(done.flags & IORING_CQE_F_MORE, 0);
	close_fd(pipe.write);
	CHECK_EQUAL(result_of(ring, sqe_poll(pipe.read, 0)), POLLHUP); // nobody asked, and yet
	close_fd(pipe.read);
	CHECK_EQUAL(result_of(ring, sqe_poll(-1, POLLIN)), -EBADF);
}

OP(poll_multishot, IORING_OP_POLL_ADD)
{
	struct pair pipe = make_pipe();
	uint8_t bytes[8];
	push(ring, sqe_poll_multishot(pipe.read, POLLIN), 1);
	submit(ring, 1);
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1);
		struct io_uring_cqe done = next(ring);
		UNLESS_EMULATION_LACKS(done.res);
		CHECK_EQUAL(done.user_data, 1);
		CHECK_EQUAL(done.res, POLLIN);
		CHECK((done.flags & IORING_CQE_F_MORE) != 0);
		CHECK_EQUAL(sys_read(pipe.read, bytes, sizeof(bytes)), 1);
	}
	CHECK_EMPTY(ring);
	push(ring, sqe_poll_remove(1), 2);
	submit(ring, 1);
	struct outcome done[3];
	gather(ring, done, 3, 2);
	CHECK_EQUAL(done[2].res, 0);
	CHECK_EQUAL(done[1].res, -ECANCELED);
	CHECK_EQUAL(done[1].flags & IORING_CQE_F_MORE, 0);
	close_pair(pipe);
}

OP(poll_remove, IORING_OP_POLL_REMOVE)
{
	struct pair pipe = make_pipe();
	push(ring, sqe_poll(pipe.read, POLLIN), 1);
	submit(ring, 1);
	CHECK_EQUAL(result_of(ring, sqe_poll_remove(9)), -ENOENT);
	CHECK_EQUAL(result_of(ring, sqe_poll_remove(1)), 0);
	NEXT_IS(1, -ECANCELED);
	CHECK_EQUAL(result_of(ring, sqe_poll_remove(1)), -ENOENT);
	close_pair(pipe);
}

OP(poll_update, IORING_OP_POLL_REMOVE)
{
	struct pair sockets = make_sockets();
	push(ring, sqe_poll(sockets.read, POLLIN), 1);
	submit(ring, 1);
	int updated = result_of(ring, sqe_poll_update(1, POLLOUT, false));
	UNLESS_EMULATION_LACKS(updated);
	CHECK_EQUAL(updated, 0);
	NEXT_IS(1, POLLOUT); // it can be written to all the time
	CHECK_EQUAL(result_of(ring, sqe_poll_update(1, POLLOUT, false)), -ENOENT);
	close_pair(sockets);
}

OP(poll_rename, IORING_OP_POLL_REMOVE)
{
	struct pair pipe = make_pipe();
	push(ring, sqe_poll(pipe.read, POLLIN), 1);
	submit(ring, 1);
	int renamed = result_of(ring, sqe_poll_rename(1, 5));
	UNLESS_EMULATION_LACKS(renamed);
	CHECK_EQUAL(renamed, 0);
	CHECK_EQUAL(result_of(ring, sqe_poll_remove(1)), -ENOENT);
	CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1);
	NEXT_IS(5, POLLIN);
	close_pair(pipe);
}

OP(timeout, IORING_OP_TIMEOUT)
{
	int64_t start = monotonic_ns();
	CHECK_EQUAL(result_of(ring, sqe_timeout(&moment, 0, 0)), -ETIME);
	CHECK(monotonic_ns() - start >= 10000000);

	// Or after two others.
	push(ring, sqe_timeout(&hour, 2, 0), 1);
	push(ring, sqe_nop(), 2);
	submit(ring, 2);
	NEXT_IS(2, 0);
	CHECK_EMPTY(ring);
	push(ring, sqe_nop(), 3);
	submit(ring, 1);
	NEXT_IS(3, 0);
	NEXT_IS(1, 0);

	// Or at a time of the clock, here one that is over.
	struct __kernel_timespec at = {.tv_nsec = 1};
	CHECK_EQUAL(result_of(ring, sqe_timeout(&at, 0, IORING_TIMEOUT_ABS)), -ETIME);
	CHECK_EQUAL(result_of(ring, sqe_timeout(&at, 0, IORING_TIMEOUT_ABS | IORING_TIMEOUT_REALTIME)), -ETIME);
	CHECK_EQUAL(result_of(ring, sqe_timeout(&at, 0, IORING_TIMEOUT_ABS | IORING_TIMEOUT_BOOTTIME)), -ETIME);
	at.tv_nsec = -1;
	CHECK_EQUAL(result_of(ring, sqe_timeout(&at, 0, 0)), -EINVAL);
}

OP(timeout_multishot, IORING_OP_TIMEOUT)
{
	NEEDS_KERNEL(6, 4);
	struct __kernel_timespec interval = {.tv_nsec = 2000000};
	int64_t start = monotonic_ns();
	push(ring, sqe_timeout_multishot(&interval, 3, 0), 1);
	submit(ring, 1);
	for (unsigned i = 0; i < 3; i++) {
		struct io_uring_cqe done = next(ring);
		UNLESS_EMULATION_LACKS(done.res);
		CHECK_EQUAL(done.user_data, 1);
		CHECK_EQUAL(done.res, -ETIME);
		CHECK_EQUAL((done.flags & IORING_CQE_F_MORE) != 0, i < 2);
	}
	CHECK(monotonic_ns() - start >= 6000000);
	CHECK_EMPTY(ring);
}

OP(timeout_remove, IORING_OP_TIMEOUT_REMOVE)
{
	push(ring, sqe_timeout(&hour, 0, 0), 1);
	submit(ring, 1);
	CHECK_EQUAL(result_of(ring, sqe_timeout_remove(9)), -ENOENT);
	CHECK_EQUAL(result_of(ring, sqe_timeout_remove(1)), 0);
	NEXT_IS(1, -ECANCELED);
}

OP(timeout_update, IORING_OP_TIMEOUT_REMOVE)
{
	push(ring, sqe_timeout(&hour, 0, 0), 1);
	submit(ring, 1);
	int updated = result_of(ring, sqe_timeout_update(1, &moment, 0));
	UNLESS_EMULATION_LACKS(updated);
	CHECK_EQUAL(updated, 0);
	NEXT_IS(1, -ETIME);
	CHECK_EQUAL(result_of(ring, sqe_timeout_update(1, &moment, 0)), -ENOENT);

	push(ring, sqe_timeout(&hour, 0, 0), 2);
	submit(ring, 1);
	struct __kernel_timespec at = {.tv_nsec = 1};
	CHECK_EQUAL(result_of(ring, sqe_timeout_update(2, &at, IORING_TIMEOUT_ABS)), 0);
	NEXT_IS(2, -ETIME);
}

OP(link_timeout, IORING_OP_LINK_TIMEOUT)
{
	struct pair pipe = make_pipe();
	uint8_t bytes[8];
	struct outcome done[3];
	push(ring, sqe_linked(sqe_read(pipe.read, SPAN(bytes), SQE_AT_POSITION)), 1);
	push(ring, sqe_link_timeout(&moment, 0), 2);
	submit(ring, 2);
	gather(ring, done, 3, 2);
	CHECK_EQUAL(done[1].res, -ECANCELED);
	CHECK_EQUAL(done[2].res, -ETIME);

	// What ends in time ends the limit.
	CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1);
	push(ring, sqe_linked(sqe_read(pipe.read, SPAN(bytes), SQE_AT_POSITION)), 1);
	push(ring, sqe_link_timeout(&hour, 0), 2);
	submit(ring, 2);
	gather(ring, done, 3, 2);
	CHECK_EQUAL(done[1].res, 1);
	CHECK_EQUAL(done[2].res, -ECANCELED);

	// There is nothing that it belongs to.
	CHECK_EQUAL(result_of(ring, sqe_link_timeout(&hour, 0)), -EINVAL);
	close_pair(pipe);
}

OP(link_timeout_update, IORING_OP_LINK_TIMEOUT)
{
	NEEDS(IORING_OP_TIMEOUT_REMOVE);
	struct pair pipe = make_pipe();
	uint8_t bytes[8];
	struct outcome done[3];
	push(ring, sqe_linked(sqe_read(pipe.read, SPAN(bytes), SQE_AT_POSITION)), 1);
	push(ring, sqe_link_timeout(&hour, 0), 2);
	submit(ring, 2);
	int updated = result_of(ring, sqe_link_timeout_update(2, &moment, 0));
	UNLESS_EMULATION_LACKS(updated);
	CHECK_EQUAL(updated, 0);
	gather(ring, done, 3, 2);
	CHECK_EQUAL(done[1].res, -ECANCELED);
	CHECK_EQUAL(done[2].res, -ETIME);
	close_pair(pipe);
}

OP(cancel, IORING_OP_ASYNC_CANCEL)
{
	struct pair pipe = make_pipe();
	uint8_t bytes[8];
	push(ring, sqe_read(pipe.read, SPAN(bytes), SQE_AT_POSITION), 1);
	push(ring, sqe_poll(pipe.read, POLLIN), 2);
	push(ring, sqe_timeout(&hour, 0, 0), 3);
	submit(ring, 3);
	CHECK_EQUAL(result_of(ring, sqe_cancel(9)), -ENOENT);
	for (unsigned token = 1; token <= 3; token++) {
		CHECK_EQUAL(result_of(ring, sqe_cancel(token)), 0);
		NEXT_IS(token, -ECANCELED);
	}
	CHECK_EQUAL(result_of(ring, sqe_cancel(1)), -ENOENT);
	CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1); // nobody reads it any more
	CHECK_EQUAL(sys_read(pipe.read, bytes, 1), 1);
	close_pair(pipe);
}

OP(cancel_all, IORING_OP_ASYNC_CANCEL)
{
	struct pair pipe = make_pipe();
	struct io_uring_cqe done;
	for (unsigned i = 0; i < 3; i++)
		push(ring, sqe_poll(pipe.read, POLLIN), 4);
	push(ring, sqe_poll(pipe.read, POLLIN), 5);
	submit(ring, 4);
	int canceled = result_of(ring, sqe_cancel_all(4));
	UNLESS_EMULATION_LACKS(canceled);
	CHECK_EQUAL(canceled, 3);
	for (unsigned i = 0; i < 3; i++)
		NEXT_IS(4, -ECANCELED);
	CHECK(!ring_pop(ring, &done));
	CHECK_EQUAL(result_of(ring, sqe_cancel(5)), 0);
	NEXT_IS(5, -ECANCELED);
	close_pair(pipe);
}

OP(cancel_fd, IORING_OP_ASYNC_CANCEL)
{
	struct pair one = make_pipe(), two = make_pipe();
	struct outcome done[4];
	push(ring, sqe_poll(one.read, POLLIN), 1);
	push(ring, sqe_poll(one.read, POLLIN), 2);
	push(ring, sqe_poll(two.read, POLLIN), 3);
	submit(ring, 3);
	int canceled = result_of(ring, sqe_cancel_fd(one.read, IORING_ASYNC_CANCEL_ALL));
	UNLESS_EMULATION_LACKS(canceled);
	CHECK_EQUAL(canceled, 2);
	gather(ring, done, 4, 2);
	CHECK_EQUAL(done[1].res, -ECANCELED);
	CHECK_EQUAL(done[2].res, -ECANCELED);
	CHECK_EQUAL(result_of(ring, sqe_cancel_fd(one.read, 0)), -ENOENT);
	CHECK_EQUAL(result_of(ring, sqe_cancel_fd(two.read, 0)), 0);
	NEXT_IS(3, -ECANCELED);
	close_pair(one);
	close_pair(two);
}

OP(cancel_op, IORING_OP_ASYNC_CANCEL)
{
	NEEDS_KERNEL(6, 6);
	struct pair pipe = make_pipe();
	uint8_t bytes[8];
	push(ring, sqe_poll(pipe.read, POLLIN), 1);
	push(ring, sqe_read(pipe.read, SPAN(bytes), SQE_AT_POSITION), 2);
	submit(ring, 2);
	int canceled = result_of(ring, sqe_cancel_op(IORING_OP_READ, 0));
	UNLESS_EMULATION_LACKS(canceled);
	CHECK_EQUAL(canceled, 0);
	NEXT_IS(2, -ECANCELED);
	CHECK_EQUAL(result_of(ring, sqe_cancel_op(IORING_OP_POLL_ADD, IORING_ASYNC_CANCEL_ALL)), 1);
	NEXT_IS(1, -ECANCELED);
	close_pair(pipe);
}

OP(cancel_any, IORING_OP_ASYNC_CANCEL)
{
	struct pair pipe = make_pipe();
	struct outcome done[4];
	uint8_t bytes[8];
	push(ring, sqe_poll(pipe.read, POLLIN), 1);
	push(ring, sqe_read(pipe.read, SPAN(bytes), SQE_AT_POSITION), 2);
	push(ring, sqe_timeout(&hour, 0, 0), 3);
	submit(ring, 3);
	int canceled = result_of(ring, sqe_cancel_any());
	UNLESS_EMULATION_LACKS(canceled);
	CHECK_EQUAL(canceled, 3);
	gather(ring, done, 4, 3);
	for (unsigned token = 1; token <= 3; token++)
		CHECK_EQUAL(done[token].res, -ECANCELED);
	close_pair(pipe);
}

static int make_epoll(void)
{
	int fd = (int)syscall6(__NR_epoll_create1, EPOLL_CLOEXEC, 0, 0, 0, 0, 0);
	CHECK(fd >= 0);
	return fd;
}

OP(epoll_ctl, IORING_OP_EPOLL_CTL)
{
	int epoll = make_epoll();
	struct pair pipe = make_pipe();
	struct epoll_event event = {.events = POLLIN, .data = 0x1122334455667788}, got = {};
	CHECK_EQUAL(result_of(ring, sqe_epoll_ctl(epoll, EPOLL_CTL_ADD, pipe.read, &event)), 0);
	CHECK_EQUAL(result_of(ring, sqe_epoll_ctl(epoll, EPOLL_CTL_ADD, pipe.read, &event)), -EEXIST);
	CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1);
	CHECK_EQUAL(syscall6(__NR_epoll_pwait, epoll, (long)&got, 1, 0, 0, 0), 1);
	CHECK_EQUAL(got.data, event.data);
	CHECK_EQUAL(result_of(ring, sqe_epoll_ctl(epoll, EPOLL_CTL_DEL, pipe.read, nullptr)), 0);
	CHECK_EQUAL(syscall6(__NR_epoll_pwait, epoll, (long)&got, 1, 0, 0, 0), 0);
	close_pair(pipe);
	close_fd(epoll);
}

OP(epoll_wait, SQE_OP_EPOLL_WAIT)
{
	int epoll = make_epoll();
	struct pair pipe = make_pipe();
	struct epoll_event event = {.events = POLLIN, .data = 0x1122334455667788}, got[4] = {};
	CHECK_EQUAL(syscall6(__NR_epoll_ctl, epoll, EPOLL_CTL_ADD, pipe.read, (long)&event, 0, 0), 0);
	push(ring, sqe_epoll_wait(epoll, got, 4), 1);
	push(ring, sqe_nop(), 2);
	submit(ring, 2);
	NEXT_IS(2, 0);
	CHECK_EMPTY(ring);
	CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1);
	NEXT_IS(1, 1);
	CHECK_EQUAL(got[0].events, POLLIN);
	CHECK_EQUAL(got[0].data, event.data);
	close_pair(pipe);
	close_fd(epoll);
}

// A child that waits for a byte and then exits with 7.
static int make_child(struct pair pipe)
{
	int child = fork_child();
	if (child == 0) {
		uint8_t byte[1];
		(void)!sys_close(pipe.write);
		(void)!sys_read(pipe.read, byte, 1);
		sys_exit_group(7);
	}
	CHECK(child > 0);
	return child;
}

OP(waitid, SQE_OP_WAITID)
{
	struct pair pipe = make_pipe();
	int child = make_child(pipe);
	siginfo_t info = {};
	push(ring, sqe_waitid(P_PID, child, &info, WEXITED), 1);
	push(ring, sqe_nop(), 2);
	submit(ring, 2);
	NEXT_IS(2, 0);
	CHECK_EMPTY(ring);
	CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1);
	NEXT_IS(1, 0);
	CHECK_EQUAL(info.si_signo, SIGCHLD);
	CHECK_EQUAL(info.si_code, CLD_EXITED);
	CHECK_EQUAL(info.si_pid, child);
	CHECK_EQUAL(info.si_status, 7);
	CHECK_EQUAL(sys_wait4(child, nullptr, 0), -ECHILD); // it has been waited for
	CHECK_EQUAL(result_of(ring, sqe_waitid(P_PID, child, &info, WEXITED)), -ECHILD);
	close_pair(pipe);
}

OP(waitid_canceled, SQE_OP_WAITID)
{
	NEEDS(IORING_OP_ASYNC_CANCEL);
	struct pair pipe = make_pipe();
	int child = make_child(pipe);
	CHECK_EQUAL(result_of(ring, sqe_waitid(P_PID, child, nullptr, WEXITED | WNOHANG)), 0); // none has ended
	push(ring, sqe_waitid(P_PID, child, nullptr, WEXITED), 1);
	submit(ring, 1);
	CHECK(result_of(ring, sqe_cancel(1)) >= 0); // Linux counts these: 1 [io_uring/waitid.c]
	NEXT_IS(1, -ECANCELED);
	close_pair(pipe);
	CHECK_EQUAL(wait_child(child), 7); // it is still there to be waited for
}

#define FLAGS_U32 (FUTEX2_SIZE_U32 | FUTEX2_PRIVATE)

OP(futex_wait_and_wake, SQE_OP_FUTEX_WAIT)
{
	NEEDS(SQE_OP_FUTEX_WAKE);
	static uint32_t word = 5;
	CHECK_EQUAL(result_of(ring, sqe_futex_wait(&word, 4, FUTEX_BITSET_MATCH_ANY, FLAGS_U32)), -EAGAIN);
	push(ring, sqe_futex_wait(&word, 5, 1, FLAGS_U32), 1);
	push(ring, sqe_futex_wait(&word, 5, 2, FLAGS_U32), 2);
	submit(ring, 2);
	CHECK_EQUAL(result_of(ring, sqe_futex_wake(&word, 8, 4, FLAGS_U32)), 0);
	CHECK_EQUAL(result_of(ring, sqe_futex_wake(&word, 8, 2, FLAGS_U32)), 1);
	NEXT_IS(2, 0);
	CHECK_EQUAL(result_of(ring, sqe_futex_wake(&word, 8, FUTEX_BITSET_MATCH_ANY, FLAGS_U32)), 1);
	NEXT_IS(1, 0);
	// And by an ordinary call.
	push(ring, sqe_futex_wait(&word, 5, FUTEX_BITSET_MATCH_ANY, FLAGS_U32), 3);
	submit(ring, 1);
	CHECK_EQUAL(syscall6(__NR_futex, (long)&word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, 0, 0, 0), 1);
	NEXT_IS(3, 0);
}

OP(futex_waitv, SQE_OP_FUTEX_WAITV)
{
	static uint32_t words[3] = {1, 2, 3};
	struct futex_waitv waits[3] = {};
	for (unsigned i = 0; i < 3; i++)
		waits[i] = (struct futex_waitv){.val = i + 1, .uaddr = (uintptr_t)&words[i], .flags = FLAGS_U32};
	push(ring, sqe_futex_waitv(waits, 3), 1);
	submit(ring, 1);
	CHECK_EQUAL(syscall6(__NR_futex, (long)&words[1], FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, 0, 0, 0), 1);
	NEXT_IS(1, 1);
	waits[0].val = 9;
	CHECK_EQUAL(result_of(ring, sqe_futex_waitv(waits, 3)), -EAGAIN);
	CHECK_EQUAL(result_of(ring, sqe_futex_waitv(waits, 0)), -EINVAL);
}
