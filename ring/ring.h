// ring/ring.h: an io_uring, as a handle and a handful of verbs.
//
//	             you fill                                  the kernel fills
//	ring_push -> [ sqe | sqe | sqe |   |   ]     ring_pop <- [ cqe | cqe |   |   |   ]
//	              head            tail                        head        tail
//	              kernel moves    you move                    you move    kernel moves
//
//	struct io_uring ring;
//	ring_open(&ring, 64, (struct ring_options){ .single_issuer = true });
//	ring_push(&ring, sqe_read(fd, into, offset), token);
//	ring_submit(&ring, 1);
//	struct io_uring_cqe done;
//	while (ring_pop(&ring, &done)) ...
//	ring_close(&ring);
//
// An entry says what is to be done (sqe.h builds it), a completion what came of it; both are values. The token that you
// push comes back as the completion's user_data and means to you what you like.
//
// The library knows the kernel and arch/, and nothing of crt/: it links into any program. It allocates nothing, owns
// nothing but what ring_open maps and ring_close unmaps, reads no environment and prints nothing.
//
// Memory that an entry points to is lent to the kernel from the submit until its completion has been popped. Not until the
// function that pushed it returns: until the completion has been popped.
//
// Results are counts, zero, or a negative errno. One thread uses a ring, unless all its calls are serialised.
//
// Compiles as C11 and C++17. The handle has the layout and the field names of liburing's struct io_uring, so that one
// ring can be spoken to in both ways. [io_uring(7), io_uring_setup(2), io_uring_enter(2)]
#pragma once

#include <linux/io_uring.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/errno.h"
#include "arch/span.h"
#include "ring/atomic.h"
#include "ring/cqe.h"
#include "ring/sqe.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
#define RING_NODISCARD [[nodiscard]]
#elif __STDC_VERSION__ >= 202311L
#define RING_NODISCARD [[nodiscard]]
#else
#define RING_NODISCARD __attribute__((warn_unused_result))
#endif

// The library's own, in the mapping that ring_open makes.
struct ring_own;

struct ring_engine; // who works the queues off (engine.h)

// How far push and pop may go before they must look at the kernel's index again: reading memory that another processor
// writes is what costs, so they do it once a round instead of once an entry.
struct ring_ends {
	unsigned push; // sqe_tail may come up to here
	unsigned pop;  // the completion head may come up to here: the kernel's tail, as last read
};

// The submission queue. Pointers lead into memory that is shared with the kernel.
struct io_uring_sq {
	unsigned *khead; // the next entry that the kernel takes; only the kernel writes it
	unsigned *ktail; // behind the last entry that the kernel may take; only we write it
	unsigned *kring_mask;
	unsigned *kring_entries;
	unsigned *kflags; // IORING_SQ_*; only the kernel writes it
	unsigned *kdropped;
	unsigned *array; // index of the entry at each place; null where the kernel has no such array
	struct io_uring_sqe *sqes;

	unsigned sqe_head; // *khead as last read: never ahead of it
	unsigned sqe_tail; // behind the last entry pushed; *ktail once it is published

	size_t ring_sz;
	void *ring_ptr;

	unsigned ring_mask;
	unsigned ring_entries;

	union {
		unsigned pad[2];
		struct ring_ends ends;
	};
};

// The completion queue.
struct io_uring_cq {
	unsigned *khead; // the next completion to pop; only we write it
	unsigned *ktail; // behind the last completion; only the kernel writes it
	unsigned *kring_mask;
	unsigned *kring_entries;
	unsigned *kflags;
	unsigned *koverflow;
	struct io_uring_cqe *cqes;

	size_t ring_sz;
	void *ring_ptr;

	unsigned ring_mask;
	unsigned ring_entries;

	union {
		unsigned pad[2];
		struct ring_own *own;
		unsigned *more; // its first member: completions popped that were not an operation's last
	};
};

struct io_uring {
	struct io_uring_sq sq;
	struct io_uring_cq cq;
	unsigned flags; // IORING_SETUP_* that the ring was made with
	int ring_fd;

	unsigned features; // IORING_FEAT_* of this kernel
	int enter_ring_fd;
	uint8_t int_flags;
	uint8_t pad[3];
	unsigned pad2;
};

// How a ring is to be. Zero means the default everywhere. Each names its IORING_SETUP_* flag and the first kernel that has it;
// an older one answers -EINVAL, and the caller decides what to do without. [io_uring_setup(2)]
//
// Set by the library itself: NO_SQARRAY (6.6) wherever the kernel has it, and TASKRUN_FLAG (5.19) with coop_taskrun and
// defer_taskrun, so that a peek sees that work waits.
struct ring_options {
	// Who works the queues off (engine.h). Null: the kernel (&ring_kernel). A program links only the engines it names.
	const struct ring_engine *engine;
	// Who does it where that one is missing or forbidden, -ENOSYS or -EPERM. Null: then ring_open says so.
	const struct ring_engine *fallback;

	unsigned cq_entries; // completions that fit, a power of two is made of it; 0: twice the entries. CQSIZE, 5.5
	bool clamp;          // take the largest queues that the kernel allows, instead of -EINVAL. 5.6
	bool submit_all;     // go on with a batch behind an entry that is refused at once. 5.18
	bool disabled;       // takes no entries until ring_enable; meanwhile it can be restricted. R_DISABLED, 5.10

	// When operations are finished, and by whom.
	bool coop_taskrun;  // do not interrupt the program to finish an operation: it enters anyway. 5.19
	bool single_issuer; // only this thread submits: the kernel may save a lock, and checks it. 6.0
	bool defer_taskrun; // finish operations only when this thread waits; wants single_issuer. 6.1

	// A kernel thread that takes entries by itself, so that submitting needs no call while it is awake.
	bool sqpoll;             // 5.1; for all, not for root only, since 5.13
	unsigned sqpoll_idle_ms; // it sleeps after so many milliseconds without an entry; 0: one second
	bool sqpoll_pinned;      // .. and runs on processor sqpoll_cpu only. SQ_AFF
	unsigned sqpoll_cpu;
	const struct io_uring *attach; // share that ring's workers, and its thread. Lent for the call. ATTACH_WQ, 5.6

	bool iopoll;        // poll the device for completions: O_DIRECT reads and writes only. 5.1
	bool hybrid_iopoll; // .. and sleep for the first half of the time they take; wants iopoll. 6.13

	// Wide entries, with verbs of their own below: ring_push128, ring_pop32.
	bool sqe128;    // every submission has 128 bytes. 5.19
	bool cqe32;     // every completion has 32 bytes. 5.19
	bool sqe_mixed; // both sizes, by the operation (sqe_nop128, sqe_uring_cmd128). 6.19
	bool cqe_mixed; // both sizes, by IORING_CQE_F_32. 6.18

	bool index_array;        // keep the index array though the kernel could do without: for debuggers of old
	bool registered_fd_only; // no descriptor, only an index in this task's table; wants ring_open_in. 6.5
	bool fork_shares; // leave the queues mapped in children (the default is MADV_DONTFORK: see ring_open); who uses the
			  // ring in more than one process puts its handle into memory that they share, and takes turns

	bool close_quick;                              // ring_close does not wait for what is in flight
	unsigned close_ms;                             // how long ring_close waits, milliseconds; 0: 5000
	void (*trace)(void *context, struct str line); // called for each entry and completion, if built in (trace.h)
	void *trace_context;                           // given to it; lent until ring_close
	unsigned page_size; // bytes of a page of this process (AT_PAGESZ), to round the library's own mapping; 0: 4096
};

// Tokens from here up are the library's own; ring_push refuses them.
#define RING_TOKEN_LIMIT (UINT64_MAX - 15)

// Makes a ring of at least `entries` submissions (1 to 32768; the kernel rounds up to a power of two) and writes it to
// `ring`, which stays the caller's and must not move while anything is in flight.
//
// The queues are not inherited by a fork: two processes that both moved the tail would run each other's entries. A child
// that touches the parent's ring gets SIGSEGV instead; it opens its own. [madvise(2), MADV_DONTFORK]
//
// Zero, or: -EINVAL no entries, too many without clamp, an option that this kernel does not have, or options that exclude
// each other (defer_taskrun without single_issuer; sqpoll with either taskrun; what belongs to sqpoll, iopoll or ring_open_in
// without it; both a wide and a mixed form; fewer completions than entries; attach to a ring without a descriptor): those are
// refused before the kernel is asked. -ENOSYS the kernel has no
// io_uring, or a filter pretends so; -EPERM it is forbidden (seccomp, or sysctl kernel.io_uring_disabled);
// -ENOMEM no memory, before 5.12 usually RLIMIT_MEMLOCK; -EMFILE, -ENFILE no descriptor left. After an error nothing
// remains and `ring` is not a ring; ring_explain has words for it. Linux 5.5 (completions are never dropped).
// [io_uring_setup(2)]
RING_NODISCARD int ring_open(struct io_uring *ring, unsigned entries, struct ring_options options);

// Bytes that ring_open_in wants for such a ring, with `page` bytes a page; 0: there can be no such ring.
size_t ring_memory_bytes(unsigned entries, struct ring_options options);

// As ring_open, in the caller's memory: `memory` begins on a page, has ring_memory_bytes(entries, options) bytes, is private
// (no other process and no file sees it), and is lent until ring_close, which leaves some of its pages to the kernel and
// zeros in their place. Nothing is mapped, and nothing is done about forks. Also: -EINVAL the kernel is too old, or `memory`
// is not on a page; -ENOSPC it is too short. NO_MMAP, Linux 6.5 (6.10 where it is no huge page).
RING_NODISCARD int ring_open_in(struct io_uring *ring, unsigned entries, struct ring_options options,
				struct span memory);

// Who works it off: &ring_kernel, or what options named.
const struct ring_engine *ring_engine(const struct io_uring *ring);

// Why it is the fallback that does: what the first engine said, -ENOSYS or -EPERM (ring_explain). 0: it is not.
int ring_refusal(const struct io_uring *ring);

// Ends a ring: cancels what is in flight, waits until all of it has ended, unmaps and closes. After zero no memory is lent
// any more, and every descriptor that an operation held is free. Completions that were not popped are dropped; pushed
// entries that were not submitted never run.
//
// Zero, or -ETIME: something would not end within options.close_ms (a read of a disk that hangs); the ring is still open
// and the memory still lent: call again, or keep both until the process ends. With options.close_quick it returns at once
// and the kernel tears down behind it. Or -EEXIST: another thread than the single issuer called, and something is in flight.
// The wait uses IORING_REGISTER_SYNC_CANCEL: before Linux 6.0, or where a restriction forbids it, close is quick.
RING_NODISCARD int ring_close(struct io_uring *ring);

// Entries that can be pushed before the queue is full.
static inline unsigned ring_space(struct io_uring *ring)
{
	ring->sq.sqe_head = load_acquire(ring->sq.khead); // pairs with the kernel's release in io_commit_sqring()
	return ring->sq.ring_entries - (ring->sq.sqe_tail - ring->sq.sqe_head);
}

// For ring_push: looks at the kernel's head again. Zero: there is room; or what ring_push says.
RING_NODISCARD int ring_make_room(struct io_uring *ring);

// For ring_push and ring_do: remember that completions may come in any number, or not at all.
void ring_note_goes_on(struct io_uring *ring);
void ring_note_silent(struct io_uring *ring);

// ring_push without the check of the token: the library's own entry goes this way.
RING_NODISCARD SQE_INLINE int ring_put(struct io_uring *ring, struct io_uring_sqe sqe, uint64_t token)
{
	struct io_uring_sq *sq = &ring->sq;
	if (sq->sqe_tail == sq->ends.push) {
		int full = ring_make_room(ring);
		if (full != 0)
			return full;
	}
	// Both are decided while compiling, where the builder is known.
	if (sqe_goes_on(&sqe))
		ring_note_goes_on(ring);
	if ((sqe.flags & IOSQE_CQE_SKIP_SUCCESS) != 0)
		ring_note_silent(ring);

	// Field by field: as one assignment the compiler first builds the entry on the stack, zeros and all.
	struct io_uring_sqe *slot = &sq->sqes[sq->sqe_tail & sq->ring_mask];
	slot->opcode = sqe.opcode;
	slot->flags = sqe.flags;
	slot->ioprio = sqe.ioprio;
	slot->fd = sqe.fd;
	slot->off = sqe.off;
	slot->addr = sqe.addr;
	slot->len = sqe.len;
	slot->rw_flags = sqe.rw_flags;
	slot->user_data = token;
	slot->buf_index = sqe.buf_index;
	slot->personality = sqe.personality;
	slot->file_index = sqe.file_index;
	slot->addr3 = sqe.addr3;
	slot->__pad2[0] = sqe.__pad2[0];
	sq->sqe_tail++;
	return 0;
}

// Puts an entry behind those pushed before. Nothing runs until ring_submit. `token` comes back as user_data; it must be
// below RING_TOKEN_LIMIT.
//
// An entry that asks for no completion of its success (sqe_silent) gives no other sign that its memory is free again: only
// an entry linked behind it does.
//
// Zero, or -EAGAIN: the queue is full, submit first; -EINVAL: the token is the library's, or the ring's entries are wide
// (ring_push128). Either way nothing was pushed.
RING_NODISCARD SQE_INLINE int ring_push(struct io_uring *ring, struct io_uring_sqe sqe, uint64_t token)
{
	if (token >= RING_TOKEN_LIMIT)
		return -EINVAL;
	return ring_put(ring, sqe, token);
}

// As ring_push, in a ring with options.sqe128 or sqe_mixed: the entry's 64 bytes, and behind them the 80 bytes of a command
// that begin in its `cmd` (their first 16 bytes are the entry's own last ones; null: zeros). Lent for the call only.
// In a mixed ring the entry takes two places, and a third where two would not lie together.
//
// Zero, or -EAGAIN: the queue is full, submit first; -EINVAL: a token of the library's, or a ring of narrow entries.
RING_NODISCARD int ring_push128(struct io_uring *ring, struct io_uring_sqe sqe, const uint8_t command[80],
				uint64_t token);

// Shows the pushed entries to the kernel without a call: a thread of the kernel (sqpoll) that is awake takes them from there,
// and so does the next enter, whoever makes it. How many wait to be taken.
unsigned ring_publish(struct io_uring *ring);

// Gives the pushed entries to the kernel and waits until `count` completions are ready to pop (0: does not wait; what is
// ready already counts; never more than fit the queue). At most one system call; none when there is nothing to do, and with
// sqpoll none while the kernel's thread is awake.
//
// How many entries the kernel took. Fewer than were pushed means that it stopped behind one that it refused at once (its
// completion says why): call again for the rest. With sqpoll: how many its thread was shown now. A signal or an error after
// at least one entry was taken does not hide the count; then fewer than `count` completions may be ready. So too when a
// sqe_timeout ends meanwhile: its completion wakes whoever waits; and with iopoll while a worker has the operation in hand.
// [Linux io_uring/io_uring.h, io_should_wake; io_uring.c, io_iopoll_check]
// Or, and then nothing was taken: -EINTR a signal handler ran: call again. -EAGAIN no memory for a request, -EBUSY too many
// completions wait behind a full queue: pop what there is, then call again; with nothing in flight -EAGAIN will not end
// by itself. -EBADR completions were lost because memory ran out. -EBADFD the ring is still disabled: ring_enable.
// -EEXIST another thread than the single issuer called. -EOWNERDEAD the sqpoll thread has died. [io_uring_enter(2)]
RING_NODISCARD int ring_submit(struct io_uring *ring, unsigned count);

// How to wait. Zero means the default.
struct ring_wait {
	int64_t timeout_ns;   // give up this many nanoseconds from now; 0: never. 5.11
	uint32_t min_wait_us; // within so many microseconds wait for all of `count`; after them any one will do. 6.12
	const uint64_t
		*signals; // the mask of blocked signals while waiting (64 bits), as ppoll(2)'s; lent for the call. 5.11
	bool absolute;    // timeout_ns is a time of the ring's clock (CLOCK_MONOTONIC unless registered). 6.12
	bool no_iowait;   // do not count this wait as I/O wait: the processor may sleep deeper. 6.15
};

// As ring_submit, with limits. Also: -ETIME the time is over and fewer than `count` completions are ready (when no entry
// was taken; the count of taken entries is never hidden). -EINVAL a negative time, or a kernel that has no such limit: it is
// refused, not forgotten.
RING_NODISCARD int ring_wait(struct io_uring *ring, unsigned count, struct ring_wait how);

// Waits until the kernel's thread (sqpoll) has taken enough that an entry can be pushed. Zero, or -EINVAL: there is no such
// thread, -EINTR, -EOWNERDEAD. Linux 5.10.
RING_NODISCARD int ring_wait_space(struct io_uring *ring);

// Asks the kernel for completions that it holds back: behind a full queue, as work for this thread, or in a device that must
// be polled. False: none came.
bool ring_flush_completions(struct io_uring *ring);

// Completions that are ready to pop without asking the kernel. (In a mixed ring: places, of which a wide one takes two.)
static inline unsigned ring_ready(const struct io_uring *ring)
{
	return load_acquire(ring->cq.ktail) - *ring->cq.khead; // pairs with the kernel's release in io_commit_cqring()
}

bool ring_look_again(struct io_uring *ring); // ring_pop's: are there any behind the tail as last read?

// Takes the oldest completion into `done`, a copy: nothing to mark as seen. False: there is none now. (Also in a ring of wide
// or mixed completions, which are not for this verb: ring_pop32. Debug builds trap.)
//
// done->res is the operation's result, a negative errno where it failed. done->flags has IORING_CQE_F_MORE while the
// operation goes on (multishot, zero copy): then the token will come back once more, and memory stays lent.
static inline bool ring_pop(struct io_uring *ring, struct io_uring_cqe *done)
{
	struct io_uring_cq *cq = &ring->cq;
	unsigned head = *cq->khead; // ours alone to write
	if (head == ring->sq.ends.pop && !ring_look_again(ring))
		return false;

	const struct io_uring_cqe *ready = &cq->cqes[head & cq->ring_mask];
	done->user_data = ready->user_data;
	done->res = ready->res;
	done->flags = ready->flags;
	store_release(cq->khead, head + 1); // pairs with the kernel's acquire in io_fill_cqe_req_aux() and its kin
	if ((done->flags & IORING_CQE_F_MORE) != 0)
		++*cq->more;
	return true;
}

// For each popped completion that no entry of this ring asked for: a message from another ring, a tag (register.h). Whoever
// does not say so lets the ring count too few in flight, and ring_do may refuse with -EBUSY.
static inline void ring_unasked(struct io_uring *ring)
{
	++*ring->cq.more;
}

// A completion that can be an element of an array; the kernel's own ends in an array of no size, so it cannot. [C23 6.7.3.2]
struct ring_cqe {
	uint64_t user_data;
	int32_t res;
	uint32_t flags;
};

// As ring_pop, up to `count` at once into `done`, oldest first, giving their places back together. How many: fewer than
// `count` only if no more are ready.
unsigned ring_pop_many(struct io_uring *ring, struct ring_cqe *done, unsigned count);

// A completion of any width.
struct ring_cqe32 {
	uint64_t user_data;
	int32_t res;
	uint32_t flags;   // has IORING_CQE_F_32 in a mixed ring, if it is a wide one
	uint64_t more[2]; // what a wide one says beyond; else zeros
};

// As ring_pop, for a ring of any width: with options.cqe32 or cqe_mixed it is the only one.
bool ring_pop32(struct io_uring *ring, struct ring_cqe32 *done);

// Runs one operation to its end: submits what was pushed before it, and it, and waits for its own completion, which is
// written to `done`. A signal does not make it return early. Other completions stay, in their order.
//
// Zero: it has ended, and done->res says how; no memory of it is lent any more. An error: it has not been submitted and
// never runs. -EBUSY: what is in flight might fill the completion queue so that this completion would wait behind others
// that nobody pops, or a link chain is open; pop, or end the chain, first. (What was pushed silent and succeeds never says
// so, and counts for ever.) -EINVAL: the entry is linked, silent, or a multishot one: it has no one end; or the ring is one
// of mixed completions. Else as ring_submit: -EAGAIN, -ENOMEM, -EBADFD, -EEXIST, -EOWNERDEAD.
// Completions that this ring did not ask for (ring_unasked) are foreseen by nobody: if those could fill the queue, do not use
// this.
RING_NODISCARD int ring_do(struct io_uring *ring, struct io_uring_sqe sqe, struct io_uring_cqe *done);

// Whether the ring may be told to do `opcode` (IORING_OP_*) on this kernel. False also where the kernel cannot be asked
// (before 5.6).
bool ring_has(struct io_uring *ring, unsigned opcode);

// Why ring_open failed and what to do about it, in one clause: "a seccomp filter forbids io_uring here, ...; let the profile
// allow ...". `error` is ring_open's; empty for one that it does not return. Looks into /proc (explain.h). Never changes.
struct str ring_explain(int error);

#ifdef __cplusplus
}
#endif
