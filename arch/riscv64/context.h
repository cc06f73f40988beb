// arch/riscv64/context.h: what a stopped program looks like: its registers, and the frames on its stack.
//
//	                                       <- fp (s0): where sp was before the call
//	fp[-1] return address
//	fp[-2] the caller's frame pointer
//	       locals                          <- sp
//
// CALL leaves the return address in ra, and a function stores it with s0 in its frame. [riscv-elf-psabi, Frame Pointer
// Convention]
#pragma once

#include <asm/sigcontext.h>
#include <asm/signal.h>
#include <asm/ucontext.h>
#include <stdint.h>

// Words from the frame pointer to what the frame keeps.
enum { CONTEXT_FRAME_POINTER = -2, CONTEXT_FRAME_RETURN = -1 };

static inline uintptr_t context_pc(const struct sigcontext *context)
{
	return context->sc_regs.pc;
}

static inline uintptr_t context_sp(const struct sigcontext *context)
{
	return context->sc_regs.sp;
}

static inline uintptr_t context_fp(const struct sigcontext *context)
{
	return context->sc_regs.s0;
}

// The return address of the last call, where a register holds it; 0 where it lies at sp instead.
static inline uintptr_t context_link(const struct sigcontext *context)
{
	return context->sc_regs.ra;
}

// All registers, in the order in which they lie in the structure, a word each: four letters a name.
#define CONTEXT_NAMES                                                              \
	"  pc  ra  sp  gp  tp  t0  t1  t2  s0  s1  a0  a1  a2  a3  a4  a5  a6  a7" \
	"  s2  s3  s4  s5  s6  s7  s8  s9 s10 s11  t3  t4  t5  t6"

static inline const void *context_words(const struct sigcontext *context)
{
	return &context->sc_regs.pc;
}
