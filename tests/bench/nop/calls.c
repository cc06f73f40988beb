// tests/bench/nop/calls.c: by plain system calls, one for each operation.
#include "work.h"

void open_ring(bool defer)
{
	(void)defer;
}

bool run_nop(struct work *work, uint64_t *sum)
{
	(void)work, (void)sum;
	return false; // there is no such call
}

bool run_read(struct work *work, uint64_t *sum)
{
	for (uint64_t token = 0; token < work->count;)
		for (unsigned i = 0; i < work->batch; i++, token++) {
			if (pread(work->file, work->blocks[i], BLOCK, (off_t)i * BLOCK) != BLOCK)
				return false;
			*sum += token;
		}
	return true;
}

static bool pass(const int *from, const int *to, uint8_t (*sent)[MESSAGE], uint8_t (*received)[MESSAGE], unsigned batch)
{
	for (unsigned i = 0; i < batch; i++)
		if (send(from[i], sent[i], MESSAGE, 0) != MESSAGE || recv(to[i], received[i], MESSAGE, 0) != MESSAGE)
			return false;
	return true;
}

bool run_echo(struct work *work, uint64_t *sum)
{
	for (uint64_t token = 0; token < work->count; token += work->batch) {
		if (!pass(work->here, work->there, work->sent, work->between, work->batch) ||
		    !pass(work->there, work->here, work->between, work->back, work->batch))
			return false;
		for (unsigned i = 0; i < work->batch; i++)
			*sum += token + i;
	}
	return true;
}
