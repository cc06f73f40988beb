// crt/say.h: what a program tells the person who started it, one sentence on standard error.
//
//	say(STR("httpd: '"), dir, STR("' is empty"));
//	say_error(error, STR("httpd: cannot open '"), dir, STR("'"));
//
//	httpd: '/srv' is empty
//	httpd: cannot open '/srv': no such file or directory (ENOENT)
//
// A sentence is any number of struct str, one after another, then a line feed, in one write(2): lines of several
// programs do not mix. Every part is escaped as by out_escaped, so a name from outside needs no care; a literal has
// nothing to escape but a backslash, which is doubtful in a sentence anyway. A sentence of more than SAY_BYTES_MAX is
// cut, with "..." where it was; the error at its end is never cut off.
//
// Whether anybody reads standard error cannot be told to them there: both functions return nothing.
#pragma once

#include <stddef.h>

#include "arch/span.h"

constexpr size_t SAY_BYTES_MAX = 1024; // of the parts, escaped

// Says the parts, any number of struct str.
#define say(...) say_error(0, __VA_ARGS__)

// Says the parts, ": ", and what out_error makes of `error`, a number of either sign (zero: nothing).
#define say_error(error, ...)                                 \
	say_parts((error), (const struct str[]){__VA_ARGS__}, \
		  sizeof((const struct str[]){__VA_ARGS__}) / sizeof(struct str))

// What the two stand for.
void say_parts(long error, const struct str *parts, size_t count);
