// crt/signal.h: what a signal does to this process, and which signals wait.
//
// The kernel's own interface in friendlier words: one call each, nothing remembered here. A program that lives in an
// event loop wants signalfd (arch/sys.h) and not a handler; handlers are for faults, which cannot wait.
//
// A handler may run between any two instructions of the program. It may use what is its own, `volatile` variables, and
// system calls; what the program might have half done (an output buffer, a ring) it leaves alone. [signal-safety(7)]
#pragma once

#include <linux/signal.h>
#include <stdint.h>

#include "arch/span.h"
#include "arch/sys.h"

// Calls `handler` when `signal` arrives: with its number, what the kernel knows about it, and the interrupted registers
// (a struct ucontext, <asm/ucontext.h>). `signal` itself waits meanwhile, others do not. `flags`: SA_ONSTACK,
// SA_RESTART, SA_NODEFER, SA_RESETHAND or 0. Returns zero, or -EINVAL for a signal that cannot be caught.
// [sigaction(2)]
[[nodiscard]] int signal_catch(int signal, void (*handler)(int signal, siginfo_t *info, void *context),
			       unsigned long flags);

// Drops `signal` whenever it arrives. An ignored signal stays ignored across execve(2). Returns as signal_catch does.
[[nodiscard]] int signal_ignore(int signal);

// Gives `signal` back its default action, mostly the end of the process. Returns as signal_catch does.
[[nodiscard]] int signal_default(int signal);

// What a signal is called, without "SIG", such as "KILL"; "?" for those that end no process, and real-time ones.
struct str signal_name(int signal);

// A set of signals is a word: bit N-1 stands for signal N, 1 to 64. Sets join with |.
static inline uint64_t signal_bit(int signal)
{
	return UINT64_C(1) << (signal - 1);
}

// Makes the signals in `set` wait until they are unblocked; SIGKILL and SIGSTOP never do. If `old` is not null it
// becomes the set that waited before, for signal_mask. Returns zero or -EFAULT. [sigprocmask(2)]
[[nodiscard]] static inline int signal_block(uint64_t set, uint64_t *old)
{
	return sys_rt_sigprocmask(SIG_BLOCK, &set, old);
}

// Lets the signals in `set` in; those that waited arrive before this returns. Returns zero. [sigprocmask(2)]
[[nodiscard]] static inline int signal_unblock(uint64_t set)
{
	return sys_rt_sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

// Makes exactly the signals in `set` wait: puts back what signal_block has saved. Returns zero. [sigprocmask(2)]
[[nodiscard]] static inline int signal_mask(uint64_t set)
{
	return sys_rt_sigprocmask(SIG_SETMASK, &set, nullptr);
}
