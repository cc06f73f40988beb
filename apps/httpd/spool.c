// apps/httpd/spool.c: two halves that change places.
#include "apps/httpd/spool.h"

#include "crt/str.h"

struct spool spool_open(struct span memory, size_t bytes_max)
{
	size_t half = memory.len / 2;
	return (struct spool){
		.filling = out_to_memory((struct span){memory.ptr, half}),
		.other = {memory.ptr + half, half},
		.bytes_max = bytes_max,
	};
}

struct out *spool_line(struct spool *spool, size_t bytes_max)
{
	if (spool->filling.cap - spool->filling.len >= bytes_max)
		return &spool->filling;
	spool->dropped++;
	return nullptr;
}

struct str spool_next(struct spool *spool)
{
	if (spool->writing.len == 0 && spool->filling.len > 0) {
		struct span free = spool->other;
		spool->other = (struct span){spool->filling.ptr, spool->filling.cap};
		spool->writing = out_written(&spool->filling);
		spool->filling = out_to_memory(free);
	}
	struct str next = str_take(spool->writing, spool->bytes_max);
	if (next.len == spool->writing.len)
		return next;
	size_t lines = next.len;
	while (lines > 0 && next.ptr[lines - 1] != '\n')
		lines--;
	return lines > 0 ? str_take(next, lines) : next;
}

void spool_written(struct spool *spool, size_t bytes)
{
	spool->writing = str_skip(spool->writing, bytes);
}
