// tests/programs-hosted/ring_layout.h: prints where each field of struct io_uring lies, one a line, for tests/liburing.bats.
// Whoever includes it has declared the struct: ours (ring_layout.c), or liburing's (liburing_layout.c).
#include <stddef.h>
#include <stdio.h>

#define SIZE(type) printf("%s: %zu bytes, aligned to %zu\n", #type, sizeof(struct type), _Alignof(struct type))
#define FIELD(type, field)                                                                \
	printf("%s.%s: at %zu, %zu bytes\n", #type, #field, offsetof(struct type, field), \
	       sizeof(((struct type *)0)->field))

int main(void)
{
	SIZE(io_uring);
	FIELD(io_uring, sq);
	FIELD(io_uring, cq);
	FIELD(io_uring, flags);
	FIELD(io_uring, ring_fd);
	FIELD(io_uring, features);
	FIELD(io_uring, enter_ring_fd);
	FIELD(io_uring, int_flags);
	FIELD(io_uring, pad);
	FIELD(io_uring, pad2);

	SIZE(io_uring_sq);
	FIELD(io_uring_sq, khead);
	FIELD(io_uring_sq, ktail);
	FIELD(io_uring_sq, kring_mask);
	FIELD(io_uring_sq, kring_entries);
	FIELD(io_uring_sq, kflags);
	FIELD(io_uring_sq, kdropped);
	FIELD(io_uring_sq, array);
	FIELD(io_uring_sq, sqes);
	FIELD(io_uring_sq, sqe_head);
	FIELD(io_uring_sq, sqe_tail);
	FIELD(io_uring_sq, ring_sz);
	FIELD(io_uring_sq, ring_ptr);
	FIELD(io_uring_sq, ring_mask);
	FIELD(io_uring_sq, ring_entries);
	FIELD(io_uring_sq, pad);

	SIZE(io_uring_cq);
	FIELD(io_uring_cq, khead);
	FIELD(io_uring_cq, ktail);
	FIELD(io_uring_cq, kring_mask);
	FIELD(io_uring_cq, kring_entries);
	FIELD(io_uring_cq, kflags);
	FIELD(io_uring_cq, koverflow);
	FIELD(io_uring_cq, cqes);
	FIELD(io_uring_cq, ring_sz);
	FIELD(io_uring_cq, ring_ptr);
	FIELD(io_uring_cq, ring_mask);
	FIELD(io_uring_cq, ring_entries);
	FIELD(io_uring_cq, pad);
	return 0;
}
