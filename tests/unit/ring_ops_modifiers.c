// tests/unit/ring_ops_modifiers.c: every modifier of sqe.h, for real. [ring_op.h]
//
// sqe_multishot, sqe_direct and sqe_poll_first are also in the tests of the operations that they modify.
#include <linux/poll.h>

#include "tests/unit/ring_op.h"

OP(linked, IORING_OP_NOP)
{
	NEEDS(IORING_OP_OPENAT);
	struct pair pipe = make_pipe();
	struct __kernel_timespec limit = {.tv_nsec = 5000000};
	uint8_t bytes[8] = {};
	push(ring, sqe_linked(sqe_openat(AT_FDCWD, "/no/such", 0, 0)), 1);
	push(ring, sqe_linked(sqe_nop()), 2);
	push(ring, sqe_write(pipe.write, STR("no"), SQE_AT_POSITION), 3);
	push(ring, sqe_linked(sqe_write(pipe.write, STR("a"), SQE_AT_POSITION)), 4);
	push(ring, sqe_linked(sqe_write(pipe.write, STR("b"), SQE_AT_POSITION)), 5);
	push(ring, sqe_timeout(&limit, 0, IORING_TIMEOUT_ETIME_SUCCESS), 6);
	submit(ring, 6);
	static const int results[] = {0, -ENOENT, -ECANCELED, -ECANCELED, 1, 1, -ETIME};
	struct outcome done[7];
	gather(ring, done, 7, 6);
	for (unsigned i = 1; i <= 6; i++)
		CHECK_EQUAL(done[i].res, results[i]);
	CHECK_EQUAL(sys_read(pipe.read, bytes, sizeof(bytes)), 2);
	CHECK_BYTES(bytes, "ab", 2);
	close_pair(pipe);
}

// A chain is done in its order: the second does not start while the first waits.
OP(linked_waits, IORING_OP_READ)
{
	struct pair first = make_pipe(), second = make_pipe();
	uint8_t bytes[8] = {};
	push(ring, sqe_linked(sqe_read(first.read, SPAN(bytes), SQE_AT_POSITION)), 1);
	push(ring, sqe_write(second.write, STR("then"), SQE_AT_POSITION), 2);
	push(ring, sqe_nop(), 3);
	submit(ring, 3);
	NEXT_IS(3, 0);
	CHECK_EMPTY(ring);
	CHECK_EQUAL(sys_write(first.write, "12345678", 8), 8);
	NEXT_IS(1, 8);
	NEXT_IS(2, 4);

	// A read that comes short breaks the chain too.
	push(ring, sqe_linked(sqe_read(second.read, SPAN(bytes), SQE_AT_POSITION)), 1);
	push(ring, sqe_nop(), 2);
	submit(ring, 2);
	NEXT_IS(1, 4);
	NEXT_IS(2, -ECANCELED);
	close_pair(first);
	close_pair(second);
}

OP(hardlinked, IORING_OP_NOP)
{
	NEEDS(IORING_OP_OPENAT);
	push(ring, sqe_hardlinked(sqe_openat(AT_FDCWD, "/no/such", 0, 0)), 1);
	push(ring, sqe_linked(sqe_nop()), 2);
	push(ring, sqe_nop(), 3);
	submit(ring, 3);
	NEXT_IS(1, -ENOENT);
	NEXT_IS(2, 0);
	NEXT_IS(3, 0);
}

OP(drained, IORING_OP_NOP)
{
	struct pair pipe = make_pipe();
	uint8_t bytes[8];
	push(ring, sqe_read(pipe.read, SPAN(bytes), SQE_AT_POSITION), 1);
	push(ring, sqe_drained(sqe_nop()), 2);
	push(ring, sqe_nop(), 3);
	submit(ring, 3);
	CHECK_EMPTY(ring); // one waits for the pipe, and the others for it
	CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1);
	NEXT_IS(1, 1);
	NEXT_IS(2, 0);
	NEXT_IS(3, 0);
	close_pair(pipe);
}

OP(async, IORING_OP_READ)
{
	int fd = make_file(STR("0123"));
	uint8_t bytes[8];
	CHECK_EQUAL(result_of(ring, sqe_async(sqe_read(fd, SPAN(bytes), 0))), 4);
	CHECK_BYTES(bytes, "0123", 4);
	close_fd(fd);
	struct pair pipe = make_pipe(); // it waits where nothing else has to
	push(ring, sqe_async(sqe_read(pipe.read, SPAN(bytes), SQE_AT_POSITION)), 1);
	push(ring, sqe_nop(), 2);
	submit(ring, 2);
	NEXT_IS(2, 0);
	CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1);
	NEXT_IS(1, 1);
	close_pair(pipe);
}

OP(fixed_file, IORING_OP_READ)
{
	int fds[3] = {-1, -1, make_file(STR("registered"))};
	CHECK_EQUAL(ring_register_files(ring, fds, nullptr, 3), 0);
	close_fd(fds[2]); // the ring holds it
	uint8_t bytes[16] = {};
	CHECK_EQUAL(result_of(ring, sqe_fixed_file(sqe_read(2, SPAN(bytes), 0))), 10);
	CHECK_BYTES(bytes, "registered", 10);
	CHECK_EQUAL(result_of(ring, sqe_fixed_file(sqe_read(1, SPAN(bytes), 0))), -EBADF);
	CHECK_EQUAL(result_of(ring, sqe_fixed_file(sqe_read(3, SPAN(bytes), 0))), -EBADF);
}

OP(buffer_group, IORING_OP_PROVIDE_BUFFERS)
{
	struct pool pool = {};
	struct pair pipe = make_pipe();
	CHECK_EQUAL(result_of(ring, sqe_provide_buffers(&pool, POOL_SIZE, POOL_COUNT, POOL_GROUP, 0)), 0);
	push(ring, sqe_buffer_group(sqe_read(pipe.read, (struct span){}, SQE_AT_POSITION), POOL_GROUP), 1);
	submit(ring, 1);
	CHECK_EQUAL(sys_write(pipe.write, "more than sixteen bytes", 23), 23);
	struct io_uring_cqe done = NEXT_IS(1, POOL_SIZE);
	CHECK_STR(provided(&pool, done), STR("more than sixtee"));
	// Its length counts, if it has one.
	struct span four = {nullptr, 4};
	push(ring, sqe_buffer_group(sqe_read(pipe.read, four, SQE_AT_POSITION), POOL_GROUP), 2);
	submit(ring, 1);
	done = NEXT_IS(2, 4);
	CHECK_STR(provided(&pool, done), STR("n by"));
	close_pair(pipe);
}

OP(silent, IORING_OP_NOP)
{
	NEEDS(IORING_OP_OPENAT);
	struct pair pipe = make_pipe();
	uint8_t bytes[8];
	push(ring, sqe_silent(sqe_linked(sqe_write(pipe.write, STR("quiet"), SQE_AT_POSITION))), 1);
	push(ring, sqe_nop(), 2);
	submit(ring, 2);
	NEXT_IS(2, 0); // the other's end is known by this
	CHECK_EMPTY(ring);
	CHECK_EQUAL(sys_read(pipe.read, bytes, sizeof(bytes)), 5);
	push(ring, sqe_silent(sqe_openat(AT_FDCWD, "/no/such", 0, 0)), 3);
	submit(ring, 1);
	NEXT_IS(3, -ENOENT);
	close_pair(pipe);
}

// With the rights of someone who may not read what root may: one registered while the process was nobody.
OP(personality, IORING_OP_OPENAT)
{
	if (syscall6(__NR_geteuid, 0, 0, 0, 0, 0, 0) != 0)
		UNIT_SKIP(STR("only root can take another's rights"));
	struct folder folder = make_folder(); // of mode 0700
	touch(folder, "file");
	char path[48] = {};
	__builtin_memcpy(path, folder.path, sizeof(folder.path));
	__builtin_memcpy(path + 23, "/file", 6);
	int root = ring_register_personality(ring);
	if (root < 0 && op_is_emulated(ring)) { // then there is none to run with, and no entry runs as if
		int opened = result_of(ring, sqe_personality(sqe_openat(AT_FDCWD, path, O_RDONLY, 0), 1));
		CHECK(opened == -EINVAL || opened == -EOPNOTSUPP);
		unlink_name(folder, "file", 0);
		remove_folder(folder);
		UNIT_SKIP(STR("emulation has no personalities"));
	}
	CHECK(root > 0);
	// Of this thread only, which is all that this process has. [setresuid(2)]
	CHECK_EQUAL(syscall6(__NR_setresuid, -1, 65534, -1, 0, 0, 0), 0);
	int nobody = ring_register_personality(ring);
	CHECK_EQUAL(syscall6(__NR_setresuid, -1, 0, -1, 0, 0, 0), 0);
	CHECK(nobody > 0);
	CHECK_EQUAL(result_of(ring, sqe_personality(sqe_openat(AT_FDCWD, path, O_RDONLY, 0), (uint16_t)nobody)),
		    -EACCES);
	int fd = result_of(ring, sqe_personality(sqe_openat(AT_FDCWD, path, O_RDONLY, 0), (uint16_t)root));
	CHECK(fd >= 0);
	close_fd(fd);
	CHECK_EQUAL(result_of(ring, sqe_personality(sqe_openat(AT_FDCWD, path, O_RDONLY, 0), 99)), -EINVAL);
	unlink_name(folder, "file", 0);
	remove_folder(folder);
}

OP(multishot, IORING_OP_POLL_ADD)
{
	NEEDS(IORING_OP_POLL_REMOVE);
	struct pair pipe = make_pipe();
	uint8_t byte[1];
	push(ring, sqe_multishot(sqe_poll(pipe.read, POLLIN)), 1);
	submit(ring, 1);
	for (unsigned i = 0; i < 2; i++) {
		CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1);
		struct io_uring_cqe done = next(ring);
		UNLESS_EMULATION_LACKS(done.res);
		CHECK_EQUAL(done.res, POLLIN);
		CHECK((done.flags & IORING_CQE_F_MORE) != 0);
		CHECK_EQUAL(sys_read(pipe.read, byte, 1), 1);
	}
	close_fd(pipe.write); // at the end it says so, and that there is no more
	struct io_uring_cqe done = next(ring);
	CHECK((done.res & POLLHUP) != 0);
	close_fd(pipe.read);
}
