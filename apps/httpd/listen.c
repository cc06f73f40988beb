// apps/httpd/listen.c: the door: a socket that listens.
#include "apps/httpd/listen.h"

static int turn(int fd, int level, int option, int value)
{
	return sys_setsockopt(fd, level, option, &value, sizeof(value));
}

static int set_up(int fd, union address *address, int backlog)
{
	// A server that is started again need not wait until the connections of the last one are forgotten. [tcp(7)]
	int error = turn(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (error == 0)
		error = turn(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (error == 0 && address->family == AF_INET6)
		error = turn(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	if (error == 0)
		error = sys_bind(fd, address, address_bytes(address));
	if (error == 0)
		error = sys_listen(fd, backlog);
	uint32_t bytes = sizeof(*address);
	if (error == 0)
		error = sys_getsockname(fd, address, &bytes);
	return error;
}

int listen_at(union address *address, int backlog)
{
	int fd = sys_socket(address->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	int error = set_up(fd, address, backlog);
	if (error == 0)
		return fd;
	(void)sys_close(fd); // the descriptor is gone whatever close says
	return error;
}
