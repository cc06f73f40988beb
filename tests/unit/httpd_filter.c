// tests/unit/httpd_filter.c: apps/httpd/filter.h, by an interpreter of the few instructions that it uses.
#include "apps/httpd/filter.h"

#include <linux/seccomp.h>

#include "arch/sys.h"
#include "tests/unit/unit.h"

static struct sock_filter steps[FILTER_STEPS_MAX];

static uint32_t load(const struct seccomp_data *data, uint32_t at)
{
	uint32_t word = 0;
	if (CHECK(at % 4 == 0 && at + 4 <= sizeof(*data)))
		__builtin_memcpy(&word, (const uint8_t *)data + at, sizeof(word));
	return word;
}

// What the program answers. It checks that no step is behind the end, as the kernel does once.
static uint32_t answer(size_t len, const struct seccomp_data *data)
{
	uint32_t accumulator = 0;
	for (size_t at = 0; CHECK(at < len); at++) {
		const struct sock_filter *step = &steps[at];
		switch (step->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			accumulator = load(data, step->k);
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			at += accumulator == step->k ? step->jt : step->jf;
			break;
		case BPF_RET | BPF_K:
			return step->k;
		default:
			CHECK_EQUAL(step->code, BPF_RET | BPF_K);
			return 0;
		}
	}
	return 0;
}

static bool is_allowed(size_t len, int number, uint64_t first, uint64_t second)
{
	struct seccomp_data data = {.nr = number, .arch = SYS_AUDIT_ARCH, .args = {first, second, 77, 78, 79, 80}};
	uint32_t says = answer(len, &data);
	CHECK(says == SECCOMP_RET_ALLOW || says == SECCOMP_RET_KILL_PROCESS);
	return says == SECCOMP_RET_ALLOW;
}

UNIT(what_is_in_the_list_is_allowed_and_nothing_else)
{
	static const struct filter_call calls[] = {{.number = 3}, {.number = 0}, {.number = 300}, {.number = 63}};
	size_t len = filter_compose(calls, 4, SYS_AUDIT_ARCH, steps);
	for (int number = 0; number < 1024; number++)
		CHECK_EQUAL(is_allowed(len, number, 0, 0), number == 0 || number == 3 || number == 63 || number == 300);
	CHECK(!is_allowed(len, 3 | 0x40000000, 0, 0)); // a second numbering of the same machine [x32]
	CHECK(!is_allowed(len, -1, 0, 0));
}

UNIT(nothing_in_the_list)
{
	size_t len = filter_compose(nullptr, 0, SYS_AUDIT_ARCH, steps);
	for (int number = 0; number < 1024; number++)
		CHECK(!is_allowed(len, number, 0, 0));
}

UNIT(a_program_of_another_machine_may_nothing)
{
	static const struct filter_call calls[] = {{.number = 3}};
	size_t len = filter_compose(calls, 1, SYS_AUDIT_ARCH, steps);
	struct seccomp_data data = {.nr = 3, .arch = AUDIT_ARCH_I386};
	CHECK_EQUAL(answer(len, &data), SECCOMP_RET_KILL_PROCESS);
	data.arch = SYS_AUDIT_ARCH;
	CHECK_EQUAL(answer(len, &data), SECCOMP_RET_ALLOW);
}

UNIT(a_call_with_one_argument_only)
{
	static const struct filter_call calls[] = {
		{.number = 7, .is_narrow = true, .argument = 1, .value = 4},
		{.number = 8},
		{.number = 7, .is_narrow = true, .argument = 1, .value = 0},
		{.number = 9, .is_narrow = true, .argument = 0, .value = UINT32_MAX},
		{.number = 10, .is_narrow = true, .argument = 5, .value = 80},
		{.number = 11, .is_narrow = true, .argument = 5, .value = 81},
	};
	size_t len = filter_compose(calls, 6, SYS_AUDIT_ARCH, steps);
	CHECK(is_allowed(len, 7, 1, 4) && is_allowed(len, 7, 4, 0) && is_allowed(len, 8, 1, 1));
	CHECK(!is_allowed(len, 7, 4, 1) && !is_allowed(len, 7, 0, 7) && !is_allowed(len, 6, 1, 4));
	CHECK(is_allowed(len, 7, 1, UINT64_C(0x100000004))); // an int has no more than the low half
	CHECK(is_allowed(len, 9, UINT32_MAX, 0) && !is_allowed(len, 9, 9, 0));
	CHECK(is_allowed(len, 10, 0, 0) && !is_allowed(len, 11, 0, 0));
}

UNIT(as_many_as_there_can_be)
{
	struct filter_call calls[FILTER_CALLS_MAX];
	for (size_t i = 0; i < FILTER_CALLS_MAX; i++)
		calls[i] = (struct filter_call){
			.number = (uint32_t)(2 * i), .is_narrow = true, .argument = 1, .value = (uint32_t)i};
	size_t len = filter_compose(calls, FILTER_CALLS_MAX, SYS_AUDIT_ARCH, steps);
	CHECK_EQUAL(len, FILTER_STEPS_MAX);
	for (int number = 0; number < 3 * (int)FILTER_CALLS_MAX; number++) {
		bool is_there = number % 2 == 0 && number < 2 * (int)FILTER_CALLS_MAX;
		CHECK_EQUAL(is_allowed(len, number, 0, (uint64_t)number / 2), is_there);
		CHECK(!is_allowed(len, number, 0, (uint64_t)number / 2 + 1));
	}
}
