// ring/emulate/run.c: which function does which operation, and what an entry may ask for.
//
// What the kernel refuses at once is refused here, before anything has happened: unknown flags, and fields that the operation
// does not use and that are not zero. [Linux io_uring/opdef.c, and the _prep function of each operation]
#include "ring/emulate/emulate.h"

// Fields of an entry that must be zero.
enum {
	OFF = 1 << 0,
	ADDR = 1 << 1,
	LEN = 1 << 2,
	FLAGS = 1 << 3, // rw_flags and its other names
	INDEX = 1 << 4, // buf_index
	FILE = 1 << 5,  // file_index and its other names
	ADDR3 = 1 << 6,
};

// What is special about an operation.
enum {
	NEEDS_FILE = 1 << 0, // works on `fd`, which may be a registered one
	OWN_FD = 1 << 1,     // has another use for `fd`, or means a folder: no registered ones, -EBADF
	NO_FIXED = 1 << 2,   // works on no file: a registered one is -EINVAL
	SELECTS = 1 << 3,    // can take a provided buffer
	PRIORITY = 1 << 4,   // uses ioprio
	SOFT = 1 << 5,       // its chain goes on though it failed: it never calls req_set_fail()
};

struct operation {
	int (*run)(struct emulation *e, struct request *request);
	uint8_t zero;
	uint8_t traits;
};

#define RW (NEEDS_FILE | SELECTS | PRIORITY)
#define PATH (OWN_FD | SOFT)

static const struct operation operations[] = {
	[IORING_OP_NOP] = {ring_op_nop, 0, 0},
	[IORING_OP_READV] = {ring_op_read, 0, RW},
	[IORING_OP_WRITEV] = {ring_op_write, 0, NEEDS_FILE | PRIORITY},
	[IORING_OP_FSYNC] = {ring_op_fsync, ADDR | INDEX | FILE, NEEDS_FILE | SOFT},
	[IORING_OP_READ_FIXED] = {ring_op_read, 0, NEEDS_FILE | PRIORITY},
	[IORING_OP_WRITE_FIXED] = {ring_op_write, 0, NEEDS_FILE | PRIORITY},
	[IORING_OP_POLL_ADD] = {ring_op_poll, INDEX | OFF | ADDR, NEEDS_FILE},
	[IORING_OP_POLL_REMOVE] = {ring_op_poll_remove, INDEX | FILE, 0},
	[IORING_OP_SYNC_FILE_RANGE] = {ring_op_sync_file_range, ADDR | INDEX | FILE, NEEDS_FILE | SOFT},
	[IORING_OP_SENDMSG] = {ring_op_sendmsg, OFF | FILE, NEEDS_FILE | PRIORITY},
	[IORING_OP_RECVMSG] = {ring_op_recvmsg, OFF | FILE, RW},
	[IORING_OP_TIMEOUT] = {ring_op_timeout, INDEX | FILE, 0},
	[IORING_OP_TIMEOUT_REMOVE] = {ring_op_timeout_remove, INDEX | LEN | FILE, NO_FIXED},
	[IORING_OP_ACCEPT] = {ring_op_accept, LEN | INDEX, NEEDS_FILE | PRIORITY},
	[IORING_OP_ASYNC_CANCEL] = {ring_op_cancel, OFF | FILE, 0},
	[IORING_OP_LINK_TIMEOUT] = {ring_op_timeout, INDEX | FILE, 0},
	[IORING_OP_CONNECT] = {ring_op_connect, LEN | INDEX | FLAGS | FILE, NEEDS_FILE},
	[IORING_OP_FALLOCATE] = {ring_op_fallocate, INDEX | FLAGS | FILE, NEEDS_FILE | SOFT},
	[IORING_OP_OPENAT] = {ring_op_openat, INDEX, OWN_FD},
	[IORING_OP_CLOSE] = {ring_op_close, OFF | ADDR | LEN | FLAGS | INDEX, OWN_FD},
	[IORING_OP_FILES_UPDATE] = {ring_op_files_update, FLAGS | FILE, NO_FIXED},
	[IORING_OP_STATX] = {ring_op_statx, INDEX | FILE, PATH},
	[IORING_OP_READ] = {ring_op_read, 0, RW},
	[IORING_OP_WRITE] = {ring_op_write, 0, NEEDS_FILE | PRIORITY},
	[IORING_OP_FADVISE] = {ring_op_fadvise, INDEX | FILE, NEEDS_FILE},
	[IORING_OP_MADVISE] = {ring_op_madvise, INDEX | FILE, SOFT},
	[IORING_OP_SEND] = {ring_op_send, 0, RW},
	[IORING_OP_RECV] = {ring_op_recv, OFF | FILE, RW},
	[IORING_OP_OPENAT2] = {ring_op_openat2, INDEX, OWN_FD},
	[IORING_OP_EPOLL_CTL] = {ring_op_epoll_ctl, INDEX | FILE, 0},
	[IORING_OP_SPLICE] = {ring_op_splice, 0, NEEDS_FILE},
	[IORING_OP_PROVIDE_BUFFERS] = {ring_op_provide_buffers, FLAGS | FILE, 0},
	[IORING_OP_REMOVE_BUFFERS] = {ring_op_remove_buffers, FLAGS | ADDR | LEN | OFF | FILE, 0},
	[IORING_OP_TEE] = {ring_op_splice, ADDR | OFF, NEEDS_FILE},
	[IORING_OP_SHUTDOWN] = {ring_op_shutdown, OFF | ADDR | FLAGS | INDEX | FILE, NEEDS_FILE | SOFT},
	[IORING_OP_RENAMEAT] = {ring_op_renameat, INDEX | FILE, PATH},
	[IORING_OP_UNLINKAT] = {ring_op_unlinkat, OFF | LEN | INDEX | FILE, PATH},
	[IORING_OP_MKDIRAT] = {ring_op_mkdirat, OFF | FLAGS | INDEX | FILE, PATH},
	[IORING_OP_SYMLINKAT] = {ring_op_symlinkat, LEN | FLAGS | INDEX | FILE, PATH},
	[IORING_OP_LINKAT] = {ring_op_linkat, INDEX | FILE, PATH},
	[IORING_OP_MSG_RING] = {ring_op_msg_ring, INDEX, NEEDS_FILE},
	[IORING_OP_FSETXATTR] = {ring_op_fsetxattr, 0, NEEDS_FILE | SOFT},
	[IORING_OP_SETXATTR] = {ring_op_setxattr, 0, PATH},
	[IORING_OP_FGETXATTR] = {ring_op_fgetxattr, FLAGS, NEEDS_FILE | SOFT},
	[IORING_OP_GETXATTR] = {ring_op_getxattr, FLAGS, PATH},
	[IORING_OP_SOCKET] = {ring_op_socket, ADDR | FLAGS | INDEX, 0},
	[IORING_OP_WAITID] = {ring_op_waitid, ADDR | INDEX | ADDR3 | FLAGS, 0},
	[IORING_OP_FIXED_FD_INSTALL] = {ring_op_fixed_fd_install, OFF | ADDR | LEN | INDEX | FILE | ADDR3, NEEDS_FILE},
	[IORING_OP_FTRUNCATE] = {ring_op_ftruncate, FLAGS | ADDR | LEN | INDEX | FILE | ADDR3, NEEDS_FILE | SOFT},
	[IORING_OP_BIND] = {ring_op_bind, LEN | INDEX | FLAGS | FILE, NEEDS_FILE},
	[IORING_OP_LISTEN] = {ring_op_listen, ADDR | OFF | INDEX | FLAGS | FILE, NEEDS_FILE},
	[IORING_OP_SEND_ZC] = {ring_op_send_zc, ADDR3, NEEDS_FILE | PRIORITY},
	[IORING_OP_SENDMSG_ZC] = {ring_op_send_zc, OFF | FILE | ADDR3, NEEDS_FILE | PRIORITY},
	[IORING_OP_READ_MULTISHOT] = {ring_op_read_multishot, ADDR | LEN, RW},
	[IORING_OP_EPOLL_WAIT] = {ring_op_epoll_wait, OFF | FLAGS | INDEX | FILE, NEEDS_FILE},
	[IORING_OP_READV_FIXED] = {ring_op_read, 0, NEEDS_FILE | PRIORITY},
	[IORING_OP_WRITEV_FIXED] = {ring_op_write, 0, NEEDS_FILE | PRIORITY},
	[IORING_OP_PIPE] = {ring_op_pipe, OFF | ADDR3, 0},
};

#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

bool ring_emu_has_operation(unsigned opcode)
{
	return opcode < OPERATIONS && operations[opcode].run != nullptr;
}

bool ring_emu_fails_softly(unsigned opcode)
{
	return opcode < OPERATIONS && (operations[opcode].traits & SOFT) != 0;
}

static uint8_t fields_set(const struct io_uring_sqe *sqe)
{
	return (uint8_t)((sqe->off != 0 ? OFF : 0) | (sqe->addr != 0 ? ADDR : 0) | (sqe->len != 0 ? LEN : 0) |
			 (sqe->rw_flags != 0 ? FLAGS : 0) | (sqe->buf_index != 0 ? INDEX : 0) |
			 (sqe->file_index != 0 ? FILE : 0) | (sqe->addr3 != 0 ? ADDR3 : 0));
}

// A class and a level in it. What they ask for is a favour, which nobody does here. [ioprio_set(2)]
static bool is_priority(uint16_t priority)
{
	unsigned class = priority >> 13, level = priority & 7;
	return class <= 3 && (class != 0 || level == 0);
}

// Flags that an operation has in one of its fields, where those are checked before it begins.
static bool has_known_flags(const struct io_uring_sqe *sqe)
{
	switch (sqe->opcode) {
	case IORING_OP_NOP:
		return (sqe->nop_flags & ~(IORING_NOP_INJECT_RESULT | IORING_NOP_FILE | IORING_NOP_FIXED_FILE |
					   IORING_NOP_FIXED_BUFFER | IORING_NOP_TW)) == 0;
	case IORING_OP_FSYNC:
		return (sqe->fsync_flags & ~IORING_FSYNC_DATASYNC) == 0;
	case IORING_OP_POLL_ADD:
		return (sqe->len & ~IORING_POLL_ADD_MULTI) == 0 &&
		       (sqe->len == 0 || (sqe->flags & IOSQE_CQE_SKIP_SUCCESS) == 0);
	case IORING_OP_POLL_REMOVE: {
		uint32_t update = IORING_POLL_UPDATE_EVENTS | IORING_POLL_UPDATE_USER_DATA;
		return (sqe->len & ~(update | IORING_POLL_ADD_MULTI)) == 0 && sqe->len != IORING_POLL_ADD_MULTI &&
		       ((sqe->len & IORING_POLL_UPDATE_USER_DATA) != 0 || sqe->off == 0) &&
		       ((sqe->len & IORING_POLL_UPDATE_EVENTS) != 0 || sqe->poll32_events == 0);
	}
	case IORING_OP_ACCEPT:
		return (sqe->ioprio & ~(IORING_ACCEPT_MULTISHOT | IORING_ACCEPT_DONTWAIT | IORING_ACCEPT_POLL_FIRST)) ==
			       0 &&
		       (sqe->accept_flags & ~(uint32_t)(SOCK_CLOEXEC | SOCK_NONBLOCK)) == 0 &&
		       (sqe->file_index == 0 || (sqe->accept_flags & SOCK_CLOEXEC) == 0) &&
		       ((sqe->ioprio & IORING_ACCEPT_MULTISHOT) == 0 || sqe->file_index == 0 ||
			sqe->file_index == IORING_FILE_INDEX_ALLOC);
	case IORING_OP_ASYNC_CANCEL:
		return ring_emu_cancel_is_valid(sqe->cancel_flags);
	case IORING_OP_SEND:
		return (sqe->ioprio &
			~(IORING_RECVSEND_POLL_FIRST | IORING_SEND_VECTORIZED | IORING_RECVSEND_BUNDLE)) == 0;
	case IORING_OP_SEND_ZC:
	case IORING_OP_SENDMSG_ZC:
		return (sqe->ioprio & ~(IORING_RECVSEND_POLL_FIRST | IORING_RECVSEND_FIXED_BUF |
					IORING_SEND_ZC_REPORT_USAGE | IORING_SEND_VECTORIZED)) == 0 &&
		       (sqe->flags & IOSQE_CQE_SKIP_SUCCESS) == 0;
	case IORING_OP_SENDMSG:
		return (sqe->ioprio & ~IORING_RECVSEND_POLL_FIRST) == 0;
	case IORING_OP_RECV:
	case IORING_OP_RECVMSG: {
		bool is_multishot = (sqe->ioprio & IORING_RECV_MULTISHOT) != 0;
		bool is_bundle = (sqe->ioprio & IORING_RECVSEND_BUNDLE) != 0;
		return (sqe->ioprio & ~(IORING_RECVSEND_POLL_FIRST | IORING_RECV_MULTISHOT | IORING_RECVSEND_BUNDLE)) ==
			       0 &&
		       (!is_bundle || sqe->opcode == IORING_OP_RECV) &&
		       (!is_multishot ||
			((sqe->flags & IOSQE_BUFFER_SELECT) != 0 && (sqe->msg_flags & MSG_WAITALL) == 0 &&
			 (sqe->opcode == IORING_OP_RECVMSG || sqe->len == 0)));
	}
	case IORING_OP_READ:
	case IORING_OP_WRITE:
	case IORING_OP_WRITEV:
	case IORING_OP_READ_FIXED:
	case IORING_OP_WRITE_FIXED:
	case IORING_OP_READV_FIXED:
	case IORING_OP_WRITEV_FIXED:
		return is_priority(sqe->ioprio);
	case IORING_OP_READ_MULTISHOT:
		return is_priority(sqe->ioprio) && (sqe->flags & IOSQE_BUFFER_SELECT) != 0;
	case IORING_OP_READV:
		return is_priority(sqe->ioprio) && ((sqe->flags & IOSQE_BUFFER_SELECT) == 0 || sqe->len == 1);
	case IORING_OP_CLOSE:
		return sqe->fd == 0 || sqe->file_index == 0;
	case IORING_OP_OPENAT:
		return sqe->file_index == 0 || (sqe->open_flags & O_CLOEXEC) == 0;
	case IORING_OP_OPENAT2:
		return sqe->len >= sizeof(struct open_how);
	case IORING_OP_SOCKET:
		return sqe->file_index == 0 || (sqe->off & SOCK_CLOEXEC) == 0;
	case IORING_OP_SPLICE:
	case IORING_OP_TEE:
		return (sqe->splice_flags & ~(SPLICE_F_FD_IN_FIXED | 0xfu /* SPLICE_F_ALL, linux/splice.h */)) == 0;
	case IORING_OP_UNLINKAT:
		return (sqe->unlink_flags & ~(uint32_t)AT_REMOVEDIR) == 0;
	case IORING_OP_PIPE:
		return sqe->fd == 0 && (sqe->pipe_flags & ~(uint32_t)(O_CLOEXEC | O_NONBLOCK | O_DIRECT)) == 0 &&
		       (sqe->file_index == 0 || (sqe->pipe_flags & O_CLOEXEC) == 0);
	case IORING_OP_FIXED_FD_INSTALL:
		return (sqe->install_fd_flags & ~IORING_FIXED_FD_NO_CLOEXEC) == 0;
	case IORING_OP_FILES_UPDATE:
		return sqe->len != 0;
	default:
		return true;
	}
}

int ring_emu_check(const struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	if (sqe->opcode >= IORING_OP_LAST)
		return -EINVAL;
	uint8_t known = IOSQE_FIXED_FILE | IOSQE_IO_DRAIN | IOSQE_IO_LINK | IOSQE_IO_HARDLINK | IOSQE_ASYNC |
			IOSQE_BUFFER_SELECT | IOSQE_CQE_SKIP_SUCCESS;
	if ((sqe->flags & ~known) != 0 || sqe->personality != 0)
		return -EINVAL;
	if (e->is_restricted && !ring_emu_is_allowed(e, sqe))
		return -EACCES;
	if (!ring_emu_has_operation(sqe->opcode))
		return -EOPNOTSUPP;
	const struct operation *operation = &operations[sqe->opcode];
	bool selects = (sqe->flags & IOSQE_BUFFER_SELECT) != 0;
	bool is_fixed = (sqe->flags & IOSQE_FIXED_FILE) != 0;
	if (selects && (operation->traits & SELECTS) == 0)
		return -EOPNOTSUPP;
	if (sqe->opcode == IORING_OP_SEND && (sqe->ioprio & IORING_RECVSEND_BUNDLE) != 0 && !selects)
		return -EOPNOTSUPP; // a bundle of what
	if (sqe->ioprio != 0 && (operation->traits & PRIORITY) == 0)
		return -EINVAL;
	if ((fields_set(sqe) & operation->zero) != 0 || !has_known_flags(sqe))
		return -EINVAL;
	if ((operation->traits & NO_FIXED) != 0 && is_fixed)
		return -EINVAL;
	if ((operation->traits & OWN_FD) != 0 && is_fixed)
		return -EBADF;
	if (sqe->opcode == IORING_OP_FIXED_FD_INSTALL && !is_fixed)
		return -EBADF;
	return ring_emu_timeout_check(e, request);
}

static int start(struct emulation *e, struct request *request)
{
	const struct operation *operation = &operations[request->sqe.opcode];
	if (request->is_failed)
		return request->res;
	if (request->fd < 0 && (operation->traits & NEEDS_FILE) != 0) {
		bool is_fixed = (request->sqe.flags & IOSQE_FIXED_FILE) != 0;
		request->fd = is_fixed ? ring_emu_file_at(e, (unsigned)request->sqe.fd) : request->sqe.fd;
		if (request->fd < 0) {
			request->is_short = true; // whatever the operation, without a file the chain ends
			return -EBADF;
		}
	}
	return operation->run(e, request);
}

void ring_emu_run(struct emulation *e, struct request *request)
{
	int result = start(e, request);
	if (result == WAITS && request->in != nullptr) { // a nop's result may be any number; it waits nowhere
		result = ring_emu_keep(e, request);
		if (result == 0) {
			ring_emu_keep_chain(e, request->chain);
			if (request->starts_timer && request->timer == nullptr)
				ring_emu_timer_start(e, request);
			return;
		}
	}
	ring_emu_request_complete(e, request, result);
}

void ring_emu_run_ready(struct emulation *e)
{
	while (e->ready.first != nullptr) {
		struct request *request = e->ready.first;
		ring_emu_list_remove(request);
		ring_emu_run(e, request);
	}
}
