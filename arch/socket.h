// arch/socket.h: the names of sockets that the UAPI headers leave to the C library.
//
// The kernel fixes these numbers in headers that it does not install; each line says which. Those that it does install
// (struct sockaddr_in, SOL_SOCKET, IPPROTO_TCP, TCP_NODELAY) are included, not copied. The numbers are the same on every
// machine that Ringlet knows; MIPS, for one, numbers the types of sockets differently, so a port looks here first.
#pragma once

#include <asm/socket.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/socket.h>
#include <linux/tcp.h>
#include <stddef.h>
#include <stdint.h>

struct iovec; // <linux/uio.h>

enum { AF_UNSPEC = 0, AF_UNIX = 1, AF_INET = 2, AF_INET6 = 10, AF_NETLINK = 16 }; // [Linux include/linux/socket.h]
enum { SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_RAW = 3 };                           // [Linux include/linux/net.h]
enum { SOCK_NONBLOCK = 04000, SOCK_CLOEXEC = 02000000 }; // [the same; equal to O_NONBLOCK and O_CLOEXEC]
enum { SHUT_RD = 0, SHUT_WR = 1, SHUT_RDWR = 2 };        // [Linux include/linux/net.h, sock_shutdown_cmd]
enum { MSG_PEEK = 2, MSG_CTRUNC = 8, MSG_TRUNC = 0x20, MSG_DONTWAIT = 0x40 };
enum { MSG_WAITALL = 0x100, MSG_NOSIGNAL = 0x4000, MSG_MORE = 0x8000 }; // [Linux include/linux/socket.h]

enum { SCM_RIGHTS = 1 }; // descriptors as control data, at level SOL_SOCKET [Linux include/linux/socket.h; unix(7)]

// A message and what goes with it. [recvmsg(2); Linux include/linux/socket.h, struct user_msghdr]
struct msghdr {
	void *msg_name; // an address
	int msg_namelen;
	struct iovec *msg_iov; // pieces of memory
	size_t msg_iovlen;     // how many
	void *msg_control;     // struct cmsghdr, one behind the other
	size_t msg_controllen;
	unsigned msg_flags;
};

// The head of a piece of control data, which follows. The next begins at a multiple of 8. [cmsg(3); the same]
struct cmsghdr {
	size_t cmsg_len; // of both
	int cmsg_level;
	int cmsg_type;
};
