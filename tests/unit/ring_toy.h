// tests/unit/ring_toy.h: an engine of a few lines in ordinary memory, for what no kernel here shows: indices about to wrap
// around, entries of two widths in one ring, a device that must be polled.
//
// Every operation is a nop that succeeds, and completes in the enter that takes it; in a ring with IORING_SETUP_IOPOLL
// only in an enter with GETEVENTS. A wide entry must lie in two places side by side, as the kernel wants it. [Linux
// io_uring/io_uring.c, io_init_req(), 6.19]
#pragma once

#include "ring/engine.h"
#include "ring/own.h"
#include "ring/ring.h"
#include "tests/unit/unit.h"

#define TOY_ENTRIES_MAX 64u
#define TOY_NOP128 63u // IORING_OP_NOP128, Linux 6.19

static struct {
	unsigned start; // of all indices
	int enters;
	unsigned flags; // of the last enter
	bool is_idle;   // takes nothing

	unsigned held; // completions of a polled ring that wait to be asked for
	uint64_t held_tokens[TOY_ENTRIES_MAX];
} toy;

static struct {
	_Alignas(64) unsigned sq_head, sq_tail, sq_mask, sq_entries, sq_flags, sq_dropped;
	_Alignas(64) unsigned cq_head, cq_tail, cq_mask, cq_entries, cq_flags, cq_overflow;
	_Alignas(64) struct ring_cqe cqes[2 * TOY_ENTRIES_MAX];
} toy_queues;

static _Alignas(64) struct io_uring_sqe toy_sqes[TOY_ENTRIES_MAX];

static bool toy_is_polled, toy_is_mixed;

static int toy_setup(unsigned entries, struct io_uring_params *params)
{
	if (!CHECK(entries <= TOY_ENTRIES_MAX && (entries & (entries - 1)) == 0))
		return -EINVAL;
	toy_is_polled = (params->flags & IORING_SETUP_IOPOLL) != 0;
	toy_is_mixed = (params->flags & IORING_SETUP_SQE_MIXED) != 0;
	toy.held = 0;
	toy_queues = (typeof(toy_queues)){
		.sq_head = toy.start,
		.sq_tail = toy.start,
		.sq_mask = entries - 1,
		.sq_entries = entries,
		.cq_head = toy.start,
		.cq_tail = toy.start,
		.cq_mask = 2 * entries - 1,
		.cq_entries = 2 * entries,
	};
	params->sq_entries = entries;
	params->cq_entries = 2 * entries;
	params->features = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP | IORING_FEAT_EXT_ARG;
#define TOY_AT(field) (unsigned)offsetof(typeof(toy_queues), field)
	params->sq_off = (struct io_sqring_offsets){
		.head = TOY_AT(sq_head),
		.tail = TOY_AT(sq_tail),
		.ring_mask = TOY_AT(sq_mask),
		.ring_entries = TOY_AT(sq_entries),
		.flags = TOY_AT(sq_flags),
		.dropped = TOY_AT(sq_dropped),
	};
	params->cq_off = (struct io_cqring_offsets){
		.head = TOY_AT(cq_head),
		.tail = TOY_AT(cq_tail),
		.ring_mask = TOY_AT(cq_mask),
		.ring_entries = TOY_AT(cq_entries),
		.flags = TOY_AT(cq_flags),
		.overflow = TOY_AT(cq_overflow),
		.cqes = TOY_AT(cqes),
	};
	return 1000; // a descriptor that nobody uses
}

static size_t toy_state_bytes(const struct io_uring_params *)
{
	return 0;
}

static long toy_map(int, size_t, unsigned long long part)
{
	return part == IORING_OFF_SQES ? (long)toy_sqes : (long)&toy_queues;
}

static void toy_unmap(void *, size_t)
{
}

static void toy_begin(void *, int, struct ring_place)
{
}

static void toy_post(uint64_t token)
{
	CHECK(toy_queues.cq_tail - toy_queues.cq_head < toy_queues.cq_entries);
	toy_queues.cqes[toy_queues.cq_tail & toy_queues.cq_mask] = (struct ring_cqe){.user_data = token};
	store_release(&toy_queues.cq_tail, toy_queues.cq_tail + 1);
}

static void toy_complete(uint64_t token)
{
	if (toy_is_polled)
		toy.held_tokens[toy.held++ % TOY_ENTRIES_MAX] = token;
	else
		toy_post(token);
}

static int toy_enter(void *, int, unsigned to_submit, unsigned, unsigned flags, const void *, size_t)
{
	toy.enters++;
	toy.flags = flags;
	if (toy.is_idle)
		return 0;
	unsigned head = toy_queues.sq_head;
	unsigned last = head + to_submit;
	CHECK(to_submit <= toy_queues.sq_tail - head);
	while (head != last) {
		const struct io_uring_sqe *sqe = &toy_sqes[head & toy_queues.sq_mask];
		bool is_wide = sqe->opcode == TOY_NOP128;
		if (is_wide)
			CHECK(toy_is_mixed && last - head >= 2 && (head & toy_queues.sq_mask) != toy_queues.sq_mask);
		head += is_wide ? 2 : 1;
		if ((sqe->flags & IOSQE_CQE_SKIP_SUCCESS) == 0)
			toy_complete(sqe->user_data);
	}
	store_release(&toy_queues.sq_head, head);
	if ((flags & IORING_ENTER_GETEVENTS) != 0) {
		for (unsigned i = 0; i < toy.held; i++)
			toy_post(toy.held_tokens[i]);
		toy.held = 0;
	}
	return (int)to_submit;
}

static int toy_register(void *, int, unsigned opcode, void *, unsigned)
{
	return opcode == IORING_REGISTER_SYNC_CANCEL ? -ENOENT : -EINVAL;
}

static void toy_close(void *, int)
{
}

static const struct ring_engine toy_engine = {
	.setup = toy_setup,
	.state_bytes = toy_state_bytes,
	.map = toy_map,
	.unmap = toy_unmap,
	.begin = toy_begin,
	.enter = toy_enter,
	.registers = toy_register,
	.close = toy_close,
};

// Opens a ring over the toy whose indices all begin at `start`.
static inline bool toy_open(struct io_uring *ring, unsigned entries, unsigned start, struct ring_options options)
{
	toy = (typeof(toy)){.start = start};
	options.engine = &toy_engine;
	options.fork_shares = true; // its memory is the test's own
	if (!CHECK_EQUAL(ring_open(ring, entries, options), 0))
		return false;
	ring->sq.sqe_head = ring->sq.sqe_tail = start;
	ring->sq.ends = (struct ring_ends){.push = start, .pop = start};
	ring->cq.own->wide_tail = start - 1;
	return true;
}
