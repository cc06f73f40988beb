// ring/emulate/receives.c: receiving: into memory that is named, or into buffers that the program has provided.
//
// A multishot receive takes a provided buffer each time and ends when it finds none (-ENOBUFS), the peer ends, or it fails. A
// bundle fills several buffers for one completion. [Linux io_uring/net.c]
#include <asm/ioctls.h>

#include "ring/emulate/emulate.h"

#define SHOTS_MAX 32 // in a row, before others have their turn

static long try_recv(struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	return sys_recvfrom(request->fd, (uint8_t *)(uintptr_t)sqe->addr + request->done, sqe->len - request->done,
			    (int)sqe->msg_flags | MSG_DONTWAIT, nullptr, nullptr);
}

// Whether more has come meanwhile. It can be only where the buffer was filled.
static uint32_t rest_flag(const struct request *request, long moved, uint64_t wanted)
{
	int left = 0;
	if (moved <= 0 || (uint64_t)moved < wanted)
		return 0;
	return sys_ioctl(request->fd, FIONREAD, (uintptr_t)&left) == 0 && left > 0 ? IORING_CQE_F_SOCK_NONEMPTY : 0;
}

// Into one buffer, or into the buffers of a bundle.
static long recv_into(struct request *request, const struct picked *picked, uint32_t *used)
{
	struct msghdr message = {.msg_iov = picked->pieces, .msg_iovlen = picked->count};
	long got = sys_recvmsg(request->fd, &message, (int)request->sqe.msg_flags | MSG_DONTWAIT);
	*used = got > 0 ? (uint32_t)got : 0;
	return got;
}

// What a multishot recvmsg finds in its buffer: a head, the sender, control data, and the bytes, the middle two with the
// lengths that were asked for. [io_uring_enter(2), struct io_uring_recvmsg_out]
static long recvmsg_out(struct request *request, const struct picked *picked, uint32_t *used)
{
	const struct msghdr *asked = ring_emu_message_of(request);
	uint8_t *start = picked->pieces->iov_base;
	struct io_uring_recvmsg_out *out = (struct io_uring_recvmsg_out *)start;
	size_t name = (size_t)asked->msg_namelen, control = asked->msg_controllen, head = sizeof(*out) + name + control;
	if (picked->len < head)
		return -EFAULT;
	struct iovec piece = {start + head, picked->len - head};
	struct msghdr message = {
		.msg_name = name != 0 ? start + sizeof(*out) : nullptr,
		.msg_namelen = asked->msg_namelen,
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = control != 0 ? start + sizeof(*out) + name : nullptr,
		.msg_controllen = control,
	};
	long got = sys_recvmsg(request->fd, &message, (int)request->sqe.msg_flags | MSG_DONTWAIT);
	if (got <= 0)
		return got;
	out->namelen = (uint32_t)message.msg_namelen;
	out->controllen = (uint32_t)message.msg_controllen;
	out->payloadlen = (uint32_t)got;
	out->flags = message.msg_flags;
	*used = (uint32_t)(head + (size_t)(got < (long)piece.iov_len ? got : (long)piece.iov_len));
	return (long)*used;
}

// A plain recvmsg into a provided buffer: the buffer takes the place of the one piece.
static long recvmsg_into(struct request *request, const struct picked *picked, uint32_t *used)
{
	struct msghdr *asked = ring_emu_message_of(request), message = *asked;
	message.msg_iov = picked->pieces;
	message.msg_iovlen = picked->count;
	long got = sys_recvmsg(request->fd, &message, (int)request->sqe.msg_flags | MSG_DONTWAIT);
	if (got < 0)
		return got;
	asked->msg_namelen = message.msg_namelen;
	asked->msg_controllen = message.msg_controllen;
	asked->msg_flags = message.msg_flags;
	*used = (uint32_t)got;
	return got;
}

typedef long receiver(struct request *request, const struct picked *picked, uint32_t *used);

// Into provided buffers, once or again and again.
static int receive(struct emulation *e, struct request *request, receiver *take, uint32_t limit)
{
	bool is_multishot = (request->sqe.ioprio & IORING_RECV_MULTISHOT) != 0;
	bool is_bundle = (request->sqe.ioprio & IORING_RECVSEND_BUNDLE) != 0;
	if (ring_emu_polls_first(request))
		return ring_emu_wait_for(e, request, request->fd, POLLIN);
	for (unsigned shots = 0; shots < SHOTS_MAX; shots++) {
		struct picked picked;
		struct iovec pieces[PIECES_MAX];
		uint32_t used = 0;
		if (is_multishot && !ring_emu_has_room(e)) {
			ring_emu_list_add(&e->held, request);
			return WAITS;
		}
		int error = ring_emu_buffer_pick(e, request->sqe.buf_group, limit, pieces, is_bundle ? PIECES_MAX : 1,
						 &picked);
		if (error != 0)
			return error;
		long got = take(request, &picked, &used);
		if (got == -EAGAIN && (request->sqe.msg_flags & MSG_DONTWAIT) == 0)
			return ring_emu_wait_for(e, request, request->fd, POLLIN);
		if (got <= 0) {
			request->is_short = got < 0;
			return (int)got;
		}
		uint32_t flags = ring_emu_buffer_take(e, &picked, used) | rest_flag(request, got, picked.len);
		if (!is_multishot) {
			request->cflags = flags;
			return (int)got;
		}
		(void)ring_emu_request_post_more(e, request, (int)got, flags); // there was room
	}
	ring_emu_list_add(&e->ready, request);
	return WAITS;
}

int ring_op_recv(struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	if ((sqe->flags & IOSQE_BUFFER_SELECT) != 0)
		return receive(e, request, recv_into, sqe->len);
	int result = ring_emu_transfer_all(e, request, try_recv, sqe->len, POLLIN);
	if (result != WAITS)
		request->cflags = rest_flag(request, result, sqe->len);
	return result;
}

static long try_recvmsg(struct request *request)
{
	struct iovec rest[PIECES_MAX];
	struct msghdr *asked = ring_emu_message_of(request);
	if (request->done == 0)
		return sys_recvmsg(request->fd, asked, (int)request->sqe.msg_flags | MSG_DONTWAIT);
	struct msghdr message = ring_emu_rest_of(asked, request->done, rest);
	return sys_recvmsg(request->fd, &message, (int)request->sqe.msg_flags | MSG_DONTWAIT);
}

int ring_op_recvmsg(struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	struct msghdr *asked = ring_emu_message_of(request);
	if (asked == nullptr)
		return -EFAULT;
	if ((sqe->ioprio & IORING_RECV_MULTISHOT) != 0)
		return receive(e, request, recvmsg_out, 0);
	if ((sqe->flags & IOSQE_BUFFER_SELECT) == 0)
		return ring_emu_transfer_all(e, request, try_recvmsg, ring_emu_bytes_of(asked), POLLIN);
	if (asked->msg_iovlen > 1)
		return -EINVAL;
	return receive(e, request, recvmsg_into, asked->msg_iovlen == 1 ? (uint32_t)asked->msg_iov->iov_len : 0);
}
