// tests/unit/ring_probe.c: what the kernel offers, by its own answer and, without IORING_REGISTER_QUERY, by trying; and the
// names of all that. (tests/ringinfo.bats compares with a program that shares nothing with the library.)
#include "ring/probe.h"

#include "tests/unit/ring_unit.h"

// The kernel, but as it was before some registration.
static unsigned registers_known;
static int sets_up, closes;

static int setup(unsigned entries, struct io_uring_params *params)
{
	int fd = ring_kernel.setup(entries, params);
	sets_up += fd >= 0;
	return fd;
}

static int registers(void *state, int fd, unsigned opcode, void *arg, unsigned count)
{
	return opcode < registers_known ? ring_kernel.registers(state, fd, opcode, arg, count) : -EINVAL;
}

static void close(void *state, int fd)
{
	closes++;
	ring_kernel.close(state, fd);
}

static struct ring_engine older(unsigned known)
{
	struct ring_engine engine = ring_kernel;
	registers_known = known;
	sets_up = closes = 0;
	engine.setup = setup;
	engine.registers = registers;
	engine.close = close;
	return engine;
}

#define PROBE_OR_SKIP(probe)                                         \
	do {                                                         \
		int probe_error = ring_probe(&(probe), nullptr);     \
		if (probe_error == -ENOSYS || probe_error == -EPERM) \
			UNIT_SKIP(ring_explain(probe_error));        \
		CHECK_EQUAL(probe_error, 0);                         \
	} while (0)

UNIT(the_kernel_is_asked)
{
	struct ring_probe probe;
	PROBE_OR_SKIP(probe);
	CHECK(ring_probe_has(&probe, IORING_OP_NOP));
	CHECK(ring_probe_has(&probe, IORING_OP_OPENAT2));
	CHECK(!ring_probe_has(&probe, 255));
	CHECK(!ring_probe_has(&probe, 256));
	CHECK(!ring_probe_has(&probe, UINT32_MAX));
	CHECK(!ring_probe_has(&probe, probe.operation_count));
	CHECK((probe.features & IORING_FEAT_NODROP) != 0);
	CHECK((probe.setup_flags & IORING_SETUP_SQPOLL) != 0);
	CHECK_EQUAL(probe.entries_max, 32768);
	CHECK_EQUAL(probe.cq_entries_max, 65536);

	struct io_uring ring;
	RING_OR_SKIP(ring, 1);
	CHECK_EQUAL(probe.features & UINT32_MAX, ring.features);
	for (unsigned opcode = 0; opcode < 256; opcode++)
		CHECK_EQUAL(ring_probe_has(&probe, opcode), ring_has(&ring, opcode));
	close_ring(&ring);
}

UNIT(without_a_query_the_flags_are_tried)
{
	struct ring_probe probe, tried;
	PROBE_OR_SKIP(probe);
	struct ring_engine engine = older(IORING_REGISTER_QUERY);
	struct held held = held_now();
	CHECK_EQUAL(ring_probe(&tried, &engine), 0);
	CHECK_EQUAL(closes, sets_up);
	CHECK(sets_up > 10);
	CHECK(!tried.is_queried);
	CHECK_EQUAL(tried.register_count, 0);
	CHECK_EQUAL(tried.enter_flags, 0);
	if (probe.is_queried)
		CHECK_EQUAL(tried.setup_flags, probe.setup_flags & (2 * IORING_SETUP_SQE_MIXED - 1));
	CHECK_EQUAL(tried.features, probe.features & UINT32_MAX);
	CHECK_BYTES(tried.operations, probe.operations, sizeof(probe.operations));
	CHECK_HELD(held);
}

UNIT(a_kernel_that_cannot_be_asked_for_operations_is_not_guessed_at)
{
	struct ring_probe probe;
	PROBE_OR_SKIP(probe);
	struct ring_engine engine = older(IORING_REGISTER_PROBE);
	CHECK_EQUAL(ring_probe(&probe, &engine), 0);
	CHECK_EQUAL(probe.operation_count, 0);
	CHECK(!ring_probe_has(&probe, IORING_OP_NOP));
}

static int forbidden(unsigned entries, struct io_uring_params *params)
{
	(void)entries, (void)params;
	return -EPERM;
}

UNIT(where_there_is_no_ring_the_error_is_ring_opens)
{
	struct ring_engine engine = ring_kernel;
	engine.setup = forbidden;
	struct ring_probe probe = {.features = 1};
	CHECK_EQUAL(ring_probe(&probe, &engine), -EPERM);
	CHECK_EQUAL(probe.features, 0);
}

// Every name that is there, and none beyond.

#define CHECK_NAME(name, words, first_major, first_minor)     \
	do {                                                  \
		struct ring_name checked_name = (name);       \
		CHECK_STR(checked_name.text, STR(words));     \
		CHECK_EQUAL(checked_name.major, first_major); \
		CHECK_EQUAL(checked_name.minor, first_minor); \
	} while (0)

UNIT(names)
{
	for (unsigned i = 0; i < IORING_OP_LAST; i++)
		CHECK(ring_operation_name(i).text.len >= 3);
	for (unsigned i = 0; i < IORING_REGISTER_LAST; i++)
		CHECK(ring_register_name(i).text.len > 9);
	CHECK_NAME(ring_operation_name(IORING_OP_NOP), "nop", 5, 1);
	CHECK_NAME(ring_operation_name(IORING_OP_EPOLL_CTL), "epoll_ctl", 5, 6);
	CHECK_NAME(ring_operation_name(IORING_OP_SOCKET), "socket", 5, 19);
	CHECK_NAME(ring_operation_name(IORING_OP_URING_CMD128), "uring_cmd128", 6, 19);
	CHECK_NAME(ring_operation_name(IORING_OP_LAST), "", 0, 0);
	CHECK_NAME(ring_operation_name(UINT32_MAX), "", 0, 0);
	CHECK_NAME(ring_register_name(IORING_UNREGISTER_NAPI), "unregister_napi", 6, 9);
	CHECK_NAME(ring_register_name(IORING_REGISTER_LAST), "", 0, 0);
	CHECK_NAME(ring_sqe_flag_name(IOSQE_IO_LINK_BIT), "LINK", 5, 3);
	CHECK_NAME(ring_sqe_flag_name(7), "", 0, 0);
	CHECK_NAME(ring_cqe_flag_name(1), "MORE", 5, 13);
	CHECK_NAME(ring_cqe_flag_name(6), "", 0, 0);
	CHECK_NAME(ring_cqe_flag_name(15), "32", 6, 18);
	CHECK_NAME(ring_setup_flag_name(1), "SQPOLL", 5, 1);
	CHECK_NAME(ring_setup_flag_name(19), "SQE_MIXED", 6, 19);
	CHECK_NAME(ring_enter_flag_name(0), "GETEVENTS", 5, 1);
	CHECK_NAME(ring_feature_name(1), "NODROP", 5, 5);
	CHECK_NAME(ring_feature_name(18), "", 0, 0);
}
