// crt/run.c: main is all there is. (That run is main, crt/program.ld says.)
#include "crt/run.h"

#include "arch/sys.h"

void run_exit(int status)
{
	sys_exit_group(status);
}

bool run_owns_machine(void)
{
	return false;
}
