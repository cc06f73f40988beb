// crt/panic_report.h: what the parts of a panic need of one another. Only crt/panic*.c include it.
//
// panic.c says why and ends the process; panic_faults.c turns signals into reasons; panic_backtrace.c or panic_brief.c,
// as the configuration chooses, says where.
#pragma once

#include <stdint.h>

#include "arch/span.h"

#pragma GCC visibility push(hidden)

struct sigcontext; // <asm/sigcontext.h>

// Begins a panic that `signal` will end. Nothing interrupts it from here on: all signals wait, and a fault in the panic
// itself, as it cannot wait, makes the kernel end the process. A second panic inside the first ends here.
void report_begin(int signal);

// Text, and a number as 0x and at least `digits` hexadecimal digits. They gather in a small buffer.
void report_str(struct str text);
void report_hex(uint64_t value, unsigned digits);

// Tells where the program was: at `pc`, the instruction itself, or with a `pc` of 0 in the caller of the function whose
// frame `fp` is. `sp`: the least address that a frame can have.
void report_place(uintptr_t pc, uintptr_t sp, uintptr_t fp);

// Tells a fault's registers, and then its place.
void report_fault(const struct sigcontext *registers);

// The address in the file of the code at `pc`, or 0 when it is not in this program.
uintptr_t report_file_address(uintptr_t pc);

// Writes out what has gathered.
void report_flush(void);

// Ends the process by `signal`.
[[noreturn]] void report_end(int signal);

#pragma GCC visibility pop
