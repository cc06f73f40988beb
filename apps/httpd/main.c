// apps/httpd/main.c: the start: the folder, the door, and what is said when one of them is not to be had.
#include "apps/httpd/descriptors.h"
#include "apps/httpd/options.h"
#include "apps/httpd/parent.h"
#include "arch/sys.h"
#include "crt/panic.h"
#include "crt/say.h"
#include "crt/str.h"
#include "ring/register.h"

// Several processes write the log, each from where it believes that the file ends, but for O_APPEND. [open(2)]
static void share_log(void)
{
	struct statx about;
	long flags = sys_fcntl(SYS_STDOUT, F_GETFL, 0);
	if (flags >= 0 && sys_statx(SYS_STDOUT, "", AT_EMPTY_PATH, STATX_TYPE, &about) == 0 && S_ISREG(about.stx_mode))
		(void)sys_fcntl(SYS_STDOUT, F_SETFL,
				flags | O_APPEND); // a file that cannot be appended to shows it in writing
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
	if (!places_open(&choice.places, (uint16_t)choice.port, choice.workers))
		return 1;
	status = parent_run(&choice, &choice.places);
	places_remove(&choice.places);
	return status;
}
