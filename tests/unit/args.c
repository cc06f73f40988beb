// tests/unit/args.c: crt/args.h.
#include "crt/args.h"

#include "arch/sys.h"
#include "crt/str.h"
#include "tests/unit/unit.h"

enum { CHAIN = 1000 };

static const struct args_option options[] = {
	{'p', 'p', STR("port"), STR("PORT"), STR("listen on PORT (default: 8080)")},
	{'q', 'q', STR("quiet"), {0}, STR("say nothing")},
	{'v',
	 'v',
	 {0},
	 {0},
	 STR("say everything, and say it in so many words that the help of this option needs three "
	     "lines, since two of them\nare ended")},
	{CHAIN, 0, STR("chain"), STR("FILE"), STR("another file")},
	{'h', 'h', STR("help"), {0}, STR("show this help")},
	{1001, 0, STR("a-name-of-many-words-nobody-types"), {0}, STR("long")},
	{'o', 'o', {0}, STR("FILE"), STR("write to FILE")},
};

static const struct args_program program = {
	.name = STR("prog"),
	.synopsis = STR("[OPTION]... [FILE]...\n--help"),
	.about = STR("Does what it is told, one argument after the other, until there is none left, and then it "
		     "stops."),
	.options = options,
	.option_count = sizeof(options) / sizeof(*options),
	.statuses = STR("0  done\n2  called wrongly"),
	.examples = STR("prog -p 80 a\n\nprog -- -a\n"),
};

// What args_next is to give, one after another: ids and values. ARGS_BAD comes with the sentence.
struct step {
	int id;
	struct str value;
};

static bool walk(const struct args_program *of, char **argv, const struct step *steps)
{
	struct args args = args_open(of, argv);
	for (;; steps++) {
		int id = args_next(&args);
		if (!CHECK_EQUAL(id, steps->id))
			return false;
		if (id == ARGS_BAD) {
			uint8_t buffer[2048];
			struct out out = out_to_memory(SPAN(buffer));
			args_explain(&args, &out);
			if (!CHECK_STR(out_written(&out), steps->value))
				return false;
		} else if (!CHECK_STR(args.value, steps->value)) {
			return false;
		}
		if (id == ARGS_END)
			return CHECK_EQUAL(args_next(&args), ARGS_END); // and it stays the end
	}
}

#define ARGV(...) ((char *[]){(char *)"prog" __VA_OPT__(, ) __VA_ARGS__, nullptr})
#define STEPS(...) ((const struct step[]){__VA_ARGS__ __VA_OPT__(, ){ARGS_END, {0}}})
#define TRY " try 'prog --help'"

UNIT(no_arguments)
{
	CHECK(walk(&program, ARGV(), STEPS()));
	CHECK(walk(&program, (char *[]){nullptr}, STEPS())); // execve(2) before Linux 5.18 allowed argc 0
}

UNIT(every_way_to_write_an_option)
{
	CHECK(walk(&program, ARGV("-p80"), STEPS({'p', STR("80")})));
	CHECK(walk(&program, ARGV("-p", "80"), STEPS({'p', STR("80")})));
	CHECK(walk(&program, ARGV("--port=80"), STEPS({'p', STR("80")})));
	CHECK(walk(&program, ARGV("--port", "80"), STEPS({'p', STR("80")})));
	CHECK(walk(&program, ARGV("-q"), STEPS({'q', {0}})));
	CHECK(walk(&program, ARGV("--quiet"), STEPS({'q', {0}})));
	CHECK(walk(&program, ARGV("-v", "--chain=x"), STEPS({'v', {0}}, {CHAIN, STR("x")})));
}

UNIT(grouped_letters)
{
	CHECK(walk(&program, ARGV("-qvh", "x"), STEPS({'q', {0}}, {'v', {0}}, {'h', {0}}, {ARGS_OPERAND, STR("x")})));
	CHECK(walk(&program, ARGV("-qp80"), STEPS({'q', {0}}, {'p', STR("80")})));
	CHECK(walk(&program, ARGV("-qp", "80", "-v"), STEPS({'q', {0}}, {'p', STR("80")}, {'v', {0}})));
	CHECK(walk(&program, ARGV("-pqv"), STEPS({'p', STR("qv")})));
	CHECK(walk(&program, ARGV("-q-"), STEPS({'q', {0}}, {ARGS_BAD, STR("prog: unknown option '--';" TRY)})));
}

UNIT(values_that_look_like_something_else)
{
	CHECK(walk(&program, ARGV("-p", "--help"), STEPS({'p', STR("--help")})));
	CHECK(walk(&program, ARGV("--port", "--", "--"), STEPS({'p', STR("--")})));
	CHECK(walk(&program, ARGV("-p", "-"), STEPS({'p', STR("-")})));
	CHECK(walk(&program, ARGV("--port=a=b"), STEPS({'p', STR("a=b")})));
	CHECK(walk(&program, ARGV("-p=80"), STEPS({'p', STR("=80")})));
}

UNIT(empty_values_are_values)
{
	CHECK(walk(&program, ARGV("--port="), STEPS({'p', STR("")})));
	CHECK(walk(&program, ARGV("--port", "", "x"), STEPS({'p', STR("")}, {ARGS_OPERAND, STR("x")})));
	CHECK(walk(&program, ARGV("-p", ""), STEPS({'p', STR("")})));
	CHECK(walk(&program, ARGV(""), STEPS({ARGS_OPERAND, STR("")})));
}

UNIT(operands_among_options)
{
	CHECK(walk(&program, ARGV("a", "-q", "-", "--port=1", "b"),
		   STEPS({ARGS_OPERAND, STR("a")}, {'q', {0}}, {ARGS_OPERAND, STR("-")}, {'p', STR("1")},
			 {ARGS_OPERAND, STR("b")})));
	CHECK(walk(&program, ARGV("--", "-q", "--", "--port"),
		   STEPS({ARGS_OPERAND, STR("-q")}, {ARGS_OPERAND, STR("--")}, {ARGS_OPERAND, STR("--port")})));
	CHECK(walk(&program, ARGV("a", "--", "-q"), STEPS({ARGS_OPERAND, STR("a")}, {ARGS_OPERAND, STR("-q")})));
	CHECK(walk(&program, ARGV("--"), STEPS()));
}

UNIT(operands_end_the_options_in_posix_order)
{
	struct args_program strict = program;
	strict.operands_first = true;
	CHECK(walk(&strict, ARGV("-q", "a", "-q", "--", "--port"),
		   STEPS({'q', {0}}, {ARGS_OPERAND, STR("a")}, {ARGS_OPERAND, STR("-q")}, {ARGS_OPERAND, STR("--")},
			 {ARGS_OPERAND, STR("--port")})));
	CHECK(walk(&strict, ARGV("-", "-q"), STEPS({ARGS_OPERAND, STR("-")}, {ARGS_OPERAND, STR("-q")})));
	CHECK(walk(&strict, ARGV("--", "--", "-q"), STEPS({ARGS_OPERAND, STR("--")}, {ARGS_OPERAND, STR("-q")})));
}

UNIT(unknown_options)
{
	CHECK(walk(&program, ARGV("-x"), STEPS({ARGS_BAD, STR("prog: unknown option '-x';" TRY)})));
	CHECK(walk(&program, ARGV("--foo=1", "a"),
		   STEPS({ARGS_BAD, STR("prog: unknown option '--foo';" TRY)}, {ARGS_OPERAND, STR("a")})));
	// The rest of the group goes with its unknown letter.
	CHECK(walk(&program, ARGV("-qxq", "-v"),
		   STEPS({'q', {0}}, {ARGS_BAD, STR("prog: unknown option '-x';" TRY)}, {'v', {0}})));
	CHECK(walk(&program, ARGV("--=x"), STEPS({ARGS_BAD, STR("prog: unknown option '--';" TRY)})));
	CHECK(walk(&program, ARGV("--p=1"), STEPS({ARGS_BAD, STR("prog: unknown option '--p';" TRY)})));
	CHECK(walk(&program, ARGV("---port"), STEPS({ARGS_BAD, STR("prog: unknown option '---port';" TRY)})));
}

UNIT(abbreviations_are_unknown)
{
	CHECK(walk(&program, ARGV("--por=1"), STEPS({ARGS_BAD, STR("prog: unknown option '--por';" TRY)})));
	CHECK(walk(&program, ARGV("--ports"), STEPS({ARGS_BAD, STR("prog: unknown option '--ports';" TRY)})));
	CHECK(walk(&program, ARGV("--Quiet"), STEPS({ARGS_BAD, STR("prog: unknown option '--Quiet';" TRY)})));
}

UNIT(values_missing_or_too_many)
{
	CHECK(walk(&program, ARGV("--port"), STEPS({ARGS_BAD, STR("prog: --port wants a value, PORT;" TRY)})));
	CHECK(walk(&program, ARGV("-qp"), STEPS({'q', {0}}, {ARGS_BAD, STR("prog: -p wants a value, PORT;" TRY)})));
	CHECK(walk(&program, ARGV("--quiet=yes", "-v"),
		   STEPS({ARGS_BAD, STR("prog: --quiet takes no value;" TRY)}, {'v', {0}})));
	CHECK(walk(&program, ARGV("--quiet="), STEPS({ARGS_BAD, STR("prog: --quiet takes no value;" TRY)})));
}

UNIT(hostile_arguments)
{
	CHECK(walk(&program, ARGV("-\xc3\xa9"), STEPS({ARGS_BAD, STR("prog: unknown option '-\\xc3';" TRY)})));
	CHECK(walk(&program, ARGV("--\xc3\xa9"), STEPS({ARGS_BAD, STR("prog: unknown option '--\xc3\xa9';" TRY)})));
	CHECK(walk(&program, ARGV("--\x1b[2J\n\xff"),
		   STEPS({ARGS_BAD, STR("prog: unknown option '--\\x1b[2J\\x0a\\xff';" TRY)})));
	CHECK(walk(&program, ARGV("-\n"), STEPS({ARGS_BAD, STR("prog: unknown option '-\\x0a';" TRY)})));
	CHECK(walk(&program, ARGV("\xff\xfe"), STEPS({ARGS_OPERAND, STR("\xff\xfe")})));

	// Every byte that an argument can hold, as a letter and as a name.
	for (int byte = 1; byte < 256; byte++) {
		char letter[] = {'-', (char)byte, 0}, name[] = {'-', '-', (char)byte, 0};
		struct args args = args_open(&program, ARGV(letter, name));
		for (int id = ARGS_BAD; id != ARGS_END;) {
			id = args_next(&args);
			uint8_t buffer[256];
			struct out out = out_to_memory(SPAN(buffer));
			args_explain(&args, &out);
			CHECK_EQUAL(str_find_byte(out_written(&out), (char)0x1b), STR_NONE);
			CHECK_EQUAL(str_find_byte(out_written(&out), '\n'), STR_NONE);
		}
	}
}

UNIT(a_long_argument_does_not_hide_the_sentence)
{
	static char longest[128 * 1024]; // of one argument [execve(2), MAX_ARG_STRLEN]
	for (size_t i = 0; i < sizeof(longest) - 1; i++)
		longest[i] = i < 2 ? '-' : '\x01';
	struct args args = args_open(&program, ARGV(longest));
	CHECK_EQUAL(args_next(&args), ARGS_BAD);

	uint8_t buffer[1024]; // the buffer of args_complain
	struct out out = out_to_memory(SPAN(buffer));
	args_explain(&args, &out);
	CHECK_EQUAL(out.error, 0);
	CHECK(str_starts(out_written(&out), STR("prog: unknown option '--\\x01\\x01")));
	CHECK(str_ends(out_written(&out), STR("\\x01...';" TRY)));
}

UNIT(operands_and_values_end_with_nul)
{
	struct args args = args_open(&program, ARGV("--port=80", "-p81", "dir"));
	while (args_next(&args) != ARGS_END)
		CHECK_EQUAL(args.value.ptr[args.value.len], 0);
}

UNIT(numbers_in_range)
{
	struct args args = args_open(&program, ARGV("-p0", "--port=65535", "17"));
	uint64_t number = 1;
	CHECK_EQUAL(args_next(&args), 'p');
	CHECK(args_number(&args, 0, 65535, &number));
	CHECK_EQUAL(number, 0);
	CHECK_EQUAL(args_next(&args), 'p');
	CHECK(args_number(&args, 0, 65535, &number));
	CHECK_EQUAL(number, 65535);
	CHECK_EQUAL(args_next(&args), ARGS_OPERAND);
	CHECK(args_number(&args, 17, 17, &number));
	CHECK_EQUAL(number, 17);
}

// Of the last argument.
static void refuses(char **argv, uint64_t min, uint64_t max, struct str sentence)
{
	struct args args = args_open(&program, argv);
	do
		(void)args_next(&args);
	while (*args.next != nullptr);
	uint64_t number = 42;
	CHECK(!args_number(&args, min, max, &number));
	CHECK_EQUAL(number, 42);
	uint8_t buffer[256];
	struct out out = out_to_memory(SPAN(buffer));
	args_explain(&args, &out);
	CHECK_STR(out_written(&out), sentence);
}

UNIT(numbers_out_of_range)
{
	refuses(ARGV("--port", "x"), 0, 65535, STR("prog: --port wants a number from 0 to 65535, not 'x';" TRY));
	refuses(ARGV("-p65536"), 0, 65535, STR("prog: -p wants a number from 0 to 65535, not '65536';" TRY));
	refuses(ARGV("-p0"), 1, 65535, STR("prog: -p wants a number from 1 to 65535, not '0';" TRY));
	refuses(ARGV("--port="), 1, 9, STR("prog: --port wants a number from 1 to 9, not '';" TRY));
	refuses(ARGV("-p-1"), 0, 9, STR("prog: -p wants a number from 0 to 9, not '-1';" TRY));
	refuses(ARGV("-p18446744073709551616"), 0, UINT64_MAX,
		STR("prog: -p wants a number from 0 to 18446744073709551615, not '18446744073709551616';" TRY));
	refuses(ARGV("-q", "--port=1", "x"), 0, 9, STR("prog: expected a number from 0 to 9, not 'x';" TRY));
	refuses(ARGV("1\x1b"), 0, 9, STR("prog: expected a number from 0 to 9, not '1\\x1b';" TRY));
}

UNIT(sizes)
{
	struct {
		char *text;
		uint64_t bytes;
	} static const right[] = {
		{"0", 0},        {"17", 17},
		{"1k", 1024},    {"2K", 2048},
		{"3m", 3145728}, {"1G", 1073741824},
		{"0g", 0},       {"17179869183g", UINT64_MAX - ((UINT64_C(1) << 30) - 1)},
	};
	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++) {
		struct args args = args_open(&program, ARGV("-p", right[i].text));
		uint64_t bytes = 42;
		CHECK_EQUAL(args_next(&args), 'p');
		CHECK(args_size(&args, 0, UINT64_MAX, &bytes));
		CHECK_EQUAL(bytes, right[i].bytes);
	}
	static char *const wrong[] = {"", "k", "1kk", "1b", "-1", "1 k", "k1", "1.5m", "17179869184g", "3", "5k"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct args args = args_open(&program, ARGV("-p", wrong[i]));
		uint64_t bytes = 42;
		CHECK_EQUAL(args_next(&args), 'p');
		CHECK(!args_size(&args, 4, 5119, &bytes));
		CHECK_EQUAL(bytes, 42);
		uint8_t buffer[256];
		struct out out = out_to_memory(SPAN(buffer));
		args_explain(&args, &out);
		CHECK(str_starts(out_written(&out),
				 STR("prog: -p wants a size from 4 to 5119 bytes (8k and 1m are sizes, too)")));
	}
}

UNIT(help_is_made_from_the_table)
{
	uint8_t buffer[4096];
	struct out out = out_to_memory(SPAN(buffer));
	args_usage(&program, &out);
	CHECK_EQUAL(out.error, 0);
	CHECK_STR(out_written(&out),
		  STR("Usage: prog [OPTION]... [FILE]...\n"
		      "       prog --help\n"
		      "Does what it is told, one argument after the other, until there is none left,\n"
		      "and then it stops.\n"
		      "\n"
		      "Options:\n"
		      "  -p, --port=PORT   listen on PORT (default: 8080)\n"
		      "  -q, --quiet       say nothing\n"
		      "  -v                say everything, and say it in so many words that the help of\n"
		      "                    this option needs three lines, since two of them\n"
		      "                    are ended\n"
		      "      --chain=FILE  another file\n"
		      "  -h, --help        show this help\n"
		      "      --a-name-of-many-words-nobody-types\n"
		      "                    long\n"
		      "  -o FILE           write to FILE\n"
		      "\n"
		      "Exit status:\n"
		      "  0  done\n"
		      "  2  called wrongly\n"
		      "\n"
		      "Examples:\n"
		      "  prog -p 80 a\n"
		      "\n"
		      "  prog -- -a\n"));
}

UNIT(help_of_a_program_with_nothing)
{
	uint8_t buffer[256];
	struct out out = out_to_memory(SPAN(buffer));
	args_usage(&(struct args_program){.name = STR("true"), .synopsis = STR("[ANYTHING]...")}, &out);
	CHECK_STR(out_written(&out), STR("Usage: true [ANYTHING]...\n"));
}

// Words of `len` letters, for as many lengths as there are columns and more: no line is too long, unless it is one
// word, and no word is lost.
UNIT(help_is_wrapped_at_80_columns)
{
	for (size_t len = 1; len < 100; len++) {
		char words[1000];
		for (size_t i = 0; i < sizeof(words); i++)
			words[i] = i % (len + 1) == len ? ' ' : 'x';
		struct args_option option = {1, 'a', {0}, {0}, {words, sizeof(words)}};
		struct args_program one = {.name = STR("p"), .options = &option, .option_count = 1};

		static uint8_t buffer[64 * 1024];
		struct out out = out_to_memory(SPAN(buffer));
		args_usage(&one, &out);
		CHECK_EQUAL(out.error, 0);

		size_t letters = 0;
		for (struct str_cut line = str_cut(out_written(&out), '\n'); line.found;
		     line = str_cut(line.after, '\n')) {
			CHECK(line.before.len <= 80 || str_find_byte(str_skip(line.before, 8), ' ') == STR_NONE);
			for (size_t i = 0; i < line.before.len; i++)
				letters += line.before.ptr[i] == 'x';
		}
		CHECK_EQUAL(letters, sizeof(words) - sizeof(words) / (len + 1));
	}
}
