// crt/start.c: from the kernel's jump to main.
//
// The kernel has mapped the segments of the file at a random place, and has laid this on a new stack:
//
//	stack ->   argc
//		   argv[0] .. argv[argc-1]  null
//		   envp[0] ..               null
//		   auxv[0] ..               AT_NULL     pairs of words: what the kernel knows and we cannot
//		   ...
//		   the strings themselves, 16 random bytes, the program's name
//	bottom of the stack
//
// Nothing else is ready. In this order: relocate (until then no pointer in data is right), learn the page size, draw the
// stack protector's guard, lay out thread-local storage, seal, run the constructors, call main.
// [psABI x86-64 3.4.1; Linux fs/binfmt_elf.c, create_elf_tables]
#include "crt/start.h"

#include "arch/sys.h"
#include "crt/process.h"
#include "crt/run.h"

// Sealed with the relocated data: written here, never again.
[[gnu::section(".bss.rel.ro")]] struct process process;

typedef void constructor(int argc, char **argv, char **envp);

#pragma GCC visibility push(hidden)
extern constructor *const crt_constructors_start[], *const crt_constructors_end[]; // crt/program.ld
#pragma GCC visibility pop

// There is no panic yet: it would need what has just failed.
[[noreturn]] static void start_failed(void)
{
	struct str why = STR("crt: set-up refused\n");
	(void)sys_write(SYS_STDERR, why.ptr, why.len); // the status says it too
	sys_exit_group(127);
}

// Seals what only relocation had to write (PT_GNU_RELRO). Returns zero or -errno. [mprotect(2)]
static int seal(uintptr_t base, const Elf64_Phdr *segment, size_t page_size)
{
	// The start goes down to a page. The end stands on one: the linker put it on the largest that the machine may have.
	uintptr_t end = base + segment->p_vaddr + segment->p_memsz;
	uintptr_t start = (base + segment->p_vaddr) & -page_size;
	return sys_mprotect((void *)start, end - start, PROT_READ);
}

void crt_start(long *stack, const Elf64_Ehdr *image, const Elf64_Dyn *dynamic)
{
	uintptr_t base = (uintptr_t)image;
	crt_relocate(base, dynamic);

	int argc = (int)stack[0];
	char **argv = (char **)(stack + 1);
	char **envp = argv + argc + 1;
	char **after = envp;
	while (*after++ != nullptr) {
	}
	process.envp = envp;
	process.auxv = (const struct process_aux *)after;
	process.base = base;
	for (const struct process_aux *aux = process.auxv; aux->type != AT_NULL; aux++) {
		if (aux->type == AT_PAGESZ)
			process.page_size = aux->value;
		if (aux->type == AT_RANDOM)
			crt_guard((const uint8_t *)aux->value);
	}

	long error = 0;
	const Elf64_Phdr *segment = (const Elf64_Phdr *)(base + image->e_phoff);
	for (unsigned left = image->e_phnum; left > 0; left--, segment++) {
		if (segment->p_type == PT_TLS && segment->p_memsz != 0)
			error |= crt_thread(base, segment, __builtin_alloca(crt_thread_bytes(segment)));
		if (segment->p_type == PT_GNU_RELRO)
			error |= seal(base, segment, process.page_size);
	}
	if (error != 0)
		start_failed();

	for (constructor *const *each = crt_constructors_start; each < crt_constructors_end; each++)
		(*each)(argc, argv, envp);

	sys_exit_group(run(argc, argv, envp));
}
