// ring/sqe_rings.h: entries that concern rings: nothing at all, registered files and buffers, messages, and what a driver
// defines.
//
// In the kernel's order. [sqe.h for the rules]
//
// Compiles as C11 and C++17.
#pragma once

#include "ring/sqe_entry.h"

// Does nothing. Result: 0. Linux 5.1.
static inline struct io_uring_sqe sqe_nop(void)
{
	return sqe_of(IORING_OP_NOP, -1, 0, 0, 0);
}

// Does nothing and completes with `result`: to test what an error does, to links for one. Linux 6.10; before, the flags of
// this operation are ignored, and the result is 0. [Linux io_uring/nop.c]
static inline struct io_uring_sqe sqe_nop_result(int32_t result)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_NOP, -1, 0, (uint32_t)result, 0);
	sqe.rw_flags = IORING_NOP_INJECT_RESULT; // nop_flags, a name that older headers lack
	return sqe;
}

// Does nothing and posts a wide completion with `extra1` and `extra2` in its second half; the ring has such (CQE32, or
// mixed). Linux 6.18. [Linux io_uring/nop.c]
static inline struct io_uring_sqe sqe_nop32(uint64_t extra1, uint64_t extra2)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_NOP, -1, 0, 0, extra1);
	sqe.addr = extra2;
	sqe.rw_flags = IORING_NOP_CQE32;
	return sqe;
}

// Puts `count` descriptors into the slots of the registered files from `slot` on (-1 empties one,
// IORING_REGISTER_FILES_SKIP leaves it). With `slot` IORING_FILE_INDEX_ALLOC (5.19) the kernel chooses, and writes the slots
// where the descriptors stood. Result: how many were done: it stops at the first that fails. Lent: `fds`. Linux 5.6.
// [io_uring_register(2), IORING_REGISTER_FILES_UPDATE]
static inline struct io_uring_sqe sqe_files_update(int *fds, unsigned count, uint32_t slot)
{
	return sqe_of(IORING_OP_FILES_UPDATE, -1, fds, count, slot);
}

// Gives `count` buffers of `size` bytes each, one behind the other at `memory`, to `group`, with the ids from `id` on. Result:
// 0. Lent: the memory, each buffer until a completion hands it back (cqe_buffer_id), or sqe_remove_buffers does. A ring of
// buffers (IORING_REGISTER_PBUF_RING, 5.19) is faster. Linux 5.7. [io_uring_enter(2), IORING_OP_PROVIDE_BUFFERS]
static inline struct io_uring_sqe sqe_provide_buffers(void *memory, uint32_t size, unsigned count, uint16_t group,
						      uint16_t id)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_PROVIDE_BUFFERS, (int)count, memory, size, id);
	sqe.buf_group = group;
	return sqe;
}

// Takes up to `count` buffers of `group` back. Result: how many. Linux 5.7.
static inline struct io_uring_sqe sqe_remove_buffers(unsigned count, uint16_t group)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_REMOVE_BUFFERS, (int)count, 0, 0, 0);
	sqe.buf_group = group;
	return sqe;
}

// Posts a completion to the ring that `ring_fd` is: `token` and `result`, both free. Result here: 0, -EBADFD it is no ring or
// disabled, -EOVERFLOW no place (the message is lost). Linux 5.18. [io_uring_enter(2), IORING_OP_MSG_RING]
static inline struct io_uring_sqe sqe_msg_ring(int ring_fd, uint64_t token, uint32_t result)
{
	return sqe_of(IORING_OP_MSG_RING, ring_fd, 0, result, token); // addr 0: IORING_MSG_DATA
}

// The same, and the completion's flags too. Linux 6.3.
static inline struct io_uring_sqe sqe_msg_ring_flags(int ring_fd, uint64_t token, uint32_t result, uint32_t cqe_flags)
{
	struct io_uring_sqe sqe = sqe_msg_ring(ring_fd, token, result);
	sqe.msg_ring_flags = IORING_MSG_RING_FLAGS_PASS;
	sqe.file_index = cqe_flags;
	return sqe;
}

// Gives registered file `slot` to another ring too, into its slot `into` (IORING_FILE_INDEX_ALLOC: it chooses), and posts a
// completion there: `token`, and as result 0, or the slot that was chosen. Result here: the same. `flags`:
// IORING_MSG_RING_CQE_SKIP posts none there. Linux 6.0.
static inline struct io_uring_sqe sqe_msg_ring_fd(int ring_fd, uint32_t slot, uint32_t into, uint64_t token,
						  uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_MSG_RING, ring_fd, 0, 0, token);
	sqe.addr = 1; // IORING_MSG_SEND_FD
	sqe.addr3 = slot;
	sqe.file_index = into == UINT32_MAX ? UINT32_MAX : into + 1;
	sqe.msg_ring_flags = flags;
	return sqe;
}

// Asks what the driver behind `fd` defines under `command`: an ioctl(2) that does not block. Result, memory and what the 16
// bytes mean are the driver's. `flags`: IORING_URING_CMD_FIXED (with sqe.buf_index), IORING_URING_CMD_MULTISHOT (6.18). For
// sockets see sqe_sockets.h. Linux 5.19. [Linux io_uring/uring_cmd.c]
static inline struct io_uring_sqe sqe_uring_cmd(int fd, uint32_t command, const uint64_t bytes[2], uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_URING_CMD, fd, 0, 0, command); // cmd_op is the lower half of off
	sqe.uring_cmd_flags = flags;
	sqe.addr3 = bytes ? bytes[0] : 0;
	sqe.__pad2[0] = bytes ? bytes[1] : 0;
	return sqe;
}

// Makes a descriptor of a registered file. Result: the descriptor. `flags`: IORING_FIXED_FD_NO_CLOEXEC. Linux 6.8.
// [io_uring_enter(2), IORING_OP_FIXED_FD_INSTALL]
static inline struct io_uring_sqe sqe_fixed_fd_install(uint32_t slot, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(SQE_OP_FIXED_FD_INSTALL, (int)slot, 0, 0, 0);
	sqe.flags = IOSQE_FIXED_FILE; // it knows no other
	sqe.rw_flags = flags;         // install_fd_flags, a name that older headers lack
	return sqe;
}

// As sqe_nop, of 128 bytes, for a ring of mixed entries (ring_push128). Linux 6.19.
static inline struct io_uring_sqe sqe_nop128(void)
{
	return sqe_of(SQE_OP_NOP128, -1, 0, 0, 0);
}

// As sqe_uring_cmd with 80 bytes for the driver, which ring_push128 takes; for a ring of mixed entries. (In a ring where all
// are wide it is sqe_uring_cmd.) Linux 6.19.
static inline struct io_uring_sqe sqe_uring_cmd128(int fd, uint32_t command, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(SQE_OP_URING_CMD128, fd, 0, 0, command);
	sqe.uring_cmd_flags = flags;
	return sqe;
}
