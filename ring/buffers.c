// ring/buffers.c: a pool of buffers that the kernel chooses from.
//
// What the library notes of each buffer lies behind the ring of descriptors: who has it, how much of it is used (incremental),
// and which one was given back after it. A bundle goes from each buffer to the one that was given back next. The descriptors
// would tell as much, until they are written anew; the notes stay right as long as the buffer is not given back again.
#include "ring/buffers.h"

#include "arch/sys.h"
#include "ring/misuse.h"
#include "ring/own.h"

struct ring_buffer_note {
	uint32_t used; // bytes at its begin that completions have brought
	uint16_t next; // the id of the one that was given back after it
	bool is_taken; // the program has it
};

static_assert(sizeof(struct ring_buffer_note) + sizeof(struct io_uring_buf) == RING_BUFFER_BYTES);

// Writes the descriptor of a buffer behind the others. Not its `resv`: in the first descriptor that is where the tail lies, which
// the kernel may be reading. [Linux include/uapi/linux/io_uring.h, struct io_uring_buf_ring]
static void put(struct ring_buffers *pool, uint16_t id)
{
	struct io_uring_buf *all = (struct io_uring_buf *)pool->shared;
	struct io_uring_buf *descriptor = &all[pool->tail & (pool->count - 1)];
	descriptor->addr = (uintptr_t)(pool->buffers + (size_t)id * pool->size);
	descriptor->len = pool->size;
	descriptor->bid = id;
	pool->notes[pool->last].next = id;
	pool->notes[id].used = 0;
	pool->notes[id].is_taken = false;
	pool->last = id;
	pool->tail++;
}

void ring_buffers_commit(struct ring_buffers *pool)
{
	// The kernel sees the descriptors before the tail; pairs with the acquire in io_ring_buffer_select().
	__atomic_store_n(&pool->shared->tail, pool->tail, __ATOMIC_RELEASE);
}

// Makes the ring of descriptors known to the kernel.
static int announce(const struct ring_buffers *pool, bool is_incremental)
{
	struct io_uring_buf_reg group = {
		.ring_addr = (uintptr_t)pool->shared,
		.ring_entries = pool->count,
		.bgid = pool->group,
		.flags = is_incremental ? IOU_PBUF_RING_INC : 0,
	};
	return ring_register(pool->ring, IORING_REGISTER_PBUF_RING, &group, 1);
}

static void unmap(const struct ring_buffers *pool)
{
	if (!pool->is_lent)
		(void)sys_munmap(pool->shared, (size_t)pool->count * RING_BUFFER_BYTES); // ours: it cannot fail
}

// Memory for the descriptors and the notes. A child has no use for it, and the kernel writes to the parent's.
static long map(size_t size)
{
	long start = sys_mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (sys_failed(start))
		return start;
	int error = sys_madvise((void *)start, size, MADV_DONTFORK);
	if (error != 0)
		(void)sys_munmap((void *)start, size);
	return error != 0 ? error : start;
}

int ring_buffers_open(struct ring_buffers *pool, struct io_uring *ring, struct span buffers,
		      struct ring_buffers_options options)
{
	unsigned count = options.count;
	if (count == 0 || (count & (count - 1)) != 0 || count > RING_BUFFERS_MAX || options.size == 0)
		return -EINVAL;
	bool is_lent = options.memory.ptr != nullptr;
	size_t wanted = (size_t)count * RING_BUFFER_BYTES;
	if (buffers.len / count < options.size || (is_lent && options.memory.len < wanted))
		return -ENOSPC;
	long start = is_lent ? (long)options.memory.ptr : map(wanted);
	if (sys_failed(start))
		return (int)start;

	*pool = (struct ring_buffers){
		.ring = ring,
		.next = ring->cq.own->pools,
		.shared = (struct io_uring_buf_ring *)start,
		.notes = (struct ring_buffer_note *)(start + (long)(count * sizeof(struct io_uring_buf))),
		.buffers = buffers.ptr,
		.count = count,
		.size = options.size,
		.group = options.group,
		.is_lent = is_lent,
	};
	for (unsigned id = 0; id < count; id++) {
		if (options.withheld)
			pool->notes[id].is_taken = true;
		else
			put(pool, (uint16_t)id);
	}
	ring_buffers_commit(pool);
	int error = announce(pool, options.incremental);
	if (error != 0) {
		unmap(pool);
		*pool = (struct ring_buffers){0};
		return error;
	}
	ring->cq.own->pools = pool;
	return 0;
}

// Whether the kernel can have given it to a completion.
static bool is_given(const struct ring_buffers *pool, unsigned id)
{
	return id < pool->count && !pool->notes[id].is_taken;
}

bool ring_buffers_take(struct ring_buffers *pool, struct io_uring_cqe *done, struct ring_part *part)
{
	if ((done->flags & IORING_CQE_F_BUFFER) == 0)
		return false;
	uint16_t id = (uint16_t)(done->flags >> IORING_CQE_BUFFER_SHIFT);
	if (!is_given(pool, id)) {
		ring_misuse();
		return false;
	}
	struct ring_buffer_note *note = &pool->notes[id];
	uint32_t room = pool->size - note->used;
	uint32_t left = done->res > 0 ? (uint32_t)done->res : 0;
	uint32_t length = left < room ? left : room;
	part->bytes.ptr = pool->buffers + (size_t)id * pool->size + note->used;
	part->bytes.len = length;
	part->id = id;
	note->used += length;

	// Where the bytes go beyond it, it is a bundle and goes on in the next buffer; and only the last of them can be one that the
	// kernel goes on filling.
	bool is_end = left <= room;
	part->is_last = !is_end || (done->flags & IORING_CQE_F_BUF_MORE) == 0;
	note->is_taken = part->is_last;
	uint32_t flags = done->flags & ((1u << IORING_CQE_BUFFER_SHIFT) - 1);
	if (is_end) {
		done->flags = flags & ~(uint32_t)(IORING_CQE_F_BUFFER | IORING_CQE_F_BUF_MORE);
	} else {
		done->flags = flags | (uint32_t)note->next << IORING_CQE_BUFFER_SHIFT;
		done->res -= (int32_t)length;
	}
	return true;
}

struct span ring_buffers_at(const struct ring_buffers *pool, unsigned id, size_t length)
{
	if (id >= pool->count || length > pool->size)
		return (struct span){0};
	return (struct span){pool->buffers + (size_t)id * pool->size, length};
}

int ring_buffers_recycle(struct ring_buffers *pool, unsigned id)
{
	if (id >= pool->count || !pool->notes[id].is_taken) {
		ring_misuse();
		return -EINVAL;
	}
	put(pool, (uint16_t)id);
	return 0;
}

int ring_buffers_recycle_and_commit(struct ring_buffers *pool, unsigned id)
{
	int error = ring_buffers_recycle(pool, id);
	if (error == 0)
		ring_buffers_commit(pool);
	return error;
}

int ring_buffers_left(const struct ring_buffers *pool)
{
	if (pool->ring == nullptr)
		return -EBADF;
	struct io_uring_buf_status status = {.buf_group = pool->group};
	int error = ring_register(pool->ring, IORING_REGISTER_PBUF_STATUS, &status, 1);
	return error != 0 ? error : (uint16_t)(pool->shared->tail - status.head);
}

// The ring no longer knows the pool of that group, if there is one, and it no longer knows the ring: so that its close cannot
// meet another pool that has got the number since.
static void forget(struct io_uring *ring, uint16_t group)
{
	for (struct ring_buffers **at = &ring->cq.own->pools; *at != nullptr; at = &(*at)->next) {
		struct ring_buffers *pool = *at;
		if (pool->group != group)
			continue;
		*at = pool->next;
		pool->next = nullptr;
		pool->ring = nullptr;
		return;
	}
}

int ring_buffers_unregister(struct io_uring *ring, uint16_t group)
{
	struct io_uring_buf_reg which = {.bgid = group};
	int error = ring_register(ring, IORING_UNREGISTER_PBUF_RING, &which, 1);
	if (error == 0)
		forget(ring, group);
	return error;
}

int ring_buffers_close(struct ring_buffers *pool)
{
	if (pool->shared == nullptr)
		return 0;
	if (pool->ring != nullptr) {
		int error = ring_buffers_unregister(pool->ring, pool->group);
		if (error != 0)
			return error;
	}
	unmap(pool);
	*pool = (struct ring_buffers){0};
	return 0;
}
