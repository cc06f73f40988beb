// tests/bench/nop/liburing.c: by liburing, as its manual pages do it: an entry is filled in its place, completions are looked at
// in theirs, and given back a batch at a time.
#include <liburing.h>

#include "work.h"

static struct io_uring ring;

void open_ring(bool defer)
{
	if (io_uring_queue_init(ENTRIES, &ring, defer ? IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN : 0) !=
	    0)
		fail("no ring");
}

static inline bool finish(unsigned count, int res, uint64_t *sum)
{
	if (io_uring_submit_and_wait(&ring, count) != (int)count)
		return false;
	uint64_t tokens = *sum;
	struct io_uring_cqe *done;
	unsigned head, popped = 0;
	io_uring_for_each_cqe(&ring, head, done)
	{
		if (done->res != res)
			return false;
		tokens += done->user_data;
		popped++;
	}
	io_uring_cq_advance(&ring, popped);
	*sum = tokens;
	return popped == count;
}

static bool single_nops(uint64_t count, uint64_t *sum)
{
	uint64_t tokens = 0;
	for (uint64_t token = 0; token < count; token++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
		if (sqe == NULL)
			return false;
		io_uring_prep_nop(sqe);
		io_uring_sqe_set_data64(sqe, token);
		struct io_uring_cqe *done;
		if (io_uring_submit_and_wait(&ring, 1) != 1 || io_uring_peek_cqe(&ring, &done) != 0 || done->res != 0)
			return false;
		tokens += done->user_data;
		io_uring_cqe_seen(&ring, done);
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
		for (unsigned i = 0; i < batch; i++, token++) {
			struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
			if (sqe == NULL)
				return false;
			io_uring_prep_nop(sqe);
			io_uring_sqe_set_data64(sqe, token);
		}
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
			struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
			if (sqe == NULL)
				return false;
			io_uring_prep_read(sqe, work->file, work->blocks[i], BLOCK, (uint64_t)i * BLOCK);
			io_uring_sqe_set_data64(sqe, token);
		}
		if (!finish(batch, BLOCK, &tokens))
			return false;
	}
	*sum = tokens;
	return true;
}

static bool pass(const int *from, const int *to, uint8_t (*sent)[MESSAGE], uint8_t (*received)[MESSAGE], unsigned batch,
		 uint64_t token, uint64_t *sum)
{
	for (unsigned i = 0; i < batch; i++, token++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
		if (sqe == NULL)
			return false;
		io_uring_prep_send(sqe, from[i], sent[i], MESSAGE, 0);
		io_uring_sqe_set_data64(sqe, 0);
		sqe = io_uring_get_sqe(&ring);
		if (sqe == NULL)
			return false;
		io_uring_prep_recv(sqe, to[i], received[i], MESSAGE, 0);
		io_uring_sqe_set_data64(sqe, token);
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
