// ring/probe.c: what this kernel's io_uring can do, and why there is none.
#include "ring/own.h"
#include "ring/ring.h"

// A probe with room for every opcode there can be: an opcode is a byte. [io_uring_register(2), IORING_REGISTER_PROBE]
#define OPCODES 256u

bool ring_has(struct io_uring *ring, unsigned opcode)
{
	union {
		struct io_uring_probe head;
		uint8_t bytes[sizeof(struct io_uring_probe) + OPCODES * sizeof(struct io_uring_probe_op)];
	} probe;
	for (size_t i = 0; i < sizeof(probe.bytes); i++)
		probe.bytes[i] = 0; // the kernel refuses anything else
	if (ring_register(ring, IORING_REGISTER_PROBE, &probe, OPCODES) < 0)
		return false;
	return opcode < probe.head.ops_len && (probe.head.ops[opcode].flags & IO_URING_OP_SUPPORTED) != 0;
}

struct str ring_explain(int error)
{
	switch (error < 0 ? -error : error) {
	case ENOSYS:
		return STR("this kernel has no io_uring, or an emulator or container hides it; "
			   "Linux 5.11 or newer has it, outside qemu-user and gVisor");
	case EPERM:
		return STR("io_uring is forbidden here, by sysctl kernel.io_uring_disabled or by a container's "
			   "seccomp profile; allow io_uring_setup, io_uring_enter and io_uring_register");
	case ENOMEM:
		return STR("no memory for the ring; on kernels before 5.12 it counts against ulimit -l");
	case EMFILE:
	case ENFILE:
		return STR("no descriptor left for the ring; raise ulimit -n");
	case EINVAL:
		return STR("this kernel's io_uring is too old; Linux 5.11 or newer has what is wanted");
	default:
		return (struct str){0};
	}
}
