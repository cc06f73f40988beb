// apps/httpd/restrict.c: the operations that httpd pushes.
//
// What goes through a ring passes by the filter of system calls, so without this a connect or an open would be a matter of an entry.
// tests/httpd_sandbox.bats compares the list with the builders that the files of httpd call.
#include "apps/httpd/restrict.h"

#include <linux/io_uring.h>

#include "ring/register.h"

#define OPERATION(name) {.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_##name}

static const struct io_uring_restriction rules[] = {
	OPERATION(ACCEPT),
	OPERATION(ASYNC_CANCEL),
	OPERATION(NOP),
	OPERATION(OPENAT2),
	OPERATION(POLL_ADD),
	OPERATION(READ),
	OPERATION(RECV),
	OPERATION(SEND),
	OPERATION(SENDMSG),
	OPERATION(SHUTDOWN),
	OPERATION(WRITE),
	// A receive takes its buffer from the pool.
	{.opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED, .sqe_flags = IOSQE_BUFFER_SELECT},
};

int restrict_ring(struct io_uring *ring)
{
	return ring_restrict(ring, rules, sizeof(rules) / sizeof(*rules));
}
