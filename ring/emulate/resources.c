// ring/emulate/resources.c: registered files and buffers.
//
// A registered file is a descriptor of our own of the same file, so that the program may close its own. A registered buffer is
// a range that is checked; nothing is pinned. A tag is told by a completion when nobody uses the thing any more.
// [io_uring_register(2); Linux io_uring/rsrc.c and filetable.c]
#include "ring/emulate/emulate.h"

#define BUFFER_BYTES_MAX (1u << 30)
#define PAGE_BYTES 4096u // where pages are larger, msync(2) may refuse the range, and it is taken

int ring_emu_file_at(const struct emulation *e, unsigned index)
{
	return index < e->files_count && e->files[index].fd >= 0 ? e->files[index].fd : -EBADF;
}

static void remove_file(struct emulation *e, struct registered_file *file)
{
	struct registered_file old = *file;
	*file = (struct registered_file){.fd = -1};
	if (old.fd < 0 || ring_emu_watch_adopt(e, old.fd, old.tag))
		return;
	(void)sys_close(old.fd); // the descriptor is gone whatever close says
	if (old.tag != 0)
		(void)ring_emu_post_alone(e, old.tag, 0, 0);
}

static int put_file(struct emulation *e, unsigned index, int fd, uint64_t tag)
{
	int own = ring_emu_dup_of(fd);
	if (own < 0)
		return own;
	remove_file(e, &e->files[index]);
	e->files[index] = (struct registered_file){own, tag};
	return 0;
}

static int find_free(struct emulation *e)
{
	unsigned span = e->alloc_to - e->alloc_from;
	for (unsigned i = 0; i < span; i++) {
		unsigned index = e->alloc_from + (e->alloc_next - e->alloc_from + i) % span;
		if (e->files[index].fd >= 0)
			continue;
		e->alloc_next = index + 1 < e->alloc_to ? index + 1 : e->alloc_from;
		return (int)index;
	}
	return -ENFILE;
}

// `slot` as an entry has it: the index and 1, or IORING_FILE_INDEX_ALLOC, and then the result is the index. `fd` becomes the
// table's, or is closed.
int ring_emu_file_install(struct emulation *e, unsigned slot, int fd)
{
	bool chooses = slot == IORING_FILE_INDEX_ALLOC;
	int index = chooses ? find_free(e) : slot - 1 < e->files_count ? (int)slot - 1 : -EINVAL;
	if (e->files_count == 0 && !chooses)
		index = -ENXIO;
	if (index < 0) {
		(void)sys_close(fd); // the descriptor is gone whatever close says
		return index;
	}
	remove_file(e, &e->files[index]);
	e->files[index] = (struct registered_file){.fd = fd};
	return chooses ? index : 0;
}

int ring_emu_file_given(struct emulation *e, struct request *request, int fd)
{
	return fd < 0 || request->sqe.file_index == 0 ? fd : ring_emu_file_install(e, request->sqe.file_index, fd);
}

int ring_emu_file_close(struct emulation *e, unsigned slot)
{
	if (e->files_count == 0)
		return -ENXIO;
	if (slot - 1 >= e->files_count)
		return -EINVAL;
	if (e->files[slot - 1].fd < 0)
		return -EBADF;
	remove_file(e, &e->files[slot - 1]);
	return 0;
}

static int drop_files(struct emulation *e)
{
	if (e->files_count == 0)
		return -ENXIO;
	for (unsigned i = 0; i < e->files_count; i++)
		remove_file(e, &e->files[i]);
	e->files_count = e->alloc_from = e->alloc_to = e->alloc_next = 0;
	return 0;
}

static int register_files(struct emulation *e, const int *fds, const uint64_t *tags, unsigned count)
{
	if (e->files_count != 0)
		return -EBUSY;
	if (count == 0)
		return -EINVAL;
	struct rlimit64 limit = {.rlim_cur = UINT64_MAX};
	(void)sys_prlimit64(0, RLIMIT_NOFILE, nullptr, &limit); // where it is unknown there is none
	if (count > e->files_max || count > limit.rlim_cur)
		return -EMFILE;
	for (unsigned i = 0; i < count; i++)
		e->files[i] = (struct registered_file){.fd = -1};
	e->files_count = e->alloc_to = count;
	e->alloc_from = e->alloc_next = 0;
	for (unsigned i = 0; i < count; i++) {
		int fd = fds != nullptr ? fds[i] : -1;
		uint64_t tag = tags != nullptr ? tags[i] : 0;
		int error = fd == -1 ? (tag != 0 ? -EINVAL : 0) : fd == e->fd ? -EBADF : put_file(e, i, fd, tag);
		if (error == 0)
			continue;
		while (i-- > 0)
			e->files[i].tag = 0;
		(void)drop_files(e);
		return error;
	}
	return 0;
}

// How many were changed, or what the first of them failed for.
static int update_files(struct emulation *e, unsigned offset, const int *fds, const uint64_t *tags, unsigned count)
{
	if (e->files_count == 0)
		return -ENXIO;
	if (count > e->files_count || offset > e->files_count - count)
		return -EINVAL;
	for (unsigned i = 0; i < count; i++) {
		uint64_t tag = tags != nullptr ? tags[i] : 0;
		int error = 0;
		if (fds[i] < 0 && tag != 0)
			error = -EINVAL;
		else if (fds[i] == -1)
			remove_file(e, &e->files[offset + i]);
		else if (fds[i] != IORING_REGISTER_FILES_SKIP)
			error = fds[i] == e->fd ? -EBADF : put_file(e, offset + i, fds[i], tag);
		if (error != 0)
			return i != 0 ? (int)i : error;
	}
	return (int)count;
}

// Each to a free place; the array becomes the places.
static int add_files(struct emulation *e, int *fds, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		int own = ring_emu_dup_of(fds[i]);
		int index = own < 0 ? own : ring_emu_file_install(e, IORING_FILE_INDEX_ALLOC, own);
		if (index < 0)
			return i != 0 ? (int)i : index;
		fds[i] = index;
	}
	return (int)count;
}

int ring_op_files_update(struct emulation *e, struct request *request)
{
	const struct io_uring_sqe *sqe = &request->sqe;
	int *fds = (int *)(uintptr_t)sqe->addr;
	if ((uint32_t)sqe->off == IORING_FILE_INDEX_ALLOC)
		return add_files(e, fds, sqe->len);
	return update_files(e, (uint32_t)sqe->off, fds, nullptr, sqe->len);
}

int ring_op_fixed_fd_install(struct emulation *e, struct request *request)
{
	(void)e;
	bool stays = (request->sqe.install_fd_flags & IORING_FIXED_FD_NO_CLOEXEC) != 0;
	return (int)sys_fcntl(request->fd, stays ? F_DUPFD : F_DUPFD_CLOEXEC, 0);
}

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

static int register_tagged(struct emulation *e, bool is_files, const struct io_uring_rsrc_register *reg, unsigned size)
{
	bool is_sparse = (reg->flags & IORING_RSRC_REGISTER_SPARSE) != 0;
	if (size != sizeof(*reg) || reg->resv2 != 0 || (reg->flags & ~IORING_RSRC_REGISTER_SPARSE) != 0 ||
	    (is_sparse && reg->data != 0))
		return -EINVAL;
	const void *data = (const void *)(uintptr_t)reg->data;
	const uint64_t *tags = (const uint64_t *)(uintptr_t)reg->tags;
	return is_files ? register_files(e, data, tags, reg->nr) : register_buffers(e, data, tags, reg->nr);
}

static int update_tagged(struct emulation *e, bool is_files, const struct io_uring_rsrc_update2 *up, unsigned size)
{
	if (size != sizeof(*up) || up->resv != 0 || up->resv2 != 0 || up->nr == 0)
		return -EINVAL;
	const void *data = (const void *)(uintptr_t)up->data;
	const uint64_t *tags = (const uint64_t *)(uintptr_t)up->tags;
	return is_files ? update_files(e, up->offset, data, tags, up->nr)
			: update_buffers(e, up->offset, data, tags, up->nr);
}

static int set_alloc_range(struct emulation *e, const struct io_uring_file_index_range *range, unsigned count)
{
	uint32_t end;
	if (count != 0 || range->resv != 0)
		return -EINVAL;
	if (__builtin_add_overflow(range->off, range->len, &end))
		return -EOVERFLOW;
	if (end > e->files_count)
		return -EINVAL;
	e->alloc_from = e->alloc_next = range->off;
	e->alloc_to = end;
	return 0;
}

int ring_emu_registers_resources(struct emulation *e, unsigned opcode, void *arg, unsigned count)
{
	const struct io_uring_rsrc_update *update = arg;
	bool takes_none = opcode == IORING_UNREGISTER_FILES || opcode == IORING_UNREGISTER_BUFFERS;
	if (takes_none && (arg != nullptr || count != 0))
		return -EINVAL;
	if (!takes_none && arg == nullptr)
		return -EFAULT;
	switch (opcode) {
	case IORING_REGISTER_FILES:
		return register_files(e, arg, nullptr, count);
	case IORING_UNREGISTER_FILES:
		return drop_files(e);
	case IORING_REGISTER_FILES_UPDATE:
		return count == 0 || update->resv != 0
			       ? -EINVAL
			       : update_files(e, update->offset, (const int *)(uintptr_t)update->data, nullptr, count);
	case IORING_REGISTER_FILES2:
	case IORING_REGISTER_BUFFERS2:
		return register_tagged(e, opcode == IORING_REGISTER_FILES2, arg, count);
	case IORING_REGISTER_FILES_UPDATE2:
	case IORING_REGISTER_BUFFERS_UPDATE:
		return update_tagged(e, opcode == IORING_REGISTER_FILES_UPDATE2, arg, count);
	case IORING_REGISTER_BUFFERS:
		return register_buffers(e, arg, nullptr, count);
	case IORING_UNREGISTER_BUFFERS:
		return drop_buffers(e);
	default:
		return set_alloc_range(e, arg, count);
	}
}

void ring_emu_resources_close(struct emulation *e)
{
	(void)drop_files(e); // there may be none
	if (e->eventfd >= 0)
		(void)sys_close(e->eventfd); // the descriptor is gone whatever close says
}
