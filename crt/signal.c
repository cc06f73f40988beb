// crt/signal.c: fills the kernel's struct sigaction.
#include "crt/signal.h"

#ifdef SA_RESTORER
#pragma GCC visibility push(hidden)
void signal_restorer(void); // arch/<machine>/start.S
#pragma GCC visibility pop

static void action_return(struct sigaction *action)
{
	action->sa_flags |= SA_RESTORER;
	action->sa_restorer = signal_restorer;
}
#else
// Here the kernel returns from a handler by itself, through the vDSO.
static void action_return(struct sigaction *action)
{
	(void)action;
}
#endif

static int action_set(int signal, struct sigaction action)
{
	// qemu-user 7.2 believes that every machine has a restorer, and so reads one word more than RISC-V's structure
	// has, as the mask. Here it finds zeros there; without them the handler would run with signals blocked by
	// chance. [QEMU linux-user/generic/signal.h, TARGET_SA_RESTORER]
	struct {
		struct sigaction action;
		unsigned long beyond;
	} padded = {.action = action};
	return sys_rt_sigaction(signal, &padded.action, nullptr);
}

int signal_catch(int signal, void (*handler)(int signal, siginfo_t *info, void *context), unsigned long flags)
{
	// The field is declared for a handler of one argument; SA_SIGINFO promises the kernel one of three.
	struct sigaction action = {.sa_handler = (__sighandler_t)(uintptr_t)handler, .sa_flags = flags | SA_SIGINFO};
	action_return(&action);
	return action_set(signal, action);
}

int signal_ignore(int signal)
{
	return action_set(signal, (struct sigaction){.sa_handler = SIG_IGN});
}

int signal_default(int signal)
{
	return action_set(signal, (struct sigaction){.sa_handler = SIG_DFL});
}
