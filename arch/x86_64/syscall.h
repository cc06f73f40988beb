// arch/x86_64/syscall.h: how a program enters the Linux kernel on x86-64.
//
//   number rax   arguments rdi rsi rdx r10 r8 r9   result rax
//
// The fourth argument rides in r10, not in rcx as in the C ABI: SYSCALL itself overwrites rcx (return
// address) and r11 (flags), so both are clobbers here. [syscall(2); Intel SDM vol. 2, SYSCALL]
//
// A function, not a macro: every argument is evaluated before any register is pinned.
#pragma once

static inline long syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}
