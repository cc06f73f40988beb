// ring/sqe.h: entries, built by pure functions: one for each operation, in the kernel's order, and one for each modifier.
//
// A builder makes the 64 bytes that io_uring_enter(2) describes and does nothing else: no ring, no system call, no memory
// but its result. So what it makes can be compared with the documented layout byte for byte. A modifier takes an entry and
// returns it changed: sqe_linked(sqe_write(fd, from, 0)).
//
// At each: what is done, what the completion's result is, which memory is lent (from the submit until the completion has
// been popped), the first kernel, the manual page of the call that it stands for. Descriptors are ordinary ones
// unless sqe_fixed_file says otherwise.
//
// Compiles as C11 and C++17.
#pragma once

#include <linux/io_uring.h>
#include <stdbool.h>
#include <stdint.h>

#include "arch/span.h"

// Distributions' headers may be older than these names. The operations are an enum, which no #ifndef sees.
#ifndef IORING_TIMEOUT_MULTISHOT
#define IORING_TIMEOUT_MULTISHOT (1U << 6) // Linux 6.4
#endif
#define SQE_OP_READ_MULTISHOT 49 // IORING_OP_READ_MULTISHOT, Linux 6.7
#define SQE_OP_RECV_ZC 58        // IORING_OP_RECV_ZC, Linux 6.15

struct open_how; // <linux/openat2.h>
struct statx;    // <linux/stat.h>

// clang-format off
#ifdef __cplusplus
#define SQE_ZERO {}
#else
#define SQE_ZERO {0}
#endif
// clang-format on

// The offset of a read or write that means "at the file's own position, and move it", as read(2) does. Right for pipes and
// sockets too. [io_uring_enter(2), IORING_OP_READV]
#define SQE_AT_POSITION UINT64_MAX

// No call transfers more than this many bytes, and an entry's length has 32 bits; longer spans are cut to it.
// [read(2); Linux include/linux/fs.h, MAX_RW_COUNT]
#define SQE_BYTES_MAX 0x7ffff000u

static inline uint32_t sqe_length(size_t len)
{
	return len < SQE_BYTES_MAX ? (uint32_t)len : SQE_BYTES_MAX;
}

static inline struct io_uring_sqe sqe_of(uint8_t opcode, int fd, const void *addr, uint32_t len, uint64_t off)
{
	struct io_uring_sqe sqe = SQE_ZERO;
	sqe.opcode = opcode;
	sqe.fd = fd;
	sqe.addr = (uintptr_t)addr;
	sqe.len = len;
	sqe.off = off;
	return sqe;
}

// Does nothing. Result: 0. Linux 5.1.
static inline struct io_uring_sqe sqe_nop(void)
{
	return sqe_of(IORING_OP_NOP, -1, 0, 0, 0);
}

// Waits until `fd` is ready for one of `events` (POLLIN, POLLOUT; errors always count). Result: the events that are there.
// Linux 5.1. [poll(2)]
static inline struct io_uring_sqe sqe_poll(int fd, uint32_t events)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_POLL_ADD, fd, 0, 0, 0);
	sqe.poll32_events = events;
	return sqe;
}

// Ends after `limit` of time, or after `count` other completions (0: time only). Result: -ETIME when the time is over, 0
// when the completions came, -ECANCELED. `flags`: IORING_TIMEOUT_ABS and its kin. Lent: `limit`, until it is submitted
// (IORING_FEAT_SUBMIT_STABLE, 5.5). Linux 5.4. [timerfd_settime(2) for the clocks]
static inline struct io_uring_sqe sqe_timeout(const struct __kernel_timespec *limit, unsigned count, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_TIMEOUT, -1, limit, 1, count);
	sqe.timeout_flags = flags;
	return sqe;
}

// Takes a connection off a listening socket. Result: its descriptor. `address` and `length` are filled with the peer's
// address (either null: not wanted) and lent. `flags`: SOCK_CLOEXEC, SOCK_NONBLOCK. Linux 5.5. [accept4(2)]
static inline struct io_uring_sqe sqe_accept(int fd, void *address, uint32_t *length, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_ACCEPT, fd, address, 0, (uintptr_t)length);
	sqe.accept_flags = flags;
	return sqe;
}

// The same again and again, a completion for each connection, until one comes without IORING_CQE_F_MORE: then it is over
// and must be pushed anew. There is no address: it could only be that of the last. Linux 5.19. [accept4(2)]
static inline struct io_uring_sqe sqe_accept_multishot(int fd, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_accept(fd, 0, 0, flags);
	sqe.ioprio = IORING_ACCEPT_MULTISHOT;
	return sqe;
}

// Cancels an operation by its token. Result: 0, -ENOENT none has it, -EALREADY it is running and may yet end on its own.
// The canceled one completes too, mostly with -ECANCELED. Linux 5.5.
static inline struct io_uring_sqe sqe_cancel(uint64_t token)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_ASYNC_CANCEL, -1, 0, 0, 0);
	sqe.addr = token;
	return sqe;
}

// Opens a file. Result: its descriptor. Lent: `path`, NUL-ended, until it is submitted. Linux 5.6. [openat(2)]
static inline struct io_uring_sqe sqe_openat(int dir, const char *path, uint32_t flags, uint32_t mode)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_OPENAT, dir, path, mode, 0);
	sqe.open_flags = flags;
	return sqe;
}

// Closes a descriptor. Result: 0; the descriptor is gone whatever it says. Linux 5.6. [close(2)]
static inline struct io_uring_sqe sqe_close(int fd)
{
	return sqe_of(IORING_OP_CLOSE, fd, 0, 0, 0);
}

// Asks about a file. Result: 0. Lent: `path` until it is submitted, `into` until it completes. Linux 5.6. [statx(2)]
static inline struct io_uring_sqe sqe_statx(int dir, const char *path, uint32_t flags, uint32_t mask,
					    struct statx *into)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_STATX, dir, path, mask, (uintptr_t)into);
	sqe.statx_flags = flags;
	return sqe;
}

// Reads from `offset` (SQE_AT_POSITION: where the file stands). Result: bytes read, 0 at the end. Lent: the span.
// Linux 5.6. [pread(2)]
static inline struct io_uring_sqe sqe_read(int fd, struct span into, uint64_t offset)
{
	return sqe_of(IORING_OP_READ, fd, into.ptr, sqe_length(into.len), offset);
}

// Writes at `offset` (SQE_AT_POSITION: where the file stands). Result: bytes written, perhaps fewer than given. Lent: the
// bytes. Linux 5.6. [pwrite(2)]
static inline struct io_uring_sqe sqe_write(int fd, struct str from, uint64_t offset)
{
	return sqe_of(IORING_OP_WRITE, fd, from.ptr, sqe_length(from.len), offset);
}

// Sends on a socket. Result: bytes sent, perhaps fewer than given unless `flags` has MSG_WAITALL. Lent: the bytes.
// Linux 5.6. [send(2)]
static inline struct io_uring_sqe sqe_send(int fd, struct str from, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_SEND, fd, from.ptr, sqe_length(from.len), 0);
	sqe.msg_flags = flags;
	return sqe;
}

// Receives from a socket. Result: bytes received, 0 when the peer has ended its stream. Lent: the span. Linux 5.6.
// [recv(2)]
static inline struct io_uring_sqe sqe_recv(int fd, struct span into, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_RECV, fd, into.ptr, sqe_length(into.len), 0);
	sqe.msg_flags = flags;
	return sqe;
}

// Opens a file under rules (struct open_how: stay beneath `dir`, follow no links). Result: its descriptor. Lent: `path`
// and `how` until it is submitted. `how_size`: sizeof(struct open_how). Linux 5.6. [openat2(2)]
static inline struct io_uring_sqe sqe_openat2(int dir, const char *path, const struct open_how *how, uint32_t how_size)
{
	return sqe_of(IORING_OP_OPENAT2, dir, path, how_size, (uintptr_t)how);
}

// Ends the traffic of a socket in one direction or both (SHUT_RD, SHUT_WR, SHUT_RDWR). Result: 0. Linux 5.11.
// [shutdown(2)]
static inline struct io_uring_sqe sqe_shutdown(int fd, int how)
{
	return sqe_of(IORING_OP_SHUTDOWN, fd, 0, (uint32_t)how, 0);
}

// The next entry starts when this one has ended, and does not start (-ECANCELED) when this one failed or came short. The
// chain ends with the first entry that is not linked, and with the submit at the latest. Linux 5.3.
static inline struct io_uring_sqe sqe_linked(struct io_uring_sqe sqe)
{
	sqe.flags |= IOSQE_IO_LINK;
	return sqe;
}

// `fd` is an index into the ring's registered files, not a descriptor. Linux 5.1.
static inline struct io_uring_sqe sqe_fixed_file(struct io_uring_sqe sqe)
{
	sqe.flags |= IOSQE_FIXED_FILE;
	return sqe;
}

// Whether an entry may complete more than once. [io_uring_enter(2), the multishot flags of each operation]
static inline bool sqe_goes_on(const struct io_uring_sqe *sqe)
{
	switch (sqe->opcode) {
	case IORING_OP_POLL_ADD:
		return (sqe->len & IORING_POLL_ADD_MULTI) != 0;
	case IORING_OP_TIMEOUT:
		return (sqe->timeout_flags & IORING_TIMEOUT_MULTISHOT) != 0;
	case IORING_OP_ACCEPT:
		return (sqe->ioprio & IORING_ACCEPT_MULTISHOT) != 0;
	case IORING_OP_RECV:
	case IORING_OP_RECVMSG:
		return (sqe->ioprio & IORING_RECV_MULTISHOT) != 0;
	case IORING_OP_SEND_ZC:
	case IORING_OP_SENDMSG_ZC: // once with the result, once when the memory is free
	case SQE_OP_RECV_ZC:
	case SQE_OP_READ_MULTISHOT:
	case IORING_OP_URING_CMD:
		return true;
	default:
		return false;
	}
}
