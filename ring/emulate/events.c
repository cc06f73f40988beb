// ring/emulate/events.c: operations that wait for an event or make one, and move no bytes.
#include <asm/siginfo.h>
#include <linux/wait.h>

#include "ring/emulate/emulate.h"

int ring_op_nop(struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	if ((sqe->nop_flags & IORING_NOP_FILE) != 0) {
		bool is_fixed = (sqe->nop_flags & IORING_NOP_FIXED_FILE) != 0;
		int fd = is_fixed ? ring_emu_file_at(e, (unsigned)sqe->fd) : sqe->fd;
		if (fd < 0 || sys_fcntl(fd, F_GETFD, 0) < 0)
			return -EBADF;
	}
	if ((sqe->nop_flags & IORING_NOP_FIXED_BUFFER) != 0 && ring_emu_fixed_bytes(e, sqe->buf_index, 0, 0) == -ENOENT)
		return -EFAULT;
	return (sqe->nop_flags & IORING_NOP_INJECT_RESULT) != 0 ? (int)sqe->len : 0;
}

// A multishot one tells each time that something happens, not all the time that something is there: edges. [epoll(7)]
static int poll_edges(struct emulation *e, struct request *request, uint32_t events)
{
	if (!request->is_armed) {
		request->is_armed = true;
		return ring_emu_watch_edges(e, request, events);
	}
	int there = ring_emu_poll_now(request->fd, events);
	if (there < 0)
		return there;
	if (there != 0 && !ring_emu_request_post_more(e, request, there, 0))
		ring_emu_list_add(&e->held, request);
	else
		ring_emu_list_add(&e->waiting, request);
	return WAITS;
}

int ring_op_poll(struct emulation *e, struct request *request)
{
	uint32_t events = (uint16_t)request->sqe.poll32_events;
	if ((request->sqe.len & IORING_POLL_ADD_MULTI) != 0)
		return poll_edges(e, request, events);
	int there = ring_emu_poll_now(request->fd, events);
	return there != 0 ? there : ring_emu_wait_for(e, request, request->fd, events);
}

static struct request *find_poll(struct list *list, uint64_t token)
{
	for (struct request *each = list->first; each != nullptr; each = each->next)
		if (each->sqe.opcode == IORING_OP_POLL_ADD && each->sqe.user_data == token)
			return each;
	return nullptr;
}

int ring_op_poll_remove(struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	struct request *found = find_poll(&e->waiting, sqe->addr);
	if (found == nullptr)
		found = find_poll(&e->held, sqe->addr);
	if (found == nullptr)
		return -ENOENT;
	if (sqe->len == 0) {
		ring_emu_cancel_request(e, found);
		return 0;
	}
	if ((sqe->len & IORING_POLL_UPDATE_USER_DATA) != 0)
		found->sqe.user_data = sqe->off;
	if ((sqe->len & IORING_POLL_UPDATE_EVENTS) == 0)
		return 0;
	found->sqe.poll32_events = sqe->poll32_events;
	found->is_armed = false; // looks anew
	ring_emu_list_remove(found);
	ring_emu_run(e, found);
	return 0;
}

// What a caller of waitid(2) is told; not the whole of a siginfo_t is written. [Linux io_uring/waitid.c]
static void tell_info(siginfo_t *info, const siginfo_t *got)
{
	if (info == nullptr)
		return;
	info->si_signo = got->si_signo;
	info->si_errno = 0;
	info->si_code = got->si_code;
	info->si_pid = got->si_pid;
	info->si_uid = got->si_uid;
	info->si_status = got->si_status;
}

// A process is watched through a descriptor of it, which tells only its end. [pidfd_open(2)]
int ring_op_waitid(struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	int options = (int)sqe->file_index;
	siginfo_t got = {};
	int error = sys_waitid((int)sqe->len, sqe->fd, &got, options | WNOHANG);
	if (error != 0)
		return error;
	if (got.si_pid != 0 || (options & WNOHANG) != 0) {
		tell_info((siginfo_t *)(uintptr_t)sqe->addr2, &got);
		return 0;
	}
	bool tells_more = (options & (WSTOPPED | WCONTINUED)) != 0;
	if (tells_more || (sqe->len != P_PID && sqe->len != P_PIDFD))
		return -EOPNOTSUPP;
	if (request->fd < 0) {
		request->fd = sqe->len == P_PID ? sys_pidfd_open(sqe->fd, 0) : ring_emu_dup_of(sqe->fd);
		if (request->fd < 0)
			return request->fd == -ENOSYS ? -EOPNOTSUPP : request->fd;
		request->owns_fd = true;
	}
	return ring_emu_wait_for(e, request, request->fd, POLLIN);
}

// Whether it can be a ring: an emulated one and one of the kernel's are files without a type. [statx(2)]
static bool may_be_ring(int fd)
{
	struct statx about = {};
	return sys_statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &about) == 0 &&
	       (about.stx_mode & 0170000 /* S_IFMT */) == 0;
}

static int send_data(struct emulation *to, const struct io_uring_sqe *sqe)
{
	bool passes = (sqe->msg_ring_flags & IORING_MSG_RING_FLAGS_PASS) != 0;
	if (sqe->addr3 != 0 || (sqe->msg_ring_flags & ~IORING_MSG_RING_FLAGS_PASS) != 0 ||
	    (!passes && sqe->file_index != 0))
		return -EINVAL;
	return ring_emu_post_alone(to, sqe->off, (int)sqe->len, passes ? sqe->file_index : 0);
}

// A registered file of ours becomes one of the other's, too.
static int send_file(const struct emulation *e, struct emulation *to, const struct io_uring_sqe *sqe)
{
	if (sqe->len != 0 || to == e || (sqe->msg_ring_flags & ~IORING_MSG_RING_CQE_SKIP) != 0)
		return -EINVAL;
	if (sqe->addr3 > UINT32_MAX)
		return -EBADF;
	int fd = ring_emu_file_at(e, (unsigned)sqe->addr3);
	if (fd >= 0)
		fd = ring_emu_dup_of(fd);
	if (fd < 0)
		return fd;
	int slot = ring_emu_file_install(to, sqe->file_index, fd);
	if (slot < 0 || (sqe->msg_ring_flags & IORING_MSG_RING_CQE_SKIP) != 0)
		return slot;
	int error = ring_emu_post_alone(to, sqe->off, slot, 0);
	return error != 0 ? error : slot;
}

// [Linux io_uring/msg_ring.c]
int ring_op_msg_ring(struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	struct emulation *to = request->fd == e->fd ? e : ring_emu_find_ring(request->fd);
	if (to == nullptr && sys_fcntl(request->fd, F_GETFD, 0) < 0)
		return -EBADF;
	if (to == nullptr)
		return may_be_ring(request->fd) ? -EOPNOTSUPP : -EBADFD;
	if (to->is_disabled)
		return -EBADFD;
	int result = -EINVAL;
	if (sqe->addr == IORING_MSG_DATA)
		result = send_data(to, sqe);
	else if (sqe->addr == IORING_MSG_SEND_FD)
		result = send_file(e, to, sqe);
	if (to != e)
		ring_emu_tell(to);
	return result;
}

int ring_op_epoll_wait(struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	int count = sys_epoll_pwait(request->fd, (struct epoll_event *)(uintptr_t)sqe->addr, (int)sqe->len, 0, nullptr);
	return count != 0 ? count : ring_emu_wait_for(e, request, request->fd, POLLIN);
}

int ring_op_epoll_ctl(struct emulation *e, struct request *request)
{
	(void)e;
	const struct io_uring_sqe *sqe = &request->sqe;
	return sys_epoll_ctl(sqe->fd, (int)sqe->len, (int)sqe->off, (struct epoll_event *)(uintptr_t)sqe->addr);
}
