// apps/cat/main.c: files, one after another, to standard output. [POSIX.1-2024 XCU cat]
//
// This part knows arguments, messages and the exit status; copy.c moves the bytes. A file that cannot be read is told, and the
// next one follows; a write error ends everything, as there is nowhere to go.
//
// A reader that goes away (cat big | head) is no error to speak of. SIGPIPE ends cat as it ends any program, unless
// whoever started it ignores that signal: then the write says EPIPE, and cat ends with status 1 and no message,
// as nobody wants to hear it from each program of a pipeline.
#include "apps/cat/copy.h"
#include "apps/cat/feedback.h"
#include "arch/sys.h"
#include "crt/args.h"
#include "crt/process.h"
#include "crt/say.h"
#include "crt/str.h"
#include "crt/version.h"

enum { OPTION_UNBUFFERED = 'u', OPTION_HELP = 256, OPTION_VERSION };

static const struct args_option options[] = {
	{OPTION_UNBUFFERED, 'u', {0}, {0}, STR("write each byte without delay; it is always so")},
	{OPTION_HELP, 0, STR("help"), {0}, STR("show this help")},
	{OPTION_VERSION, 0, STR("version"), {0}, STR("show the version")},
};

static const struct args_program program = {
	.name = STR("cat"),
	.synopsis = STR("[-u] [FILE]..."),
	.about = STR(
		"Writes each FILE in turn to standard output. Where FILE is -, or where there is none, it is standard "
		"input. Options end at the first FILE."),
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.statuses = STR("0  every byte was written\n"
			"1  something could not be read or written\n"
			"2  the command line was wrong"),
	.examples = STR("cat header - footer    standard input between two files\n"
			"cat -- -x              a file whose name starts with a dash"),
	.operands_first = true, // [POSIX.1-2024 XBD 12.2, Guideline 9]
};

enum { DONE = 0, FAILED = 1 }; // and ARGS_STATUS

// Says what was wrong with standard output. The reader that went away is not told: it does not care.
static void explain_write(long error)
{
	if (error != -EPIPE)
		say_error(error, STR("cat: cannot write standard output"));
}

// Copies what `input` gives; `quote` stands around its name in messages. False if the output is at fault: nothing more can
// be done. What goes wrong is said, and sets `status`.
static bool copy_all(int input, bool private, struct str quote, struct str name, const struct statx *output,
		     int *status)
{
	if (feedback(input, output)) {
		say(STR("cat: "), quote, name, quote, STR(": input file is output file"));
		*status = FAILED;
		return true;
	}

	struct copied copied = copy(input, private);
	if (copied.read_error != 0)
		say_error(copied.read_error, STR("cat: cannot read "), quote, name, quote);
	if (copied.write_error != 0)
		explain_write(copied.write_error);
	if (copied.read_error != 0 || copied.write_error != 0)
		*status = FAILED;
	return copied.write_error == 0;
}

// The same for an operand, a name that ends with a NUL.
static bool copy_operand(struct str name, const struct statx *output, int *status)
{
	if (str_equal(name, STR("-")))
		return copy_all(SYS_STDIN, false, STR(""), STR("standard input"), output, status);

	// To read from a terminal is not to be controlled by it.
	int input = sys_openat(AT_FDCWD, name.ptr, O_RDONLY | O_NOCTTY, 0);
	if (input < 0) {
		say_error(input, STR("cat: cannot open '"), name, STR("'"));
		*status = FAILED;
		return true;
	}
	bool goes_on = copy_all(input, true, STR("'"), name, output, status);
	(void)sys_close(input); // we have only read: there is nothing that closing could lose
	return goes_on;
}

// Writes the help or the version.
static int answer(int question)
{
	uint8_t buffer[1024];
	struct out out = out_to_fd(SYS_STDOUT, SPAN(buffer));
	if (question == OPTION_HELP)
		args_usage(&program, &out);
	else
		out_str(&out, STR("cat (Ringlet) " RINGLET_VERSION "\n"));
	long error = out_flush(&out);
	if (error != 0)
		explain_write(error);
	return error == 0 ? DONE : FAILED;
}

int main(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)envp;

	struct args args = args_open(&program, argv);
	int id;
	while ((id = args_next(&args)) != ARGS_OPERAND && id != ARGS_END) {
		if (id == ARGS_BAD)
			return args_complain(&args);
		if (id != OPTION_UNBUFFERED)
			return answer(id);
	}

	// Where standard output is closed, the first file that we open would take its place.
	struct statx output = {0};
	int error = sys_statx(SYS_STDOUT, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &output);
	if (error == -EBADF) {
		explain_write(error);
		return FAILED;
	}

	int status = DONE;
	if (id == ARGS_END)
		(void)copy_operand(STR("-"), &output, &status);
	for (; id == ARGS_OPERAND; id = args_next(&args)) {
		if (!copy_operand(args.value, &output, &status))
			return FAILED;
	}
	return status;
}
