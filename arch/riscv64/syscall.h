// arch/riscv64/syscall.h: how a program enters the Linux kernel on RISC-V.
//
//   number a7   arguments a0 a1 a2 a3 a4 a5   result a0
//
// ECALL keeps every general register but a0. The vector registers, where a machine has them, do not survive a
// system call; nothing here is compiled to use them (the baseline is rv64gc). [syscall(2); Linux
// Documentation/arch/riscv/vector.rst]
//
// A function, not a macro: every argument is evaluated before any register is pinned.
#pragma once

static inline long syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long a7 __asm__("a7") = nr;
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;
	register long a3 __asm__("a3") = d;
	register long a4 __asm__("a4") = e;
	register long a5 __asm__("a5") = f;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5) : "memory");
	return a0;
}
