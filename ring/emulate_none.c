// ring/emulate_none.c: a build without the emulation: the name is there, and says that there is none. [emulate/engine.c]
#include "ring/engine.h"

#include "arch/errno.h"

static int setup(unsigned entries, struct io_uring_params *params)
{
	(void)entries, (void)params;
	return -ENOSYS;
}

static size_t state_bytes(const struct io_uring_params *params)
{
	(void)params;
	return 0;
}

// Nothing else is called for a ring that was never made.
const struct ring_engine ring_emulated = {.setup = setup, .state_bytes = state_bytes};
