// ring/trace_none.c: nobody wants to see it.
#include "ring/trace.h"

void trace_entries(struct io_uring *ring)
{
	(void)ring;
}

void trace_completions(struct io_uring *ring)
{
	(void)ring;
}
