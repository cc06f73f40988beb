// crt/mem.c: memcpy, memmove, memset, memcmp.
//
// They run before anything else can be trusted: before the program has relocated itself, on any stack, inside a signal
// handler. So there is no table of functions here, no look at the processor's features and no state. Two ways of
// working cover the machines, and the machine's copy.h says by one constant which of them it wants:
//
//   unaligned_is_cheap   A piece of any width may lie at any address. Short memory is covered by two pieces that meet or
//                        overlap, one at each end, so that no loop runs and few branches are taken; long memory by such
//                        ends of 64 bytes, with whole lines of 64 between them, aligned where they are written.
//
//     to          aligned                                        len
//     |---- head ----|                                             |
//     |        |-- line --|-- line --|  ...  |-- line --|          |
//     |                                           |----- tail -----|
//
//   otherwise            A word lies at a word's boundary or costs a trap: bytes up to the first boundary of what is
//                        written, then words, then bytes. Where the source has another phase, each word is put together
//                        from the two that hold its parts. This takes the lower address for the lower byte, as all
//                        machines here do.
//
// Overlap is right in one way only: everything that a store may destroy has been loaded before it. Hence both ends are
// loaded first and stored last, and the lines between go upward when `to` is below `from`, downward when it is above.
//
// It must be compiled with -fno-builtin: else the compiler recognises the loops, and memcpy calls memcpy.
#include "crt/mem.h"

#include <stdint.h>

#include "copy.h"

// Pieces of memory at any address, whatever type the memory has otherwise. Those wider than a register the compiler
// splits into registers; and since they are vectors, not structures, never into a call of memcpy.
typedef uint8_t byte;
typedef uint16_t bytes2 __attribute__((aligned(1), may_alias));
typedef uint32_t bytes4 __attribute__((aligned(1), may_alias));
typedef uint64_t bytes8 __attribute__((aligned(1), may_alias));
typedef uint64_t bytes16 __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint64_t bytes32 __attribute__((vector_size(32), aligned(1), may_alias));
typedef uint64_t bytes64 __attribute__((vector_size(64), aligned(1), may_alias));

// Pieces of memory at a word's boundary.
constexpr size_t word_size = sizeof(uintptr_t);
typedef uintptr_t word __attribute__((may_alias));
typedef uintptr_t words4 __attribute__((vector_size(4 * word_size), aligned(word_size), may_alias));

// Both ends, which overlap when len is less than two pieces. Macros, because the piece's type is the argument.
#define MOVE_ENDS(piece, to, from, len)                                        \
	do {                                                                   \
		piece head = *(const piece *)(from);                           \
		piece tail = *(const piece *)((from) + (len) - sizeof(piece)); \
		*(piece *)(to) = head;                                         \
		*(piece *)((to) + (len) - sizeof(piece)) = tail;               \
	} while (0)
#define FILL_ENDS(piece, to, value, len)                            \
	do {                                                        \
		*(piece *)(to) = (value);                           \
		*(piece *)((to) + (len) - sizeof(piece)) = (value); \
	} while (0)

// Whether `to` lies inside from[0..len), so that going upward would destroy what is still to be read. One comparison:
// below `from` the difference wraps around to more than any length.
static inline bool is_inside(const byte *to, const byte *from, size_t len)
{
	return (uintptr_t)to - (uintptr_t)from < len;
}

static inline void move_short(byte *to, const byte *from, size_t len)
{
	if (len > 32)
		MOVE_ENDS(bytes32, to, from, len);
	else if (len > 16)
		MOVE_ENDS(bytes16, to, from, len);
	else if (len >= 8)
		MOVE_ENDS(bytes8, to, from, len);
	else if (len >= 4)
		MOVE_ENDS(bytes4, to, from, len);
	else if (len >= 2)
		MOVE_ENDS(bytes2, to, from, len);
	else if (len == 1)
		*to = *from;
}

// More than 64 bytes. The loops stay rolled: four times their size gained nothing in tests/bench/mem.
static inline void move_long(byte *to, const byte *from, size_t len)
{
	bytes64 head = *(const bytes64 *)from;
	bytes64 tail = *(const bytes64 *)(from + len - 64);

	if (!is_inside(to, from, len)) {
		size_t at = 64 - (uintptr_t)to % 64;        // 1 to 64: the head covers what is before
		size_t end = at + (len - at - 1) / 64 * 64; // 1 to 64 less than len: the tail covers the rest

		if (!bulk_copy(to + at, from + at, end - at))
#pragma nounroll
			for (; at < end; at += 64)
				*(bytes64 *)(to + at) = *(const bytes64 *)(from + at);
	} else {
		size_t at = len - 1 - (uintptr_t)(to + len - 1) % 64; // 1 to 64 less than len: the tail covers the rest

#pragma nounroll
		for (; at > 64; at -= 64)
			*(bytes64 *)(to + at - 64) = *(const bytes64 *)(from + at - 64);
	}
	*(bytes64 *)to = head;
	*(bytes64 *)(to + len - 64) = tail;
}

// The word that starts `phase` bytes (1 to word_size - 1) after the start of `low`; `high` is the word after it.
static inline word word_between(word low, word high, size_t phase)
{
	return low >> 8 * phase | high << 8 * (word_size - phase);
}

static inline void move_words_upward(byte *to, const byte *from, size_t len)
{
	size_t at = 0;

	for (; at < len && (uintptr_t)(to + at) % word_size != 0; at++)
		to[at] = from[at];

	size_t phase = (uintptr_t)(from + at) % word_size;
	if (phase == 0) {
		for (; len - at >= sizeof(words4); at += sizeof(words4))
			*(words4 *)(to + at) = *(const words4 *)(from + at);
		for (; len - at >= word_size; at += word_size)
			*(word *)(to + at) = *(const word *)(from + at);
	} else if (len - at >= 2 * word_size) {
		// The first word has bytes that are not the source's: only its own are gathered, one by one.
		size_t ahead = word_size - phase;
		word low = 0;
		for (size_t i = 0; i < ahead; i++)
			low |= (word)from[at + i] << 8 * (phase + i);
		for (; len - at >= ahead + word_size; at += word_size) {
			word high = *(const word *)(from + at + ahead);
			*(word *)(to + at) = word_between(low, high, phase);
			low = high;
		}
	}
	for (; at < len; at++)
		to[at] = from[at];
}

// The mirror image: `len` is what is left, and what is written ends there.
static inline void move_words_downward(byte *to, const byte *from, size_t len)
{
	for (; len > 0 && (uintptr_t)(to + len) % word_size != 0; len--)
		to[len - 1] = from[len - 1];

	size_t phase = (uintptr_t)(from + len) % word_size;
	if (phase == 0) {
		for (; len >= sizeof(words4); len -= sizeof(words4))
			*(words4 *)(to + len - sizeof(words4)) = *(const words4 *)(from + len - sizeof(words4));
		for (; len >= word_size; len -= word_size)
			*(word *)(to + len - word_size) = *(const word *)(from + len - word_size);
	} else if (len >= 2 * word_size) {
		word high = 0;
		for (size_t i = 0; i < phase; i++)
			high |= (word)from[len - phase + i] << 8 * i;
		for (; len >= phase + word_size; len -= word_size) {
			word low = *(const word *)(from + len - phase - word_size);
			*(word *)(to + len - word_size) = word_between(low, high, phase);
			high = low;
		}
	}
	for (; len > 0; len--)
		to[len - 1] = from[len - 1];
}

void *memmove(void *to, const void *from, size_t len)
{
	if (unaligned_is_cheap) {
		if (len <= 64)
			move_short(to, from, len);
		else
			move_long(to, from, len);
	} else {
		if (is_inside(to, from, len))
			move_words_downward(to, from, len);
		else
			move_words_upward(to, from, len);
	}
	return to;
}

// One function, two names. What memcpy could save by trusting its caller is one comparison, on more than 64 bytes. The alias
// is put through macros because libring.a has the four under names of its own (ring/archive.h).
#define TEXT(name) #name
#define ALIAS_OF(name) alias(TEXT(name))
void *memcpy(void *restrict to, const void *restrict from, size_t len) __attribute__((ALIAS_OF(memmove)));

static inline void fill_short(byte *to, uint64_t eight, size_t len)
{
	if (len >= 16)
		FILL_ENDS(bytes16, to, ((bytes16){eight, eight}), len);
	else if (len >= 8)
		FILL_ENDS(bytes8, to, eight, len);
	else if (len >= 4)
		FILL_ENDS(bytes4, to, (uint32_t)eight, len);
	else if (len >= 2)
		FILL_ENDS(bytes2, to, (uint16_t)eight, len);
	else if (len == 1)
		*to = (byte)eight;
}

// More than 32 bytes.
static inline void fill_long(byte *to, uint64_t eight, size_t len)
{
	bytes32 half = {eight, eight, eight, eight};
	FILL_ENDS(bytes32, to, half, len);
	if (len <= 64)
		return;

	bytes64 line = {eight, eight, eight, eight, eight, eight, eight, eight};
	FILL_ENDS(bytes64, to, line, len);

	size_t at = 64 - (uintptr_t)to % 64; // as in move_long
	size_t end = at + (len - at - 1) / 64 * 64;
	if (!bulk_fill(to + at, eight, end - at))
#pragma nounroll
		for (; at < end; at += 64)
			*(bytes64 *)(to + at) = line;
}

static inline void fill_words(byte *to, uintptr_t value, size_t len)
{
	size_t at = 0;

	for (; at < len && (uintptr_t)(to + at) % word_size != 0; at++)
		to[at] = (byte)value;
	for (; len - at >= sizeof(words4); at += sizeof(words4))
		*(words4 *)(to + at) = (words4){value, value, value, value};
	for (; len - at >= word_size; at += word_size)
		*(word *)(to + at) = value;
	for (; at < len; at++)
		to[at] = (byte)value;
}

void *memset(void *to, int value, size_t len)
{
	uint64_t eight = (byte)value * UINT64_C(0x0101010101010101);

	if (!unaligned_is_cheap)
		fill_words(to, (uintptr_t)eight, len);
	else if (len <= 32)
		fill_short(to, eight, len);
	else
		fill_long(to, eight, len);
	return to;
}

// Where left and right may first differ: a byte before which both are equal, and after which not much is left to compare.
static inline size_t equal_lines(const byte *left, const byte *right, size_t len)
{
	size_t at = 0;

	while (len - at >= 64 &&
	       __builtin_reduce_or(*(const bytes64 *)(left + at) ^ *(const bytes64 *)(right + at)) == 0)
		at += 64;
	while (len - at >= 8 && *(const bytes8 *)(left + at) == *(const bytes8 *)(right + at))
		at += 8;
	return at;
}

static inline size_t equal_words(const byte *left, const byte *right, size_t len)
{
	size_t at = 0;

	if (((uintptr_t)left ^ (uintptr_t)right) % word_size != 0)
		return 0; // they never reach a boundary together
	for (; at < len && (uintptr_t)(left + at) % word_size != 0; at++)
		if (left[at] != right[at])
			return at;
	while (len - at >= word_size && *(const word *)(left + at) == *(const word *)(right + at))
		at += word_size;
	return at;
}

int memcmp(const void *left, const void *right, size_t len)
{
	const byte *l = left, *r = right;
	size_t at = unaligned_is_cheap ? equal_lines(l, r, len) : equal_words(l, r, len);

	for (; at < len; at++)
		if (l[at] != r[at])
			return l[at] - r[at];
	return 0;
}
