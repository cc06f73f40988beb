// ring/sqe_sockets.h: entries for sockets: make, name, connect, accept, send, receive, end.
//
// In the kernel's order. `flags` are MSG_* unless said otherwise; MSG_NOSIGNAL is set for every send: a broken connection
// is -EPIPE, never SIGPIPE. Addresses are copied at the submit; data is lent until the completion has been popped.
// [sqe.h for the rules; Linux io_uring/net.c]
//
// Short results. A send or receive may transfer less than was asked. With MSG_WAITALL, on stream and seqpacket sockets, the
// kernel goes on until all is through; then a short result means that an error or the end of the stream cut it short, and
// counts as a failure for what is linked behind. The error itself is that of the next call. A receive of a datagram
// that was cut shows MSG_TRUNC in msg_flags of sqe_recvmsg only, and with MSG_WAITALL fails the link.
//
// Compiles as C11 and C++17.
#pragma once

#include "ring/sqe_entry.h"

struct iovec;  // <linux/uio.h>, or the C library's <sys/uio.h>
struct msghdr; // arch/socket.h, or the C library's <sys/socket.h>

// Sends a message with all that sendmsg knows: an address, pieces, control data. Result: bytes sent. Lent: the pieces' memory
// until it completes; the header, address and array until it is submitted; control data until it completes. Linux 5.3.
// [sendmsg(2)]
static inline struct io_uring_sqe sqe_sendmsg(int fd, const struct msghdr *message, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_SENDMSG, fd, message, 1, 0);
	sqe.msg_flags = flags;
	return sqe;
}

// Receives a message. Result: bytes received; `message` says the address's and the control data's length, and in msg_flags
// whether something was cut (MSG_TRUNC, MSG_CTRUNC). Lent: all of it until it completes. With sqe_buffer_group there is
// one piece or none, and only its length counts. Linux 5.3. [recvmsg(2)]
static inline struct io_uring_sqe sqe_recvmsg(int fd, struct msghdr *message, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_RECVMSG, fd, message, 1, 0);
	sqe.msg_flags = flags;
	return sqe;
}

// The same again and again, a completion for each message, in a buffer of `group`: there a head, the address, the control
// data and the payload, which cqe_message() takes apart. Of `message` only msg_namelen and msg_controllen count: the room
// that is left for both. Result: bytes of the buffer that are used. Lent: `message`, until it is submitted. Linux 6.0.
// [recvmsg(2), io_uring_enter(2), IORING_OP_RECVMSG]
static inline struct io_uring_sqe sqe_recvmsg_multishot(int fd, struct msghdr *message, uint32_t flags, uint16_t group)
{
	struct io_uring_sqe sqe = sqe_recvmsg(fd, message, flags);
	sqe.ioprio = IORING_RECV_MULTISHOT;
	sqe.flags = IOSQE_BUFFER_SELECT;
	sqe.buf_group = group;
	return sqe;
}

// Takes a connection off a listening socket. Result: its descriptor; with sqe_direct none (see there). `address` and
// `length` are filled with the peer's address (either null: not wanted) and lent. `flags`: SOCK_CLOEXEC, SOCK_NONBLOCK.
// Linux 5.5. [accept4(2)]
static inline struct io_uring_sqe sqe_accept(int fd, void *address, uint32_t *length, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_ACCEPT, fd, address, 0, (uintptr_t)length);
	sqe.accept_flags = flags;
	return sqe;
}

// The same again and again, a completion for each connection, until one comes without IORING_CQE_F_MORE: then it is over
// and must be pushed anew. There is no address: it could only be that of the last. With sqe_direct the kernel chooses the
// slots (IORING_FILE_INDEX_ALLOC). Linux 5.19. [accept4(2)]
static inline struct io_uring_sqe sqe_accept_multishot(int fd, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_accept(fd, 0, 0, flags);
	sqe.ioprio = IORING_ACCEPT_MULTISHOT;
	return sqe;
}

// As sqe_accept, but -EAGAIN when no connection is there now. Linux 6.10. [accept4(2)]
static inline struct io_uring_sqe sqe_accept_now(int fd, void *address, uint32_t *length, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_accept(fd, address, length, flags);
	sqe.ioprio = IORING_ACCEPT_DONTWAIT;
	return sqe;
}

// Connects a socket. Result: 0. Lent: `address` until it is submitted. Linux 5.5. [connect(2)]
static inline struct io_uring_sqe sqe_connect(int fd, const void *address, uint32_t length)
{
	return sqe_of(IORING_OP_CONNECT, fd, address, 0, length);
}

// Sends on a socket. Result: bytes sent, perhaps fewer than given unless `flags` has MSG_WAITALL. Lent: the bytes. With
// sqe_buffer_group (6.10) the kernel takes them from a provided buffer. Linux 5.6. [send(2)]
static inline struct io_uring_sqe sqe_send(int fd, struct str from, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_SEND, fd, from.ptr, sqe_length(from.len), 0);
	sqe.msg_flags = flags;
	return sqe;
}

// Says whom a sqe_send or sqe_send_zc goes to, on a socket that is not connected. Lent: `address` until it is submitted.
// Linux 6.0 for sqe_send_zc, 6.1 for sqe_send. [sendto(2)]
static inline struct io_uring_sqe sqe_send_to(struct io_uring_sqe sqe, const void *address, uint16_t length)
{
	sqe.addr2 = (uintptr_t)address;
	sqe.addr_len = length;
	return sqe;
}

// Sends from `count` pieces of memory without a struct msghdr. Result: bytes sent. Lent: the memory; the array until it is
// submitted. Linux 6.17. [send(2)]
static inline struct io_uring_sqe sqe_sendv(int fd, const struct iovec *from, unsigned count, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_SEND, fd, from, count, 0);
	sqe.ioprio = IORING_SEND_VECTORIZED;
	sqe.msg_flags = flags;
	return sqe;
}

// Receives from a socket. Result: bytes received, 0 when the peer has ended its stream. done->flags has
// IORING_CQE_F_SOCK_NONEMPTY when more was there (5.19). Lent: the span. With sqe_buffer_group only its length counts, and
// the buffer's if that is less (0: the buffer's; Linux 6.0). Linux 5.6. [recv(2)]
static inline struct io_uring_sqe sqe_recv(int fd, struct span into, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_RECV, fd, into.ptr, sqe_length(into.len), 0);
	sqe.msg_flags = flags;
	return sqe;
}

// The same again and again, a completion for each time that something came, in a buffer of `group` (cqe_buffer_id), until
// one without IORING_CQE_F_MORE: 0 the stream has ended, -ENOBUFS the group is empty, or an error. MSG_WAITALL is refused.
// Linux 6.0. [recv(2)]
static inline struct io_uring_sqe sqe_recv_multishot(int fd, uint32_t flags, uint16_t group)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_RECV, fd, 0, 0, 0);
	sqe.ioprio = IORING_RECV_MULTISHOT;
	sqe.msg_flags = flags;
	sqe.flags = IOSQE_BUFFER_SELECT;
	sqe.buf_group = group;
	return sqe;
}

// Ends the traffic of a socket in one direction or both (SHUT_RD, SHUT_WR, SHUT_RDWR). Result: 0. Linux 5.11.
// [shutdown(2)]
static inline struct io_uring_sqe sqe_shutdown(int fd, int how)
{
	return sqe_of(IORING_OP_SHUTDOWN, fd, 0, (uint32_t)how, 0);
}

// Makes a socket. Result: its descriptor; with sqe_direct none. `type` may have SOCK_CLOEXEC and SOCK_NONBLOCK. Linux 5.19.
// [socket(2)]
static inline struct io_uring_sqe sqe_socket(int domain, int type, int protocol)
{
	return sqe_of(IORING_OP_SOCKET, domain, 0, (uint32_t)protocol, (uint32_t)type);
}

// As sqe_send, without copying where the network can: the bytes stay lent until a second completion comes, with
// IORING_CQE_F_NOTIF. The first has the result, and IORING_CQE_F_MORE if there will be a second. -EOPNOTSUPP: a socket that
// cannot (AF_UNIX). Worth it from some ten kilobytes on. Linux 6.0. [send(2), io_uring_enter(2), IORING_OP_SEND_ZC]
static inline struct io_uring_sqe sqe_send_zc(int fd, struct str from, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_SEND_ZC, fd, from.ptr, sqe_length(from.len), 0);
	sqe.msg_flags = flags;
	return sqe;
}

// The same from a piece of registered buffer `index`. Linux 6.0.
static inline struct io_uring_sqe sqe_send_zc_fixed(int fd, struct str from, uint32_t flags, uint16_t index)
{
	struct io_uring_sqe sqe = sqe_send_zc(fd, from, flags);
	sqe.ioprio = IORING_RECVSEND_FIXED_BUF;
	sqe.buf_index = index;
	return sqe;
}

// As sqe_sendmsg, without copying; completions as sqe_send_zc. Linux 6.1. [sendmsg(2)]
static inline struct io_uring_sqe sqe_sendmsg_zc(int fd, const struct msghdr *message, uint32_t flags)
{
	struct io_uring_sqe sqe = sqe_of(IORING_OP_SENDMSG_ZC, fd, message, 1, 0);
	sqe.msg_flags = flags;
	return sqe;
}

// The same, all pieces within registered buffer `index`. Linux 6.15.
static inline struct io_uring_sqe sqe_sendmsg_zc_fixed(int fd, const struct msghdr *message, uint32_t flags,
						       uint16_t index)
{
	struct io_uring_sqe sqe = sqe_sendmsg_zc(fd, message, flags);
	sqe.ioprio = IORING_RECVSEND_FIXED_BUF;
	sqe.buf_index = index;
	return sqe;
}

// The second completion of a zero copy send then says in its result whether the kernel copied after all
// (IORING_NOTIF_USAGE_ZC_COPIED). Linux 6.2.
static inline struct io_uring_sqe sqe_report_usage(struct io_uring_sqe sqe)
{
	sqe.ioprio |= IORING_SEND_ZC_REPORT_USAGE;
	return sqe;
}

// Gives a socket its own name. Result: 0. Lent: `address` until it is submitted. Linux 6.11. [bind(2)]
static inline struct io_uring_sqe sqe_bind(int fd, const void *address, uint32_t length)
{
	return sqe_of(SQE_OP_BIND, fd, address, 0, length);
}

// Lets connections come. Result: 0. Linux 6.11. [listen(2)]
static inline struct io_uring_sqe sqe_listen(int fd, int backlog)
{
	return sqe_of(SQE_OP_LISTEN, fd, 0, (uint32_t)backlog, 0);
}

// Receives again and again straight into memory that a network card fills: zero copy receive queue `queue` of the ring (the
// zcrx_id of IORING_REGISTER_ZCRX_IFQ). `len`: bytes after which it ends, 0: never. Needs wide completions (CQE32) and a
// card with header split. Linux 6.15. [Linux Documentation/networking/iou-zcrx.rst]
static inline struct io_uring_sqe sqe_recv_zc(int fd, uint32_t len, uint32_t queue)
{
	struct io_uring_sqe sqe = sqe_of(SQE_OP_RECV_ZC, fd, 0, len, 0);
	sqe.ioprio = IORING_RECV_MULTISHOT; // it knows no other way
	sqe.file_index = queue;             // zcrx_ifq_idx, a name that older headers lack
	return sqe;
}

// What is asked of a socket by IORING_OP_URING_CMD (SOCKET_URING_OP_* of the headers, which older ones lack).
enum sqe_socket_command {
	SQE_SOCKET_INQ = 0,          // Linux 6.5
	SQE_SOCKET_OUTQ = 1,         // 6.5
	SQE_SOCKET_GETSOCKOPT = 2,   // 6.7
	SQE_SOCKET_SETSOCKOPT = 3,   // 6.7
	SQE_SOCKET_TX_TIMESTAMP = 4, // 6.17
	SQE_SOCKET_GETSOCKNAME = 5,  // 6.19
};

static inline struct io_uring_sqe sqe_socket_command(int fd, enum sqe_socket_command command)
{
	return sqe_of(IORING_OP_URING_CMD, fd, 0, 0, (uint64_t)command); // cmd_op is the lower half of off
}

// How many bytes have come and not been received. Result: that. Linux 6.5. [tcp(7), SIOCINQ]
static inline struct io_uring_sqe sqe_socket_inq(int fd)
{
	return sqe_socket_command(fd, SQE_SOCKET_INQ);
}

// How many bytes have been sent and not been acknowledged. Result: that. Linux 6.5. [tcp(7), SIOCOUTQ]
static inline struct io_uring_sqe sqe_socket_outq(int fd)
{
	return sqe_socket_command(fd, SQE_SOCKET_OUTQ);
}

// Reads an option of level SOL_SOCKET (others: -EOPNOTSUPP). Result: bytes of the value. Lent: the span. Linux 6.7.
// [getsockopt(2)]
static inline struct io_uring_sqe sqe_getsockopt(int fd, int level, int option, struct span value)
{
	struct io_uring_sqe sqe = sqe_socket_command(fd, SQE_SOCKET_GETSOCKOPT);
	sqe.addr = (uint32_t)level | (uint64_t)(uint32_t)option << 32; // level and optname
	sqe.file_index = sqe_length(value.len);                        // optlen
	sqe.addr3 = (uintptr_t)value.ptr;                              // optval
	return sqe;
}

// Sets an option, of any level. Result: 0. Lent: the value until it completes. Linux 6.7. [setsockopt(2)]
static inline struct io_uring_sqe sqe_setsockopt(int fd, int level, int option, struct str value)
{
	struct io_uring_sqe sqe = sqe_socket_command(fd, SQE_SOCKET_SETSOCKOPT);
	sqe.addr = (uint32_t)level | (uint64_t)(uint32_t)option << 32;
	sqe.file_index = sqe_length(value.len);
	sqe.addr3 = (uintptr_t)value.ptr;
	return sqe;
}

// When sent packets left, again and again: a wide completion for each timestamp. The socket has SO_TIMESTAMPING with
// OPT_TSONLY; the ring has wide completions. Linux 6.17. [Linux io_uring/cmd_net.c]
static inline struct io_uring_sqe sqe_tx_timestamp(int fd)
{
	return sqe_socket_command(fd, SQE_SOCKET_TX_TIMESTAMP);
}

// The name of a socket, or of its `peer`. Result: 0. `length`: bytes of `address` before, of the name after. Lent: both.
// Linux 6.19. [getsockname(2), getpeername(2)]
static inline struct io_uring_sqe sqe_getsockname(int fd, void *address, uint32_t *length, bool peer)
{
	struct io_uring_sqe sqe = sqe_socket_command(fd, SQE_SOCKET_GETSOCKNAME);
	sqe.addr = (uintptr_t)address;
	sqe.file_index = peer;
	sqe.addr3 = (uintptr_t)length;
	return sqe;
}
