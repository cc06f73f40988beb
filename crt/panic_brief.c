// crt/panic_brief.c: says where a panic happened in one address. (CONFIG_PANIC_BACKTRACE=n)
#include "context.h"
#include "crt/panic_report.h"

void report_place(uintptr_t pc, uintptr_t sp, uintptr_t fp)
{
	(void)sp;
	uintptr_t at = report_file_address(pc != 0 ? pc : ((const uintptr_t *)fp)[CONTEXT_FRAME_RETURN] - 1);
	if (at == 0)
		return; // a jump to nowhere: the reason has named it
	report_str(STR("  addr2line -fipe debug/PROGRAM "));
	report_hex(at, 1);
	report_str(STR("\n"));
}

void report_fault(const struct sigcontext *registers)
{
	report_place(context_pc(registers), context_sp(registers), context_fp(registers));
}
