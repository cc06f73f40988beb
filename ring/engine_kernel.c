// ring/engine_kernel.c: the kernel works the queues off.
#include "arch/sys.h"
#include "ring/engine.h"

static int setup(unsigned entries, struct io_uring_params *params)
{
	return sys_io_uring_setup(entries, params);
}

static size_t state_bytes(const struct io_uring_params *params)
{
	(void)params;
	return 0; // the kernel remembers for itself
}

static long map(int fd, size_t size, unsigned long long part)
{
	// Populated: the queues are used at once, and a fault for each page would cost more than all of them together.
	return sys_mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, (int64_t)part);
}

static void unmap(void *start, size_t size)
{
	// It fails only for a range that was never ours; there is nobody to tell, and nothing to undo.
	(void)sys_munmap(start, size);
}

static void begin(void *state, int fd, struct ring_place place)
{
	(void)state, (void)fd, (void)place; // it knows: it made them
}

static int enter(void *state, int fd, unsigned to_submit, unsigned min_complete, unsigned flags, const void *arg,
		 size_t size)
{
	(void)state;
	return sys_io_uring_enter(fd, to_submit, min_complete, flags, arg, size);
}

static int registers(void *state, int fd, unsigned opcode, void *arg, unsigned count)
{
	(void)state;
	return sys_io_uring_register(fd, opcode, arg, count);
}

static void close(void *state, int fd)
{
	(void)state;
	(void)sys_close(fd); // the descriptor is gone whatever close says [close(2)]
}

const struct ring_engine ring_kernel = {
	.setup = setup,
	.state_bytes = state_bytes,
	.map = map,
	.unmap = unmap,
	.begin = begin,
	.enter = enter,
	.registers = registers,
	.close = close,
};
