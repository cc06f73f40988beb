// ring/register.h: everything that a ring can be told beside entries: files and buffers that it keeps, whom it wakes, as whom it
// works, what it may do, how its workers and its clock are set.
//
// Each function is one io_uring_register(2). Memory that is passed is lent for the call, unless the function says that it is
// lent longer. The first kernel that has it stands at each; an older one answers -EINVAL, and so does an engine that does
// not cover it. Further errors of every function here: -EBADFD where it wants a ring that is (or is not) enabled,
// -EACCES the ring was restricted and this is not among what it may do, -EEXIST another thread than the single issuer
// called, -ENOMEM no memory, mostly RLIMIT_MEMLOCK. Whatever fails changes nothing, unless it says so.
//
// Compiles as C11 and C++17; structures that old UAPI headers lack are only named. [io_uring_register(2); Linux
// io_uring/register.c]
#pragma once

#include "ring/ring.h"

#ifdef __cplusplus
extern "C" {
#endif

struct iovec;                 // <linux/uio.h>
struct io_uring_zcrx_ifq_reg; // <linux/io_uring.h>, as of Linux 6.15
struct zcrx_ctrl;             // <linux/io_uring.h>, as of Linux 6.19

// Tags. A registered file or buffer can have one: a number that comes back as the user_data of a completion of result 0 when
// the ring has let go of it: after it was replaced (or unregistered; since 6.13), and after the last operation that used it.
// 0: none. No entry asked for such a completion, so whoever pops it calls ring_unasked. Linux 5.13.

// Files.

// Gives the ring `count` descriptors, which entries name by their place from 0 on (sqe_fixed_file). -1 leaves a place free.
// The ring holds the files itself: the descriptors may be closed. `tags`: one for each, or null.
//
// Zero, or: -EBUSY it has some already; -EBADF one is no descriptor, -EINVAL none, or a -1 with a tag; -EMFILE more than
// RLIMIT_NOFILE, or than 1048576. Linux 5.1, places left free 5.5, tags 5.13.
RING_NODISCARD int ring_register_files(struct io_uring *ring, const int *fds, const uint64_t *tags, unsigned count);

// The same with `count` free places. Linux 5.19.
RING_NODISCARD int ring_register_files_sparse(struct io_uring *ring, unsigned count);

// Puts `count` other files at the places from `first` on: -1 frees a place, -2 (IORING_REGISTER_FILES_SKIP, 5.12) leaves it.
// What is in flight goes on with the file that it began with.
//
// How many were changed, from the first on: fewer than `count` when a later one failed. Or: -ENXIO there are no registered
// files, -EINVAL beyond their end, -EBADF. Linux 5.5, tags 5.13.
RING_NODISCARD int ring_update_files(struct io_uring *ring, unsigned first, const int *fds, const uint64_t *tags,
				     unsigned count);

// Where the kernel puts files for which it is asked to choose a place (IORING_FILE_INDEX_ALLOC): `count` places from `first`
// on; at first that is all of them. Zero, or -EINVAL: beyond the end, -EOVERFLOW. Linux 6.0.
RING_NODISCARD int ring_register_file_range(struct io_uring *ring, unsigned first, unsigned count);

// Lets go of all files. What is in flight goes on with them. Zero, or -ENXIO: there are none. Linux 5.1.
RING_NODISCARD int ring_unregister_files(struct io_uring *ring);

// Buffers.

// Gives the ring `count` pieces of memory, which entries name by their place from 0 on (READ_FIXED and its kin): their pages
// are found and pinned once, instead of at each operation. One of no address and no length leaves a place free (5.13).
// `tags`: one for each, or null. Lent until they are unregistered or replaced: the memory, not the array.
//
// Zero, or: -EBUSY it has some already; -EFAULT memory that is not there, or longer than 1 GiB; -EINVAL none, or more than
// 16384 (1024 before 5.13); -EOPNOTSUPP a mapping of a file that cannot be pinned; -ENOMEM usually RLIMIT_MEMLOCK, which
// all that are not root have. Linux 5.1, tags 5.13.
RING_NODISCARD int ring_register_buffers(struct io_uring *ring, const struct iovec *buffers, const uint64_t *tags,
					 unsigned count);

// The same with `count` free places. Linux 5.19.
RING_NODISCARD int ring_register_buffers_sparse(struct io_uring *ring, unsigned count);

// Puts `count` other buffers at the places from `first` on; one of no address and no length frees a place. `tags`: one for
// each, or null. What is in flight goes on with the memory that it began with: that one stays lent until it has ended.
//
// How many were changed, from the first on: fewer than `count` when a later one failed. Or: -ENXIO there are no registered
// buffers, -EINVAL beyond their end, and as ring_register_buffers. Linux 5.13.
RING_NODISCARD int ring_update_buffers(struct io_uring *ring, unsigned first, const struct iovec *buffers,
				       const uint64_t *tags, unsigned count);

// Which buffers of another ring are taken over. Zero everywhere: all of them, to the same places.
struct ring_clone {
	unsigned from;  // the first place there; 6.13
	unsigned first; // the first place here; 6.13
	unsigned count; // how many; 0: all of them. 6.13
	bool replace;   // where there are buffers already, instead of -EBUSY. 6.13
};

// Takes over registered buffers of `other`, which keeps them: the memory is pinned once, and lent to both, each until it lets
// go. `other` is lent for the call; both belong to this process and to one engine.
//
// Zero, or: -EBUSY it has buffers already; -ENXIO `other` has none; -EINVAL another engine, or beyond the end;
// -EOVERFLOW. Linux 6.12.
RING_NODISCARD int ring_clone_buffers(struct io_uring *ring, const struct io_uring *other, struct ring_clone which);

// Lets go of all buffers: they are the caller's again when what is in flight with them has ended. Zero, or -ENXIO: there are
// none. Linux 5.1.
RING_NODISCARD int ring_unregister_buffers(struct io_uring *ring);

// Who is told of completions.

// Adds one to an eventfd(2) for each completion, so that whoever polls descriptors hears of the ring. The ring holds it
// itself. With `async_only`: only for those that one of the kernel's workers ended. Zero, or -EBUSY: it has one already, -EBADF.
// Linux 5.2, async_only 5.6.
RING_NODISCARD int ring_register_eventfd(struct io_uring *ring, int fd, bool async_only);

// Stops and starts that: a word in shared memory, no call. Zero, or -EOPNOTSUPP: the kernel is older than 5.8.
RING_NODISCARD int ring_pause_eventfd(struct io_uring *ring, bool is_paused);

// Ends it. Zero, or -ENXIO: there is none. Linux 5.2.
RING_NODISCARD int ring_unregister_eventfd(struct io_uring *ring);

// As whom, and what.

// Remembers the credentials of this task as they are now, so that entries may work under them later (sqe.personality).
// A number from 1 to 65535. -ENOMEM, -EBUSY: too many. Linux 5.6.
RING_NODISCARD int ring_register_personality(struct io_uring *ring);

// Forgets them. Zero, or -EINVAL: there is no such number. Linux 5.6.
RING_NODISCARD int ring_unregister_personality(struct io_uring *ring, unsigned number);

// Says what the ring may do once it is enabled: what is not among `rules` is refused, entries with a completion of -EACCES. Once,
// and only while options.disabled still holds; cannot be undone. Rules that leave out IORING_REGISTER_ENABLE_RINGS are no
// trouble, since it is enabled before they hold; those that leave out IORING_REGISTER_SYNC_CANCEL make ring_close quick. Zero, or -EBADFD: it is enabled already, -EBUSY: it
// has rules already, -EINVAL: no rules, too many, or one that the kernel does not know. Linux 5.10.
RING_NODISCARD int ring_restrict(struct io_uring *ring, const struct io_uring_restriction *rules, unsigned count);

// Ends options.disabled: from now on it takes entries; with single_issuer, of this thread. Zero, or -EBADFD: it was
// enabled already. Linux 5.10.
RING_NODISCARD int ring_enable(struct io_uring *ring);

// The ring itself.

// Puts the ring into this thread's table of rings, where an enter finds it without counting references. Only this thread may
// call the ring from then on, until ring_unregister_self. Worth it for a ring whose calls are many and short. At most 16 a thread.
//
// Zero, or: -EEXIST it is there already; -EBUSY the table is full. Linux 5.18.
RING_NODISCARD int ring_register_self(struct io_uring *ring);

// Takes it out again. Zero, or -EINVAL: it is not there, or has no descriptor beside (registered_fd_only). Linux 5.18.
RING_NODISCARD int ring_unregister_self(struct io_uring *ring);

// How long the queues shall be. Zero means as ring_open has it.
struct ring_size {
	unsigned entries;    // submissions that fit: 1 to 32768, rounded up to a power of two
	unsigned cq_entries; // completions; 0: twice the entries
	bool clamp;          // take the largest that the kernel allows, instead of -EINVAL
};

// Gives the ring other queues, longer or shorter. What is pushed, in flight or ready to pop stays so, in its order. Pointers
// into the old queues are void; the handle stays where it is. Only for rings with defer_taskrun, without index_array, in the
// library's own memory.
//
// Zero, or: -EINVAL it is not such a ring, or not such a size; -EOVERFLOW what is pushed or ready does not fit the new
// queues; -EBUSY the kernel would lose what is pushed or ready (wide or mixed entries and completions, or indices about to
// wrap): submit, pop, and call again. -ENOTRECOVERABLE the kernel has changed the queues and there was no memory to map
// them: the ring can only be closed, which then does not wait. Linux 6.13.
RING_NODISCARD int ring_resize(struct io_uring *ring, struct ring_size size);

// Workers: threads of the kernel for what cannot be done without blocking. They belong to the thread that owns the ring
// (with sqpoll: to its thread), and so do these settings.

// Where they may run: `mask` has `bytes` bytes, a bit for each processor, as sched_setaffinity(2) has it. Zero, or -EINVAL: no
// such processor, or none. Linux 5.14.
RING_NODISCARD int ring_register_worker_cpus(struct io_uring *ring, const void *mask, unsigned bytes);

// Anywhere again. Zero. Linux 5.14.
RING_NODISCARD int ring_unregister_worker_cpus(struct io_uring *ring);

// How many there may be: limits[0] for what ends by itself (files), limits[1] for what may wait for ever (sockets, pipes).
// 0 leaves a limit as it is. Written back: what they were before; so two zeros ask. Zero, or -EINVAL: more than INT_MAX.
// Linux 5.15.
RING_NODISCARD int ring_limit_workers(struct io_uring *ring, unsigned limits[2]);

// Busy polling of network queues, while a thread waits for completions. It costs processor time and saves an interrupt.

struct ring_napi {
	uint32_t busy_us;  // poll for so many microseconds at most (10000 is the most); then sleep
	bool prefer_busy;  // hold back the card's interrupts meanwhile (SO_PREFER_BUSY_POLL)
	bool is_by_number; // poll the queues that ring_napi_add names (6.13), not those that sockets were seen to use
};

// Zero; `before`, unless null, becomes what it was. -EINVAL: the ring has iopoll, or a kernel without busy polling. Linux 6.9.
RING_NODISCARD int ring_register_napi(struct io_uring *ring, struct ring_napi how, struct ring_napi *before);

// Ends it. Zero; `before`, unless null, becomes what it was. Linux 6.9.
RING_NODISCARD int ring_unregister_napi(struct io_uring *ring, struct ring_napi *before);

// Adds or removes a queue by its number (SO_INCOMING_NAPI_ID of a socket that it feeds), with is_by_number. Zero, or -EINVAL: no
// such number, or not by number; -EEXIST; -ENOENT. Linux 6.13.
RING_NODISCARD int ring_napi_add(struct io_uring *ring, uint32_t number);
RING_NODISCARD int ring_napi_remove(struct io_uring *ring, uint32_t number);

// Canceling.

// Which operations. All that is said must agree; nothing said means: by token.
struct ring_cancel {
	uint64_t token; // with no flag, or with IORING_ASYNC_CANCEL_USERDATA (6.6) beside another
	int fd;         // with IORING_ASYNC_CANCEL_FD (5.19); a registered file's place with .._FD_FIXED beside (6.0)
	uint8_t opcode; // with IORING_ASYNC_CANCEL_OP (6.6)
	uint32_t flags; // those, IORING_ASYNC_CANCEL_ALL: not only the first one, .._ANY: whatever there is
	int64_t timeout_ns; // wait at most so many nanoseconds for what cannot be stopped; 0: as long as it takes
};

// Cancels operations and waits until those that are being worked on have ended. Their completions still come, mostly with
// -ECANCELED, and until they are popped their memory is lent.
//
// How many were found with IORING_ASYNC_CANCEL_ALL (then 0 means none), else 0. Or: -ENOENT there is none; -ETIME it is
// still running; -EBADF no such descriptor; -EINTR a signal handler ran; -EINVAL a negative time, or flags that this kernel
// lacks. Linux 6.0.
RING_NODISCARD int ring_cancel(struct io_uring *ring, struct ring_cancel which);

// Messages. What sqe_msg_ring does, for a thread that has no ring: a completion of `token` and `result` appears in the ring
// behind the descriptor `ring_fd`, of whatever process. `cqe_flags` (0 or IORING_CQE_F_* as the two agree) come with it.
// Asks the kernel, whatever engine the program's own rings have. The receiver calls ring_unasked for each.
//
// Zero, or: -EBADF no descriptor; -EBADFD not a ring, or one not enabled; -EOVERFLOW its completion queue is full, -ENOMEM.
// Linux 6.13.
RING_NODISCARD int ring_send_message(int ring_fd, int32_t result, uint64_t token, uint32_t cqe_flags);

// Waiting.

// The clock that deadlines of ring_wait and ring_wait_registered mean: CLOCK_MONOTONIC (1, the default) or CLOCK_BOOTTIME (7),
// which goes on while the machine sleeps. Zero, or -EINVAL. Linux 6.12.
RING_NODISCARD int ring_register_clock(struct io_uring *ring, uint32_t clock);

// Memory for the limits of waits, which then need not be copied at each: an array of struct io_uring_reg_wait, whole pages of it
// on a page, lent until ring_close. The last one of it cannot be used: the kernel takes the first for it. Only while options.disabled holds. Zero, or -EBUSY: there is some already, -EINVAL: the
// ring is enabled, or not whole pages; -EFAULT. Linux 6.13.
RING_NODISCARD int ring_register_waits(struct io_uring *ring, struct span waits);

// As ring_submit, with the limits of the `index`-th of the registered waits, which the caller has filled in before: `ts` with
// IORING_REG_WAIT_TS in `flags`, min_wait_usec, `sigmask` and its size 8; all else 0. Also: -ETIME as ring_wait, -EFAULT there
// is no such one, -EINVAL it is filled in wrongly.
RING_NODISCARD int ring_wait_registered(struct io_uring *ring, unsigned count, unsigned index);

// What there is.

// Asks the kernel (no ring) one question of <linux/io_uring/query.h>, IO_URING_QUERY_*: the answer's structure, zeroed, is `into`,
// `size` bytes. How many bytes of it the kernel knows; the rest is zero. Or -EOPNOTSUPP: it does not know the question;
// -EINVAL: older than Linux 6.18. ring_has asks for a single operation, on any kernel.
RING_NODISCARD int ring_query(unsigned question, void *into, unsigned size);

// Zero-copy receive: binds a hardware queue of a network card to the ring. Needs CAP_NET_ADMIN, defer_taskrun, cqe32 (or
// mixed) and a card that can. `queue` says all and comes back filled in; its area is lent until ring_close. Zero, or what
// io_uring/zcrx.c says: -EPERM, -EINVAL, -EOPNOTSUPP. Linux 6.15.
RING_NODISCARD int ring_register_zcrx(struct io_uring *ring, struct io_uring_zcrx_ifq_reg *queue);

// What else can be done with such a queue: give buffers back without the refill ring, lend it to another ring. Linux 6.19.
RING_NODISCARD int ring_control_zcrx(struct io_uring *ring, struct zcrx_ctrl *control);

#ifdef __cplusplus
}
#endif
