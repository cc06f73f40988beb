// tests/programs/relocated.c: looks at itself, whether crt/ has started it as it should, for tests/start.bats.
//
// Its tables of pointers are dense enough for several maps of RELR in a row, sparse enough that maps do not reach from one to
// the next, and one word lies where only RELA can name it. Prints what differs from run to run, then its arguments and those
// environment variables whose names begin with SHOW, then "good"; or says on standard error what is wrong, status 1.
#include <linux/auxvec.h>
#include <linux/elf.h>

#include "arch/sys.h"
#include "crt/out.h"
#include "crt/process.h"
#include "crt/say.h"
#include "crt/signal.h"
#include "crt/str.h"

#pragma GCC visibility push(hidden)
extern const Elf64_Ehdr __ehdr_start;
extern uintptr_t __stack_chk_guard;
void _start(void);
#pragma GCC visibility pop

static void hold(bool holds, struct str what)
{
	if (holds)
		return;
	say(STR("relocated: not so: "), what);
	sys_exit_group(1);
}
#define HOLD(condition) hold((condition), STR(#condition))

// The compiler must not know what a table holds: it is the memory that counts.
#define LOADED(pointer) (*(__typeof__(pointer) volatile *)&(pointer))

// Tables.

#define ITEMS 320
static int items[ITEMS];

#define P1(n) &items[n]
#define P4(n) P1(n), P1(n + 1), P1(n + 2), P1(n + 3)
#define P16(n) P4(n), P4(n + 4), P4(n + 8), P4(n + 12)
#define P64(n) P16(n), P16(n + 16), P16(n + 32), P16(n + 48)
#define P320 P64(0), P64(64), P64(128), P64(192), P64(256)

static int *const dense_sealed[ITEMS] = {P320};
static int *dense[ITEMS] = {P320};

// Every other word, and every third.
struct holes {
	uintptr_t none;
	int *one;
	uintptr_t none_either;
	int *two;
	int *three;
};
#define HOLES4(n)                                                                                                      \
	{0, P1(n), 0, P1(n + 1), P1(n + 2)}, {0, P1(n), 0, P1(n + 1), P1(n + 2)}, {0, P1(n), 0, P1(n + 1), P1(n + 2)}, \
	{                                                                                                              \
		0, P1(n), 0, P1(n + 1), P1(n + 2)                                                                      \
	}
static const struct holes holes[] = {HOLES4(7), HOLES4(7), HOLES4(7), HOLES4(7),
				     HOLES4(7), HOLES4(7), HOLES4(7), HOLES4(7)};

// Farther apart than a map reaches (63 words), just as far, and just not.
static struct {
	int *first;
	uintptr_t gap[61];
	int *at_62;
	uintptr_t gap_62[62];
	int *at_63_more;
	uintptr_t gap_63[63];
	int *at_64_more;
	uintptr_t gap_200[200];
	int *last;
} sparse = {.first = P1(1), .at_62 = P1(2), .at_63_more = P1(3), .at_64_more = P1(4), .last = P1(5)};

// At an odd address, which RELR cannot name.
alignas(8) static volatile struct [[gnu::packed]] {
	char one;
	int *odd;
} packed = {1, P1(9)};

static void check_tables(void)
{
	for (int i = 0; i < ITEMS; i++) {
		HOLD(LOADED(dense_sealed[i]) == items + i);
		HOLD(LOADED(dense[i]) == items + i);
	}
	for (size_t i = 0; i < sizeof(holes) / sizeof(holes[0]); i++) {
		HOLD(LOADED(holes[i].none) == 0 && LOADED(holes[i].none_either) == 0);
		HOLD(LOADED(holes[i].one) == items + 7);
		HOLD(LOADED(holes[i].two) == items + 8);
		HOLD(LOADED(holes[i].three) == items + 9);
	}
	HOLD(LOADED(sparse.first) == items + 1);
	HOLD(LOADED(sparse.at_62) == items + 2);
	HOLD(LOADED(sparse.at_63_more) == items + 3);
	HOLD(LOADED(sparse.at_64_more) == items + 4);
	HOLD(LOADED(sparse.last) == items + 5);
	for (int i = 0; i < 61; i++)
		HOLD(LOADED(sparse.gap[i]) == 0 && LOADED(sparse.gap_62[i]) == 0 && LOADED(sparse.gap_63[i]) == 0);
	HOLD(packed.one == 1);
	HOLD(packed.odd == items + 9);
}

// Thread-local storage.

static _Thread_local int counted = 7;
static _Thread_local int *relocated = &items[3]; // the block is copied after it was relocated
static _Thread_local uint8_t zero[300];
alignas(64) static _Thread_local uint8_t aligned[64] = {1, 2, 3};
alignas(64) static _Thread_local uint8_t aligned_zero[3];

static void check_thread(void)
{
	HOLD(LOADED(counted) == 7);
	HOLD(LOADED(relocated) == items + 3);
	for (size_t i = 0; i < sizeof(zero); i++)
		HOLD(LOADED(zero[i]) == 0);
	uintptr_t at = (uintptr_t)aligned, at_zero = (uintptr_t)aligned_zero;
	__asm__("" : "+r"(at), "+r"(at_zero)); // the compiler believes in the alignment
	HOLD(at % 64 == 0 && at_zero % 64 == 0);
	HOLD(LOADED(aligned[0]) == 1 && LOADED(aligned[2]) == 3 && LOADED(aligned[3]) == 0);
	HOLD(LOADED(aligned_zero[0]) == 0 && LOADED(aligned_zero[2]) == 0);
	for (size_t i = 0; i < sizeof(zero); i++)
		*(volatile uint8_t *)&zero[i] = 0xff;
	HOLD(LOADED(counted) == 7 && LOADED(aligned[0]) == 1 && LOADED(aligned_zero[0]) == 0);
}

// Constructors.

static int constructed, constructed_argc;
static char **constructed_argv, **constructed_envp;

static bool stack_is_aligned(void)
{
	uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
	return frame % 16 == 0;
}

[[gnu::constructor]] static void construct(int argc, char **argv, char **envp)
{
	constructed = 1;
	constructed_argc = argc;
	constructed_argv = argv;
	constructed_envp = envp;
	check_tables();
	HOLD(stack_is_aligned());
}

[[gnu::constructor]] static void construct_more(void)
{
	constructed = constructed == 1 ? 2 : -1;
	HOLD(LOADED(counted) == 7);
	HOLD(__stack_chk_guard != 0);
}

// What is sealed.

static volatile int faults;
static uintptr_t opened;

static void open_page(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
	faults = faults + 1;
	hold(sys_mprotect((void *)opened, process.page_size, PROT_READ | PROT_WRITE) == 0, STR("a page opens"));
}

// Whether a write to this place faults. The page is as it was afterwards.
static bool is_sealed(uintptr_t place)
{
	faults = 0;
	opened = place & -process.page_size;
	volatile uint8_t *byte = (volatile uint8_t *)place;
	*byte = *byte;
	if (faults != 0)
		HOLD(sys_mprotect((void *)opened, process.page_size, PROT_READ) == 0);
	return faults == 1;
}

static void check_seal(void)
{
	HOLD(signal_catch(SIGSEGV, open_page, 0) == 0);
	const Elf64_Phdr *segment = (const Elf64_Phdr *)process_aux(AT_PHDR);
	unsigned sealed_pages = 0;
	for (unsigned long i = 0; i < process_aux(AT_PHNUM); i++, segment++) {
		if (segment->p_type != PT_GNU_RELRO)
			continue;
		uintptr_t start = process.base + segment->p_vaddr, end = start + segment->p_memsz;
		HOLD(end % process.page_size == 0);
		HOLD((uintptr_t)dense_sealed >= start && (uintptr_t)dense_sealed < end);
		HOLD((uintptr_t)&process >= start && (uintptr_t)&process < end);
		HOLD((uintptr_t)&__stack_chk_guard >= start && (uintptr_t)&__stack_chk_guard < end);
		HOLD(is_sealed(start));
		HOLD(is_sealed(end - 1));
		for (uintptr_t page = start & -process.page_size; page < end; page += process.page_size) {
			HOLD(is_sealed(page));
			sealed_pages++;
		}
		HOLD((uintptr_t)dense >= end || (uintptr_t)dense < start);
	}
	HOLD(sealed_pages > 0);
	HOLD(is_sealed((uintptr_t)dense_sealed));
	HOLD(is_sealed((uintptr_t)&process));
	HOLD(is_sealed((uintptr_t)&__stack_chk_guard));
	HOLD(!is_sealed((uintptr_t)dense));
	HOLD(!is_sealed((uintptr_t)items));
	HOLD(!is_sealed((uintptr_t)&sparse.last));
}

// What the kernel gave.

static void check_process(int argc, char **argv, char **envp)
{
	HOLD(argv[argc] == nullptr);
	HOLD(envp == argv + argc + 1);
	HOLD(process.envp == envp);
	char **after = envp;
	while (*after++ != nullptr) {
	}
	HOLD((const void *)process.auxv == (const void *)after);
	HOLD(process.base == (uintptr_t)&__ehdr_start);
	HOLD(process.base % process.page_size == 0);
	HOLD(process.page_size == process_aux(AT_PAGESZ));
	HOLD(process_aux(AT_PHDR) == process.base + __ehdr_start.e_phoff);
	HOLD(process_aux(AT_PHNUM) == __ehdr_start.e_phnum);
	HOLD(process_aux(AT_ENTRY) == (uintptr_t)_start);
	HOLD(process_aux(12345) == 0);
	HOLD(process_env("NO SUCH NAME") == nullptr);
	HOLD(constructed == 2);
	HOLD(constructed_argc == argc && constructed_argv == argv && constructed_envp == envp);
	HOLD((__stack_chk_guard & 0xff) == 0);
	HOLD(__stack_chk_guard != 0);
	const uint8_t *random = (const uint8_t *)process_aux(AT_RANDOM);
	for (unsigned i = 1; i < 8; i++)
		HOLD((uint8_t)(__stack_chk_guard >> 8 * i) == random[i]);
}

int main(int argc, char **argv, char **envp)
{
	HOLD(stack_is_aligned());
	check_tables();
	check_thread();
	check_process(argc, argv, envp);
	check_seal();

	static uint8_t buffer[4096];
	struct out out = out_to_fd(SYS_STDOUT, SPAN(buffer));
	out_str(&out, STR("guard "));
	out_hex(&out, __stack_chk_guard, 16);
	out_str(&out, STR("\nbase "));
	out_hex(&out, process.base, 1);
	for (int i = 0; i < argc; i++) {
		out_str(&out, STR("\narg "));
		out_str(&out, str_from_cstr(argv[i]));
	}
	for (char **each = envp; *each != nullptr; each++) {
		struct str variable = str_from_cstr(*each);
		if (!str_starts(variable, STR("SHOW")))
			continue;
		out_str(&out, STR("\nenv "));
		out_str(&out, variable);
	}
	out_str(&out, STR("\ngood\n"));
	return out_flush(&out) == 0 ? 0 : 1;
}
