// ring/emulate/enter.c: io_uring_enter(2): lets happen what can, takes entries, waits.
#include "ring/emulate/emulate.h"

#define NS_PER_US 1000

#define KNOWN                                                                                            \
	(IORING_ENTER_GETEVENTS | IORING_ENTER_SQ_WAKEUP | IORING_ENTER_SQ_WAIT | IORING_ENTER_EXT_ARG | \
	 IORING_ENTER_ABS_TIMER | IORING_ENTER_NO_IOWAIT)

// How long to wait.
struct limits {
	const uint64_t *mask;
	int64_t deadline_ns; // by the ring's clock; INT64_MAX: none
	int64_t least_ns;    // until then for all, after it for one; 0: none
};

// Everything that can go on without waiting. It ends: what goes on by itself needs places in the completion queue.
void ring_emu_work(struct emulation *e)
{
	e->turn += e->turn == UINT_MAX ? 2 : 1; // never 0
	do {
		if (e->looks_again) {
			e->looks_again = false;
			(void)ring_emu_harvest(e, e->fd);
		}
		ring_emu_timeouts_expire(e);
		while (ring_emu_has_room(e) && e->held.first != nullptr) {
			struct request *request = e->held.first;
			ring_emu_list_remove(request);
			ring_emu_run(e, request);
		}
		ring_emu_run_ready(e);
		ring_emu_timeouts_count(e);
		ring_emu_start_deferred(e);
	} while (e->ready.first != nullptr || e->looks_again);
}

static bool is_anything_waiting(const struct emulation *e)
{
	if (e->waiting.first != nullptr || e->held.first != nullptr)
		return true;
	for (unsigned clock = 0; clock < CLOCKS; clock++)
		if (e->timeouts[clock].first != nullptr || e->limits[clock].first != nullptr)
			return true;
	return false;
}

void ring_emu_tell(struct emulation *e)
{
	unsigned flags = (e->overflow.first != nullptr ? IORING_SQ_CQ_OVERFLOW : 0) |
			 (is_anything_waiting(e) ? IORING_SQ_TASKRUN : 0);
	store_release(&e->indices->sq_flags, flags);
	if (e->last_shot == e->cq_tail)
		return;
	e->last_shot = e->cq_tail;
	if (e->eventfd < 0 || (load_relaxed(&e->indices->cq_flags) & IORING_CQ_EVENTFD_DISABLED) != 0)
		return;
	uint64_t one = 1;
	(void)sys_write(e->eventfd, &one, sizeof(one)); // full means that it is readable already
}

static int read_limits(const struct emulation *e, unsigned flags, const void *arg, size_t size, struct limits *limits)
{
	*limits = (struct limits){.deadline_ns = INT64_MAX};
	if ((flags & IORING_ENTER_GETEVENTS) == 0)
		return 0;
	size_t mask_size = size;
	limits->mask = arg;
	if ((flags & IORING_ENTER_EXT_ARG) != 0) {
		const struct io_uring_getevents_arg *more = arg;
		if (size != sizeof(*more) || more == nullptr)
			return -EINVAL;
		limits->mask = (const uint64_t *)(uintptr_t)more->sigmask;
		mask_size = more->sigmask_sz;
		int64_t now = more->ts != 0 || more->min_wait_usec != 0 ? ring_emu_now_ns((unsigned)e->clock) : 0;
		if (more->ts != 0) {
			int64_t ns = ring_emu_ns_of(more->ts);
			if (ns < 0)
				return (int)ns;
			limits->deadline_ns = ring_emu_sum_ns((flags & IORING_ENTER_ABS_TIMER) != 0 ? 0 : now, ns);
		}
		if (more->min_wait_usec != 0)
			limits->least_ns = ring_emu_sum_ns(now, (int64_t)more->min_wait_usec * NS_PER_US);
	}
	return limits->mask != nullptr && mask_size != SYS_SIGSET_BYTES ? -EINVAL : 0;
}

static unsigned ready_count(const struct emulation *e)
{
	return e->cq_tail - load_acquire(&e->indices->cq_head);
}

static int64_t sooner(int64_t left, int64_t right)
{
	return right < 0 || (left >= 0 && left < right) ? left : right;
}

// As io_cqring_wait(): a timeout that ends wakes whoever waits, and an error is told only if there is nothing to pop.
static int wait(struct emulation *e, unsigned count, struct limits limits)
{
	unsigned timeouts = e->cq_timeouts;
	count = count < e->indices->cq_entries ? count : e->indices->cq_entries;
	for (;;) {
		ring_emu_flush_overflow(e);
		ring_emu_work(e);
		if (ready_count(e) >= count || e->cq_timeouts != timeouts)
			return 0;
		int64_t left = -1;
		int64_t limit = limits.least_ns != 0 && limits.least_ns < limits.deadline_ns ? limits.least_ns
											     : limits.deadline_ns;
		if (limit != INT64_MAX)
			left = limit - ring_emu_now_ns((unsigned)e->clock);
		if (limit != INT64_MAX && left <= 0) {
			if (limit == limits.deadline_ns)
				return ready_count(e) > 0 ? 0 : -ETIME;
			limits.least_ns = 0;
			count = 1;
			continue;
		}
		int error = ring_emu_sleep_until(e, sooner(left, ring_emu_next_timeout_ns(e)), limits.mask);
		if (error < 0) {
			ring_emu_work(e);
			return ready_count(e) > 0 ? 0 : error;
		}
	}
}

int ring_emu_enter(void *state, int fd, unsigned to_submit, unsigned min_complete, unsigned flags, const void *arg,
		   size_t size)
{
	struct emulation *e = state;
	struct limits limits;
	if ((flags & ~KNOWN) != 0)
		return -EINVAL;
	if (ring_emu_is_foreign(e))
		return -EEXIST;
	// Also the proof that the descriptor is the ring's.
	int error = ring_emu_harvest(e, fd);
	if (error < 0)
		return error == -EINVAL ? -EOPNOTSUPP : error;
	if (e->is_disabled)
		return -EBADFD;
	error = read_limits(e, flags, arg, size, &limits);
	if (error != 0)
		return error;

	ring_emu_work(e);
	int taken = ring_emu_submit(e, to_submit);
	ring_emu_work(e);
	for (struct request *each = e->deferred.first; each != nullptr && taken > 0; each = each->next)
		ring_emu_keep_chain(e, each);
	if (e->eventfd_async && !e->has_async)
		e->last_shot = e->cq_tail; // all that has ended so far, ended at once
	e->has_async = false;
	if ((flags & IORING_ENTER_GETEVENTS) != 0 && (taken == (int)to_submit || taken == -EBUSY)) {
		error = wait(e, taken < 0 ? 0 : min_complete, limits);
		if (taken == 0)
			taken = error;
	}
	ring_emu_tell(e);
	return taken;
}
