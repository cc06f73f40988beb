// tests/unit/signal.c: handlers run, return, nest; the interrupted function notices nothing.
#include "crt/signal.h"

#include "tests/unit/unit.h"

static volatile int calls, depth, depth_max;
static volatile int order[4];
static volatile uintptr_t handler_stack;
static volatile int from_code, from_process;

static void raise_signal(int signal)
{
	CHECK_EQUAL(sys_tgkill(sys_getpid(), sys_gettid(), signal), 0);
}

static void count(int signal, siginfo_t *info, void *context)
{
	volatile int here = signal;
	handler_stack = (uintptr_t)&here;
	from_code = info->si_code;
	from_process = info->si_pid;
	CHECK(context != nullptr);
	calls++;
}

UNIT(handler_runs_and_returns)
{
	calls = 0;
	CHECK_EQUAL(signal_catch(SIGUSR1, count, 0), 0);
	raise_signal(SIGUSR1);
	raise_signal(SIGUSR1);
	CHECK_EQUAL(calls, 2);
	CHECK_EQUAL(from_code, SI_TKILL);
	CHECK_EQUAL(from_process, sys_getpid());
	CHECK_EQUAL(signal_default(SIGUSR1), 0);
}

// Makes the page usable, so that the store that faulted is done again, and leaves its own values in as many registers
// as the compiler will use.
static uint8_t *page;
static void open_page(int signal, siginfo_t *info, void *context)
{
	volatile uint64_t seed = (uint64_t)signal;
	(void)context;
	uint64_t a = seed, b = a * 3, c = b * 3, d = c * 3, e = d * 3, f = e * 3, g = f * 3, h = g * 3;
	for (int i = 0; i < 3; i++) {
		a += h ^ seed, b += a ^ seed, c += b ^ seed, d += c ^ seed;
		e += d ^ seed, f += e ^ seed, g += f ^ seed, h += g ^ seed;
	}
	seed = a ^ b ^ c ^ d ^ e ^ f ^ g ^ h;
	if ((uint8_t *)info->si_addr == page + 8)
		calls++;
	CHECK_EQUAL(sys_mprotect(page, 4096, PROT_READ | PROT_WRITE), 0);
}

UNIT(registers_survive_a_fault)
{
	calls = 0;
	long address = sys_mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!CHECK(address > 0))
		return;
	page = (uint8_t *)address;
	CHECK_EQUAL(signal_catch(SIGSEGV, open_page, 0), 0);

	volatile uint64_t seed = 1;
	uint64_t a = seed, b = a + seed, c = b + seed, d = c + seed, e = d + seed, f = e + seed, g = f + seed,
		 h = g + seed;
	uint64_t i = h + seed, j = i + seed, k = j + seed, l = k + seed, m = l + seed, n = m + seed, o = n + seed,
		 p = o + seed;
	double x = (double)seed / 3, y = x + (double)seed, z = y * 5;
	*(volatile uint64_t *)(page + 8) = 0x0123456789abcdef; // faults, once
	CHECK(a == 1 && b == 2 && c == 3 && d == 4 && e == 5 && f == 6 && g == 7 && h == 8);
	CHECK(i == 9 && j == 10 && k == 11 && l == 12 && m == 13 && n == 14 && o == 15 && p == 16);
	CHECK(x == (double)seed / 3 && y == x + (double)seed && z == y * 5);
	CHECK_EQUAL(*(volatile uint64_t *)(page + 8), UINT64_C(0x0123456789abcdef));
	CHECK_EQUAL(calls, 1);

	CHECK_EQUAL(signal_default(SIGSEGV), 0);
	CHECK_EQUAL(sys_munmap(page, 4096), 0);
}

static void note(int signal, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	order[calls++] = signal;
	if (signal == SIGUSR1) {
		raise_signal(SIGUSR2);
		order[calls++] = -signal;
	}
}

UNIT(another_signal_nests)
{
	calls = 0;
	CHECK_EQUAL(signal_catch(SIGUSR1, note, 0), 0);
	CHECK_EQUAL(signal_catch(SIGUSR2, note, 0), 0);
	raise_signal(SIGUSR1);
	CHECK_EQUAL(calls, 3);
	CHECK(order[0] == SIGUSR1 && order[1] == SIGUSR2 && order[2] == -SIGUSR1);
	CHECK_EQUAL(signal_default(SIGUSR1), 0);
	CHECK_EQUAL(signal_default(SIGUSR2), 0);
}

static void again(int signal, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	depth++;
	if (depth > depth_max)
		depth_max = depth;
	if (calls++ < 2)
		raise_signal(signal);
	depth--;
}

UNIT(the_same_signal_waits_or_nests_as_asked)
{
	calls = depth_max = 0;
	CHECK_EQUAL(signal_catch(SIGUSR1, again, 0), 0);
	raise_signal(SIGUSR1);
	CHECK_EQUAL(calls, 3);
	CHECK_EQUAL(depth_max, 1);

	calls = depth_max = 0;
	CHECK_EQUAL(signal_catch(SIGUSR1, again, SA_NODEFER), 0);
	raise_signal(SIGUSR1);
	CHECK_EQUAL(calls, 3);
	CHECK_EQUAL(depth_max, 3);
	CHECK_EQUAL(signal_default(SIGUSR1), 0);
}

UNIT(handler_on_a_stack_of_its_own)
{
	static uint8_t stack[32768];
	CHECK_EQUAL(sys_sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof(stack)}, nullptr), 0);
	CHECK_EQUAL(signal_catch(SIGUSR1, count, SA_ONSTACK), 0);
	raise_signal(SIGUSR1);
	CHECK(handler_stack >= (uintptr_t)stack && handler_stack < (uintptr_t)stack + sizeof(stack));

	CHECK_EQUAL(signal_catch(SIGUSR1, count, 0), 0);
	raise_signal(SIGUSR1);
	CHECK(handler_stack < (uintptr_t)stack || handler_stack >= (uintptr_t)stack + sizeof(stack));
	CHECK_EQUAL(signal_default(SIGUSR1), 0);
	CHECK_EQUAL(sys_sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, nullptr), 0);
}

UNIT(blocked_signals_wait)
{
	CHECK_EQUAL(signal_bit(1), 1);
	CHECK_EQUAL(signal_bit(SIGUSR1), 1 << 9);
	CHECK_EQUAL(signal_bit(64), UINT64_C(1) << 63);

	calls = 0;
	CHECK_EQUAL(signal_catch(SIGUSR1, count, 0), 0);
	CHECK_EQUAL(signal_catch(SIGUSR2, count, 0), 0);
	uint64_t before = 1, inside = 0;
	CHECK_EQUAL(signal_block(signal_bit(SIGUSR1) | signal_bit(SIGUSR2), &before), 0);
	CHECK_EQUAL(before, 0);
	raise_signal(SIGUSR1);
	raise_signal(SIGUSR2);
	CHECK_EQUAL(calls, 0);
	CHECK_EQUAL(signal_unblock(signal_bit(SIGUSR2)), 0);
	CHECK_EQUAL(calls, 1);
	CHECK_EQUAL(signal_block(0, &inside), 0);
	CHECK_EQUAL(inside, signal_bit(SIGUSR1));
	CHECK_EQUAL(signal_mask(before), 0);
	CHECK_EQUAL(calls, 2);
	CHECK_EQUAL(signal_default(SIGUSR1), 0);
	CHECK_EQUAL(signal_default(SIGUSR2), 0);
}

UNIT(ignored_and_default)
{
	CHECK_EQUAL(signal_ignore(SIGUSR1), 0);
	raise_signal(SIGUSR1); // would end the process
	CHECK_EQUAL(signal_default(SIGUSR1), 0);
	struct sigaction now[2] = {{.sa_handler = SIG_IGN}}; // qemu-user writes more than one (crt/signal.c)
	CHECK_EQUAL(sys_rt_sigaction(SIGUSR1, nullptr, now), 0);
	CHECK(now[0].sa_handler == SIG_DFL);
}

UNIT(what_cannot_be_caught)
{
	CHECK_EQUAL(signal_catch(SIGKILL, count, 0), -EINVAL);
	CHECK_EQUAL(signal_ignore(SIGSTOP), -EINVAL);
	CHECK_EQUAL(signal_catch(0, count, 0), -EINVAL);
	CHECK_EQUAL(signal_catch(65, count, 0), -EINVAL);
}
