// arch/riscv64/thread.h: where thread-local storage lies, and how the thread pointer is set.
//
//	memory = tp
//	| block (PT_TLS): .tdata .tbss |
//
// Variant I without a header: the block starts at the thread pointer. [riscv-elf-psabi, Thread Local Storage]
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
	(void)align;
	return 0;
}

// Sets the thread pointer. Returns zero: compilers never use tp for anything else.
[[nodiscard]] static inline long thread_pointer_set(uintptr_t tp)
{
	__asm__ volatile("mv tp, %0" : : "r"(tp) : "memory");
	return 0;
}
