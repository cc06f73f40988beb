// tests/unit/ring_sqe.h: what the tests of builders share: an entry's layout, and values whose bytes differ.
//
// The layout is the one that io_uring_enter(2) documents. Numbers are written out, not taken from headers: they are the
// kernel's promise. No ring is needed.
#pragma once

#include "ring/sqe.h"

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
	LAST = 56,
};

// Little-endian, as all machines of Ringlet are.
static inline struct layout with(struct layout layout, enum place place, unsigned bytes, uint64_t value)
{
	for (unsigned i = 0; i < bytes; i++)
		layout.bytes[(unsigned)place + i] = (uint8_t)(value >> 8 * i);
	return layout;
}

static inline struct layout expected(uint8_t opcode, int fd, uint64_t addr, uint32_t len, uint64_t off)
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
constexpr int fd = 0x01020304, other_fd = 0x11121314;
constexpr uint32_t flags = 0x81828384, mode = 0x91929394;
constexpr uint64_t offset = 0xa1a2a3a4a5a6a7a8, token = 0xb1b2b3b4b5b6b7b8, value = 0xe1e2e3e4e5e6e7e8;
constexpr uint16_t group = 0xd1d2;

// Addresses that are only carried, never followed.
static void *const memory = (void *)(uintptr_t)0x7172737475767778;
static void *const other = (void *)(uintptr_t)0x6162636465666768;
static void *const third = (void *)(uintptr_t)0x5152535455565758;

static inline struct span into(size_t len)
{
	return (struct span){memory, len};
}

static inline struct str from(size_t len)
{
	return (struct str){memory, len};
}
