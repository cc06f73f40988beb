// ring/sqe_files.h: entries for files: read and write, open and close, ask and change, names, attributes, memory, pipes.
//
// In the kernel's order. Paths are ended by NUL and lent until the submit only: the kernel copies them then
// (IORING_FEAT_SUBMIT_STABLE, 5.5). Data is lent until the completion has been popped. [sqe.h for the rules]
//
// Reads and writes take RWF_* by sqe_rw_flags. An `offset` of SQE_AT_POSITION is where the file stands.
//
// Compiles as C11 and C++17.
#pragma once

#include "ring/sqe_entry.h"

struct iovec;            // <linux/uio.h>, or the C library's <sys/uio.h>
struct io_uring_attr_pi; // <linux/io_uring.h>, Linux 6.14
struct open_how;         // <linux/openat2.h>
struct statx;            // <linux/stat.h>

// Reads into `count` pieces of memory, one behind the other. Result: bytes read, 0 at the end. Lent: the memory; the array
// until it is submitted. Linux 5.1. [preadv2(2)]
static inline struct io_uring_sqe sqe_readv(int fd, const struct iovec *into, unsigned count, uint64_t offset)
{
	return sqe_of(IORING_OP_READV, fd, into, count, offset);
}

// Writes from `count` pieces of memory. Result: bytes written, perhaps fewer than given. Lent: the memory; the array
// until it is submitted. Linux 5.1. [pwritev2(2)]
static inline struct io_uring_sqe sqe_writev(int fd, const struct iovec *from, unsigned count, uint64_t offset)
{
	return sqe_of(IORING_OP_WRITEV, fd, from, count, offset);
}

// Waits until what was written to the file is on the disk. Result: 0. `flags`: IORING_FSYNC_DATASYNC leaves out what is
// not needed to read the data again. Writes in flight are not waited for: link it behind them. Linux 5.1. [fsync(2)]
static inline struct io_uring_sqe sqe_fsync(int fd, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_FSYNC, fd, 0, 0, 0);
	sqe.fsync_flags = flags;
	return sqe;
}

// As sqe_read, into a piece of registered buffer `index`: its pages are mapped already. The span lies within that
// buffer (-EFAULT if not). Linux 5.1. [pread(2), io_uring_register(2), IORING_REGISTER_BUFFERS]
static inline struct io_uring_sqe sqe_read_fixed(int fd, struct span into, uint64_t offset, uint16_t index)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_READ_FIXED, fd, into.ptr, sqe_length(into.len), offset);
	sqe.buf_index = index;
	return sqe;
}

// As sqe_write, from a piece of registered buffer `index`. Linux 5.1. [pwrite(2), io_uring_register(2)]
static inline struct io_uring_sqe sqe_write_fixed(int fd, struct str from, uint64_t offset, uint16_t index)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_WRITE_FIXED, fd, from.ptr, sqe_length(from.len), offset);
	sqe.buf_index = index;
	return sqe;
}

// Writes a part of the file back to the disk (`len` 0: to its end), without metadata: not enough to survive a crash.
// Result: 0. `flags`: SYNC_FILE_RANGE_*. Linux 5.2. [sync_file_range(2)]
static inline struct io_uring_sqe sqe_sync_file_range(int fd, uint64_t offset, uint32_t len, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_SYNC_FILE_RANGE, fd, 0, len, offset);
	sqe.sync_range_flags = flags;
	return sqe;
}

// Makes sure that a part of the file has room on the disk, or (`mode`: FALLOC_FL_*) makes a hole of it. Result: 0. Linux
// 5.6. [fallocate(2)]
static inline struct io_uring_sqe sqe_fallocate(int fd, uint32_t mode, uint64_t offset, uint64_t len)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_FALLOCATE, fd, 0, mode, offset);
	sqe.addr = len;
	return sqe;
}

// Opens a file. Result: its descriptor; with sqe_direct none (see there). Lent: `path` until it is submitted. Linux 5.6.
// [openat(2)]
static inline struct io_uring_sqe sqe_openat(int dir, const char *path, uint32_t flags, uint32_t mode)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_OPENAT, dir, path, mode, 0);
	sqe.open_flags = flags;
	return sqe;
}

// Closes a descriptor. Result: 0; the descriptor is gone whatever it says. Linux 5.6. [close(2)]
static inline struct io_uring_sqe sqe_close(int fd)
{
	return sqe_of(IORING_OP_CLOSE, fd, 0, 0, 0);
}

// Empties slot `slot` of the registered files. Result: 0, -EBADF it was empty. Operations that run on it keep the file until
// they end. Linux 5.15. [io_uring_enter(2), IORING_OP_CLOSE]
static inline struct io_uring_sqe sqe_close_direct(uint32_t slot)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_CLOSE, 0, 0, 0, 0);
	sqe.file_index = slot + 1;
	return sqe;
}

// Asks about a file. Result: 0. Lent: `path` until it is submitted, `into` until it completes. Linux 5.6. [statx(2)]
static inline struct io_uring_sqe sqe_statx(int dir, const char *path, uint32_t flags, uint32_t mask,
					    struct statx *into)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_STATX, dir, path, mask, (uintptr_t)into);
	sqe.statx_flags = flags;
	return sqe;
}

// Reads from `offset`. Result: bytes read, 0 at the end. Lent: the span. With sqe_buffer_group the span's memory is not
// used, its length (0: the buffer's) is. Linux 5.6. [pread(2)]
static inline struct io_uring_sqe sqe_read(int fd, struct span into, uint64_t offset)
{
	return sqe_of(IORING_OP_READ, fd, into.ptr, sqe_length(into.len), offset);
}

// Writes at `offset`. Result: bytes written, perhaps fewer than given. Lent: the bytes. Linux 5.6. [pwrite(2)]
static inline struct io_uring_sqe sqe_write(int fd, struct str from, uint64_t offset)
{
	return sqe_of(IORING_OP_WRITE, fd, from.ptr, sqe_length(from.len), offset);
}

// Tells the kernel how a part of a file will be read (`len` 0: to its end). Result: 0. `advice`: POSIX_FADV_*. A length of
// more than 32 bits travels in another field, which kernels before 6.10 refuse (-EINVAL). Linux 5.6. [posix_fadvise(2)]
static inline struct io_uring_sqe sqe_fadvise(int fd, uint64_t offset, uint64_t len, uint32_t advice)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_FADVISE, fd, 0, len <= UINT32_MAX ? (uint32_t)len : 0, offset);
	sqe.addr = len <= UINT32_MAX ? 0 : len;
	sqe.fadvise_advice = advice;
	return sqe;
}

// Tells the kernel how memory will be used. Result: 0. `advice`: MADV_*; MADV_DONTNEED throws the contents away. Lent: the
// memory. Lengths as with sqe_fadvise. Linux 5.6. [madvise(2)]
static inline struct io_uring_sqe sqe_madvise(struct span memory, uint32_t advice)
{
	bool is_short = memory.len <= UINT32_MAX;
	struct io_uring_sqe sqe = sqe_of(IORING_OP_MADVISE, -1, memory.ptr, is_short ? (uint32_t)memory.len : 0,
					 is_short ? 0 : memory.len);
	sqe.fadvise_advice = advice;
	return sqe;
}

// Opens a file under rules (struct open_how: stay beneath `dir`, follow no links). Result: its descriptor; with sqe_direct
// none. Lent: `path` and `how` until it is submitted. `how_size`: sizeof(struct open_how). Linux 5.6. [openat2(2)]
static inline struct io_uring_sqe sqe_openat2(int dir, const char *path, const struct open_how *how, uint32_t how_size)
{
	return sqe_of(IORING_OP_OPENAT2, dir, path, how_size, (uintptr_t)how);
}

// Moves up to `len` bytes from one descriptor to another inside the kernel; one of them is a pipe. An offset is UINT64_MAX
// for a pipe, and for a file where it stands. Result: bytes moved, 0 at the end. `flags`: SPLICE_F_*; SPLICE_F_FD_IN_FIXED:
// `in` is a registered file's slot (sqe_fixed_file speaks of `out`). Linux 5.7. [splice(2)]
static inline struct io_uring_sqe sqe_splice(int in, uint64_t in_offset, int out, uint64_t out_offset, uint32_t len,
					     uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_SPLICE, out, 0, len, out_offset);
	sqe.splice_off_in = in_offset;
	sqe.splice_fd_in = in;
	sqe.splice_flags = flags;
	return sqe;
}

// Copies up to `len` bytes from one pipe to another; they stay in the first. Result: bytes copied, 0 when nobody writes any
// more. `flags` as sqe_splice. Linux 5.8. [tee(2)]
static inline struct io_uring_sqe sqe_tee(int in, int out, uint32_t len, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_TEE, out, 0, len, 0);
	sqe.splice_fd_in = in;
	sqe.splice_flags = flags;
	return sqe;
}

// Gives a file another name. Result: 0. `flags`: RENAME_*. Linux 5.11. [renameat2(2)]
static inline struct io_uring_sqe sqe_renameat(int old_dir, const char *old_path, int new_dir, const char *new_path,
					       uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_RENAMEAT, old_dir, old_path, (uint32_t)new_dir, (uintptr_t)new_path);
	sqe.rename_flags = flags;
	return sqe;
}

// Takes a name away. Result: 0. `flags`: AT_REMOVEDIR for a directory. Linux 5.11. [unlinkat(2)]
static inline struct io_uring_sqe sqe_unlinkat(int dir, const char *path, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_UNLINKAT, dir, path, 0, 0);
	sqe.unlink_flags = flags;
	return sqe;
}

// Makes a directory. Result: 0. Linux 5.15. [mkdirat(2)]
static inline struct io_uring_sqe sqe_mkdirat(int dir, const char *path, uint32_t mode)
{
	return sqe_of(IORING_OP_MKDIRAT, dir, path, mode, 0);
}

// Makes `path` a symbolic link that says `target`. Result: 0. Linux 5.15. [symlinkat(2)]
static inline struct io_uring_sqe sqe_symlinkat(const char *target, int dir, const char *path)
{
	return sqe_of(IORING_OP_SYMLINKAT, dir, target, 0, (uintptr_t)path);
}

// Gives a file one more name. Result: 0. `flags`: AT_SYMLINK_FOLLOW, AT_EMPTY_PATH. Linux 5.15. [linkat(2)]
static inline struct io_uring_sqe sqe_linkat(int old_dir, const char *old_path, int new_dir, const char *new_path,
					     uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_LINKAT, old_dir, old_path, (uint32_t)new_dir, (uintptr_t)new_path);
	sqe.hardlink_flags = flags;
	return sqe;
}

// Sets an extended attribute of an open file. Result: 0. `flags`: XATTR_CREATE, XATTR_REPLACE. Lent: `name` and `value`
// until it is submitted. Linux 5.19. [fsetxattr(2)]
static inline struct io_uring_sqe sqe_fsetxattr(int fd, const char *name, struct str value, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_FSETXATTR, fd, name, sqe_length(value.len), (uintptr_t)value.ptr);
	sqe.xattr_flags = flags;
	return sqe;
}

// The same by path, from the working directory. Linux 5.19. [setxattr(2)]
static inline struct io_uring_sqe sqe_setxattr(const char *path, const char *name, struct str value, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_SETXATTR, 0, name, sqe_length(value.len), (uintptr_t)value.ptr);
	sqe.addr3 = (uintptr_t)path;
	sqe.xattr_flags = flags;
	return sqe;
}

// Reads an extended attribute of an open file. Result: its bytes, -ERANGE the span is too small; for an empty span the bytes
// that it would need. Lent: `name` until it is submitted, the span until it completes. Linux 5.19. [fgetxattr(2)]
static inline struct io_uring_sqe sqe_fgetxattr(int fd, const char *name, struct span into)
{
	return sqe_of(IORING_OP_FGETXATTR, fd, name, sqe_length(into.len), (uintptr_t)into.ptr);
}

// The same by path, from the working directory. Linux 5.19. [getxattr(2)]
static inline struct io_uring_sqe sqe_getxattr(const char *path, const char *name, struct span into)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_GETXATTR, 0, name, sqe_length(into.len), (uintptr_t)into.ptr);
	sqe.addr3 = (uintptr_t)path;
	return sqe;
}

// Reads again and again, as long as something comes: a completion for each time, in a buffer of `group` that the kernel picks
// (cqe_buffer_id), until one without IORING_CQE_F_MORE. For what can be polled: pipes, sockets, terminals; a plain
// file completes with -EBADFD. Result: bytes read; 0 at the end, -ENOBUFS the group is empty; both are the last. Linux 6.7.
// [io_uring_enter(2), IORING_OP_READ_MULTISHOT]
static inline struct io_uring_sqe sqe_read_multishot(int fd, uint64_t offset, uint16_t group)
{
	struct io_uring_sqe sqe = sqe_of(SQE_OP_READ_MULTISHOT, fd, 0, 0, offset);
	sqe.flags = IOSQE_BUFFER_SELECT;
	sqe.buf_group = group;
	return sqe;
}

// Makes a file `len` bytes long. Result: 0. Linux 6.9. [ftruncate(2)]
static inline struct io_uring_sqe sqe_ftruncate(int fd, uint64_t len)
{
	return sqe_of(SQE_OP_FTRUNCATE, fd, 0, 0, len);
}

// As sqe_readv, all pieces within registered buffer `index`. Linux 6.15. [preadv2(2), io_uring_register(2)]
static inline struct io_uring_sqe sqe_readv_fixed(int fd, const struct iovec *into, unsigned count, uint64_t offset,
						  uint16_t index)
{
	struct io_uring_sqe sqe = sqe_of(SQE_OP_READV_FIXED, fd, into, count, offset);
	sqe.buf_index = index;
	return sqe;
}

// As sqe_writev, all pieces within registered buffer `index`. Linux 6.15. [pwritev2(2), io_uring_register(2)]
static inline struct io_uring_sqe sqe_writev_fixed(int fd, const struct iovec *from, unsigned count, uint64_t offset,
						   uint16_t index)
{
	struct io_uring_sqe sqe = sqe_of(SQE_OP_WRITEV_FIXED, fd, from, count, offset);
	sqe.buf_index = index;
	return sqe;
}

// Makes a pipe. Result: 0; `fds` gets the end to read and the end to write. With sqe_direct the slots `slot` and `slot` + 1,
// or two that the kernel chose, whose numbers stand in `fds`. `flags`: O_CLOEXEC, O_NONBLOCK, O_DIRECT. Lent: `fds`. Linux
// 6.16. [pipe2(2)]
static inline struct io_uring_sqe sqe_pipe(int fds[2], uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(SQE_OP_PIPE, 0, fds, 0, 0);
	sqe.rw_flags = flags; // pipe_flags, a name that older headers lack
	return sqe;
}

// How a read or write is done, for this one only: RWF_NOWAIT (-EAGAIN instead of waiting for a disk), RWF_DSYNC, RWF_APPEND,
// RWF_HIPRI, RWF_NOAPPEND, RWF_ATOMIC, RWF_DONTCACHE, RWF_NOSIGNAL. For read, write, their vectors and fixed forms. Linux
// 5.1; each flag has its own. [preadv2(2), <linux/fs.h>]
static inline struct io_uring_sqe sqe_rw_flags(struct io_uring_sqe sqe, uint32_t flags)
{
	sqe.rw_flags = flags;
	return sqe;
}

// How urgent a read or write is (IOPRIO_PRIO_VALUE()); 0: as the thread. Linux 5.1. [ioprio_set(2)]
static inline struct io_uring_sqe sqe_io_priority(struct io_uring_sqe sqe, uint16_t priority)
{
	sqe.ioprio = priority;
	return sqe;
}

// Which stream of a device a write belongs to: data that will die together. Linux 6.16. [Linux io_uring/rw.c]
static inline struct io_uring_sqe sqe_write_stream(struct io_uring_sqe sqe, uint8_t stream)
{
	sqe.file_index = stream; // write_stream is its lowest byte
	return sqe;
}

// Protection information that goes with a read or write of a block device that has it. Lent: `pi`, until it is submitted, and
// what it points to. Linux 6.14. [Linux io_uring/rw.c]
static inline struct io_uring_sqe sqe_protected(struct io_uring_sqe sqe, const struct io_uring_attr_pi *pi)
{
	sqe.addr3 = (uintptr_t)pi; // attr_ptr
	sqe.__pad2[0] = 1;         // attr_type_mask: IORING_RW_ATTR_FLAG_PI
	return sqe;
}
