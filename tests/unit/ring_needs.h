// tests/unit/ring_needs.h: tests of what not every kernel and not every engine has.
//
// A call that is refused is no failure where the kernel is older than the call, or where the engine is not the kernel. Where
// the kernel is new enough it is one: so a mistake in a call does not hide as a skipped test.
#pragma once

#include <linux/utsname.h>

#include "ring/engine.h"
#include "tests/unit/ring_unit.h"

// "6.12.1-arch" is not older than 6.12.
static inline bool kernel_is_older(unsigned major, unsigned minor)
{
	static struct new_utsname name;
	if (name.release[0] == 0)
		(void)syscall6(__NR_uname, (long)&name, 0, 0, 0, 0, 0);
	unsigned number[2] = {0, 0};
	const char *at = name.release;
	for (unsigned i = 0; i < 2; i++, at++)
		for (; *at >= '0' && *at <= '9'; at++)
			number[i] = number[i] * 10 + (unsigned)(*at - '0');
	return number[0] != major ? number[0] < major : number[1] < minor;
}

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
