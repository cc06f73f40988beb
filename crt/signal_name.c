// crt/signal_name.c: signal_name. In a file of its own, so that a program that names none has no names.
#include "crt/signal.h"
#include "crt/str.h"

struct str signal_name(int signal)
{
	static const char names[][5] = {
		[SIGHUP] = "HUP",   [SIGINT] = "INT",   [SIGQUIT] = "QUIT", [SIGILL] = "ILL",   [SIGTRAP] = "TRAP",
		[SIGABRT] = "ABRT", [SIGBUS] = "BUS",   [SIGFPE] = "FPE",   [SIGKILL] = "KILL", [SIGUSR1] = "USR1",
		[SIGSEGV] = "SEGV", [SIGUSR2] = "USR2", [SIGPIPE] = "PIPE", [SIGALRM] = "ALRM", [SIGTERM] = "TERM",
		[SIGXCPU] = "XCPU", [SIGXFSZ] = "XFSZ", [SIGSYS] = "SYS",
	};
	bool is_known = signal >= 0 && signal < (int)(sizeof(names) / sizeof(*names)) && names[signal][0] != 0;
	return is_known ? str_from_cstr(names[signal]) : STR("?");
}
