// tests/unit/unit.h: unit tests of freestanding programs, told in TAP.
//
//	#include "tests/unit/unit.h"
//
//	UNIT(sum_of_two)
//	{
//		CHECK(sum(1, 2) > 0);
//		CHECK_EQUAL(sum(1, 2), 3);
//	}
//
// One program a file: the file, unit.c (which has main) and the libraries. A test registers itself before main runs.
// The program runs all of its tests in the order of the file, or those that its arguments name, and prints
//
//	1..2
//	# Linux 6.18.1
//	ok 1 - sum_of_two
//	not ok 2 - difference
//	# tests/unit/sum.c:12: CHECK_EQUAL(difference(3, 2), 1) failed: 5 is not 1
//
// to descriptor 1. Exit status 0: all passed or were skipped; 1: one failed; 2: no test has a name that was given. The
// plan comes first and every line leaves at once, so a program that dies half way is short of its plan.
//
// A check that fails does not stop its test; it evaluates to false, so that a test can stop itself:
//
//	if (!CHECK(memory != nullptr))
//		return;
//
// Checks are for the process that runs the tests. A child that a test forks must end by sys_exit_group, and may tell
// its parent by the exit status.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "arch/span.h"

// Begins a test; a body follows. `unit_name` is an identifier, and what is printed.
#define UNIT(unit_name)                                              \
	static void unit_test_##unit_name(void);                     \
	[[gnu::constructor]] static void unit_add_##unit_name(void)  \
	{                                                            \
		static struct unit node = {.name = STR(#unit_name)}; \
		node.run = unit_test_##unit_name;                    \
		unit_add(&node);                                     \
	}                                                            \
	static void unit_test_##unit_name(void)

// Each check evaluates its arguments once, and to true if it holds.
//
// Any condition:
#define CHECK(condition) unit_check((condition) ? true : false, UNIT_PLACE("CHECK(" #condition ")"))

// Two integers or two pointers, equal in value: -1 never equals UINT64_MAX, whatever their types are.
#define CHECK_EQUAL(left, right) \
	unit_check_equal(UNIT_NUMBER(left), UNIT_NUMBER(right), UNIT_PLACE("CHECK_EQUAL(" #left ", " #right ")"))

// Two struct str, equal byte by byte:
#define CHECK_STR(left, right) unit_check_str((left), (right), UNIT_PLACE("CHECK_STR(" #left ", " #right ")"))

// Two pieces of memory of `len` bytes; says where they first differ:
#define CHECK_BYTES(left, right, len) \
	unit_check_bytes((left), (right), (len), UNIT_PLACE("CHECK_BYTES(" #left ", " #right ", " #len ")"))

// Ends this test (a void function) as skipped, for a reason that is a struct str: UNIT_SKIP(STR("needs /dev/full")). A
// test in which a check has failed stays failed.
#define UNIT_SKIP(reason)          \
	do {                       \
		unit_skip(reason); \
		return;            \
	} while (0)

// What the macros above stand for.

struct unit {
	struct unit *next;
	struct str name;
	void (*run)(void);
};

struct unit_place {
	struct str file;
	struct str what; // the check as it was written
	unsigned line;
};

struct unit_number {
	uint64_t bits; // sign-extended
	bool is_signed;
};

#define UNIT_PLACE(text) ((struct unit_place){STR(__FILE__), STR(text), __LINE__})

// clang-format off
#define UNIT_NUMBER(value) \
	((struct unit_number){(uint64_t)(value), \
			      _Generic((value), signed char: true, short: true, int: true, long: true, long long: true, \
				       char: (char)-1 < 0, default: false)})
// clang-format on

void unit_add(struct unit *unit);
void unit_skip(struct str reason);
bool unit_check(bool holds, struct unit_place place);
bool unit_check_equal(struct unit_number left, struct unit_number right, struct unit_place place);
bool unit_check_str(struct str left, struct str right, struct unit_place place);
bool unit_check_bytes(const void *left, const void *right, size_t len, struct unit_place place);
