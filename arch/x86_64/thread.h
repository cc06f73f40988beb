// arch/x86_64/thread.h: where thread-local storage lies, and how the thread pointer is set.
//
//	memory                          tp
//	| block (PT_TLS): .tdata .tbss  | self |
//
// Variant II: the block ends at the thread pointer, and the word at the thread pointer holds its own address, so that
// `mov %fs:0, %rax` yields it. [ELF Handling For Thread-Local Storage, 3.4.6]
#pragma once

#include <asm/prctl.h>
#include <asm/unistd.h>
#include <stddef.h>
#include <stdint.h>

#include "syscall.h"

// How far behind the start of the memory the thread pointer lies, and the block. `align` is a power of two of at least 16,
// to which the memory and `size`, the block's bytes, are aligned.
static inline size_t thread_pointer_offset(size_t size, size_t align)
{
	(void)align;
	return size;
}

static inline size_t thread_block_offset(size_t align)
{
	(void)align;
	return 0;
}

// Sets the thread pointer. Returns zero or -errno. [arch_prctl(2)]
[[nodiscard]] static inline long thread_pointer_set(uintptr_t tp)
{
	*(uintptr_t *)tp = tp;
	return syscall6(__NR_arch_prctl, ARCH_SET_FS, (long)tp, 0, 0, 0, 0);
}
