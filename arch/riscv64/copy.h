// arch/riscv64/copy.h: what the memory functions may count on.
//
// A misaligned load or store works in a Linux program, but on many cores only because the machine's firmware traps and does
// it byte by byte, hundreds of times slower; the kernel's riscv_hwprobe tells which cores are so. The baseline, RV64GC,
// promises nothing, so a word is only ever touched at its boundary.
// [RISC-V ISA manual vol. I, 2.6 Load and Store Instructions; Linux Documentation/arch/riscv/hwprobe.rst]
#pragma once

#include <stddef.h>
#include <stdint.h>

constexpr bool unaligned_is_cheap = false;

// Copies len bytes upward, if this is faster here than a loop; returns whether it did: never.
static inline bool bulk_copy(unsigned char *to, const unsigned char *from, size_t len)
{
	(void)to;
	(void)from;
	(void)len;
	return false;
}

// Fills len bytes, if this is faster here than a loop; returns whether it did: never.
static inline bool bulk_fill(unsigned char *to, uint64_t eight, size_t len)
{
	(void)to;
	(void)eight;
	(void)len;
	return false;
}
