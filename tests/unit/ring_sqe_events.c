// tests/unit/ring_sqe_events.c: the builders of sqe_events.h, byte for byte.
#include <linux/eventpoll.h>
#include <linux/futex.h>

#include "tests/unit/ring_sqe.h"

UNIT(poll)
{
	struct layout layout = with(expected(6, fd, 0, 0, 0), OP_FLAGS, 4, flags);
	CHECK_SQE(sqe_poll(fd, flags), layout);
	CHECK_SQE(sqe_poll_multishot(fd, flags), with(layout, LEN, 4, 1));
}

UNIT(poll_remove_and_update)
{
	struct layout layout = expected(7, -1, token, 0, 0);
	CHECK_SQE(sqe_poll_remove(token), layout);
	CHECK_SQE(sqe_poll_update(token, flags, false), with(with(layout, LEN, 4, 2), OP_FLAGS, 4, flags));
	CHECK_SQE(sqe_poll_update(token, flags, true), with(with(layout, LEN, 4, 3), OP_FLAGS, 4, flags));
	CHECK_SQE(sqe_poll_rename(token, value), with(with(layout, LEN, 4, 4), OFF, 8, value));
}

UNIT(timeout)
{
	struct layout layout = expected(11, -1, (uintptr_t)memory, 1, 0xc1c2c3c4);
	CHECK_SQE(sqe_timeout(memory, 0xc1c2c3c4, flags), with(layout, OP_FLAGS, 4, flags));
	CHECK_SQE(sqe_timeout_multishot(memory, 0xc1c2c3c4, 8), with(layout, OP_FLAGS, 4, 8 | 64));
}

UNIT(timeout_remove_and_update)
{
	struct layout layout = expected(12, -1, token, 0, 0);
	CHECK_SQE(sqe_timeout_remove(token), layout);
	layout = with(layout, OFF, 8, (uintptr_t)memory);
	CHECK_SQE(sqe_timeout_update(token, memory, 9), with(layout, OP_FLAGS, 4, 9 | 2));
	CHECK_SQE(sqe_link_timeout_update(token, memory, 9), with(layout, OP_FLAGS, 4, 9 | 2 | 16));
}

UNIT(cancel)
{
	CHECK_SQE(sqe_cancel(token), expected(14, -1, token, 0, 0));
	CHECK_SQE(sqe_cancel_all(token), with(expected(14, -1, token, 0, 0), OP_FLAGS, 4, 1));
	CHECK_SQE(sqe_cancel_fd(fd, 0), with(expected(14, fd, 0, 0, 0), OP_FLAGS, 4, 2));
	CHECK_SQE(sqe_cancel_fd(fd, 1), with(expected(14, fd, 0, 0, 0), OP_FLAGS, 4, 3));
	CHECK_SQE(sqe_cancel_op(0xf1, 1), with(expected(14, -1, 0, 0xf1, 0), OP_FLAGS, 4, 33));
	CHECK_SQE(sqe_cancel_any(), with(expected(14, -1, 0, 0, 0), OP_FLAGS, 4, 4));
}

UNIT(link_timeout)
{
	CHECK_SQE(sqe_link_timeout(memory, flags), with(expected(15, -1, (uintptr_t)memory, 1, 0), OP_FLAGS, 4, flags));
}

UNIT(epoll_ctl)
{
	CHECK_SQE(sqe_epoll_ctl(fd, 0x71727374, other_fd, memory),
		  expected(29, fd, (uintptr_t)memory, 0x71727374, 0x11121314));
}

UNIT(waitid)
{
	CHECK_SQE(sqe_waitid(0x71727374, fd, memory, flags),
		  with(expected(50, fd, 0, 0x71727374, (uintptr_t)memory), FILE_INDEX, 4, flags));
}

UNIT(futex)
{
	CHECK_SQE(sqe_futex_wait(memory, value, token, flags),
		  with(expected(51, (int)flags, (uintptr_t)memory, 0, value), ADDR3, 8, token));
	CHECK_SQE(sqe_futex_wake(memory, value, token, flags),
		  with(expected(52, (int)flags, (uintptr_t)memory, 0, value), ADDR3, 8, token));
	CHECK_SQE(sqe_futex_waitv(memory, mode), expected(53, 0, (uintptr_t)memory, mode, 0));
}

UNIT(epoll_wait)
{
	CHECK_SQE(sqe_epoll_wait(fd, memory, mode), expected(59, fd, (uintptr_t)memory, mode, 0));
}

// What the entries point to.

static_assert(sizeof(struct __kernel_timespec) == 16);
static_assert(offsetof(struct __kernel_timespec, tv_sec) == 0 && offsetof(struct __kernel_timespec, tv_nsec) == 8);

static_assert(sizeof(struct futex_waitv) == 24);
static_assert(offsetof(struct futex_waitv, uaddr) == 8 && offsetof(struct futex_waitv, flags) == 16);

// x86_64 packs it, so that its 32 bit programs see the same; the others do not. [Linux include/uapi/linux/eventpoll.h]
#ifdef EPOLL_PACKED
static_assert(alignof(struct epoll_event) == 8
		      ? sizeof(struct epoll_event) == 16 && offsetof(struct epoll_event, data) == 8
		      : sizeof(struct epoll_event) == 12 && offsetof(struct epoll_event, data) == 4);
#else
#error "eventpoll.h no longer says how struct epoll_event is packed"
#endif
