// ring/emulate/keep.c: copies what an entry points to, when its operation will not have begun, or not ended, by the time that
// enter returns. A path, a list of pieces, an address is lent until the entry is submitted and no longer; what is read or
// written is lent to the end. [io_uring_setup(2), IORING_FEAT_SUBMIT_STABLE]
//
// Most operations run while the program is still in enter, and nothing is copied. The others have blocks out of a pool; where
// that is empty, the operation ends with -ENOMEM, as it would if the kernel had none.
#include <linux/eventpoll.h>

#include "ring/emulate/emulate.h"

static struct block *block_new(struct emulation *e)
{
	struct block *block = e->free_blocks;
	if (block != nullptr)
		e->free_blocks = block->next;
	else if (e->blocks_used < e->blocks_max)
		block = &e->blocks[e->blocks_used++];
	return block;
}

void ring_emu_forget(struct emulation *e, struct request *request)
{
	while (request->blocks != nullptr) {
		struct block *block = request->blocks;
		request->blocks = block->next;
		block->next = e->free_blocks;
		e->free_blocks = block;
	}
}

// The address of a copy, or of nothing if there is nothing to copy. `*error` where there is no room.
static uint64_t keep(struct emulation *e, struct request *request, uint64_t from, size_t size, int *error)
{
	if (from == 0 || size == 0 || *error != 0)
		return from;
	struct block *block = request->blocks;
	size_t used = block != nullptr ? (block->used + 15) & ~(size_t)15 : 0;
	if (block == nullptr || used + size > BLOCK_BYTES) {
		block = size <= BLOCK_BYTES ? block_new(e) : nullptr;
		if (block == nullptr) {
			*error = -ENOMEM;
			return from;
		}
		block->next = request->blocks;
		request->blocks = block;
		used = 0;
	}
	uint8_t *to = block->bytes + used;
	for (size_t i = 0; i < size; i++)
		to[i] = ((const uint8_t *)(uintptr_t)from)[i];
	block->used = used + size;
	return (uintptr_t)to;
}

static uint64_t keep_text(struct emulation *e, struct request *request, uint64_t from, int *error)
{
	size_t size = 0;
	const char *text = (const char *)(uintptr_t)from;
	while (from != 0 && size < BLOCK_BYTES && text[size++] != 0) {
	}
	return keep(e, request, from, size, error); // one that is longer has no end here, and is too long there, too
}

static void keep_message(struct emulation *e, struct request *request, int *error)
{
	struct io_uring_sqe *sqe = &request->sqe;
	sqe->addr = keep(e, request, sqe->addr, sizeof(struct msghdr), error);
	struct msghdr *message = (struct msghdr *)(uintptr_t)sqe->addr;
	if (message == nullptr || *error != 0 || sqe->opcode == IORING_OP_RECVMSG)
		return;
	message->msg_name =
		(void *)(uintptr_t)keep(e, request, (uintptr_t)message->msg_name, (size_t)message->msg_namelen, error);
	message->msg_iov = (struct iovec *)(uintptr_t)keep(e, request, (uintptr_t)message->msg_iov,
							   message->msg_iovlen * sizeof(struct iovec), error);
}

int ring_emu_keep(struct emulation *e, struct request *request)
{
	struct io_uring_sqe *sqe = &request->sqe;
	int error = 0;
	if (request->is_kept)
		return 0;
	request->is_kept = true;
	switch (sqe->opcode) {
	case IORING_OP_READV:
	case IORING_OP_WRITEV:
	case IORING_OP_READV_FIXED:
	case IORING_OP_WRITEV_FIXED:
		sqe->addr = keep(e, request, sqe->addr, sqe->len * sizeof(struct iovec), &error);
		break;
	case IORING_OP_CONNECT:
	case IORING_OP_BIND:
		sqe->addr = keep(e, request, sqe->addr, sqe->addr2, &error);
		break;
	case IORING_OP_SEND:
	case IORING_OP_SEND_ZC:
		sqe->addr2 = keep(e, request, sqe->addr2, sqe->addr_len, &error);
		if ((sqe->ioprio & IORING_SEND_VECTORIZED) != 0)
			sqe->addr = keep(e, request, sqe->addr, sqe->len * sizeof(struct iovec), &error);
		break;
	case IORING_OP_SENDMSG:
	case IORING_OP_SENDMSG_ZC:
		keep_message(e, request, &error);
		break;
	case IORING_OP_RECVMSG: // else the message is where the lengths are told
		if ((sqe->ioprio & IORING_RECV_MULTISHOT) != 0)
			keep_message(e, request, &error);
		break;
	case IORING_OP_OPENAT2:
		sqe->addr2 = keep(e, request, sqe->addr2, sqe->len, &error);
		[[fallthrough]];
	case IORING_OP_OPENAT:
	case IORING_OP_STATX:
	case IORING_OP_UNLINKAT:
	case IORING_OP_MKDIRAT:
	case IORING_OP_FGETXATTR:
		sqe->addr = keep_text(e, request, sqe->addr, &error);
		break;
	case IORING_OP_RENAMEAT:
	case IORING_OP_SYMLINKAT:
	case IORING_OP_LINKAT:
		sqe->addr = keep_text(e, request, sqe->addr, &error);
		sqe->addr2 = keep_text(e, request, sqe->addr2, &error);
		break;
	case IORING_OP_SETXATTR:
		sqe->addr3 = keep_text(e, request, sqe->addr3, &error);
		[[fallthrough]];
	case IORING_OP_FSETXATTR:
		sqe->addr2 = keep(e, request, sqe->addr2, sqe->len, &error);
		sqe->addr = keep_text(e, request, sqe->addr, &error);
		break;
	case IORING_OP_GETXATTR:
		sqe->addr3 = keep_text(e, request, sqe->addr3, &error);
		sqe->addr = keep_text(e, request, sqe->addr, &error);
		break;
	case IORING_OP_EPOLL_CTL:
		sqe->addr = keep(e, request, sqe->addr, sizeof(struct epoll_event), &error);
		break;
	default:
		break;
	}
	return error;
}

// A chain that will begin later: one that cannot be kept ends when its turn comes.
void ring_emu_keep_chain(struct emulation *e, struct request *request)
{
	for (; request != nullptr; request = request->chain) {
		int error = ring_emu_keep(e, request);
		if (error == 0)
			continue;
		request->is_failed = true;
		request->res = error;
	}
}
