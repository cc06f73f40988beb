// tests/unit/ring_wide.c: entries of 128 bytes and completions of 32, all of them or some, round the ends of the queues.
#include "ring/ring.h"
#include "tests/unit/ring_needs.h"
#include "tests/unit/ring_toy.h"
#include "tests/unit/ring_unit.h"

static_assert(TOY_NOP128 == IORING_OP_NOP128);

// A nop that completes wide, and says what it was told. [Linux io_uring/nop.c, 6.18]
static struct io_uring_sqe nop32(uint64_t first, uint64_t second)
{
	struct io_uring_sqe sqe = sqe_nop();
	sqe.rw_flags = IORING_NOP_CQE32;
	sqe.off = first;
	sqe.addr = second;
	return sqe;
}

// Pops one completion of any width and holds all of it.
#define CHECK_POP32(ring, token, first, second)           \
	do {                                              \
		struct ring_cqe32 wide_cqe = {.res = 99}; \
		CHECK(ring_pop32((ring), &wide_cqe));     \
		CHECK_EQUAL(wide_cqe.user_data, (token)); \
		CHECK_EQUAL(wide_cqe.res, 0);             \
		CHECK_EQUAL(wide_cqe.more[0], (first));   \
		CHECK_EQUAL(wide_cqe.more[1], (second));  \
	} while (0)

#define CHECK_EMPTY32(ring) CHECK(!ring_pop32((ring), &(struct ring_cqe32){}))

static bool has(unsigned flags, struct str lacking)
{
	struct io_uring_params params = {.flags = flags};
	int fd = sys_io_uring_setup(8, &params);
	if (fd >= 0)
		close_fd(fd);
	if (fd == -EINVAL)
		unit_skip(lacking);
	return fd != -EINVAL;
}

// Submissions.

UNIT(a_wide_entry_is_pushed_byte_for_byte)
{
	struct io_uring ring;
	if (!has(IORING_SETUP_SQE128, STR("this kernel has no sqe128")))
		return;
	RING_OR_SKIP(ring, 4, .sqe128 = true);
	for (unsigned which = 0; which < 8; which++) { // twice round
		union {
			struct io_uring_sqe sqe;
			uint8_t bytes[128];
		} entry = {};
		uint8_t command[80];
		for (uint8_t i = 0; i < 64; i++)
			entry.bytes[i] = (uint8_t)(0x80 + i);
		for (uint8_t i = 0; i < 80; i++)
			command[i] = (uint8_t)(which + i);
		entry.sqe.opcode = IORING_OP_NOP;
		entry.sqe.flags = 0;
		entry.sqe.ioprio = 0;
		const struct io_uring_sqe *slot = &ring.sq.sqes[(which % 4) * 2];
		CHECK_EQUAL(ring_push128(&ring, entry.sqe, which % 3 == 0 ? nullptr : command, 77), 0);
		entry.sqe.user_data = 77;
		for (unsigned i = 0; i < 80; i++)
			entry.bytes[48 + i] = which % 3 != 0 ? command[i] : i < 16 ? entry.bytes[48 + i] : 0;
		CHECK_BYTES(slot, entry.bytes, 128);
		CHECK_EQUAL(ring_submit(&ring, 1), 1);
		struct io_uring_cqe done;
		CHECK(ring_pop(&ring, &done) && done.user_data == 77);
	}
	close_ring(&ring);
}

UNIT(wide_entries_fill_the_queue)
{
	for (int wide = 0; wide < 2; wide++) {
		struct io_uring ring;
		if (!has(IORING_SETUP_SQE128 | IORING_SETUP_CQE32, STR("this kernel has no wide entries")))
			return;
		RING_OR_SKIP(ring, 8, .sqe128 = true, .cqe32 = wide != 0);
		for (uint64_t round = 0; round < 100; round++) {
			for (uint64_t i = 0; i < 8; i++) {
				CHECK_EQUAL(ring_space(&ring), 8 - i);
				CHECK_EQUAL(ring_push128(&ring, sqe_nop(), nullptr, 8 * round + i), 0);
			}
			CHECK_EQUAL(ring_push128(&ring, sqe_nop(), nullptr, 0), -EAGAIN);
			CHECK_EQUAL(ring_submit(&ring, 8), 8);
			for (uint64_t i = 0; i < 8; i++)
				CHECK_POP32(&ring, 8 * round + i, 0, 0);
			CHECK_EMPTY32(&ring);
		}
		for (uint64_t token = RING_TOKEN_LIMIT; token != 0; token++)
			CHECK_EQUAL(ring_push128(&ring, sqe_nop(), nullptr, token), -EINVAL);
		CHECK_EQUAL(ring_space(&ring), 8);
		close_ring(&ring);
	}
}

// Completions.

UNIT(a_wide_completion_says_more)
{
	struct io_uring ring;
	if (!has(IORING_SETUP_CQE32, STR("this kernel has no cqe32")))
		return;
	RING_OR_SKIP(ring, 4, .cqe32 = true);
	CHECK_EQUAL(ring_push(&ring, nop32(11, 12), 0), 0);
	CHECK_EQUAL(ring_submit(&ring, 1), 1);
	struct ring_cqe32 done = {};
	CHECK(ring_pop32(&ring, &done));
	if (done.res == -EINVAL) {
		close_ring(&ring);
		UNIT_SKIP(STR("this kernel has no nop that completes wide"));
	}
	CHECK(done.more[0] == 11 && done.more[1] == 12);
	for (uint64_t round = 1; round < 100; round++) {
		for (uint64_t i = 0; i < 3; i++)
			CHECK_EQUAL(ring_push(&ring, nop32(round, i), 3 * round + i), 0);
		CHECK_EQUAL(ring_submit(&ring, 3), 3);
		CHECK_EQUAL(ring_ready(&ring), 3);
		for (uint64_t i = 0; i < 3; i++)
			CHECK_POP32(&ring, 3 * round + i, round, i);
		CHECK_EMPTY32(&ring);
		CHECK_EQUAL(ring_in_flight(&ring), 0);
	}
	// More than fit.
	for (uint64_t i = 0; i < 20; i++) {
		CHECK_EQUAL(ring_push(&ring, nop32(i, ~i), i), 0);
		CHECK_EQUAL(ring_submit(&ring, 0), 1);
	}
	for (uint64_t i = 0; i < 20; i++)
		CHECK_POP32(&ring, i, i, ~i);
	CHECK_EMPTY32(&ring);
	close_ring(&ring);
}

// Narrow and wide ones in turn, so that a wide one would be torn apart at the end of the queue now and then: there the
// kernel leaves a place out. [IORING_CQE_F_SKIP, Linux 6.18]
UNIT(completions_of_both_widths)
{
	if (!has(IORING_SETUP_CQE_MIXED, STR("this kernel has no cqe_mixed")))
		return;
	for (uint64_t every = 1; every < 6; every++) {
		struct io_uring ring;
		RING_OR_SKIP(ring, 8, .cqe_mixed = true);
		uint64_t token = 0;
		for (unsigned round = 0; round < 300; round++) {
			uint64_t first = token;
			unsigned batch = round % 5 + 1;
			for (; token < first + batch; token++)
				CHECK_EQUAL(ring_push(&ring, token % every == 0 ? nop32(token, 1) : sqe_nop(), token),
					    0);
			CHECK_EQUAL(ring_submit(&ring, 0), batch);
			CHECK(ring_ready(&ring) >= batch);
			for (uint64_t at = first; at < token; at++)
				CHECK_POP32(&ring, at, at % every == 0 ? at : 0, at % every == 0 ? 1 : 0);
			CHECK_EMPTY32(&ring);
			CHECK_EQUAL(ring_in_flight(&ring), 0);
		}
		close_ring(&ring);
	}
}

// Linux 6.18 loses its way where wide completions of a mixed ring overflow: it copies a place that holds one half of them.
// What the library does about the narrow ones is seen all the same.
UNIT(mixed_completions_that_do_not_fit)
{
	if (!has(IORING_SETUP_CQE_MIXED, STR("this kernel has no cqe_mixed")))
		return;
	struct io_uring ring;
	RING_OR_SKIP(ring, 8, .cqe_mixed = true);
	for (uint64_t i = 0; i < 40; i++) {
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), i), 0);
		CHECK_EQUAL(ring_submit(&ring, 0), 1);
	}
	for (uint64_t i = 0; i < 40; i++)
		CHECK_POP32(&ring, i, 0, 0);
	CHECK_EMPTY32(&ring);
	CHECK_EQUAL(ring_in_flight(&ring), 0);
	close_ring(&ring);
}

// One operation to its end.

UNIT(do_in_rings_of_wide_entries)
{
	if (!has(IORING_SETUP_SQE128 | IORING_SETUP_CQE32, STR("this kernel has no wide entries")))
		return;
	for (int kind = 1; kind < 4; kind++) {
		struct io_uring ring;
		RING_OR_SKIP(ring, 4, .sqe128 = (kind & 1) != 0, .cqe32 = (kind & 2) != 0);
		bool says_more = (kind & 2) != 0 && !kernel_is_older(6, 18); // a nop that completes wide
		for (uint64_t round = 0; round < 50; round++) {
			for (uint64_t i = 0; i < 3; i++) {
				struct io_uring_sqe sqe = says_more ? nop32(round, i) : sqe_nop();
				CHECK_EQUAL((kind & 1) != 0 ? ring_push128(&ring, sqe, nullptr, 3 * round + i)
							    : ring_push(&ring, sqe, 3 * round + i),
					    0);
			}
			struct io_uring_cqe done = {.user_data = 1, .res = 1};
			CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), 0);
			CHECK(done.user_data == 0 && done.res == 0);
			for (uint64_t i = 0; i < 3; i++)
				CHECK_POP32(&ring, 3 * round + i, says_more ? round : 0, says_more ? i : 0);
			CHECK_EMPTY32(&ring);
		}
		// A chain that is open.
		struct io_uring_cqe done;
		CHECK_EQUAL((kind & 1) != 0 ? ring_push128(&ring, sqe_linked(sqe_nop()), nullptr, 1)
					    : ring_push(&ring, sqe_linked(sqe_nop()), 1),
			    0);
		CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), -EBUSY);
		close_ring(&ring);
	}
}

UNIT(do_refuses_mixed_completions)
{
	if (!has(IORING_SETUP_CQE_MIXED, STR("this kernel has no cqe_mixed")))
		return;
	struct io_uring ring;
	RING_OR_SKIP(ring, 4, .cqe_mixed = true);
	struct io_uring_cqe done;
	CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), -EINVAL);
	CHECK_EQUAL(ring_space(&ring), 4);
	close_ring(&ring);
}

// The verb of the other width.

#ifdef __OPTIMIZE__
UNIT(the_wrong_width_is_refused)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4);
	CHECK_EQUAL(ring_push128(&ring, sqe_nop(), nullptr, 1), -EINVAL);
	CHECK_EQUAL(ring_space(&ring), 4);
	close_ring(&ring);

	if (!has(IORING_SETUP_SQE128 | IORING_SETUP_CQE32, STR("this kernel has no wide entries")))
		return;
	RING_OR_SKIP(ring, 4, .sqe128 = true, .cqe32 = true);
	struct io_uring_cqe done;
	struct ring_cqe many[4];
	for (uint64_t round = 0; round < 20; round++) { // whatever the other verbs did before
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), 1), -EINVAL);
		CHECK_EQUAL(ring_space(&ring), 4);
		for (uint64_t i = 0; i < round % 4 + 1; i++)
			CHECK_EQUAL(ring_push128(&ring, sqe_nop(), nullptr, i), 0);
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), 1), -EINVAL);
		CHECK_EQUAL(ring_submit(&ring, 0), round % 4 + 1);
		CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), 0);
		for (uint64_t i = 0; i < round % 4 + 1; i++) {
			CHECK(!ring_pop(&ring, &done));
			CHECK_EQUAL(ring_pop_many(&ring, many, 4), 0);
			CHECK_POP32(&ring, i, 0, 0);
		}
		CHECK(!ring_pop(&ring, &done));
	}
	close_ring(&ring);

	if (!has(IORING_SETUP_CQE_MIXED, STR("this kernel has no cqe_mixed")))
		return;
	RING_OR_SKIP(ring, 4, .cqe_mixed = true);
	for (uint64_t i = 0; i < 20; i++) {
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), i), 0);
		CHECK_EQUAL(ring_submit(&ring, 1), 1);
		CHECK(!ring_pop(&ring, &done));
		CHECK_EQUAL(ring_pop_many(&ring, many, 4), 0);
		CHECK_POP32(&ring, i, 0, 0);
	}
	close_ring(&ring);
}
#else
UNIT(the_wrong_width_is_refused)
{
	UNIT_SKIP(STR("a debug build ends the process there"));
}
#endif

// Submissions of both widths (Linux 6.19), which the toy checks as the kernel does: two places that lie side by side.

static struct io_uring_sqe nop128(void)
{
	struct io_uring_sqe sqe = sqe_nop();
	sqe.opcode = TOY_NOP128;
	return sqe;
}

UNIT(entries_of_both_widths)
{
	for (unsigned start = 0; start < 8; start++) { // a wide one first at each place
		for (uint64_t every = 1; every < 6; every++) {
			struct io_uring ring;
			if (!toy_open(&ring, 8, start, (struct ring_options){.sqe_mixed = true}))
				return;
			uint64_t pushed = 0, popped = 0;
			for (unsigned round = 0; round < 100; round++) {
				// As many as fit: what is refused leaves everything as it was.
				for (;;) {
					bool is_wide = pushed % every == 0;
					unsigned space = ring_space(&ring);
					int error = is_wide ? ring_push128(&ring, nop128(), nullptr, pushed)
							    : ring_push(&ring, sqe_nop(), pushed);
					if (error != 0) {
						CHECK_EQUAL(error, -EAGAIN);
						CHECK(ring_space(&ring) == space && space < (is_wide ? 3 : 1));
						break;
					}
					pushed++;
				}
				unsigned waiting = ring_publish(&ring);
				CHECK_EQUAL(waiting, 8 - ring_space(&ring));
				CHECK_EQUAL(ring_submit(&ring, 0), waiting);
				CHECK_EQUAL(ring_space(&ring), 8);
				CHECK_EQUAL(ring_in_flight(&ring), pushed - popped);
				while (popped < pushed)
					CHECK_POP(&ring, popped++, 0);
				CHECK_EMPTY(&ring);
				CHECK_EQUAL(ring_in_flight(&ring), 0);
				struct io_uring_cqe done;
				CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), 0);
			}
			close_ring(&ring);
		}
	}
}

UNIT(a_chain_of_both_widths)
{
	for (unsigned start = 0; start < 8; start++) {
		struct io_uring ring;
		struct io_uring_cqe done;
		if (!toy_open(&ring, 8, start, (struct ring_options){.sqe_mixed = true}))
			return;
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), 0), 0);
		CHECK_EQUAL(ring_push128(&ring, sqe_linked(nop128()), nullptr, 1), 0);
		CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), -EBUSY);
		CHECK_EQUAL(ring_push(&ring, sqe_linked(sqe_nop()), 2), 0);
		CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), -EBUSY);
		CHECK_EQUAL(ring_push128(&ring, nop128(), nullptr, 3), 0);
		CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), 0);
		for (unsigned i = 0; i < 4; i++)
			CHECK_POP(&ring, i, 0);
		close_ring(&ring);
	}
}

// What close takes back is not in flight: the second places and the fillers neither.
UNIT(entries_of_both_widths_are_taken_back)
{
	for (unsigned start = 0; start < 8; start++) {
		struct io_uring ring;
		if (!toy_open(&ring, 8, start, (struct ring_options){.sqe_mixed = true, .close_ms = 100}))
			return;
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), 0), 0);
		CHECK_EQUAL(ring_push128(&ring, nop128(), nullptr, 1), 0);
		CHECK_EQUAL(ring_push128(&ring, nop128(), nullptr, 2), 0);
		struct io_uring_sqe silent = nop128();
		silent.flags = IOSQE_CQE_SKIP_SUCCESS;
		CHECK_EQUAL(ring_push128(&ring, silent, nullptr, 3), 0);
		ring_take_back(&ring, start);
		CHECK_EQUAL(ring_space(&ring), 8);
		CHECK_EQUAL(ring_in_flight(&ring), 0);
		CHECK_EQUAL(ring.cq.own->silent, 0);
		close_ring(&ring);
	}
}
