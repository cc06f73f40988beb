// tests/unit/say.c: crt/say.h and args_complain, as they arrive on standard error.
//
// Standard error becomes a pipe in packet mode, where each read gives what one write wrote: so a sentence in two writes
// would be seen. [pipe(2), O_DIRECT]
#include "crt/say.h"

#include "arch/sys.h"
#include "crt/args.h"
#include "crt/mem.h"
#include "crt/str.h"
#include "tests/unit/unit.h"

static int reader = -1;

static bool heard_open(void)
{
	int fds[2];
	if (reader < 0 && syscall6(__NR_pipe2, (long)fds, O_DIRECT | O_NONBLOCK, 0, 0, 0, 0) == 0 &&
	    syscall6(__NR_dup3, fds[1], SYS_STDERR, 0, 0, 0, 0) == SYS_STDERR)
		reader = fds[0];
	return CHECK(reader >= 0);
}

// What the next write wrote; valid until the next call.
static struct str heard(void)
{
	static char line[4096];
	long len = sys_read(reader, line, sizeof(line));
	return (struct str){line, len > 0 ? (size_t)len : 0};
}

UNIT(one_sentence_is_one_write)
{
	if (!heard_open())
		return;
	say(STR("prog: '"), STR("x"), STR("' is empty"));
	CHECK_STR(heard(), STR("prog: 'x' is empty\n"));
	say(STR("alone"));
	CHECK_STR(heard(), STR("alone\n"));
	CHECK_EQUAL(heard().len, 0);
}

UNIT(an_error_in_words)
{
	if (!heard_open())
		return;
	say_error(-ENOENT, STR("prog: cannot open '"), STR("dir"), STR("'"));
	CHECK_STR(heard(), STR("prog: cannot open 'dir': no such file or directory (ENOENT)\n"));
	say_error(4000, STR("prog"));
	CHECK_STR(heard(), STR("prog: error 4000\n"));
}

UNIT(names_are_escaped)
{
	if (!heard_open())
		return;
	say(STR("prog: '"), STR("\x1b]0;owned\a\n"), STR("'"));
	CHECK_STR(heard(), STR("prog: '\\x1b]0;owned\\x07\\x0a'\n"));
}

UNIT(the_error_survives_a_long_name)
{
	if (!heard_open())
		return;
	static char name[8192];
	for (size_t len = SAY_BYTES_MAX - 2; len < sizeof(name); len += len < SAY_BYTES_MAX + 2 ? 1 : 997) {
		memset(name, 'n', sizeof(name));
		say_error(-EXDEV, (struct str){name, len});
		struct str line = heard();
		size_t kept = len < SAY_BYTES_MAX ? len : SAY_BYTES_MAX;
		CHECK_BYTES(line.ptr, name, kept);
		CHECK_STR(str_skip(line, kept),
			  len > SAY_BYTES_MAX ? STR("...: leads to another file system or out of the folder (EXDEV)\n")
					      : STR(": leads to another file system or out of the folder (EXDEV)\n"));
	}
}

// The room that say_parts keeps for the end, behind the sentence.
UNIT(every_error_fits_its_room)
{
	if (!heard_open())
		return;
	static char name[SAY_BYTES_MAX + 1];
	memset(name, 'n', sizeof(name));
	for (long error = 1; error < 200; error++) {
		say_error(error, (struct str){name, sizeof(name)});
		CHECK(str_ends(heard(), STR("\n")));
	}
	say_error(INT64_MIN, (struct str){name, sizeof(name)});
	CHECK(str_ends(heard(), STR("...: error 9223372036854775808\n")));
}

UNIT(a_complaint_about_arguments)
{
	if (!heard_open())
		return;
	static const struct args_program program = {.name = STR("prog")};
	struct args args = args_open(&program, (char *[]){(char *)"prog", (char *)"-x", nullptr});
	CHECK_EQUAL(args_next(&args), ARGS_BAD);
	CHECK_EQUAL(args_complain(&args), 2);
	CHECK_STR(heard(), STR("prog: unknown option '-x'; try 'prog --help'\n"));
	CHECK_EQUAL(heard().len, 0);
}
