// tests/unit/ring_sqe_sockets.c: the builders of sqe_sockets.h, byte for byte.
#include "arch/socket.h"
#include "tests/unit/ring_sqe.h"

// The numbers of those commands that are the headers' too. [Linux include/uapi/linux/io_uring.h]
static_assert(SQE_SOCKET_INQ == (int)SOCKET_URING_OP_SIOCINQ && SQE_SOCKET_OUTQ == (int)SOCKET_URING_OP_SIOCOUTQ);
static_assert(SQE_SOCKET_GETSOCKOPT == (int)SOCKET_URING_OP_GETSOCKOPT);
static_assert(SQE_SOCKET_SETSOCKOPT == (int)SOCKET_URING_OP_SETSOCKOPT);
static_assert(SQE_SOCKET_TX_TIMESTAMP == (int)SOCKET_URING_OP_TX_TIMESTAMP);
static_assert(SQE_SOCKET_GETSOCKNAME == (int)SOCKET_URING_OP_GETSOCKNAME);

UNIT(sendmsg_and_recvmsg)
{
	CHECK_SQE(sqe_sendmsg(fd, memory, flags), with(expected(9, fd, (uintptr_t)memory, 1, 0), OP_FLAGS, 4, flags));
	CHECK_SQE(sqe_recvmsg(fd, memory, flags), with(expected(10, fd, (uintptr_t)memory, 1, 0), OP_FLAGS, 4, flags));
}

UNIT(recvmsg_multishot)
{
	struct layout layout = with(expected(10, fd, (uintptr_t)memory, 1, 0), OP_FLAGS, 4, flags);
	layout = with(with(with(layout, IOPRIO, 2, 2), FLAGS, 1, 32), BUF_INDEX, 2, group);
	CHECK_SQE(sqe_recvmsg_multishot(fd, memory, flags, group), layout);
}

UNIT(accept)
{
	struct layout layout = with(expected(13, fd, (uintptr_t)memory, 0, (uintptr_t)other), OP_FLAGS, 4, flags);
	CHECK_SQE(sqe_accept(fd, memory, other, flags), layout);
	CHECK_SQE(sqe_accept_now(fd, memory, other, flags), with(layout, IOPRIO, 2, 2));
}

UNIT(accept_multishot)
{
	CHECK_SQE(sqe_accept_multishot(fd, flags),
		  with(with(expected(13, fd, 0, 0, 0), OP_FLAGS, 4, flags), IOPRIO, 2, 1));
}

UNIT(connect)
{
	CHECK_SQE(sqe_connect(fd, memory, mode), expected(16, fd, (uintptr_t)memory, 0, mode));
}

UNIT(send)
{
	struct layout layout = with(expected(26, fd, (uintptr_t)memory, 0x51525354, 0), OP_FLAGS, 4, flags);
	CHECK_SQE(sqe_send(fd, from(0x51525354), flags), layout);
	CHECK_SQE(sqe_send_to(sqe_send(fd, from(0x51525354), flags), other, group),
		  with(with(layout, OFF, 8, (uintptr_t)other), FILE_INDEX, 2, group));
}

UNIT(sendv)
{
	CHECK_SQE(sqe_sendv(fd, memory, mode, flags),
		  with(with(expected(26, fd, (uintptr_t)memory, mode, 0), OP_FLAGS, 4, flags), IOPRIO, 2, 32));
}

UNIT(recv)
{
	CHECK_SQE(sqe_recv(fd, into(0x51525354), flags),
		  with(expected(27, fd, (uintptr_t)memory, 0x51525354, 0), OP_FLAGS, 4, flags));
}

UNIT(recv_multishot)
{
	struct layout layout = with(with(expected(27, fd, 0, 0, 0), OP_FLAGS, 4, flags), IOPRIO, 2, 2);
	CHECK_SQE(sqe_recv_multishot(fd, flags, group), with(with(layout, FLAGS, 1, 32), BUF_INDEX, 2, group));
}

UNIT(shutdown)
{
	CHECK_SQE(sqe_shutdown(fd, 2), expected(34, fd, 0, 2, 0));
}

UNIT(socket)
{
	CHECK_SQE(sqe_socket(fd, 0x71727374, other_fd), expected(45, fd, 0, 0x11121314, 0x71727374));
	CHECK_SQE(sqe_socket(fd, -2, 0), expected(45, fd, 0, 0, 0xfffffffe)); // of off the lower half is read
}

UNIT(send_zc)
{
	struct layout layout = with(expected(47, fd, (uintptr_t)memory, 0x51525354, 0), OP_FLAGS, 4, flags);
	CHECK_SQE(sqe_send_zc(fd, from(0x51525354), flags), layout);
	CHECK_SQE(sqe_send_zc_fixed(fd, from(0x51525354), flags, group),
		  with(with(layout, IOPRIO, 2, 4), BUF_INDEX, 2, group));
	CHECK_SQE(sqe_report_usage(sqe_send_zc(fd, from(0x51525354), flags)), with(layout, IOPRIO, 2, 8));
	CHECK_SQE(sqe_report_usage(sqe_send_zc_fixed(fd, from(0x51525354), flags, group)),
		  with(with(layout, IOPRIO, 2, 12), BUF_INDEX, 2, group));
	CHECK_SQE(sqe_send_to(sqe_send_zc(fd, from(0x51525354), flags), other, group),
		  with(with(layout, OFF, 8, (uintptr_t)other), FILE_INDEX, 2, group));
}

UNIT(sendmsg_zc)
{
	struct layout layout = with(expected(48, fd, (uintptr_t)memory, 1, 0), OP_FLAGS, 4, flags);
	CHECK_SQE(sqe_sendmsg_zc(fd, memory, flags), layout);
	CHECK_SQE(sqe_sendmsg_zc_fixed(fd, memory, flags, group),
		  with(with(layout, IOPRIO, 2, 4), BUF_INDEX, 2, group));
}

UNIT(bind_and_listen)
{
	CHECK_SQE(sqe_bind(fd, memory, mode), expected(56, fd, (uintptr_t)memory, 0, mode));
	CHECK_SQE(sqe_listen(fd, other_fd), expected(57, fd, 0, 0x11121314, 0));
}

UNIT(recv_zc)
{
	CHECK_SQE(sqe_recv_zc(fd, mode, flags),
		  with(with(expected(58, fd, 0, mode, 0), IOPRIO, 2, 2), FILE_INDEX, 4, flags));
}

UNIT(socket_commands)
{
	CHECK_SQE(sqe_socket_inq(fd), expected(46, fd, 0, 0, 0));
	CHECK_SQE(sqe_socket_outq(fd), expected(46, fd, 0, 0, 1));
	struct layout option = with(expected(46, fd, 0x1112131401020304, 0, 2), FILE_INDEX, 4, 0x51525354);
	option = with(option, ADDR3, 8, (uintptr_t)memory);
	CHECK_SQE(sqe_getsockopt(fd, 0x01020304, other_fd, into(0x51525354)), option);
	CHECK_SQE(sqe_setsockopt(fd, 0x01020304, other_fd, from(0x51525354)), with(option, OFF, 4, 3));
	option = with(with(expected(46, fd, 0xffffffff, 0, 2), FILE_INDEX, 4, 1), ADDR3, 8, (uintptr_t)memory);
	CHECK_SQE(sqe_getsockopt(fd, -1, 0, into(1)), option); // a sign does not spill over
	CHECK_SQE(sqe_tx_timestamp(fd), expected(46, fd, 0, 0, 4));
	struct layout name = with(expected(46, fd, (uintptr_t)memory, 0, 5), ADDR3, 8, (uintptr_t)other);
	CHECK_SQE(sqe_getsockname(fd, memory, other, false), name);
	CHECK_SQE(sqe_getsockname(fd, memory, other, true), with(name, FILE_INDEX, 4, 1));
}

// What the entries point to, padding and all. [recvmsg(2); Linux include/linux/socket.h, struct user_msghdr]

static_assert(sizeof(struct msghdr) == 56);
static_assert(offsetof(struct msghdr, msg_name) == 0 && offsetof(struct msghdr, msg_namelen) == 8);
static_assert(offsetof(struct msghdr, msg_iov) == 16 && offsetof(struct msghdr, msg_iovlen) == 24);
static_assert(offsetof(struct msghdr, msg_control) == 32 && offsetof(struct msghdr, msg_controllen) == 40);
static_assert(offsetof(struct msghdr, msg_flags) == 48);

static_assert(sizeof(struct cmsghdr) == 16);
static_assert(offsetof(struct cmsghdr, cmsg_level) == 8 && offsetof(struct cmsghdr, cmsg_type) == 12);
