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

static struct io_uring_buf *nth_of(const struct group *group, uint16_t nth)
{
	return (struct io_uring_buf *)group->ring + ((uint16_t)(group->head + nth) & (group->entries - 1));
}

// How many the ring has. The tail lies where the first descriptor has a field that nobody uses.
static uint16_t left_in_ring(const struct group *group)
{
	// Pairs with the program's release.
	return (uint16_t)(__atomic_load_n(&group->ring->tail, __ATOMIC_ACQUIRE) - group->head);
}

// Adds a buffer to what is picked; false: no more are wanted.
static bool add(struct picked *picked, uint64_t addr, uint32_t len, uint32_t limit)
{
	uint32_t room = (limit != 0 ? limit : INT32_MAX) - picked->len;
	len = len < room ? len : room;
	picked->pieces[picked->count++] = (struct iovec){(void *)(uintptr_t)addr, len};
	picked->len += len;
	return len < room;
}

// Looks at the next buffer, or at so many as `most` (a bundle; a list gives but one), and lays them into `pieces`. `limit` bytes;
// 0: all that are there.
int ring_emu_buffer_pick(struct emulation *e, unsigned bgid, uint32_t limit, struct iovec *pieces, unsigned most,
			 struct picked *picked)
{
	struct group *group = find(e, bgid);
	if (group == nullptr || (group->entries != 0 ? left_in_ring(group) == 0 : group->first == nullptr))
		return -ENOBUFS;
	*picked = (struct picked){.group = group, .is_of_list = group->entries == 0, .pieces = pieces};
	if (picked->is_of_list) {
		picked->bid = group->first->bid;
		picked->is_last = group->first->next == nullptr;
		(void)add(picked, group->first->addr, group->first->len, limit);
		return 0;
	}
	uint16_t left = left_in_ring(group);
	picked->bid = nth_of(group, 0)->bid;
	for (uint16_t nth = 0; nth < left && picked->count < most; nth++)
		if (!add(picked, nth_of(group, nth)->addr, nth_of(group, nth)->len, limit))
			break;
	picked->is_last = picked->count == left;
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

// With IOU_PBUF_RING_INC a buffer is used up piece by piece. Whether the last that was touched is used up now.
static bool use_up(struct group *group, uint32_t used)
{
	while (used != 0) {
		struct io_uring_buf *first = nth_of(group, 0);
		uint32_t now = used < first->len ? used : first->len;
		if (now < first->len || now == 0) {
			first->addr += now;
			first->len -= now;
			return false;
		}
		first->len = 0;
		group->head++;
		used -= now;
	}
	return true;
}

// The first of them is taken even if nothing is in it, and the others as far as bytes are in them. [io_bundle_nbufs()]
static void take_from_ring(struct group *group, const struct picked *picked, uint32_t used)
{
	unsigned count = 0;
	do {
		size_t size = picked->pieces[count++].iov_len;
		group->head++;
		used -= used < size ? used : (uint32_t)size;
	} while (used != 0 && count < picked->count);
}

uint32_t ring_emu_buffer_take(struct emulation *e, const struct picked *picked, uint32_t used)
{
	struct group *group = picked->group;
	uint32_t flags = IORING_CQE_F_BUFFER | (uint32_t)picked->bid << IORING_CQE_BUFFER_SHIFT;
	if (picked->is_of_list)
		take_first(e, group);
	else if ((group->flags & IOU_PBUF_RING_INC) == 0)
		take_from_ring(group, picked, used);
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
