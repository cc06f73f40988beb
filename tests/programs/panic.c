// tests/programs/panic.c: goes wrong in the way that its argument names, three calls deep, for tests/panic.bats.
//
// Exit status 2: no such way. 3: the handlers could not be installed. 4: nothing went wrong.
#include "crt/panic.h"
#include "arch/sys.h"
#include "context.h"
#include "crt/process.h"
#include "crt/str.h"

static volatile int zero;
static volatile uintptr_t nowhere = 0x1230; // the lowest pages are never mapped [mmap_min_addr, proc_sys_vm(5)]
static const int constant = 1;
alignas(16) static int words[8];

[[gnu::noinline]] static int exhaust_stack(int depth)
{
	volatile int page[1024] = {depth};
	return zero != 0 ? zero : exhaust_stack(depth + 1) + page[0];
}

// The checks of a debug build would find this mistake, and those below, before the machine does.
[[gnu::noinline, clang::no_sanitize("undefined")]] static void smash_stack(void)
{
	volatile char array[8];
	for (int i = 0; i < 64 + zero; i++)
		*(array + i + zero) = 'A';
}

// What C leaves undefined and every machine computes; where undefined behaviour traps, it panics.
[[gnu::noinline]] static int overflow(void)
{
	int most = (int)(UINT32_MAX >> 1) - zero;
	return most + 1;
}

// Writes over the frame pointer that this function has saved, with that of its own frame for 0, and panics.
[[gnu::noinline]] static void tear_chain(uintptr_t instead)
{
	volatile uintptr_t *frame = __builtin_frame_address(0);
	frame[CONTEXT_FRAME_POINTER] = instead != 0 ? instead : (uintptr_t)frame;
	panic(STR("chain torn"));
}

// Reads a file's mapping a mebibyte behind its end.
[[gnu::noinline]] static int read_behind(void)
{
	int file = sys_openat(AT_FDCWD, "/proc/self/exe", O_RDONLY, 0);
	long start = sys_mmap(nullptr, 4 << 20, PROT_READ, MAP_PRIVATE, file, 0);
	return sys_failed(start) ? 0 : ((volatile char *)start)[3 << 20];
}

// Panics for a reason that cannot be read.
[[gnu::noinline]] static void panic_badly(void)
{
	panic((struct str){(const char *)nowhere, 8});
}

[[gnu::noinline, clang::no_sanitize("undefined")]] static int deep_three(struct str way)
{
	if (str_equal(way, STR("explicit")))
		panic(STR("as asked"));
	if (str_equal(way, STR("null")))
		*(volatile int *)nowhere = 1;
	if (str_equal(way, STR("constant")))
		*(volatile int *)(uintptr_t)&constant = 1;
	if (str_equal(way, STR("behind")))
		return read_behind() + zero;
	if (str_equal(way, STR("impossible"))) // bits 63 and 62 differ
		*(volatile int *)(nowhere | UINT64_C(1) << 63) = 1;
	if (str_equal(way, STR("odd")))
		return __atomic_fetch_add((int *)((uintptr_t)words + 14), 1, __ATOMIC_RELAXED);
	if (str_equal(way, STR("wild")))
		((void (*)(void))nowhere)();
	if (str_equal(way, STR("stack")))
		return exhaust_stack(0);
	if (str_equal(way, STR("smash")))
		smash_stack();
	if (str_equal(way, STR("overflow")))
		return overflow() < 0 ? 0 : 1;
	if (str_equal(way, STR("trap")))
		__builtin_trap();
	if (str_equal(way, STR("divide")))
		return (zero + 7) / zero;
	if (str_equal(way, STR("tear-unmapped")))
		tear_chain(UINTPTR_MAX / 3 & ~(uintptr_t)15);
	if (str_equal(way, STR("tear-unaligned")))
		tear_chain((uintptr_t)__builtin_frame_address(0) + 1);
	if (str_equal(way, STR("tear-backward")))
		tear_chain((uintptr_t)__builtin_frame_address(0) - 4096);
	if (str_equal(way, STR("tear-loop")))
		tear_chain(0);
	if (str_equal(way, STR("tear-upward"))) // readable, but no frame lies there
		tear_chain((uintptr_t)__builtin_frame_address(0) + 64);
	if (str_equal(way, STR("twice")))
		panic_badly();
	if (str_equal(way, STR("sent")))
		return sys_tgkill(sys_getpid(), sys_gettid(), SIGSEGV);
	return 0;
}

// Something is left to do after each call, or it would be a jump and leave no frame.
[[gnu::noinline]] static int deep_two(struct str way)
{
	return deep_three(way) + zero;
}

[[gnu::noinline]] static int deep_one(struct str way)
{
	return deep_two(way) + zero;
}

int main(int argc, char **argv, char **envp)
{
	(void)envp;
	if (panic_on_faults() != 0)
		return 3;
	return argc == 2 ? deep_one(str_from_cstr(argv[1])) + 4 : 2;
}
