// tests/unit/ring_sqe.c: every builder, byte for byte, against the layout that io_uring_enter(2) documents. Numbers are
// written out, not taken from headers: they are the kernel's promise. No ring is needed.
#include "ring/sqe.h"

#include <linux/openat2.h>
#include <linux/stat.h>

#include "tests/unit/unit.h"

// What an entry should be: 64 zero bytes, and fields by their offset. [io_uring_enter(2), struct io_uring_sqe]
struct layout {
	alignas(8) uint8_t bytes[64];
};

enum place {
	OPCODE = 0,
	FLAGS = 1,
	IOPRIO = 2,
	FD = 4,
	OFF = 8, // also addr2
	ADDR = 16,
	LEN = 24,
	OP_FLAGS = 28,
	USER_DATA = 32,
	BUF_INDEX = 40,
	PERSONALITY = 42,
	FILE_INDEX = 44,
	ADDR3 = 48,
};

// Little-endian, as all machines of Ringlet are.
static struct layout with(struct layout layout, enum place place, unsigned bytes, uint64_t value)
{
	for (unsigned i = 0; i < bytes; i++)
		layout.bytes[(unsigned)place + i] = (uint8_t)(value >> 8 * i);
	return layout;
}

static struct layout expected(uint8_t opcode, int fd, uint64_t addr, uint32_t len, uint64_t off)
{
	struct layout layout = with((struct layout){}, OPCODE, 1, opcode);
	layout = with(layout, FD, 4, (uint32_t)fd);
	layout = with(layout, ADDR, 8, addr);
	layout = with(layout, LEN, 4, len);
	return with(layout, OFF, 8, off);
}

#define CHECK_SQE(builder, right)                                        \
	do {                                                             \
		struct io_uring_sqe built = builder;                     \
		struct layout wanted = right;                            \
		static_assert(sizeof(built) == 64);                      \
		CHECK_BYTES(&built, wanted.bytes, sizeof(wanted.bytes)); \
	} while (0)

// Values whose bytes differ, so that a field in the wrong place or cut short shows.
static const int fd = 0x01020304;
static const uint32_t flags = 0x81828384, mode = 0x91929394;
static const uint64_t offset = 0xa1a2a3a4a5a6a7a8, token = 0xb1b2b3b4b5b6b7b8;

// Addresses that are only carried, never followed.
static void *const memory = (void *)(uintptr_t)0x7172737475767778;
static void *const other = (void *)(uintptr_t)0x6162636465666768;

static struct span into(size_t len)
{
	return (struct span){memory, len};
}

static struct str from(size_t len)
{
	return (struct str){memory, len};
}

UNIT(nop)
{
	CHECK_SQE(sqe_nop(), expected(0, -1, 0, 0, 0));
}

UNIT(poll)
{
	CHECK_SQE(sqe_poll(fd, flags), with(expected(6, fd, 0, 0, 0), OP_FLAGS, 4, flags));
}

UNIT(timeout)
{
	CHECK_SQE(sqe_timeout(memory, 0xc1c2c3c4, flags),
		  with(expected(11, -1, (uintptr_t)memory, 1, 0xc1c2c3c4), OP_FLAGS, 4, flags));
}

UNIT(accept)
{
	CHECK_SQE(sqe_accept(fd, memory, other, flags),
		  with(expected(13, fd, (uintptr_t)memory, 0, (uintptr_t)other), OP_FLAGS, 4, flags));
}

UNIT(accept_multishot)
{
	CHECK_SQE(sqe_accept_multishot(fd, flags),
		  with(with(expected(13, fd, 0, 0, 0), OP_FLAGS, 4, flags), IOPRIO, 2, 1));
}

UNIT(cancel)
{
	CHECK_SQE(sqe_cancel(token), expected(14, -1, token, 0, 0));
}

UNIT(openat)
{
	CHECK_SQE(sqe_openat(fd, memory, flags, mode),
		  with(expected(18, fd, (uintptr_t)memory, mode, 0), OP_FLAGS, 4, flags));
}

UNIT(close)
{
	CHECK_SQE(sqe_close(fd), expected(19, fd, 0, 0, 0));
}

UNIT(statx)
{
	CHECK_SQE(sqe_statx(fd, memory, flags, mode, other),
		  with(expected(21, fd, (uintptr_t)memory, mode, (uintptr_t)other), OP_FLAGS, 4, flags));
}

UNIT(read)
{
	CHECK_SQE(sqe_read(fd, into(0x51525354), offset), expected(22, fd, (uintptr_t)memory, 0x51525354, offset));
	CHECK_SQE(sqe_read(fd, into(1), SQE_AT_POSITION), expected(22, fd, (uintptr_t)memory, 1, UINT64_MAX));
}

UNIT(write)
{
	CHECK_SQE(sqe_write(fd, from(0x51525354), offset), expected(23, fd, (uintptr_t)memory, 0x51525354, offset));
	CHECK_SQE(sqe_write(fd, from(1), SQE_AT_POSITION), expected(23, fd, (uintptr_t)memory, 1, UINT64_MAX));
}

UNIT(send)
{
	CHECK_SQE(sqe_send(fd, from(0x51525354), flags),
		  with(expected(26, fd, (uintptr_t)memory, 0x51525354, 0), OP_FLAGS, 4, flags));
}

UNIT(recv)
{
	CHECK_SQE(sqe_recv(fd, into(0x51525354), flags),
		  with(expected(27, fd, (uintptr_t)memory, 0x51525354, 0), OP_FLAGS, 4, flags));
}

UNIT(openat2)
{
	static_assert(sizeof(struct open_how) == 24); // [openat2(2)]
	CHECK_SQE(sqe_openat2(fd, memory, other, 24), expected(28, fd, (uintptr_t)memory, 24, (uintptr_t)other));
}

UNIT(shutdown)
{
	CHECK_SQE(sqe_shutdown(fd, 2), expected(34, fd, 0, 2, 0));
}

UNIT(lengths_are_cut_to_what_one_call_transfers)
{
	static const struct {
		size_t len;
		uint32_t cut;
	} cases[] = {
		{0, 0},
		{1, 1},
		{0x7fffefff, 0x7fffefff},
		{0x7ffff000, 0x7ffff000},
		{0x7ffff001, 0x7ffff000},
		{0x80000000, 0x7ffff000},
		{0x100000001, 0x7ffff000}, // whose low 32 bits are small
		{SIZE_MAX, 0x7ffff000},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_EQUAL(sqe_read(fd, into(cases[i].len), 0).len, cases[i].cut);
		CHECK_EQUAL(sqe_write(fd, from(cases[i].len), 0).len, cases[i].cut);
		CHECK_EQUAL(sqe_send(fd, from(cases[i].len), 0).len, cases[i].cut);
		CHECK_EQUAL(sqe_recv(fd, into(cases[i].len), 0).len, cases[i].cut);
	}
}

UNIT(modifiers_change_one_thing)
{
	struct layout read = expected(22, fd, (uintptr_t)memory, 5, offset);
	CHECK_SQE(sqe_linked(sqe_read(fd, into(5), offset)), with(read, FLAGS, 1, 4));
	CHECK_SQE(sqe_fixed_file(sqe_read(fd, into(5), offset)), with(read, FLAGS, 1, 1));
	CHECK_SQE(sqe_linked(sqe_fixed_file(sqe_read(fd, into(5), offset))), with(read, FLAGS, 1, 5));
	CHECK_SQE(sqe_fixed_file(sqe_linked(sqe_read(fd, into(5), offset))), with(read, FLAGS, 1, 5));
}

UNIT(what_goes_on_after_a_completion)
{
	static const struct {
		uint8_t opcode;
		uint16_t ioprio;
		uint32_t len, flags;
		bool goes_on;
	} cases[] = {
		{.opcode = 0},
		{.opcode = 6},                            // poll
		{.opcode = 6, .len = 1, .goes_on = true}, // IORING_POLL_ADD_MULTI
		{.opcode = 6, .len = 8},                  // IORING_POLL_ADD_LEVEL
		{.opcode = 6, .len = 9, .goes_on = true},
		{.opcode = 6, .flags = 0xffff},                             // the events
		{.opcode = 11, .len = 1},                                   // timeout
		{.opcode = 11, .len = 1, .flags = 1 << 6, .goes_on = true}, // IORING_TIMEOUT_MULTISHOT
		{.opcode = 13},                                             // accept
		{.opcode = 13, .ioprio = 1, .goes_on = true},
		{.opcode = 13, .ioprio = 2},                  // IORING_ACCEPT_DONTWAIT
		{.opcode = 27},                               // recv
		{.opcode = 27, .ioprio = 1},                  // IORING_RECVSEND_POLL_FIRST
		{.opcode = 27, .ioprio = 2, .goes_on = true}, // IORING_RECV_MULTISHOT
		{.opcode = 10, .ioprio = 2, .goes_on = true}, // recvmsg
		{.opcode = 10},
		{.opcode = 26},                        // send
		{.opcode = 26, .ioprio = 2},           // no such flag of a send
		{.opcode = 46, .goes_on = true},       // uring_cmd
		{.opcode = 47, .goes_on = true},       // send_zc
		{.opcode = 48, .goes_on = true},       // sendmsg_zc
		{.opcode = 49, .goes_on = true},       // read_multishot
		{.opcode = 58, .goes_on = true},       // recv_zc
		{.opcode = 22, .ioprio = 1, .len = 1}, // read
		{.opcode = 255},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct io_uring_sqe sqe = {.opcode = cases[i].opcode, .ioprio = cases[i].ioprio, .len = cases[i].len};
		sqe.rw_flags = cases[i].flags;
		if (!CHECK_EQUAL(sqe_goes_on(&sqe), cases[i].goes_on))
			CHECK_EQUAL(i, SIZE_MAX); // says which
	}
}
