// crt/args.h: the options of a program, from one table: what it accepts, and what its --help says, cannot differ.
//
//	static const struct args_option options[] = {
//		{'p', 'p', STR("port"), STR("PORT"), STR("listen on PORT (default: 8080)")},
//		{'h', 'h', STR("help"), {0}, STR("show this help")},
//	};
//	...
//	struct args args = args_open(&program, argv);
//	for (int id; (id = args_next(&args)) != ARGS_END;) {
//		switch (id) {
//		case 'p':
//			if (!args_number(&args, 0, 65535, &port))
//				return args_complain(&args);
//			break;
//		case ARGS_OPERAND:
//			dir = args.value;
//			break;
//		case ARGS_BAD:
//			return args_complain(&args);
//		}
//	}
//
// Options may be written as GNU users write them, [Utility Syntax Guidelines, POSIX.1-2024 XBD 12.2, and
// getopt_long(3)]: -a -b, -ab, -p80, -p 80, --port=80, --port 80. They may follow operands, unless the program says
// otherwise; after "--" there are only operands, and "-" is one. Names are not abbreviated: what works today must not
// become ambiguous when a program learns another option. The value of an option that wants one is whatever follows,
// even if it starts with a dash.
//
// This part knows nothing of what options mean, allocates nothing, and points into argv. Arguments are bytes from
// anybody: none is trusted to be ASCII, and in messages they are escaped (out_escaped).
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "arch/span.h"
#include "crt/out.h"

struct args_option {
	int id;           // what args_next gives for it, 1 or more; the letter is a good choice
	char letter;      // "-p"; 0: none
	struct str name;  // "--port", without the dashes; empty: none
	struct str value; // what the help calls its value, "PORT"; empty: a flag, which takes none
	struct str help;  // in a few words; wrapped by args_usage
};

// A program as its options and its help see it. In the texts a line feed ends a line.
struct args_program {
	struct str name;     // "httpd"; starts every message
	struct str synopsis; // what may follow the name, a line for each way: "[OPTION]... DIR"
	struct str about;    // what it does, in a sentence or a paragraph; wrapped
	const struct args_option *options;
	size_t option_count;
	struct str statuses; // lines about its exit statuses; empty: no such section
	struct str examples; // example commands, a line each; empty: no such section
	bool operands_first; // true: the first operand ends the options, as POSIX has it
};

// Where a program is in its arguments. Read `value`; the rest is private.
struct args {
	struct str value; // of the option that args_next gave (empty for a flag), or the operand; a NUL follows its end

	const struct args_program *program;
	char **next;        // the argument after the one in work
	struct str group;   // what is left of -abc
	struct str dashes;  // how the option was written: "-" or "--", ...
	struct str name;    // ... and its letter or name; empty for an operand
	struct str wanted;  // what the table calls its value
	bool only_operands; // from here on
	int problem;        // what args_complain tells
	uint64_t min, max;
};

// What args_next gives besides the ids of the table.
enum { ARGS_END = 0, ARGS_OPERAND = -1, ARGS_BAD = -2 };

// The exit status of a program that was called wrongly.
enum { ARGS_STATUS = 2 };

// Starts before the first argument. `argv` is main's, its first string the name by which the program was called (or not
// even that: argv may be empty). The program and argv are lent for as long as the args are used.
struct args args_open(const struct args_program *program, char **argv);

// The next option or operand: the option's id, ARGS_OPERAND, ARGS_END after the last, or ARGS_BAD: an option is
// unknown, lacks its value, or has one that it does not take. After ARGS_BAD the next call goes on behind what was bad.
[[nodiscard]] int args_next(struct args *args);

// Reads `value` of the option or operand in work as a decimal number from `min` to `max`. False, and `number` left
// alone, if it is none: then args_complain says so.
[[nodiscard]] bool args_number(struct args *args, uint64_t min, uint64_t max, uint64_t *number);

// The same for a size in bytes, which may end with k, m or g, large or small: times 1024, and so on.
[[nodiscard]] bool args_size(struct args *args, uint64_t min, uint64_t max, uint64_t *bytes);

// Writes what was wrong, after ARGS_BAD or after args_number was false, as one sentence without a line feed: "httpd:
// --port wants a number from 0 to 65535, not 'x'; try 'httpd --help'". (So every table has --help.)
void args_explain(const struct args *args, struct out *out);

// Says the same on standard error, and gives the exit status to end with: ARGS_STATUS.
int args_complain(const struct args *args);

// Writes the help: synopsis, what the program does, a line or more for each option in the order of the table, exit
// statuses, examples. No line is longer than 80 columns unless one word is, or a line of synopsis, statuses or
// examples.
void args_usage(const struct args_program *program, struct out *out);
