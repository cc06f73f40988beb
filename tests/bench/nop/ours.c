// tests/bench/nop/ours.c: by ring/, as a program uses it.
#include "ring/ring.h"
#include "work.h"

static struct io_uring ring;

void open_ring(bool defer)
{
	struct ring_options options = {.single_issuer = defer, .defer_taskrun = defer};
	if (ring_open(&ring, ENTRIES, options) != 0)
		fail("no ring");
}

// Submits what was pushed and takes as many completions, each of which must say `res`. Their tokens are added to `sum`.
static inline bool finish(unsigned count, int res, uint64_t *sum)
{
	static struct ring_cqe done[ENTRIES];
	if (ring_submit(&ring, count) != (int)count || ring_pop_many(&ring, done, count) != count)
		return false;
	uint64_t tokens = *sum;
	for (unsigned i = 0; i < count; i++) {
		if (done[i].res != res)
			return false;
		tokens += done[i].user_data;
	}
	*sum = tokens;
	return true;
}

static bool single_nops(uint64_t count, uint64_t *sum)
{
	uint64_t tokens = 0;
	for (uint64_t token = 0; token < count; token++) {
		struct io_uring_cqe done;
		if (ring_push(&ring, sqe_nop(), token) != 0 || ring_submit(&ring, 1) != 1 || !ring_pop(&ring, &done) ||
		    done.res != 0)
			return false;
		tokens += done.user_data;
	}
	*sum = tokens;
	return true;
}

bool run_nop(struct work *work, uint64_t *sum)
{
	unsigned batch = work->batch;
	if (batch == 1)
		return single_nops(work->count, sum);
	uint64_t tokens = 0;
	for (uint64_t token = 0, count = work->count; token < count;) {
		for (unsigned i = 0; i < batch; i++, token++)
			if (ring_push(&ring, sqe_nop(), token) != 0)
				return false;
		if (!finish(batch, 0, &tokens))
			return false;
	}
	*sum = tokens;
	return true;
}

bool run_read(struct work *work, uint64_t *sum)
{
	unsigned batch = work->batch;
	uint64_t tokens = 0;
	for (uint64_t token = 0, count = work->count; token < count;) {
		for (unsigned i = 0; i < batch; i++, token++) {
			struct span into = SPAN(work->blocks[i]);
			if (ring_push(&ring, sqe_read(work->file, into, (uint64_t)i * BLOCK), token) != 0)
				return false;
		}
		if (!finish(batch, BLOCK, &tokens))
			return false;
	}
	*sum = tokens;
	return true;
}

// Sends messages from one end to the other. Only the receives have tokens, from `token` up.
static bool pass(const int *from, const int *to, uint8_t (*sent)[MESSAGE], uint8_t (*received)[MESSAGE], unsigned batch,
		 uint64_t token, uint64_t *sum)
{
	for (unsigned i = 0; i < batch; i++, token++) {
		struct str message = {(const char *)sent[i], MESSAGE};
		if (ring_push(&ring, sqe_send(from[i], message, 0), 0) != 0 ||
		    ring_push(&ring, sqe_recv(to[i], SPAN(received[i]), 0), token) != 0)
			return false;
	}
	return finish(2 * batch, MESSAGE, sum);
}

bool run_echo(struct work *work, uint64_t *sum)
{
	uint64_t back = 0;
	for (uint64_t token = 0; token < work->count; token += work->batch)
		if (!pass(work->here, work->there, work->sent, work->between, work->batch, token, sum) ||
		    !pass(work->there, work->here, work->between, work->back, work->batch, token, &back))
			return false;
	return back == *sum;
}
