// ring/sqe.h: entries, built by pure functions: one for each operation, in the kernel's order, and one for each modifier.
//
// A builder makes the 64 bytes that io_uring_enter(2) describes and does nothing else: no ring, no system call, no memory
// but its result. So what it makes can be compared with the documented layout byte for byte. A modifier takes an entry and
// returns it changed: sqe_linked(sqe_write(fd, from, 0)).
//
// At each: what is done, what the completion's result is, which memory is lent (from the submit until the completion has
// been popped), the first kernel, the manual page of the call that it stands for. Where the result says no more, an error
// is a negative errno as that call's. Descriptors are ordinary ones unless sqe_fixed_file says otherwise. Whether a kernel
// has an operation says ring_has; a flag that it does not know it refuses with -EINVAL.
//
// The operations stand in four files, by what they work on: sqe_files.h, sqe_sockets.h, sqe_events.h (what waits) and
// sqe_rings.h (the ring itself, and drivers). Here are the modifiers.
//
// Compiles as C11 and C++17.
#pragma once

#include "ring/sqe_entry.h"
#include "ring/sqe_events.h"
#include "ring/sqe_files.h"
#include "ring/sqe_rings.h"
#include "ring/sqe_sockets.h"

// The next entry starts when this one has ended, and does not start (-ECANCELED) when this one failed or came short. The
// chain ends with the first entry that is not linked, and with the submit at the latest. Linux 5.3.
static inline struct io_uring_sqe sqe_linked(struct io_uring_sqe sqe)
{
	sqe.flags |= IOSQE_IO_LINK;
	return sqe;
}

// As sqe_linked, but the next entry starts however this one ended. Linux 5.5.
static inline struct io_uring_sqe sqe_hardlinked(struct io_uring_sqe sqe)
{
	sqe.flags |= IOSQE_IO_HARDLINK;
	return sqe;
}

// Starts when all entries before it have ended, and those behind it start when it has. Slow: for what must be so. Linux 5.2.
static inline struct io_uring_sqe sqe_drained(struct io_uring_sqe sqe)
{
	sqe.flags |= IOSQE_IO_DRAIN;
	return sqe;
}

// Goes to a worker thread at once, without a try whether it can be done here. For what is known to block. It ends with -ECANCELED
// where no worker could begin, for want of memory or because of a storm of signals. Linux 5.6.
static inline struct io_uring_sqe sqe_async(struct io_uring_sqe sqe)
{
	sqe.flags |= IOSQE_ASYNC;
	return sqe;
}

// `fd` is an index into the ring's registered files, not a descriptor. Linux 5.1.
static inline struct io_uring_sqe sqe_fixed_file(struct io_uring_sqe sqe)
{
	sqe.flags |= IOSQE_FIXED_FILE;
	return sqe;
}

// The kernel picks a buffer of `group` when data is there, instead of the memory of the entry; the completion says which
// (cqe_buffer_id). An empty group completes with -ENOBUFS. For read, readv (one piece), recv, recvmsg; send from 6.10. Linux
// 5.7.
static inline struct io_uring_sqe sqe_buffer_group(struct io_uring_sqe sqe, uint16_t group)
{
	sqe.flags |= IOSQE_BUFFER_SELECT;
	sqe.buf_group = group;
	return sqe;
}

// Posts no completion when it succeeds. Then nothing says that its memory is free again, but the completion of an entry
// linked behind it. Linux 5.17. [io_uring_enter(2), IOSQE_CQE_SKIP_SUCCESS]
static inline struct io_uring_sqe sqe_silent(struct io_uring_sqe sqe)
{
	sqe.flags |= IOSQE_CQE_SKIP_SUCCESS;
	return sqe;
}

// Runs with the rights of another registered personality. Linux 5.6. [io_uring_register(2), IORING_REGISTER_PERSONALITY]
static inline struct io_uring_sqe sqe_personality(struct io_uring_sqe sqe, uint16_t personality)
{
	sqe.personality = personality;
	return sqe;
}

// Waits until the socket is ready before the first try, which otherwise would likely be in vain. For send, recv, their
// messages and zero copy forms: Linux 5.19; for accept: 6.10.
static inline struct io_uring_sqe sqe_poll_first(struct io_uring_sqe sqe)
{
	sqe.ioprio |= sqe.opcode == IORING_OP_ACCEPT ? IORING_ACCEPT_POLL_FIRST : IORING_RECVSEND_POLL_FIRST;
	return sqe;
}

// Goes on after a completion: done again and again until one comes without IORING_CQE_F_MORE. For poll (5.13), timeout (6.4),
// accept (5.19), recv and recvmsg (6.0, with a buffer group and, for recv, no length) and uring_cmd (6.18). Others
// know no such mode and stay as they are: sqe_goes_on says so.
static inline struct io_uring_sqe sqe_multishot(struct io_uring_sqe sqe)
{
	switch (sqe.opcode) {
	case IORING_OP_POLL_ADD:
		sqe.len |= IORING_POLL_ADD_MULTI;
		break;
	case IORING_OP_TIMEOUT:
		sqe.timeout_flags |= IORING_TIMEOUT_MULTISHOT;
		break;
	case IORING_OP_ACCEPT:
		sqe.ioprio |= IORING_ACCEPT_MULTISHOT;
		break;
	case IORING_OP_RECV:
	case IORING_OP_RECVMSG:
		sqe.ioprio |= IORING_RECV_MULTISHOT;
		break;
	case IORING_OP_URING_CMD:
	case SQE_OP_URING_CMD128:
		sqe.uring_cmd_flags |= IORING_URING_CMD_MULTISHOT;
		break;
	default:
		break;
	}
	return sqe;
}

// A send or recv takes as many buffers of the group as the data fills, one behind the other from the one that the completion
// names; result: bytes in all of them. A send goes on until the group is empty, a completion for each bundle. With
// sqe_buffer_group. Linux 6.10. [io_uring_enter(2), IORING_RECVSEND_BUNDLE]
static inline struct io_uring_sqe sqe_bundle(struct io_uring_sqe sqe)
{
	sqe.ioprio |= IORING_RECVSEND_BUNDLE;
	return sqe;
}

// What is opened (openat, openat2, accept, socket, pipe) becomes registered file `slot` and no descriptor. Result: 0; with
// IORING_FILE_INDEX_ALLOC (5.19) the kernel chooses a free slot, and the result is which, or -ENFILE. There is nothing to
// close on exec: O_CLOEXEC and SOCK_CLOEXEC are refused, but of a pipe. Linux 5.15. [io_uring_enter(2), IORING_OP_OPENAT]
static inline struct io_uring_sqe sqe_direct(struct io_uring_sqe sqe, uint32_t slot)
{
	sqe.file_index = slot == UINT32_MAX ? UINT32_MAX : slot + 1; // 0 means: not direct
	return sqe;
}

// Whether an entry may complete more than once. [io_uring_enter(2), the multishot flags of each operation]
SQE_INLINE bool sqe_goes_on(const struct io_uring_sqe *sqe)
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
	case IORING_OP_SEND: // a bundle after the other, until the group is empty
		return (sqe->ioprio & IORING_RECVSEND_BUNDLE) != 0;
	case IORING_OP_URING_CMD:
	case SQE_OP_URING_CMD128:
		return (sqe->uring_cmd_flags & IORING_URING_CMD_MULTISHOT) != 0 ||
		       sqe->cmd_op == SQE_SOCKET_TX_TIMESTAMP; // that one needs no flag
	case IORING_OP_SEND_ZC:
	case IORING_OP_SENDMSG_ZC: // once with the result, once when the memory is free
	case SQE_OP_RECV_ZC:
	case SQE_OP_READ_MULTISHOT:
		return true;
	default:
		return false;
	}
}
