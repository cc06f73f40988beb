// tests/unit/ring_needs.h: tests of what not every kernel and not every engine has.
//
// A call that is refused is no failure where the kernel is older than the call, or where the engine is not the kernel. Where
// the kernel is new enough it is one: so a mistake in a call does not hide as a skipped test.
#pragma once

#include "ring/engine.h"
#include "tests/unit/ring_unit.h"

// Whether a call's result means that there is no such call here: then the test is skipped, and the ring closed.
static inline bool is_lacking(struct io_uring *ring, int result, unsigned major, unsigned minor, struct str needs,
			      struct str has_no)
{
	if (result != -EINVAL && result != -EOPNOTSUPP)
		return false;
	bool is_kernel = ring_engine(ring) == &ring_kernel;
	if (is_kernel && !kernel_is_older(major, minor))
		return false;
	unit_skip(is_kernel ? needs : has_no);
	close_ring(ring);
	return true;
}

// Ends the test where `result` says that this kernel (before major.minor) or this engine has not what `what` names.
#define NEEDS(ring, result, major, minor, what)                                                                     \
	do {                                                                                                        \
		if (is_lacking((ring), (result), (major), (minor), STR("needs Linux " #major "." #minor ": " what), \
			       STR("the emulation has no " what)))                                                  \
			return;                                                                                     \
	} while (0)
