// crt/thread.c: thread-local storage for the one thread that there is.
//
// The linker has laid out every `_Thread_local` object in one block (PT_TLS): `p_filesz` bytes of first values, zeros up to
// `p_memsz`. Code reaches an object at a fixed distance from the thread pointer (the local-exec model). Where the block lies
// about that pointer is the machine's: thread.h draws it. crt/program.ld aligns the block to 16 bytes at least.
#include "thread.h"

#include "crt/start.h"

long crt_thread(uintptr_t base, const Elf64_Phdr *segment, uint8_t *memory)
{
	size_t align = segment->p_align;
	size_t size = (segment->p_memsz + align - 1) & -align;
	uintptr_t start = ((uintptr_t)memory + align - 1) & -align;

	const uint8_t *first = (const uint8_t *)(base + segment->p_vaddr);
	uint8_t *block = (uint8_t *)start + thread_block_offset(align);
	for (size_t i = 0; i < size; i++)
		block[i] = i < segment->p_filesz ? first[i] : 0;

	return thread_pointer_set(start + thread_pointer_offset(size, align));
}
