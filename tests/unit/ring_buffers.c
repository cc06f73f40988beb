// tests/unit/ring_buffers.c: pools of buffers that the kernel chooses from.
//
// For either engine.
#include "ring/buffers.h"

#include "ring/register.h"
#include "tests/unit/ring_needs.h"

static uint8_t memory[65536];

static int send_bytes(int fd, const void *bytes, size_t length)
{
	return (int)sys_sendto(fd, bytes, length, 0, nullptr, 0);
}

// Opens a pool over `memory`, or closes the ring and ends the test. The rest: fields of the options.
#define POOL_OR_SKIP(pool, ring, ...)                                                           \
	do {                                                                                    \
		struct ring_buffers_options pool_options = {__VA_ARGS__};                       \
		int pool_error = ring_buffers_open((pool), (ring), SPAN(memory), pool_options); \
		if (pool_options.incremental)                                                   \
			NEEDS((ring), pool_error, 6, 12, "incremental buffers");                \
		NEEDS((ring), pool_error, 5, 19, "buffer rings");                               \
		CHECK_EQUAL(pool_error, 0);                                                     \
	} while (0)

// How many the kernel has; where it cannot be asked, `expected`.
static int left_or(const struct ring_buffers *pool, int expected)
{
	int left = ring_buffers_left(pool);
	return left == -EINVAL && (kernel_is_older(6, 8) || ring_engine(pool->ring) != &ring_kernel) ? expected : left;
}

#define CHECK_LEFT(pool, expected) CHECK_EQUAL(left_or((pool), (expected)), (expected))

// Waits for one completion, and pops it.
static struct io_uring_cqe *next_completion(struct io_uring *ring)
{
	static struct io_uring_cqe done;
	done.user_data = 0;
	done.res = -1;
	done.flags = 0;
	CHECK(ring_wait(ring, 1, (struct ring_wait){.timeout_ns = 5000000000}) >= 0);
	CHECK(ring_pop(ring, &done));
	return &done;
}

// Pushes an entry and waits for its completion.
static struct io_uring_cqe *run(struct io_uring *ring, struct io_uring_sqe sqe)
{
	CHECK_EQUAL(ring_push(ring, sqe, 1), 0);
	return next_completion(ring);
}

static struct io_uring_sqe read_by_group(int fd, uint16_t group)
{
	return sqe_buffer_group(sqe_read(fd, (struct span){nullptr, 1000}, SQE_AT_POSITION), group);
}

static struct io_uring_sqe recv_by_group(int fd, uint16_t group)
{
	return sqe_buffer_group(sqe_recv(fd, (struct span){}, 0), group);
}

// With a length: without one, kernels before 6.15 begin with a single buffer, since they do not know how much there is.
static struct io_uring_sqe recv_bundle(int fd, uint16_t group)
{
	return sqe_bundle(sqe_buffer_group(sqe_recv(fd, (struct span){nullptr, 1000}, 0), group));
}

static void close_pool(struct ring_buffers *pool)
{
	CHECK_EQUAL(ring_buffers_close(pool), 0);
	CHECK(pool->shared == nullptr);
}

UNIT(the_kernel_chooses_and_gets_back)
{
	struct held before = held_now();
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	struct ring_buffers pool;
	POOL_OR_SKIP(&pool, &ring, .group = 7, .count = 4, .size = 16);
	struct pair pipe = make_pipe();
	CHECK_LEFT(&pool, 4);
	for (unsigned round = 0; round < 20; round++) {
		unsigned ids = 0;
		uint16_t given_back[4];
		for (unsigned i = 0; i < 4; i++) {
			CHECK_EQUAL(sys_write(pipe.write, "hello", 5), 5);
			struct io_uring_cqe *done = run(&ring, read_by_group(pipe.read, 7));
			CHECK_EQUAL(done->res, 5);
			struct ring_part part = {};
			CHECK(ring_buffers_take(&pool, done, &part));
			CHECK(part.is_last && part.bytes.len == 5 && part.id < 4);
			CHECK_BYTES(part.bytes.ptr, "hello", 5);
			CHECK_EQUAL(part.bytes.ptr, memory + (size_t)part.id * 16);
			CHECK(!ring_buffers_take(&pool, done, &part)); // that was all
			ids |= 1u << part.id;
			given_back[i] = part.id;
			CHECK_LEFT(&pool, 3 - (int)i);
		}
		CHECK_EQUAL(ids, 15);
		CHECK_EQUAL(sys_write(pipe.write, "more", 4), 4);
		struct io_uring_cqe *done = run(&ring, read_by_group(pipe.read, 7));
		CHECK_EQUAL(done->res, -ENOBUFS);
		CHECK(!ring_buffers_take(&pool, done, &(struct ring_part){}));

		// In another order each time; nothing is seen of it before the commit.
		for (unsigned i = 0; i < 4; i++)
			CHECK_EQUAL(ring_buffers_recycle(&pool, given_back[(i * 3 + round) % 4]), 0);
		CHECK_LEFT(&pool, 0);
		CHECK_EQUAL(run(&ring, read_by_group(pipe.read, 7))->res, -ENOBUFS);
		ring_buffers_commit(&pool);
		CHECK_LEFT(&pool, 4);
		struct ring_part part = {};
		CHECK(ring_buffers_take(&pool, run(&ring, read_by_group(pipe.read, 7)), &part));
		CHECK_BYTES(part.bytes.ptr, "more", 4);
		CHECK_EQUAL(ring_buffers_recycle_and_commit(&pool, part.id), 0);
		CHECK_LEFT(&pool, 4);
	}
	close_pair(pipe);
	close_pool(&pool);
	close_pool(&pool); // once more does nothing
	close_ring(&ring);
	CHECK_HELD(before);
}

UNIT(what_is_withheld_is_chosen_once_it_is_given)
{
	struct held before = held_now();
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	struct ring_buffers pool;
	POOL_OR_SKIP(&pool, &ring, .group = 7, .count = 8, .size = 16, .withheld = true);
	struct pair pipe = make_pipe();
	CHECK_LEFT(&pool, 0);
	CHECK_EQUAL(sys_write(pipe.write, "hello", 5), 5);
	CHECK_EQUAL(run(&ring, read_by_group(pipe.read, 7))->res, -ENOBUFS);
	CHECK_EQUAL(ring_buffers_recycle_and_commit(&pool, 5), 0);
	CHECK_LEFT(&pool, 1);
	struct ring_part part = {};
	CHECK(ring_buffers_take(&pool, run(&ring, read_by_group(pipe.read, 7)), &part));
	CHECK_EQUAL(part.id, 5);
	CHECK_BYTES(part.bytes.ptr, "hello", 5);
	close_pair(pipe);
	close_pool(&pool);
	close_ring(&ring);
	CHECK_HELD(before);
}

UNIT(pools_that_cannot_be)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	struct held before = held_now();
	static const struct {
		struct ring_buffers_options options;
		int error;
	} cases[] = {
		{{.count = 0, .size = 16}, -EINVAL},
		{{.count = 3, .size = 16}, -EINVAL},
		{{.count = 65536, .size = 1}, -EINVAL},
		{{.count = 1u << 31, .size = 1}, -EINVAL},
		{{.count = 4, .size = 0}, -EINVAL},
		{{.count = 4, .size = sizeof(memory) / 4 + 1}, -ENOSPC},
		{{.count = 32768, .size = UINT32_MAX}, -ENOSPC},
		{{.count = 4, .size = 16, .memory = {memory, 95}}, -ENOSPC},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ring_buffers pool;
		CHECK_EQUAL(ring_buffers_open(&pool, &ring, SPAN(memory), cases[i].options), cases[i].error);
		CHECK_HELD(before);
	}
	struct ring_buffers pool, other;
	POOL_OR_SKIP(&pool, &ring, .group = 1, .count = 4, .size = 16);
	before = held_now();
	struct ring_buffers_options same = {.group = 1, .count = 8, .size = 16};
	CHECK_EQUAL(ring_buffers_open(&other, &ring, SPAN(memory), same), -EEXIST);
	CHECK(other.shared == nullptr && other.ring == nullptr);
	CHECK_HELD(before); // nothing remains
	CHECK_LEFT(&pool, 4);
	close_pool(&pool);
	close_ring(&ring);
}

UNIT(pools_of_every_size)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	struct pair pipe = make_pipe();
	for (unsigned count = 1; count <= RING_BUFFERS_MAX; count *= 2) {
		uint32_t size = (uint32_t)(sizeof(memory) / count);
		struct ring_buffers pool;
		POOL_OR_SKIP(&pool, &ring, .group = 65535, .count = count, .size = size);
		CHECK_LEFT(&pool, (int)count);
		for (unsigned i = 0; i < 3; i++) {
			CHECK_EQUAL(sys_write(pipe.write, "ab", 2), 2);
			struct ring_part part = {};
			CHECK(ring_buffers_take(&pool, run(&ring, read_by_group(pipe.read, 65535)), &part));
			CHECK_EQUAL(part.bytes.len, 2);
			CHECK_EQUAL(part.id, i % count);
			CHECK_EQUAL(ring_buffers_recycle_and_commit(&pool, part.id), 0);
		}
		struct span last = ring_buffers_at(&pool, count - 1, size);
		CHECK(last.ptr == memory + sizeof(memory) - size && last.len == size);
		CHECK_EQUAL(ring_buffers_at(&pool, 0, 0).ptr, memory);
		CHECK(ring_buffers_at(&pool, count, 0).ptr == nullptr);
		CHECK(ring_buffers_at(&pool, 0, (size_t)size + 1).ptr == nullptr);
		close_pool(&pool);
	}
	close_pair(pipe);
	close_ring(&ring);
}

// Descriptors and notes in memory of the caller: just enough of it, and a page behind it that nobody may touch.
UNIT(a_pool_in_lent_memory)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	size_t page = 65536, size = 1024 * RING_BUFFER_BYTES; // 24 KiB
	long start = sys_mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(!sys_failed(start));
	struct span lent = {(uint8_t *)start, size};
	CHECK_EQUAL(sys_mprotect(lent.ptr + (size + 4095) / 4096 * 4096, 4096, PROT_NONE), 0);
	for (size_t i = 0; i < size; i++)
		lent.ptr[i] = 0xff;
	struct held before = held_now();
	struct ring_buffers pool;
	struct span askew = {lent.ptr + 64, size - 64};
	struct ring_buffers_options unfit = {.count = 512, .size = 16, .memory = askew};
	CHECK_EQUAL(ring_buffers_open(&pool, &ring, SPAN(memory), unfit), -EINVAL);
	POOL_OR_SKIP(&pool, &ring, .count = 1024, .size = 16, .memory = lent);
	CHECK_HELD(before); // nothing was mapped
	struct pair pipe = make_pipe();
	for (unsigned i = 0; i < 3000; i++) {
		CHECK_EQUAL(sys_write(pipe.write, &i, sizeof(i)), sizeof(i));
		struct ring_part part = {};
		CHECK(ring_buffers_take(&pool, run(&ring, read_by_group(pipe.read, 0)), &part));
		CHECK_BYTES(part.bytes.ptr, &i, sizeof(i));
		CHECK_EQUAL(ring_buffers_recycle_and_commit(&pool, part.id), 0);
	}
	CHECK_LEFT(&pool, 1024);
	close_pair(pipe);
	close_pool(&pool);
	CHECK_HELD(before);
	CHECK_EQUAL(sys_munmap((void *)start, 2 * page), 0);
	close_ring(&ring);
}

// [IORING_RECV_MULTISHOT, Linux 6.0]
UNIT(a_multishot_receive_ends_when_the_pool_is_empty)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	struct ring_buffers pool;
	POOL_OR_SKIP(&pool, &ring, .group = 3, .count = 2, .size = 8);
	struct pair sockets = make_sockets();
	for (unsigned round = 0; round < 5; round++) {
		CHECK_EQUAL(ring_push(&ring, sqe_recv_multishot(sockets.read, 0, 3), 9), 0);
		CHECK_EQUAL(ring_submit(&ring, 0), 1);
		CHECK_EQUAL(send_bytes(sockets.write, "0123456789abcdefXY", 18), 18);
		struct ring_part parts[2];
		for (unsigned i = 0; i < 2; i++) {
			struct io_uring_cqe *done = next_completion(&ring);
			CHECK_EQUAL(done->res, 8);
			CHECK((done->flags & IORING_CQE_F_MORE) != 0);
			CHECK(ring_buffers_take(&pool, done, &parts[i]));
			CHECK((done->flags & IORING_CQE_F_MORE) != 0); // that stays
			CHECK_BYTES(parts[i].bytes.ptr, i == 0 ? "01234567" : "89abcdef", 8);
		}
		struct io_uring_cqe *done = next_completion(&ring);
		CHECK_EQUAL(done->res, -ENOBUFS);
		CHECK_EQUAL(done->flags & IORING_CQE_F_MORE, 0);
		CHECK_EQUAL(ring_buffers_recycle(&pool, parts[1].id), 0);
		CHECK_EQUAL(ring_buffers_recycle(&pool, parts[0].id), 0);
		ring_buffers_commit(&pool);
		done = run(&ring, recv_by_group(sockets.read, 3));
		CHECK_EQUAL(done->res, 2);
		struct ring_part part = {};
		CHECK(ring_buffers_take(&pool, done, &part));
		CHECK_EQUAL(part.id, parts[1].id);
		CHECK_EQUAL(ring_buffers_recycle_and_commit(&pool, part.id), 0);
	}
	close_pair(sockets);
	close_pool(&pool);
	close_ring(&ring);
}

// What comes is what was sent, in its order, though the buffers are given back late and in any order. [IORING_RECVSEND_BUNDLE,
// Linux 6.10]
UNIT(bundles_span_buffers)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	if ((ring.features & IORING_FEAT_RECVSEND_BUNDLE) == 0) {
		close_ring(&ring);
		UNIT_SKIP(STR("needs Linux 6.10: bundles"));
	}
	struct ring_buffers pool;
	POOL_OR_SKIP(&pool, &ring, .group = 5, .count = 16, .size = 10);
	struct pair sockets = make_sockets();
	uint8_t sent = 0, expected = 0;
	uint16_t held[16];
	unsigned held_count = 0, widest = 0;
	uint32_t chance = 1;
	for (unsigned round = 0; round < 500; round++) {
		chance = chance * 1103515245 + 12345;
		uint8_t bytes[100];
		size_t length = chance >> 16 & 63;
		for (size_t i = 0; i <= length; i++)
			bytes[i] = sent++;
		CHECK_EQUAL(send_bytes(sockets.write, bytes, length + 1), length + 1);
		for (size_t left = length + 1; left > 0;) {
			struct io_uring_cqe *done = run(&ring, recv_bundle(sockets.read, 5));
			if (!CHECK(done->res > 0 && (size_t)done->res <= left))
				return;
			left -= (size_t)done->res;
			unsigned wide = 0;
			struct ring_part part;
			for (; ring_buffers_take(&pool, done, &part); wide++) {
				CHECK(part.is_last);
				for (size_t i = 0; i < part.bytes.len; i++)
					if (part.bytes.ptr[i] != expected++)
						CHECK(false);
				held[held_count++] = part.id;
			}
			widest = wide > widest ? wide : widest;
			// Gives back all but a few, from somewhere in the middle.
			while (held_count > (chance >> 24 & 7)) {
				chance = chance * 1103515245 + 12345;
				unsigned which = (chance >> 16) % held_count;
				CHECK_EQUAL(ring_buffers_recycle(&pool, held[which]), 0);
				held[which] = held[--held_count];
			}
			ring_buffers_commit(&pool);
			CHECK_LEFT(&pool, 16 - (int)held_count);
		}
	}
	CHECK(widest > 3);
	close_pair(sockets);
	close_pool(&pool);
	close_ring(&ring);
}

// [IOU_PBUF_RING_INC, Linux 6.12]
UNIT(incremental_buffers_are_used_up)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	struct ring_buffers pool;
	POOL_OR_SKIP(&pool, &ring, .group = 5, .count = 2, .size = 64, .incremental = true);
	struct pair sockets = make_sockets();
	uint8_t bytes[64];
	for (uint8_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = i;
	for (unsigned round = 0; round < 10; round++) {
		uint16_t ids[2] = {};
		for (unsigned which = 0; which < 2; which++) {
			static const uint32_t pieces[] = {10, 20, 33, 1}; // 64 together
			uint32_t at = 0;
			for (unsigned i = 0; i < 4; at += pieces[i++]) {
				CHECK_EQUAL(send_bytes(sockets.write, bytes + at, pieces[i]), pieces[i]);
				struct io_uring_cqe *done = run(&ring, recv_by_group(sockets.read, 5));
				CHECK_EQUAL(done->res, pieces[i]);
				struct ring_part part = {};
				CHECK(ring_buffers_take(&pool, done, &part));
				CHECK_EQUAL(part.is_last, i == 3);
				CHECK_EQUAL(part.bytes.ptr, memory + (size_t)part.id * 64 + at);
				CHECK_EQUAL(part.bytes.len, pieces[i]);
				CHECK_BYTES(part.bytes.ptr, bytes + at, pieces[i]);
				CHECK(!ring_buffers_take(&pool, done, &part));
				ids[which] = part.id;
			}
		}
		CHECK(ids[0] != ids[1]);
		CHECK_LEFT(&pool, 0);
		CHECK_EQUAL(ring_buffers_recycle(&pool, ids[1]), 0);
		CHECK_EQUAL(ring_buffers_recycle(&pool, ids[0]), 0);
		ring_buffers_commit(&pool);
	}
	close_pair(sockets);
	close_pool(&pool);
	close_ring(&ring);
}

// The rest of one buffer, another whole, and the begin of a third, in one completion.
UNIT(a_bundle_of_incremental_buffers)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	if ((ring.features & IORING_FEAT_RECVSEND_BUNDLE) == 0) {
		close_ring(&ring);
		UNIT_SKIP(STR("needs Linux 6.10: bundles"));
	}
	struct ring_buffers pool;
	POOL_OR_SKIP(&pool, &ring, .group = 5, .count = 4, .size = 16, .incremental = true);
	struct pair sockets = make_sockets();
	CHECK_EQUAL(send_bytes(sockets.write, "abcde", 5), 5);
	struct ring_part part = {};
	CHECK(ring_buffers_take(&pool, run(&ring, recv_by_group(sockets.read, 5)), &part));
	CHECK(!part.is_last && part.id == 0 && part.bytes.len == 5);
	CHECK_EQUAL(send_bytes(sockets.write, "fghijklmnopqrstuvwxyz0123456789", 31), 31);
	struct io_uring_cqe *done = run(&ring, recv_bundle(sockets.read, 5));
	CHECK_EQUAL(done->res, 31);
	static const struct {
		struct str bytes;
		bool is_last;
	} parts[] = {{STR("fghijklmnop"), true}, {STR("qrstuvwxyz012345"), true}, {STR("6789"), false}};
	for (uint16_t i = 0; i < 3; i++) {
		CHECK(ring_buffers_take(&pool, done, &part));
		CHECK_EQUAL(part.id, i);
		CHECK_EQUAL(part.is_last, parts[i].is_last);
		CHECK_STR(((struct str){(const char *)part.bytes.ptr, part.bytes.len}), parts[i].bytes);
	}
	CHECK(!ring_buffers_take(&pool, done, &part));
	close_pair(sockets);
	close_pool(&pool);
	close_ring(&ring);
}

// Whatever the end of a stream and an error do with a buffer, it is not lost.
UNIT(nothing_to_read_loses_no_buffer)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	struct ring_buffers pool;
	POOL_OR_SKIP(&pool, &ring, .group = 5, .count = 4, .size = 16);
	struct pair pipe = make_pipe();
	close_fd(pipe.write);
	int folder = sys_openat(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	for (unsigned i = 0; i < 20; i++) {
		struct io_uring_sqe read = read_by_group(i % 2 == 0 ? pipe.read : folder, 5);
		read.flags |= i % 4 < 2 ? 0 : IOSQE_ASYNC; // a worker has chosen before it knows
		struct io_uring_cqe *done = run(&ring, read);
		CHECK_EQUAL(done->res, i % 2 == 0 ? 0 : -EISDIR);
		struct ring_part part;
		while (ring_buffers_take(&pool, done, &part)) {
			CHECK(part.is_last && part.bytes.len == 0);
			CHECK_EQUAL(ring_buffers_recycle_and_commit(&pool, part.id), 0);
		}
		CHECK_LEFT(&pool, 4);
	}
	close_fd(pipe.read);
	close_fd(folder);
	close_pool(&pool);
	close_ring(&ring);
}

// Mistakes.

// In a child: what a mistake comes to. A debug build stops there.
static int mistake(struct ring_buffers *pool, struct io_uring_cqe done, unsigned which)
{
	struct ring_part part;
	switch (which) {
	case 0:
		return ring_buffers_recycle(pool, 4) == -EINVAL ? 0 : 1; // no such buffer
	case 1:
		return ring_buffers_recycle(pool, 70000) == -EINVAL ? 0 : 1;
	case 2:
		return ring_buffers_recycle(pool, 3) == -EINVAL ? 0 : 1; // never taken
	case 3:
		done.flags = IORING_CQE_F_BUFFER | 4u << IORING_CQE_BUFFER_SHIFT;
		return !ring_buffers_take(pool, &done, &part) ? 0 : 1; // of another group
	case 4:
		return !ring_buffers_take(pool, &done, &part) ? 0 : 1; // taken already
	default:
		if (ring_buffers_recycle(pool, 0) != 0)
			return 2;
		return ring_buffers_recycle(pool, 0) == -EINVAL ? 0 : 1; // given back twice
	}
}

UNIT(mistakes_are_caught)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	static _Alignas(65536) uint8_t lent[65536]; // the child has it too, unlike what is mapped
	struct ring_buffers pool;
	POOL_OR_SKIP(&pool, &ring, .group = 5, .count = 4, .size = 16, .memory = SPAN(lent));
	struct pair pipe = make_pipe();
	CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1);
	struct io_uring_cqe *done = run(&ring, read_by_group(pipe.read, 5));
	struct io_uring_cqe copy = {.res = done->res, .flags = done->flags};
	CHECK(ring_buffers_take(&pool, done, &(struct ring_part){}));
	for (unsigned which = 0; which < 6; which++) {
		int child = fork_child();
		if (child == 0)
			sys_exit_group(mistake(&pool, copy, which));
#ifdef __OPTIMIZE__
		CHECK_EQUAL(wait_child(child), 0);
#else
		CHECK_EQUAL(wait_child(child), -1);
#endif
	}
	close_pair(pipe);
	close_pool(&pool);
	close_ring(&ring);
}

// Which of them ends first.

// Whether a read gets a buffer of that pool.
static bool works(struct io_uring *ring, struct ring_buffers *pool)
{
	struct pair pipe = make_pipe();
	CHECK_EQUAL(sys_write(pipe.write, "works", 5), 5);
	struct io_uring_cqe *done = run(ring, read_by_group(pipe.read, pool->group));
	struct ring_part part = {};
	bool is_good = done->res == 5 && ring_buffers_take(pool, done, &part) && part.bytes.len == 5 &&
		       ring_buffers_recycle_and_commit(pool, part.id) == 0;
	close_pair(pipe);
	return is_good;
}

UNIT(a_group_that_is_taken_back_by_number)
{
	struct held before = held_now();
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	struct ring_buffers first, second, third;
	POOL_OR_SKIP(&first, &ring, .group = 1, .count = 4, .size = 16);
	POOL_OR_SKIP(&second, &ring, .group = 2, .count = 4, .size = 16);
	CHECK_EQUAL(ring_buffers_unregister(&ring, 3), -ENOENT);
	CHECK_EQUAL(ring_buffers_unregister(&ring, 1), 0);
	CHECK_EQUAL(ring_buffers_unregister(&ring, 1), -ENOENT);
	CHECK_EQUAL(ring_buffers_left(&first), -EBADF);
	POOL_OR_SKIP(&third, &ring, .group = 1, .count = 8, .size = 16);
	close_pool(&first); // leaves the one alone that has its number now
	CHECK(works(&ring, &third));
	CHECK(works(&ring, &second));
	close_pool(&second);
	CHECK(works(&ring, &third));
	close_pool(&third);
	close_ring(&ring);
	CHECK_HELD(before);
}

UNIT(a_pool_outlives_its_ring)
{
	struct held before = held_now();
	struct io_uring ring, other;
	RING_OR_SKIP(ring, 8);
	struct ring_buffers pools[3], later;
	for (uint16_t i = 0; i < 3; i++)
		POOL_OR_SKIP(&pools[i], &ring, .group = i, .count = 4, .size = 16);
	close_pool(&pools[1]);
	int fd = ring.ring_fd;
	close_ring(&ring);
	RING_OR_SKIP(other, 8);
	CHECK_EQUAL(other.ring_fd, fd); // whoever used the old descriptor would hit this one
	POOL_OR_SKIP(&later, &other, .group = 0, .count = 4, .size = 16);
	CHECK_EQUAL(ring_buffers_left(&pools[0]), -EBADF);
	close_pool(&pools[0]);
	CHECK(works(&other, &later));
	close_ring(&other);
	close_pool(&later);
	close_pool(&pools[2]);
	CHECK_HELD(before);
}
