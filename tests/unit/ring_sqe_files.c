// tests/unit/ring_sqe_files.c: the builders of sqe_files.h, byte for byte.
#include <linux/openat2.h>
#include <linux/stat.h>
#include <linux/uio.h>

#include "tests/unit/ring_sqe.h"

UNIT(readv_and_writev)
{
	CHECK_SQE(sqe_readv(fd, memory, 0x51525354, offset), expected(1, fd, (uintptr_t)memory, 0x51525354, offset));
	CHECK_SQE(sqe_writev(fd, memory, 0x51525354, offset), expected(2, fd, (uintptr_t)memory, 0x51525354, offset));
}

UNIT(fsync)
{
	CHECK_SQE(sqe_fsync(fd, flags), with(expected(3, fd, 0, 0, 0), OP_FLAGS, 4, flags));
}

UNIT(read_fixed_and_write_fixed)
{
	CHECK_SQE(sqe_read_fixed(fd, into(0x51525354), offset, group),
		  with(expected(4, fd, (uintptr_t)memory, 0x51525354, offset), BUF_INDEX, 2, group));
	CHECK_SQE(sqe_write_fixed(fd, from(0x51525354), offset, group),
		  with(expected(5, fd, (uintptr_t)memory, 0x51525354, offset), BUF_INDEX, 2, group));
}

UNIT(sync_file_range)
{
	CHECK_SQE(sqe_sync_file_range(fd, offset, mode, flags),
		  with(expected(8, fd, 0, mode, offset), OP_FLAGS, 4, flags));
}

UNIT(fallocate)
{
	CHECK_SQE(sqe_fallocate(fd, mode, offset, value), expected(17, fd, value, mode, offset));
}

UNIT(openat)
{
	CHECK_SQE(sqe_openat(fd, memory, flags, mode),
		  with(expected(18, fd, (uintptr_t)memory, mode, 0), OP_FLAGS, 4, flags));
}

UNIT(close)
{
	CHECK_SQE(sqe_close(fd), expected(19, fd, 0, 0, 0));
	CHECK_SQE(sqe_close_direct(0), with(expected(19, 0, 0, 0, 0), FILE_INDEX, 4, 1));
	CHECK_SQE(sqe_close_direct(0x01020303), with(expected(19, 0, 0, 0, 0), FILE_INDEX, 4, 0x01020304));
}

UNIT(statx)
{
	CHECK_SQE(sqe_statx(fd, memory, flags, mode, other),
		  with(expected(21, fd, (uintptr_t)memory, mode, (uintptr_t)other), OP_FLAGS, 4, flags));
}

UNIT(read)
{
	CHECK_SQE(sqe_read(fd, into(0x51525354), offset), expected(22, fd, (uintptr_t)memory, 0x51525354, offset));
	CHECK_SQE(sqe_read(fd, into(1), SQE_AT_POSITION), expected(22, fd, (uintptr_t)memory, 1, UINT64_MAX));
}

UNIT(write)
{
	CHECK_SQE(sqe_write(fd, from(0x51525354), offset), expected(23, fd, (uintptr_t)memory, 0x51525354, offset));
	CHECK_SQE(sqe_write(fd, from(1), SQE_AT_POSITION), expected(23, fd, (uintptr_t)memory, 1, UINT64_MAX));
}

// A short length stands where every kernel reads it, a long one where those from 6.10 do.
UNIT(fadvise)
{
	CHECK_SQE(sqe_fadvise(fd, offset, 0xffffffff, flags),
		  with(expected(24, fd, 0, 0xffffffff, offset), OP_FLAGS, 4, flags));
	CHECK_SQE(sqe_fadvise(fd, offset, 0x100000000, flags),
		  with(expected(24, fd, 0x100000000, 0, offset), OP_FLAGS, 4, flags));
}

UNIT(madvise)
{
	CHECK_SQE(sqe_madvise(into(0xffffffff), flags),
		  with(expected(25, -1, (uintptr_t)memory, 0xffffffff, 0), OP_FLAGS, 4, flags));
	CHECK_SQE(sqe_madvise(into(0x100000000), flags),
		  with(expected(25, -1, (uintptr_t)memory, 0, 0x100000000), OP_FLAGS, 4, flags));
}

UNIT(openat2)
{
	CHECK_SQE(sqe_openat2(fd, memory, other, 24), expected(28, fd, (uintptr_t)memory, 24, (uintptr_t)other));
}

UNIT(splice)
{
	CHECK_SQE(sqe_splice(other_fd, token, fd, offset, mode, flags),
		  with(with(expected(30, fd, token, mode, offset), OP_FLAGS, 4, flags), FILE_INDEX, 4, 0x11121314));
}

UNIT(tee)
{
	CHECK_SQE(sqe_tee(other_fd, fd, mode, flags),
		  with(with(expected(33, fd, 0, mode, 0), OP_FLAGS, 4, flags), FILE_INDEX, 4, 0x11121314));
}

UNIT(renameat)
{
	CHECK_SQE(sqe_renameat(fd, memory, other_fd, other, flags),
		  with(expected(35, fd, (uintptr_t)memory, 0x11121314, (uintptr_t)other), OP_FLAGS, 4, flags));
}

UNIT(unlinkat)
{
	CHECK_SQE(sqe_unlinkat(fd, memory, flags), with(expected(36, fd, (uintptr_t)memory, 0, 0), OP_FLAGS, 4, flags));
}

UNIT(mkdirat)
{
	CHECK_SQE(sqe_mkdirat(fd, memory, mode), expected(37, fd, (uintptr_t)memory, mode, 0));
}

UNIT(symlinkat)
{
	CHECK_SQE(sqe_symlinkat(memory, fd, other), expected(38, fd, (uintptr_t)memory, 0, (uintptr_t)other));
}

UNIT(linkat)
{
	CHECK_SQE(sqe_linkat(fd, memory, other_fd, other, flags),
		  with(expected(39, fd, (uintptr_t)memory, 0x11121314, (uintptr_t)other), OP_FLAGS, 4, flags));
}

UNIT(xattr)
{
	struct layout layout = expected(41, fd, (uintptr_t)other, 0x51525354, (uintptr_t)memory);
	CHECK_SQE(sqe_fsetxattr(fd, other, from(0x51525354), flags), with(layout, OP_FLAGS, 4, flags));
	layout = with(expected(42, 0, (uintptr_t)other, 0x51525354, (uintptr_t)memory), ADDR3, 8, (uintptr_t)third);
	CHECK_SQE(sqe_setxattr(third, other, from(0x51525354), flags), with(layout, OP_FLAGS, 4, flags));
	CHECK_SQE(sqe_fgetxattr(fd, other, into(0x51525354)),
		  expected(43, fd, (uintptr_t)other, 0x51525354, (uintptr_t)memory));
	CHECK_SQE(sqe_getxattr(third, other, into(0x51525354)),
		  with(expected(44, 0, (uintptr_t)other, 0x51525354, (uintptr_t)memory), ADDR3, 8, (uintptr_t)third));
}

UNIT(read_multishot)
{
	CHECK_SQE(sqe_read_multishot(fd, offset, group),
		  with(with(expected(49, fd, 0, 0, offset), FLAGS, 1, 32), BUF_INDEX, 2, group));
}

UNIT(ftruncate)
{
	CHECK_SQE(sqe_ftruncate(fd, value), expected(55, fd, 0, 0, value));
}

UNIT(readv_fixed_and_writev_fixed)
{
	CHECK_SQE(sqe_readv_fixed(fd, memory, mode, offset, group),
		  with(expected(60, fd, (uintptr_t)memory, mode, offset), BUF_INDEX, 2, group));
	CHECK_SQE(sqe_writev_fixed(fd, memory, mode, offset, group),
		  with(expected(61, fd, (uintptr_t)memory, mode, offset), BUF_INDEX, 2, group));
}

UNIT(pipe)
{
	CHECK_SQE(sqe_pipe(memory, flags), with(expected(62, 0, (uintptr_t)memory, 0, 0), OP_FLAGS, 4, flags));
}

UNIT(modifiers_of_reads_and_writes)
{
	struct layout write = expected(23, fd, (uintptr_t)memory, 5, offset);
	CHECK_SQE(sqe_rw_flags(sqe_write(fd, from(5), offset), flags), with(write, OP_FLAGS, 4, flags));
	CHECK_SQE(sqe_io_priority(sqe_write(fd, from(5), offset), group), with(write, IOPRIO, 2, group));
	CHECK_SQE(sqe_write_stream(sqe_write(fd, from(5), offset), 0xfe), with(write, FILE_INDEX, 1, 0xfe));
	CHECK_SQE(sqe_protected(sqe_write(fd, from(5), offset), third),
		  with(with(write, ADDR3, 8, (uintptr_t)third), LAST, 8, 1));
}

// What the entries point to, where the machines or the C libraries might differ. [openat2(2), statx(2), readv(2)]

static_assert(sizeof(struct open_how) == 24);
static_assert(offsetof(struct open_how, mode) == 8 && offsetof(struct open_how, resolve) == 16);

static_assert(sizeof(struct iovec) == 16);
static_assert(offsetof(struct iovec, iov_base) == 0 && offsetof(struct iovec, iov_len) == 8);

static_assert(sizeof(struct statx) == 256);
static_assert(offsetof(struct statx, stx_mask) == 0 && offsetof(struct statx, stx_blksize) == 4);
static_assert(offsetof(struct statx, stx_mode) == 28 && offsetof(struct statx, stx_ino) == 32);
static_assert(offsetof(struct statx, stx_size) == 40 && offsetof(struct statx, stx_blocks) == 48);
static_assert(offsetof(struct statx, stx_atime) == 64 && offsetof(struct statx, stx_mtime) == 112);
static_assert(sizeof(struct statx_timestamp) == 16 && offsetof(struct statx, stx_dev_major) == 136);
static_assert(offsetof(struct statx, stx_mnt_id) == 144);
