// crt/clock.c: one function pointer, found once. There is one thread, so nothing guards it.
#include "crt/clock.h"

#include <linux/auxvec.h>

#include "arch/sys.h"
#include "crt/process.h"
#include "crt/vdso_find.h"
#include "vdso.h"

typedef int clock_function(int clock, struct __kernel_timespec *now);

static clock_function *fast; // null: the system call
static bool chosen;

void clock_source(const void *vdso)
{
	chosen = true;
	fast = nullptr;
	if (vdso != nullptr)
		fast = (clock_function *)(uintptr_t)vdso_function(vdso_image(vdso), VDSO_CLOCK_GETTIME, VDSO_VERSION);
}

int clock_now(int clock, struct __kernel_timespec *now)
{
	if (!chosen)
		clock_source((const void *)process_aux(AT_SYSINFO_EHDR));
	if (fast != nullptr && fast(clock, now) == 0)
		return 0;
	return sys_clock_gettime(clock, now);
}

// The two clocks below exist in every kernel and the pointer is good, so there is nothing that could fail.
// [clock_gettime(2), ERRORS]
int64_t clock_monotonic_ns(void)
{
	struct __kernel_timespec now = {};
	(void)clock_now(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t clock_realtime_s(void)
{
	struct __kernel_timespec now = {};
	(void)clock_now(CLOCK_REALTIME, &now);
	return now.tv_sec;
}
