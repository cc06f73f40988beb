// tests/unit/ring_explain.c: why there is no ring: each error with each fact that decides between causes, and the facts of
// this process.
#include "ring/explain.h"

#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>

#include "tests/unit/ring_unit.h"

// A recent kernel where nothing stands in the way.
#define RECENT .major = 6, .minor = 12
#define JUDGE(error, ...) ring_judge((error), &(struct ring_facts){__VA_ARGS__})

UNIT(enosys_is_an_old_kernel_a_filter_an_emulator_or_left_out)
{
	CHECK_EQUAL(JUDGE(ENOSYS, .major = 4, .minor = 19, .sysctl = -1), RING_CAUSE_OLD);
	CHECK_EQUAL(JUDGE(-ENOSYS, .major = 5, .minor = 4, .sysctl = -1, .has_filter = true), RING_CAUSE_OLD);
	CHECK_EQUAL(JUDGE(-ENOSYS, .major = 5, .minor = 5, .sysctl = -1), RING_CAUSE_LEFT_OUT);
	CHECK_EQUAL(JUDGE(-ENOSYS, RECENT, .sysctl = -1), RING_CAUSE_LEFT_OUT);
	CHECK_EQUAL(JUDGE(-ENOSYS, RECENT, .sysctl = 0), RING_CAUSE_EMULATOR);
	CHECK_EQUAL(JUDGE(-ENOSYS, RECENT, .sysctl = 2), RING_CAUSE_EMULATOR);
	CHECK_EQUAL(JUDGE(-ENOSYS, RECENT, .sysctl = 0, .has_filter = true), RING_CAUSE_FILTER);
	CHECK_EQUAL(JUDGE(-ENOSYS, RECENT, .sysctl = -1, .has_filter = true), RING_CAUSE_FILTER);
}

UNIT(eperm_is_the_sysctl_or_a_filter)
{
	CHECK_EQUAL(JUDGE(-EPERM, RECENT, .sysctl = 2), RING_CAUSE_SYSCTL_ALL);
	CHECK_EQUAL(JUDGE(EPERM, RECENT, .sysctl = 2, .has_filter = true, .is_privileged = true),
		    RING_CAUSE_SYSCTL_ALL);
	CHECK_EQUAL(JUDGE(-EPERM, RECENT, .sysctl = 1), RING_CAUSE_SYSCTL_MOST);
	CHECK_EQUAL(JUDGE(-EPERM, RECENT, .sysctl = 1, .is_privileged = true), RING_CAUSE_FORBIDDEN);
	CHECK_EQUAL(JUDGE(-EPERM, RECENT, .sysctl = 1, .is_privileged = true, .has_filter = true), RING_CAUSE_FILTER);
	CHECK_EQUAL(JUDGE(-EPERM, RECENT, .sysctl = 0, .has_filter = true), RING_CAUSE_FILTER);
	CHECK_EQUAL(JUDGE(-EPERM, RECENT, .sysctl = 0), RING_CAUSE_FORBIDDEN);
	CHECK_EQUAL(JUDGE(-EPERM, RECENT, .sysctl = -1), RING_CAUSE_FORBIDDEN); // no /proc: it is not to be seen
	CHECK_EQUAL(JUDGE(-EACCES, RECENT, .sysctl = 2), RING_CAUSE_FORBIDDEN);
	CHECK_EQUAL(JUDGE(-EACCES, RECENT, .has_filter = true), RING_CAUSE_FILTER);
}

UNIT(enomem_is_the_limit_only_where_it_counts)
{
	CHECK_EQUAL(JUDGE(-ENOMEM, .major = 5, .minor = 11, .is_memory_locked = true), RING_CAUSE_MEMLOCK);
	CHECK_EQUAL(JUDGE(-ENOMEM, .major = 5, .minor = 11), RING_CAUSE_MEMORY);
	CHECK_EQUAL(JUDGE(-ENOMEM, .major = 5, .minor = 12, .is_memory_locked = true), RING_CAUSE_MEMORY);
	CHECK_EQUAL(JUDGE(-ENOMEM, .major = 6, .minor = 0, .is_memory_locked = true), RING_CAUSE_MEMORY);
}

UNIT(the_rest_needs_no_facts)
{
	CHECK_EQUAL(JUDGE(-EMFILE, .major = 0), RING_CAUSE_DESCRIPTORS);
	CHECK_EQUAL(JUDGE(-ENFILE, .major = 0), RING_CAUSE_FILES);
	CHECK_EQUAL(JUDGE(-EINVAL, .major = 0), RING_CAUSE_OLD);
	CHECK_EQUAL(JUDGE(0, .major = 0), RING_CAUSE_NONE);
	CHECK_EQUAL(JUDGE(-EIO, .major = 0), RING_CAUSE_NONE);
}

UNIT(every_cause_has_words_of_its_own)
{
	for (int cause = RING_CAUSE_OLD; cause <= RING_CAUSE_FILES; cause++) {
		struct str text = ring_cause_text((enum ring_cause)cause);
		CHECK(text.len > 40);
		CHECK(text.ptr[text.len - 1] != '.'); // a clause of a longer sentence
		for (int other = RING_CAUSE_NONE; other < cause; other++)
			CHECK(text.ptr != ring_cause_text((enum ring_cause)other).ptr);
	}
	CHECK_EQUAL(ring_cause_text(RING_CAUSE_NONE).len, 0);
}

// In a child, because a filter never leaves a process.
static bool has_filter_in_a_child(bool makes_one)
{
	int child = fork_child();
	if (child == 0) {
		struct sock_filter allow[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
		struct sock_fprog filter = {.len = 1, .filter = allow};
		if (makes_one && (syscall6(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0) != 0 ||
				  syscall6(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, (long)&filter, 0, 0, 0) != 0))
			sys_exit_group(2);
		sys_exit_group(ring_facts().has_filter);
	}
	return wait_child(child) == 1;
}

UNIT(facts_of_this_process)
{
	struct held held = held_now();
	struct ring_facts facts = ring_facts();
	CHECK(facts.major >= 5);
	CHECK(facts.sysctl >= -1);
	CHECK(facts.sysctl <= 2);
	CHECK_HELD(held);

	uint64_t before = set_limit(RLIMIT_MEMLOCK, 65536);
	CHECK(ring_facts().is_memory_locked);
	set_limit(RLIMIT_MEMLOCK, before);

	// Without a descriptor nothing can be read: as without /proc.
	before = set_limit(RLIMIT_NOFILE, 0);
	facts = ring_facts();
	set_limit(RLIMIT_NOFILE, before);
	CHECK_EQUAL(facts.sysctl, -1);
	CHECK(!facts.has_filter);
	CHECK(!facts.is_privileged);
}

UNIT(a_filter_is_seen)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 1); // qemu-user takes no filters
	close_ring(&ring);
	CHECK(has_filter_in_a_child(true));
	if (ring_facts().has_filter)
		UNIT_SKIP(STR("all this runs under a filter"));
	CHECK(!has_filter_in_a_child(false));
}
