// ring/emulate/registers.c: io_uring_register(2): what is said to the ring as a whole. What is not covered is -EINVAL, as with
// a kernel that does not know it yet.
#include <linux/time.h>

#include "ring/emulate/emulate.h"

static int probe(struct io_uring_probe *into, unsigned count)
{
	size_t size = sizeof(*into) + count * sizeof(into->ops[0]);
	if (into == nullptr || count > 256)
		return -EINVAL;
	for (size_t i = 0; i < size; i++)
		if (((const uint8_t *)into)[i] != 0)
			return -EINVAL;
	count = count < IORING_OP_LAST ? count : IORING_OP_LAST;
	into->last_op = IORING_OP_LAST - 1;
	into->ops_len = (uint8_t)count;
	for (unsigned i = 0; i < count; i++) {
		into->ops[i].op = (uint8_t)i;
		into->ops[i].flags = ring_emu_has_operation(i) ? IO_URING_OP_SUPPORTED : 0;
	}
	return 0;
}

static int set_eventfd(struct emulation *e, const int *fd, unsigned count, bool is_async)
{
	if (fd == nullptr || count != 1)
		return -EINVAL;
	if (e->eventfd >= 0)
		return -EBUSY;
	int own = ring_emu_dup_of(*fd);
	if (own < 0)
		return own;
	e->eventfd = own;
	e->eventfd_async = is_async;
	e->last_shot = e->cq_tail;
	return 0;
}

static int drop_eventfd(struct emulation *e)
{
	if (e->eventfd < 0)
		return -ENXIO;
	(void)sys_close(e->eventfd); // the descriptor is gone whatever close says
	e->eventfd = -1;
	e->eventfd_async = false;
	return 0;
}

static bool has_bit(const uint64_t *bits, unsigned bit)
{
	return (bits[bit / 64] >> bit % 64 & 1) != 0;
}

bool ring_emu_is_allowed(const struct emulation *e, const struct io_uring_sqe *sqe)
{
	return has_bit(e->allowed_ops, sqe->opcode) && (sqe->flags & e->required_flags) == e->required_flags &&
	       (sqe->flags & ~(e->allowed_flags | e->required_flags)) == 0;
}

static int restrict_to(struct emulation *e, const struct io_uring_restriction *list, unsigned count)
{
	if (!e->is_disabled)
		return -EBADFD;
	if (e->is_restricted)
		return -EBUSY;
	if (list == nullptr || count == 0 || count > 4096)
		return -EINVAL;
	for (unsigned i = 0; i < count; i++) {
		switch (list[i].opcode) {
		case IORING_RESTRICTION_REGISTER_OP:
			if (list[i].register_op >= IORING_REGISTER_LAST)
				return -EINVAL;
			e->allowed_registers |= UINT64_C(1) << list[i].register_op;
			break;
		case IORING_RESTRICTION_SQE_OP:
			e->allowed_ops[list[i].sqe_op / 64] |= UINT64_C(1) << list[i].sqe_op % 64;
			break;
		case IORING_RESTRICTION_SQE_FLAGS_ALLOWED:
			e->allowed_flags = list[i].sqe_flags;
			break;
		case IORING_RESTRICTION_SQE_FLAGS_REQUIRED:
			e->required_flags = list[i].sqe_flags;
			break;
		default:
			return -EINVAL;
		}
	}
	e->is_restricted = true;
	return 0;
}

// The thread that makes or enables the ring is its one issuer. [Linux io_uring/register.c, io_register_enable_rings()]
void ring_emu_settle(struct emulation *e)
{
	bool is_single = (e->flags & IORING_SETUP_SINGLE_ISSUER) != 0;
	e->issuer = is_single && !e->is_disabled ? sys_gettid() : 0;
}

bool ring_emu_is_foreign(const struct emulation *e)
{
	return e->issuer != 0 && e->issuer != sys_gettid();
}

static int enable(struct emulation *e)
{
	if (!e->is_disabled)
		return -EBADFD;
	e->is_disabled = false;
	ring_emu_settle(e);
	return 0;
}

static int set_clock(struct emulation *e, const struct io_uring_clock_register *clock, unsigned count)
{
	if (clock == nullptr || count != 0 || clock->__resv[0] != 0 || clock->__resv[1] != 0 || clock->__resv[2] != 0)
		return -EINVAL;
	if (clock->clockid != CLOCK_MONOTONIC && clock->clockid != CLOCK_BOOTTIME)
		return -EINVAL;
	e->clock = clock->clockid == CLOCK_BOOTTIME;
	return 0;
}

static int dispatch(struct emulation *e, unsigned opcode, void *arg, unsigned count)
{
	bool has_one = arg != nullptr && count == 1;
	bool has_none = arg == nullptr && count == 0;
	switch (opcode) {
	case IORING_REGISTER_BUFFERS:
	case IORING_UNREGISTER_BUFFERS:
	case IORING_REGISTER_BUFFERS2:
	case IORING_REGISTER_BUFFERS_UPDATE:
		return ring_emu_registers_buffers(e, opcode, arg, count);
	case IORING_REGISTER_FILES:
	case IORING_UNREGISTER_FILES:
	case IORING_REGISTER_FILES_UPDATE:
	case IORING_REGISTER_FILES2:
	case IORING_REGISTER_FILES_UPDATE2:
	case IORING_REGISTER_FILE_ALLOC_RANGE:
		return ring_emu_registers_files(e, opcode, arg, count);
	case IORING_REGISTER_EVENTFD:
	case IORING_REGISTER_EVENTFD_ASYNC:
		return set_eventfd(e, arg, count, opcode == IORING_REGISTER_EVENTFD_ASYNC);
	case IORING_UNREGISTER_EVENTFD:
		return has_none ? drop_eventfd(e) : -EINVAL;
	case IORING_REGISTER_PROBE:
		return probe(arg, count);
	case IORING_REGISTER_RESTRICTIONS:
		return restrict_to(e, arg, count);
	case IORING_REGISTER_ENABLE_RINGS:
		return has_none ? enable(e) : -EINVAL;
	case IORING_REGISTER_PBUF_RING:
		return has_one ? ring_emu_group_register(e, arg) : -EINVAL;
	case IORING_UNREGISTER_PBUF_RING:
		return has_one ? ring_emu_group_unregister(e, arg) : -EINVAL;
	case IORING_REGISTER_PBUF_STATUS:
		return has_one ? ring_emu_group_status(e, arg) : -EINVAL;
	case IORING_REGISTER_SYNC_CANCEL:
		return ring_emu_cancel_sync(e, arg, count);
	case IORING_REGISTER_CLOCK:
		return set_clock(e, arg, count);
	default:
		return -EINVAL;
	}
}

int ring_emu_registers(void *state, int fd, unsigned opcode, void *arg, unsigned count)
{
	(void)fd;
	struct emulation *e = state;
	if (opcode >= IORING_REGISTER_LAST)
		return -EINVAL;
	if (ring_emu_is_foreign(e))
		return -EEXIST;
	if (e->is_restricted && !e->is_disabled && !has_bit(&e->allowed_registers, opcode))
		return -EACCES;
	int result = dispatch(e, opcode, arg, count);
	ring_emu_work(e); // what was canceled may have a successor
	ring_emu_tell(e);
	return result;
}
