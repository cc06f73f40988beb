// crt/panic.c: says why, and ends the process. It needs nothing of crt/ that could panic itself.
#include "crt/panic.h"

#include <linux/elf.h>

#include "arch/sys.h"
#include "crt/panic_report.h"
#include "crt/process.h"
#include "crt/run.h"
#include "crt/signal.h"

#define BUFFER_BYTES 256u // a few lines: few writes, and lines of several programs hardly mix

static char buffer[BUFFER_BYTES];
static size_t gathered; // bytes
static bool panicking;

void report_begin(int signal)
{
	(void)signal_block(UINT64_MAX, nullptr);
	if (panicking)
		sys_exit_group(128 + signal);
	panicking = true;
}

[[gnu::noinline]] void report_flush(void)
{
	size_t done = 0;
	while (done < gathered) {
		long count = sys_write(SYS_STDERR, buffer + done, gathered - done);
		if (count <= 0)
			break; // nobody hears us; the status must tell
		done += (size_t)count;
	}
	gathered = 0;
}

[[gnu::noinline]] void report_str(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (gathered == BUFFER_BYTES)
			report_flush();
		buffer[gathered++] = text.ptr[i];
	}
}

[[gnu::noinline]] void report_hex(uint64_t value, unsigned digits)
{
	char text[2 + 16] = "0x";
	while (digits < 16 && value >> (4 * digits) != 0)
		digits++;
	for (unsigned i = 0; i < digits; i++)
		text[2 + i] = "0123456789abcdef"[value >> (4 * (digits - 1 - i)) & 15];
	report_str((struct str){text, 2 + digits});
}

uintptr_t report_file_address(uintptr_t pc)
{
	const Elf64_Ehdr *image = (const Elf64_Ehdr *)process.base;
	const Elf64_Phdr *segment = (const Elf64_Phdr *)(process.base + image->e_phoff);
	for (unsigned i = 0; i < image->e_phnum; i++, segment++) {
		if (segment->p_type == PT_LOAD && (segment->p_flags & PF_X) != 0 &&
		    pc - process.base - segment->p_vaddr < segment->p_memsz)
			return pc - process.base;
	}
	return 0;
}

void report_end(int signal)
{
	report_flush();
	(void)signal_default(signal);
	(void)signal_unblock(signal_bit(signal));
	(void)sys_tgkill(sys_getpid(), sys_gettid(), signal);
	run_exit(128 + signal); // process 1 gets here: it has no default actions
}

[[gnu::noinline]] void panic(struct str reason)
{
	report_begin(SIGABRT);
	report_str(STR("panic: "));
	report_str(reason);
	report_str(STR("\n"));
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	report_place(0, 0, here);
	report_end(SIGABRT);
}
