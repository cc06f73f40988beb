// apps/httpd/beneath.c: no way out of the folder.
#include "apps/httpd/beneath.h"

#include <linux/limits.h>

#include "arch/sys.h"

const struct open_how beneath_rules = {
	.flags = BENEATH_FLAGS,
	.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
};

const struct open_how beneath_look_rules = {
	.flags = O_PATH | O_CLOEXEC,
	.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
};

bool beneath_is_known(int root)
{
	int fd = sys_openat2(root, ".", &beneath_rules);
	if (fd < 0)
		return false; // whatever the reason: the walk is always right
	(void)sys_close(fd);  // the descriptor is gone whatever close says
	return true;
}

// Opens the last name of a walk, if it may be opened.
static int open_last(int dir, const char *name)
{
	struct statx about;
	int error = sys_statx(dir, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_TYPE, &about);
	if (error != 0)
		return error;
	if (!S_ISREG(about.stx_mode) && !S_ISDIR(about.stx_mode) && !S_ISLNK(about.stx_mode))
		return -ENXIO;
	return sys_openat(dir, name, BENEATH_FLAGS | O_NOFOLLOW, 0); // of a link: -ELOOP
}

int beneath_walk(int root, const char *path)
{
	char name[NAME_MAX + 1];
	int dir = root; // ours to close, unless it is the root
	for (;;) {
		size_t len = 0;
		for (; path[len] != 0 && path[len] != '/'; len++) {
			if (len == NAME_MAX) {
				if (dir != root)
					(void)sys_close(dir);
				return -ENAMETOOLONG;
			}
			name[len] = path[len];
		}
		name[len] = 0;
		bool is_last = path[len] == 0;

		int next = is_last ? open_last(dir, name)
				   : sys_openat(dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW, 0);
		if (dir != root)
			(void)sys_close(dir);
		if (next < 0 || is_last)
			return next;
		dir = next;
		path += len + 1;
	}
}

int beneath_open(int root, const char *path)
{
	int fd = sys_openat2(root, path, &beneath_rules);
	return fd == -ENOSYS || fd == -EPERM ? beneath_walk(root, path) : fd;
}
