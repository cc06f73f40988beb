// tests/unit/ring_resize.c: other queues for a ring that runs.
#include "ring/register.h"
#include "tests/unit/ring_needs.h"

static const struct ring_options resizable = {.single_issuer = true, .defer_taskrun = true};

// The kernel, but for a mapping that fails.
static struct ring_engine picky;
static int maps_until_failure;

static long picky_map(int fd, size_t size, unsigned long long part)
{
	return --maps_until_failure == 0 ? -ENOMEM : ring_kernel.map(fd, size, part);
}

static void use_whole_queue(struct io_uring *ring, unsigned entries)
{
	CHECK_EQUAL(ring_space(ring), entries);
	for (unsigned i = 0; i < entries; i++)
		CHECK_EQUAL(ring_push(ring, sqe_nop(), i), 0);
	CHECK_EQUAL(ring_push(ring, sqe_nop(), 0), -EAGAIN);
	CHECK_EQUAL(ring_submit(ring, entries), entries);
	for (unsigned i = 0; i < entries; i++)
		CHECK_POP(ring, i, 0);
	CHECK_EMPTY(ring);
}

UNIT(queues_grow_and_shrink)
{
	static const unsigned sizes[] = {8, 64, 1, 4096, 16, 2, 256, 256, 4};
	struct held before = held_now();
	struct io_uring ring;
	if (!open_or_skip(&ring, 4, resizable))
		return;
	struct pair pipe = make_pipe(); // one operation stays in flight over all of it
	uint8_t byte[1];
	CHECK_EQUAL(ring_push(&ring, sqe_read(pipe.read, SPAN(byte), SQE_AT_POSITION), 1000000), 0);
	CHECK_EQUAL(ring_submit(&ring, 0), 1);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), i), 0); // what push knows of the room is of the old queue then
		CHECK_EQUAL(ring_submit(&ring, 1), 1);
		CHECK_POP(&ring, i, 0);
		int error = ring_resize(&ring, (struct ring_size){.entries = sizes[i]});
		if (error == -EINVAL)
			close_pair(pipe);
		NEEDS(&ring, error, 6, 13, "resize");
		CHECK_EQUAL(error, 0);
		CHECK_EQUAL(ring.sq.ring_entries, sizes[i]);
		CHECK_EQUAL(ring.cq.ring_entries, 2 * sizes[i]);
		use_whole_queue(&ring, sizes[i]);
	}
	CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1);
	CHECK_EQUAL(ring_submit(&ring, 1), 0);
	CHECK_POP(&ring, 1000000, 1);
	close_pair(pipe);
	close_ring(&ring);
	CHECK_HELD(before);
}

UNIT(what_is_pushed_and_ready_stays_in_order)
{
	struct io_uring ring;
	if (!open_or_skip(&ring, 8, resizable))
		return;
	for (unsigned i = 0; i < 11; i++) { // so that no index is a multiple of anything
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), i), 0);
		CHECK_EQUAL(ring_submit(&ring, 1), 1);
		CHECK_POP(&ring, i, 0);
	}
	for (unsigned i = 0; i < 5; i++)
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), 100 + i), 0);
	CHECK_EQUAL(ring_submit(&ring, 5), 5);
	for (unsigned i = 0; i < 7; i++)
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), 200 + i), 0);

	int error = ring_resize(&ring, (struct ring_size){.entries = 4});
	NEEDS(&ring, error, 6, 13, "resize");
	CHECK_EQUAL(error, -EOVERFLOW); // seven do not fit four
	CHECK_EQUAL(ring_resize(&ring, (struct ring_size){.entries = 32, .cq_entries = 4}), -EINVAL);
	CHECK_EQUAL(ring.sq.ring_entries, 8);
	CHECK_EQUAL(ring_resize(&ring, (struct ring_size){.entries = 32, .cq_entries = 128}), 0);
	CHECK_EQUAL(ring.sq.ring_entries, 32);
	CHECK_EQUAL(ring.cq.ring_entries, 128);
	CHECK_EQUAL(ring_space(&ring), 25);
	for (unsigned i = 7; i < 32; i++)
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), 200 + i), 0);
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 0), -EAGAIN);
	CHECK_EQUAL(ring_ready(&ring), 5);
	for (unsigned i = 0; i < 5; i++)
		CHECK_POP(&ring, 100 + i, 0);
	CHECK_EQUAL(ring_submit(&ring, 32), 32);
	CHECK_EQUAL(ring_resize(&ring, (struct ring_size){.entries = 8}), -EOVERFLOW); // 32 are ready, and 16 would fit
	for (unsigned i = 0; i < 32; i++)
		CHECK_POP(&ring, 200 + i, 0);
	CHECK_EMPTY(&ring);
	close_ring(&ring);
}

UNIT(sizes_that_cannot_be)
{
	struct io_uring ring;
	if (!open_or_skip(&ring, 8, resizable))
		return;
	int error = ring_resize(&ring, (struct ring_size){.entries = 8});
	NEEDS(&ring, error, 6, 13, "resize");
	CHECK_EQUAL(ring_resize(&ring, (struct ring_size){}), -EINVAL);
	CHECK_EQUAL(ring_resize(&ring, (struct ring_size){.entries = 32769}), -EINVAL);
	CHECK_EQUAL(ring_resize(&ring, (struct ring_size){.entries = 40000, .clamp = true}), 0);
	CHECK_EQUAL(ring.sq.ring_entries, 32768);
	CHECK_EQUAL(ring_resize(&ring, (struct ring_size){.entries = 5}), 0);
	use_whole_queue(&ring, 8);
	close_ring(&ring);
}

UNIT(rings_that_cannot_be_resized)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	CHECK_EQUAL(ring_resize(&ring, (struct ring_size){.entries = 16}), -EINVAL);
	use_whole_queue(&ring, 8);
	close_ring(&ring);

	struct ring_options options = resizable;
	options.index_array = true;
	if (!open_or_skip(&ring, 8, options))
		return;
	CHECK_EQUAL(ring_resize(&ring, (struct ring_size){.entries = 16}), -EINVAL);
	use_whole_queue(&ring, 8);
	close_ring(&ring);

	static _Alignas(65536) uint8_t memory[65536];
	int error = ring_open_in(&ring, 8, resizable, SPAN(memory));
	if (error == 0) {
		CHECK_EQUAL(ring_resize(&ring, (struct ring_size){.entries = 16}), -EINVAL);
		use_whole_queue(&ring, 8);
		close_ring(&ring);
	}
}

// What the kernel would lose is not given to it to move.
UNIT(wide_entries_are_taken_first)
{
	struct ring_options options = resizable;
	options.cqe32 = true;
	options.sqe128 = true;
	struct io_uring ring;
	if (!open_or_skip(&ring, 8, options))
		return;
	int error = ring_resize(&ring, (struct ring_size){.entries = 16});
	NEEDS(&ring, error, 6, 13, "resize");
	CHECK_EQUAL(error, 0);
	struct ring_cqe32 done = {};
	for (unsigned i = 0; i < 3; i++)
		CHECK_EQUAL(ring_push128(&ring, sqe_nop(), nullptr, i), 0);
	CHECK_EQUAL(ring_resize(&ring, (struct ring_size){.entries = 32}), -EBUSY);
	CHECK_EQUAL(ring_submit(&ring, 3), 3);
	CHECK_EQUAL(ring_resize(&ring, (struct ring_size){.entries = 32}), -EBUSY);
	for (unsigned i = 0; i < 3; i++)
		CHECK(ring_pop32(&ring, &done) && done.user_data == i && done.res == 0);
	CHECK_EQUAL(ring_resize(&ring, (struct ring_size){.entries = 32}), 0);
#ifdef __OPTIMIZE__
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 0), -EINVAL); // the narrow verb is still refused
#endif
	for (unsigned i = 0; i < 32; i++)
		CHECK_EQUAL(ring_push128(&ring, sqe_nop(), nullptr, i), 0);
	CHECK_EQUAL(ring_submit(&ring, 32), 32);
	for (unsigned i = 0; i < 32; i++)
		CHECK(ring_pop32(&ring, &done) && done.user_data == i && done.res == 0);
	close_ring(&ring);
}

// The indices as they are after four thousand million entries: nothing is ready or pushed beyond them, but for a moment.
UNIT(indices_that_wrap_are_waited_for)
{
	struct io_uring ring;
	if (!open_or_skip(&ring, 8, resizable))
		return;
	unsigned head = *ring.cq.khead, tail = *ring.cq.ktail;
	*ring.cq.khead = UINT32_MAX - 1;
	*ring.cq.ktail = 2;
	CHECK_EQUAL(ring_resize(&ring, (struct ring_size){.entries = 16}), -EBUSY);
	*ring.cq.khead = head;
	*ring.cq.ktail = tail;
	close_ring(&ring);
}

UNIT(no_memory_to_map_the_new_queues)
{
	for (int at = 1; at <= 2; at++) {
		struct held before = held_now();
		picky = ring_kernel;
		picky.map = picky_map;
		maps_until_failure = 0;
		struct ring_options options = resizable;
		options.engine = &picky;
		struct io_uring ring;
		if (!open_or_skip(&ring, 8, options))
			return;
		struct pair pipe = make_pipe();
		uint8_t byte[1];
		CHECK_EQUAL(ring_push(&ring, sqe_read(pipe.read, SPAN(byte), SQE_AT_POSITION), 1), 0);
		CHECK_EQUAL(ring_submit(&ring, 0), 1);
		maps_until_failure = at;
		int error = ring_resize(&ring, (struct ring_size){.entries = 16});
		if (error == -EINVAL && kernel_is_older(6, 13)) {
			close_pair(pipe);
			close_ring(&ring);
			UNIT_SKIP(STR("needs Linux 6.13: resize"));
		}
		CHECK_EQUAL(error, -ENOTRECOVERABLE);
		int64_t start = monotonic_ns();
		close_ring(&ring);
		CHECK(monotonic_ns() - start < 1000000000);
		close_pair(pipe);
		CHECK_HELD(before);
	}
}
