// tests/unit/ring_register_files.c: the two tables that entries name by place: files and buffers.
//
// For either engine.
#include <linux/uio.h>

#include "ring/register.h"
#include "tests/unit/ring_needs.h"

static int result_of(struct io_uring *ring, struct io_uring_sqe sqe)
{
	struct io_uring_cqe done = {.res = -1};
	CHECK_EQUAL(ring_do(ring, sqe, &done), 0);
	return done.res;
}

// Files.

// What a write of one byte to the file at that place gives.
static int write_to(struct io_uring *ring, int place)
{
	return result_of(ring, sqe_fixed_file(sqe_write(place, STR("x"), SQE_AT_POSITION)));
}

// How many bytes lie in a pipe, at most 8; they are taken out.
static long drain(struct pair pipe)
{
	struct pollfd ready = {.fd = pipe.read, .events = POLLIN};
	uint8_t bytes[8];
	return sys_ppoll(&ready, 1, &(struct __kernel_timespec){}, nullptr) == 1 ? sys_read(pipe.read, bytes, 8) : 0;
}

UNIT(files_are_named_by_their_place)
{
	struct held before = held_now();
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	struct pair pipe = make_pipe();
	int fds[3] = {make_dup(pipe.write), -1, make_dup(pipe.write)};
	CHECK_EQUAL(ring_register_files(&ring, fds, nullptr, 3), 0);
	CHECK_EQUAL(ring_register_files(&ring, fds, nullptr, 3), -EBUSY);
	close_fd(fds[0]); // the ring holds them itself
	close_fd(fds[2]);
	CHECK_EQUAL(write_to(&ring, 0), 1);
	CHECK_EQUAL(write_to(&ring, 1), -EBADF);
	CHECK_EQUAL(write_to(&ring, 2), 1);
	CHECK_EQUAL(write_to(&ring, 3), -EBADF);
	CHECK_EQUAL(drain(pipe), 2);

	CHECK_EQUAL(ring_update_files(&ring, 0, (int[]){-1, pipe.write, IORING_REGISTER_FILES_SKIP}, nullptr, 3), 3);
	CHECK_EQUAL(write_to(&ring, 0), -EBADF);
	CHECK_EQUAL(write_to(&ring, 1), 1);
	CHECK_EQUAL(write_to(&ring, 2), 1);
	CHECK_EQUAL(drain(pipe), 2);
	CHECK_EQUAL(ring_update_files(&ring, 2, (int[]){-1, -1}, nullptr, 2), -EINVAL); // beyond the end
	CHECK_EQUAL(write_to(&ring, 2), 1);
	CHECK_EQUAL(ring_update_files(&ring, 0, (int[]){pipe.write, 9999}, nullptr, 2), 1); // as far as it came
	CHECK_EQUAL(write_to(&ring, 0), 1);
	CHECK_EQUAL(ring_update_files(&ring, 0, (int[]){9999}, nullptr, 1), -EBADF);

	CHECK_EQUAL(ring_unregister_files(&ring), 0);
	CHECK_EQUAL(write_to(&ring, 1), -EBADF);
	CHECK_EQUAL(ring_unregister_files(&ring), -ENXIO);
	CHECK_EQUAL(ring_update_files(&ring, 0, (int[]){-1}, nullptr, 1), -ENXIO);
	close_pair(pipe);
	close_ring(&ring);
	CHECK_HELD(before);
}

UNIT(files_that_cannot_be_registered)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	CHECK_EQUAL(ring_register_files(&ring, (int[]){0, 9999}, nullptr, 2), -EBADF);
	CHECK_EQUAL(ring_register_files(&ring, nullptr, nullptr, 2), -EINVAL);
	CHECK_EQUAL(ring_register_files(&ring, (int[]){0}, nullptr, 0), -EINVAL);
	CHECK_EQUAL(ring_unregister_files(&ring), -ENXIO); // nothing of it remained
	static int many[64];
	for (unsigned i = 0; i < 64; i++)
		many[i] = -1;
	uint64_t limit = set_limit(RLIMIT_NOFILE, 63);
	CHECK_EQUAL(ring_register_files(&ring, many, nullptr, 64), -EMFILE);
	CHECK_EQUAL(ring_register_files(&ring, many, nullptr, 63), 0);
	set_limit(RLIMIT_NOFILE, limit);
	close_ring(&ring);
}

// [IORING_FILE_INDEX_ALLOC, Linux 5.19; the range, Linux 6.0]
UNIT(places_are_chosen_in_a_range)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	int error = ring_register_files_sparse(&ring, 5);
	NEEDS(&ring, error, 5, 19, "table of free places");
	CHECK_EQUAL(error, 0);
	CHECK_EQUAL(ring_register_files_sparse(&ring, 5), -EBUSY);
	CHECK_EQUAL(write_to(&ring, 4), -EBADF);
	struct io_uring_sqe open = sqe_openat(AT_FDCWD, "/dev/null", O_RDWR, 0);
	open.file_index = IORING_FILE_INDEX_ALLOC;
	CHECK_EQUAL(result_of(&ring, open), 0);

	error = ring_register_file_range(&ring, 2, 2);
	NEEDS(&ring, error, 6, 0, "range of places");
	CHECK_EQUAL(error, 0);
	CHECK_EQUAL(result_of(&ring, open), 2);
	CHECK_EQUAL(result_of(&ring, open), 3);
	CHECK_EQUAL(result_of(&ring, open), -ENFILE);
	CHECK_EQUAL(write_to(&ring, 3), 1);
	CHECK_EQUAL(ring_update_files(&ring, 2, (int[]){-1}, nullptr, 1), 1);
	CHECK_EQUAL(result_of(&ring, open), 2);
	CHECK_EQUAL(ring_register_file_range(&ring, 4, 2), -EINVAL);
	CHECK_EQUAL(ring_register_file_range(&ring, UINT32_MAX, 2), -EOVERFLOW);
	close_ring(&ring);
}

// Waits until so many completions are ready, but not for ever.
static void wait_for(struct io_uring *ring, unsigned count)
{
	CHECK(ring_wait(ring, count, (struct ring_wait){.timeout_ns = 5000000000}) >= 0);
}

// Whether what is unregistered all together has its tags told: the kernel does since 6.13.
static bool tells_of_unregistered(const struct io_uring *ring)
{
	return ring_engine(ring) != &ring_kernel || !kernel_is_older(6, 13);
}

// Pops the completion that says that the ring has let go of what had the tag.
static void check_tag(struct io_uring *ring, uint64_t tag)
{
	wait_for(ring, 1);
	CHECK_POP(ring, tag, 0);
	ring_unasked(ring);
}

UNIT(files_with_tags_say_when_they_are_gone)
{
	struct held before = held_now();
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	struct pair pipe = make_pipe();
	struct pair other = make_pipe();
	const uint64_t tags[3] = {101, 0, 103};
	int fds[3] = {pipe.read, pipe.write, pipe.write};
	int error = ring_register_files(&ring, fds, tags, 3);
	NEEDS(&ring, error, 5, 13, "tags");
	CHECK_EQUAL(error, 0);

	// An operation on the first holds it, though it is replaced meanwhile.
	uint8_t byte[1];
	CHECK_EQUAL(ring_push(&ring, sqe_fixed_file(sqe_read(0, SPAN(byte), SQE_AT_POSITION)), 1), 0);
	CHECK_EQUAL(ring_submit(&ring, 0), 1);
	CHECK_EQUAL(ring_update_files(&ring, 0, (int[]){other.write, -1}, (uint64_t[]){201, 0}, 2), 2);
	CHECK_EMPTY(&ring);
	CHECK_EQUAL(write_to(&ring, 2), 1);
	wait_for(&ring, 2);
	CHECK_POP(&ring, 1, 1);
	check_tag(&ring, 101);
	CHECK_EQUAL(write_to(&ring, 0), 1); // the count of what is in flight is right
	CHECK_EQUAL(drain(other), 1);

	CHECK_EQUAL(ring_update_files(&ring, 1, (int[]){-1}, (uint64_t[]){5}, 1), -EINVAL); // nothing to be gone
	CHECK_EQUAL(ring_unregister_files(&ring), 0);
	if (tells_of_unregistered(&ring))
		wait_for(&ring, 2);
	uint64_t sum = 0;
	struct io_uring_cqe done = {};
	for (; ring_pop(&ring, &done); ring_unasked(&ring))
		sum += done.user_data;
	CHECK_EQUAL(sum, tells_of_unregistered(&ring) ? 201 + 103 : 0);
	CHECK_EQUAL(ring_register_files(&ring, (int[]){-1}, (uint64_t[]){5}, 1), -EINVAL);
	close_pair(pipe);
	close_pair(other);
	int64_t start = monotonic_ns();
	close_ring(&ring);
	CHECK(monotonic_ns() - start < 1000000000);
	CHECK_HELD(before);
}

// Buffers.

static struct io_uring_sqe read_fixed(int fd, struct span into, unsigned place)
{
	struct io_uring_sqe sqe = sqe_read(fd, into, SQE_AT_POSITION);
	sqe.opcode = IORING_OP_READ_FIXED;
	sqe.buf_index = (uint16_t)place;
	return sqe;
}

// What a read of one byte by the buffer at that place gives; `into` must lie in it.
static int read_by(struct io_uring *ring, unsigned place, uint8_t *into)
{
	struct pair pipe = make_pipe();
	CHECK_EQUAL(sys_write(pipe.write, "y", 1), 1);
	*into = 0;
	int result = result_of(ring, read_fixed(pipe.read, (struct span){into, 1}, place));
	CHECK_EQUAL(*into, result == 1 ? 'y' : 0);
	close_pair(pipe);
	return result;
}

static uint8_t memory[4][8192];

static struct iovec piece(unsigned which)
{
	return (struct iovec){memory[which], sizeof(memory[which])};
}

UNIT(buffers_are_named_by_their_place)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	struct iovec pieces[3] = {piece(0), {}, piece(1)};
	int error = ring_register_buffers(&ring, pieces, nullptr, 3);
	CHECK_EQUAL(error, 0);
	CHECK_EQUAL(ring_register_buffers(&ring, pieces, nullptr, 3), -EBUSY);
	CHECK_EQUAL(read_by(&ring, 0, memory[0] + 8191), 1);
	CHECK_EQUAL(read_by(&ring, 2, memory[1] + 1), 1);
	CHECK_EQUAL(read_by(&ring, 2, memory[2]), -EFAULT); // it does not lie there
	CHECK_EQUAL(read_by(&ring, 1, memory[0]), -EFAULT); // a free place
	CHECK_EQUAL(read_by(&ring, 3, memory[0]), -EFAULT);

	error = ring_update_buffers(&ring, 1, (struct iovec[]){piece(2), {}}, nullptr, 2);
	NEEDS(&ring, error, 5, 13, "update of buffers");
	CHECK_EQUAL(error, 2);
	CHECK_EQUAL(read_by(&ring, 1, memory[2]), 1);
	CHECK_EQUAL(read_by(&ring, 2, memory[1]), -EFAULT);
	CHECK_EQUAL(ring_update_buffers(&ring, 2, (struct iovec[]){{}, {}}, nullptr, 2), -EINVAL);
	struct iovec nowhere = {.iov_base = (void *)8, .iov_len = 4096};
	CHECK_EQUAL(ring_update_buffers(&ring, 0, (struct iovec[]){piece(3), nowhere}, nullptr, 2), 1);
	CHECK_EQUAL(read_by(&ring, 0, memory[3]), 1);

	CHECK_EQUAL(ring_unregister_buffers(&ring), 0);
	CHECK_EQUAL(read_by(&ring, 0, memory[3]), -EFAULT);
	CHECK_EQUAL(ring_unregister_buffers(&ring), -ENXIO);
	CHECK_EQUAL(ring_update_buffers(&ring, 0, (struct iovec[]){piece(0)}, nullptr, 1), -ENXIO);

	CHECK_EQUAL(ring_register_buffers(&ring, (struct iovec[]){piece(0), nowhere}, nullptr, 2), -EFAULT);
	CHECK_EQUAL(ring_unregister_buffers(&ring), -ENXIO); // nothing of it remained
	CHECK_EQUAL(ring_register_buffers(&ring, nullptr, nullptr, 2), -EINVAL);
	CHECK_EQUAL(ring_register_buffers(&ring, pieces, nullptr, 0), -EINVAL);
	CHECK_EQUAL(ring_register_buffers(&ring, pieces, nullptr, 16385), -EINVAL);
	close_ring(&ring);
}

UNIT(buffers_with_tags_and_free_places)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	int error = ring_register_buffers_sparse(&ring, 4);
	NEEDS(&ring, error, 5, 19, "table of free places");
	CHECK_EQUAL(error, 0);
	CHECK_EQUAL(read_by(&ring, 3, memory[0]), -EFAULT);
	CHECK_EQUAL(ring_update_buffers(&ring, 3, (struct iovec[]){piece(0)}, (uint64_t[]){77}, 1), 1);
	CHECK_EQUAL(read_by(&ring, 3, memory[0]), 1);
	CHECK_EQUAL(ring_update_buffers(&ring, 3, (struct iovec[]){piece(1)}, (uint64_t[]){78}, 1), 1);
	check_tag(&ring, 77);
	CHECK_EQUAL(read_by(&ring, 3, memory[1]), 1);
	CHECK_EQUAL(ring_unregister_buffers(&ring), 0);
	if (tells_of_unregistered(&ring))
		check_tag(&ring, 78);

	CHECK_EQUAL(ring_register_buffers(&ring, (struct iovec[]){piece(2)}, (uint64_t[]){79}, 1), 0);
	CHECK_EQUAL(read_by(&ring, 0, memory[2]), 1);
	CHECK_EQUAL(ring_unregister_buffers(&ring), 0);
	if (tells_of_unregistered(&ring))
		check_tag(&ring, 79);
	CHECK_EMPTY(&ring);
	close_ring(&ring);
}

UNIT(buffers_of_another_ring)
{
	struct io_uring first, second;
	RING_OR_SKIP(first, 8);
	RING_OR_SKIP(second, 8);
	int error = ring_clone_buffers(&second, &first, (struct ring_clone){});
	if (error == -EINVAL)
		close_ring(&first);
	NEEDS(&second, error, 6, 12, "clone of buffers");
	CHECK_EQUAL(error, -ENXIO); // it has none
	CHECK_EQUAL(ring_register_buffers(&first, (struct iovec[]){piece(0), piece(1), piece(2)}, nullptr, 3), 0);
	CHECK_EQUAL(ring_clone_buffers(&second, &first, (struct ring_clone){}), 0);
	CHECK_EQUAL(ring_clone_buffers(&second, &first, (struct ring_clone){}), -EBUSY);
	CHECK_EQUAL(ring_unregister_buffers(&first), 0); // each lets go for itself
	CHECK_EQUAL(read_by(&second, 2, memory[2]), 1);
	CHECK_EQUAL(ring_unregister_buffers(&second), 0);

	CHECK_EQUAL(ring_register_self(&first), 0);
	CHECK_EQUAL(ring_register_buffers(&first, (struct iovec[]){piece(0), piece(1), piece(2)}, nullptr, 3), 0);
	struct ring_clone two = {.from = 1, .first = 4, .count = 2};
	error = ring_clone_buffers(&second, &first, two);
	if (error == -EINVAL && kernel_is_older(6, 13)) {
		close_ring(&first);
		close_ring(&second);
		UNIT_SKIP(STR("needs Linux 6.13: clone of a part of the buffers"));
	}
	CHECK_EQUAL(error, 0);
	CHECK_EQUAL(read_by(&second, 0, memory[0]), -EFAULT);
	CHECK_EQUAL(read_by(&second, 4, memory[1]), 1);
	CHECK_EQUAL(read_by(&second, 5, memory[2]), 1);
	two = (struct ring_clone){.from = 0, .first = 5, .count = 1};
	CHECK_EQUAL(ring_clone_buffers(&second, &first, two), -EBUSY);
	two.replace = true;
	CHECK_EQUAL(ring_clone_buffers(&second, &first, two), 0);
	CHECK_EQUAL(read_by(&second, 4, memory[1]), 1);
	CHECK_EQUAL(read_by(&second, 5, memory[0]), 1);
	two.from = 3;
	CHECK(ring_clone_buffers(&second, &first, two) < 0);
	close_ring(&first);
	CHECK_EQUAL(read_by(&second, 4, memory[1]), 1);
	CHECK_EQUAL(ring_unregister_buffers(&second), 0);

	static _Alignas(65536) uint8_t lent[65536]; // of a ring that has no descriptor
	CHECK_EQUAL(ring_open_in(&first, 8, (struct ring_options){.registered_fd_only = true}, SPAN(lent)), 0);
	CHECK_EQUAL(ring_register_buffers(&first, (struct iovec[]){piece(3)}, nullptr, 1), 0);
	CHECK_EQUAL(ring_clone_buffers(&second, &first, (struct ring_clone){}), 0);
	CHECK_EQUAL(read_by(&second, 0, memory[3]), 1);
	close_ring(&first);
	close_ring(&second);
}

UNIT(buffers_of_another_engine)
{
	struct io_uring first, second;
	RING_OR_SKIP(first, 8);
	static struct ring_engine other;
	other = *ring_engine(&first);
	RING_OR_SKIP(second, 8, .engine = &other);
	CHECK_EQUAL(ring_register_buffers(&first, (struct iovec[]){piece(0)}, nullptr, 1), 0);
	CHECK_EQUAL(ring_clone_buffers(&second, &first, (struct ring_clone){}), -EINVAL);
	close_ring(&second);
	close_ring(&first);
}
