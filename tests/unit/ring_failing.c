// tests/unit/ring_failing.c: what makes a ring or a pool, with each of its system calls failing in turn: the error is told, and
// nothing is left behind.
//
// For either engine.
//
// The library runs in a child whose calls of these five go to its parent first, which lets all of them happen but one. The two
// share their descriptors, so that the parent has the filter's listener, and sees what the child leaves open when it ends.
// [seccomp_unotify(2), Linux 5.5; poll tells of the child's end since 5.8]
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>

#include "ring/buffers.h"
#include "ring/ring.h"
#include "tests/unit/ring_unit.h"

#define ERROR ENFILE // that no kernel gives of itself here
#define CALLS_MAX 16

static const uint32_t watched[] = {__NR_io_uring_setup, __NR_epoll_create1, __NR_io_uring_register, __NR_mmap,
				   __NR_madvise};
#define WATCHED (sizeof(watched) / sizeof(watched[0]))

// A child's exit status.
enum { DONE, FAILED, WRONG_ERROR, LEFT_DESCRIPTORS, LEFT_MAPPINGS, NO_FILTER, NO_CLOSE };

// From now on the watched calls wait for what the listener says. The listener, or -errno.
static int listen_to_calls(void)
{
	struct sock_filter steps[WATCHED + 3];
	size_t len = 0;
	steps[len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0); // its number
	for (size_t i = 0; i < WATCHED; i++)
		steps[len++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, watched[i], (uint8_t)(WATCHED - i), 0);
	steps[len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	steps[len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	struct sock_fprog filter = {.len = (unsigned short)len, .filter = steps};
	long error = syscall6(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0);
	return (int)(error != 0 ? error
				: syscall6(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
					   (long)&filter, 0, 0, 0));
}

// What is tried: 0 or -errno; and how it is undone.
struct attempt {
	int (*make)(void);
	int (*undo)(void);
};

static void child_main(struct attempt attempt, int tell)
{
	int listener = listen_to_calls();
	(void)sys_write(tell, &listener, sizeof(listener));
	if (listener < 0)
		sys_exit_group(NO_FILTER);
	struct held before = held_now();
	int error = attempt.make();
	bool is_done = error == 0;
	if (is_done && attempt.undo() != 0)
		sys_exit_group(NO_CLOSE);
	struct held after = held_now();
	if (!is_done && error != -ERROR)
		sys_exit_group(WRONG_ERROR);
	if (after.descriptors != before.descriptors)
		sys_exit_group(LEFT_DESCRIPTORS);
	if (after.mappings != before.mappings)
		sys_exit_group(LEFT_MAPPINGS);
	sys_exit_group(is_done ? DONE : FAILED);
}

// Answers each call until the child has ended: the how many-th fails. How many there were, and which.
static unsigned answer(int listener, unsigned fails, uint32_t calls[CALLS_MAX])
{
	unsigned count = 0;
	for (;;) {
		struct pollfd one = {.fd = listener, .events = POLLIN};
		int ready = sys_ppoll(&one, 1, &(struct __kernel_timespec){.tv_sec = 20}, nullptr);
		if (!CHECK_EQUAL(ready, 1) || (one.revents & POLLIN) == 0)
			return count;
		struct seccomp_notif call = {};
		if (!CHECK_EQUAL(sys_ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, (uintptr_t)&call), 0))
			return count;
		if (count < CALLS_MAX)
			calls[count] = (uint32_t)call.data.nr;
		count++;
		struct seccomp_notif_resp answer = {.id = call.id};
		if (count == fails)
			answer.error = -ERROR;
		else
			answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		CHECK_EQUAL(sys_ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, (uintptr_t)&answer), 0);
	}
}

// One attempt, of which one call fails; 0: none. The child's exit status; -1 where there is no such filter: then the test is skipped.
static int try_failing(struct attempt attempt, unsigned fails, uint32_t calls[CALLS_MAX], unsigned *count)
{
	struct pair pipe = make_pipe();
	int child = (int)syscall6(__NR_clone, SIGCHLD | CLONE_FILES, 0, 0, 0, 0, 0);
	if (child == 0)
		child_main(attempt, pipe.write);
	if (child < 0) { // qemu-user makes no such child
		close_pair(pipe);
		unit_skip(STR("this kernel (or qemu-user) has no child whose calls ask"));
		return -1;
	}
	int listener = -1;
	CHECK_EQUAL(sys_read(pipe.read, &listener, sizeof(listener)), sizeof(listener));
	*count = listener < 0 ? 0 : answer(listener, fails, calls);
	int status = wait_child(child);
	close_pair(pipe);
	if (status == NO_FILTER) {
		unit_skip(STR("this kernel (or qemu-user) has no child whose calls ask"));
		return -1;
	}
	close_fd(listener);
	return status;
}

// Each of its calls fails in turn, and at last none; `expected` is the sequence of them, ended by zero.
static void fail_each(struct attempt attempt, const uint32_t *expected)
{
	unsigned number = 0;
	while (expected[number] != 0)
		number++;
	for (unsigned fails = 1; fails <= number + 1; fails++) {
		uint32_t calls[CALLS_MAX] = {};
		unsigned count = 0, before = held_now().descriptors;
		bool is_last = fails > number;
		int status = try_failing(attempt, is_last ? 0 : fails, calls, &count);
		if (status == -1)
			return;
		CHECK_EQUAL(status, is_last ? DONE : FAILED);
		CHECK(count >= (is_last ? number : fails));
		for (unsigned i = 0; i < number && i < fails; i++)
			CHECK_EQUAL(calls[i], expected[i]);
		CHECK_EQUAL(held_now().descriptors, before);
	}
}

static struct io_uring ring;
static struct ring_options options;
static struct ring_buffers pool;
static _Alignas(65536) uint8_t memory[1 << 20];

static int open_ring(void)
{
	return ring_open(&ring, 8, options);
}

static int open_ring_in_memory(void)
{
	return ring_open_in(&ring, 8, options, SPAN(memory));
}

static int undo_ring(void)
{
	return ring_close(&ring);
}

static int open_pool(void)
{
	return ring_buffers_open(&pool, &ring, SPAN(memory), (struct ring_buffers_options){.count = 8, .size = 64});
}

static int open_pool_in_memory(void)
{
	struct span lent = {memory + 65536, 65536};
	return ring_buffers_open(&pool, &ring, SPAN(memory),
				 (struct ring_buffers_options){.count = 8, .size = 64, .memory = lent});
}

static int undo_pool(void)
{
	return ring_buffers_close(&pool);
}

static uint32_t setup_call(void)
{
	return wants_emulation() ? __NR_epoll_create1 : __NR_io_uring_setup;
}

// The emulation's queues are memory like any other, and mapped and kept from children likewise.
UNIT(a_ring)
{
	RING_OR_SKIP(ring, 8);
	close_ring(&ring);
	options = on_engine((struct ring_options){});
	const uint32_t calls[] = {setup_call(), __NR_mmap,    __NR_madvise, __NR_mmap,
				  __NR_mmap,    __NR_madvise, __NR_madvise, 0};
	fail_each((struct attempt){open_ring, undo_ring}, calls);
}

UNIT(a_ring_that_children_share)
{
	RING_OR_SKIP(ring, 8);
	close_ring(&ring);
	options = on_engine((struct ring_options){.fork_shares = true});
	const uint32_t calls[] = {setup_call(), __NR_mmap, __NR_mmap, __NR_mmap, 0};
	fail_each((struct attempt){open_ring, undo_ring}, calls);
}

UNIT(a_ring_in_lent_memory)
{
	RING_OR_SKIP(ring, 8);
	close_ring(&ring);
	options = on_engine((struct ring_options){});
	int error = ring_open_in(&ring, 8, options, SPAN(memory));
	if (error == -EINVAL && kernel_is_older(6, 12))
		UNIT_SKIP(STR("this kernel cannot have a ring in ordinary memory of the caller"));
	if (!CHECK_EQUAL(error, 0))
		return;
	close_ring(&ring);
	const uint32_t calls[] = {setup_call(), 0};
	fail_each((struct attempt){open_ring_in_memory, undo_ring}, calls);
}

// The emulation is told of a pool without a system call.
UNIT(a_pool)
{
	RING_OR_SKIP(ring, 8, .fork_shares = true); // the child is who opens the pool
	int error = open_pool();
	if (error == -EINVAL && kernel_is_older(5, 19)) {
		close_ring(&ring);
		UNIT_SKIP(STR("this kernel has no pools"));
	}
	if (!CHECK_EQUAL(error, 0))
		return;
	CHECK_EQUAL(undo_pool(), 0);
	const uint32_t calls[] = {__NR_mmap, __NR_madvise, wants_emulation() ? 0 : __NR_io_uring_register, 0};
	fail_each((struct attempt){open_pool, undo_pool}, calls);
	close_ring(&ring);
}

UNIT(a_pool_in_lent_memory)
{
	RING_OR_SKIP(ring, 8, .fork_shares = true);
	const uint32_t calls[] = {wants_emulation() ? 0 : __NR_io_uring_register, 0};
	fail_each((struct attempt){open_pool_in_memory, undo_pool}, calls);
	close_ring(&ring);
}
