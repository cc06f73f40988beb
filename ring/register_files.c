// ring/register_files.c: files and buffers that a ring keeps: the two tables that entries name by place.
//
// Both are spoken to in the same three ways: the first form of the call (an array), the second (an array, tags, or a number of
// free places), and the update. [Linux io_uring/rsrc.c]
#include <linux/uio.h>

#include "ring/own.h"
#include "ring/register.h"

// The second form: IORING_REGISTER_FILES2 or BUFFERS2. No array: all places are free. [5.13, sparse 5.19]
static int fill_table(struct io_uring *ring, unsigned opcode, const void *array, const uint64_t *tags, unsigned count)
{
	struct io_uring_rsrc_register table = {
		.nr = count,
		.flags = array == nullptr ? IORING_RSRC_REGISTER_SPARSE : 0,
		.data = (uintptr_t)array,
		.tags = (uintptr_t)tags,
	};
	return ring_register(ring, opcode, &table, sizeof(table));
}

// IORING_REGISTER_FILES_UPDATE2 or BUFFERS_UPDATE.
static int change_table(struct io_uring *ring, unsigned opcode, unsigned first, const void *array, const uint64_t *tags,
			unsigned count)
{
	struct io_uring_rsrc_update2 change = {
		.offset = first,
		.data = (uintptr_t)array,
		.tags = (uintptr_t)tags,
		.nr = count,
	};
	return ring_register(ring, opcode, &change, sizeof(change));
}

int ring_register_files(struct io_uring *ring, const int *fds, const uint64_t *tags, unsigned count)
{
	if (fds == nullptr)
		return -EINVAL;
	if (tags != nullptr)
		return fill_table(ring, IORING_REGISTER_FILES2, fds, tags, count);
	return ring_register(ring, IORING_REGISTER_FILES, (void *)fds, count); // which is only read
}

int ring_register_files_sparse(struct io_uring *ring, unsigned count)
{
	return fill_table(ring, IORING_REGISTER_FILES2, nullptr, nullptr, count);
}

int ring_update_files(struct io_uring *ring, unsigned first, const int *fds, const uint64_t *tags, unsigned count)
{
	if (tags != nullptr)
		return change_table(ring, IORING_REGISTER_FILES_UPDATE2, first, fds, tags, count);
	struct io_uring_rsrc_update change = {.offset = first, .data = (uintptr_t)fds};
	return ring_register(ring, IORING_REGISTER_FILES_UPDATE, &change, count);
}

int ring_register_file_range(struct io_uring *ring, unsigned first, unsigned count)
{
	struct io_uring_file_index_range range = {.off = first, .len = count};
	return ring_register(ring, IORING_REGISTER_FILE_ALLOC_RANGE, &range, 0);
}

int ring_unregister_files(struct io_uring *ring)
{
	return ring_register(ring, IORING_UNREGISTER_FILES, nullptr, 0);
}

int ring_register_buffers(struct io_uring *ring, const struct iovec *buffers, const uint64_t *tags, unsigned count)
{
	if (buffers == nullptr)
		return -EINVAL;
	if (tags != nullptr)
		return fill_table(ring, IORING_REGISTER_BUFFERS2, buffers, tags, count);
	return ring_register(ring, IORING_REGISTER_BUFFERS, (void *)buffers, count); // which is only read
}

int ring_register_buffers_sparse(struct io_uring *ring, unsigned count)
{
	return fill_table(ring, IORING_REGISTER_BUFFERS2, nullptr, nullptr, count);
}

int ring_update_buffers(struct io_uring *ring, unsigned first, const struct iovec *buffers, const uint64_t *tags,
			unsigned count)
{
	return change_table(ring, IORING_REGISTER_BUFFERS_UPDATE, first, buffers, tags, count);
}

int ring_clone_buffers(struct io_uring *ring, const struct io_uring *other, struct ring_clone which)
{
	if (ring_engine(ring) != ring_engine(other))
		return -EINVAL;
	bool is_index = other->ring_fd < 0;
	struct io_uring_clone_buffers clone = {
		.src_fd = (unsigned)(is_index ? other->enter_ring_fd : other->ring_fd),
		.flags = (is_index ? IORING_REGISTER_SRC_REGISTERED : 0) |
			 (which.replace ? IORING_REGISTER_DST_REPLACE : 0),
		.src_off = which.from,
		.dst_off = which.first,
		.nr = which.count,
	};
	return ring_register(ring, IORING_REGISTER_CLONE_BUFFERS, &clone, 1);
}

int ring_unregister_buffers(struct io_uring *ring)
{
	return ring_register(ring, IORING_UNREGISTER_BUFFERS, nullptr, 0);
}
