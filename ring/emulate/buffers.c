// ring/emulate/buffers.c: buffers that the program provides in groups, of which an operation takes one when it has bytes.
//
// A group is a ring of descriptors in the program's memory (it moves the tail, we the head), or a list that entries fill and
// empty. A buffer is looked at first and taken only when bytes are in it. [Linux io_uring/kbuf.c]
#include "ring/emulate/emulate.h"

#define PAGE_BYTES 4096u // the least there is: a ring of descriptors begins on a page

static struct group *find(struct emulation *e, unsigned bgid)
{
	for (unsigned i = 0; i < GROUPS_MAX; i++)
		if (e->groups[i].is_used && e->groups[i].bgid == bgid)
			return &e->groups[i];
	return nullptr;
}

static struct group *group_new(struct emulation *e, unsigned bgid)
{
	for (unsigned i = 0; i < GROUPS_MAX; i++) {
		if (e->groups[i].is_used)
			continue;
		e->groups[i] = (struct group){.is_used = true, .bgid = (uint16_t)bgid};
		return &e->groups[i];
	}
	return nullptr;
}

static struct io_uring_buf *first_of(const struct group *group)
{
	return (struct io_uring_buf *)group->ring + (group->head & (group->entries - 1));
}

// The tail lies where the first descriptor has a field that nobody uses.
static bool is_ring_empty(const struct group *group)
{
	return group->head == __atomic_load_n(&group->ring->tail, __ATOMIC_ACQUIRE); // pairs with the program's release
}

// Looks at the next buffer; `limit` 0 means all of it.
int ring_emu_buffer_pick(struct emulation *e, unsigned bgid, uint32_t limit, struct picked *picked)
{
	struct group *group = find(e, bgid);
	if (group == nullptr || (group->entries != 0 ? is_ring_empty(group) : group->first == nullptr))
		return -ENOBUFS;
	*picked = (struct picked){.group = group};
	if (group->entries != 0) {
		const struct io_uring_buf *next = first_of(group);
		picked->ptr = (uint8_t *)(uintptr_t)next->addr;
		picked->len = next->len;
		picked->bid = next->bid;
	} else {
		picked->from = group->first;
		picked->ptr = (uint8_t *)(uintptr_t)group->first->addr;
		picked->len = group->first->len;
		picked->bid = group->first->bid;
	}
	if (limit != 0 && limit < picked->len)
		picked->len = limit;
	return 0;
}

static void take_first(struct emulation *e, struct group *group)
{
	struct provided *first = group->first;
	group->first = first->next;
	group->last = group->first != nullptr ? group->last : nullptr;
	group->count--;
	first->next = e->free_provided;
	e->free_provided = first;
}

// With IOU_PBUF_RING_INC a buffer is used up piece by piece. Whether it is used up now.
static bool use_up(struct group *group, uint32_t used)
{
	struct io_uring_buf *first = first_of(group);
	uint32_t left = first->len - used;
	if (used == 0)
		return true;
	if (left != 0)
		first->addr += used;
	first->len = left;
	group->head += left == 0;
	return left == 0;
}

uint32_t ring_emu_buffer_take(struct emulation *e, const struct picked *picked, uint32_t used)
{
	struct group *group = picked->group;
	uint32_t flags = IORING_CQE_F_BUFFER | (uint32_t)picked->bid << IORING_CQE_BUFFER_SHIFT;
	if (picked->from != nullptr)
		take_first(e, group);
	else if ((group->flags & IOU_PBUF_RING_INC) == 0)
		group->head++;
	else if (!use_up(group, used))
		flags |= IORING_CQE_F_BUF_MORE;
	return flags;
}

int ring_emu_group_register(struct emulation *e, struct io_uring_buf_reg *reg)
{
	uint32_t entries = reg->ring_entries;
	for (size_t i = 0; i < sizeof(reg->resv) / sizeof(reg->resv[0]); i++)
		if (reg->resv[i] != 0)
			return -EINVAL;
	if ((reg->flags & ~IOU_PBUF_RING_INC) != 0 || entries == 0 || (entries & (entries - 1)) != 0 ||
	    entries >= 65536)
		return -EINVAL;
	if (reg->ring_addr == 0)
		return -EFAULT;
	if (reg->ring_addr % PAGE_BYTES != 0)
		return -EINVAL;
	struct group *group = find(e, reg->bgid);
	if (group != nullptr && (group->entries != 0 || group->first != nullptr))
		return -EEXIST;
	if (group == nullptr)
		group = group_new(e, reg->bgid);
	if (group == nullptr)
		return -ENOMEM;
	group->entries = entries;
	group->flags = reg->flags;
	group->head = 0;
	group->ring = (struct io_uring_buf_ring *)(uintptr_t)reg->ring_addr;
	return 0;
}

int ring_emu_group_unregister(struct emulation *e, const struct io_uring_buf_reg *reg)
{
	struct group *group = find(e, reg->bgid);
	if (group == nullptr)
		return -ENOENT;
	if (group->entries == 0)
		return -EINVAL;
	group->is_used = false;
	return 0;
}

int ring_emu_group_status(struct emulation *e, struct io_uring_buf_status *status)
{
	for (size_t i = 0; i < sizeof(status->resv) / sizeof(status->resv[0]); i++)
		if (status->resv[i] != 0)
			return -EINVAL;
	const struct group *group = find(e, status->buf_group);
	if (group == nullptr)
		return -ENOENT;
	if (group->entries == 0)
		return -EINVAL;
	status->head = group->head;
	return 0;
}

static struct provided *provided_new(struct emulation *e)
{
	struct provided *new = e->free_provided;
	if (new != nullptr)
		e->free_provided = new->next;
	else if (e->provided_used < e->provided_max)
		new = &e->provided[e->provided_used++];
	return new;
}

int ring_op_provide_buffers(struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	uint64_t addr = sqe->addr;
	if (sqe->fd < 1 || sqe->fd > 65536 || sqe->off > UINT16_MAX)
		return -E2BIG;
	if (sqe->len == 0 || sqe->off + (unsigned)sqe->fd > 65536)
		return -EINVAL;
	struct group *group = find(e, sqe->buf_group);
	if (group == nullptr)
		group = group_new(e, sqe->buf_group);
	if (group == nullptr)
		return -ENOMEM;
	if (group->entries != 0)
		return -EINVAL;
	for (int i = 0; i < sqe->fd; i++, addr += sqe->len) {
		struct provided *new = provided_new(e);
		if (new == nullptr)
			return i != 0 ? 0 : -ENOMEM; // [Linux: the number is not told]
		*new = (struct provided){.addr = addr, .len = sqe->len, .bid = (uint16_t)(sqe->off + (unsigned)i)};
		*(group->last != nullptr ? &group->last->next : &group->first) = new;
		group->last = new;
		group->count++;
	}
	return 0;
}

int ring_op_remove_buffers(struct emulation *e, struct request *request)
{
	int wanted = request->sqe.fd, removed = 0;
	if (wanted < 1 || wanted > 65536)
		return -EINVAL;
	struct group *group = find(e, request->sqe.buf_group);
	if (group == nullptr)
		return -ENOENT;
	if (group->entries != 0)
		return -EINVAL;
	for (; removed < wanted && group->first != nullptr; removed++)
		take_first(e, group);
	return removed;
}
