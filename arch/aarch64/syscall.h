// arch/aarch64/syscall.h: how a program enters the Linux kernel on AArch64.
//
//   number x8   arguments x0 x1 x2 x3 x4 x5   result x0
//
// SVC #0 keeps every register but x0. [syscall(2); Arm ARM, C6.2 SVC]
//
// A function, not a macro: every argument is evaluated before any register is pinned.
#pragma once

static inline long syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return x0;
}
