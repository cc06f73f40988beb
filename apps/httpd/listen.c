// apps/httpd/listen.c: the door: a socket that listens.
#include "apps/httpd/listen.h"

static int turn(int fd, int level, int option, int value)
{
	return sys_setsockopt(fd, level, option, &value, sizeof(value));
}

// The first socket is bound as if it were to be alone: so a port that another program has is refused, though that would share it. From
// then on it shares, and the others join it. [socket(7), SO_REUSEPORT]
static int set_up(int fd, union address *address, int backlog, bool is_first, bool shares)
{
	// A server that is started again need not wait until the connections of the last one are forgotten. [tcp(7)]
	int error = turn(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (error == 0)
		error = turn(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (error == 0 && address->family == AF_INET6)
		error = turn(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	if (error == 0 && !is_first)
		error = turn(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (error == 0)
		error = sys_bind(fd, address, address_bytes(address));
	if (error == 0 && shares && is_first)
		error = turn(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (error == 0)
		error = sys_listen(fd, backlog);
	uint32_t bytes = sizeof(*address);
	if (error == 0)
		error = sys_getsockname(fd, address, &bytes);
	return error;
}

int listen_at(union address *address, int backlog, int *listeners, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		listeners[i] = sys_socket(address->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		int error = listeners[i] < 0 ? listeners[i] : set_up(listeners[i], address, backlog, i == 0, count > 1);
		if (error != 0)
			return error;
	}
	return 0;
}
