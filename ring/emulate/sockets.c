// ring/emulate/sockets.c: how sockets come to be, connect and end.
//
// accept(2) and connect(2) have no flag that keeps them from blocking. So a listener is polled first, or an accept waits beside
// one that has just polled it; what remains is that another process takes the connection in between. And a connect waits for
// at most one tick of the clock, by SO_SNDTIMEO, which is put back at once; then it goes on by itself and tells by POLLOUT.
// [connect(2), EINPROGRESS; socket(7)]
#include "ring/emulate/emulate.h"

int ring_op_socket(struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	int type = (int)sqe->off | (sqe->file_index != 0 ? SOCK_CLOEXEC : 0);
	return ring_emu_file_given(e, request, sys_socket(sqe->fd, type, (int)sqe->len));
}

int ring_op_bind(struct emulation *e, struct request *request)
{
	(void)e;
	const struct io_uring_sqe *sqe = &request->sqe;
	return sys_bind(request->fd, (const void *)(uintptr_t)sqe->addr, (uint32_t)sqe->addr2);
}

int ring_op_listen(struct emulation *e, struct request *request)
{
	(void)e;
	return sys_listen(request->fd, (int)request->sqe.len);
}

int ring_op_shutdown(struct emulation *e, struct request *request)
{
	(void)e;
	return sys_shutdown(request->fd, (int)request->sqe.len);
}

// A signal would end the wait with EINTR while the connection goes on, so signals wait for that tick. What else ends it so (a
// freezer, work that the kernel has for this thread) does it once, and who asks again hears EALREADY while it is under way.
static int connect_for_a_tick(int fd, const void *address, uint32_t length)
{
	struct __kernel_old_timeval before = {}, tick = {.tv_usec = 1};
	uint32_t size = sizeof(before);
	uint64_t all = UINT64_MAX, mask = 0;
	int known = sys_getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &before, &size);
	if (known == 0)
		(void)sys_setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tick, sizeof(tick));
	int masked = sys_rt_sigprocmask(SIG_BLOCK, &all, &mask);
	int result = sys_connect(fd, address, length);
	if (result == -EINTR) {
		result = sys_connect(fd, address, length);
		if (result == -EALREADY)
			result = -EINPROGRESS;
	}
	if (masked == 0)
		(void)sys_rt_sigprocmask(SIG_SETMASK, &mask, nullptr); // it was right a moment ago
	if (known == 0)
		(void)sys_setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &before, sizeof(before));
	return result;
}

int ring_op_connect(struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	if (request->is_armed) {
		int error = 0;
		uint32_t size = sizeof(error);
		int asked = sys_getsockopt(request->fd, SOL_SOCKET, SO_ERROR, &error, &size);
		return asked < 0 ? asked : -error;
	}
	int result = connect_for_a_tick(request->fd, (const void *)(uintptr_t)sqe->addr, (uint32_t)sqe->addr2);
	if (result != -EINPROGRESS)
		return result;
	request->is_armed = true;
	return ring_emu_wait_for(e, request, request->fd, POLLOUT);
}

// What does not listen never polls readable as a listener does, and accept(2) says at once what is wrong with it.
static bool is_listening(int fd)
{
	int listens = 0;
	uint32_t size = sizeof(listens);
	return sys_getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0;
}

static int accept_one(struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	int ready = ring_emu_poll_now(request->fd, POLLIN);
	if (ready < 0)
		return ready;
	bool has_waited = request->watch != nullptr;
	if (ready == 0 && (has_waited || is_listening(request->fd)))
		return -EAGAIN;
	int flags = (int)sqe->accept_flags | (sqe->file_index != 0 ? SOCK_CLOEXEC : 0);
	int fd = sys_accept4(request->fd, (void *)(uintptr_t)sqe->addr, (uint32_t *)(uintptr_t)sqe->addr2, flags);
	return fd == -EAGAIN ? fd : ring_emu_file_given(e, request, fd);
}

int ring_op_accept(struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	bool may_wait = (sqe->ioprio & IORING_ACCEPT_DONTWAIT) == 0;
	for (;;) {
		bool is_multishot = (sqe->ioprio & IORING_ACCEPT_MULTISHOT) != 0;
		if (is_multishot && !ring_emu_has_room(e)) {
			ring_emu_list_add(&e->held, request);
			return WAITS;
		}
		if (may_wait && ring_emu_wait_beside(e, request))
			return WAITS;
		int result = accept_one(e, request);
		if (result == -EAGAIN && may_wait)
			return ring_emu_wait_in_vain(e, request);
		if (result < 0 || !is_multishot)
			return result;
		(void)ring_emu_request_post_more(e, request, result, 0); // there was room
	}
}
