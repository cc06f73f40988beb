// tests/bench/mem/driver.c: times the four memory functions of three libraries in one process.
//
// One process, so that all three meet the same pages, the same cache and the same moment: a neighbour's burst, or a
// change of clock rate, falls on all of them. `run` links ours and musl's objects with a prefix before their names; glibc's
// are called by the names they have, past the PLT, since a function pointer holds the address that IFUNC chose.
//
// For each case a round takes one short sample of every library in turn; the least of all rounds is kept. Every 64th
// round starts each sample from the same bytes and compares a checksum of what it leaves, so that no library is fast by
// being wrong.
//
// Writes one line a case: function, layout, bytes, then ns a call for ours, musl, glibc.
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define DECLARE(prefix)                                      \
	void *prefix##memcpy(void *, const void *, size_t);  \
	void *prefix##memmove(void *, const void *, size_t); \
	void *prefix##memset(void *, int, size_t);           \
	int prefix##memcmp(const void *, const void *, size_t)
DECLARE(ours_);
DECLARE(musl_);

struct library {
	const char *name;
	void *(*copy)(void *, const void *, size_t);
	void *(*move)(void *, const void *, size_t);
	void *(*fill)(void *, int, size_t);
	int (*compare)(const void *, const void *, size_t);
};

static const struct library libraries[] = {
	{"ours", ours_memcpy, ours_memmove, ours_memset, ours_memcmp},
	{"musl", musl_memcpy, musl_memmove, musl_memset, musl_memcmp},
	{"glibc", memcpy, memmove, memset, memcmp},
};
enum { LIBRARIES = sizeof libraries / sizeof *libraries };

enum function { COPY, MOVE, FILL, COMPARE };

// Where the two pieces start, in bytes from the start of each buffer; a move takes both from one buffer, so that
// they overlap.
static const struct layout {
	enum function function;
	const char *function_name;
	const char *name;
	size_t to, from;
} layouts[] = {
	{COPY, "memcpy", "aligned", 0, 0},           {COPY, "memcpy", "to+5 from+11", 5, 11},
	{COPY, "memcpy", "to 2 above from", 66, 64}, // within their pages
	{MOVE, "memmove", "32 down", 64, 96},        {MOVE, "memmove", "37 down, unaligned", 69, 106},
	{MOVE, "memmove", "32 up", 96, 64},          {MOVE, "memmove", "37 up, unaligned", 106, 69},
	{FILL, "memset", "aligned", 0, 0},           {FILL, "memset", "to+5", 5, 0},
	{COMPARE, "memcmp", "aligned", 0, 0},        {COMPARE, "memcmp", "left+5 right+11", 5, 11},
};
enum { LAYOUTS = sizeof layouts / sizeof *layouts };

static const size_t sizes[] = {16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576};
enum { SIZES = sizeof sizes / sizeof *sizes };

enum { BUFFER = 1048576 + 4096, SAMPLE_BYTES = 262144, SAMPLE_CALLS_MAX = 1024 };

static uint8_t *left, *right;

static void reset(enum function function)
{
	for (size_t i = 0; i < BUFFER; i++)
		left[i] = (uint8_t)(i * 131 + (i >> 8) * 17);
	for (size_t i = 0; i < BUFFER; i++)
		right[i] = function == COMPARE ? 0x5a : (uint8_t)(i * 137 + (i >> 8) * 29 + 1);
	if (function == COMPARE)
		for (size_t i = 0; i < BUFFER; i++)
			left[i] = 0x5a;
}

static uint64_t checksum(void)
{
	uint64_t sum = 14695981039346656037u;
	for (size_t i = 0; i < BUFFER; i++)
		sum = (sum ^ left[i]) * 1099511628211u;
	return sum;
}

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static unsigned calls_of(size_t size)
{
	size_t calls = SAMPLE_BYTES / size;
	return calls < 1 ? 1 : calls > SAMPLE_CALLS_MAX ? SAMPLE_CALLS_MAX : (unsigned)calls;
}

// Calls the function `calls` times. Returns what all comparisons returned together: zero, as the pieces are equal.
static long repeat(const struct library *library, const struct layout *layout, size_t size, unsigned calls)
{
	long difference = 0;
	uint8_t *to = left + layout->to;
	const uint8_t *from = right + layout->from;

	switch (layout->function) {
	case COPY:
		while (calls--)
			library->copy(to, from, size);
		break;
	case MOVE:
		from = left + layout->from;
		while (calls--)
			library->move(to, from, size);
		break;
	case FILL:
		while (calls--)
			library->fill(to, (int)(calls + 0xa5), size);
		break;
	case COMPARE:
		while (calls--)
			difference |= library->compare(to, from, size);
		break;
	}
	return difference;
}

int main(int argc, char **argv)
{
	static double best[LAYOUTS][SIZES][LIBRARIES];
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 64;

	// A mapping each: both start a page, so that the layouts say where in a page things lie.
	left = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	right = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (left == MAP_FAILED || right == MAP_FAILED)
		return perror("mmap"), 1;

	for (unsigned round = 0; round < rounds; round++)
		for (unsigned l = 0; l < LAYOUTS; l++)
			for (unsigned s = 0; s < SIZES; s++) {
				const struct layout *layout = &layouts[l];
				unsigned calls = calls_of(sizes[s]);
				uint64_t sums[LIBRARIES];
				bool check = round % 64 == 0;

				if (s == 0)
					reset(layout->function);
				for (unsigned turn = 0; turn < LIBRARIES; turn++) {
					unsigned which = (turn + round) % LIBRARIES;
					const struct library *library = &libraries[which];

					if (check)
						reset(layout->function);
					// Warm: the previous library's sample, or a reset, left the caches otherwise.
					repeat(library, layout, sizes[s], 1);

					uint64_t started = now_ns();
					long difference = repeat(library, layout, sizes[s], calls);
					double ns = (double)(now_ns() - started) / calls;

					if (difference != 0)
						return fprintf(stderr, "%s: equal memory compares unequal\n",
							       library->name),
						       1;
					if (best[l][s][which] == 0 || ns < best[l][s][which])
						best[l][s][which] = ns;
					sums[which] = check ? checksum() : 0;
				}
				for (unsigned which = 1; which < LIBRARIES; which++)
					if (sums[which] != sums[0])
						return fprintf(stderr, "%s %s %zu: %s leaves other bytes than %s\n",
							       layout->function_name, layout->name, sizes[s],
							       libraries[which].name, libraries[0].name),
						       1;
			}

	for (unsigned l = 0; l < LAYOUTS; l++)
		for (unsigned s = 0; s < SIZES; s++) {
			printf("%s\t%s\t%zu", layouts[l].function_name, layouts[l].name, sizes[s]);
			for (unsigned which = 0; which < LIBRARIES; which++)
				printf("\t%.3f", best[l][s][which]);
			printf("\n");
		}
	return 0;
}
