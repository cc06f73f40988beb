// crt/panic.h: the end of a program that cannot go on, told so that somebody can find out why.
//
//	panic: segmentation fault at address 0x10 (SEGV_MAPERR: nothing is mapped there)
//	  r8 0x0000000000000000    r9 0x0000000000000010   r10 ...
//	  0x000077cd1a5f1a32  0x1a32
//	  0x000077cd1a5f1a54  0x1a54
//	  addr2line -fipe debug/PROGRAM 0x1a32 0x1a54
//
// A line for each function that was under way, innermost first: the address in memory, and the address in the file,
// which is what addr2line wants. It is the instruction itself where a fault happened, and the last byte of the call
// everywhere else: the return address would be one too far, and after a call that never returns it belongs to another
// line or function. The last line is the command that turns all of them into names, files and lines.
//
// A panic allocates nothing, locks nothing, may happen anywhere, in a signal handler too, and reads no memory that it
// has not asked the kernel about. Where it goes wrong itself it ends at once.
//
// With CONFIG_PANIC_BACKTRACE off, of what follows the reason only the last line is there, with the innermost address.
#pragma once

#include "arch/span.h"

// Prints `reason`, which has no line feed, and where it was called from, to standard error, and ends the process by
// SIGABRT; or with status 134, as shells call that signal, where it does not end it: process 1 gets no signal that it
// does not handle. [kill(2), NOTES]
[[noreturn]] void panic(struct str reason);

// From now on a fault (SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP) is told as a panic, with registers, before its signal
// ends the process as it would have without. The handler has a stack of its own, so it can tell that the stack is
// exhausted. Returns zero; or -ENOMEM where this machine's registers need more room than that stack has, and nothing is
// changed.
[[nodiscard]] int panic_on_faults(void);
