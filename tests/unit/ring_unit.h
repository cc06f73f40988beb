// tests/unit/ring_unit.h: what the tests of ring/ share: rings of every kind, pipes, sockets, alarms, children, and an
// account of what the process holds.
//
// System calls that only tests want are made here by number.
#pragma once

#include <asm/unistd.h>
#include <linux/io_uring.h>
#include <linux/resource.h>
#include <linux/time_types.h>
#include <linux/utsname.h>

#include "arch/sys.h"
#include "crt/process.h"
#include "crt/signal.h"
#include "crt/str.h"
#include "ring/engine.h"
#include "ring/ring.h"
#include "tests/unit/unit.h"

// The kinds of ring that a test runs through, with for_kinds.
static const struct ring_options ring_kinds[] = {
	{},
	{.submit_all = true},
	{.coop_taskrun = true, .single_issuer = true},
	{.single_issuer = true, .defer_taskrun = true},
};
#define RING_KINDS (sizeof(ring_kinds) / sizeof(ring_kinds[0]))

// Whether RINGLET_ENGINE says that the tests that are for either engine are to run on the emulation.
static inline bool wants_emulation(void)
{
	const char *name = process_env("RINGLET_ENGINE");
	return name != nullptr && str_equal(str_from_cstr(name), STR("emulated"));
}

// How many of `count` kinds of ring there are: the last one has sqpoll, for which the emulation has no thread.
static inline size_t kinds_with_poller(size_t count)
{
	return wants_emulation() ? count - 1 : count;
}

// The options with the engine of the environment's choice, where they name none.
static inline struct ring_options on_engine(struct ring_options options)
{
	if (options.engine == nullptr && wants_emulation())
		options.engine = &ring_emulated;
	return options;
}

// "6.12.1-arch" is not older than 6.12.
static inline bool kernel_is_older(unsigned major, unsigned minor)
{
	static struct new_utsname name;
	if (name.release[0] == 0)
		CHECK_EQUAL(sys_uname(&name), 0);
	unsigned number[2] = {0, 0};
	const char *at = name.release;
	for (unsigned i = 0; i < 2; i++, at++)
		for (; *at >= '0' && *at <= '9'; at++)
			number[i] = number[i] * 10 + (unsigned)(*at - '0');
	return number[0] != major ? number[0] < major : number[1] < minor;
}

// Opens a ring on the engine of the environment's choice; where there is no io_uring, skips the test. Any other error is a failure. [ring_explain]
[[nodiscard]] static inline bool open_or_skip(struct io_uring *ring, unsigned entries, struct ring_options options)
{
	int error = ring_open(ring, entries, on_engine(options));
	if (error == -ENOSYS || error == -EPERM) {
		unit_skip(ring_explain(error));
		return false;
	}
	return CHECK_EQUAL(error, 0);
}

// Opens `ring`, or ends the test. The rest: fields of ring_options.
#define RING_OR_SKIP(ring, entries, ...)                                                   \
	do {                                                                               \
		if (!open_or_skip(&(ring), (entries), (struct ring_options){__VA_ARGS__})) \
			return;                                                            \
	} while (0)

static inline void close_ring(struct io_uring *ring)
{
	CHECK_EQUAL(ring_close(ring), 0);
}

// Pops one completion and holds its token and its result.
#define CHECK_POP(ring, token, result)                      \
	do {                                                \
		struct io_uring_cqe popped_cqe = {};        \
		CHECK(ring_pop((ring), &popped_cqe));       \
		CHECK_EQUAL(popped_cqe.user_data, (token)); \
		CHECK_EQUAL(popped_cqe.res, (result));      \
	} while (0)

#define CHECK_EMPTY(ring) CHECK(!ring_pop((ring), &(struct io_uring_cqe){}))

// Descriptors and children.

struct pair {
	int read;
	int write;
};

static inline struct pair make_pipe(void)
{
	int fds[2] = {-1, -1};
	CHECK_EQUAL(syscall6(__NR_pipe2, (long)fds, O_CLOEXEC, 0, 0, 0, 0), 0);
	return (struct pair){fds[0], fds[1]};
}

static inline void close_fd(int fd)
{
	CHECK_EQUAL(sys_close(fd), 0);
}

static inline void close_pair(struct pair pair)
{
	close_fd(pair.read);
	close_fd(pair.write);
}

static inline int make_dup(int fd)
{
	return (int)syscall6(__NR_dup, fd, 0, 0, 0, 0, 0);
}

static inline void dup_onto(int from, int to)
{
	CHECK_EQUAL(syscall6(__NR_dup3, from, to, 0, 0, 0, 0), to);
}

static inline int fork_child(void)
{
	return (int)syscall6(__NR_clone, SIGCHLD, 0, 0, 0, 0, 0);
}

// The exit status of a child, or -1 if a signal ended it.
static inline int wait_child(int child)
{
	int status = 0;
	long waited;
	do
		waited = syscall6(__NR_wait4, child, (long)&status, 0, 0, 0, 0);
	while (waited == -EINTR);
	CHECK_EQUAL(waited, child);
	return (status & 0x7f) == 0 ? status >> 8 & 0xff : -1;
}

static inline int64_t monotonic_ns(void)
{
	struct __kernel_timespec now = {};
	CHECK_EQUAL(sys_clock_gettime(1 /* CLOCK_MONOTONIC, linux/time.h */, &now), 0);
	return now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline void sleep_ms(long ms)
{
	struct __kernel_timespec limit = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	(void)sys_ppoll(nullptr, 0, &limit, nullptr);
}

// A listening socket on a free port of 127.0.0.1; `address` becomes its name.
static inline int make_listener(struct sockaddr_in *address)
{
	int fd = sys_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(fd >= 0);
	*address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = __builtin_bswap32(INADDR_LOOPBACK)};
	uint32_t length = sizeof(*address);
	CHECK_EQUAL(sys_bind(fd, address, length), 0);
	CHECK_EQUAL(sys_listen(fd, 16), 0);
	CHECK_EQUAL(sys_getsockname(fd, address, &length), 0);
	return fd;
}

static inline int make_connection(const struct sockaddr_in *address)
{
	int fd = sys_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK_EQUAL(syscall6(__NR_connect, fd, (long)address, sizeof(*address), 0, 0, 0), 0);
	return fd;
}

static inline struct pair make_sockets(void)
{
	int fds[2] = {-1, -1};
	CHECK_EQUAL(syscall6(__NR_socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, (long)fds, 0, 0), 0);
	return (struct pair){fds[0], fds[1]};
}

// Alarms: SIGALRM every so often, counted. One of them may be what a test waits for: then it writes.

static volatile unsigned alarms;

struct alarm_write {
	unsigned number; // of the alarm, from 1; 0: none
	int fd;
	struct str text;
};

static volatile struct alarm_write alarm_writes[2];

static inline void count_alarm(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
	alarms++;
	for (unsigned i = 0; i < 2; i++)
		if (alarm_writes[i].number == alarms)
			(void)sys_write(alarm_writes[i].fd, alarm_writes[i].text.ptr, alarm_writes[i].text.len);
}

// Zero microseconds: no more of them. [setitimer(2)]
static inline void alarm_every_us(long us)
{
	struct __kernel_old_timeval time = {.tv_usec = us};
	struct __kernel_old_itimerval timer = {.it_interval = time, .it_value = time};
	if (us != 0) {
		alarms = 0;
		CHECK_EQUAL(signal_catch(SIGALRM, count_alarm, 0), 0);
	}
	CHECK_EQUAL(syscall6(__NR_setitimer, 0 /* ITIMER_REAL */, (long)&timer, 0, 0, 0, 0), 0);
	for (unsigned i = 0; us == 0 && i < 2; i++)
		alarm_writes[i].number = 0;
}

// What this process holds: how many descriptors, and which mappings (a sum over the lines of /proc/self/maps; the stack,
// which grows, is left out).

struct held {
	unsigned descriptors;
	uint64_t mappings;
};

static inline struct held held_now(void)
{
	struct held held = {.mappings = 14695981039346656037u}; // FNV-1a
	static uint8_t buffer[8192];

	int fd = sys_openat(AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	CHECK(fd >= 0);
	for (long got; (got = sys_getdents64(fd, buffer, sizeof(buffer))) > 0;) {
		for (long at = 0; at < got; at += ((struct sys_dirent *)(buffer + at))->reclen)
			held.descriptors++;
	}
	close_fd(fd);

	fd = sys_openat(AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);
	CHECK(fd >= 0);
	uint64_t before = held.mappings; // this line
	uint8_t last = 0;
	bool is_stack = false;
	for (long got; (got = sys_read(fd, buffer, sizeof(buffer))) > 0;) {
		for (long i = 0; i < got; i++) {
			held.mappings = (held.mappings ^ buffer[i]) * 1099511628211u;
			is_stack |= last == ' ' && buffer[i] == '['; // also [vdso] and its kin, which never change
			last = buffer[i];
			if (last != '\n')
				continue;
			if (is_stack)
				held.mappings = before;
			before = held.mappings;
			is_stack = false;
		}
	}
	close_fd(fd);
	return held;
}

#define CHECK_HELD(expected)                                               \
	do {                                                               \
		struct held now_held = held_now();                         \
		CHECK_EQUAL(now_held.descriptors, (expected).descriptors); \
		CHECK_EQUAL(now_held.mappings, (expected).mappings);       \
	} while (0)

// Sets the soft limit of a resource and returns the one before. [setrlimit(2)]
static inline uint64_t set_limit(unsigned resource, uint64_t soft)
{
	struct rlimit64 limit = {};
	CHECK_EQUAL(syscall6(__NR_prlimit64, 0, resource, 0, (long)&limit, 0, 0), 0);
	uint64_t before = limit.rlim_cur;
	limit.rlim_cur = soft;
	CHECK_EQUAL(syscall6(__NR_prlimit64, 0, resource, (long)&limit, 0, 0, 0), 0);
	return before;
}
