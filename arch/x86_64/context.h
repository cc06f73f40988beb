// arch/x86_64/context.h: what a stopped program looks like: its registers, and the frames on its stack.
//
//	fp[1]  return address
//	fp[0]  the caller's frame pointer      <- fp (rbp)
//	       locals                          <- sp (rsp)
//
// CALL pushes the return address, so a function that has not yet made its frame finds it at sp. [psABI x86-64 3.2.2]
#pragma once

#include <asm/sigcontext.h>
#include <asm/signal.h>
#include <asm/ucontext.h>
#include <stdint.h>

// Words from the frame pointer to what the frame keeps.
enum { CONTEXT_FRAME_POINTER = 0, CONTEXT_FRAME_RETURN = 1 };

static inline uintptr_t context_pc(const struct sigcontext *context)
{
	return context->rip;
}

static inline uintptr_t context_sp(const struct sigcontext *context)
{
	return context->rsp;
}

static inline uintptr_t context_fp(const struct sigcontext *context)
{
	return context->rbp;
}

// The return address of the last call, where a register holds it; 0 where it lies at sp instead.
static inline uintptr_t context_link(const struct sigcontext *context)
{
	(void)context;
	return 0;
}

// All registers, in the order in which they lie in the structure, a word each: four letters a name.
#define CONTEXT_NAMES "  r8  r9 r10 r11 r12 r13 r14 r15 rdi rsi rbp rbx rdx rax rcx rsp rip flg"

static inline const void *context_words(const struct sigcontext *context)
{
	return &context->r8;
}
