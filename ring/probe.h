// ring/probe.h: what this kernel's io_uring offers, asked of the kernel itself.
//
// A version number does not tell: distributions carry later work back, and leave things out. So everything here comes from
// an answer of the kernel, or of another engine that is named.
//
// Compiles as C11 and C++17.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ring/engine.h"
#include "ring/names.h"
#include "ring/ring.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ring_probe {
	uint64_t operations[4];   // a bit for each opcode there can be; ring_probe_has
	unsigned operation_count; // the highest opcode that it has heard of, and one
	uint64_t features;        // IORING_FEAT_*
	uint64_t setup_flags;     // IORING_SETUP_*

	// What only IORING_REGISTER_QUERY tells (6.18); zeros where it cannot be asked.
	bool is_queried;
	unsigned register_count; // opcodes of io_uring_register(2), from 0 up
	uint64_t enter_flags;    // IORING_ENTER_*
	uint64_t sqe_flags;      // IOSQE_*

	// Limits; 0: it would not say, mostly for want of memory.
	unsigned entries_max;    // submissions in a ring
	unsigned cq_entries_max; // completions
};

// Asks. `engine` null: the kernel. Opens some rings, one after the other, and closes them. Zero, or what ring_open says; then
// `into` is zeros.
RING_NODISCARD int ring_probe(struct ring_probe *into, const struct ring_engine *engine);

// Whether it has an operation.
static inline bool ring_probe_has(const struct ring_probe *probe, unsigned opcode)
{
	return opcode < 256 && (probe->operations[opcode / 64] >> opcode % 64 & 1) != 0;
}

#ifdef __cplusplus
}
#endif
