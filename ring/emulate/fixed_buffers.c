// ring/emulate/fixed_buffers.c: registered buffers.
//
// A registered buffer is a range that is checked; nothing is pinned. A tag is told by a completion when the range is given
// back. [io_uring_register(2); Linux io_uring/rsrc.c]
#include "ring/emulate/emulate.h"

#define BUFFER_BYTES_MAX (1u << 30)
#define PAGE_BYTES 4096u // where pages are larger, msync(2) may refuse the range, and it is taken

// Zero; -ENOENT: there is no such buffer; -EFAULT: the bytes are not all in it.
int ring_emu_fixed_bytes(const struct emulation *e, unsigned index, uint64_t addr, uint64_t len)
{
	if (index >= e->buffers_count || e->buffers[index].ptr == nullptr)
		return -ENOENT;
	uint64_t start = (uintptr_t)e->buffers[index].ptr, size = e->buffers[index].len;
	return addr >= start && len <= size && addr - start <= size - len ? 0 : -EFAULT;
}

// msync(2) says whether all of a range is there, and for memory that is no file's does nothing else.
static bool is_mapped(struct iovec memory)
{
	uintptr_t start = (uintptr_t)memory.iov_base & ~(uintptr_t)(PAGE_BYTES - 1);
	size_t size = (uintptr_t)memory.iov_base + memory.iov_len - start;
	return sys_msync((void *)start, size, MS_ASYNC) != -ENOMEM;
}

static int put_buffer(struct emulation *e, unsigned index, struct iovec memory, uint64_t tag)
{
	struct registered_buffer *buffer = &e->buffers[index];
	bool is_none = memory.iov_base == nullptr;
	if (is_none ? memory.iov_len != 0 : memory.iov_len == 0 || memory.iov_len > BUFFER_BYTES_MAX)
		return -EFAULT;
	if (is_none && tag != 0)
		return -EINVAL;
	if (!is_none && !is_mapped(memory))
		return -EFAULT;
	if (buffer->ptr != nullptr && buffer->tag != 0)
		(void)ring_emu_post_alone(e, buffer->tag, 0, 0);
	*buffer = (struct registered_buffer){memory.iov_base, memory.iov_len, tag};
	return 0;
}

static int drop_buffers(struct emulation *e)
{
	if (e->buffers_count == 0)
		return -ENXIO;
	for (unsigned i = 0; i < e->buffers_count; i++)
		(void)put_buffer(e, i, (struct iovec){}, 0);
	e->buffers_count = 0;
	return 0;
}

static int update_buffers(struct emulation *e, unsigned offset, const struct iovec *memory, const uint64_t *tags,
			  unsigned count)
{
	if (e->buffers_count == 0)
		return -ENXIO;
	if (count > e->buffers_count || offset > e->buffers_count - count)
		return -EINVAL;
	for (unsigned i = 0; i < count; i++) {
		struct iovec each = memory != nullptr ? memory[i] : (struct iovec){};
		int error = put_buffer(e, offset + i, each, tags != nullptr ? tags[i] : 0);
		if (error != 0)
			return i != 0 ? (int)i : error;
	}
	return (int)count;
}

static int register_buffers(struct emulation *e, const struct iovec *memory, const uint64_t *tags, unsigned count)
{
	if (e->buffers_count != 0)
		return -EBUSY;
	if (count == 0 || count > 16384 /* IORING_MAX_REG_BUFFERS */)
		return -EINVAL;
	if (count > BUFFERS_MAX)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++) {
		e->buffers[i] = (struct registered_buffer){};
		int error = put_buffer(e, i, memory != nullptr ? memory[i] : (struct iovec){},
				       tags != nullptr ? tags[i] : 0);
		if (error != 0)
			return error;
	}
	e->buffers_count = count;
	return 0;
}

bool ring_emu_is_tagged_register(const struct io_uring_rsrc_register *reg, unsigned size)
{
	bool is_sparse = (reg->flags & IORING_RSRC_REGISTER_SPARSE) != 0;
	return size == sizeof(*reg) && reg->resv2 == 0 && (reg->flags & ~IORING_RSRC_REGISTER_SPARSE) == 0 &&
	       (!is_sparse || reg->data == 0);
}

bool ring_emu_is_tagged_update(const struct io_uring_rsrc_update2 *up, unsigned size)
{
	return size == sizeof(*up) && up->resv == 0 && up->resv2 == 0 && up->nr != 0;
}

static int register_tagged(struct emulation *e, const struct io_uring_rsrc_register *reg, unsigned size)
{
	if (!ring_emu_is_tagged_register(reg, size))
		return -EINVAL;
	return register_buffers(e, (const struct iovec *)(uintptr_t)reg->data, (const uint64_t *)(uintptr_t)reg->tags,
				reg->nr);
}

static int update_tagged(struct emulation *e, const struct io_uring_rsrc_update2 *up, unsigned size)
{
	if (!ring_emu_is_tagged_update(up, size))
		return -EINVAL;
	return update_buffers(e, up->offset, (const struct iovec *)(uintptr_t)up->data,
			      (const uint64_t *)(uintptr_t)up->tags, up->nr);
}

int ring_emu_registers_buffers(struct emulation *e, unsigned opcode, void *arg, unsigned count)
{
	if (opcode == IORING_UNREGISTER_BUFFERS)
		return arg == nullptr && count == 0 ? drop_buffers(e) : -EINVAL;
	if (arg == nullptr)
		return -EFAULT;
	switch (opcode) {
	case IORING_REGISTER_BUFFERS:
		return register_buffers(e, arg, nullptr, count);
	case IORING_REGISTER_BUFFERS2:
		return register_tagged(e, arg, count);
	default:
		return update_tagged(e, arg, count);
	}
}
