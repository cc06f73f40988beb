// ring/emulate/pipes.c: how pipes come to be, and what goes from one into another.
#include "ring/emulate/emulate.h"

#define AT_POSITION (-1)
#define SPLICE_NONBLOCK 2u // SPLICE_F_NONBLOCK [Linux include/linux/splice.h]

// The first end that is not ready: -EAGAIN as in `waits_for`; or 1.
static int both_ready(int in, int out, struct pollfd *waits_for)
{
	struct pollfd ends[] = {{.fd = in, .events = POLLIN}, {.fd = out, .events = POLLOUT}};
	for (size_t i = 0; i < 2; i++) {
		int ready = ring_emu_poll_now(ends[i].fd, (uint32_t)ends[i].events);
		*waits_for = ends[i];
		if (ready <= 0)
			return ready == 0 ? -EAGAIN : ready;
	}
	return 1;
}

// tee(2) is between pipes, which SPLICE_F_NONBLOCK keeps from blocking. splice(2) may be with a socket, which it does not: both
// ends must be ready before, and one is waited for at a time.
int ring_op_splice(struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	bool is_fixed = (sqe->splice_flags & SPLICE_F_FD_IN_FIXED) != 0;
	bool is_tee = sqe->opcode == IORING_OP_TEE;
	int in = is_fixed ? ring_emu_file_at(e, (unsigned)sqe->splice_fd_in) : sqe->splice_fd_in;
	unsigned flags = (sqe->splice_flags & ~SPLICE_F_FD_IN_FIXED) | SPLICE_NONBLOCK;
	int64_t from = (int64_t)sqe->splice_off_in, to = (int64_t)sqe->off;
	struct pollfd waits_for = {};
	if (in < 0)
		return -EBADF;
	if (sqe->len == 0)
		return 0;
	long moved = is_tee ? 1 : both_ready(in, request->fd, &waits_for);
	if (moved > 0 && is_tee)
		moved = sys_tee(in, request->fd, sqe->len, flags);
	else if (moved > 0)
		moved = sys_splice(in, from == AT_POSITION ? nullptr : &from, request->fd,
				   to == AT_POSITION ? nullptr : &to, sqe->len, flags);
	if (moved == -EAGAIN && (sqe->splice_flags & SPLICE_NONBLOCK) == 0) {
		if (is_tee)
			(void)both_ready(in, request->fd, &waits_for); // to learn which
		return ring_emu_wait_for(e, request, waits_for.fd, (uint32_t)waits_for.events);
	}
	request->is_short = moved != (long)sqe->len;
	return (int)moved;
}

int ring_op_pipe(struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	int *into = (int *)(uintptr_t)sqe->addr;
	unsigned slot = sqe->file_index;
	int fds[2];
	int error = sys_pipe2(fds, (int)sqe->pipe_flags | (slot != 0 ? O_CLOEXEC : 0));
	if (error != 0)
		return error;
	if (slot != 0) {
		int first = ring_emu_file_install(e, slot, fds[0]);
		int second =
			first < 0 ? first
				  : ring_emu_file_install(e, slot == IORING_FILE_INDEX_ALLOC ? slot : slot + 1, fds[1]);
		if (first < 0)
			(void)sys_close(fds[1]); // the descriptor is gone whatever close says
		else if (second < 0)
			(void)ring_emu_file_close(e, slot == IORING_FILE_INDEX_ALLOC ? (unsigned)first + 1 : slot);
		if (second < 0)
			return second;
		fds[0] = first;
		fds[1] = second;
	}
	into[0] = fds[0];
	into[1] = fds[1];
	return 0;
}
