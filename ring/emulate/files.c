// ring/emulate/files.c: what is done to an open file beside reading and writing. All of it runs in place.
#include "ring/emulate/emulate.h"

int ring_op_fsync(struct emulation *e, struct request *request)
{
	(void)e;
	bool only_data = (request->sqe.fsync_flags & IORING_FSYNC_DATASYNC) != 0;
	return only_data ? sys_fdatasync(request->fd) : sys_fsync(request->fd);
}

int ring_op_sync_file_range(struct emulation *e, struct request *request)
{
	(void)e;
	const struct io_uring_sqe *sqe = &request->sqe;
	return sys_sync_file_range(request->fd, (int64_t)sqe->off, sqe->len, sqe->sync_range_flags);
}

int ring_op_fallocate(struct emulation *e, struct request *request)
{
	(void)e;
	const struct io_uring_sqe *sqe = &request->sqe;
	return sys_fallocate(request->fd, (int)sqe->len, (int64_t)sqe->off, (int64_t)sqe->addr);
}

int ring_op_fadvise(struct emulation *e, struct request *request)
{
	(void)e;
	const struct io_uring_sqe *sqe = &request->sqe;
	int64_t length = sqe->addr != 0 ? (int64_t)sqe->addr : sqe->len;
	return sys_fadvise64(request->fd, (int64_t)sqe->off, length, (int)sqe->fadvise_advice);
}

int ring_op_madvise(struct emulation *e, struct request *request)
{
	(void)e;
	const struct io_uring_sqe *sqe = &request->sqe;
	size_t length = sqe->off != 0 ? sqe->off : sqe->len;
	return sys_madvise((void *)(uintptr_t)sqe->addr, length, (int)sqe->fadvise_advice);
}

int ring_op_ftruncate(struct emulation *e, struct request *request)
{
	(void)e;
	return sys_ftruncate(request->fd, (int64_t)request->sqe.off);
}

int ring_op_close(struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	if (sqe->file_index != 0)
		return ring_emu_file_close(e, sqe->file_index);
	if (sqe->fd == e->fd)
		return -EBADF; // [Linux io_uring/openclose.c: no ring closes a ring]
	ring_emu_watch_keep(e, sqe->fd);
	return sys_close(sqe->fd);
}
