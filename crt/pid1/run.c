// crt/pid1/run.c: the first process of a machine, and the program that the machine is for.
//
//	process 1   the machine: sets up, waits, forwards signals, reaps, tells the status, powers off
//	  process 2..n   the program: main, as in any other process
//
// The kernel treats process 1 unlike all others: a signal without a handler does not end it, every orphan becomes its child,
// and when it ends the kernel panics. A program that is written for none of this should not have to know. So process 1 only
// keeps the machine, and main runs in a child, where everything is as usual. [pid_namespaces(7), kill(2)]
//
// In a container a program may be process 1 too, but there the machine is somebody else's: then main simply runs.
#include "crt/run.h"

#include <asm/ioctls.h>
#include <linux/reboot.h>
#include <linux/wait.h>

#include "arch/sys.h"
#include "crt/panic.h"
#include "crt/pid1/machine.h"
#include "crt/pid1/net.h"
#include "crt/process.h"
#include "crt/say.h"
#include "crt/signal.h"
#include "crt/str.h"

static bool is_machine; // this process keeps a machine
static bool owns;       // this process is the program of one

bool run_owns_machine(void)
{
	return owns;
}

// Reaps everyone who has ended. True: `child` was among them, and `status` is how, as waitpid(2) tells it.
static bool reap(int child, int *status)
{
	bool has_ended = false;
	int how;
	for (int ended; (ended = sys_wait4(-1, &how, WNOHANG)) > 0;) {
		if (ended != child)
			continue;
		*status = how;
		has_ended = true;
	}
	return has_ended;
}

// The machine while the program runs: until it ends, signals go to it, orphans are reaped, the network is kept. Returns how it
// ended. Every signal is blocked, and read from `signals`.
static int keep(int child, int signals, struct net *net)
{
	for (;;) {
		struct pollfd ready[] = {{.fd = signals, .events = POLLIN}, {.fd = net->fd, .events = POLLIN}};
		int ms = net_due_ms(net);
		struct __kernel_timespec patience = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
		int count = sys_ppoll(ready, 2, ms < 0 ? nullptr : &patience, nullptr);
		if ((count > 0 && ready[1].revents != 0) || net_due_ms(net) == 0) // however many signals there are
			net_tick(net);

		struct signalfd_siginfo told;
		if (count <= 0 || ready[0].revents == 0 || sys_read(signals, &told, sizeof(told)) != sizeof(told))
			continue;
		int status;
		if (told.ssi_signo != SIGCHLD)
			(void)sys_kill(child, (int)told.ssi_signo); // it may have ended meanwhile: then SIGCHLD is next
		else if (reap(child, &status))
			return status;
	}
}

// The program's side, a process like any other: a session of its own with the console as its terminal, so that Ctrl-C comes as
// SIGINT; signals as they are by default, but that faults are explained; the folder of its data.
static int begin(int argc, char **argv, char **envp)
{
	owns = true;
	is_machine = false;
	int error = signal_mask(0);
	if (error == 0)
		error = sys_setsid() < 0 ? -EPERM : 0;
	if (error == 0)
		error = sys_ioctl(SYS_STDIN, TIOCSCTTY, 0);
	if (error != 0) // a console that is no terminal, for instance
		say_error(error, STR("pid1: there is no Ctrl-C on this console"));
	(void)sys_chdir("/srv"); // where there is no such folder, / it is
	return main(argc, argv, envp);
}

int run(int argc, char **argv, char **envp)
{
	if (sys_getpid() != 1 || !machine_is_ours())
		return main(argc, argv, envp);

	is_machine = true;
	// From here on signals wait for the program. All but faults, which cannot wait.
	uint64_t kept = ~(signal_bit(SIGSEGV) | signal_bit(SIGBUS) | signal_bit(SIGILL) | signal_bit(SIGFPE) |
			  signal_bit(SIGTRAP));
	int error = signal_block(kept, nullptr);
	machine_open();
	if (panic_on_faults() != 0)
		say(STR("pid1: faults will not be explained"));
	static struct net net;
	net_open(&net, machine_command_line());

	int signals = sys_signalfd4(-1, &kept, SFD_CLOEXEC);
	machine_tell_start();
	int child = signals < 0 ? signals : error != 0 ? error : sys_clone(SIGCHLD);
	if (child == 0) {
		(void)sys_close(signals); // what is the machine's
		if (net.fd >= 0)
			(void)sys_close(net.fd);
		return begin(argc, argv, envp);
	}
	if (child < 0) {
		say_error(child, STR("pid1: cannot start the program"));
		machine_close(127);
	}
	int status = keep(child, signals, &net);
	machine_close(machine_status(argv[0], status));
}

void run_exit(int status)
{
	if (is_machine) {
		say(STR("pid1: this was process 1 itself, and not the program; the machine ends"));
		machine_close(status);
	}
	sys_exit_group(status);
}
