// ring/emulate/timeout.c: what waits for a time: timeouts, which may also count completions, and link timeouts.
//
// Each clock has its list, soonest first. Most timeouts of a program are equally long, so a new one nearly always belongs at
// the end, where its place is looked for. [Linux io_uring/timeout.c]
#include <linux/time.h>

#include "ring/emulate/emulate.h"

#define NS_PER_S 1000000000

static const int clock_ids[CLOCKS] = {CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_REALTIME};

static unsigned clock_of(uint32_t flags)
{
	return (flags & IORING_TIMEOUT_BOOTTIME) != 0 ? 1 : (flags & IORING_TIMEOUT_REALTIME) != 0 ? 2 : 0;
}

int64_t ring_emu_now_ns(unsigned clock)
{
	struct __kernel_timespec now = {};
	(void)sys_clock_gettime(clock_ids[clock], &now); // cannot fail for these
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

int64_t ring_emu_sum_ns(int64_t left, int64_t right)
{
	int64_t sum;
	return __builtin_add_overflow(left, right, &sum) ? INT64_MAX : sum;
}

// The nanoseconds of a time, or -EINVAL.
int64_t ring_emu_ns_of(uint64_t addr)
{
	const struct __kernel_timespec *time = (const void *)(uintptr_t)addr;
	if (addr == 0)
		return -EFAULT;
	if (time->tv_sec < 0 || time->tv_nsec < 0)
		return -EINVAL;
	int64_t ns;
	if (__builtin_mul_overflow(time->tv_sec, (int64_t)NS_PER_S, &ns))
		return INT64_MAX;
	return ring_emu_sum_ns(ns, time->tv_nsec);
}

// Reads the times that an entry points to: they are lent until it is submitted only.
int ring_emu_timeout_check(const struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	uint32_t flags = sqe->timeout_flags;
	bool has_two_clocks = (flags & IORING_TIMEOUT_CLOCK_MASK) == IORING_TIMEOUT_CLOCK_MASK;
	bool is_limit = sqe->opcode == IORING_OP_LINK_TIMEOUT;
	uint64_t addr = sqe->addr;
	if (sqe->opcode == IORING_OP_TIMEOUT_REMOVE) {
		uint32_t update = IORING_TIMEOUT_UPDATE | IORING_LINK_TIMEOUT_UPDATE;
		if ((flags & update) == 0)
			return flags != 0 ? -EINVAL : 0;
		if ((flags & ~(update | IORING_TIMEOUT_ABS)) != 0)
			return -EINVAL;
		addr = sqe->addr2;
	} else if (sqe->opcode == IORING_OP_TIMEOUT || is_limit) {
		uint32_t known = IORING_TIMEOUT_ABS | IORING_TIMEOUT_CLOCK_MASK | IORING_TIMEOUT_ETIME_SUCCESS |
				 IORING_TIMEOUT_MULTISHOT;
		uint32_t both = IORING_TIMEOUT_MULTISHOT | IORING_TIMEOUT_ABS;
		if (sqe->len != 1 || (is_limit && sqe->off != 0) || (flags & ~known) != 0 || has_two_clocks ||
		    (flags & both) == both)
			return -EINVAL;
		if (is_limit && (e->head == nullptr || e->tail->sqe.opcode == IORING_OP_LINK_TIMEOUT))
			return -EINVAL;
	} else {
		return 0;
	}
	int64_t ns = ring_emu_ns_of(addr);
	if (ns < 0)
		return (int)ns;
	request->period_ns = ns;
	return 0;
}

static void add(struct list *list, struct request *request)
{
	struct request *before = list->last;
	while (before != nullptr && before->deadline_ns > request->deadline_ns)
		before = before->prev;
	if (before == list->last) {
		ring_emu_list_add(list, request);
		return;
	}
	request->in = list;
	request->prev = before;
	request->next = before != nullptr ? before->next : list->first;
	request->next->prev = request;
	*(before != nullptr ? &before->next : &list->first) = request;
}

static void start(struct list *lists, struct request *request, bool is_absolute)
{
	unsigned clock = clock_of(request->sqe.timeout_flags);
	int64_t from = is_absolute ? 0 : ring_emu_now_ns(clock);
	request->deadline_ns = ring_emu_sum_ns(from, request->period_ns);
	add(&lists[clock], request);
}

static bool is_multishot(const struct request *request)
{
	return (request->sqe.timeout_flags & IORING_TIMEOUT_MULTISHOT) != 0;
}

static bool is_counted(const struct request *request)
{
	return (uint32_t)request->sqe.off != 0 && !is_multishot(request);
}

static uint32_t events_so_far(const struct emulation *e)
{
	return e->cq_tail - e->cq_timeouts;
}

// A multishot one whose time has come: tells so and waits for the next.
static int goes_off(struct emulation *e, struct request *request)
{
	if (request->repeats == 1)
		return -ETIME;
	if (!ring_emu_request_post_more(e, request, -ETIME, 0)) {
		ring_emu_list_add(&e->held, request);
		return WAITS;
	}
	if (request->repeats != 0)
		request->repeats--;
	start(e->timeouts, request, false);
	return WAITS;
}

int ring_op_timeout(struct emulation *e, struct request *request)
{
	if (request->is_armed)
		return goes_off(e, request); // it was held
	request->is_armed = true;
	if (is_multishot(request))
		request->repeats = (uint32_t)request->sqe.off;
	request->target = events_so_far(e) + (uint32_t)request->sqe.off;
	e->counted += is_counted(request);
	start(e->timeouts, request, (request->sqe.timeout_flags & IORING_TIMEOUT_ABS) != 0);
	return WAITS;
}

// The link timeout behind `of` begins to run, because that waits.
void ring_emu_timer_start(struct emulation *e, struct request *of)
{
	struct request *timer = of->chain;
	of->chain = timer->chain;
	timer->chain = nullptr;
	of->timer = timer;
	timer->timer = of;
	start(e->limits, timer, (timer->sqe.timeout_flags & IORING_TIMEOUT_ABS) != 0);
}

static void expire(struct emulation *e, struct request *request)
{
	ring_emu_list_remove(request);
	e->cq_timeouts++;
	e->counted -= is_counted(request);
	int result = is_multishot(request) ? goes_off(e, request) : -ETIME;
	if (result == WAITS)
		return;
	request->is_calm = (request->sqe.timeout_flags & IORING_TIMEOUT_ETIME_SUCCESS) != 0;
	ring_emu_request_complete(e, request, result);
}

static void expire_limit(struct emulation *e, struct request *timer)
{
	struct request *of = timer->timer;
	ring_emu_list_remove(timer);
	timer->timer = nullptr;
	of->timer = nullptr;
	of->starts_timer = false;
	ring_emu_cancel_request(e, of);
	ring_emu_request_complete(e, timer, -ETIME);
}

void ring_emu_timeouts_expire(struct emulation *e)
{
	for (unsigned clock = 0; clock < CLOCKS; clock++) {
		struct list *timeouts = &e->timeouts[clock], *limits = &e->limits[clock];
		if (timeouts->first == nullptr && limits->first == nullptr)
			continue;
		int64_t now = ring_emu_now_ns(clock);
		while (timeouts->first != nullptr && timeouts->first->deadline_ns <= now)
			expire(e, timeouts->first);
		while (limits->first != nullptr && limits->first->deadline_ns <= now)
			expire_limit(e, limits->first);
	}
}

// Those that wait for a number of completions, and have got them.
void ring_emu_timeouts_count(struct emulation *e)
{
	for (unsigned clock = 0; clock < CLOCKS && e->counted != 0; clock++) {
		struct request *next;
		for (struct request *each = e->timeouts[clock].first; each != nullptr; each = next) {
			next = each->next;
			if (!is_counted(each) || (int32_t)(events_so_far(e) - each->target) < 0)
				continue;
			e->counted--;
			e->cq_timeouts++;
			ring_emu_request_complete(e, each, 0);
		}
	}
}

int64_t ring_emu_next_timeout_ns(const struct emulation *e)
{
	int64_t soonest = -1;
	for (unsigned clock = 0; clock < CLOCKS; clock++) {
		const struct request *firsts[] = {e->timeouts[clock].first, e->limits[clock].first};
		int64_t now = firsts[0] != nullptr || firsts[1] != nullptr ? ring_emu_now_ns(clock) : 0;
		for (unsigned i = 0; i < 2; i++) {
			if (firsts[i] == nullptr)
				continue;
			int64_t left = firsts[i]->deadline_ns - now;
			left = left > 0 ? left : 0;
			soonest = soonest < 0 || left < soonest ? left : soonest;
		}
	}
	return soonest;
}

static struct request *find(struct list *lists, uint64_t token)
{
	for (unsigned clock = 0; clock < CLOCKS; clock++)
		for (struct request *each = lists[clock].first; each != nullptr; each = each->next)
			if (each->sqe.user_data == token)
				return each;
	return nullptr;
}

int ring_op_timeout_remove(struct emulation *e, struct request *request)
{
	uint32_t flags = request->sqe.timeout_flags;
	bool is_limit = (flags & IORING_LINK_TIMEOUT_UPDATE) != 0;
	struct list *lists = is_limit && (flags & IORING_TIMEOUT_UPDATE) != 0 ? e->limits : e->timeouts;
	struct request *found = find(lists, request->sqe.addr);
	if (found == nullptr)
		return -ENOENT;
	if ((flags & IORING_TIMEOUT_UPDATE) == 0) {
		ring_emu_cancel_request(e, found);
		return 0;
	}
	ring_emu_list_remove(found);
	if (lists == e->timeouts) {
		e->counted -= is_counted(found);
		found->sqe.off = 0; // it counts no more,
		found->repeats = 0; // and a multishot one has no end any more
	}
	found->period_ns = request->period_ns;
	start(lists, found, (flags & IORING_TIMEOUT_ABS) != 0);
	return 0;
}
