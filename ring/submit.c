// ring/submit.c: the one system call, and when it is owed.
//
// io_uring_enter(2) gives the kernel what was pushed, and waits. Some things make it necessary though nothing was pushed and
// nothing is waited for: completions that did not fit and wait behind the queue (IORING_SQ_CQ_OVERFLOW), work that the kernel
// keeps for this thread to do (IORING_SQ_TASKRUN), and devices that tell only if they are asked (IORING_SETUP_IOPOLL). They
// are asked for by IORING_ENTER_GETEVENTS. And a kernel thread that takes entries (sqpoll) may have gone to sleep
// (IORING_SQ_NEED_WAKEUP).
#include "arch/sys.h"
#include "ring/own.h"
#include "ring/register.h"
#include "ring/ring.h"
#include "ring/traced.h"

#define NS_PER_S 1000000000

// Whether the kernel holds something back that only an enter with GETEVENTS brings. For a ring that finishes operations only
// when asked, the flag tells because ring_open always asks for it (TASKRUN_FLAG).
static bool owes_events(const struct io_uring *ring)
{
	if ((ring->flags & IORING_SETUP_IOPOLL) != 0 && ring_in_flight(ring) != 0)
		return true;
	return (load_relaxed(ring->sq.kflags) & (IORING_SQ_CQ_OVERFLOW | IORING_SQ_TASKRUN)) != 0;
}

unsigned ring_publish(struct io_uring *ring)
{
	if (RING_TRACE)
		ring_trace_entries(ring);
	// Release makes our stores to the entries visible before the tail that announces them; it pairs with the acquire
	// in the kernel's io_sqring_entries(). [Linux io_uring/io_uring.c, opening comment]
	store_release(ring->sq.ktail, ring->sq.sqe_tail);
	return ring->sq.sqe_tail - load_acquire(ring->sq.khead);
}

// What submitting means to a ring whose entries a kernel thread takes. Whether it must be woken; `pending` becomes how
// many entries it is shown now.
//
// The thread, before it sleeps, sets NEED_WAKEUP and then looks at the tail once more; we store the tail and then look at
// the flag. Each needs a full fence in between, or both could miss the other's store: the entry would lie there and
// the thread sleep. Ours pairs with the smp_mb__after_atomic() in io_sq_thread(). [Linux io_uring/sqpoll.c]
static unsigned show_to_poller(struct io_uring *ring, unsigned *pending)
{
	unsigned shown = ring->sq.sqe_tail - *ring->sq.ktail; // only we write it
	(void)ring_publish(ring);
	*pending = shown;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return load_relaxed(ring->sq.kflags) & IORING_SQ_NEED_WAKEUP ? IORING_ENTER_SQ_WAKEUP : 0;
}

// The one system call. What it brought is told of at once, so that it bears the right time.
static int enter(struct io_uring *ring, unsigned pending, unsigned count, unsigned flags, const void *arg, size_t size)
{
	struct ring_own *own = ring->cq.own;
	int result = own->engine->enter(own->state, ring->enter_ring_fd, pending, count, flags | own->enter_flags, arg,
					size);
	if (RING_TRACE)
		ring_trace_completions(ring);
	return result;
}

// Submits what was pushed and waits, in whatever ring.
__attribute__((noinline)) static int submit(struct io_uring *ring, unsigned count)
{
	unsigned pending, flags = 0;
	bool has_poller = (ring->flags & IORING_SETUP_SQPOLL) != 0;
	if (has_poller)
		flags = show_to_poller(ring, &pending);
	else
		pending = ring_publish(ring);
	bool waits = count > 0 && ring_ready(ring) < count;
	if (waits || owes_events(ring))
		flags |= IORING_ENTER_GETEVENTS;
	if (flags == 0 && (pending == 0 || has_poller))
		return (int)pending;

	// min_complete counts what is ready already, so there is nothing to subtract. [io_uring_enter(2)]
	return enter(ring, pending, waits ? count : 0, flags, nullptr, 0);
}

// Most calls push something and wait for something. Then there is a system call to make whatever else there is: it brings what
// is owed, too, and nothing need be looked at before. Where moreover the kernel itself works the ring off (is_plain), the call is
// made here and not behind the table: of all that a program does for a single operation, the detour would be a quarter.
int ring_submit(struct io_uring *ring, unsigned count)
{
	struct ring_own *own = ring->cq.own;
	if (!own->is_plain || count == 0)
		return submit(ring, count);
	unsigned pending = ring_publish(ring);
	if (pending == 0)
		return submit(ring, count);
	int result = sys_io_uring_enter(ring->enter_ring_fd, pending, count, IORING_ENTER_GETEVENTS | own->enter_flags,
					nullptr, 0);
	ring->sq.ends.pop = load_acquire(ring->cq.ktail); // pairs with the kernel's release in io_commit_cqring()
	return result;
}

// Submits and waits with limits, which `arg` gives in the way that `flags` say.
static int wait_by(struct io_uring *ring, unsigned count, unsigned flags, const void *arg, size_t size)
{
	unsigned pending, wake = 0;
	bool has_poller = (ring->flags & IORING_SETUP_SQPOLL) != 0;
	if (has_poller)
		wake = show_to_poller(ring, &pending);
	else
		pending = ring_publish(ring);
	if (wake == 0 && (pending == 0 || has_poller) && ring_ready(ring) >= count && !owes_events(ring))
		return (int)pending;
	return enter(ring, pending, count, flags | wake | IORING_ENTER_GETEVENTS, arg, size);
}

int ring_wait(struct io_uring *ring, unsigned count, struct ring_wait how)
{
	if (how.timeout_ns == 0 && how.min_wait_us == 0 && how.signals == nullptr && !how.no_iowait)
		return ring_submit(ring, count);
	if (how.timeout_ns < 0 || (ring->features & IORING_FEAT_EXT_ARG) == 0 ||
	    (how.min_wait_us != 0 && (ring->features & IORING_FEAT_MIN_TIMEOUT) == 0) ||
	    (how.no_iowait && (ring->features & IORING_FEAT_NO_IOWAIT) == 0))
		return -EINVAL;

	unsigned flags = IORING_ENTER_EXT_ARG;
	if (how.absolute)
		flags |= IORING_ENTER_ABS_TIMER;
	if (how.no_iowait)
		flags |= IORING_ENTER_NO_IOWAIT;
	struct __kernel_timespec limit = {.tv_sec = how.timeout_ns / NS_PER_S, .tv_nsec = how.timeout_ns % NS_PER_S};
	struct io_uring_getevents_arg arg = {
		.sigmask = (uintptr_t)how.signals,
		.sigmask_sz = how.signals != nullptr ? SYS_SIGSET_BYTES : 0,
		.min_wait_usec = how.min_wait_us,
		.ts = how.timeout_ns != 0 ? (uintptr_t)&limit : 0,
	};
	return wait_by(ring, count, flags, &arg, sizeof(arg));
}

int ring_wait_registered(struct io_uring *ring, unsigned count, unsigned index)
{
	if (index >= ring->cq.own->waits)
		return -EFAULT;
	// Where the argument's address would be stands how far into the registered memory it lies.
	size_t size = sizeof(struct io_uring_reg_wait);
	return wait_by(ring, count, IORING_ENTER_EXT_ARG | IORING_ENTER_EXT_ARG_REG, (const void *)(index * size),
		       size);
}

int ring_wait_space(struct io_uring *ring)
{
	if ((ring->flags & IORING_SETUP_SQPOLL) == 0)
		return -EINVAL;
	unsigned shown;
	unsigned wake = show_to_poller(ring, &shown);
	if (ring_space(ring) > 0)
		return 0;
	int result = enter(ring, 0, 0, wake | IORING_ENTER_SQ_WAIT, nullptr, 0);
	if (result < 0)
		return result;
	return ring_space(ring) > 0
		       ? 0
		       : -EINTR; // of a signal it says nothing [Linux io_uring/sqpoll.c, io_sqpoll_wait_sq]
}

bool ring_flush_completions(struct io_uring *ring)
{
	if (!owes_events(ring))
		return false;
	// What the enter says is not of interest, only what it brought: -EBUSY or -EINTR may come with completions.
	(void)enter(ring, 0, 0, IORING_ENTER_GETEVENTS, nullptr, 0);
	return ring_ready(ring) > 0;
}

void ring_take_back(struct io_uring *ring, unsigned tail)
{
	struct ring_own *own = ring->cq.own;
	for (unsigned at = tail; at != ring->sq.sqe_tail;)
		at += ring_uncount(ring, at);
	ring->sq.sqe_tail = tail;
	own->traced_entry = tail;            // what was told of and not taken is not counted on
	store_release(ring->sq.ktail, tail); // nobody takes entries while we are not in enter
}

int ring_register(struct io_uring *ring, unsigned opcode, void *arg, unsigned count)
{
	struct ring_own *own = ring->cq.own;
	if (ring->ring_fd >= 0) // the index would do since 6.3 only (IORING_FEAT_REG_REG_RING), the descriptor always
		return own->engine->registers(own->state, ring->ring_fd, opcode, arg, count);
	opcode |= IORING_REGISTER_USE_REGISTERED_RING;
	return own->engine->registers(own->state, ring->enter_ring_fd, opcode, arg, count);
}
