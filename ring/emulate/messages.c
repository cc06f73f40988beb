// ring/emulate/messages.c: what sending and receiving have in common. Always with MSG_DONTWAIT: the socket's own flags stay as they
// are.
//
// MSG_WAITALL is kept up here: what came or went is counted in `done`, and the request waits for the rest.
// [Linux io_uring/net.c]
#include "ring/emulate/emulate.h"

bool ring_emu_polls_first(struct request *request)
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

int ring_emu_transfer_all(struct emulation *e, struct request *request, transfer_attempt *try_once, uint64_t wanted,
			  uint32_t events)
{
	if (ring_emu_polls_first(request))
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

// The message with the first `done` bytes of its pieces left out.
struct msghdr ring_emu_rest_of(const struct msghdr *message, size_t done, struct iovec rest[PIECES_MAX])
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

uint64_t ring_emu_bytes_of(const struct msghdr *message)
{
	uint64_t bytes = 0;
	for (size_t i = 0; i < message->msg_iovlen; i++)
		bytes += message->msg_iov[i].iov_len;
	return bytes;
}

struct msghdr *ring_emu_message_of(const struct request *request)
{
	return (struct msghdr *)(uintptr_t)request->sqe.addr;
}
