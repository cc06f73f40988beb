// tests/unit/ring_do.c: one operation runs to its end, whatever else the ring is about.
//
// For either engine.
#include "ring/ring.h"

#include "tests/unit/ring_unit.h"

// Runs `sqe` and holds its result.
#define CHECK_DO(ring, sqe, result)                           \
	do {                                                  \
		struct io_uring_cqe did = {.user_data = 1};   \
		CHECK_EQUAL(ring_do((ring), (sqe), &did), 0); \
		CHECK_EQUAL(did.user_data, 0);                \
		CHECK_EQUAL(did.res, (result));               \
	} while (0)

static void push_nops(struct io_uring *ring, uint64_t from, uint64_t count)
{
	for (uint64_t token = from; token < from + count; token++)
		CHECK_EQUAL(ring_push(ring, sqe_nop(), token), 0);
}

UNIT(do_on_an_idle_ring)
{
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		struct io_uring ring;
		if (!open_or_skip(&ring, 1, ring_kinds[kind]))
			return;
		for (unsigned i = 0; i < 100; i++)
			CHECK_DO(&ring, sqe_nop(), 0);
		CHECK_DO(&ring, sqe_openat(AT_FDCWD, "/no/such", O_RDONLY, 0), -ENOENT);
		CHECK_EMPTY(&ring);
		CHECK_EQUAL(ring_space(&ring), 1);
		close_ring(&ring);
	}
}

// At every place of a small queue, with every number of older ones that fits, ready or only pushed.
UNIT(do_leaves_older_completions_in_order)
{
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		struct io_uring ring;
		if (!open_or_skip(&ring, 4, ring_kinds[kind]))
			return;
		uint64_t pushed = 0, popped = 0;
		for (unsigned round = 0; round < 400; round++) {
			unsigned ready = round % 4, fresh = round / 4 % 4;
			push_nops(&ring, pushed, ready);
			CHECK_EQUAL(ring_submit(&ring, ready), ready);
			push_nops(&ring, pushed + ready, fresh);
			pushed += ready + fresh;
			CHECK_DO(&ring, sqe_nop(), 0);
			CHECK_EQUAL(ring_ready(&ring), ready + fresh);
			while (popped < pushed)
				CHECK_POP(&ring, popped++, 0);
			CHECK_EMPTY(&ring);
		}
		close_ring(&ring);
	}
}

// The write that is done makes a read complete, perhaps before it and perhaps after it.
UNIT(do_leaves_newer_completions)
{
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		struct io_uring ring;
		if (!open_or_skip(&ring, 4, ring_kinds[kind]))
			return;
		struct pair pipe = make_pipe();
		for (unsigned i = 0; i < 100; i++) {
			uint8_t byte[1] = {};
			CHECK_EQUAL(ring_push(&ring, sqe_read(pipe.read, SPAN(byte), SQE_AT_POSITION), i), 0);
			CHECK_DO(&ring, sqe_write(pipe.write, STR("x"), SQE_AT_POSITION), 1);
			CHECK_DO(&ring, sqe_nop(), 0);
			CHECK_EQUAL(ring_submit(&ring, 1), 0);
			CHECK_POP(&ring, i, 1);
			CHECK_EQUAL(byte[0], 'x');
		}
		CHECK_EMPTY(&ring);
		close_pair(pipe);
		close_ring(&ring);
	}
}

// Nobody sends the data before the tenth alarm, and each of the nine before it wants the wait to end.
UNIT(do_does_not_return_on_a_signal)
{
	for (size_t kind = 0; kind < RING_KINDS; kind++) {
		struct io_uring ring;
		if (!open_or_skip(&ring, 4, ring_kinds[kind]))
			return;
		struct pair pipe = make_pipe(), other = make_pipe();
		uint8_t bytes[8] = {}, byte[1] = {};
		struct io_uring_cqe done = {};
		CHECK_EQUAL(ring_push(&ring, sqe_read(other.read, SPAN(byte), SQE_AT_POSITION), 7), 0);
		alarm_writes[0] = (struct alarm_write){5, other.write, STR("o")}; // wakes the wait, but is not it
		alarm_writes[1] = (struct alarm_write){10, pipe.write, STR("later")};
		alarm_every_us(2000);
		int error = ring_do(&ring, sqe_read(pipe.read, SPAN(bytes), SQE_AT_POSITION), &done);
		alarm_every_us(0);
		CHECK_EQUAL(error, 0);
		CHECK_EQUAL(done.res, 5);
		CHECK_BYTES(bytes, "later", 5);
		CHECK(alarms >= 10);
		CHECK_POP(&ring, 7, 1);
		CHECK_EQUAL(byte[0], 'o');
		CHECK_EMPTY(&ring);
		close_pair(pipe);
		close_pair(other);
		close_ring(&ring);
	}
}

UNIT(do_refuses_what_has_no_one_end)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4);
	struct io_uring_cqe done;
	CHECK_EQUAL(ring_do(&ring, sqe_linked(sqe_nop()), &done), -EINVAL);
	struct io_uring_sqe sqe = sqe_nop();
	sqe.flags = IOSQE_IO_HARDLINK;
	CHECK_EQUAL(ring_do(&ring, sqe, &done), -EINVAL);
	sqe.flags = IOSQE_CQE_SKIP_SUCCESS;
	CHECK_EQUAL(ring_do(&ring, sqe, &done), -EINVAL);
	CHECK_EQUAL(ring_do(&ring, sqe_accept_multishot(0, 0), &done), -EINVAL);
	CHECK_EQUAL(ring_space(&ring), 4);
	CHECK_EQUAL(ring_submit(&ring, 0), 0);
	close_ring(&ring);
}

UNIT(do_does_not_end_a_chain)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4);
	struct io_uring_cqe done;
	CHECK_EQUAL(ring_push(&ring, sqe_linked(sqe_nop()), 1), 0);
	CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), -EBUSY);
	CHECK_EQUAL(ring_space(&ring), 3);
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 2), 0); // ends it
	CHECK_DO(&ring, sqe_nop(), 0);
	CHECK_POP(&ring, 1, 0);
	CHECK_POP(&ring, 2, 0);
	CHECK_EQUAL(ring_push(&ring, sqe_linked(sqe_nop()), 3), 0);
	CHECK_EQUAL(ring_submit(&ring, 1), 1); // so does a submit
	CHECK_DO(&ring, sqe_nop(), 0);
	CHECK_POP(&ring, 3, 0);
	close_ring(&ring);
}

UNIT(do_waits_until_a_multishot_has_ended)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	struct sockaddr_in address;
	int listener = make_listener(&address);
	struct io_uring_cqe done = {};
	CHECK_EQUAL(ring_push(&ring, sqe_accept_multishot(listener, SOCK_CLOEXEC), 5), 0);
	CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), -EBUSY);
	CHECK_EQUAL(ring_submit(&ring, 0), 1);
	CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), -EBUSY);

	for (unsigned i = 0; i < 3; i++) {
		int client = make_connection(&address);
		CHECK(ring_submit(&ring, 1) >= 0);
		CHECK(ring_pop(&ring, &done) && done.user_data == 5 && (done.flags & IORING_CQE_F_MORE) != 0);
		if (CHECK(done.res >= 0))
			close_fd(done.res);
		close_fd(client);
		CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), -EBUSY);
	}
	CHECK_EQUAL(ring_push(&ring, sqe_cancel(5), 6), 0);
	CHECK_EQUAL(ring_submit(&ring, 2), 1);
	CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), -EBUSY); // its last completion may not be popped yet
	unsigned ended = 0;
	while (ring_pop(&ring, &done)) {
		CHECK_EQUAL(done.res, done.user_data == 5 ? -ECANCELED : 0);
		ended++;
	}
	CHECK_EQUAL(ended, 2);
	CHECK_DO(&ring, sqe_nop(), 0);
	close_fd(listener);
	close_ring(&ring);
}

UNIT(do_wants_a_sure_place)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4);
	CHECK_EQUAL(ring.cq.ring_entries, 8);
	struct io_uring_cqe done;
	push_nops(&ring, 0, 4);
	CHECK_EQUAL(ring_submit(&ring, 0), 4);
	push_nops(&ring, 4, 4); // not submitted, but they count too
	CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), -EBUSY);
	CHECK_EQUAL(ring_submit(&ring, 0), 4);
	CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), -EBUSY);
	CHECK_EQUAL(ring_ready(&ring), 8);
	CHECK_POP(&ring, 0, 0);
	CHECK_DO(&ring, sqe_nop(), 0);
	for (unsigned i = 1; i < 8; i++)
		CHECK_POP(&ring, i, 0);
	CHECK_EMPTY(&ring);

	// Held back behind a full queue: those count too.
	for (unsigned i = 0; i < 5; i++) {
		push_nops(&ring, 4 * i, 4);
		CHECK(ring_submit(&ring, 0) == 4);
	}
	for (unsigned i = 0; i < 13; i++) {
		CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), -EBUSY);
		CHECK_POP(&ring, i, 0);
	}
	CHECK_DO(&ring, sqe_nop(), 0);
	for (unsigned i = 13; i < 20; i++)
		CHECK_POP(&ring, i, 0);
	CHECK_EMPTY(&ring);
	close_ring(&ring);
}

UNIT(do_makes_room_in_a_full_queue)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4);
	for (uint64_t round = 0; round < 50; round++) {
		push_nops(&ring, 4 * round, 4);
		CHECK_DO(&ring, sqe_nop(), 0);
		for (uint64_t i = 0; i < 4; i++)
			CHECK_POP(&ring, 4 * round + i, 0);
		CHECK_EMPTY(&ring);
	}
	close_ring(&ring);
}

UNIT(do_passes_refused_entries)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4);
	struct io_uring_sqe bad = sqe_of(255, -1, nullptr, 0, 0);
	for (unsigned count = 1; count <= 4; count++) {
		for (unsigned i = 0; i < count; i++)
			CHECK_EQUAL(ring_push(&ring, bad, i), 0);
		CHECK_DO(&ring, sqe_nop(), 0);
		for (unsigned i = 0; i < count; i++)
			CHECK_POP(&ring, i, -EINVAL);
		CHECK_DO(&ring, bad, -EINVAL); // its own may be refused as well
	}
	close_ring(&ring);
}

UNIT(do_that_fails_leaves_nothing_of_itself)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4);
	struct io_uring_cqe done;
	int kept = make_dup(ring.ring_fd);
	close_fd(ring.ring_fd);
	for (unsigned others = 0; others <= 4; others++) {
		CHECK_EQUAL(ring_do(&ring, sqe_openat(AT_FDCWD, "/", O_RDONLY, 0), &done), -EBADF);
		CHECK_EQUAL(ring_space(&ring), 4 - others);
		if (others < 4)
			push_nops(&ring, others, 1);
	}
	dup_onto(kept, ring.ring_fd);
	close_fd(kept);
	CHECK_EQUAL(ring_submit(&ring, 4), 4);
	for (unsigned i = 0; i < 4; i++)
		CHECK_POP(&ring, i, 0);
	CHECK_EMPTY(&ring);
	CHECK_DO(&ring, sqe_nop(), 0);
	close_ring(&ring);
}
