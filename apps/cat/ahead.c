// apps/cat/ahead.c: the read ahead, as one entry in a ring of one.
//
// The ring is opened at the first need and lives as long as the process, whose end closes it. If it cannot be opened, or the
// kernel refuses to work with it later, it is not tried again.
#include "apps/cat/ahead.h"

#include "crt/process.h"
#include "crt/trace.h"
#include "ring/ring.h"

static struct io_uring ring;
static enum { UNTRIED, OPEN, NONE } state;
static bool under_way;

static bool is_open(void)
{
	if (state == UNTRIED) {
		struct ring_options options = {.page_size = (unsigned)process.page_size, .trace = trace_wanted()};
		int error = ring_open(&ring, 1, options);
		state = error == 0 ? OPEN : NONE;
	}
	return state == OPEN;
}

void ahead_start(int input, struct span into)
{
	if (!is_open())
		return;

	// There is room: the ring has one entry, and the last one was taken before its completion was popped.
	if (ring_push(&ring, sqe_read(input, into, SQE_AT_POSITION), 0) == 0 && ring_submit(&ring, 0) == 1) {
		under_way = true;
		return;
	}
	// The kernel made a ring and will not enter it (a filter), or has no memory. Closing takes the entry back.
	(void)ring_close(&ring); // nothing is in flight, so there is nothing to wait for
	state = NONE;
}

long ahead_take(void)
{
	if (!under_way)
		return -EAGAIN;

	struct io_uring_cqe done;
	while (!ring_pop(&ring, &done))
		(void)ring_submit(&ring, 1); // whatever it says, the read runs, and only its completion ends the loan
	under_way = false;
	return done.res;
}
