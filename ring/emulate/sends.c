// ring/emulate/sends.c: sending: bytes, messages, bundles of provided buffers, and what would be sent without copying.
#include "ring/emulate/emulate.h"

static long try_send(struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	return sys_sendto(request->fd, (const uint8_t *)(uintptr_t)sqe->addr + request->done, sqe->len - request->done,
			  (int)sqe->msg_flags | MSG_DONTWAIT | MSG_NOSIGNAL, (const void *)(uintptr_t)sqe->addr2,
			  sqe->addr_len);
}

// A send of pieces (IORING_SEND_VECTORIZED) is a message without control data.
static struct msghdr message_to_send(const struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	if (sqe->opcode == IORING_OP_SENDMSG || sqe->opcode == IORING_OP_SENDMSG_ZC)
		return *ring_emu_message_of(request);
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
	struct msghdr message = ring_emu_rest_of(&whole, request->done, rest);
	return sys_sendmsg(request->fd, &message, (int)request->sqe.msg_flags | MSG_DONTWAIT | MSG_NOSIGNAL);
}

int ring_op_sendmsg(struct emulation *e, struct request *request)
{
	if (request->sqe.addr == 0)
		return -EFAULT;
	struct msghdr whole = message_to_send(request);
	return ring_emu_transfer_all(e, request, try_sendmsg, ring_emu_bytes_of(&whole), POLLOUT);
}

// Takes what the program has provided next, to be sent as pieces of one message. It is the send's now, whatever becomes of it.
// [Linux io_uring/kbuf.c, io_buffers_select()]
static int take_given(struct emulation *e, struct request *request, struct iovec pieces[PIECES_MAX])
{
	struct io_uring_sqe *sqe = &request->sqe;
	struct picked picked;
	bool is_bundle = (sqe->ioprio & IORING_RECVSEND_BUNDLE) != 0;
	int error = ring_emu_buffer_pick(e, sqe->buf_group, sqe->len, pieces, is_bundle ? PIECES_MAX : 1, &picked);
	if (error == 0 && picked.is_of_list) // no limit is asked of a list [Linux io_provided_buffers_select()]
		error = ring_emu_buffer_pick(e, sqe->buf_group, 0, pieces, 1, &picked);
	if (error != 0)
		return error;
	request->cflags = ring_emu_buffer_take(e, &picked, picked.len);
	request->is_kept = false; // the pieces are not yet
	request->is_given = true;
	request->is_last_given = picked.is_last;
	request->done = 0;
	sqe->addr = (uintptr_t)pieces;
	sqe->len = picked.count;
	sqe->ioprio |= IORING_SEND_VECTORIZED;
	return 0;
}

// From provided buffers. A bundle is sent whole, and tells of each message, until the group is empty or the socket full.
// [Linux io_uring/net.c, io_send_finish()]
static int send_given(struct emulation *e, struct request *request)
{
	struct io_uring_sqe *sqe = &request->sqe;
	struct iovec pieces[PIECES_MAX];
	bool is_bundle = (sqe->ioprio & IORING_RECVSEND_BUNDLE) != 0;
	if (ring_emu_polls_first(request))
		return ring_emu_wait_for(e, request, request->fd, POLLOUT);
	if (is_bundle)
		sqe->msg_flags |= MSG_WAITALL;
	for (;;) {
		int error = request->is_given ? 0 : take_given(e, request, pieces);
		if (error != 0)
			return error;
		int result = ring_op_sendmsg(e, request);
		if (result == WAITS) {
			error = ring_emu_keep(e, request); // the pieces lie here
			return error != 0 ? error : WAITS;
		}
		bool is_over = !is_bundle || result <= 0 || request->is_last_given || request->watch != nullptr;
		if (is_over || !ring_emu_request_post_more(e, request, result, request->cflags))
			return result;
		request->is_given = false;
		sqe->len = 0; // from now on all that is there
	}
}

int ring_op_send(struct emulation *e, struct request *request)
{
	if ((request->sqe.flags & IOSQE_BUFFER_SELECT) != 0)
		return send_given(e, request);
	if ((request->sqe.ioprio & IORING_SEND_VECTORIZED) != 0)
		return ring_op_sendmsg(e, request);
	return ring_emu_transfer_all(e, request, try_send, request->sqe.len, POLLOUT);
}

// The kernel sends without copying what these carry, and refuses the others. [Linux net/socket.h, SOCK_SUPPORT_ZC]
static int find_uncopied(int fd)
{
	int domain = 0, protocol = 0;
	uint32_t size = sizeof(domain);
	int error = sys_getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size);
	if (error == 0)
		error = sys_getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size);
	if (error != 0)
		return error;
	bool is_internet = domain == AF_INET || domain == AF_INET6;
	return is_internet && (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP) ? 0 : -EOPNOTSUPP;
}

// Whether all that is sent lies in the registered buffer that is named.
static int check_fixed(const struct emulation *e, const struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	bool has_pieces = sqe->opcode == IORING_OP_SENDMSG_ZC || (sqe->ioprio & IORING_SEND_VECTORIZED) != 0;
	if (!has_pieces)
		return ring_emu_fixed_bytes(e, sqe->buf_index, sqe->addr, sqe->len) != 0 ? -EFAULT : 0;
	struct msghdr message = message_to_send(request);
	for (size_t i = 0; i < message.msg_iovlen; i++)
		if (ring_emu_fixed_bytes(e, sqe->buf_index, (uintptr_t)message.msg_iov[i].iov_base,
					 message.msg_iov[i].iov_len) != 0)
			return -EFAULT;
	return 0;
}

// "Without copying": copied, and the notice that the memory is free comes right behind the result (complete.c).
int ring_op_send_zc(struct emulation *e, struct request *request)
{
	int error = find_uncopied(request->fd);
	if (error == 0 && (request->sqe.ioprio & IORING_RECVSEND_FIXED_BUF) != 0)
		error = check_fixed(e, request);
	if (error != 0)
		return error;
	return request->sqe.opcode == IORING_OP_SENDMSG_ZC ? ring_op_sendmsg(e, request) : ring_op_send(e, request);
}
