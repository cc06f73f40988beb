// apps/httpd/whole.c: a small file, read whole.
#include "apps/httpd/whole.h"

#include "arch/sys.h"

long whole_read(const char *path, struct span into)
{
	int file = sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	if (file < 0)
		return file;
	size_t len = 0;
	long got;
	do {
		got = sys_read(file, into.ptr + len, into.len - len);
		len += got > 0 ? (size_t)got : 0;
	} while (got == -EINTR || (got > 0 && len < into.len));
	(void)sys_close(file); // the descriptor is gone whatever close says
	if (got < 0)
		return got;
	return len == into.len ? -EFBIG : (long)len;
}
