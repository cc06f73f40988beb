// arch/aarch64/thread.h: where thread-local storage lies, and how the thread pointer is set.
//
//	memory = tp  tp + align
//	| 16 bytes.. | block (PT_TLS): .tdata .tbss |
//
// Variant I: two words at the thread pointer belong to the system, the block follows, aligned. [ELF Handling For
// Thread-Local Storage, variant I; Arm sysvabi64, Thread Local Storage]
#pragma once

#include <stddef.h>
#include <stdint.h>

// How far behind the start of the memory the thread pointer lies, and the block. `align` is a power of two of at least 16,
// to which the memory and `size`, the block's bytes, are aligned.
static inline size_t thread_pointer_offset(size_t size, size_t align)
{
	(void)size;
	(void)align;
	return 0;
}

static inline size_t thread_block_offset(size_t align)
{
	return align; // 16 bytes rounded up to an alignment that is no less
}

// Sets the thread pointer. Returns zero: the register is ours to write, no kernel is asked.
[[nodiscard]] static inline long thread_pointer_set(uintptr_t tp)
{
	__asm__ volatile("msr tpidr_el0, %0" : : "r"(tp) : "memory");
	return 0;
}
