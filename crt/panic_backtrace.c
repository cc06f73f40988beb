// crt/panic_backtrace.c: says where a panic happened: registers, and the calls that led there.
// (CONFIG_PANIC_BACKTRACE=y)
//
// Every function keeps its caller's frame pointer and its return address in its frame (context.h draws it), so the
// frames are a chain, from the innermost to that of _start, whose frame pointer is 0. A panic may find the chain torn,
// by the very mistake that it reports. So a link is believed only if it is aligned, lies above the one before, leads to
// memory that can be read, and its return address is in this program; the first that is not ends the walk.
#include "arch/sys.h"
#include "context.h"
#include "crt/mem.h"
#include "crt/panic_report.h"

#define CALLS_MAX 64u

static uintptr_t calls[CALLS_MAX]; // addresses in the file
static unsigned calls_count;

// Reads a word, if there is one. The kernel tells: it reads the set of signals before it finds that -1 is nothing it
// could do with it, and answers -EFAULT if it cannot. [Linux kernel/signal.c, rt_sigprocmask; qemu-user keeps the
// order]
static bool word_read(uintptr_t at, uintptr_t *word)
{
	if (at % sizeof(*word) != 0 || sys_rt_sigprocmask(-1, (const uint64_t *)at, nullptr) == -EFAULT)
		return false;
	*word = *(const volatile uintptr_t *)at;
	return true;
}

// A line of the backtrace. An address outside this program is told, but addr2line could not name it.
static void tell_call(uintptr_t pc)
{
	report_str(STR("  "));
	report_hex(pc, 16);
	uintptr_t address = report_file_address(pc);
	if (address != 0) {
		report_str(STR("  "));
		report_hex(address, 1);
		calls[calls_count++] = address;
	}
	report_str(STR("\n"));
}

void report_place(uintptr_t pc, uintptr_t sp, uintptr_t fp)
{
	if (pc != 0)
		tell_call(pc);

	while (fp != 0 && calls_count < CALLS_MAX) {
		const uintptr_t *frame = (const uintptr_t *)fp;
		uintptr_t caller, next;
		if (fp < sp || !word_read((uintptr_t)(frame + CONTEXT_FRAME_RETURN), &caller) ||
		    !word_read((uintptr_t)(frame + CONTEXT_FRAME_POINTER), &next) ||
		    report_file_address(caller - 1) == 0) {
			report_str(STR("  the chain of frames is torn: frame pointer "));
			report_hex(fp, 1);
			report_str(STR("\n"));
			break;
		}
		tell_call(caller - 1);
		sp = fp + 1;
		fp = next;
	}

	report_str(STR("  addr2line -fipe debug/PROGRAM"));
	for (unsigned i = 0; i < calls_count; i++) {
		report_str(STR(" "));
		report_hex(calls[i], 1);
	}
	report_str(STR("\n"));
}

void report_fault(const struct sigcontext *registers)
{
	struct str names = STR(CONTEXT_NAMES);
	const char *words = context_words(registers);
	for (size_t i = 0; i < names.len / 4; i++) {
		report_str((struct str){names.ptr + 4 * i, 4});
		report_str(STR(" "));
		uint64_t value;
		memcpy(&value, words + i * sizeof(value), sizeof(value));
		report_hex(value, 16);
		report_str(i % 4 == 3 || i == names.len / 4 - 1 ? STR("\n") : STR("  "));
	}
	report_flush(); // so much is certain

	// A jump to nowhere has made no frame: the call that led there is known by its return address only.
	uintptr_t pc = context_pc(registers);
	if (report_file_address(pc) == 0) {
		tell_call(pc);
		uintptr_t caller = context_link(registers);
		if (caller == 0)
			(void)word_read(context_sp(registers), &caller);
		pc = caller != 0 ? caller - 1 : 0;
	}
	report_place(pc, context_sp(registers), context_fp(registers));
}
