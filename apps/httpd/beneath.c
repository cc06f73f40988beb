// apps/httpd/beneath.c: no way out of the folder.
#include "apps/httpd/beneath.h"

#include <linux/limits.h>

#include "arch/sys.h"

const struct open_how beneath_rules = {
	.flags = BENEATH_FLAGS,
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

		int flags = is_last ? BENEATH_FLAGS : O_PATH | O_DIRECTORY | O_CLOEXEC;
		int next = sys_openat(dir, name, flags | O_NOFOLLOW, 0);
		if (dir != root)
			(void)sys_close(dir);
		if (next < 0 || is_last)
			return next;
		dir = next;
		path += len + 1;
	}
}
