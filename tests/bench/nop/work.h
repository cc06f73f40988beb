// tests/bench/nop/work.h: what every driver here is asked to do, and how it is timed. The same for C and, in
// peers/src/lib.rs, for Rust.
//
// usage: DRIVER nop|read|echo default|defer BATCH COUNT
//
//	nop    an operation that does nothing
//	read   4 KiB of a file that is in the page cache
//	echo   64 bytes over a socket pair and back: send, receive, send, receive
//
// COUNT of them, BATCH at a time (COUNT is a multiple of it): a batch is submitted and waited for together, by one call where there is a
// ring (two for an echo: there, and back). Prints the CPU time of one, user's and kernel's, in nanoseconds. Every result is checked;
// a wrong one ends the driver with status 1.
#pragma once

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH_MAX = 128, ENTRIES = 2 * BATCH_MAX, BLOCK = 4096, MESSAGE = 64 };

struct work {
	bool defer;
	unsigned batch;
	uint64_t count; // a multiple of batch
	int file;
	int here[BATCH_MAX], there[BATCH_MAX]; // the ends of the socket pairs
	uint8_t sent[BATCH_MAX][MESSAGE], between[BATCH_MAX][MESSAGE], back[BATCH_MAX][MESSAGE];
	uint8_t blocks[BATCH_MAX][BLOCK];
};

// What each driver has: opens its ring; runs a kind of work, and says whether each result was right. The operations' tokens are
// 0 to count - 1, and those that came back are added up in `sum`.
void open_ring(bool defer);
bool run_nop(struct work *work, uint64_t *sum);
bool run_read(struct work *work, uint64_t *sum);
bool run_echo(struct work *work, uint64_t *sum);

static _Noreturn void fail(const char *why)
{
	fprintf(stderr, "%s\n", why);
	exit(1);
}

// Byte `at` of the file, and of what is sent.
static uint8_t byte_at(size_t at)
{
	return (uint8_t)(at * 131 + (at >> 8) * 17);
}

static void prepare(struct work *work)
{
	char name[] = "/tmp/nop.XXXXXX";
	work->file = mkstemp(name);
	if (work->file < 0 || unlink(name) != 0)
		fail("no file");
	for (size_t i = 0; i < sizeof(work->blocks); i++)
		work->blocks[i / BLOCK][i % BLOCK] = byte_at(i);
	if (write(work->file, work->blocks, sizeof(work->blocks)) != sizeof(work->blocks))
		fail("cannot write the file");
	memset(work->blocks, 0, sizeof(work->blocks));
	for (size_t i = 0; i < BATCH_MAX; i++) {
		int ends[2];
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
			fail("no socket pair");
		work->here[i] = ends[0];
		work->there[i] = ends[1];
		for (size_t at = 0; at < MESSAGE; at++)
			work->sent[i][at] = byte_at(i * MESSAGE + at);
	}
}

static bool blocks_are_right(const struct work *work)
{
	for (size_t i = 0; i < (size_t)work->batch * BLOCK; i++)
		if (work->blocks[i / BLOCK][i % BLOCK] != byte_at(i))
			return false;
	return true;
}

static double cpu_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

int main(int argc, char **argv)
{
	static struct work work;
	if (argc != 5)
		fail("usage: DRIVER nop|read|echo default|defer BATCH COUNT");
	const char *kind = argv[1];
	uint64_t sum = 0;
	work.defer = strcmp(argv[2], "defer") == 0;
	work.batch = (unsigned)strtoul(argv[3], NULL, 10);
	if (work.batch < 1 || work.batch > BATCH_MAX)
		fail("BATCH is 1 to 128");
	work.count = strtoul(argv[4], NULL, 10) / work.batch * work.batch;
	prepare(&work);
	open_ring(work.defer);

	bool (*run)(struct work *, uint64_t *) = strcmp(kind, "nop") == 0    ? run_nop
						 : strcmp(kind, "read") == 0 ? run_read
									     : run_echo;
	double started = cpu_ns();
	bool is_right = run(&work, &sum);
	double ns = cpu_ns() - started;
	is_right = is_right && sum == work.count * (work.count - 1) / 2;
	if (run == run_read)
		is_right = is_right && blocks_are_right(&work);
	if (run == run_echo)
		is_right = is_right && memcmp(work.sent, work.back, (size_t)work.batch * MESSAGE) == 0;
	if (!is_right)
		fail("a wrong result");
	printf("%.3f\n", ns / (double)work.count);
	return 0;
}
