// ring/options.h: what ring_options mean to the kernel. Pure: no call, no memory.
#pragma once

#include "ring/engine.h"
#include "ring/ring.h"

// The sizes of a ring's three parts, in bytes, each a multiple of the page.
struct ring_sizes {
	size_t own;    // what the library and the engine remember
	size_t sqes;   // the submissions
	size_t queues; // both queues' indices, and the completions
};

// Fills in what zero stands for.
void ring_options_complete(struct ring_options *options);

// Whether these options can be had together, for that many entries.
bool ring_options_agree(const struct ring_options *options, unsigned entries, bool is_lent);

// What io_uring_setup is asked for; the index array left out, if `options` let it be.
struct io_uring_params ring_options_params(const struct ring_options *options, bool is_lent);

// What a ring of that many entries will need at most, whichever of the options' engines makes it. (Exactly so, for what
// is already granted, is the engine's to say.)
struct ring_sizes ring_options_sizes(const struct ring_options *options, unsigned entries);

// Bytes of the mapping that holds the library's record and the engine's state.
size_t ring_own_bytes(const struct ring_options *options, size_t state_bytes);

// Where in that mapping the engine's state begins.
size_t ring_own_state_at(void);
