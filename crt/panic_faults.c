// crt/panic_faults.c: turns the signals that a fault sends into reasons.
#include <linux/auxvec.h>

#include "arch/sys.h"
#include "context.h"
#include "crt/panic.h"
#include "crt/panic_report.h"
#include "crt/process.h"
#include "crt/signal.h"

// Room for the registers that the kernel stores at a signal, vectors included (AT_MINSIGSTKSZ tells; some 3 KB with
// AVX-512, 9 KB with the widest SVE), and for the handler. It costs no byte in the file, and no page before it is used.
#define STACK_BYTES 32768u
#define HANDLER_BYTES 4096u

static uint8_t stack[STACK_BYTES] __attribute__((aligned(16)));

static struct str fault_name(int signal)
{
	switch (signal) {
	case SIGSEGV:
		return STR("segmentation fault");
	case SIGBUS:
		return STR("bus error");
	case SIGFPE:
		return STR("arithmetic fault");
	default:
		// What __builtin_trap and a sanitizer that traps compile to ends in one of these, by machine.
		return STR("trap: a check in the program failed (undefined behaviour or an assertion)");
	}
}

// What the kernel says about it, in brackets; empty where the signal's name says it all. [sigaction(2), si_code]
static struct str fault_detail(int signal, int code)
{
	if (signal == SIGSEGV && code == SEGV_MAPERR)
		return STR(" (SEGV_MAPERR: nothing is mapped there)");
	if (signal == SIGSEGV && code == SEGV_ACCERR)
		return STR(" (SEGV_ACCERR: mapped, but not for this use)");
	if (signal == SIGSEGV && code == SI_KERNEL)
		return STR(" (SI_KERNEL: an address that cannot exist, and that the machine does not name)");
	if (signal == SIGBUS && code == BUS_ADRALN)
		return STR(" (BUS_ADRALN: not aligned)");
	if (signal == SIGBUS && code == BUS_ADRERR)
		return STR(" (BUS_ADRERR: behind the end of the mapped file)");
	if (signal == SIGFPE && code == FPE_INTDIV)
		return STR(" (FPE_INTDIV: an integer divided by zero)");
	return STR("");
}

static void fault(int signal, siginfo_t *info, void *context)
{
	report_begin(signal);
	report_str(STR("panic: "));
	report_str(fault_name(signal));
	if (info->si_code <= 0) { // kill(2) and its like; there is no address then
		report_str(STR(", sent by a process"));
	} else {
		report_str(STR(" at address "));
		report_hex((uintptr_t)info->si_addr, 1);
		report_str(fault_detail(signal, info->si_code));
	}
	report_str(STR("\n"));
	report_fault(&((const struct ucontext *)context)->uc_mcontext);
	report_end(signal);
}

int panic_on_faults(void)
{
	if (process_aux(AT_MINSIGSTKSZ) > STACK_BYTES - HANDLER_BYTES)
		return -ENOMEM;

	int error = sys_sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = STACK_BYTES}, nullptr);
	static const uint8_t signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
	for (unsigned i = 0; i < sizeof(signals) && error == 0; i++)
		error = signal_catch(signals[i], fault, SA_ONSTACK);
	return error;
}
