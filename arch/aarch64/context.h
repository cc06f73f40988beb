// arch/aarch64/context.h: what a stopped program looks like: its registers, and the frames on its stack.
//
//	       locals
//	fp[1]  return address
//	fp[0]  the caller's frame pointer      <- fp (x29)
//	       locals                          <- sp
//
// BL leaves the return address in lr (x30), and a function stores it with x29 in its frame record, where it needs one.
// [AAPCS64 6.4.6, The Frame Pointer]
#pragma once

#include <asm/sigcontext.h>
#include <asm/signal.h>
#include <asm/ucontext.h>
#include <stdint.h>

// Words from the frame pointer to what the frame keeps.
enum { CONTEXT_FRAME_POINTER = 0, CONTEXT_FRAME_RETURN = 1 };

static inline uintptr_t context_pc(const struct sigcontext *context)
{
	return context->pc;
}

static inline uintptr_t context_sp(const struct sigcontext *context)
{
	return context->sp;
}

static inline uintptr_t context_fp(const struct sigcontext *context)
{
	return context->regs[29];
}

// The return address of the last call, where a register holds it; 0 where it lies at sp instead.
static inline uintptr_t context_link(const struct sigcontext *context)
{
	return context->regs[30];
}

// All registers, in the order in which they lie in the structure, a word each: four letters a name.
#define CONTEXT_NAMES                                                                      \
	"  x0  x1  x2  x3  x4  x5  x6  x7  x8  x9 x10 x11 x12 x13 x14 x15 x16 x17 x18 x19" \
	" x20 x21 x22 x23 x24 x25 x26 x27 x28  fp  lr  sp  pc flg"

static inline const void *context_words(const struct sigcontext *context)
{
	return &context->regs[0];
}
