// ring/buffers.h: a pool of buffers that the kernel chooses from.
//
// A read or receive that must wait would tie its buffer down all the while. So an entry can name a group of buffers instead
// (IOSQE_BUFFER_SELECT), and the kernel takes one when there is data. Which one it took stands in the completion; when the
// program has read it, it gives it back:
//
//	struct ring_buffers pool;
//	ring_buffers_open(&pool, &ring, SPAN(memory), (struct ring_buffers_options){.group = 1, .count = 64, .size = 4096});
//	ring_push(&ring, ... of group 1 ..., token);
//	...
//	struct ring_part part;
//	while (ring_buffers_take(&pool, &done, &part)) { // once; with bundles once for each buffer
//		... part.bytes ...
//		if (part.is_last)
//			ring_buffers_recycle(&pool, part.id);
//	}
//	ring_buffers_commit(&pool);
//
// The buffers are the caller's. They are lent to the kernel from open on, but for those that were taken and not given back.
// The kernel reads which ones it has from a ring of descriptors that both share:
//
//	| addr len id | addr len id | addr len id | addr len id |      a buffer's place in here is not its id: they are
//	  kernel's head                tail: commit moves it           taken in order, and given back as it happens
//
// Compiles as C11 and C++17. Linux 5.19. [io_uring_register(2), IORING_REGISTER_PBUF_RING; Linux io_uring/kbuf.c]
#pragma once

#include "ring/ring.h"

#ifdef __cplusplus
extern "C" {
#endif

// Bytes of the ring of descriptors, and of what the library notes, for each buffer.
#define RING_BUFFER_BYTES 24u

#define RING_BUFFERS_MAX 32768u // in one group

struct ring_buffer_note; // what the library remembers of a buffer

// A pool. All is the library's own; it must not move while it is open.
struct ring_buffers {
	struct io_uring *ring;            // null: its ring is closed, or its group unregistered
	struct ring_buffers *next;        // of the same ring
	struct io_uring_buf_ring *shared; // with the kernel
	struct ring_buffer_note *notes;
	uint8_t *buffers;
	unsigned count;
	uint32_t size;
	uint16_t group;
	uint16_t tail; // behind the last one given back; shared->tail once it is committed
	uint16_t last; // the id of that one
	bool is_lent;  // the ring of descriptors and the notes lie in the caller's memory
};

struct ring_buffers_options {
	uint16_t group; // by which entries name it (sqe.buf_group)
	unsigned count; // of buffers: a power of two, 1 to RING_BUFFERS_MAX. Their ids are 0 to count - 1
	uint32_t size;  // of each, bytes
	bool incremental; // a buffer is used bit by bit, until it is full: for few large ones, and streams. (Of a file that
			  // cannot be polled the kernel counts what was asked for, not what was read.) 6.12
	bool withheld; // the program has all of them at first: the kernel gets those that are given back, and no more
	struct span
		memory; // for descriptors and notes: count * RING_BUFFER_BYTES bytes, on a page; null: they are mapped
};

// Gives the kernel `buffers`, count * size bytes, as a group of this ring, all of them free, or withheld. Lent until ring_buffers_close or
// ring_close, whichever is first: `buffers`, `memory` and the pool itself (ring_close tells it). Both may be closed in
// either order; a pool whose ring is gone has still to be closed.
//
// Zero, or: -EINVAL no buffers, no bytes in them, not a power of two, too many, `memory` not on a page, or a kernel that has no
// such groups (or not incremental ones); -ENOSPC `buffers` or `memory` is too short; -EEXIST the group is taken; -ENOMEM
// no memory, mostly RLIMIT_MEMLOCK; -EEXIST also: another thread than the single issuer called. Then nothing remains.
RING_NODISCARD int ring_buffers_open(struct ring_buffers *pool, struct io_uring *ring, struct span buffers,
				     struct ring_buffers_options options);

// A part of what a completion brought: what lies in one buffer.
struct ring_part {
	struct span bytes; // empty where the operation failed or was at its end, and yet had taken a buffer
	uint16_t id;       // of the buffer
	bool is_last;      // the kernel is done with the buffer: it is the program's until ring_buffers_recycle
};

// Takes the next part that a popped completion brought. Completions of a group are taken in the order in which they were
// popped. `done` is counted down: look at done->res, the bytes of all parts together, before. (done->flags keeps
// IORING_CQE_F_MORE.) A bundle spans several buffers. An incremental buffer comes several times, and only the last time is
// it the program's.
//
// False: there is no more, or it brought none. Also, and a debug build stops there: the id is none of this pool, or the
// program has it already (a completion taken twice, or of another group).
bool ring_buffers_take(struct ring_buffers *pool, struct io_uring_cqe *done, struct ring_part *part);

// The first `length` bytes of a buffer, whoever has it now. Null where there is no such buffer or it is not that long.
struct span ring_buffers_at(const struct ring_buffers *pool, unsigned id, size_t length);

// Gives a buffer back, as free; the kernel sees it with the next commit. Zero, or -EINVAL: there is no such buffer, or the
// program does not have it (given back twice, or not wholly taken). A debug build stops there.
int ring_buffers_recycle(struct ring_buffers *pool, unsigned id);

// Shows the kernel all that were given back. One store, no call.
void ring_buffers_commit(struct ring_buffers *pool);

// Both. As ring_buffers_recycle.
int ring_buffers_recycle_and_commit(struct ring_buffers *pool, unsigned id);

// How many free buffers the kernel has. Asks it: for tests and for figures. Or -EINVAL: older than Linux 6.8; -ENOENT: the group
// is gone, -EBADF: the ring is.
RING_NODISCARD int ring_buffers_left(const struct ring_buffers *pool);

// Takes all buffers back from the kernel and unmaps what was mapped. Before that end every operation that names the group, and
// pop its completions: what the kernel had chosen for one it still fills. A pool that is closed already, or all zeros, is
// left alone.
//
// Zero; or -EEXIST: another thread than the single issuer called, -EACCES: the ring was restricted; then all stays lent.
RING_NODISCARD int ring_buffers_close(struct ring_buffers *pool);

// Takes a group back by its number. If a pool has it, that has still to be closed. Zero, or -ENOENT there is no such group;
// -EINVAL it is one of the classic kind (sqe_provide_buffers).
RING_NODISCARD int ring_buffers_unregister(struct io_uring *ring, uint16_t group);

#ifdef __cplusplus
}
#endif
