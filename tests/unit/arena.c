// tests/unit/arena.c: crt/arena.h.
#include "crt/arena.h"

#include "arch/sys.h"
#include "tests/unit/unit.h"

#define KIB ((size_t)1024)

static bool all_zero(const uint8_t *memory, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (memory[i] != 0)
			return false;
	}
	return true;
}

UNIT(pieces_follow_each_other)
{
	alignas(16) uint8_t memory[64];
	struct arena arena = arena_over(SPAN(memory));
	CHECK_EQUAL(arena.used, 0);
	CHECK_EQUAL(arena_alloc(&arena, 3, 1, 1), memory);
	CHECK_EQUAL(arena.used, 3);
	CHECK_EQUAL(arena_alloc(&arena, 2, 4, 4), memory + 4);
	CHECK_EQUAL(arena.used, 12);
	CHECK_EQUAL(arena_alloc(&arena, 1, 16, 16), memory + 16);
	CHECK_EQUAL(arena.used, 32);
	CHECK_EQUAL(arena_alloc(&arena, 4, 8, 8), memory + 32);
	CHECK_EQUAL(arena.used, 64);
}

UNIT(alignment_is_of_the_address)
{
	// Not of the distance from the start, which itself is odd here.
	alignas(64) uint8_t memory[128];
	struct arena arena = arena_over((struct span){memory + 1, 127});
	CHECK_EQUAL(arena_alloc(&arena, 1, 1, 64), memory + 64);
	CHECK_EQUAL(arena.used, 64);
	CHECK_EQUAL(arena_alloc(&arena, 1, 1, 1), memory + 65);
	CHECK(arena_alloc(&arena, 1, 1, 64) == nullptr);
}

UNIT(full_is_null_and_changes_nothing)
{
	alignas(8) uint8_t memory[16];
	struct arena arena = arena_over(SPAN(memory));
	CHECK(arena_alloc(&arena, 17, 1, 1) == nullptr);
	CHECK(arena_alloc(&arena, 1, 9, 8) != nullptr);
	CHECK(arena_alloc(&arena, 1, 1, 8) == nullptr); // aligned, it would lie just past the end
	CHECK_EQUAL(arena.used, 9);
	CHECK(arena_alloc(&arena, 8, 1, 1) == nullptr);
	CHECK_EQUAL(arena.used, 9);
	CHECK(arena_alloc(&arena, 7, 1, 1) != nullptr);
	CHECK(arena_alloc(&arena, 1, 1, 1) == nullptr);
	CHECK_EQUAL(arena.used, 16);
}

UNIT(sizes_that_overflow_are_refused)
{
	uint8_t memory[16];
	struct arena arena = arena_over(SPAN(memory));
	CHECK(arena_alloc(&arena, 3, 1, 1) != nullptr);
	CHECK(arena_alloc(&arena, SIZE_MAX, 1, 1) == nullptr);
	CHECK(arena_alloc(&arena, SIZE_MAX, 2, 1) == nullptr);
	CHECK(arena_alloc(&arena, SIZE_MAX / 2 + 1, 2, 1) == nullptr); // the product is 0
	CHECK(arena_alloc(&arena, SIZE_MAX / 2 + 2, 2, 1) == nullptr); // the product is 2
	CHECK(arena_alloc(&arena, 1, SIZE_MAX - 2, 1) == nullptr);     // the end would be at 0
	CHECK(arena_alloc(&arena, 1, 1, (size_t)1 << 63) == nullptr);
	CHECK_EQUAL(arena.used, 3);
}

UNIT(nothing_needs_nothing)
{
	uint8_t memory[4];
	struct arena arena = arena_over(SPAN(memory));
	CHECK(arena_alloc(&arena, 0, 8, 1) != nullptr);
	CHECK(arena_alloc(&arena, 8, 0, 1) != nullptr);
	CHECK_EQUAL(arena.used, 0);
	CHECK(arena_alloc(&arena, 4, 1, 1) != nullptr);
	CHECK(arena_alloc(&arena, 0, 8, 1) != nullptr);

	struct arena empty = arena_over((struct span){0});
	CHECK(arena_alloc(&empty, 1, 1, 1) == nullptr);
}

UNIT(used_memory_is_zeroed)
{
	alignas(8) uint8_t memory[32];
	for (size_t i = 0; i < sizeof(memory); i++)
		memory[i] = 0xa5;
	struct arena arena = arena_over(SPAN(memory));
	CHECK(arena_alloc(&arena, 1, 1, 1) != nullptr);
	CHECK(all_zero(arena_alloc(&arena, 16, 1, 8), 16));
	CHECK_EQUAL(memory[24], 0xa5); // not before somebody asks for it
}

UNIT(a_table_of_a_type)
{
	struct entry {
		uint64_t a;
		uint8_t b;
	};
	alignas(8) uint8_t memory[64];
	struct arena arena = arena_over(SPAN(memory));
	struct entry *table = ARENA_TABLE(&arena, struct entry, 4);
	CHECK_EQUAL(table, memory);
	CHECK_EQUAL(arena.used, 4 * sizeof(struct entry));
}

UNIT(fresh_pages)
{
	struct arena arena;
	if (!CHECK_EQUAL(arena_open(&arena, 100 * KIB), 0))
		return;
	CHECK_EQUAL(arena.size, 100 * KIB);
	uint8_t *memory = arena_alloc(&arena, 1, KIB, 1);
	if (!CHECK_EQUAL(memory, arena.ptr))
		return;
	CHECK_EQUAL(arena_alloc(&arena, 96, KIB, 4096), memory + 4 * KIB); // past bytes that nobody has had
	CHECK_EQUAL(arena.used, 100 * KIB);
	CHECK(all_zero(memory, 100 * KIB));
	memory[100 * KIB - 1] = 1;
	CHECK(arena_alloc(&arena, 1, 1, 1) == nullptr);
}

UNIT(memory_taken_again_is_zeroed_again)
{
	struct arena arena;
	if (!CHECK_EQUAL(arena_open(&arena, 64), 0))
		return;
	uint8_t *memory = arena_alloc(&arena, 32, 1, 1);
	for (size_t i = 0; i < 32; i++)
		memory[i] = 0xa5;
	arena.used = 8;
	CHECK_EQUAL(arena_alloc(&arena, 48, 1, 1), memory + 8);
	CHECK(all_zero(memory + 8, 48));
	CHECK_EQUAL(memory[7], 0xa5);
}

UNIT(fresh_pages_are_not_touched)
{
	struct arena arena;
	if (!CHECK_EQUAL(arena_open(&arena, 100 * KIB), 0))
		return;
	CHECK_EQUAL(sys_mprotect(arena.ptr, arena.size, PROT_NONE), 0); // a touch would end this program
	CHECK(arena_alloc(&arena, 100, KIB, 1) != nullptr);
}

UNIT(what_the_kernel_refuses)
{
	struct arena arena = {0};
	CHECK_EQUAL(arena_open(&arena, 0), -EINVAL);
	CHECK_EQUAL(arena_open(&arena, SIZE_MAX), -ENOMEM);
	CHECK_EQUAL(arena.size, 0);
}
