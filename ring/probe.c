// ring/probe.c: what this kernel's io_uring offers.
//
// Operations are asked for by IORING_REGISTER_PROBE (5.6), flags by IORING_REGISTER_QUERY (6.18). A kernel that has no
// query is asked for a small ring with each flag of set-up in turn: it answers -EINVAL to one that it does not know, and
// a ring or another error to one that it does. [io_uring_register(2); Linux io_uring/query.c]
#include "ring/probe.h"

#include "ring/own.h"

// An opcode is a byte. [io_uring_register(2), IORING_REGISTER_PROBE]
#define OPCODES 256u

// <linux/io_uring/query.h>, which distributions' headers lack: one question, and the answer to IO_URING_QUERY_OPCODES.
struct query {
	uint64_t next;
	uint64_t answer;
	uint32_t op; // 0: the opcodes and flags
	uint32_t size;
	int32_t result;
	uint32_t reserved[3];
};

struct query_opcodes {
	uint32_t operations, registers;
	uint64_t features, setup_flags, enter_flags, sqe_flags;
	uint32_t queries, reserved;
};

union operations {
	struct io_uring_probe head;
	uint8_t bytes[sizeof(struct io_uring_probe) + OPCODES * sizeof(struct io_uring_probe_op)];
};

static int ask_operations(struct io_uring *ring, union operations *into)
{
	for (size_t i = 0; i < sizeof(into->bytes); i++)
		into->bytes[i] = 0; // the kernel refuses anything else
	return ring_register(ring, IORING_REGISTER_PROBE, into, OPCODES);
}

static bool is_there(const union operations *operations, unsigned opcode)
{
	return opcode < operations->head.ops_len && (operations->head.ops[opcode].flags & IO_URING_OP_SUPPORTED) != 0;
}

bool ring_has(struct io_uring *ring, unsigned opcode)
{
	union operations operations;
	return ask_operations(ring, &operations) >= 0 && is_there(&operations, opcode);
}

static void probe_operations(struct ring_probe *probe, struct io_uring *ring)
{
	union operations operations;
	if (ask_operations(ring, &operations) < 0)
		return; // before 5.6
	probe->operation_count = operations.head.last_op + 1u;
	for (unsigned opcode = 0; opcode < OPCODES; opcode++)
		probe->operations[opcode / 64] |= (uint64_t)is_there(&operations, opcode) << opcode % 64;
}

static bool probe_flags(struct ring_probe *probe, struct io_uring *ring)
{
	struct query_opcodes answer = {0};
	struct query query = {.answer = (uintptr_t)&answer, .size = sizeof(answer)};
	int error = ring_register(ring, IORING_REGISTER_QUERY, &query, 0);
	if (error < 0 || query.result < 0)
		return false;
	probe->is_queried = true;
	probe->register_count = answer.registers;
	probe->features = answer.features;
	probe->setup_flags = answer.setup_flags;
	probe->enter_flags = answer.enter_flags;
	probe->sqe_flags = answer.sqe_flags;
	return true;
}

// The flags without which this one is refused whatever the kernel is. [io_uring_setup(2)]
static unsigned companions(unsigned flag)
{
	switch (flag) {
	case IORING_SETUP_SQ_AFF:
		return IORING_SETUP_SQPOLL;
	case IORING_SETUP_TASKRUN_FLAG:
		return IORING_SETUP_COOP_TASKRUN;
	case IORING_SETUP_DEFER_TASKRUN:
		return IORING_SETUP_SINGLE_ISSUER;
	case IORING_SETUP_REGISTERED_FD_ONLY:
		return IORING_SETUP_NO_MMAP; // with its memory at address 0, which is -EFAULT: it is known
	case IORING_SETUP_HYBRID_IOPOLL:
		return IORING_SETUP_IOPOLL;
	default:
		return 0;
	}
}

static bool is_flag_known(const struct ring_engine *engine, unsigned flag, int other_ring)
{
	struct io_uring_params params = {
		.flags = flag | companions(flag),
		.cq_entries = 2, // read with CQSIZE only
		.wq_fd = (unsigned)other_ring,
	};
	int fd = engine->setup(1, &params);
	if (fd >= 0)
		engine->close(nullptr, fd);
	return fd != -EINVAL;
}

static void try_flags(struct ring_probe *probe, const struct ring_engine *engine, int other_ring)
{
	for (unsigned bit = 0; ring_setup_flag_name(bit).text.len > 0; bit++)
		probe->setup_flags |= (uint64_t)is_flag_known(engine, 1u << bit, other_ring) << bit;
}

// What is left of more than there can be.
static void probe_limits(struct ring_probe *probe, const struct ring_engine *engine)
{
	struct io_uring_params params = {.flags = IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE, .cq_entries = UINT32_MAX};
	int fd = engine->setup(UINT32_MAX, &params);
	if (fd < 0)
		return;
	engine->close(nullptr, fd);
	probe->entries_max = params.sq_entries;
	probe->cq_entries_max = params.cq_entries;
}

int ring_probe(struct ring_probe *into, const struct ring_engine *engine)
{
	*into = (struct ring_probe){0};
	struct io_uring ring;
	int error = ring_open(&ring, 1, (struct ring_options){.engine = engine, .close_quick = true});
	if (error != 0)
		return error;
	engine = ring_engine(&ring);
	into->features = ring.features;
	probe_operations(into, &ring);
	if (!probe_flags(into, &ring))
		try_flags(into, engine, ring.ring_fd);
	error = ring_close(&ring);
	if (error == 0)
		probe_limits(into, engine);
	return error;
}
