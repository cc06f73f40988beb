// ring/emulate/transfers.c: reading and writing.
//
// A descriptor may be anything. What must not happen is that a read of an empty pipe blocks; what must not happen either is
// that the pipe gets O_NONBLOCK, which whoever shares it would see. So a read is tried with RWF_NOWAIT, and where that is not
// known (before Linux 6.4 for pipes, or in an emulator) the descriptor is polled first. [readv(2), Linux fs/pipe.c, FMODE_NOWAIT]
#include "ring/emulate/emulate.h"

#define PIPE_BYTES 4096 // PIPE_BUF: a pipe that polls writable takes so many without blocking. [pipe(7)]
#define AT_POSITION (-1)
#define SHOTS_MAX 32 // in a row, before others have their turn

// The pieces of memory that a read or write is about.
struct pieces {
	const struct iovec *iov;
	int count;
	int64_t total;
	struct iovec one;
	struct picked picked;
	bool is_picked;
};

static int find_pieces(struct emulation *e, struct request *request, struct pieces *pieces)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	bool is_vector = sqe->opcode == IORING_OP_READV || sqe->opcode == IORING_OP_WRITEV ||
			 sqe->opcode == IORING_OP_READV_FIXED || sqe->opcode == IORING_OP_WRITEV_FIXED;
	bool is_fixed = sqe->opcode == IORING_OP_READ_FIXED || sqe->opcode == IORING_OP_WRITE_FIXED ||
			sqe->opcode == IORING_OP_READV_FIXED || sqe->opcode == IORING_OP_WRITEV_FIXED;
	pieces->iov = &pieces->one;
	pieces->count = 1;
	pieces->one = (struct iovec){(void *)(uintptr_t)sqe->addr, sqe->len};
	if (is_vector) {
		pieces->iov = (const struct iovec *)(uintptr_t)sqe->addr;
		pieces->count = (int)sqe->len;
	}
	if ((sqe->flags & IOSQE_BUFFER_SELECT) != 0) {
		uint32_t limit = is_vector ? (uint32_t)pieces->iov->iov_len : sqe->len;
		int error = ring_emu_buffer_pick(e, sqe->buf_group, limit, &pieces->one, 1, &pieces->picked);
		if (error != 0)
			return error;
		pieces->is_picked = true;
		pieces->iov = &pieces->one;
	}
	if (pieces->count < 0 || pieces->count > 1024 /* UIO_MAXIOV, linux/uio.h */)
		return -EINVAL;
	for (int i = 0; i < pieces->count; i++) {
		int error = is_fixed ? ring_emu_fixed_bytes(e, sqe->buf_index, (uintptr_t)pieces->iov[i].iov_base,
							    pieces->iov[i].iov_len)
				     : 0;
		if (error != 0)
			return -EFAULT;
		pieces->total += (int64_t)pieces->iov[i].iov_len;
	}
	return 0;
}

typedef long transfer(int fd, const struct iovec *iov, int count, int64_t offset, int flags);

static long call_read(int fd, const struct iovec *iov, int count, int64_t offset, int flags)
{
	if (flags != 0)
		return sys_preadv2(fd, iov, count, offset, flags);
	return offset == AT_POSITION ? sys_readv(fd, iov, count) : sys_preadv(fd, iov, count, offset);
}

static long call_write(int fd, const struct iovec *iov, int count, int64_t offset, int flags)
{
	if (flags != 0)
		return sys_pwritev2(fd, iov, count, offset, flags);
	return offset == AT_POSITION ? sys_writev(fd, iov, count) : sys_pwritev(fd, iov, count, offset);
}

// Pipes and their kin have no positions, and io_uring does not mind being given one.
static long transfer_at(struct emulation *e, transfer *call, struct request *request, const struct pieces *pieces,
			int flags)
{
	flags |= (int)request->sqe.rw_flags;
	if (flags == RWF_NOWAIT && e->lacks_nowait)
		return -EOPNOTSUPP;
	long moved = call(request->fd, pieces->iov, pieces->count, (int64_t)request->sqe.off, flags);
	if (moved == -ESPIPE)
		moved = call(request->fd, pieces->iov, pieces->count, AT_POSITION, flags);
	if (moved == -ENOSYS && flags == RWF_NOWAIT)
		e->lacks_nowait = true;
	return moved == -ENOSYS ? -EOPNOTSUPP : moved;
}

// A file of which only the first part was in memory gives that part with RWF_NOWAIT; the kernel goes on in a worker, and
// here the whole is read again in place. Anything else that gave less has no more now.
static long read_rest(struct request *request, const struct pieces *pieces, long moved)
{
	int64_t offset = (int64_t)request->sqe.off;
	bool moves_position = offset == AT_POSITION;
	if (moves_position)
		offset = sys_lseek(request->fd, 0, 1 /* SEEK_CUR, linux/fs.h */) - moved;
	if (offset < 0)
		return moved; // it has no position
	long again = sys_preadv(request->fd, pieces->iov, pieces->count, offset);
	if (again <= moved)
		return moved;
	if (moves_position)
		(void)sys_lseek(request->fd, offset + again, 0 /* SEEK_SET */);
	return again;
}

// What is not open for it never polls ready, and would be waited for without end. `way`: O_RDONLY or O_WRONLY.
static bool is_open_for(int fd, int way)
{
	int mode = (int)sys_fcntl(fd, F_GETFL, 0) & O_ACCMODE;
	return mode == O_RDWR || mode == way;
}

static long read_some(struct emulation *e, struct request *request, const struct pieces *pieces)
{
	long moved = transfer_at(e, call_read, request, pieces, RWF_NOWAIT);
	if ((request->sqe.rw_flags & RWF_NOWAIT) != 0)
		return moved;
	if (moved > 0 && moved < pieces->total)
		return read_rest(request, pieces, moved);
	if (moved != -EAGAIN && moved != -EOPNOTSUPP)
		return moved;
	int ready = ring_emu_poll_now(request->fd, POLLIN);
	if (ready < 0)
		return ready;
	if (ready == 0)
		return is_open_for(request->fd, O_RDONLY) ? -EAGAIN : -EBADF;
	return transfer_at(e, call_read, request, pieces, 0);
}

// Again and again, each time into a buffer that the program has provided, as long as one is there and there is more to come.
// [Linux io_uring/rw.c, io_read_mshot()]
int ring_op_read_multishot(struct emulation *e, struct request *request)
{
	int error = request->is_armed ? 0 : ring_emu_can_wait_for(e, request->fd);
	if (error != 0)
		return error == -EPERM ? -EBADFD : error; // a file that is always ready: it would never end
	request->is_armed = true;
	for (unsigned shots = 0; shots < SHOTS_MAX; shots++) {
		struct pieces pieces = {};
		if (!ring_emu_has_room(e)) {
			ring_emu_list_add(&e->held, request);
			return WAITS;
		}
		error = find_pieces(e, request, &pieces);
		if (error != 0)
			return error;
		long moved = read_some(e, request, &pieces);
		if (moved == -EAGAIN)
			return ring_emu_wait_for(e, request, request->fd, POLLIN);
		if (moved <= 0)
			return (int)moved;
		uint32_t flags = ring_emu_buffer_take(e, &pieces.picked, (uint32_t)moved);
		(void)ring_emu_request_post_more(e, request, (int)moved, flags); // there was room
	}
	ring_emu_list_add(&e->ready, request);
	return WAITS;
}

int ring_op_read(struct emulation *e, struct request *request)
{
	struct pieces pieces = {};
	int error = find_pieces(e, request, &pieces);
	if (error != 0)
		return error;
	long moved = read_some(e, request, &pieces);
	if (moved == -EAGAIN && (request->sqe.rw_flags & RWF_NOWAIT) == 0)
		return ring_emu_wait_for(e, request, request->fd, POLLIN);
	if (moved >= 0 && pieces.is_picked)
		request->cflags = ring_emu_buffer_take(e, &pieces.picked, (uint32_t)moved);
	request->is_short = moved != pieces.total;
	return (int)moved;
}

// A pipe or a terminal, where RWF_NOWAIT is not known: a little, as long as it polls writable.
static long write_little_by_little(int fd, const struct pieces *pieces)
{
	long moved = 0;
	if (!is_open_for(fd, O_WRONLY))
		return -EBADF;
	for (int i = 0; i < pieces->count; i++) {
		const uint8_t *from = pieces->iov[i].iov_base;
		size_t left = pieces->iov[i].iov_len;
		while (left > 0) {
			int ready = ring_emu_poll_now(fd, POLLOUT);
			size_t size = left < PIPE_BYTES ? left : PIPE_BYTES;
			long now = ready > 0 ? sys_write(fd, from, size) : ready < 0 ? ready : -EAGAIN;
			if (now < 0)
				return moved > 0 ? moved : now;
			moved += now;
			from += now;
			left -= (size_t)now;
		}
	}
	return moved;
}

static long write_stream(struct emulation *e, struct request *request, const struct pieces *pieces)
{
	long moved = transfer_at(e, call_write, request, pieces, RWF_NOWAIT);
	if (moved != -EOPNOTSUPP || (request->sqe.rw_flags & ~(uint32_t)RWF_NOWAIT) != 0)
		return moved;
	struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)pieces->iov,
				 .msg_iovlen = (size_t)pieces->count};
	moved = sys_sendmsg(request->fd, &message, MSG_DONTWAIT);
	return moved == -ENOTSOCK ? write_little_by_little(request->fd, pieces) : moved;
}

int ring_op_write(struct emulation *e, struct request *request)
{
	struct pieces pieces = {};
	int error = find_pieces(e, request, &pieces);
	if (error != 0)
		return error;
	bool is_impatient = (request->sqe.rw_flags & RWF_NOWAIT) != 0;
	long moved;
	int ready = 1;
	if (sys_lseek(request->fd, 0, 1 /* SEEK_CUR, linux/fs.h */) == -ESPIPE)
		moved = write_stream(e, request, &pieces);
	else if (is_impatient || (ready = ring_emu_poll_now(request->fd, POLLOUT)) > 0)
		moved = transfer_at(e, call_write, request, &pieces, 0); // files always poll writable
	else
		moved = ready < 0 ? ready : is_open_for(request->fd, O_WRONLY) ? -EAGAIN : -EBADF;
	if (moved == -EAGAIN && !is_impatient)
		return ring_emu_wait_for(e, request, request->fd, POLLOUT);
	request->is_short = moved != pieces.total;
	return (int)moved;
}
