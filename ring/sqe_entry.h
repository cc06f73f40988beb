// ring/sqe_entry.h: what all builders share: an entry's common fields, lengths, and the names that older headers lack.
//
// The operations are an enum in <linux/io_uring.h>, which no #ifndef sees. So those that came after Linux 6.1 have their
// numbers here, as SQE_OP_*: what a distribution's headers know then does not matter. The numbers are the kernel's promise.
//
// Compiles as C11 and C++17.
#pragma once

#include <linux/io_uring.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/span.h"

#define SQE_OP_READ_MULTISHOT 49   // Linux 6.7
#define SQE_OP_WAITID 50           // 6.7
#define SQE_OP_FUTEX_WAIT 51       // 6.7
#define SQE_OP_FUTEX_WAKE 52       // 6.7
#define SQE_OP_FUTEX_WAITV 53      // 6.7
#define SQE_OP_FIXED_FD_INSTALL 54 // 6.8
#define SQE_OP_FTRUNCATE 55        // 6.9
#define SQE_OP_BIND 56             // 6.11
#define SQE_OP_LISTEN 57           // 6.11
#define SQE_OP_RECV_ZC 58          // 6.15
#define SQE_OP_EPOLL_WAIT 59       // 6.15
#define SQE_OP_READV_FIXED 60      // 6.15
#define SQE_OP_WRITEV_FIXED 61     // 6.15
#define SQE_OP_PIPE 62             // 6.16
#define SQE_OP_NOP128 63           // 6.19
#define SQE_OP_URING_CMD128 64     // 6.19

#ifndef IORING_TIMEOUT_MULTISHOT
#define IORING_TIMEOUT_MULTISHOT (1U << 6) // Linux 6.4
#endif
#ifndef IORING_ASYNC_CANCEL_OP
#define IORING_ASYNC_CANCEL_OP (1U << 5) // 6.6
#endif
#ifndef IORING_MSG_RING_FLAGS_PASS
#define IORING_MSG_RING_FLAGS_PASS (1U << 1) // 6.3
#endif
#ifndef IORING_SEND_ZC_REPORT_USAGE
#define IORING_SEND_ZC_REPORT_USAGE (1U << 3) // 6.2
#endif
#ifndef IORING_RECVSEND_BUNDLE
#define IORING_RECVSEND_BUNDLE (1U << 4) // 6.10
#endif
#ifndef IORING_ACCEPT_DONTWAIT
#define IORING_ACCEPT_DONTWAIT (1U << 1) // 6.10
#endif
#ifndef IORING_ACCEPT_POLL_FIRST
#define IORING_ACCEPT_POLL_FIRST (1U << 2) // 6.10
#endif
#ifndef IORING_NOP_INJECT_RESULT
#define IORING_NOP_INJECT_RESULT (1U << 0) // 6.10
#endif
#ifndef IORING_NOP_CQE32
#define IORING_NOP_CQE32 (1U << 5) // 6.18
#endif
#ifndef IORING_SEND_VECTORIZED
#define IORING_SEND_VECTORIZED (1U << 5) // 6.17
#endif
#ifndef IORING_URING_CMD_MULTISHOT
#define IORING_URING_CMD_MULTISHOT (1U << 1) // 6.18
#endif

// For what a compiler would think too long to inline, not seeing that what it is given is mostly constant and little remains.
#define SQE_INLINE __attribute__((always_inline)) static inline

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

// An entry with the five fields that nearly all operations use; the others are zero, which the kernel insists on where it
// does not use them.
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
