// ring/emulate/messages.c: sending and receiving. Always with MSG_DONTWAIT: the socket's own flags stay as they are.
//
// MSG_WAITALL is kept up here: what came or went is counted in `done`, and the request waits for the rest. A multishot receive
// takes a provided buffer each time and ends when it finds none (-ENOBUFS), the peer ends, or it fails.
// [Linux io_uring/net.c]
#include <asm/ioctls.h>

#include "ring/emulate/emulate.h"

#define SHOTS_MAX 32 // in a row, before others have their turn
#define PIECES_MAX 64

static bool polls_first(struct request *request)
{
	if (request->was_polled || (request->sqe.ioprio & IORING_RECVSEND_POLL_FIRST) == 0)
		return false;
	request->was_polled = true;
	return true;
}

// After `moved` bytes: whether to go on, or to wait, or the result.
static bool is_over(struct request *request, long moved, uint64_t wanted, int *result)
{
	bool wants_all = (request->sqe.msg_flags & MSG_WAITALL) != 0;
	if (moved > 0)
		request->done += (uint32_t)moved;
	bool is_more = wants_all && request->done < wanted;
	if (moved > 0 && is_more)
		return false;
	if (moved == -EAGAIN)
		return false;
	request->is_short = is_more || moved < 0;
	*result = request->done > 0 ? (int)request->done : (int)moved;
	return true;
}

// The result of an attempt at a transfer that may go on, or WAITS.
typedef long attempt(struct request *request);

static int transfer_all(struct emulation *e, struct request *request, attempt *try_once, uint64_t wanted,
			uint32_t events)
{
	if (polls_first(request))
		return ring_emu_wait_for(e, request, request->fd, events);
	for (;;) {
		long moved = try_once(request);
		int result;
		if (is_over(request, moved, wanted, &result))
			return result;
		if (moved != -EAGAIN)
			continue;
		if ((request->sqe.msg_flags & MSG_DONTWAIT) == 0)
			return ring_emu_wait_for(e, request, request->fd, events);
		request->is_short = true;
		return request->done > 0 ? (int)request->done : -EAGAIN;
	}
}

static long try_send(struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	return sys_sendto(request->fd, (const uint8_t *)(uintptr_t)sqe->addr + request->done, sqe->len - request->done,
			  (int)sqe->msg_flags | MSG_DONTWAIT | MSG_NOSIGNAL, (const void *)(uintptr_t)sqe->addr2,
			  sqe->addr_len);
}

// The message with the first `done` bytes of its pieces left out.
static struct msghdr rest_of(const struct msghdr *message, size_t done, struct iovec rest[PIECES_MAX])
{
	struct msghdr left = *message;
	if (done == 0)
		return left;
	size_t count = 0;
	for (size_t i = 0; i < message->msg_iovlen && count < PIECES_MAX; i++) {
		struct iovec piece = message->msg_iov[i];
		size_t skip = done < piece.iov_len ? done : piece.iov_len;
		done -= skip;
		if (skip < piece.iov_len)
			rest[count++] = (struct iovec){(uint8_t *)piece.iov_base + skip, piece.iov_len - skip};
	}
	left.msg_iov = rest;
	left.msg_iovlen = count;
	return left;
}

static uint64_t bytes_of(const struct msghdr *message)
{
	uint64_t bytes = 0;
	for (size_t i = 0; i < message->msg_iovlen; i++)
		bytes += message->msg_iov[i].iov_len;
	return bytes;
}

static struct msghdr *message_of(const struct request *request)
{
	return (struct msghdr *)(uintptr_t)request->sqe.addr;
}

// A send of pieces (IORING_SEND_VECTORIZED) is a message without control data.
static struct msghdr message_to_send(const struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	if (sqe->opcode == IORING_OP_SENDMSG)
		return *message_of(request);
	return (struct msghdr){
		.msg_name = (void *)(uintptr_t)sqe->addr2,
		.msg_namelen = sqe->addr_len,
		.msg_iov = (struct iovec *)(uintptr_t)sqe->addr,
		.msg_iovlen = sqe->len,
	};
}

static long try_sendmsg(struct request *request)
{
	struct iovec rest[PIECES_MAX];
	struct msghdr whole = message_to_send(request);
	struct msghdr message = rest_of(&whole, request->done, rest);
	return sys_sendmsg(request->fd, &message, (int)request->sqe.msg_flags | MSG_DONTWAIT | MSG_NOSIGNAL);
}

int ring_op_sendmsg(struct emulation *e, struct request *request)
{
	if (request->sqe.addr == 0)
		return -EFAULT;
	struct msghdr whole = message_to_send(request);
	return transfer_all(e, request, try_sendmsg, bytes_of(&whole), POLLOUT);
}

int ring_op_send(struct emulation *e, struct request *request)
{
	if ((request->sqe.ioprio & IORING_SEND_VECTORIZED) != 0)
		return ring_op_sendmsg(e, request);
	return transfer_all(e, request, try_send, request->sqe.len, POLLOUT);
}

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

static long recv_into(struct request *request, const struct picked *picked, uint32_t *used)
{
	long got = sys_recvfrom(request->fd, picked->ptr, picked->len, (int)request->sqe.msg_flags | MSG_DONTWAIT,
				nullptr, nullptr);
	*used = got > 0 ? (uint32_t)got : 0;
	return got;
}

// What a multishot recvmsg finds in its buffer: a head, the sender, control data, and the bytes, the middle two with the
// lengths that were asked for. [io_uring_enter(2), struct io_uring_recvmsg_out]
static long recvmsg_out(struct request *request, const struct picked *picked, uint32_t *used)
{
	const struct msghdr *asked = message_of(request);
	struct io_uring_recvmsg_out *out = (struct io_uring_recvmsg_out *)picked->ptr;
	size_t name = (size_t)asked->msg_namelen, control = asked->msg_controllen, head = sizeof(*out) + name + control;
	if (picked->len < head)
		return -EFAULT;
	struct iovec piece = {picked->ptr + head, picked->len - head};
	struct msghdr message = {
		.msg_name = name != 0 ? picked->ptr + sizeof(*out) : nullptr,
		.msg_namelen = asked->msg_namelen,
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = control != 0 ? picked->ptr + sizeof(*out) + name : nullptr,
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
	struct msghdr *asked = message_of(request), message = *asked;
	struct iovec piece = {picked->ptr, picked->len};
	message.msg_iov = &piece;
	message.msg_iovlen = 1;
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
	if (polls_first(request))
		return ring_emu_wait_for(e, request, request->fd, POLLIN);
	for (unsigned shots = 0; shots < SHOTS_MAX; shots++) {
		struct picked picked;
		uint32_t used = 0;
		if (is_multishot && !ring_emu_has_room(e)) {
			ring_emu_list_add(&e->held, request);
			return WAITS;
		}
		int error = ring_emu_buffer_pick(e, request->sqe.buf_group, limit, &picked);
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
	int result = transfer_all(e, request, try_recv, sqe->len, POLLIN);
	if (result != WAITS)
		request->cflags = rest_flag(request, result, sqe->len);
	return result;
}

static long try_recvmsg(struct request *request)
{
	struct iovec rest[PIECES_MAX];
	struct msghdr *asked = message_of(request);
	if (request->done == 0)
		return sys_recvmsg(request->fd, asked, (int)request->sqe.msg_flags | MSG_DONTWAIT);
	struct msghdr message = rest_of(asked, request->done, rest);
	return sys_recvmsg(request->fd, &message, (int)request->sqe.msg_flags | MSG_DONTWAIT);
}

int ring_op_recvmsg(struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	struct msghdr *asked = message_of(request);
	if (asked == nullptr)
		return -EFAULT;
	if ((sqe->ioprio & IORING_RECV_MULTISHOT) != 0)
		return receive(e, request, recvmsg_out, 0);
	if ((sqe->flags & IOSQE_BUFFER_SELECT) == 0)
		return transfer_all(e, request, try_recvmsg, bytes_of(asked), POLLIN);
	if (asked->msg_iovlen > 1)
		return -EINVAL;
	return receive(e, request, recvmsg_into, asked->msg_iovlen == 1 ? (uint32_t)asked->msg_iov->iov_len : 0);
}
