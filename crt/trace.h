// crt/trace.h: whether the person who started the program wants to see what it does, and the lines that say so.
//
//	     0.000214 -> read fd=3 len=4096 off=0 token=7
//
// Built in with CONFIG_RING_TRACE, and in every Debug build (trace.c); else nobody can ask for it (trace_none.c).
#pragma once

#include "arch/span.h"

typedef void trace_line(void *context, struct str line);

// A function that writes a line, and the seconds since the first one before it, to standard error; `context` is not used. Null
// unless RING_TRACE=1 stands in the environment.
trace_line *trace_wanted(void);
