// ring/emulate/paths.c: what is done by a name. Each is its system call; they run in place.
#include "ring/emulate/emulate.h"

static const char *path(uint64_t addr)
{
	return (const char *)(uintptr_t)addr;
}

// A file that goes to the ring's table needs no O_CLOEXEC in the entry, but the descriptor behind it does.
static unsigned hidden(const struct io_uring_sqe *sqe)
{
	return sqe->file_index != 0 ? O_CLOEXEC : 0;
}

int ring_op_openat(struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	unsigned flags = sqe->open_flags | hidden(sqe);
	return ring_emu_file_given(e, request, sys_openat(sqe->fd, path(sqe->addr), (int)flags, sqe->len));
}

int ring_op_openat2(struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	const struct open_how *given = (const struct open_how *)(uintptr_t)sqe->addr2;
	if (given == nullptr)
		return -EFAULT;
	// A longer one is from a newer header: what is beyond must be zero. [openat2(2), Extensibility]
	for (size_t i = sizeof(*given); i < sqe->len; i++)
		if (((const uint8_t *)given)[i] != 0)
			return -E2BIG;
	struct open_how how = *given;
	if (sqe->file_index != 0 && (how.flags & O_CLOEXEC) != 0)
		return -EINVAL;
	how.flags |= hidden(sqe);
	return ring_emu_file_given(e, request, sys_openat2(sqe->fd, path(sqe->addr), &how));
}

int ring_op_statx(struct emulation *e, struct request *request)
{
	(void)e;
	const struct io_uring_sqe *sqe = &request->sqe;
	return sys_statx(sqe->fd, path(sqe->addr), (int)sqe->statx_flags, sqe->len,
			 (struct statx *)(uintptr_t)sqe->addr2);
}

int ring_op_renameat(struct emulation *e, struct request *request)
{
	(void)e;
	const struct io_uring_sqe *sqe = &request->sqe;
	return sys_renameat2(sqe->fd, path(sqe->addr), (int)sqe->len, path(sqe->addr2), sqe->rename_flags);
}

int ring_op_unlinkat(struct emulation *e, struct request *request)
{
	(void)e;
	const struct io_uring_sqe *sqe = &request->sqe;
	return sys_unlinkat(sqe->fd, path(sqe->addr), (int)sqe->unlink_flags);
}

int ring_op_mkdirat(struct emulation *e, struct request *request)
{
	(void)e;
	const struct io_uring_sqe *sqe = &request->sqe;
	return sys_mkdirat(sqe->fd, path(sqe->addr), sqe->len);
}

int ring_op_symlinkat(struct emulation *e, struct request *request)
{
	(void)e;
	const struct io_uring_sqe *sqe = &request->sqe;
	return sys_symlinkat(path(sqe->addr), sqe->fd, path(sqe->addr2));
}

int ring_op_linkat(struct emulation *e, struct request *request)
{
	(void)e;
	const struct io_uring_sqe *sqe = &request->sqe;
	return sys_linkat(sqe->fd, path(sqe->addr), (int)sqe->len, path(sqe->addr2), (int)sqe->hardlink_flags);
}

int ring_op_fsetxattr(struct emulation *e, struct request *request)
{
	(void)e;
	const struct io_uring_sqe *sqe = &request->sqe;
	return sys_fsetxattr(request->fd, path(sqe->addr), path(sqe->addr2), sqe->len, (int)sqe->xattr_flags);
}

int ring_op_setxattr(struct emulation *e, struct request *request)
{
	(void)e;
	const struct io_uring_sqe *sqe = &request->sqe;
	return sys_setxattr(path(sqe->addr3), path(sqe->addr), path(sqe->addr2), sqe->len, (int)sqe->xattr_flags);
}

int ring_op_fgetxattr(struct emulation *e, struct request *request)
{
	(void)e;
	const struct io_uring_sqe *sqe = &request->sqe;
	return (int)sys_fgetxattr(request->fd, path(sqe->addr), (void *)(uintptr_t)sqe->addr2, sqe->len);
}

int ring_op_getxattr(struct emulation *e, struct request *request)
{
	(void)e;
	const struct io_uring_sqe *sqe = &request->sqe;
	return (int)sys_getxattr(path(sqe->addr3), path(sqe->addr), (void *)(uintptr_t)sqe->addr2, sqe->len);
}
