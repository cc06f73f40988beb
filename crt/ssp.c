// crt/ssp.c: the stack protector's guard.
//
// A function that holds an array keeps a copy of the guard between its locals and its return address, and compares the two
// before it returns. Whoever writes past the array changes the copy first, without knowing what should stand there.
//
// The guard is a global here, not a word beside the thread pointer, so that the protector works in programs that have no
// thread-local storage. It is sealed with the relocated data: an attacker who can write anywhere still cannot write it.
// [gcc(1), -fstack-protector-strong, -mstack-protector-guard=global]
#include "crt/panic.h"
#include "crt/start.h"

#pragma GCC visibility push(hidden)
extern uintptr_t __stack_chk_guard;
[[noreturn]] void __stack_chk_fail(void);
#pragma GCC visibility pop

[[gnu::section(".bss.rel.ro")]] uintptr_t __stack_chk_guard;

// A word that need not be aligned.
struct [[gnu::packed]] unaligned {
	uintptr_t word;
};

void crt_guard(const uint8_t *random)
{
	// The first 8 of the kernel's 16 bytes [getauxval(3), AT_RANDOM]. The lowest byte is zeroed: a copy of a string that
	// runs over stops at a NUL, and so can neither read the rest of the guard nor write it.
	__stack_chk_guard = ((const struct unaligned *)random)->word & ~(uintptr_t)0xff;
}

void __stack_chk_fail(void)
{
	panic(STR("stack smashed: a function wrote past the end of an array of its own"));
}
