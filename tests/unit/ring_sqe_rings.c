// tests/unit/ring_sqe_rings.c: the builders of sqe_rings.h, byte for byte.
#include "tests/unit/ring_sqe.h"

UNIT(nop)
{
	CHECK_SQE(sqe_nop(), expected(0, -1, 0, 0, 0));
	CHECK_SQE(sqe_nop_result(-2), with(expected(0, -1, 0, 0xfffffffe, 0), OP_FLAGS, 4, 1));
	CHECK_SQE(sqe_nop32(value, token), with(expected(0, -1, token, 0, value), OP_FLAGS, 4, 32));
}

UNIT(files_update)
{
	CHECK_SQE(sqe_files_update(memory, mode, flags), expected(20, -1, (uintptr_t)memory, mode, flags));
}

UNIT(provide_and_remove_buffers)
{
	CHECK_SQE(sqe_provide_buffers(memory, mode, 0x01020304, group, 0xc1c2),
		  with(expected(31, 0x01020304, (uintptr_t)memory, mode, 0xc1c2), BUF_INDEX, 2, group));
	CHECK_SQE(sqe_remove_buffers(0x01020304, group), with(expected(32, 0x01020304, 0, 0, 0), BUF_INDEX, 2, group));
}

UNIT(msg_ring)
{
	struct layout layout = expected(40, fd, 0, mode, token);
	CHECK_SQE(sqe_msg_ring(fd, token, mode), layout);
	CHECK_SQE(sqe_msg_ring_flags(fd, token, mode, flags), with(with(layout, OP_FLAGS, 4, 2), FILE_INDEX, 4, flags));
}

UNIT(msg_ring_fd)
{
	struct layout layout = with(expected(40, fd, 1, 0, token), ADDR3, 8, 0xc1c2c3c4);
	layout = with(layout, OP_FLAGS, 4, flags);
	CHECK_SQE(sqe_msg_ring_fd(fd, 0xc1c2c3c4, 0, token, flags), with(layout, FILE_INDEX, 4, 1));
	CHECK_SQE(sqe_msg_ring_fd(fd, 0xc1c2c3c4, 0x01020303, token, flags), with(layout, FILE_INDEX, 4, 0x01020304));
	CHECK_SQE(sqe_msg_ring_fd(fd, 0xc1c2c3c4, IORING_FILE_INDEX_ALLOC, token, flags),
		  with(layout, FILE_INDEX, 4, 0xffffffff));
}

UNIT(uring_cmd)
{
	struct layout layout = with(expected(46, fd, 0, 0, 0xc1c2c3c4), OP_FLAGS, 4, flags);
	CHECK_SQE(sqe_uring_cmd(fd, 0xc1c2c3c4, nullptr, flags), layout);
	const uint64_t bytes[2] = {value, token};
	CHECK_SQE(sqe_uring_cmd(fd, 0xc1c2c3c4, bytes, flags), with(with(layout, ADDR3, 8, value), LAST, 8, token));
	CHECK_SQE(sqe_uring_cmd128(fd, 0xc1c2c3c4, flags), with(layout, OPCODE, 1, 64));
}

UNIT(fixed_fd_install)
{
	CHECK_SQE(sqe_fixed_fd_install(0x01020304, flags),
		  with(with(expected(54, 0x01020304, 0, 0, 0), FLAGS, 1, 1), OP_FLAGS, 4, flags));
}

UNIT(nop128)
{
	CHECK_SQE(sqe_nop128(), expected(63, -1, 0, 0, 0));
}
