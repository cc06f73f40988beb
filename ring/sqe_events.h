// ring/sqe_events.h: entries that wait for something, and that end the waiting: poll, time, cancel, children, futexes, epoll.
//
// In the kernel's order. Times (struct __kernel_timespec) are read at the submit and lent no longer. [sqe.h for the rules]
//
// Compiles as C11 and C++17.
#pragma once

#include "ring/sqe_entry.h"

struct epoll_event; // <linux/eventpoll.h>, or the C library's <sys/epoll.h>: 12 bytes on x86_64, 16 elsewhere
struct futex_waitv; // <linux/futex.h>

// Waits until `fd` is ready for one of `events` (POLLIN, POLLOUT; errors always count). Result: the events that are there.
// Linux 5.1. [poll(2)]
static inline struct io_uring_sqe sqe_poll(int fd, uint32_t events)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_POLL_ADD, fd, 0, 0, 0);
	sqe.poll32_events = events;
	return sqe;
}

// The same again and again, a completion each time that `fd` becomes ready, until one without IORING_CQE_F_MORE. It tells
// of what comes, not of what stays: read all that is there. Linux 5.13. [poll(2)]
static inline struct io_uring_sqe sqe_poll_multishot(int fd, uint32_t events)
{
	struct io_uring_sqe sqe = sqe_poll(fd, events);
	sqe.len = IORING_POLL_ADD_MULTI;
	return sqe;
}

// Ends the poll with this token, which completes with -ECANCELED. Result: 0, -ENOENT none has it, -EALREADY it is completing.
// Linux 5.1.
static inline struct io_uring_sqe sqe_poll_remove(uint64_t token)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_POLL_REMOVE, -1, 0, 0, 0);
	sqe.addr = token;
	return sqe;
}

// Lets the poll with this token wait for other events. Result: as sqe_poll_remove. `is_multishot`: whether it is one, for
// the poll becomes what is said here. Linux 5.13.
static inline struct io_uring_sqe sqe_poll_update(uint64_t token, uint32_t events, bool is_multishot)
{
	struct io_uring_sqe sqe = sqe_poll_remove(token);
	sqe.len = IORING_POLL_UPDATE_EVENTS | (is_multishot ? IORING_POLL_ADD_MULTI : 0);
	sqe.poll32_events = events;
	return sqe;
}

// Gives the poll with this token another one. Result: as sqe_poll_remove. Linux 5.13.
static inline struct io_uring_sqe sqe_poll_rename(uint64_t token, uint64_t new_token)
{
	struct io_uring_sqe sqe = sqe_poll_remove(token);
	sqe.len = IORING_POLL_UPDATE_USER_DATA;
	sqe.off = new_token;
	return sqe;
}

// Ends after `limit` of time, or after `count` other completions (0: time only). Result: -ETIME when the time is over, 0
// when the completions came, -ECANCELED. `flags`: IORING_TIMEOUT_ABS `limit` is a time of the clock; _BOOTTIME and
// _REALTIME (5.15) another clock than CLOCK_MONOTONIC; _ETIME_SUCCESS (5.16) -ETIME does not break a link. Lent: `limit`
// until it is submitted. Linux 5.4. [timerfd_settime(2) for the clocks]
static inline struct io_uring_sqe sqe_timeout(const struct __kernel_timespec *limit, unsigned count, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_TIMEOUT, -1, limit, 1, count);
	sqe.timeout_flags = flags;
	return sqe;
}

// A completion with -ETIME every `interval`, `times` of them (0: for ever), each but the last with IORING_CQE_F_MORE. Linux
// 6.4.
static inline struct io_uring_sqe sqe_timeout_multishot(const struct __kernel_timespec *interval, unsigned times,
							uint32_t flags)
{
	return sqe_timeout(interval, times, flags | IORING_TIMEOUT_MULTISHOT);
}

// Ends the timeout with this token, which completes with -ECANCELED. Result: 0, -ENOENT none has it, -EALREADY it is
// completing. Linux 5.5.
static inline struct io_uring_sqe sqe_timeout_remove(uint64_t token)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_TIMEOUT_REMOVE, -1, 0, 0, 0);
	sqe.addr = token;
	return sqe;
}

// Lets the timeout with this token run for `limit` from now, or with IORING_TIMEOUT_ABS until then. Result: as
// sqe_timeout_remove. Lent: `limit` until it is submitted. Linux 5.11.
static inline struct io_uring_sqe sqe_timeout_update(uint64_t token, const struct __kernel_timespec *limit,
						     uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_timeout_remove(token);
	sqe.off = (uintptr_t)limit;
	sqe.timeout_flags = flags | IORING_TIMEOUT_UPDATE;
	return sqe;
}

// The same for a sqe_link_timeout. Linux 5.15.
static inline struct io_uring_sqe sqe_link_timeout_update(uint64_t token, const struct __kernel_timespec *limit,
							  uint32_t flags)
{
	return sqe_timeout_update(token, limit, flags | IORING_LINK_TIMEOUT_UPDATE);
}

// Cancels an operation by its token. Result: 0 (of a waitid or futex 1), -ENOENT none has it, -EALREADY it is running and may yet end on its own.
// The canceled one completes too, mostly with -ECANCELED. Linux 5.5.
static inline struct io_uring_sqe sqe_cancel(uint64_t token)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_ASYNC_CANCEL, -1, 0, 0, 0);
	sqe.addr = token;
	return sqe;
}

// All with this token. Result: how many. Linux 5.19.
static inline struct io_uring_sqe sqe_cancel_all(uint64_t token)
{
	struct io_uring_sqe sqe = sqe_cancel(token);
	sqe.cancel_flags = IORING_ASYNC_CANCEL_ALL;
	return sqe;
}

// Cancels what runs on a descriptor, of whatever token; with sqe_fixed_file on a registered file. `flags`: with
// IORING_ASYNC_CANCEL_ALL all of it, and the result is how many; else the first that is found. Linux 5.19.
static inline struct io_uring_sqe sqe_cancel_fd(int fd, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_ASYNC_CANCEL, fd, 0, 0, 0);
	sqe.cancel_flags = flags | IORING_ASYNC_CANCEL_FD;
	return sqe;
}

// Cancels what does operation `opcode` (IORING_OP_*). `flags` as sqe_cancel_fd. Linux 6.6.
static inline struct io_uring_sqe sqe_cancel_op(uint8_t opcode, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_ASYNC_CANCEL, -1, 0, opcode, 0);
	sqe.cancel_flags = flags | IORING_ASYNC_CANCEL_OP;
	return sqe;
}

// Cancels everything that the ring has in flight. Result: how many. Linux 5.19.
static inline struct io_uring_sqe sqe_cancel_any(void)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_ASYNC_CANCEL, -1, 0, 0, 0);
	sqe.cancel_flags = IORING_ASYNC_CANCEL_ANY;
	return sqe;
}

// A time limit for the entry before it, which is linked to this one: when the time is over, that one is canceled. Result:
// -ETIME the time was over and the other has been canceled, -ECANCELED the other ended in time, -EALREADY it was running and
// could not be. `flags` as sqe_timeout. Linux 5.5. [io_uring_enter(2), IORING_OP_LINK_TIMEOUT]
static inline struct io_uring_sqe sqe_link_timeout(const struct __kernel_timespec *limit, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_LINK_TIMEOUT, -1, limit, 1, 0);
	sqe.timeout_flags = flags;
	return sqe;
}

// Adds, changes or removes a descriptor of an epoll (EPOLL_CTL_*). Result: 0. Lent: `event` until it is submitted. Linux
// 5.6. [epoll_ctl(2)]
static inline struct io_uring_sqe sqe_epoll_ctl(int epoll, int operation, int fd, const struct epoll_event *event)
{
	return sqe_of(IORING_OP_EPOLL_CTL, epoll, event, (uint32_t)operation, (uint32_t)fd);
}

// Waits until a child ends, or does what `options` says (WEXITED, WSTOPPED, WCONTINUED, with WNOWAIT, WNOHANG). `which`: P_ALL,
// P_PID, P_PGID, P_PIDFD, of `id`. Result: 0. `info`: a siginfo_t or null; lent. Linux 6.7. [waitid(2)]
static inline struct io_uring_sqe sqe_waitid(int which, int id, void *info, uint32_t options)
{
	struct io_uring_sqe sqe = sqe_of(SQE_OP_WAITID, id, 0, (uint32_t)which, (uintptr_t)info);
	sqe.file_index = options;
	return sqe;
}

// Waits while `*word` is `value`, until a wake whose mask shares a bit with `mask` (FUTEX_BITSET_MATCH_ANY: all). Result: 0,
// -EAGAIN the word was another. `flags`: FUTEX2_SIZE_U32, with FUTEX2_PRIVATE within one process. Lent: the word. Linux
// 6.7. [futex(2), FUTEX_WAIT_BITSET]
static inline struct io_uring_sqe sqe_futex_wait(const uint32_t *word, uint64_t value, uint64_t mask, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(SQE_OP_FUTEX_WAIT, (int)flags, word, 0, value);
	sqe.addr3 = mask;
	return sqe;
}

// Wakes up to `count` that wait for `word`. Result: how many. Mask and flags as sqe_futex_wait; both must be alike. Linux
// 6.7. [futex(2), FUTEX_WAKE_BITSET]
static inline struct io_uring_sqe sqe_futex_wake(const uint32_t *word, uint64_t count, uint64_t mask, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(SQE_OP_FUTEX_WAKE, (int)flags, word, 0, count);
	sqe.addr3 = mask;
	return sqe;
}

// Waits for the first of up to 128 futexes. Result: which was woken, -EAGAIN a word was another than its value. Lent: the
// words; the array until it is submitted. Linux 6.7. [Linux Documentation/userspace-api/futex2.rst]
static inline struct io_uring_sqe sqe_futex_waitv(const struct futex_waitv *waits, unsigned count)
{
	return sqe_of(SQE_OP_FUTEX_WAITV, 0, waits, count, 0);
}

// Waits until an epoll has events. Result: how many, at most `count`. Lent: `events`. Linux 6.15. [epoll_wait(2)]
static inline struct io_uring_sqe sqe_epoll_wait(int epoll, struct epoll_event *events, unsigned count)
{
	return sqe_of(SQE_OP_EPOLL_WAIT, epoll, events, count, 0);
}
