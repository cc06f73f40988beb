// ring/cqe.h: what a completion says beyond its result: which buffer, and a received message's parts.
//
// Pure functions, as those of sqe.h. Nothing is copied: the parts of a message are places in the buffer.
//
// Compiles as C11 and C++17.
#pragma once

#include <linux/io_uring.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/span.h"

#ifndef IORING_CQE_F_BUF_MORE
#define IORING_CQE_F_BUF_MORE (1U << 4) // Linux 6.12
#endif

// Whether the result is an error: -4095 to -1. Others below zero are not: sqe_msg_ring and drivers post what they like.
// -ETIME of a timeout and -ECANCELED of what you canceled are errors by number only.
static inline bool cqe_failed(const struct io_uring_cqe *cqe)
{
	return cqe->res < 0 && cqe->res >= -4095;
}

// The id of the provided buffer that the completion used, or -1: none. Independent of the result and of IORING_CQE_F_MORE:
// an error may hand a buffer back too. A bundle used this one and those behind it.
static inline int cqe_buffer_id(const struct io_uring_cqe *cqe)
{
	return (cqe->flags & IORING_CQE_F_BUFFER) != 0 ? (int)(cqe->flags >> 16) : -1; // IORING_CQE_BUFFER_SHIFT
}

// Whether the kernel will go on to fill the same buffer behind what is there now (an incremental group): it is not yet yours
// to give back. Linux 6.12.
static inline bool cqe_buffer_goes_on(const struct io_uring_cqe *cqe)
{
	return (cqe->flags & (IORING_CQE_F_BUFFER | IORING_CQE_F_BUF_MORE)) ==
	       (IORING_CQE_F_BUFFER | IORING_CQE_F_BUF_MORE);
}

// A message that sqe_recvmsg_multishot received.
struct cqe_message {
	struct span name;     // the sender's address, as much of it as there was room for
	struct span control;  // control data (cmsg(3))
	struct span payload;  // what was sent, as much of it as there was room for
	uint32_t name_length; // bytes of the whole address; more than name.len: it was cut
	uint32_t length;      // bytes of the whole payload, if flags of the call had MSG_TRUNC; else as payload.len
	uint32_t flags;       // MSG_*: MSG_TRUNC the payload was cut, MSG_CTRUNC control data was
};

// Takes a buffer apart that a completion of sqe_recvmsg_multishot names. `buffer`: all of it; `result`: the completion's;
// `name_room`, `control_room`: msg_namelen and msg_controllen of the header that was submitted.
//
//	buffer: [ 16 bytes of head | name_room | control_room | payload ]
//	        [<----------------------- result --------------------->]
//
// False: the numbers do not fit together, and nothing was written. [Linux io_uring/net.c, io_recvmsg_multishot()]
static inline bool cqe_message(struct span buffer, int32_t result, uint32_t name_room, size_t control_room,
			       struct cqe_message *message)
{
	struct io_uring_recvmsg_out head;
	if (result < 0 || (size_t)result > buffer.len || (size_t)result < sizeof(head))
		return false;
	size_t rest = (size_t)result - sizeof(head);
	if (name_room > rest || control_room > rest - name_room)
		return false;
	__builtin_memcpy(&head, buffer.ptr, sizeof(head)); // a buffer need not be aligned
	if (head.controllen > control_room)
		return false;

	uint8_t *name = buffer.ptr + sizeof(head);
	message->name.ptr = name;
	message->name.len = head.namelen < name_room ? head.namelen : name_room;
	message->control.ptr = name + name_room;
	message->control.len = head.controllen;
	message->payload.ptr = name + name_room + control_room;
	message->payload.len = rest - name_room - control_room;
	message->name_length = head.namelen;
	message->length = head.payloadlen;
	message->flags = head.flags;
	return true;
}
