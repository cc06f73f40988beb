// tests/unit/ring_op.h: one operation done for real, on every engine that there is.
//
//	OP(shutdown, IORING_OP_SHUTDOWN)
//	{
//		CHECK_EQUAL(result_of(ring, sqe_shutdown(fd, SHUT_WR)), 0);
//	}
//
// makes two tests: `shutdown` on the kernel and `emulated_shutdown` on the emulation. Both hold the same checks: the same
// result, the same side effects, the same order where order is promised. So what is printed is a table of operation by engine, on
// the kernel that its second line names. `ring` is open before the body and closed after it, and then no more descriptors are
// open than before.
//
// A test may skip for three reasons only: the kernel does not have the operation (ring_has says so, or for a flag its
// version), the emulation completes it with -EOPNOTSUPP, or an ordinary call shows that the file system or the kernel (qemu-user)
// lacks the thing itself.
#pragma once

#include "ring/engine.h"
#include "ring/register.h"
#include "tests/unit/ring_unit.h"

#define OP(op_name, opcode)                                                          \
	static void op_##op_name(struct io_uring *ring);                             \
	UNIT(op_name)                                                                \
	{                                                                            \
		op_run(&ring_kernel, opcode, op_##op_name, (struct ring_options){}); \
	}                                                                            \
	OP_EMULATED(op_name, opcode)                                                 \
	static void op_##op_name(struct io_uring *ring)

#if __has_include("ring/emulate/emulate.h")
#define OP_EMULATED(op_name, opcode)                                                   \
	UNIT(emulated_##op_name)                                                       \
	{                                                                              \
		op_run(&ring_emulated, opcode, op_##op_name, (struct ring_options){}); \
	}
static const struct ring_engine *const op_emulation = &ring_emulated;
#else
#define OP_EMULATED(op_name, opcode)
static const struct ring_engine *const op_emulation = nullptr;
#endif

static inline bool op_is_emulated(const struct io_uring *ring)
{
	return ring_engine(ring) == op_emulation;
}

// Runs one operation; its result.
static inline int result_of(struct io_uring *ring, struct io_uring_sqe sqe)
{
	struct io_uring_cqe done = {.res = INT32_MIN};
	CHECK_EQUAL(ring_do(ring, sqe, &done), 0);
	return done.res;
}

// A test that skips half way may leave descriptors open.
static bool op_is_skipped;

static inline void op_skip(struct str reason)
{
	op_is_skipped = true;
	unit_skip(reason);
}

static inline void op_skip_kernel(void)
{
	static char text[sizeof(struct new_utsname) + 64] = "kernel ";
	struct new_utsname name = {};
	CHECK_EQUAL(sys_uname(&name), 0);
	size_t len = 7;
	for (const char *c = name.release; *c != 0; c++)
		text[len++] = *c;
	for (const char *c = " has no such operation"; *c != 0; c++)
		text[len++] = *c;
	op_skip((struct str){text, len});
}

// Whether the engine lacks an operation; then the test is skipped. An emulation that says no must mean it.
[[nodiscard]] static inline bool op_is_missing(struct io_uring *ring, unsigned opcode)
{
	if (ring_has(ring, opcode))
		return false;
	if (!op_is_emulated(ring)) {
		op_skip_kernel();
		return true;
	}
	struct io_uring_cqe done = {};
	CHECK_EQUAL(ring_push(ring, sqe_of((uint8_t)opcode, -1, nullptr, 0, 0), 1), 0);
	CHECK_EQUAL(ring_submit(ring, 1), 1);
	CHECK(ring_pop(ring, &done));
	CHECK_EQUAL(done.res, -EOPNOTSUPP);
	op_skip(STR("emulation has no such operation"));
	return true;
}

// Ends the test where the engine lacks what else it uses.
#define NEEDS(opcode)                              \
	do {                                       \
		if (op_is_missing(ring, (opcode))) \
			return;                    \
	} while (0)

// Ends the test where the kernel is older than a flag that it uses: 6, 12.
#define NEEDS_KERNEL(major, minor)                                                \
	do {                                                                      \
		if (!op_is_emulated(ring) && kernel_is_older((major), (minor))) { \
			op_skip_kernel();                                         \
			return;                                                   \
		}                                                                 \
	} while (0)

// Ends the test where the emulation completed a form of an operation with -EOPNOTSUPP.
#define UNLESS_EMULATION_LACKS(result)                                    \
	do {                                                              \
		if (op_is_emulated(ring) && (result) == -EOPNOTSUPP) {    \
			op_skip(STR("emulation has no such form of it")); \
			return;                                           \
		}                                                         \
	} while (0)

static inline void op_run(const struct ring_engine *engine, unsigned opcode, void (*body)(struct io_uring *ring),
			  struct ring_options options)
{
	struct io_uring ring;
	unsigned before = held_now().descriptors;
	options.engine = engine;
	op_is_skipped = false;
	if (!open_or_skip(&ring, 16, options))
		return;
	if (!op_is_missing(&ring, opcode))
		body(&ring);
	close_ring(&ring);
	if (!op_is_skipped)
		CHECK_EQUAL(held_now().descriptors, before);
}

static inline void push(struct io_uring *ring, struct io_uring_sqe sqe, uint64_t token)
{
	CHECK_EQUAL(ring_push(ring, sqe, token), 0);
}

// Gives what was pushed to the engine; nothing is waited for.
static inline void submit(struct io_uring *ring, unsigned count)
{
	CHECK_EQUAL(ring_submit(ring, 0), count);
}

// The next completion, within ten seconds; else one of token UINT64_MAX.
static inline struct io_uring_cqe next(struct io_uring *ring)
{
	struct io_uring_cqe done;
	int64_t until = monotonic_ns() + 10000000000;
	while (!ring_pop(ring, &done)) {
		if (!CHECK(monotonic_ns() < until))
			return (struct io_uring_cqe){.user_data = UINT64_MAX};
		(void)!ring_wait(ring, 1, (struct ring_wait){.timeout_ns = 1000000000});
	}
	return done;
}

// The next completion has this token and this result. What it is, for its flags.
#define NEXT_IS(token, result) next_is(ring, (token), (result), UNIT_PLACE("NEXT_IS(" #token ", " #result ")"))

static inline struct io_uring_cqe next_is(struct io_uring *ring, uint64_t token, int64_t result,
					  struct unit_place place)
{
	struct io_uring_cqe done = next(ring);
	unit_check_equal(UNIT_NUMBER(done.user_data), UNIT_NUMBER(token), place);
	unit_check_equal(UNIT_NUMBER(done.res), UNIT_NUMBER(result), place);
	return done;
}

// A completion by its token: struct io_uring_cqe cannot be in an array, for what may follow it.
struct outcome {
	int32_t res;
	uint32_t flags;
	bool came;
};

// The next `count` completions, in whatever order, by their tokens, which are below `size`; each once.
static inline void gather(struct io_uring *ring, struct outcome *by_token, unsigned size, unsigned count)
{
	for (unsigned i = 0; i < size; i++)
		by_token[i] = (struct outcome){.res = INT32_MIN};
	for (unsigned i = 0; i < count; i++) {
		struct io_uring_cqe done = next(ring);
		if (!CHECK(done.user_data < size))
			return;
		CHECK(!by_token[done.user_data].came);
		by_token[done.user_data] = (struct outcome){done.res, done.flags, true};
	}
}

// Nothing completes for `ms`. Only for what must not happen.
static inline void quiet_for_ms(struct io_uring *ring, unsigned ms)
{
	CHECK_EQUAL(ring_wait(ring, 1, (struct ring_wait){.timeout_ns = (int64_t)ms * 1000000}), -ETIME);
	CHECK_EMPTY(ring);
}

// Things to work on.

// A file without a name: gone with its descriptor. [open(2), O_TMPFILE]
static inline int make_file(struct str content)
{
	int fd = sys_openat(AT_FDCWD, "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	CHECK_EQUAL(sys_write(fd, content.ptr, content.len), content.len);
	return fd;
}

// Everything in a file, or as much as `into` holds. The position moves to where it read to.
static inline struct str content_of(int fd, struct span into)
{
	CHECK_EQUAL(sys_lseek(fd, 0, SEEK_SET), 0);
	long got = sys_read(fd, into.ptr, into.len);
	CHECK(got >= 0);
	return (struct str){(const char *)into.ptr, got >= 0 ? (size_t)got : 0};
}

static inline int64_t size_of_file(int fd)
{
	struct statx stat = {};
	CHECK_EQUAL(sys_statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &stat), 0);
	return (int64_t)stat.stx_size;
}

// A directory of this process, for the operations that need names; it is empty again when the test ends.
struct folder {
	char path[32];
	int fd;
};

static inline struct folder make_folder(void)
{
	struct folder folder = {.path = "/tmp/ring_op.0000000000"};
	unsigned number = (unsigned)sys_getpid();
	for (char *digit = folder.path + 22; *digit != '.'; digit--, number /= 10)
		*digit = (char)('0' + number % 10);
	CHECK_EQUAL(sys_mkdirat(AT_FDCWD, folder.path, 0700), 0);
	folder.fd = sys_openat(AT_FDCWD, folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	CHECK(folder.fd >= 0);
	return folder;
}

// Fails where something was left in it.
static inline void remove_folder(struct folder folder)
{
	close_fd(folder.fd);
	CHECK_EQUAL(syscall6(__NR_unlinkat, AT_FDCWD, (long)folder.path, AT_REMOVEDIR, 0, 0, 0), 0);
}

static inline void touch(struct folder folder, const char *name)
{
	int fd = sys_openat(folder.fd, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	close_fd(fd);
}

static inline bool is_there(struct folder folder, const char *name)
{
	struct statx stat;
	return sys_statx(folder.fd, name, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &stat) == 0;
}

static inline void unlink_name(struct folder folder, const char *name, int flags)
{
	CHECK_EQUAL(syscall6(__NR_unlinkat, folder.fd, (long)name, flags, 0, 0, 0), 0);
}

// Registered files: `count` free slots.
static inline bool make_slots(struct io_uring *ring, unsigned count)
{
	return CHECK_EQUAL(ring_register_files_sparse(ring, count), 0);
}

// Four buffers of 16 bytes each in group 7, with the ids 0 to 3, by the classic operation.
enum { POOL_GROUP = 7, POOL_SIZE = 16, POOL_COUNT = 4 };

struct pool {
	uint8_t bytes[POOL_COUNT][POOL_SIZE];
};

// What the provided buffer says that a completion names.
static inline struct str provided(const struct pool *pool, struct io_uring_cqe done)
{
	int id = cqe_buffer_id(&done);
	if (!CHECK(id >= 0 && id < POOL_COUNT) || done.res < 0)
		return STR("");
	return (struct str){(const char *)pool->bytes[id], (size_t)done.res};
}
