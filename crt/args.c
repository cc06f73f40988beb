// crt/args.c: walking the arguments, and the two texts about them.
#include "crt/args.h"

#include "arch/sys.h"
#include "crt/str.h"

#define COLUMNS 80
#define OPTION_COLUMNS_MAX 30 // an option that takes more has its help on the next line
#define SHOWN_BYTES_MAX 128   // of an argument that a message quotes

enum { UNKNOWN = 1, LACKS_VALUE, TAKES_NO_VALUE, NOT_A_NUMBER, NOT_A_SIZE };

struct args args_open(const struct args_program *program, char **argv)
{
	return (struct args){.program = program, .next = *argv == nullptr ? argv : argv + 1};
}

static int refuse(struct args *args, int problem)
{
	args->group.len = 0;
	args->problem = problem;
	return ARGS_BAD;
}

// Gives the option its value: `attached` where it was written in the same argument, else the next argument.
static int accept(struct args *args, const struct args_option *option, struct str attached, bool is_attached)
{
	args->wanted = option->value;
	if (option->value.len == 0)
		return is_attached ? refuse(args, TAKES_NO_VALUE) : option->id;
	if (!is_attached && *args->next == nullptr)
		return refuse(args, LACKS_VALUE);
	args->value = is_attached ? attached : str_from_cstr(*args->next++);
	return option->id;
}

static int next_letter(struct args *args)
{
	args->dashes = STR("-");
	args->name = str_take(args->group, 1);
	args->group = str_skip(args->group, 1);

	const struct args_option *option = args->program->options;
	const struct args_option *end = option + args->program->option_count;
	while (option < end && option->letter != args->name.ptr[0])
		option++;
	if (option == end)
		return refuse(args, UNKNOWN);
	if (option->value.len == 0)
		return option->id;

	struct str attached = args->group;
	args->group.len = 0;
	return accept(args, option, attached, attached.len > 0);
}

static int next_name(struct args *args, struct str text)
{
	struct str_cut cut = str_cut(text, '=');
	args->dashes = STR("--");
	args->name = cut.before;

	const struct args_option *option = args->program->options;
	const struct args_option *end = option + args->program->option_count;
	while (option < end && !str_equal(option->name, cut.before))
		option++;
	if (option == end || cut.before.len == 0)
		return refuse(args, UNKNOWN);
	return accept(args, option, cut.after, cut.found);
}

int args_next(struct args *args)
{
	args->value = args->dashes = args->name = (struct str){0};
	if (args->group.len > 0)
		return next_letter(args);

	struct str text = str_from_cstr(*args->next);
	if (!args->only_operands && str_equal(text, STR("--"))) {
		args->only_operands = true;
		text = str_from_cstr(*++args->next);
	}
	if (*args->next == nullptr)
		return ARGS_END;

	args->next++;
	if (args->only_operands || text.len < 2 || text.ptr[0] != '-') {
		args->only_operands |= args->program->operands_first;
		args->value = text;
		return ARGS_OPERAND;
	}
	if (text.ptr[1] == '-')
		return next_name(args, str_skip(text, 2));
	args->group = str_skip(text, 1);
	return next_letter(args);
}

bool args_number(struct args *args, uint64_t min, uint64_t max, uint64_t *number)
{
	uint64_t value;
	if (str_to_unsigned(args->value, &value) && value >= min && value <= max) {
		*number = value;
		return true;
	}
	args->problem = NOT_A_NUMBER;
	args->min = min;
	args->max = max;
	return false;
}

bool args_size(struct args *args, uint64_t min, uint64_t max, uint64_t *bytes)
{
	struct str written = args->value, digits = written;
	unsigned shift = 0;
	if (written.len > 0) {
		size_t letter = str_find_byte(STR("kmg"), ascii_lower(written.ptr[written.len - 1]));
		if (letter != STR_NONE) {
			shift = 10 * ((unsigned)letter + 1);
			digits.len--;
		}
	}
	uint64_t value;
	if (str_to_unsigned(digits, &value) && value <= UINT64_MAX >> shift) {
		value <<= shift;
		if (value >= min && value <= max) {
			*bytes = value;
			return true;
		}
	}
	args->problem = NOT_A_SIZE;
	args->min = min;
	args->max = max;
	return false;
}

// An argument, safe for a terminal, and not so long that it hides the sentence.
static void write_argument(struct out *out, struct str argument)
{
	out_escaped(out, str_take(argument, SHOWN_BYTES_MAX));
	if (argument.len > SHOWN_BYTES_MAX)
		out_str(out, STR("..."));
}

void args_explain(const struct args *args, struct out *out)
{
	struct str program = args->program->name;
	out_str(out, program);
	out_str(out, STR(": "));
	if (args->problem == UNKNOWN)
		out_str(out, STR("unknown option '"));
	out_str(out, args->dashes);
	write_argument(out, args->name); // empty for an operand, as its dashes are

	switch (args->problem) {
	case UNKNOWN:
		out_byte(out, '\'');
		break;
	case LACKS_VALUE:
		out_str(out, STR(" wants a value, "));
		out_str(out, args->wanted);
		break;
	case TAKES_NO_VALUE:
		out_str(out, STR(" takes no value"));
		break;
	case NOT_A_NUMBER:
	case NOT_A_SIZE:
		out_str(out, args->name.len > 0 ? STR(" wants a ") : STR("expected a "));
		out_str(out, args->problem == NOT_A_SIZE ? STR("size from ") : STR("number from "));
		out_unsigned(out, args->min);
		out_str(out, STR(" to "));
		out_unsigned(out, args->max);
		if (args->problem == NOT_A_SIZE)
			out_str(out, STR(" bytes (8k and 1m are sizes, too)"));
		out_str(out, STR(", not '"));
		write_argument(out, args->value);
		out_byte(out, '\'');
		break;
	}
	out_str(out, STR("; try '"));
	out_str(out, program);
	out_str(out, STR(" --help'"));
}

int args_complain(const struct args *args)
{
	uint8_t buffer[1024]; // the longest sentence, so that it is one write(2)
	struct out err = out_to_fd(SYS_STDERR, SPAN(buffer));
	args_explain(args, &err);
	out_byte(&err, '\n');
	(void)out_flush(&err); // if standard error does not take it, the exit status must do
	return ARGS_STATUS;
}

static void write_line(struct out *out, struct str line)
{
	out_str(out, line);
	out_byte(out, '\n');
}

static void write_indent(struct out *out, size_t columns)
{
	out_padded(out, STR(""), columns);
}

// The bytes of the first line of the text: up to a line feed, or up to the last space that leaves no more than `room`
// bytes before it. A first word that is longer is a line of its own.
static size_t line_bytes(struct str text, size_t room)
{
	size_t end = 0;
	for (size_t i = 0;; i++) {
		bool last = i == text.len || text.ptr[i] == '\n';
		if (!last && text.ptr[i] != ' ')
			continue;
		if (i > room && end > 0)
			return end;
		end = i;
		if (last)
			return end;
	}
}

// The text, broken into lines, the second and later ones indented. The first begins at column `indent` already.
static void write_wrapped(struct out *out, struct str text, size_t indent)
{
	for (;;) {
		size_t len = line_bytes(text, COLUMNS - indent);
		write_line(out, str_take(text, len));
		text = str_skip(text, len + 1);
		if (text.len == 0)
			return;
		write_indent(out, indent);
	}
}

static void write_option(struct out *out, const struct args_option *option)
{
	if (option->letter != 0) {
		out_str(out, STR("  -"));
		out_byte(out, option->letter);
	}
	if (option->name.len > 0) {
		out_str(out, option->letter != 0 ? STR(", --") : STR("      --"));
		out_str(out, option->name);
	}
	if (option->value.len > 0) {
		out_byte(out, option->name.len > 0 ? '=' : ' ');
		out_str(out, option->value);
	}
}

// The columns that an option takes with a gap after it, or 0 where its help goes to the next line.
static size_t option_columns(const struct args_option *option)
{
	uint8_t buffer[OPTION_COLUMNS_MAX - 2];
	struct out left = out_to_memory(SPAN(buffer));
	write_option(&left, option);
	return left.error == 0 ? left.len + 2 : 0;
}

static void write_section(struct out *out, struct str title, struct str lines)
{
	if (lines.len > 0)
		out_str(out, title);
	while (lines.len > 0) {
		struct str_cut cut = str_cut(lines, '\n');
		if (cut.before.len > 0)
			write_indent(out, 2);
		write_line(out, cut.before);
		lines = cut.after;
	}
}

void args_usage(const struct args_program *program, struct out *out)
{
	struct str_cut ways = {.after = program->synopsis};
	struct str before = STR("Usage: ");
	do {
		ways = str_cut(ways.after, '\n');
		out_str(out, before);
		out_str(out, program->name);
		out_byte(out, ' ');
		write_line(out, ways.before);
		before = STR("       ");
	} while (ways.after.len > 0);
	if (program->about.len > 0)
		write_wrapped(out, program->about, 0);

	const struct args_option *end = program->options + program->option_count;
	size_t column = 8; // where the help begins
	for (const struct args_option *option = program->options; option < end; option++) {
		size_t columns = option_columns(option);
		if (columns > column)
			column = columns;
	}
	if (program->option_count > 0)
		out_str(out, STR("\nOptions:\n"));
	for (const struct args_option *option = program->options; option < end; option++) {
		size_t columns = option_columns(option);
		write_option(out, option);
		if (columns == 0)
			out_byte(out, '\n');
		write_indent(out, columns == 0 ? column : column + 2 - columns);
		write_wrapped(out, option->help, column);
	}

	write_section(out, STR("\nExit status:\n"), program->statuses);
	write_section(out, STR("\nExamples:\n"), program->examples);
}
