// crt/arena.h: memory taken at the start and never given back.
//
//	ptr                 ptr + used                ptr + size
//	| tables, in use    | free                    |
//
// A program sizes its tables, takes them from an arena before it begins to work, and then allocates nothing: so memory
// can run out only at the start, where it is one message, never half way through a request. Nothing is freed; to use
// the memory again, set `used` back to an earlier value of itself, when nobody looks at what lies beyond.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "arch/span.h"

struct arena {
	uint8_t *ptr;
	size_t size;  // bytes in all
	size_t used;  // bytes given out, with what aligning them wasted
	size_t dirty; // bytes from ptr on that may hold something else than zeros
};

// An arena over memory of the caller's, lent for as long as anything from the arena is in use.
struct arena arena_over(struct span memory);

// An arena over `size` bytes of fresh pages, for the life of the process. Pages that are never touched cost nothing.
// Returns zero, or -ENOMEM, or -EINVAL for a size of zero. [mmap(2)]
[[nodiscard]] int arena_open(struct arena *arena, size_t size);

// Memory for `count` objects of `size` bytes each, the first aligned to `align` (a power of two), every byte zero.
// Null, and the arena as before, where they do not fit, or where their size cannot be counted. No objects need no
// memory: the result is then an address that must not be followed.
[[nodiscard]] void *arena_alloc(struct arena *arena, size_t count, size_t size, size_t align);

// A table of `count` objects of one type: struct conn *conns = ARENA_TABLE(&arena, struct conn, CONNS_MAX);
#define ARENA_TABLE(arena, type, count) ((type *)arena_alloc((arena), (count), sizeof(type), alignof(type)))
