// tests/programs-hosted/echo_shim.c: for echo.rs, which cannot read a C header: what there is inline, and options.
#include "ring/ring.h"

int shim_open(struct io_uring *ring, unsigned entries)
{
	struct ring_options options = {.single_issuer = true};
	return ring_open(ring, entries, options);
}

size_t shim_ring_bytes(void)
{
	return sizeof(struct io_uring);
}

int shim_push_read(struct io_uring *ring, int fd, uint8_t *into, size_t len, uint64_t token)
{
	struct span span = {into, len};
	return ring_push(ring, sqe_read(fd, span, SQE_AT_POSITION), token);
}

int shim_push_write(struct io_uring *ring, int fd, const char *from, size_t len, uint64_t token)
{
	struct str str = {from, len};
	return ring_push(ring, sqe_linked(sqe_write(fd, str, SQE_AT_POSITION)), token);
}
