// tests/unit/mem.c: memcpy, memmove, memset and memcmp against what each byte must be.
//
// A byte's value follows from where it started (origin), so that a byte too few, too many, or from elsewhere shows, and
// no second implementation is needed. Each buffer lies between two pages that cannot be touched, flush with the one
// or the other, or amid bytes that must not change.
//
//	| no access |  buffer ...                          ... buffer | no access |
//	            ^ edge.start                             edge.end ^
//
// Each of the loops counts what is wrong and is judged once: one check for each of some million cases would be slow.
#include "tests/unit/unit.h"

#include <asm/mman.h>

#include "arch/sys.h"
#include "crt/mem.h"

// Read through volatile: the compiler must not take the checks, or the filling, for one of the functions under test.
typedef volatile uint8_t byte;

constexpr size_t page = 65536; // the largest that any of our kernels has
constexpr size_t around = 80;  // bytes to watch on both sides of what a function was given

struct edge {
	uint8_t *start, *end;
};

// Memory of at least `len` bytes between two pages without access. Ends the process when there is none: the plan
// that was printed tells that tests are missing.
static struct edge edge_open(size_t len)
{
	size_t inner = (len + page - 1) / page * page;
	long at = sys_mmap(nullptr, inner + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at < 0 && at > -4096)
		__builtin_trap();
	uint8_t *start = (uint8_t *)at + page;
	if (sys_mprotect(start - page, page, PROT_NONE) != 0 || sys_mprotect(start + inner, page, PROT_NONE) != 0)
		__builtin_trap();
	return (struct edge){start, start + inner};
}

// The value of the byte that starts at `place`: neighbours differ, and so do places a power of two apart.
static uint8_t origin(size_t place)
{
	return (uint8_t)((uint32_t)(place + 1) * 2654435761u >> 24);
}

static void lay_origin(uint8_t *start, size_t len, size_t first)
{
	for (size_t i = 0; i < len; i++)
		((byte *)start)[i] = origin(first + i);
}

// How many of `len` bytes are not what lay_origin(start, len, first) would lay.
static long not_origin(const uint8_t *start, size_t len, size_t first)
{
	long wrong = 0;
	for (size_t i = 0; i < len; i++)
		wrong += ((const byte *)start)[i] != origin(first + i);
	return wrong;
}

typedef void *(*copy_function)(void *, const void *, size_t);

// `copy` is memcpy or memmove, through a pointer that the compiler cannot see through.
static void *copy_as_memcpy(void *to, const void *from, size_t len)
{
	return memcpy(to, from, len);
}
static copy_function volatile copies[] = {copy_as_memcpy, memmove};

// Lengths at which the implementation may turn from one way to another, and some that are long.
static const size_t long_lens[] = {511,   512,   513,   895,    896,     897,     959,     960,
				   961,   1023,  1024,  1025,   1087,    1151,    1152,    1153,
				   2047,  2048,  2049,  4095,   4096,    4097,    16384,   65535,
				   65536, 65537, 65599, 262144, 1048575, 1048576, 1048577, 1048576 + 4095};
constexpr size_t long_lens_count = sizeof long_lens / sizeof *long_lens;
constexpr size_t len_max = 1048576 + 4095;

static const size_t aligns[] = {0, 1, 3, 7, 8, 13, 16, 63};
constexpr size_t aligns_count = sizeof aligns / sizeof *aligns;

// Copies between separate buffers, at offsets in both, and looks at what lies around as well.
static long wrong_after_copy(copy_function copy, uint8_t *to, const uint8_t *from, size_t len)
{
	constexpr size_t other = 5000000; // where the destination's own bytes are taken to start

	lay_origin(to - around, len + 2 * around, other);
	long wrong = copy(to, from, len) != to;
	wrong += not_origin(to - around, around, other);
	wrong += not_origin(to, len, 0);
	wrong += not_origin(to + len, around, other + around + len);
	return wrong;
}

UNIT(copy_of_every_short_length_at_every_alignment)
{
	struct edge to = edge_open(1024), from = edge_open(1024);

	for (size_t c = 0; c < 2; c++) {
		long wrong = 0;
		for (size_t f = 0; f < 16; f++) {
			lay_origin(from.start + f, 300, 0);
			for (size_t t = 0; t < 16; t++)
				for (size_t len = 0; len <= 300; len += len < 140 ? 1 : 1 + (f + t) % 5)
					wrong += wrong_after_copy(copies[c], to.start + 128 + t, from.start + f, len);
		}
		CHECK_EQUAL(wrong, 0);
	}
}

UNIT(copy_of_medium_and_long_lengths)
{
	struct edge to = edge_open(len_max + 1024), from = edge_open(len_max + 1024);
	long wrong = 0;

	for (size_t len = 700; len <= 1300; len += 3)
		for (size_t a = 0; a < aligns_count; a++) {
			lay_origin(from.start + aligns[a], len, 0);
			wrong += wrong_after_copy(memmove, to.start + 128 + len % 64, from.start + aligns[a], len);
		}
	CHECK_EQUAL(wrong, 0);

	wrong = 0;
	for (size_t l = 0; l < long_lens_count; l++)
		for (size_t a = 0; a < (long_lens[l] < 100000 ? aligns_count : 2); a++) {
			lay_origin(from.start + aligns[a], long_lens[l], 0);
			// Elsewhere in the page, then two bytes above within it: machines are slow there, and code goes another way.
			wrong += wrong_after_copy(memmove, to.start + 133, from.start + aligns[a], long_lens[l]);
			wrong += wrong_after_copy(memmove, to.start + 4096 + aligns[a] + 2, from.start + aligns[a],
						  long_lens[l] % 60000);
		}
	CHECK_EQUAL(wrong, 0);
}

// Flush with the page before or after, on both sides.
static long wrong_copy_at_edges(struct edge to, struct edge from, size_t len)
{
	long wrong = 0;

	for (int end = 0; end < 4; end++) {
		uint8_t *t = end & 1 ? to.end - len : to.start;
		uint8_t *f = end & 2 ? from.end - len : from.start;

		lay_origin(f, len, 0);
		lay_origin(t, len, 77777);
		wrong += memmove(t, f, len) != t;
		wrong += not_origin(t, len, 0);
	}
	return wrong;
}

UNIT(copy_touches_nothing_beyond_the_edges)
{
	struct edge to = edge_open(len_max), from = edge_open(len_max);
	long wrong = 0;

	for (size_t len = 0; len <= 300; len++)
		wrong += wrong_copy_at_edges(to, from, len);
	for (size_t l = 0; l < long_lens_count; l++)
		wrong += wrong_copy_at_edges(to, from, long_lens[l]);
	CHECK_EQUAL(wrong, 0);
}

// Moves len bytes by `distance` within one buffer: every byte of it, and around it, has one right value afterwards.
static long wrong_after_move(uint8_t *low, size_t len, long distance)
{
	size_t apart = (size_t)(distance < 0 ? -distance : distance);
	size_t to = distance < 0 ? 0 : apart, from = distance < 0 ? apart : 0;

	lay_origin(low - around, len + apart + 2 * around, 0);
	long wrong = memmove(low + to, low + from, len) != low + to;
	wrong += not_origin(low - around, around + to, 0);
	wrong += not_origin(low + to, len, around + from);
	wrong += not_origin(low + to + len, apart - to + around, around + to + len);
	return wrong;
}

UNIT(move_by_every_short_distance)
{
	struct edge edge = edge_open(1024);
	long down = 0, up = 0;

	for (long distance = 0; distance <= 70; distance++)
		for (size_t a = 0; a < 4; a++)
			for (size_t len = 0; len <= 300; len += len < 140 ? 1 : 13) {
				down += wrong_after_move(edge.start + 128 + aligns[2 * a], len, -distance);
				up += wrong_after_move(edge.start + 128 + aligns[2 * a + 1], len, distance);
			}
	CHECK_EQUAL(down, 0);
	CHECK_EQUAL(up, 0);
}

UNIT(move_of_long_overlaps)
{
	static const long distances[] = {1, 2, 7, 8, 9, 16, 31, 63, 64, 65, 127, 500, 1000, 4095, 4096, 4097, 60000};
	struct edge edge = edge_open(len_max + 65536);
	long down = 0, up = 0;

	for (size_t d = 0; d < sizeof distances / sizeof *distances; d++)
		for (size_t l = 0; l < long_lens_count; l++) {
			if (long_lens[l] > 70000 && d % 5 != 0)
				continue;
			down += wrong_after_move(edge.start + 128 + l, long_lens[l], -distances[d]);
			up += wrong_after_move(edge.start + 128 + l, long_lens[l], distances[d]);
		}
	CHECK_EQUAL(down, 0);
	CHECK_EQUAL(up, 0);
}

UNIT(move_touches_nothing_beyond_the_edges)
{
	struct edge edge = edge_open(1);
	size_t whole = (size_t)(edge.end - edge.start);
	long wrong = 0;

	for (size_t distance = 1; distance <= 70; distance += distance < 18 ? 1 : 5) {
		lay_origin(edge.start, whole, 0);
		memmove(edge.start, edge.start + distance, whole - distance);
		wrong += not_origin(edge.start, whole - distance, distance);
		lay_origin(edge.start, whole, 0);
		memmove(edge.start + distance, edge.start, whole - distance);
		wrong += not_origin(edge.start + distance, whole - distance, 0);
	}
	CHECK_EQUAL(wrong, 0);
}

static long wrong_after_fill(uint8_t *to, size_t len, int value, size_t before, size_t after)
{
	lay_origin(to - before, before + len + after, 0);
	long wrong = memset(to, value, len) != to;
	wrong += not_origin(to - before, before, 0);
	for (size_t i = 0; i < len; i++)
		wrong += ((byte *)to)[i] != (uint8_t)value;
	wrong += not_origin(to + len, after, before + len);
	return wrong;
}

UNIT(fill)
{
	static const int values[] = {0, 0x5a, 0xff, -1, 0x1a5}; // the last: only the low byte counts
	struct edge edge = edge_open(len_max + 1024);
	long wrong = 0;

	for (size_t v = 0; v < sizeof values / sizeof *values; v++)
		for (size_t align = 0; align < 16; align++)
			for (size_t len = 0; len <= 300; len++)
				wrong += wrong_after_fill(edge.start + 128 + align, len, values[v], around, around);
	CHECK_EQUAL(wrong, 0);

	wrong = 0;
	for (size_t a = 0; a < aligns_count; a++)
		for (size_t len = 700; len <= 1300; len += 3)
			wrong += wrong_after_fill(edge.start + 128 + aligns[a], len, 0xc3, around, around);
	for (size_t l = 0; l < long_lens_count; l++)
		wrong += wrong_after_fill(edge.start + 128 + 3 * l, long_lens[l], 0xc3, around, around);
	CHECK_EQUAL(wrong, 0);
}

UNIT(fill_touches_nothing_beyond_the_edges)
{
	struct edge edge = edge_open(len_max);
	long wrong = 0;

	for (size_t len = 0; len <= 1300; len += len < 300 ? 1 : 7) {
		wrong += wrong_after_fill(edge.start, len, 0x3c, 0, around);
		wrong += wrong_after_fill(edge.end - len, len, 0x3c, around, 0);
	}
	for (size_t l = 0; l < long_lens_count; l++)
		wrong += wrong_after_fill(edge.end - long_lens[l], long_lens[l], 0x3c, 0, 0);
	CHECK_EQUAL(wrong, 0);
}

static int sign(int number)
{
	return (number > 0) - (number < 0);
}

// Compares equal memory, then memory that differs at one place, both ways round, then at a second place after it that
// says the opposite. 0x7f and 0x80 are in the other order when a byte is taken to be signed.
static long wrong_compare(uint8_t *left, uint8_t *right, size_t len)
{
	long wrong = 0;
	const size_t places[] = {0, 1, len / 3, len / 2, len - 8, len - 2, len - 1};

	lay_origin(left, len, 0);
	lay_origin(right, len, 0);
	wrong += memcmp(left, right, len) != 0;
	for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
		size_t place = places[p];
		if (place >= len)
			continue;
		left[place] = 0x7f;
		right[place] = 0x80;
		wrong += sign(memcmp(left, right, len)) != -1;
		wrong += sign(memcmp(right, left, len)) != 1;
		wrong += memcmp(left, right, place) != 0;
		if (place + 1 < len) {
			uint8_t kept = left[len - 1];
			left[len - 1] = 0xff;
			right[len - 1] = 0;
			wrong += sign(memcmp(left, right, len)) != -1;
			left[len - 1] = right[len - 1] = kept;
		}
		left[place] = right[place] = origin(place);
	}
	return wrong;
}

UNIT(compare)
{
	struct edge left = edge_open(len_max + 1024), right = edge_open(len_max + 1024);
	long wrong = 0;

	for (size_t l = 0; l < 16; l++)
		for (size_t r = 0; r < 16; r += 1 + l % 3)
			for (size_t len = 0; len <= 300; len += len < 80 ? 1 : 7)
				wrong += wrong_compare(left.start + l, right.start + r, len);
	CHECK_EQUAL(wrong, 0);

	// What follows the memory differs, and does not matter.
	wrong = 0;
	for (size_t len = 0; len <= 300; len++) {
		lay_origin(left.start, 512, 0);
		lay_origin(right.start, len, 0);
		lay_origin(right.start + len, 512 - len, 99999);
		wrong += memcmp(left.start, right.start, len) != 0;
	}
	CHECK_EQUAL(wrong, 0);
}

UNIT(compare_touches_nothing_beyond_the_edges)
{
	struct edge left = edge_open(len_max), right = edge_open(len_max);
	long wrong = 0;

	for (size_t len = 0; len <= 300; len++) {
		wrong += wrong_compare(left.start, right.start, len);
		wrong += wrong_compare(left.end - len, right.end - len, len);
		wrong += wrong_compare(left.start, right.end - len, len);
		wrong += wrong_compare(left.end - len, right.start, len);
	}
	for (size_t l = 0; l < long_lens_count; l++)
		wrong += wrong_compare(left.end - long_lens[l], right.end - long_lens[l], long_lens[l]);
	CHECK_EQUAL(wrong, 0);
}
