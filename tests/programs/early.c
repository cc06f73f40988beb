// tests/programs/early.c: a first process that has begun before crt/pid1 does: it has mounted some of what crt/pid1 would, a /dev
// in which there is no console, and has closed the standard streams; then it becomes /bin/guest.
//
// It says ringlet.status, as programs do that crt/pid1 keeps, since in the end it is one.
#include <linux/mount.h>

#include "arch/sys.h"

[[gnu::used, gnu::retain]] static const char word[] = "ringlet.status";

int main(int argc, char **argv, char **envp)
{
	(void)argc;
	bool is_done = sys_mount("proc", "/proc", "proc", 0, nullptr) == 0 &&
		       sys_mount("tmpfs", "/dev", "tmpfs", 0, nullptr) == 0 &&
		       sys_mount("mine", "/tmp", "tmpfs", 0, nullptr) == 0;
	int fd = sys_openat(AT_FDCWD, "/tmp/early", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (!is_done || fd < 0 || sys_write(fd, "there\n", 6) != 6)
		return 1;
	(void)sys_close(fd);
	for (int stream = SYS_STDIN; stream <= SYS_STDERR; stream++)
		(void)sys_close(stream);
	return sys_execve("/bin/guest", argv, envp);
}
