// apps/httpd/given.c: what is asked of a descriptor before it is trusted.
#include "apps/httpd/given.h"

#include "arch/sys.h"
#include "crt/process.h"
#include "crt/str.h"

int given_count(unsigned count_max)
{
	const char *pid = process_env("LISTEN_PID"), *fds = process_env("LISTEN_FDS");
	uint64_t number;
	if (pid == nullptr || fds == nullptr || !str_to_unsigned(str_from_cstr(pid), &number) ||
	    number != (uint64_t)sys_getpid())
		return 0;
	if (!str_to_unsigned(str_from_cstr(fds), &number) || number > count_max)
		return -EINVAL;
	return (int)number;
}

static int is_equal(int fd, int option, int wanted, int otherwise)
{
	int value = 0;
	uint32_t bytes = sizeof(value);
	int error = sys_getsockopt(fd, SOL_SOCKET, option, &value, &bytes);
	if (error != 0)
		return error;
	return value == wanted ? 0 : otherwise;
}

int given_take(int fd)
{
	int error = is_equal(fd, SO_TYPE, SOCK_STREAM, -EPROTOTYPE);
	if (error == 0)
		error = is_equal(fd, SO_ACCEPTCONN, 1, -EINVAL);
	if (error == 0) {
		error = is_equal(fd, SO_DOMAIN, AF_UNIX, -EAFNOSUPPORT);
		for (int family = AF_INET; error == -EAFNOSUPPORT && family <= AF_INET6; family += AF_INET6 - AF_INET)
			error = is_equal(fd, SO_DOMAIN, family, -EAFNOSUPPORT);
	}
	if (error == 0)
		error = (int)sys_fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (error != 0)
		return error;
	// The ring waits where the descriptor would wait; one that does not would give -EAGAIN, over and over.
	long flags = sys_fcntl(fd, F_GETFL, 0);
	return flags < 0 ? (int)flags : (int)sys_fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}
