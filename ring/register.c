// ring/register.c: what a ring can be told beside entries, files and buffers.
#include "ring/register.h"

#include <linux/io_uring/query.h>

#include "arch/sys.h"
#include "ring/own.h"

#define NS_PER_S 1000000000

// The table of rings of a thread chooses a place itself. [Linux io_uring/tctx.c, io_ringfd_register()]
#define ANY_PLACE UINT32_MAX

// The bit in int_flags by which liburing knows that enter_ring_fd is an index, so that it can speak to this handle too.
#define LIBURING_RING_IS_REGISTERED 1u

// For calls that belong to no ring. [Linux io_uring/register.c, io_uring_register_blind()]
#define NO_RING (-1)

int ring_register_eventfd(struct io_uring *ring, int fd, bool async_only)
{
	return ring_register(ring, async_only ? IORING_REGISTER_EVENTFD_ASYNC : IORING_REGISTER_EVENTFD, &fd, 1);
}

int ring_pause_eventfd(struct io_uring *ring, bool is_paused)
{
	unsigned *flags = ring->cq.kflags; // only we write it
	if (flags == nullptr)
		return -EOPNOTSUPP;
	store_release(flags, (*flags & ~IORING_CQ_EVENTFD_DISABLED) | (is_paused ? IORING_CQ_EVENTFD_DISABLED : 0));
	return 0;
}

int ring_unregister_eventfd(struct io_uring *ring)
{
	return ring_register(ring, IORING_UNREGISTER_EVENTFD, nullptr, 0);
}

int ring_register_personality(struct io_uring *ring)
{
	return ring_register(ring, IORING_REGISTER_PERSONALITY, nullptr, 0);
}

int ring_unregister_personality(struct io_uring *ring, unsigned number)
{
	return ring_register(ring, IORING_UNREGISTER_PERSONALITY, nullptr, number);
}

int ring_restrict(struct io_uring *ring, const struct io_uring_restriction *rules, unsigned count)
{
	return ring_register(ring, IORING_REGISTER_RESTRICTIONS, (void *)rules, count); // which are only read
}

int ring_enable(struct io_uring *ring)
{
	return ring_register(ring, IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
}

int ring_register_self(struct io_uring *ring)
{
	struct ring_own *own = ring->cq.own;
	if ((own->enter_flags & IORING_ENTER_REGISTERED_RING) != 0)
		return -EEXIST;
	struct io_uring_rsrc_update place = {.offset = ANY_PLACE, .data = (unsigned)ring->ring_fd};
	int count = ring_register(ring, IORING_REGISTER_RING_FDS, &place, 1);
	if (count < 0)
		return count;
	ring->enter_ring_fd = (int)place.offset;
	ring->int_flags |= LIBURING_RING_IS_REGISTERED;
	own->enter_flags |= IORING_ENTER_REGISTERED_RING;
	return 0;
}

int ring_unregister_self(struct io_uring *ring)
{
	struct ring_own *own = ring->cq.own;
	if ((own->enter_flags & IORING_ENTER_REGISTERED_RING) == 0 || ring->ring_fd < 0)
		return -EINVAL;
	struct io_uring_rsrc_update place = {.offset = (unsigned)ring->enter_ring_fd};
	int count = ring_register(ring, IORING_UNREGISTER_RING_FDS, &place, 1);
	if (count < 0)
		return count;
	ring->enter_ring_fd = ring->ring_fd;
	ring->int_flags &= (uint8_t)~LIBURING_RING_IS_REGISTERED;
	own->enter_flags &= ~IORING_ENTER_REGISTERED_RING;
	return 0;
}

int ring_register_worker_cpus(struct io_uring *ring, const void *mask, unsigned bytes)
{
	return ring_register(ring, IORING_REGISTER_IOWQ_AFF, (void *)mask, bytes); // which is only read
}

int ring_unregister_worker_cpus(struct io_uring *ring)
{
	return ring_register(ring, IORING_UNREGISTER_IOWQ_AFF, nullptr, 0);
}

int ring_limit_workers(struct io_uring *ring, unsigned limits[2])
{
	return ring_register(ring, IORING_REGISTER_IOWQ_MAX_WORKERS, limits, 2);
}

static void tell_before(struct ring_napi *before, const struct io_uring_napi *napi)
{
	if (before == nullptr)
		return;
	*before = (struct ring_napi){
		.busy_us = napi->busy_poll_to,
		.prefer_busy = napi->prefer_busy_poll != 0,
		.is_by_number = napi->op_param == IO_URING_NAPI_TRACKING_STATIC,
	};
}

int ring_register_napi(struct io_uring *ring, struct ring_napi how, struct ring_napi *before)
{
	struct io_uring_napi napi = {
		.busy_poll_to = how.busy_us,
		.prefer_busy_poll = how.prefer_busy,
		.opcode = IO_URING_NAPI_REGISTER_OP,
		.op_param = how.is_by_number ? IO_URING_NAPI_TRACKING_STATIC : IO_URING_NAPI_TRACKING_DYNAMIC,
	};
	int error = ring_register(ring, IORING_REGISTER_NAPI, &napi, 1);
	if (error == 0)
		tell_before(before, &napi);
	return error;
}

int ring_unregister_napi(struct io_uring *ring, struct ring_napi *before)
{
	struct io_uring_napi napi = {0};
	int error = ring_register(ring, IORING_UNREGISTER_NAPI, &napi, 1);
	if (error == 0)
		tell_before(before, &napi);
	return error;
}

int ring_napi_add(struct io_uring *ring, uint32_t number)
{
	struct io_uring_napi napi = {.opcode = IO_URING_NAPI_STATIC_ADD_ID, .op_param = number};
	return ring_register(ring, IORING_REGISTER_NAPI, &napi, 1);
}

int ring_napi_remove(struct io_uring *ring, uint32_t number)
{
	struct io_uring_napi napi = {.opcode = IO_URING_NAPI_STATIC_DEL_ID, .op_param = number};
	return ring_register(ring, IORING_REGISTER_NAPI, &napi, 1);
}

int ring_cancel(struct io_uring *ring, struct ring_cancel which)
{
	if (which.timeout_ns < 0)
		return -EINVAL;
	struct io_uring_sync_cancel_reg cancel = {
		.addr = which.token,
		.fd = which.fd,
		.flags = which.flags,
		.timeout = {.tv_sec = -1, .tv_nsec = -1}, // as long as it takes
		.opcode = which.opcode,
	};
	if (which.timeout_ns > 0) {
		cancel.timeout.tv_sec = which.timeout_ns / NS_PER_S;
		cancel.timeout.tv_nsec = which.timeout_ns % NS_PER_S;
	}
	return ring_register(ring, IORING_REGISTER_SYNC_CANCEL, &cancel, 1);
}

int ring_send_message(int ring_fd, int32_t result, uint64_t token, uint32_t cqe_flags)
{
	struct io_uring_sqe message = {
		.opcode = IORING_OP_MSG_RING,
		.fd = ring_fd,
		.off = token,
		.addr = IORING_MSG_DATA,
		.len = (uint32_t)result,
		.msg_ring_flags = cqe_flags != 0 ? IORING_MSG_RING_FLAGS_PASS : 0,
		.file_index = cqe_flags,
	};
	return sys_io_uring_register(NO_RING, IORING_REGISTER_SEND_MSG_RING, &message, 1);
}

int ring_register_clock(struct io_uring *ring, uint32_t clock)
{
	struct io_uring_clock_register which = {.clockid = clock};
	return ring_register(ring, IORING_REGISTER_CLOCK, &which, 0);
}

int ring_register_waits(struct io_uring *ring, struct span waits)
{
	struct io_uring_region_desc memory = {
		.user_addr = (uintptr_t)waits.ptr,
		.size = waits.len,
		.flags = IORING_MEM_REGION_TYPE_USER,
	};
	struct io_uring_mem_region_reg region = {
		.region_uptr = (uintptr_t)&memory,
		.flags = IORING_MEM_REGION_REG_WAIT_ARG,
	};
	int error = ring_register(ring, IORING_REGISTER_MEM_REGION, &region, 1);
	// Without the last one: for that the kernel takes the first, and would wait as long as that says.
	// [Linux io_uring/io_uring.c, io_get_ext_arg_reg(): the bound of its array_index_nospec() is one too low]
	if (error == 0)
		ring->cq.own->waits = (unsigned)(waits.len / sizeof(struct io_uring_reg_wait)) - 1;
	return error;
}

int ring_query(unsigned question, void *into, unsigned size)
{
	struct io_uring_query_hdr query = {.query_data = (uintptr_t)into, .query_op = question, .size = size};
	int error = sys_io_uring_register(NO_RING, IORING_REGISTER_QUERY, &query, 0);
	if (error == 0)
		error = query.result;
	return error < 0 ? error : (int)query.size;
}

int ring_register_zcrx(struct io_uring *ring, struct io_uring_zcrx_ifq_reg *queue)
{
	return ring_register(ring, IORING_REGISTER_ZCRX_IFQ, queue, 1);
}

int ring_control_zcrx(struct io_uring *ring, struct zcrx_ctrl *control)
{
	return ring_register(ring, IORING_REGISTER_ZCRX_CTRL, control, 0);
}
