// crt/arena.c: giving out pieces of one block, front to back.
#include "crt/arena.h"

#include <stdckdint.h>

#include "arch/sys.h"
#include "crt/mem.h"

struct arena arena_over(struct span memory)
{
	return (struct arena){.ptr = memory.ptr, .size = memory.len, .dirty = memory.len};
}

int arena_open(struct arena *arena, size_t size)
{
	// Tables are sized for the worst day. Without MAP_NORESERVE a machine with less memory than that could not even start
	// a program that will never touch most of them. [Linux Documentation/mm/overcommit-accounting.rst]
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	long address = sys_mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (sys_failed(address))
		return (int)address;

	*arena = (struct arena){.ptr = (uint8_t *)address, .size = size};
	return 0;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size, size_t align)
{
	size_t bytes, start, end;
	size_t gap = -((uintptr_t)arena->ptr + arena->used) & (align - 1);
	if (ckd_mul(&bytes, count, size) || ckd_add(&start, arena->used, gap) || ckd_add(&end, start, bytes) ||
	    end > arena->size)
		return nullptr;

	// Fresh pages are zero already, and writing zeros would make the kernel find memory for all of them now.
	uint8_t *memory = arena->ptr + start;
	if (start < arena->dirty)
		memset(memory, 0, (end < arena->dirty ? end : arena->dirty) - start);
	if (end > arena->dirty)
		arena->dirty = end;
	arena->used = end;
	return memory;
}
