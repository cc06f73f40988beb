// tests/unit/ring_ops_files.c: every builder of sqe_files.h, for real. [ring_op.h]
//
// Layout only (ring_sqe_files.c): sqe_write_stream and sqe_protected, which want a device that has such.
#include <linux/falloc.h>
#include <linux/fs.h>
#include <linux/uio.h>

#include "tests/unit/ring_op.h"

OP(readv_and_writev, IORING_OP_READV)
{
	NEEDS(IORING_OP_WRITEV);
	int fd = make_file(STR("0123456789"));
	char a[4], b[16];
	struct iovec into[] = {{a, sizeof(a)}, {b, sizeof(b)}};
	CHECK_EQUAL(result_of(ring, sqe_readv(fd, into, 2, 1)), 9);
	CHECK_BYTES(a, "1234", 4);
	CHECK_BYTES(b, "56789", 5);
	struct iovec from[] = {{"ab", 2}, {nullptr, 0}, {"cde", 3}};
	CHECK_EQUAL(result_of(ring, sqe_writev(fd, from, 3, 8)), 5);
	uint8_t all[32];
	CHECK_STR(content_of(fd, SPAN(all)), STR("01234567abcde"));
	CHECK_EQUAL(sys_lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQUAL(result_of(ring, sqe_readv(fd, into, 1, SQE_AT_POSITION)), 4);
	CHECK_EQUAL(sys_lseek(fd, 0, SEEK_CUR), 4);
	CHECK_EQUAL(result_of(ring, sqe_readv(-1, into, 1, 0)), -EBADF);
	close_fd(fd);
}

OP(fsync, IORING_OP_FSYNC)
{
	int fd = make_file(STR("kept"));
	CHECK_EQUAL(result_of(ring, sqe_fsync(fd, 0)), 0);
	CHECK_EQUAL(result_of(ring, sqe_fsync(fd, IORING_FSYNC_DATASYNC)), 0);
	struct pair pipe = make_pipe();
	CHECK_EQUAL(result_of(ring, sqe_fsync(pipe.write, 0)), -EINVAL);
	close_pair(pipe);
	close_fd(fd);
}

OP(read_fixed_and_write_fixed, IORING_OP_READ_FIXED)
{
	NEEDS(IORING_OP_WRITE_FIXED);
	static uint8_t first[64], second[64];
	struct iovec buffers[] = {{first, sizeof(first)}, {second, sizeof(second)}};
	CHECK_EQUAL(ring_register_buffers(ring, buffers, nullptr, 2), 0);
	int fd = make_file(STR("0123456789"));
	CHECK_EQUAL(result_of(ring, sqe_read_fixed(fd, (struct span){second + 8, 4}, 2, 1)), 4);
	CHECK_BYTES(second + 8, "2345", 4);
	__builtin_memcpy(first, "XYZ", 3);
	CHECK_EQUAL(result_of(ring, sqe_write_fixed(fd, (struct str){(char *)first + 1, 2}, 4, 0)), 2);
	uint8_t all[32];
	CHECK_STR(content_of(fd, SPAN(all)), STR("0123YZ6789"));
	// Not within that buffer; no such buffer.
	CHECK_EQUAL(result_of(ring, sqe_read_fixed(fd, (struct span){second + 62, 4}, 0, 1)), -EFAULT);
	CHECK_EQUAL(result_of(ring, sqe_read_fixed(fd, (struct span){second, 4}, 0, 0)), -EFAULT);
	CHECK_EQUAL(result_of(ring, sqe_read_fixed(fd, (struct span){second, 4}, 0, 2)), -EFAULT);
	close_fd(fd);
}

OP(sync_file_range, IORING_OP_SYNC_FILE_RANGE)
{
	int fd = make_file(STR("kept"));
	CHECK_EQUAL(result_of(ring, sqe_sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE)), 0);
	CHECK_EQUAL(result_of(ring, sqe_sync_file_range(fd, 0, 4, 0x80)), -EINVAL);
	close_fd(fd);
}

OP(fallocate, IORING_OP_FALLOCATE)
{
	int fd = make_file(STR("0123456789"));
	if (syscall6(__NR_fallocate, fd, 0, 0, 10, 0, 0) == -EOPNOTSUPP) {
		close_fd(fd);
		UNIT_SKIP(STR("this file system has no fallocate"));
	}
	CHECK_EQUAL(result_of(ring, sqe_fallocate(fd, 0, 10, 90)), 0);
	CHECK_EQUAL(size_of_file(fd), 100);
	CHECK_EQUAL(result_of(ring, sqe_fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 1000)), 0);
	CHECK_EQUAL(size_of_file(fd), 100);
	uint8_t all[16];
	CHECK_EQUAL(result_of(ring, sqe_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 2, 3)), 0);
	CHECK_STR(content_of(fd, (struct span){all, 10}), STR("01\0\0\0"
							      "56789"));
	CHECK_EQUAL(result_of(ring, sqe_fallocate(fd, 0, 0, 0)), -EINVAL);
	close_fd(fd);
}

OP(openat_and_close, IORING_OP_OPENAT)
{
	NEEDS(IORING_OP_CLOSE);
	int dir = result_of(ring, sqe_openat(AT_FDCWD, "/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
	CHECK(dir >= 0);
	CHECK_EQUAL(sys_fcntl(dir, F_GETFD, 0), FD_CLOEXEC);
	int fd = result_of(ring, sqe_openat(dir, "comm", O_RDONLY, 0)); // relative to it
	CHECK(fd >= 0);
	CHECK_EQUAL(sys_fcntl(fd, F_GETFD, 0), 0);
	uint8_t byte[1];
	CHECK_EQUAL(sys_read(fd, byte, 1), 1);
	CHECK_EQUAL(sys_write(fd, "x", 1), -EBADF);
	CHECK_EQUAL(result_of(ring, sqe_close(fd)), 0);
	CHECK_EQUAL(sys_read(fd, byte, 1), -EBADF);
	CHECK_EQUAL(result_of(ring, sqe_close(fd)), -EBADF);
	CHECK_EQUAL(result_of(ring, sqe_openat(dir, "missing", O_RDONLY, 0)), -ENOENT);
	close_fd(dir);

	// The mode of a new file.
	long mask = syscall6(__NR_umask, 0, 0, 0, 0, 0, 0);
	fd = result_of(ring, sqe_openat(AT_FDCWD, "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0640));
	struct statx stat = {};
	CHECK_EQUAL(sys_statx(fd, "", AT_EMPTY_PATH, STATX_MODE, &stat), 0);
	CHECK_EQUAL(stat.stx_mode & 07777, 0640);
	close_fd(fd);
	(void)syscall6(__NR_umask, mask, 0, 0, 0, 0, 0);
}

// Into slots of the registered files. No descriptor comes of it.
OP(openat_and_close_direct, IORING_OP_OPENAT)
{
	NEEDS(IORING_OP_CLOSE);
	if (!make_slots(ring, 2))
		return;
	unsigned descriptors = held_now().descriptors;
	uint8_t bytes[5];
	int opened = result_of(ring, sqe_direct(sqe_openat(AT_FDCWD, "/proc/version", O_RDONLY, 0), 1));
	UNLESS_EMULATION_LACKS(opened);
	CHECK_EQUAL(opened, 0); // not the slot
	CHECK_EQUAL(result_of(ring, sqe_fixed_file(sqe_read(1, SPAN(bytes), 0))), 5);
	CHECK_BYTES(bytes, "Linux", 5);
	CHECK_EQUAL(result_of(ring, sqe_fixed_file(sqe_read(0, SPAN(bytes), 0))), -EBADF);

	// The kernel chooses the one that is free, and there is no third.
	struct io_uring_sqe any =
		sqe_direct(sqe_openat(AT_FDCWD, "/proc/version", O_RDONLY, 0), IORING_FILE_INDEX_ALLOC);
	CHECK_EQUAL(result_of(ring, any), 0);
	CHECK_EQUAL(result_of(ring, any), -ENFILE);
	CHECK_EQUAL(result_of(ring, sqe_close_direct(1)), 0);
	CHECK_EQUAL(result_of(ring, sqe_close_direct(1)), -EBADF);
	CHECK_EQUAL(result_of(ring, sqe_close_direct(2)), -EINVAL);
	CHECK_EQUAL(result_of(ring, any), 1); // here it is the slot

	CHECK_EQUAL(result_of(ring, sqe_direct(sqe_openat(AT_FDCWD, "/", O_RDONLY | O_CLOEXEC, 0), 0)), -EINVAL);
	CHECK_EQUAL(result_of(ring, sqe_direct(sqe_openat(AT_FDCWD, "/", O_RDONLY, 0), 2)), -EINVAL);
	if (!op_is_emulated(ring)) // which has nothing but descriptors to hold files by
		CHECK_EQUAL(held_now().descriptors, descriptors);
}

OP(openat2, IORING_OP_OPENAT2)
{
	int dir = sys_openat(AT_FDCWD, "/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	struct open_how how = {.flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_BENEATH};
	if (op_is_emulated(ring) && sys_openat2(dir, "", &how) == -ENOSYS) {
		close_fd(dir);
		op_skip(STR("there is no openat2(2) by an ordinary call either"));
		return;
	}
	int fd = result_of(ring, sqe_openat2(dir, "version", &how, sizeof(how)));
	CHECK(fd >= 0);
	close_fd(fd);
	CHECK_EQUAL(result_of(ring, sqe_openat2(dir, "../etc/passwd", &how, sizeof(how))), -EXDEV);
	CHECK_EQUAL(result_of(ring, sqe_openat2(dir, "/proc/version", &how, sizeof(how))), -EXDEV);
	CHECK_EQUAL(result_of(ring, sqe_openat2(dir, "version", &how, 8)), -EINVAL);
	close_fd(dir);
}

OP(statx, IORING_OP_STATX)
{
	int fd = make_file(STR("12345"));
	struct statx stat = {};
	CHECK_EQUAL(result_of(ring, sqe_statx(fd, "", AT_EMPTY_PATH, STATX_SIZE | STATX_TYPE, &stat)), 0);
	CHECK_EQUAL(stat.stx_size, 5);
	CHECK_EQUAL(stat.stx_mode & 0170000, 0100000); // S_IFREG
	CHECK_EQUAL(result_of(ring, sqe_statx(AT_FDCWD, "/no/such", 0, STATX_SIZE, &stat)), -ENOENT);
	close_fd(fd);
}

OP(read_and_write, IORING_OP_READ)
{
	NEEDS(IORING_OP_WRITE);
	int fd = make_file(STR("0123456789"));
	uint8_t bytes[32] = {};
	CHECK_EQUAL(result_of(ring, sqe_read(fd, (struct span){bytes, 4}, 3)), 4);
	CHECK_BYTES(bytes, "3456", 5);
	CHECK_EQUAL(result_of(ring, sqe_read(fd, SPAN(bytes), 8)), 2); // to the end
	CHECK_EQUAL(result_of(ring, sqe_read(fd, SPAN(bytes), 10)), 0);
	CHECK_EQUAL(result_of(ring, sqe_write(fd, STR("abc"), 1)), 3);

	CHECK_EQUAL(sys_lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQUAL(result_of(ring, sqe_read(fd, (struct span){bytes, 5}, SQE_AT_POSITION)), 5);
	CHECK_BYTES(bytes, "0abc4", 5);
	CHECK_EQUAL(result_of(ring, sqe_write(fd, STR("XY"), SQE_AT_POSITION)), 2);
	CHECK_EQUAL(sys_lseek(fd, 0, SEEK_CUR), 7);
	CHECK_EQUAL(result_of(ring, sqe_read(fd, SPAN(bytes), 0)), 10);
	CHECK_BYTES(bytes, "0abc4XY789", 10);

	// Past 4 GiB: the offset has 64 bits.
	CHECK_EQUAL(result_of(ring, sqe_write(fd, STR("far"), UINT64_C(0x100000002))), 3);
	CHECK_EQUAL(sys_lseek(fd, 0, SEEK_END), INT64_C(0x100000005));
	close_fd(fd);
}

// A read of a pipe waits for a writer, and nothing else does meanwhile.
OP(read_of_a_pipe, IORING_OP_READ)
{
	struct pair pipe = make_pipe();
	uint8_t bytes[8] = {};
	push(ring, sqe_read(pipe.read, SPAN(bytes), SQE_AT_POSITION), 1);
	push(ring, sqe_nop(), 2);
	submit(ring, 2);
	NEXT_IS(2, 0);
	CHECK_EMPTY(ring);
	CHECK_EQUAL(result_of(ring, sqe_write(pipe.write, STR("late"), SQE_AT_POSITION)), 4);
	NEXT_IS(1, 4);
	CHECK_BYTES(bytes, "late", 5);
	CHECK_EQUAL(sys_fcntl(pipe.read, F_GETFL, 0) & O_NONBLOCK, 0); // it is as it was
	close_pair(pipe);
}

OP(rw_flags, IORING_OP_WRITE)
{
	int fd = make_file(STR("0123"));
	uint8_t bytes[16];
	int appended = result_of(ring, sqe_rw_flags(sqe_write(fd, STR("end"), 0), RWF_APPEND));
	UNLESS_EMULATION_LACKS(appended);
	CHECK_EQUAL(appended, 3);
	CHECK_STR(content_of(fd, SPAN(bytes)), STR("0123end"));
	CHECK_EQUAL(result_of(ring, sqe_rw_flags(sqe_write(fd, STR("now"), 0), RWF_DSYNC)), 3);
	struct pair pipe = make_pipe();
	CHECK_EQUAL(result_of(ring, sqe_rw_flags(sqe_read(pipe.read, SPAN(bytes), SQE_AT_POSITION), RWF_NOWAIT)),
		    -EAGAIN);
	close_pair(pipe);
	CHECK_EQUAL(result_of(ring, sqe_rw_flags(sqe_write(fd, STR("x"), 0), 1u << 30)), -EOPNOTSUPP);
	close_fd(fd);
}

OP(io_priority, IORING_OP_READ)
{
	int fd = make_file(STR("0123"));
	uint8_t bytes[4];
	int got = result_of(ring, sqe_io_priority(sqe_read(fd, SPAN(bytes), 0), 2 << 13 | 7)); // best effort, lowest
	UNLESS_EMULATION_LACKS(got);
	CHECK_EQUAL(got, 4);
	CHECK_EQUAL(result_of(ring, sqe_io_priority(sqe_read(fd, SPAN(bytes), 0), 7 << 13)), -EINVAL); // no such class
	close_fd(fd);
}

OP(fadvise, IORING_OP_FADVISE)
{
	int fd = make_file(STR("0123"));
	CHECK_EQUAL(result_of(ring, sqe_fadvise(fd, 0, 0, 3 /* POSIX_FADV_WILLNEED */)), 0);
	CHECK_EQUAL(result_of(ring, sqe_fadvise(fd, 0, 4, 99)), -EINVAL);
	struct pair pipe = make_pipe();
	CHECK_EQUAL(result_of(ring, sqe_fadvise(pipe.read, 0, 0, 0)), -ESPIPE);
	close_pair(pipe);
	NEEDS_KERNEL(6, 10);
	CHECK_EQUAL(result_of(ring, sqe_fadvise(fd, 0, UINT64_C(1) << 33, 2 /* POSIX_FADV_SEQUENTIAL */)), 0);
	close_fd(fd);
}

OP(madvise, IORING_OP_MADVISE)
{
	size_t size = 65536; // a page, on whatever machine
	long mapped = sys_mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!CHECK(!sys_failed(mapped)))
		return;
	uint8_t *bytes = (uint8_t *)mapped;
	bytes[0] = bytes[size - 1] = 77;
	CHECK_EQUAL(result_of(ring, sqe_madvise((struct span){bytes, size}, MADV_DONTNEED)), 0);
	CHECK_EQUAL(bytes[0] + bytes[size - 1], 0); // thrown away
	CHECK_EQUAL(result_of(ring, sqe_madvise((struct span){bytes + 1, size}, MADV_DONTNEED)), -EINVAL);
	CHECK_EQUAL(sys_munmap(bytes, size), 0);
}

OP(splice, IORING_OP_SPLICE)
{
	int fd = make_file(STR("0123456789"));
	struct pair pipe = make_pipe();
	uint8_t bytes[16];
	CHECK_EQUAL(result_of(ring, sqe_splice(fd, 2, pipe.write, SQE_AT_POSITION, 5, 0)), 5);
	CHECK_EQUAL(sys_read(pipe.read, bytes, sizeof(bytes)), 5);
	CHECK_BYTES(bytes, "23456", 5);
	CHECK_EQUAL(sys_write(pipe.write, "abc", 3), 3);
	CHECK_EQUAL(result_of(ring, sqe_splice(pipe.read, SQE_AT_POSITION, fd, 1, 16, 0)), 3);
	CHECK_STR(content_of(fd, SPAN(bytes)), STR("0abc456789"));
	CHECK_EQUAL(result_of(ring, sqe_splice(fd, 10, pipe.write, SQE_AT_POSITION, 5, 0)), 0); // the end
	CHECK_EQUAL(result_of(ring, sqe_splice(fd, 0, fd, 5, 5, 0)), -EINVAL);                  // no pipe

	// From a registered file.
	int fds[1] = {fd};
	CHECK_EQUAL(ring_register_files(ring, fds, nullptr, 1), 0);
	CHECK_EQUAL(result_of(ring, sqe_splice(0, 0, pipe.write, SQE_AT_POSITION, 2, SPLICE_F_FD_IN_FIXED)), 2);
	CHECK_EQUAL(sys_read(pipe.read, bytes, sizeof(bytes)), 2);
	close_pair(pipe);
	close_fd(fd);
}

OP(tee, IORING_OP_TEE)
{
	struct pair from = make_pipe(), to = make_pipe();
	uint8_t bytes[16];
	CHECK_EQUAL(sys_write(from.write, "twice", 5), 5);
	CHECK_EQUAL(result_of(ring, sqe_tee(from.read, to.write, 16, 0)), 5);
	CHECK_EQUAL(sys_read(from.read, bytes, sizeof(bytes)), 5);
	CHECK_EQUAL(sys_read(to.read, bytes + 5, sizeof(bytes) - 5), 5);
	CHECK_BYTES(bytes, "twicetwice", 10);
	CHECK_EQUAL(result_of(ring, sqe_tee(from.read, from.write, 16, 0)), -EINVAL);
	close_pair(from);
	close_pair(to);
}

OP(renameat, IORING_OP_RENAMEAT)
{
	struct folder folder = make_folder();
	touch(folder, "old");
	touch(folder, "third");
	CHECK_EQUAL(result_of(ring, sqe_renameat(folder.fd, "old", folder.fd, "third", RENAME_NOREPLACE)), -EEXIST);
	CHECK_EQUAL(result_of(ring, sqe_renameat(folder.fd, "old", folder.fd, "new", 0)), 0);
	CHECK(!is_there(folder, "old"));
	CHECK(is_there(folder, "new"));
	CHECK_EQUAL(result_of(ring, sqe_renameat(folder.fd, "old", folder.fd, "new", 0)), -ENOENT);
	unlink_name(folder, "new", 0);
	unlink_name(folder, "third", 0);
	remove_folder(folder);
}

OP(unlinkat, IORING_OP_UNLINKAT)
{
	struct folder folder = make_folder();
	touch(folder, "file");
	CHECK_EQUAL(sys_mkdirat(folder.fd, "dir", 0700), 0);
	CHECK_EQUAL(result_of(ring, sqe_unlinkat(folder.fd, "dir", 0)), -EISDIR);
	CHECK_EQUAL(result_of(ring, sqe_unlinkat(folder.fd, "file", AT_REMOVEDIR)), -ENOTDIR);
	CHECK_EQUAL(result_of(ring, sqe_unlinkat(folder.fd, "dir", AT_REMOVEDIR)), 0);
	CHECK_EQUAL(result_of(ring, sqe_unlinkat(folder.fd, "file", 0)), 0);
	CHECK_EQUAL(result_of(ring, sqe_unlinkat(folder.fd, "file", 0)), -ENOENT);
	remove_folder(folder);
}

OP(mkdirat, IORING_OP_MKDIRAT)
{
	struct folder folder = make_folder();
	struct statx stat = {};
	CHECK_EQUAL(result_of(ring, sqe_mkdirat(folder.fd, "dir", 0710)), 0);
	CHECK_EQUAL(sys_statx(folder.fd, "dir", 0, STATX_TYPE | STATX_MODE, &stat), 0);
	CHECK_EQUAL(stat.stx_mode & ~022, 040710 & ~022); // S_IFDIR; a usual umask
	CHECK_EQUAL(result_of(ring, sqe_mkdirat(folder.fd, "dir", 0700)), -EEXIST);
	unlink_name(folder, "dir", AT_REMOVEDIR);
	remove_folder(folder);
}

OP(symlinkat, IORING_OP_SYMLINKAT)
{
	struct folder folder = make_folder();
	char target[16] = {};
	CHECK_EQUAL(result_of(ring, sqe_symlinkat("to/where", folder.fd, "link")), 0);
	CHECK_EQUAL(syscall6(__NR_readlinkat, folder.fd, (long)"link", (long)target, sizeof(target), 0, 0), 8);
	CHECK_BYTES(target, "to/where", 9);
	CHECK_EQUAL(result_of(ring, sqe_symlinkat("else", folder.fd, "link")), -EEXIST);
	unlink_name(folder, "link", 0);
	remove_folder(folder);
}

OP(linkat, IORING_OP_LINKAT)
{
	struct folder folder = make_folder();
	struct statx stat = {};
	touch(folder, "one");
	CHECK_EQUAL(result_of(ring, sqe_linkat(folder.fd, "one", folder.fd, "two", 0)), 0);
	CHECK_EQUAL(sys_statx(folder.fd, "two", 0, STATX_NLINK, &stat), 0);
	CHECK_EQUAL(stat.stx_nlink, 2);
	CHECK_EQUAL(result_of(ring, sqe_linkat(folder.fd, "one", folder.fd, "two", 0)), -EEXIST);
	unlink_name(folder, "one", 0);
	unlink_name(folder, "two", 0);
	remove_folder(folder);
}

// Of an open file and by path. The two forms see each other's work.
OP(xattr, IORING_OP_FSETXATTR)
{
	NEEDS(IORING_OP_SETXATTR);
	NEEDS(IORING_OP_FGETXATTR);
	NEEDS(IORING_OP_GETXATTR);
	struct folder folder = make_folder();
	if (syscall6(__NR_fsetxattr, folder.fd, (long)"user.probe", (long)"1", 1, 0, 0) == -EOPNOTSUPP) {
		remove_folder(folder);
		UNIT_SKIP(STR("this file system has no xattrs"));
	}
	uint8_t bytes[16] = {};
	CHECK_EQUAL(result_of(ring, sqe_fsetxattr(folder.fd, "user.a", STR("value"), 1 /* XATTR_CREATE */)), 0);
	CHECK_EQUAL(result_of(ring, sqe_fsetxattr(folder.fd, "user.a", STR("value"), 1)), -EEXIST);
	CHECK_EQUAL(result_of(ring, sqe_getxattr(folder.path, "user.a", SPAN(bytes))), 5);
	CHECK_BYTES(bytes, "value", 6);
	CHECK_EQUAL(result_of(ring, sqe_setxattr(folder.path, "user.a", STR("two"), 2 /* XATTR_REPLACE */)), 0);
	CHECK_EQUAL(result_of(ring, sqe_setxattr(folder.path, "user.b", STR("two"), 2)), -ENODATA);
	CHECK_EQUAL(result_of(ring, sqe_fgetxattr(folder.fd, "user.a", SPAN(bytes))), 3);
	CHECK_BYTES(bytes, "two", 3);
	CHECK_EQUAL(result_of(ring, sqe_fgetxattr(folder.fd, "user.a", (struct span){bytes, 2})), -ERANGE);
	CHECK_EQUAL(result_of(ring, sqe_fgetxattr(folder.fd, "user.a", (struct span){bytes, 0})), 3);
	CHECK_EQUAL(result_of(ring, sqe_fgetxattr(folder.fd, "user.b", SPAN(bytes))), -ENODATA);
	CHECK_EQUAL(result_of(ring, sqe_getxattr("/no/such", "user.b", SPAN(bytes))), -ENOENT);
	remove_folder(folder);
}

OP(read_multishot, SQE_OP_READ_MULTISHOT)
{
	NEEDS(IORING_OP_PROVIDE_BUFFERS);
	struct pool pool = {};
	struct pair pipe = make_pipe();
	CHECK_EQUAL(result_of(ring, sqe_provide_buffers(&pool, POOL_SIZE, POOL_COUNT, POOL_GROUP, 0)), 0);
	push(ring, sqe_read_multishot(pipe.read, SQE_AT_POSITION, POOL_GROUP), 3);
	submit(ring, 1);
	static const struct str texts[] = {STR("first"), STR("second")};
	for (unsigned i = 0; i < 2; i++) {
		CHECK_EQUAL(sys_write(pipe.write, texts[i].ptr, texts[i].len), texts[i].len);
		struct io_uring_cqe done = NEXT_IS(3, (int)texts[i].len);
		CHECK((done.flags & IORING_CQE_F_MORE) != 0);
		CHECK_STR(provided(&pool, done), texts[i]);
	}
	close_fd(pipe.write);
	struct io_uring_cqe done = NEXT_IS(3, 0);
	CHECK_EQUAL(done.flags & IORING_CQE_F_MORE, 0);
	close_fd(pipe.read);

	// Not of a plain file.
	int fd = make_file(STR("x"));
	push(ring, sqe_read_multishot(fd, 0, POOL_GROUP), 4);
	submit(ring, 1);
	NEXT_IS(4, -EBADFD);
	close_fd(fd);
}

OP(ftruncate, SQE_OP_FTRUNCATE)
{
	int fd = make_file(STR("0123456789"));
	CHECK_EQUAL(result_of(ring, sqe_ftruncate(fd, 4)), 0);
	CHECK_EQUAL(size_of_file(fd), 4);
	CHECK_EQUAL(result_of(ring, sqe_ftruncate(fd, UINT64_C(0x100000001))), 0);
	CHECK_EQUAL(size_of_file(fd), INT64_C(0x100000001));
	struct pair pipe = make_pipe();
	CHECK_EQUAL(result_of(ring, sqe_ftruncate(pipe.write, 0)), -EINVAL);
	close_pair(pipe);
	close_fd(fd);
}

OP(readv_fixed_and_writev_fixed, SQE_OP_READV_FIXED)
{
	NEEDS(SQE_OP_WRITEV_FIXED);
	static uint8_t buffer[64];
	struct iovec whole = {buffer, sizeof(buffer)};
	CHECK_EQUAL(ring_register_buffers(ring, &whole, nullptr, 1), 0);
	int fd = make_file(STR("0123456789"));
	struct iovec pieces[] = {{buffer, 3}, {buffer + 32, 4}};
	CHECK_EQUAL(result_of(ring, sqe_readv_fixed(fd, pieces, 2, 1, 0)), 7);
	CHECK_BYTES(buffer, "123", 4);
	CHECK_BYTES(buffer + 32, "4567", 5);
	CHECK_EQUAL(result_of(ring, sqe_writev_fixed(fd, pieces, 2, 0, 0)), 7);
	uint8_t all[16];
	CHECK_STR(content_of(fd, SPAN(all)), STR("1234567789"));
	pieces[1].iov_base = all;
	CHECK_EQUAL(result_of(ring, sqe_readv_fixed(fd, pieces, 2, 0, 0)), -EFAULT);
	close_fd(fd);
}

OP(pipe, SQE_OP_PIPE)
{
	int fds[2] = {-1, -1};
	uint8_t bytes[8];
	CHECK_EQUAL(result_of(ring, sqe_pipe(fds, O_CLOEXEC | O_NONBLOCK)), 0);
	CHECK_EQUAL(sys_fcntl(fds[0], F_GETFD, 0), FD_CLOEXEC);
	CHECK_EQUAL(sys_read(fds[0], bytes, sizeof(bytes)), -EAGAIN);
	CHECK_EQUAL(sys_write(fds[1], "through", 7), 7);
	CHECK_EQUAL(sys_read(fds[0], bytes, sizeof(bytes)), 7);
	close_fd(fds[0]);
	close_fd(fds[1]);
	CHECK_EQUAL(result_of(ring, sqe_pipe(fds, 1)), -EINVAL);
}

OP(pipe_direct, SQE_OP_PIPE)
{
	if (!make_slots(ring, 4))
		return;
	int slots[2] = {-1, -1};
	uint8_t bytes[8];
	int made = result_of(ring, sqe_direct(sqe_pipe(slots, 0), IORING_FILE_INDEX_ALLOC));
	UNLESS_EMULATION_LACKS(made);
	CHECK_EQUAL(made, 0);
	CHECK_EQUAL(slots[0], 0);
	CHECK_EQUAL(slots[1], 1);
	CHECK_EQUAL(result_of(ring, sqe_fixed_file(sqe_write(1, STR("through"), SQE_AT_POSITION))), 7);
	CHECK_EQUAL(result_of(ring, sqe_fixed_file(sqe_read(0, SPAN(bytes), SQE_AT_POSITION))), 7);
	CHECK_BYTES(bytes, "through", 7);
	CHECK_EQUAL(result_of(ring, sqe_direct(sqe_pipe(slots, 0), 2)), 0);
	CHECK_EQUAL(result_of(ring, sqe_fixed_file(sqe_write(3, STR("again"), SQE_AT_POSITION))), 5);
	CHECK_EQUAL(result_of(ring, sqe_fixed_file(sqe_read(2, SPAN(bytes), SQE_AT_POSITION))), 5);
}
