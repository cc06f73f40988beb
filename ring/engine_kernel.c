// ring/engine_kernel.c: the kernel works the queues off.
#include "arch/sys.h"
#include "ring/engine.h"

int engine_setup(unsigned entries, struct io_uring_params *params)
{
	return sys_io_uring_setup(entries, params);
}

long engine_map(int fd, size_t size, unsigned long long part)
{
	// Populated: the queues are used at once, and a fault for each page would cost more than all of them together.
	return sys_mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, (int64_t)part);
}

void engine_unmap(void *start, size_t size)
{
	// It fails only for a range that was never ours; there is nobody to tell, and nothing to undo.
	(void)sys_munmap(start, size);
}

int engine_enter(int fd, unsigned to_submit, unsigned min_complete, unsigned flags, const void *arg, size_t size)
{
	return sys_io_uring_enter(fd, to_submit, min_complete, flags, arg, size);
}

int engine_register(int fd, unsigned opcode, void *arg, unsigned count)
{
	return sys_io_uring_register(fd, opcode, arg, count);
}

void engine_close(int fd)
{
	(void)sys_close(fd); // the descriptor is gone whatever close says [close(2)]
}
