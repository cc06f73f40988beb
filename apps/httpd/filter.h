// apps/httpd/filter.h: the system calls that are left, as a program for the kernel's filter of them.
//
//	load the machine's word;     not ours: the process ends
//	load the call's number
//	is it the first of the list? allowed
//	is it the second?            allowed
//	...
//	the process ends
//
// A call may be allowed for one value of one argument only; it may stand in the list several times, with a value each. All others
// are decided by the number alone, and the kernel remembers such decisions, so that the program is not run for them again (Linux
// 5.11, kernel/seccomp.c, seccomp_cache_prepare). Nothing here asks the kernel anything.
#pragma once

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

constexpr size_t FILTER_CALLS_MAX = 48;
constexpr size_t FILTER_STEPS_MAX = 6 + 4 * FILTER_CALLS_MAX;
static_assert(FILTER_STEPS_MAX <= 255, "a jump is a byte long");

// A call that is allowed.
struct filter_call {
	uint32_t number;  // __NR_*
	bool is_narrow;   // only where the low 32 bits of `argument` are `value`: an int is no more
	uint8_t argument; // 0 to 5
	uint32_t value;
};

// Writes the program that allows `count` calls, FILTER_CALLS_MAX at most, to programs of the machine `arch` (SYS_AUDIT_ARCH), and ends
// the process at any other. How many steps it has.
size_t filter_compose(const struct filter_call *calls, size_t count, uint32_t arch,
		      struct sock_filter steps[FILTER_STEPS_MAX]);
