// ring/atomic.h: the two halves of every hand-over between a program and the kernel.
//
// A queue has one writer and one reader, on two sides of the system call boundary but perhaps at the same time on two
// processors. Whoever fills a slot publishes it by a release store of the tail; whoever empties it has read that tail by an
// acquire load, and then sees the slot as it was filled. Giving the slot back by the head works the same way round.
//
//	program                               kernel
//	sqe = ...                             tail = load_acquire(sq tail)
//	store_release(sq tail)    ------->    reads the sqe
//	head = load_acquire(sq head) <-----   store_release(sq head)
//
// [Linux io_uring/io_uring.c, opening comment; C23 7.17.3]
#pragma once

static inline unsigned load_acquire(const unsigned *from)
{
	return __atomic_load_n(from, __ATOMIC_ACQUIRE);
}

static inline void store_release(unsigned *to, unsigned value)
{
	__atomic_store_n(to, value, __ATOMIC_RELEASE);
}

// For flags that say only "come and look": what they announce is read by acquire afterwards.
static inline unsigned load_relaxed(const unsigned *from)
{
	return __atomic_load_n(from, __ATOMIC_RELAXED);
}
