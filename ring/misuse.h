// ring/misuse.h: what only a mistake in the program can bring about.
//
// A debug build stops there, so that the mistake is found where it is made; every other build answers with the error that is
// documented. It is never undefined in silence.
#pragma once

// Ends the process with SIGILL or SIGTRAP, in debug builds; else does nothing. `__OPTIMIZE__` is not defined exactly where
// nothing is optimised. [GCC and Clang, predefined macros]
static inline void ring_misuse(void)
{
#ifndef __OPTIMIZE__
	__builtin_trap();
#endif
}
