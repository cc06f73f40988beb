// tests/unit/ring_ops_rings.c: every builder of sqe_rings.h, for real. [ring_op.h]
//
// Layout only (ring_sqe_rings.c): sqe_uring_cmd and sqe_uring_cmd128 of drivers, which want a device that knows such; here
// is what a file without one says. (Commands of sockets: ring_ops_sockets.c.)
#include "tests/unit/ring_op.h"

OP(nop, IORING_OP_NOP)
{
	CHECK_EQUAL(result_of(ring, sqe_nop()), 0);
}

OP(nop_result, IORING_OP_NOP)
{
	NEEDS_KERNEL(6, 10);
	int result = result_of(ring, sqe_nop_result(-ENOMEM));
	UNLESS_EMULATION_LACKS(result);
	CHECK_EQUAL(result, -ENOMEM);
	CHECK_EQUAL(result_of(ring, sqe_nop_result(77)), 77);
}

OP(files_update, IORING_OP_FILES_UPDATE)
{
	if (!make_slots(ring, 3))
		return;
	int first = make_file(STR("first")), second = make_file(STR("second"));
	uint8_t bytes[8];
	int fds[2] = {first, second};
	CHECK_EQUAL(result_of(ring, sqe_files_update(fds, 2, 1)), 2);
	close_fd(first);
	close_fd(second); // the ring holds them
	CHECK_EQUAL(result_of(ring, sqe_fixed_file(sqe_read(1, SPAN(bytes), 0))), 5);
	CHECK_BYTES(bytes, "first", 5);
	CHECK_EQUAL(result_of(ring, sqe_fixed_file(sqe_read(2, SPAN(bytes), 0))), 6);

	// Empties one, leaves one, stops at the first that is no descriptor.
	int changes[3] = {-1, IORING_REGISTER_FILES_SKIP, 0x7ffffff0};
	fds[0] = -1;
	CHECK_EQUAL(result_of(ring, sqe_files_update(changes + 1, 1, 1)), 1);
	CHECK_EQUAL(result_of(ring, sqe_fixed_file(sqe_read(1, SPAN(bytes), 0))), 5);
	CHECK_EQUAL(result_of(ring, sqe_files_update(fds, 1, 1)), 1);
	CHECK_EQUAL(result_of(ring, sqe_fixed_file(sqe_read(1, SPAN(bytes), 0))), -EBADF);
	CHECK_EQUAL(result_of(ring, sqe_files_update(changes, 3, 0)), 2);
	CHECK_EQUAL(result_of(ring, sqe_files_update(changes + 2, 1, 0)), -EBADF);
	CHECK_EQUAL(result_of(ring, sqe_files_update(fds, 1, 3)), -EINVAL); // there are three
}

// The kernel chooses the slots.
OP(files_update_alloc, IORING_OP_FILES_UPDATE)
{
	if (!make_slots(ring, 2))
		return;
	struct pair pipe = make_pipe();
	int fds[2] = {pipe.read, pipe.write};
	uint8_t bytes[8];
	int updated = result_of(ring, sqe_files_update(fds, 2, IORING_FILE_INDEX_ALLOC));
	UNLESS_EMULATION_LACKS(updated);
	CHECK_EQUAL(updated, 2);
	CHECK_EQUAL(fds[0], 0);
	CHECK_EQUAL(fds[1], 1);
	close_pair(pipe);
	CHECK_EQUAL(result_of(ring, sqe_fixed_file(sqe_write(1, STR("through"), SQE_AT_POSITION))), 7);
	CHECK_EQUAL(result_of(ring, sqe_fixed_file(sqe_read(0, SPAN(bytes), SQE_AT_POSITION))), 7);
}

OP(provide_and_remove_buffers, IORING_OP_PROVIDE_BUFFERS)
{
	NEEDS(IORING_OP_REMOVE_BUFFERS);
	struct pool pool = {};
	int fd = make_file(STR("0123456789"));
	struct io_uring_cqe done = {};
	struct io_uring_sqe read = sqe_buffer_group(sqe_read(fd, (struct span){}, 0), POOL_GROUP);
	CHECK_EQUAL(result_of(ring, read), -ENOBUFS);
	CHECK_EQUAL(result_of(ring, sqe_provide_buffers(&pool, POOL_SIZE, POOL_COUNT, POOL_GROUP, 0)), 0);
	CHECK_EQUAL(ring_do(ring, read, &done), 0);
	CHECK_STR(provided(&pool, done), STR("0123456789"));

	// It is gone until it is given back.
	CHECK_EQUAL(result_of(ring, sqe_remove_buffers(99, POOL_GROUP)), POOL_COUNT - 1);
	CHECK_EQUAL(result_of(ring, read), -ENOBUFS);
	CHECK_EQUAL(result_of(ring, sqe_provide_buffers(pool.bytes[2], POOL_SIZE, 1, POOL_GROUP, 2)), 0);
	CHECK_EQUAL(ring_do(ring, read, &done), 0);
	CHECK_EQUAL(cqe_buffer_id(&done), 2);
	CHECK_STR(provided(&pool, done), STR("0123456789"));
	CHECK_EQUAL(result_of(ring, sqe_remove_buffers(1, 99)), -ENOENT); // no such group
	close_fd(fd);
}

// As result_of, for a ring that has been sent messages: ring_do says -EBUSY there (do.c), for it knows no more what is in
// flight.
static int result_beside_messages(struct io_uring *ring, struct io_uring_sqe sqe)
{
	push(ring, sqe, 1000);
	submit(ring, 1);
	struct io_uring_cqe done = next(ring);
	CHECK_EQUAL(done.user_data, 1000);
	return done.res;
}

// To itself.
OP(msg_ring, IORING_OP_MSG_RING)
{
	push(ring, sqe_msg_ring(ring->ring_fd, 0x1122334455667788, 99), 1);
	submit(ring, 1);
	struct io_uring_cqe done = next(ring), other = next(ring);
	if (done.user_data == 1) { // no order is promised
		struct io_uring_cqe swap = done;
		done = other;
		other = swap;
	}
	CHECK_EQUAL(other.user_data, 1);
	CHECK_EQUAL(other.res, 0);
	CHECK_EQUAL(done.user_data, 0x1122334455667788);
	CHECK_EQUAL(done.res, 99);
	struct pair pipe = make_pipe();
	CHECK_EQUAL(result_beside_messages(ring, sqe_msg_ring(pipe.read, 1, 1)), -EBADFD);
	close_pair(pipe);
}

OP(msg_ring_flags, IORING_OP_MSG_RING)
{
	NEEDS_KERNEL(6, 3);
	struct outcome done[3];
	push(ring, sqe_msg_ring_flags(ring->ring_fd, 2, 5, 0x12340000), 1);
	submit(ring, 1);
	struct io_uring_cqe first = next(ring);
	if (first.user_data == 1)
		UNLESS_EMULATION_LACKS(first.res);
	done[first.user_data == 2 ? 2 : 1] = (struct outcome){first.res, first.flags, true};
	struct io_uring_cqe second = next(ring);
	done[second.user_data == 2 ? 2 : 1] = (struct outcome){second.res, second.flags, true};
	CHECK_EQUAL(done[1].res, 0);
	CHECK_EQUAL(done[2].res, 5);
	CHECK_EQUAL(done[2].flags, 0x12340000);
}

// A completion, and a registered file, to another ring.
OP(msg_ring_between_rings, IORING_OP_MSG_RING)
{
	struct io_uring other;
	struct ring_options options = {.engine = ring_engine(ring), .single_issuer = true};
	CHECK_EQUAL(ring_open(&other, 8, options), 0);
	int sent = result_of(ring, sqe_msg_ring(other.ring_fd, 7, 8));
	CHECK_EQUAL(sent, 0);
	CHECK_POP(&other, 7, 8);

	int fd = make_file(STR("given"));
	uint8_t bytes[8];
	CHECK_EQUAL(ring_register_files(ring, &fd, nullptr, 1), 0);
	if (make_slots(&other, 2)) {
		sent = result_of(ring, sqe_msg_ring_fd(other.ring_fd, 0, 1, 9, 0));
		CHECK_EQUAL(sent, 0);
		CHECK_POP(&other, 9, 0);
		CHECK_EQUAL(result_beside_messages(&other, sqe_fixed_file(sqe_read(1, SPAN(bytes), 0))), 5);
		CHECK_BYTES(bytes, "given", 5);
		CHECK_EQUAL(result_of(ring, sqe_msg_ring_fd(other.ring_fd, 0, IORING_FILE_INDEX_ALLOC, 9,
							    IORING_MSG_RING_CQE_SKIP)),
			    0);
		CHECK_EMPTY(&other);
		CHECK_EQUAL(result_beside_messages(&other, sqe_fixed_file(sqe_read(0, SPAN(bytes), 0))), 5);
		CHECK_EQUAL(result_of(ring, sqe_msg_ring_fd(other.ring_fd, 5, 1, 9, 0)), -EBADF);
	}
	close_fd(fd);
	close_ring(&other);
}

OP(uring_cmd_without_a_driver, IORING_OP_URING_CMD)
{
	int fd = make_file(STR(""));
	CHECK_EQUAL(result_of(ring, sqe_uring_cmd(fd, 1, nullptr, 0)), -EOPNOTSUPP);
	close_fd(fd);
}

OP(fixed_fd_install, SQE_OP_FIXED_FD_INSTALL)
{
	int fd = make_file(STR("again"));
	uint8_t bytes[8];
	CHECK_EQUAL(ring_register_files(ring, &fd, nullptr, 1), 0);
	close_fd(fd);
	fd = result_of(ring, sqe_fixed_fd_install(0, 0));
	CHECK(fd >= 0);
	CHECK_EQUAL(sys_fcntl(fd, F_GETFD, 0), FD_CLOEXEC);
	CHECK_STR(content_of(fd, SPAN(bytes)), STR("again"));
	close_fd(fd);
	fd = result_of(ring, sqe_fixed_fd_install(0, 1 /* IORING_FIXED_FD_NO_CLOEXEC */));
	CHECK(fd >= 0);
	CHECK_EQUAL(sys_fcntl(fd, F_GETFD, 0), 0);
	close_fd(fd);
	CHECK_EQUAL(result_of(ring, sqe_fixed_fd_install(1, 0)), -EBADF);
}

// In rings of wide entries and completions. [ring.h: ring_push128, ring_pop32]

UNIT(nop32)
{
	struct io_uring ring;
	int error = ring_open(&ring, 8, (struct ring_options){.cqe_mixed = true});
	if (error == -EINVAL) {
		op_skip_kernel(); // 6.18
		return;
	}
	if (error != 0) {
		unit_skip(ring_explain(error));
		return;
	}
	struct ring_cqe32 done = {};
	CHECK_EQUAL(ring_push(&ring, sqe_nop32(0x1122334455667788, 99), 1), 0);
	CHECK_EQUAL(ring_submit(&ring, 1), 1);
	CHECK(ring_pop32(&ring, &done));
	CHECK_EQUAL(done.user_data, 1);
	CHECK_EQUAL(done.more[0], 0x1122334455667788);
	CHECK_EQUAL(done.more[1], 99);
	close_ring(&ring);
}

UNIT(nop128)
{
	struct io_uring ring;
	int error = ring_open(&ring, 8, (struct ring_options){.sqe_mixed = true});
	if (error == -EINVAL) {
		op_skip_kernel(); // 6.19
		return;
	}
	if (error != 0) {
		unit_skip(ring_explain(error));
		return;
	}
	CHECK_EQUAL(ring_push128(&ring, sqe_nop128(), nullptr, 1), 0);
	CHECK_EQUAL(ring_submit(&ring, 1), 1);
	CHECK_POP(&ring, 1, 0);
	close_ring(&ring);
}
