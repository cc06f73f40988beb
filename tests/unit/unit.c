// tests/unit/unit.c: main of every unit test, and what its checks do.
//
// Every line is flushed as it is complete, so that what a test did before it crashed is there to read.
#include "tests/unit/unit.h"

#include <linux/utsname.h>

#include "arch/sys.h"
#include "crt/out.h"
#include "crt/process.h"
#include "crt/say.h"
#include "crt/str.h"

static struct unit *first;
static struct unit **last = &first;

static struct {
	struct str name;
	size_t number; // in the plan, from 1
	bool failed;
	bool skipped;
	struct str reason; // for skipping it
} now;

// Bytes of a text that a failure shows.
#define SHOWN_BYTES_MAX 160

static uint8_t buffer[4096];
static struct out tap;

void unit_add(struct unit *unit)
{
	*last = unit;
	last = &unit->next;
}

void unit_skip(struct str reason)
{
	now.skipped = true;
	now.reason = reason;
}

static void end_line(void)
{
	out_byte(&tap, '\n');
	if (out_flush(&tap) != 0)
		sys_exit_group(1); // nobody hears the result, so it is not a good one
}

static void write_result(struct str word)
{
	out_str(&tap, word);
	out_unsigned(&tap, now.number);
	out_str(&tap, STR(" - "));
	out_str(&tap, now.name);
}

// Begins the line that tells what failed. The first failure decides the result of the test, so it can be told before.
static void begin_failure(struct unit_place place)
{
	if (!now.failed) {
		write_result(STR("not ok "));
		end_line();
	}
	now.failed = true;
	out_str(&tap, STR("# "));
	out_str(&tap, place.file);
	out_byte(&tap, ':');
	out_unsigned(&tap, place.line);
	out_str(&tap, STR(": "));
	out_str(&tap, str_take(place.what, SHOWN_BYTES_MAX));
	out_str(&tap, place.what.len > SHOWN_BYTES_MAX ? STR("... failed") : STR(" failed"));
}

bool unit_check(bool holds, struct unit_place place)
{
	if (holds)
		return true;
	begin_failure(place);
	end_line();
	return false;
}

static bool is_negative(struct unit_number number)
{
	return number.is_signed && (int64_t)number.bits < 0;
}

// In decimal, and in the other form that it may be known by: a name for an error, hexadecimal for a large number.
static void write_number(struct unit_number number)
{
	if (!is_negative(number)) {
		out_unsigned(&tap, number.bits);
		if (number.bits > 255) {
			out_str(&tap, STR(" (0x"));
			out_hex(&tap, number.bits, 1);
			out_byte(&tap, ')');
		}
		return;
	}

	out_signed(&tap, (int64_t)number.bits);
	struct str name = errno_name((int64_t)number.bits);
	if (name.len > 0) {
		out_str(&tap, STR(" ("));
		out_str(&tap, name);
		out_byte(&tap, ')');
	}
}

bool unit_check_equal(struct unit_number left, struct unit_number right, struct unit_place place)
{
	if (left.bits == right.bits && is_negative(left) == is_negative(right))
		return true;
	begin_failure(place);
	out_str(&tap, STR(": "));
	write_number(left);
	out_str(&tap, STR(" is not "));
	write_number(right);
	end_line();
	return false;
}

bool unit_check_str(struct str left, struct str right, struct unit_place place)
{
	if (str_equal(left, right))
		return true;
	begin_failure(place);
	out_str(&tap, STR(": "));
	if (left.len > SHOWN_BYTES_MAX || right.len > SHOWN_BYTES_MAX) {
		size_t at = 0; // where they part
		while (at < left.len && at < right.len && left.ptr[at] == right.ptr[at])
			at++;
		out_str(&tap, STR("from byte "));
		out_unsigned(&tap, at);
		out_str(&tap, STR(" on "));
		left = str_take(str_skip(left, at), SHOWN_BYTES_MAX);
		right = str_take(str_skip(right, at), SHOWN_BYTES_MAX);
	}
	out_byte(&tap, '\'');
	out_escaped(&tap, left);
	out_str(&tap, STR("' is not '"));
	out_escaped(&tap, right);
	out_byte(&tap, '\'');
	end_line();
	return false;
}

bool unit_check_bytes(const void *left, const void *right, size_t len, struct unit_place place)
{
	const uint8_t *ours = left, *theirs = right;
	size_t at = 0;
	while (at < len && ours[at] == theirs[at])
		at++;
	if (at == len)
		return true;
	begin_failure(place);
	out_str(&tap, STR(": at byte "));
	out_unsigned(&tap, at);
	out_str(&tap, STR(": 0x"));
	out_hex(&tap, ours[at], 2);
	out_str(&tap, STR(" is not 0x"));
	out_hex(&tap, theirs[at], 2);
	end_line();
	return false;
}

static void run(const struct unit *unit)
{
	now.name = unit->name;
	now.number++;
	now.failed = now.skipped = false;
	unit->run();
	if (now.failed)
		return;

	write_result(STR("ok "));
	if (now.skipped) {
		out_str(&tap, STR(" # SKIP "));
		out_str(&tap, now.reason);
	}
	end_line();
}

// What the results are worth depends on it.
static void write_kernel(void)
{
	struct new_utsname name;
	if (sys_uname(&name) != 0)
		return;
	out_str(&tap, STR("# Linux "));
	out_str(&tap, str_from_cstr(name.release));
	end_line();
}

static const struct unit *find(struct str name)
{
	const struct unit *unit = first;
	while (unit != nullptr && !str_equal(unit->name, name))
		unit = unit->next;
	return unit;
}

int main(int argc, char **argv, char **)
{
	tap = out_to_fd(SYS_STDOUT, SPAN(buffer));

	size_t count = 0;
	for (const struct unit *unit = first; unit != nullptr; unit = unit->next)
		count++;
	if (count == 0) {
		say(STR("no test was linked: a result of none is no good one"));
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		if (find(str_from_cstr(argv[i])) == nullptr) {
			say(STR("no test is named '"), str_from_cstr(argv[i]), STR("'"));
			return 2;
		}
	}
	out_str(&tap, STR("1.."));
	out_unsigned(&tap, argc > 1 ? (size_t)argc - 1 : count);
	end_line();
	write_kernel();

	bool failed = false;
	for (const struct unit *unit = first; argc < 2 && unit != nullptr; unit = unit->next) {
		run(unit);
		failed |= now.failed;
	}
	for (int i = 1; i < argc; i++) {
		run(find(str_from_cstr(argv[i])));
		failed |= now.failed;
	}
	return failed ? 1 : 0;
}
