// arch/aarch64/copy.h: what the memory functions may count on.
//
// Linux runs programs with alignment checks off, so that a load or store of any width may lie anywhere in ordinary
// memory, at no cost but where it crosses a line. [Arm ARM, SCTLR_EL1.A, which Linux clears]
//
// There is an instruction that clears whole blocks (DC ZVA), but a program must ask for the block's size and whether it is
// allowed; and instructions that copy (FEAT_MOPS), but the baseline, ARMv8.0, has none. So the loops do all.
#pragma once

#include <stddef.h>
#include <stdint.h>

constexpr bool unaligned_is_cheap = true;

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
