// ring/traced.h: the places where the library tells of what passes (trace.h).
//
// RING_TRACE is 1 in a library that is built with trace.c, by build.zig; else every call below stands behind a constant 0 and is
// not there.
#pragma once

#include "ring/ring.h"

#ifndef RING_TRACE
#define RING_TRACE 0
#endif

// Tells of the entries that have been pushed since it was last asked. To be asked before they are shown to the kernel: until
// then what they point to is there.
void ring_trace_entries(struct io_uring *ring);

// Tells of the completions that have come since it was last asked, and of what did not come. To be asked before any of
// them is taken.
void ring_trace_completions(struct io_uring *ring);
