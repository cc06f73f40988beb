// tests/unit/errno.c: arch/errno.h, for every number that a system call can give, and the edges of the type.
#include "arch/errno.h"

#include "crt/str.h"
#include "tests/unit/unit.h"

// Names that stand for a few spots of the table; the numbers are the kernel's. [Linux
// include/uapi/asm-generic/errno-base.h, errno.h]
UNIT(names_by_number)
{
	CHECK_STR(errno_name(-1), STR("EPERM"));
	CHECK_STR(errno_name(-2), STR("ENOENT"));
	CHECK_STR(errno_name(-11), STR("EAGAIN"));
	CHECK_STR(errno_name(-34), STR("ERANGE"));
	CHECK_STR(errno_name(-35), STR("EDEADLK"));
	CHECK_STR(errno_name(-38), STR("ENOSYS"));
	CHECK_STR(errno_name(-76), STR("ENOTUNIQ"));
	CHECK_STR(errno_name(-125), STR("ECANCELED"));
	CHECK_STR(errno_name(-133), STR("EHWPOISON"));
	CHECK_STR(errno_text(-2), STR("no such file or directory"));
	CHECK_STR(errno_text(-76), STR(""));
}

// The numbers from 1 to EHWPOISON that no error has: EWOULDBLOCK and EDEADLOCK, which would have them, are second
// names.
static bool is_gap(long number)
{
	return number == 41 || number == 58;
}

static bool is_name(struct str name)
{
	bool good = str_starts(name, STR("E")) && name.len >= 3;
	for (size_t i = 0; i < name.len; i++)
		good &= ascii_is_digit(name.ptr[i]) || (name.ptr[i] >= 'A' && name.ptr[i] <= 'Z');
	return good;
}

// Words that fit between "cannot open 'x': " and " (ENOENT)": printable ASCII on one line, no stop at the end, and
// short.
static bool is_text(struct str text)
{
	bool good = text.len == 0 || (text.len < 80 && !ascii_is_space(text.ptr[0]) && !str_ends(text, STR(".")) &&
				      !ascii_is_space(text.ptr[text.len - 1]));
	for (size_t i = 0; i < text.len; i++)
		good &= text.ptr[i] >= ' ' && text.ptr[i] <= '~';
	return good;
}

UNIT(every_number_of_either_sign)
{
	for (long number = -4200; number <= 4200; number++) {
		struct str name = errno_name(number), text = errno_text(number);
		CHECK(is_text(text));
		CHECK_STR(name, errno_name(-number));
		CHECK_STR(text, errno_text(-number));

		long positive = number < 0 ? -number : number;
		if (positive >= 1 && positive <= EHWPOISON && !is_gap(positive)) {
			CHECK(is_name(name));
			continue;
		}
		CHECK_EQUAL(name.len, 0);
		CHECK_EQUAL(text.len, 0);
	}
}

UNIT(no_two_have_one_name)
{
	for (long a = 1; a <= EHWPOISON; a++) {
		for (long b = 1; b < a; b++) {
			CHECK(errno_name(a).len == 0 || !str_equal(errno_name(a), errno_name(b)));
			CHECK(errno_text(a).len == 0 || !str_equal(errno_text(a), errno_text(b)));
		}
	}
}

UNIT(edges_of_the_type)
{
	static const long edges[] = {INT32_MIN,  INT32_MAX, INT64_MIN,  INT64_MIN + 1, INT64_MAX,
				     UINT32_MAX, 65536 + 2, -65536 - 2, INT64_MIN + 2, (long)1 << 32 | 2};
	for (size_t i = 0; i < sizeof(edges) / sizeof(*edges); i++) {
		CHECK_EQUAL(errno_name(edges[i]).len, 0);
		CHECK_EQUAL(errno_text(edges[i]).len, 0);
	}
}
