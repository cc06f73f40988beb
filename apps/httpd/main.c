// apps/httpd/main.c: the start: what is wanted, sockets that were given, limits and the log. The rest is the parent's (parent.c).
#include "apps/httpd/descriptors.h"
#include "apps/httpd/options.h"
#include "apps/httpd/parent.h"
#include "arch/sys.h"
#include "crt/panic.h"
#include "crt/say.h"
#include "crt/str.h"
#include "ring/register.h"

// Several processes write the log. In a file, each would begin where it believes that the file ends, but for O_APPEND [open(2)]. At a
// pipe, each would wait in write(2) if another had taken the room that it saw; so they get the same pipe once more, as one that
// does not block, and whoever else has it notices nothing. What cannot be had stays as it is: then the log is at fault, not the
// answers.
static void share_log(void)
{
	struct statx about;
	long flags = sys_fcntl(SYS_STDOUT, F_GETFL, 0);
	if (flags < 0 || sys_statx(SYS_STDOUT, "", AT_EMPTY_PATH, STATX_TYPE, &about) != 0)
		return;
	if (S_ISREG(about.stx_mode))
		(void)sys_fcntl(SYS_STDOUT, F_SETFL, flags | O_APPEND);
	if (!S_ISFIFO(about.stx_mode))
		return;
	int own = sys_openat(AT_FDCWD, "/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0);
	if (own < 0)
		return;
	(void)sys_dup3(own, SYS_STDOUT, 0);
	(void)sys_close(own);
}

int main(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)envp;
	int error = panic_on_faults();
	if (error != 0)
		say_error(error, STR("httpd: faults will not be explained"));

	struct choice choice;
	int status;
	if (!choose(argv, &choice, &status))
		return status;
	if (!places_given(&choice.places))
		return 1;
	choice.server.connections_max = descriptors_raise();
	if (!choice.server.is_quiet)
		share_log();
	return parent_run(&choice);
}
