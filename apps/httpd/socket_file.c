// apps/httpd/socket_file.c: making and removing it, and whether anybody is there.
#include "apps/httpd/socket_file.h"

#include <linux/un.h>

#include "arch/sys.h"
#include "crt/str.h"

static int make_address(struct sockaddr_un *address, const char *path)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	size_t len = str_from_cstr(path).len;
	if (len == 0)
		return -ENOENT; // the kernel would make up a name that no path has
	if (len >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	for (size_t i = 0; i < len; i++)
		address->sun_path[i] = path[i];
	return 0;
}

// -ECONNREFUSED: a socket is there and nobody listens. Other results: somebody does, or there is another reason not to touch it.
static int knock(const struct sockaddr_un *address)
{
	struct statx about;
	int error = sys_statx(AT_FDCWD, address->sun_path, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &about);
	if (error != 0)
		return error;
	if (!S_ISSOCK(about.stx_mode))
		return -EEXIST;
	int fd = sys_socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fd;
	error = sys_connect(fd, address, sizeof(*address)); // -EAGAIN: its queue is full, so it has one
	(void)sys_close(fd);                                // the descriptor is gone whatever close says
	return error == 0 || error == -EAGAIN ? -EADDRINUSE : error;
}

static int bind_to(int fd, const struct sockaddr_un *address)
{
	int error = sys_bind(fd, address, sizeof(*address));
	if (error != -EADDRINUSE)
		return error;
	error = knock(address);
	if (error != -ECONNREFUSED)
		return error;
	error = sys_unlinkat(AT_FDCWD, address->sun_path, 0);
	return error != 0 ? error : sys_bind(fd, address, sizeof(*address));
}

int socket_file_listen(struct socket_file *file, const char *path, int backlog)
{
	struct sockaddr_un address;
	int error = make_address(&address, path);
	if (error != 0)
		return error;
	int fd = sys_socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	// The mode is to be 0666 from the start: to change it by the path would be to trust that the path still is this socket's.
	unsigned mask = sys_umask(0111);
	error = bind_to(fd, &address);
	(void)sys_umask(mask); // it cannot fail
	if (error != 0) {
		(void)sys_close(fd); // the descriptor is gone whatever close says
		return error;
	}
	struct statx about;
	error = sys_listen(fd,
			   backlog); // at once: another httpd would take the path of a socket at which nobody listens
	if (error == 0)
		error = sys_statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_INO, &about);
	if (error != 0) {
		(void)sys_unlinkat(AT_FDCWD, path, 0);
		(void)sys_close(fd);
		return error;
	}
	*file = (struct socket_file){path, about.stx_ino, about.stx_dev_major, about.stx_dev_minor};
	return fd;
}

void socket_file_remove(const struct socket_file *file)
{
	struct statx about;
	if (sys_statx(AT_FDCWD, file->path, AT_SYMLINK_NOFOLLOW, STATX_INO, &about) != 0)
		return;
	if (about.stx_ino == file->inode && about.stx_dev_major == file->device_major &&
	    about.stx_dev_minor == file->device_minor)
		(void)sys_unlinkat(AT_FDCWD, file->path, 0); // who starts next at this path can replace it
}
