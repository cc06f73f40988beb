// ring/trace_none.c: nobody wants to see it.
#include "ring/trace.h"

void ring_trace_entries(struct io_uring *ring)
{
	(void)ring;
}

void ring_trace_completions(struct io_uring *ring)
{
	(void)ring;
}
