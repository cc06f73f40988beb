// crt/start.h: what the steps of a start need of one another. Only crt/ includes it.
//
// These functions run before there is a stack protector, some before the program is relocated. Every one is compiled
// without the protector, without jump tables, and with no reference but PC-relative ones to hidden symbols.
#pragma once

#include <linux/auxvec.h>
#include <linux/elf.h>
#include <stddef.h>
#include <stdint.h>

// What follows is hidden by word: -fvisibility covers definitions only, and a declaration that might be preempted would be
// reached through the GOT, whose entries are themselves not yet relocated.
#pragma GCC visibility push(hidden)

// From arch/<machine>/start.S, with the stack as the kernel left it.
[[noreturn]] void crt_start(long *stack, const Elf64_Ehdr *image, const Elf64_Dyn *dynamic);

// Adds the load base to every word that the linker marked (DT_RELA, DT_RELR).
void crt_relocate(uintptr_t base, const Elf64_Dyn *dynamic);

// Bytes of stack that crt_thread wants for the thread-local block of this segment (PT_TLS).
static inline size_t crt_thread_bytes(const Elf64_Phdr *segment)
{
	// The block, what the machine keeps before or after it, and what aligning each may waste.
	return segment->p_memsz + 4 * segment->p_align;
}

// Lays the thread-local block into `memory` (crt_thread_bytes of it, for the life of the process) and sets the thread
// pointer. Returns zero or -errno.
[[nodiscard]] long crt_thread(uintptr_t base, const Elf64_Phdr *segment, uint8_t *memory);

// Fills the stack protector's guard from the kernel's 16 random bytes.
void crt_guard(const uint8_t *random);

#pragma GCC visibility pop
