// tests/unit/ring_sqe.c: what holds for all builders: every operation has one, lengths are cut, and the modifiers.
//
// The builders themselves: ring_sqe_files.c, ring_sqe_sockets.c, ring_sqe_events.c, ring_sqe_rings.c.
#include "tests/unit/ring_sqe.h"

// An operation that newer headers bring has no builder until someone writes it: this says so.
static_assert(IORING_OP_LAST == 65);

// The numbers that stand in for those headers that lack the names.
static_assert(SQE_OP_READ_MULTISHOT == (int)IORING_OP_READ_MULTISHOT);
static_assert(SQE_OP_WAITID == (int)IORING_OP_WAITID);
static_assert(SQE_OP_FUTEX_WAIT == (int)IORING_OP_FUTEX_WAIT);
static_assert(SQE_OP_FUTEX_WAKE == (int)IORING_OP_FUTEX_WAKE);
static_assert(SQE_OP_FUTEX_WAITV == (int)IORING_OP_FUTEX_WAITV);
static_assert(SQE_OP_FIXED_FD_INSTALL == (int)IORING_OP_FIXED_FD_INSTALL);
static_assert(SQE_OP_FTRUNCATE == (int)IORING_OP_FTRUNCATE);
static_assert(SQE_OP_BIND == (int)IORING_OP_BIND);
static_assert(SQE_OP_LISTEN == (int)IORING_OP_LISTEN);
static_assert(SQE_OP_RECV_ZC == (int)IORING_OP_RECV_ZC);
static_assert(SQE_OP_EPOLL_WAIT == (int)IORING_OP_EPOLL_WAIT);
static_assert(SQE_OP_READV_FIXED == (int)IORING_OP_READV_FIXED);
static_assert(SQE_OP_WRITEV_FIXED == (int)IORING_OP_WRITEV_FIXED);
static_assert(SQE_OP_PIPE == (int)IORING_OP_PIPE);
static_assert(SQE_OP_NOP128 == (int)IORING_OP_NOP128);
static_assert(SQE_OP_URING_CMD128 == (int)IORING_OP_URING_CMD128);

UNIT(every_operation_has_a_builder)
{
	const uint8_t opcodes[IORING_OP_LAST] = {
		[IORING_OP_NOP] = sqe_nop().opcode,
		[IORING_OP_READV] = sqe_readv(0, nullptr, 0, 0).opcode,
		[IORING_OP_WRITEV] = sqe_writev(0, nullptr, 0, 0).opcode,
		[IORING_OP_FSYNC] = sqe_fsync(0, 0).opcode,
		[IORING_OP_READ_FIXED] = sqe_read_fixed(0, into(0), 0, 0).opcode,
		[IORING_OP_WRITE_FIXED] = sqe_write_fixed(0, from(0), 0, 0).opcode,
		[IORING_OP_POLL_ADD] = sqe_poll(0, 0).opcode,
		[IORING_OP_POLL_REMOVE] = sqe_poll_remove(0).opcode,
		[IORING_OP_SYNC_FILE_RANGE] = sqe_sync_file_range(0, 0, 0, 0).opcode,
		[IORING_OP_SENDMSG] = sqe_sendmsg(0, nullptr, 0).opcode,
		[IORING_OP_RECVMSG] = sqe_recvmsg(0, nullptr, 0).opcode,
		[IORING_OP_TIMEOUT] = sqe_timeout(nullptr, 0, 0).opcode,
		[IORING_OP_TIMEOUT_REMOVE] = sqe_timeout_remove(0).opcode,
		[IORING_OP_ACCEPT] = sqe_accept(0, nullptr, nullptr, 0).opcode,
		[IORING_OP_ASYNC_CANCEL] = sqe_cancel(0).opcode,
		[IORING_OP_LINK_TIMEOUT] = sqe_link_timeout(nullptr, 0).opcode,
		[IORING_OP_CONNECT] = sqe_connect(0, nullptr, 0).opcode,
		[IORING_OP_FALLOCATE] = sqe_fallocate(0, 0, 0, 0).opcode,
		[IORING_OP_OPENAT] = sqe_openat(0, nullptr, 0, 0).opcode,
		[IORING_OP_CLOSE] = sqe_close(0).opcode,
		[IORING_OP_FILES_UPDATE] = sqe_files_update(nullptr, 0, 0).opcode,
		[IORING_OP_STATX] = sqe_statx(0, nullptr, 0, 0, nullptr).opcode,
		[IORING_OP_READ] = sqe_read(0, into(0), 0).opcode,
		[IORING_OP_WRITE] = sqe_write(0, from(0), 0).opcode,
		[IORING_OP_FADVISE] = sqe_fadvise(0, 0, 0, 0).opcode,
		[IORING_OP_MADVISE] = sqe_madvise(into(0), 0).opcode,
		[IORING_OP_SEND] = sqe_send(0, from(0), 0).opcode,
		[IORING_OP_RECV] = sqe_recv(0, into(0), 0).opcode,
		[IORING_OP_OPENAT2] = sqe_openat2(0, nullptr, nullptr, 0).opcode,
		[IORING_OP_EPOLL_CTL] = sqe_epoll_ctl(0, 0, 0, nullptr).opcode,
		[IORING_OP_SPLICE] = sqe_splice(0, 0, 0, 0, 0, 0).opcode,
		[IORING_OP_PROVIDE_BUFFERS] = sqe_provide_buffers(nullptr, 0, 0, 0, 0).opcode,
		[IORING_OP_REMOVE_BUFFERS] = sqe_remove_buffers(0, 0).opcode,
		[IORING_OP_TEE] = sqe_tee(0, 0, 0, 0).opcode,
		[IORING_OP_SHUTDOWN] = sqe_shutdown(0, 0).opcode,
		[IORING_OP_RENAMEAT] = sqe_renameat(0, nullptr, 0, nullptr, 0).opcode,
		[IORING_OP_UNLINKAT] = sqe_unlinkat(0, nullptr, 0).opcode,
		[IORING_OP_MKDIRAT] = sqe_mkdirat(0, nullptr, 0).opcode,
		[IORING_OP_SYMLINKAT] = sqe_symlinkat(nullptr, 0, nullptr).opcode,
		[IORING_OP_LINKAT] = sqe_linkat(0, nullptr, 0, nullptr, 0).opcode,
		[IORING_OP_MSG_RING] = sqe_msg_ring(0, 0, 0).opcode,
		[IORING_OP_FSETXATTR] = sqe_fsetxattr(0, nullptr, from(0), 0).opcode,
		[IORING_OP_SETXATTR] = sqe_setxattr(nullptr, nullptr, from(0), 0).opcode,
		[IORING_OP_FGETXATTR] = sqe_fgetxattr(0, nullptr, into(0)).opcode,
		[IORING_OP_GETXATTR] = sqe_getxattr(nullptr, nullptr, into(0)).opcode,
		[IORING_OP_SOCKET] = sqe_socket(0, 0, 0).opcode,
		[IORING_OP_URING_CMD] = sqe_uring_cmd(0, 0, nullptr, 0).opcode,
		[IORING_OP_SEND_ZC] = sqe_send_zc(0, from(0), 0).opcode,
		[IORING_OP_SENDMSG_ZC] = sqe_sendmsg_zc(0, nullptr, 0).opcode,
		[IORING_OP_READ_MULTISHOT] = sqe_read_multishot(0, 0, 0).opcode,
		[IORING_OP_WAITID] = sqe_waitid(0, 0, nullptr, 0).opcode,
		[IORING_OP_FUTEX_WAIT] = sqe_futex_wait(nullptr, 0, 0, 0).opcode,
		[IORING_OP_FUTEX_WAKE] = sqe_futex_wake(nullptr, 0, 0, 0).opcode,
		[IORING_OP_FUTEX_WAITV] = sqe_futex_waitv(nullptr, 0).opcode,
		[IORING_OP_FIXED_FD_INSTALL] = sqe_fixed_fd_install(0, 0).opcode,
		[IORING_OP_FTRUNCATE] = sqe_ftruncate(0, 0).opcode,
		[IORING_OP_BIND] = sqe_bind(0, nullptr, 0).opcode,
		[IORING_OP_LISTEN] = sqe_listen(0, 0).opcode,
		[IORING_OP_RECV_ZC] = sqe_recv_zc(0, 0, 0).opcode,
		[IORING_OP_EPOLL_WAIT] = sqe_epoll_wait(0, nullptr, 0).opcode,
		[IORING_OP_READV_FIXED] = sqe_readv_fixed(0, nullptr, 0, 0, 0).opcode,
		[IORING_OP_WRITEV_FIXED] = sqe_writev_fixed(0, nullptr, 0, 0, 0).opcode,
		[IORING_OP_PIPE] = sqe_pipe(nullptr, 0).opcode,
		[IORING_OP_NOP128] = sqe_nop128().opcode,
		[IORING_OP_URING_CMD128] = sqe_uring_cmd128(0, 0, 0).opcode,
	};
	for (unsigned i = 0; i < IORING_OP_LAST; i++)
		CHECK_EQUAL(opcodes[i], i);
}

UNIT(lengths_are_cut_to_what_one_call_transfers)
{
	static const struct {
		size_t len;
		uint32_t cut;
	} cases[] = {
		{0, 0},
		{1, 1},
		{0x7fffefff, 0x7fffefff},
		{0x7ffff000, 0x7ffff000},
		{0x7ffff001, 0x7ffff000},
		{0x80000000, 0x7ffff000},
		{0x100000001, 0x7ffff000}, // whose low 32 bits are small
		{SIZE_MAX, 0x7ffff000},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_EQUAL(sqe_read(fd, into(cases[i].len), 0).len, cases[i].cut);
		CHECK_EQUAL(sqe_write(fd, from(cases[i].len), 0).len, cases[i].cut);
		CHECK_EQUAL(sqe_send(fd, from(cases[i].len), 0).len, cases[i].cut);
		CHECK_EQUAL(sqe_recv(fd, into(cases[i].len), 0).len, cases[i].cut);
	}
}

UNIT(modifiers_change_one_thing)
{
	struct layout read = expected(22, fd, (uintptr_t)memory, 5, offset);
	CHECK_SQE(sqe_fixed_file(sqe_read(fd, into(5), offset)), with(read, FLAGS, 1, 1));
	CHECK_SQE(sqe_drained(sqe_read(fd, into(5), offset)), with(read, FLAGS, 1, 2));
	CHECK_SQE(sqe_linked(sqe_read(fd, into(5), offset)), with(read, FLAGS, 1, 4));
	CHECK_SQE(sqe_hardlinked(sqe_read(fd, into(5), offset)), with(read, FLAGS, 1, 8));
	CHECK_SQE(sqe_async(sqe_read(fd, into(5), offset)), with(read, FLAGS, 1, 16));
	CHECK_SQE(sqe_buffer_group(sqe_read(fd, into(5), offset), group),
		  with(with(read, FLAGS, 1, 32), BUF_INDEX, 2, group));
	CHECK_SQE(sqe_silent(sqe_read(fd, into(5), offset)), with(read, FLAGS, 1, 64));
	CHECK_SQE(sqe_personality(sqe_read(fd, into(5), offset), group), with(read, PERSONALITY, 2, group));
	CHECK_SQE(sqe_linked(sqe_fixed_file(sqe_read(fd, into(5), offset))), with(read, FLAGS, 1, 5));
	CHECK_SQE(sqe_fixed_file(sqe_linked(sqe_read(fd, into(5), offset))), with(read, FLAGS, 1, 5));
	CHECK_SQE(sqe_fixed_file(sqe_drained(sqe_hardlinked(sqe_async(sqe_read(fd, into(5), offset))))),
		  with(read, FLAGS, 1, 27));
}

UNIT(poll_first_and_bundle)
{
	struct layout recv = expected(27, fd, (uintptr_t)memory, 5, 0), accept = expected(13, fd, 0, 0, 0);
	CHECK_SQE(sqe_poll_first(sqe_recv(fd, into(5), 0)), with(recv, IOPRIO, 2, 1));
	CHECK_SQE(sqe_bundle(sqe_recv(fd, into(5), 0)), with(recv, IOPRIO, 2, 16));
	CHECK_SQE(sqe_poll_first(sqe_bundle(sqe_recv(fd, into(5), 0))), with(recv, IOPRIO, 2, 17));
	CHECK_SQE(sqe_poll_first(sqe_accept(fd, nullptr, nullptr, 0)), with(accept, IOPRIO, 2, 4));
	CHECK_SQE(sqe_poll_first(sqe_accept_multishot(fd, 0)), with(accept, IOPRIO, 2, 5));
}

UNIT(direct_is_the_slot_and_one)
{
	struct layout open = with(expected(18, fd, (uintptr_t)memory, mode, 0), OP_FLAGS, 4, flags);
	CHECK_SQE(sqe_direct(sqe_openat(fd, memory, flags, mode), 0), with(open, FILE_INDEX, 4, 1));
	CHECK_SQE(sqe_direct(sqe_openat(fd, memory, flags, mode), 0x01020303), with(open, FILE_INDEX, 4, 0x01020304));
	CHECK_SQE(sqe_direct(sqe_openat(fd, memory, flags, mode), IORING_FILE_INDEX_ALLOC),
		  with(open, FILE_INDEX, 4, 0xffffffff));
}

// It says the same as the builders that have it in their name, and leaves alone what knows no such mode.
UNIT(multishot)
{
	struct layout layout = with(expected(6, fd, 0, 1, 0), OP_FLAGS, 4, flags);
	CHECK_SQE(sqe_multishot(sqe_poll(fd, flags)), layout);
	CHECK_SQE(sqe_multishot(sqe_timeout(memory, 3, 8)),
		  with(expected(11, -1, (uintptr_t)memory, 1, 3), OP_FLAGS, 4, 64 | 8));
	CHECK_SQE(sqe_multishot(sqe_accept(fd, nullptr, nullptr, 0)), with(expected(13, fd, 0, 0, 0), IOPRIO, 2, 1));
	CHECK_SQE(sqe_multishot(sqe_poll_first(sqe_recv(fd, into(0), 0))),
		  with(expected(27, fd, (uintptr_t)memory, 0, 0), IOPRIO, 2, 3));
	CHECK_SQE(sqe_multishot(sqe_recvmsg(fd, memory, 0)),
		  with(expected(10, fd, (uintptr_t)memory, 1, 0), IOPRIO, 2, 2));
	CHECK_SQE(sqe_multishot(sqe_uring_cmd(fd, 7, nullptr, 0)), with(expected(46, fd, 0, 0, 7), OP_FLAGS, 4, 2));
	CHECK_SQE(sqe_multishot(sqe_uring_cmd128(fd, 7, 0)), with(expected(64, fd, 0, 0, 7), OP_FLAGS, 4, 2));
	CHECK_SQE(sqe_multishot(sqe_read(fd, into(5), offset)), expected(22, fd, (uintptr_t)memory, 5, offset));
}

UNIT(what_goes_on_after_a_completion)
{
	static const struct {
		uint8_t opcode;
		uint16_t ioprio;
		uint32_t len, flags;
		uint64_t off;
		bool goes_on;
	} cases[] = {
		{.opcode = 0},
		{.opcode = 6},                            // poll
		{.opcode = 6, .len = 1, .goes_on = true}, // IORING_POLL_ADD_MULTI
		{.opcode = 6, .len = 8},                  // IORING_POLL_ADD_LEVEL
		{.opcode = 6, .len = 9, .goes_on = true},
		{.opcode = 6, .flags = 0xffff},                             // the events
		{.opcode = 11, .len = 1},                                   // timeout
		{.opcode = 11, .len = 1, .flags = 1 << 6, .goes_on = true}, // IORING_TIMEOUT_MULTISHOT
		{.opcode = 13},                                             // accept
		{.opcode = 13, .ioprio = 1, .goes_on = true},
		{.opcode = 13, .ioprio = 2},                  // IORING_ACCEPT_DONTWAIT
		{.opcode = 27},                               // recv
		{.opcode = 27, .ioprio = 1},                  // IORING_RECVSEND_POLL_FIRST
		{.opcode = 27, .ioprio = 2, .goes_on = true}, // IORING_RECV_MULTISHOT
		{.opcode = 10, .ioprio = 2, .goes_on = true}, // recvmsg
		{.opcode = 10},
		{.opcode = 26},                                // send
		{.opcode = 26, .ioprio = 2},                   // no such flag of a send
		{.opcode = 26, .ioprio = 16, .goes_on = true}, // IORING_RECVSEND_BUNDLE
		{.opcode = 27, .ioprio = 16},                  // one bundle is one completion
		{.opcode = 46},                                // uring_cmd
		{.opcode = 46, .flags = 1},                    // IORING_URING_CMD_FIXED
		{.opcode = 46, .flags = 2, .goes_on = true},   // IORING_URING_CMD_MULTISHOT
		{.opcode = 46, .off = 4, .goes_on = true},     // SOCKET_URING_OP_TX_TIMESTAMP
		{.opcode = 46, .off = 3},                      // SOCKET_URING_OP_SETSOCKOPT
		{.opcode = 64, .flags = 2, .goes_on = true},   // uring_cmd128
		{.opcode = 64},
		{.opcode = 47, .goes_on = true},       // send_zc
		{.opcode = 48, .goes_on = true},       // sendmsg_zc
		{.opcode = 49, .goes_on = true},       // read_multishot
		{.opcode = 58, .goes_on = true},       // recv_zc
		{.opcode = 22, .ioprio = 1, .len = 1}, // read
		{.opcode = 255},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct io_uring_sqe sqe = {.opcode = cases[i].opcode, .ioprio = cases[i].ioprio, .len = cases[i].len};
		sqe.rw_flags = cases[i].flags;
		sqe.off = cases[i].off;
		if (!CHECK_EQUAL(sqe_goes_on(&sqe), cases[i].goes_on))
			CHECK_EQUAL(i, SIZE_MAX); // says which
	}
}
