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

enum { AF_UNSPEC = 0, AF_UNIX = 1, AF_INET = 2, AF_INET6 = 10, AF_NETLINK = 16 }; // [Linux include/linux/socket.h]
enum { SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_RAW = 3 };                           // [Linux include/linux/net.h]
enum { SOCK_NONBLOCK = 04000, SOCK_CLOEXEC = 02000000 }; // [the same; equal to O_NONBLOCK and O_CLOEXEC]
enum { SHUT_RD = 0, SHUT_WR = 1, SHUT_RDWR = 2 };        // [Linux include/linux/net.h, sock_shutdown_cmd]
enum { MSG_WAITALL = 0x100, MSG_NOSIGNAL = 0x4000, MSG_MORE = 0x8000 }; // [Linux include/linux/socket.h]
