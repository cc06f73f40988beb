// ring/emulate/cancel.c: how an operation is ended from outside.
//
// What waits can be canceled: for a descriptor, for a time, for room. It ends with -ECANCELED, and its chain with it. What has
// not begun (linked or drained behind another) is not found, as in the kernel. What runs is never met: there is one thread,
// so -EALREADY does not happen. [Linux io_uring/cancel.c, io_cancel_req_match() and __io_async_cancel()]
#include "ring/emulate/emulate.h"

#define KNOWN                                                                                                        \
	(IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_FD_FIXED | \
	 IORING_ASYNC_CANCEL_USERDATA | IORING_ASYNC_CANCEL_OP)

bool ring_emu_cancel_is_valid(uint32_t flags)
{
	bool has_key = (flags & (IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_OP)) != 0;
	return (flags & ~KNOWN) == 0 && !(has_key && (flags & IORING_ASYNC_CANCEL_ANY) != 0);
}

static bool matches(const struct request *request, const struct cancel *cancel)
{
	uint32_t flags = cancel->flags;
	if ((flags & IORING_ASYNC_CANCEL_ANY) != 0)
		return true;
	bool by_token = (flags & IORING_ASYNC_CANCEL_USERDATA) != 0 ||
			(flags & (IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_OP)) == 0;
	if (by_token && request->sqe.user_data != cancel->token)
		return false;
	if ((flags & IORING_ASYNC_CANCEL_OP) != 0 && request->sqe.opcode != cancel->opcode)
		return false;
	if ((flags & IORING_ASYNC_CANCEL_FD) == 0)
		return true;
	bool is_fixed = (request->sqe.flags & IOSQE_FIXED_FILE) != 0;
	return request->fd >= 0 && request->sqe.fd == cancel->fd &&
	       is_fixed == ((flags & IORING_ASYNC_CANCEL_FD_FIXED) != 0);
}

void ring_emu_cancel_request(struct emulation *e, struct request *request)
{
	if (request->sqe.opcode == IORING_OP_TIMEOUT)
		e->counted -=
			(uint32_t)request->sqe.off != 0 && (request->sqe.timeout_flags & IORING_TIMEOUT_MULTISHOT) == 0;
	request->is_short = true;
	ring_emu_request_complete(e, request, request->done != 0 ? (int)request->done : -ECANCELED);
}

static unsigned cancel_in(struct emulation *e, struct list *list, const struct cancel *cancel, bool all)
{
	unsigned count = 0;
	struct request *next;
	for (struct request *each = list->first; each != nullptr && (all || count == 0); each = next) {
		next = each->next;
		if (!matches(each, cancel))
			continue;
		ring_emu_cancel_request(e, each);
		count++;
	}
	return count;
}

// How many, or -ENOENT where one was meant and none is there.
int ring_emu_cancel_matching(struct emulation *e, struct cancel cancel)
{
	bool all = (cancel.flags & (IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_ANY)) != 0;
	if ((cancel.flags & IORING_ASYNC_CANCEL_FD) != 0) {
		bool is_fixed = (cancel.flags & IORING_ASYNC_CANCEL_FD_FIXED) != 0;
		int fd = is_fixed ? ring_emu_file_at(e, (unsigned)cancel.fd) : cancel.fd;
		if (fd < 0 || sys_fcntl(fd, F_GETFD, 0) < 0)
			return -EBADF;
	}
	unsigned count = cancel_in(e, &e->waiting, &cancel, all);
	if (all || count == 0)
		count += cancel_in(e, &e->held, &cancel, all);
	for (unsigned clock = 0; clock < CLOCKS && (all || count == 0); clock++)
		count += cancel_in(e, &e->timeouts[clock], &cancel, all);
	if (all)
		return (int)count;
	return count == 0 ? -ENOENT : 0;
}

int ring_op_cancel(struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	return ring_emu_cancel_matching(e, (struct cancel){
						   .flags = sqe->cancel_flags,
						   .token = sqe->addr,
						   .fd = sqe->fd,
						   .opcode = (uint8_t)sqe->len,
					   });
}

// [io_uring_register(2), IORING_REGISTER_SYNC_CANCEL]
int ring_emu_cancel_sync(struct emulation *e, void *arg, unsigned count)
{
	const struct io_uring_sync_cancel_reg *reg = arg;
	if (count != 1 || arg == nullptr || !ring_emu_cancel_is_valid(reg->flags))
		return -EINVAL;
	for (size_t i = 0; i < sizeof(reg->pad); i++)
		if (reg->pad[i] != 0)
			return -EINVAL;
	for (size_t i = 0; i < sizeof(reg->pad2) / sizeof(reg->pad2[0]); i++)
		if (reg->pad2[i] != 0)
			return -EINVAL;
	return ring_emu_cancel_matching(e, (struct cancel){reg->flags, reg->addr, reg->fd, reg->opcode});
}
