// ring/emulate/fixed_files.c: registered files.
//
// A registered file is a descriptor of our own of the same file, so that the program may close its own. A tag is told by a
// completion when nobody uses the file any more. [io_uring_register(2); Linux io_uring/rsrc.c and filetable.c]
#include "ring/emulate/emulate.h"

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
	if (fd >= 0)
		ring_emu_watch_forget(e, fd);
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

static int register_tagged(struct emulation *e, const struct io_uring_rsrc_register *reg, unsigned size)
{
	if (!ring_emu_is_tagged_register(reg, size))
		return -EINVAL;
	return register_files(e, (const int *)(uintptr_t)reg->data, (const uint64_t *)(uintptr_t)reg->tags, reg->nr);
}

static int update_tagged(struct emulation *e, const struct io_uring_rsrc_update2 *up, unsigned size)
{
	if (!ring_emu_is_tagged_update(up, size))
		return -EINVAL;
	return update_files(e, up->offset, (const int *)(uintptr_t)up->data, (const uint64_t *)(uintptr_t)up->tags,
			    up->nr);
}

static int update_plain(struct emulation *e, const struct io_uring_rsrc_update *update, unsigned count)
{
	if (count == 0 || update->resv != 0)
		return -EINVAL;
	return update_files(e, update->offset, (const int *)(uintptr_t)update->data, nullptr, count);
}

int ring_emu_registers_files(struct emulation *e, unsigned opcode, void *arg, unsigned count)
{
	if (opcode == IORING_UNREGISTER_FILES)
		return arg == nullptr && count == 0 ? drop_files(e) : -EINVAL;
	if (arg == nullptr)
		return -EFAULT;
	switch (opcode) {
	case IORING_REGISTER_FILES:
		return register_files(e, arg, nullptr, count);
	case IORING_REGISTER_FILES_UPDATE:
		return update_plain(e, arg, count);
	case IORING_REGISTER_FILES2:
		return register_tagged(e, arg, count);
	case IORING_REGISTER_FILES_UPDATE2:
		return update_tagged(e, arg, count);
	default:
		return set_alloc_range(e, arg, count);
	}
}

void ring_emu_files_close(struct emulation *e)
{
	(void)drop_files(e); // there may be none
}
