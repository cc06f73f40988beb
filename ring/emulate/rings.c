// ring/emulate/rings.c: the emulated rings of this process, by their descriptors: so that one can send to another.
//
// A message is a completion in the other ring's queue, and here whoever sends it puts it there. So only a ring is found that
// nobody else can be in: one with IORING_SETUP_SINGLE_ISSUER, by its issuer. A child of fork(2) finds none of its parent's, whose
// memory it may not have: a ring is the process's that made it.
//
// This is the one thing that the emulation remembers outside of its rings' memory.
#include "ring/emulate/emulate.h"

#define RINGS_MAX 64u // those behind are not found

static struct {
	int process;
	struct emulation *emulation; // null: free
} rings[RINGS_MAX];

static bool is_taken;

// Other threads have rings, too. Nothing waits while it has this.
static void take_lock(void)
{
	while (__atomic_test_and_set(&is_taken, __ATOMIC_ACQUIRE)) { // pairs with the release in drop_lock
	}
}

static void drop_lock(void)
{
	__atomic_clear(&is_taken, __ATOMIC_RELEASE);
}

void ring_emu_enroll(struct emulation *e)
{
	if ((e->flags & IORING_SETUP_SINGLE_ISSUER) == 0)
		return;
	int process = sys_getpid();
	take_lock();
	for (unsigned i = 0; i < RINGS_MAX; i++) {
		if (rings[i].emulation != nullptr && rings[i].process == process)
			continue;
		rings[i].process = process;
		rings[i].emulation = e;
		break;
	}
	drop_lock();
}

void ring_emu_strike(const struct emulation *e)
{
	take_lock();
	for (unsigned i = 0; i < RINGS_MAX; i++)
		if (rings[i].emulation == e)
			rings[i].emulation = nullptr;
	drop_lock();
}

struct emulation *ring_emu_find_ring(int fd)
{
	struct emulation *found = nullptr;
	int process = sys_getpid(), thread = sys_gettid();
	take_lock();
	for (unsigned i = 0; i < RINGS_MAX && found == nullptr; i++) {
		struct emulation *each = rings[i].emulation;
		if (each != nullptr && rings[i].process == process && each->fd == fd && each->issuer == thread)
			found = each;
	}
	drop_lock();
	return found;
}
