// ring/trace.h: what goes into the queues and comes out of them, a line each, for the one who wants to see it.
//
//	-> read fd=3 off=0 len=4096 token=7 LINK
//	<- token=7 res=512
//	<- token=8 res=-2 ENOENT
//
// The library formats a line and hands it to options.trace; where lines go and what time it is are the program's business.
// It looks at the queues only where they are handed over, in enter, so pushing and popping cost nothing more.
//
// Built into the library with CONFIG_RING_TRACE (trace.c); else nothing happens (trace_none.c).
#pragma once

#include "ring/ring.h"

// Tells of the entries that the next enter submits, once each.
void ring_trace_entries(struct io_uring *ring);

// Tells of the completions that have come since it was last asked.
void ring_trace_completions(struct io_uring *ring);
