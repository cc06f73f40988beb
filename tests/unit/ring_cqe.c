// tests/unit/ring_cqe.c: what a completion says beyond its result.
#include "ring/cqe.h"

#include "tests/unit/unit.h"

static_assert(sizeof(struct io_uring_cqe) == 16);
static_assert(sizeof(struct io_uring_recvmsg_out) == 16);
static_assert(offsetof(struct io_uring_recvmsg_out, controllen) == 4);
static_assert(offsetof(struct io_uring_recvmsg_out, payloadlen) == 8);
static_assert(offsetof(struct io_uring_recvmsg_out, flags) == 12);

UNIT(failed)
{
	static const struct {
		int32_t res;
		bool failed;
	} cases[] = {{0, false},    {1, false},     {INT32_MAX, false}, {-1, true},
		     {-4095, true}, {-4096, false}, {INT32_MIN, false}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		CHECK_EQUAL(cqe_failed(&(struct io_uring_cqe){.res = cases[i].res}), cases[i].failed);
}

UNIT(buffer_id)
{
	CHECK_EQUAL(cqe_buffer_id(&(struct io_uring_cqe){.flags = 0}), -1);
	CHECK_EQUAL(cqe_buffer_id(&(struct io_uring_cqe){.flags = 0xffff0002}), -1); // not said to be one
	CHECK_EQUAL(cqe_buffer_id(&(struct io_uring_cqe){.flags = 0x00000001}), 0);
	CHECK_EQUAL(cqe_buffer_id(&(struct io_uring_cqe){.flags = 0x12340001}), 0x1234);
	CHECK_EQUAL(cqe_buffer_id(&(struct io_uring_cqe){.flags = 0xffff0013}), 0xffff);
	CHECK(!cqe_buffer_goes_on(&(struct io_uring_cqe){.flags = 0x12340001}));
	CHECK(!cqe_buffer_goes_on(&(struct io_uring_cqe){.flags = 0x12340010}));
	CHECK(cqe_buffer_goes_on(&(struct io_uring_cqe){.flags = 0x12340011}));
}

// A buffer of 16 bytes of head, 8 of room for a name, 8 for control data, and 6 of payload.
struct received {
	uint8_t bytes[64];
};

static struct received received(uint32_t name, uint32_t control, uint32_t payload, uint32_t flags)
{
	struct received made = {};
	struct io_uring_recvmsg_out head = {name, control, payload, flags};
	__builtin_memcpy(made.bytes, &head, sizeof(head));
	return made;
}

#define RESULT (16 + 8 + 8 + 6)

UNIT(message_is_taken_apart)
{
	struct received made = received(5, 4, 6, 0);
	struct cqe_message message;
	CHECK(cqe_message(SPAN(made.bytes), RESULT, 8, 8, &message));
	CHECK_EQUAL(message.name.ptr, made.bytes + 16);
	CHECK_EQUAL(message.name.len, 5);
	CHECK_EQUAL(message.name_length, 5);
	CHECK_EQUAL(message.control.ptr, made.bytes + 24);
	CHECK_EQUAL(message.control.len, 4);
	CHECK_EQUAL(message.payload.ptr, made.bytes + 32);
	CHECK_EQUAL(message.payload.len, 6);
	CHECK_EQUAL(message.length, 6);
	CHECK_EQUAL(message.flags, 0);

	// Nothing of anything.
	made = received(0, 0, 0, 0);
	CHECK(cqe_message(SPAN(made.bytes), 16, 0, 0, &message));
	CHECK_EQUAL(message.name.len + message.control.len + message.payload.len, 0);

	// At the edge, and not aligned.
	uint8_t odd[17 + 3];
	__builtin_memcpy(odd + 1, (received(0, 0, 3, 0)).bytes, 19);
	CHECK(cqe_message((struct span){odd + 1, 19}, 19, 0, 0, &message));
	CHECK_EQUAL(message.payload.ptr, odd + 17);
	CHECK_EQUAL(message.payload.len, 3);
}

UNIT(message_that_was_cut)
{
	struct received made = received(28, 8, 1000, 0x20 | 0x8); // MSG_TRUNC and MSG_CTRUNC
	struct cqe_message message;
	CHECK(cqe_message(SPAN(made.bytes), RESULT, 8, 8, &message));
	CHECK_EQUAL(message.name.len, 8);
	CHECK_EQUAL(message.name_length, 28);
	CHECK_EQUAL(message.payload.len, 6);
	CHECK_EQUAL(message.length, 1000);
	CHECK_EQUAL(message.flags, 0x28);
}

UNIT(message_whose_numbers_do_not_fit)
{
	struct received made = received(5, 4, 6, 0);
	struct cqe_message message = {.flags = 77};
	CHECK(!cqe_message(SPAN(made.bytes), -105, 8, 8, &message));
	CHECK(!cqe_message(SPAN(made.bytes), 0, 0, 0, &message));
	CHECK(!cqe_message(SPAN(made.bytes), 15, 0, 0, &message));
	CHECK(!cqe_message(SPAN(made.bytes), 65, 8, 8, &message)); // more than the buffer
	CHECK(!cqe_message((struct span){made.bytes, 16}, 17, 0, 0, &message));
	CHECK(!cqe_message(SPAN(made.bytes), 31, 8, 8, &message)); // less than the room
	CHECK(!cqe_message(SPAN(made.bytes), 23, 8, 0, &message));
	CHECK(!cqe_message(SPAN(made.bytes), RESULT, UINT32_MAX, 8, &message));
	CHECK(!cqe_message(SPAN(made.bytes), RESULT, 8, SIZE_MAX, &message));
	CHECK(!cqe_message(SPAN(made.bytes), RESULT, 8, 3, &message)); // more control data than room
	CHECK_EQUAL(message.flags, 77);
	CHECK(cqe_message(SPAN(made.bytes), 32, 8, 8, &message));
	CHECK_EQUAL(message.payload.len, 0);
}
