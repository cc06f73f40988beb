// tests/unit/httpd_deadline.c: apps/httpd/deadline.h.
#include "apps/httpd/deadline.h"

#include "tests/unit/unit.h"

#define MS INT64_C(1000000)

static struct deadlines all;
static struct deadline a, b, c;

static void begin(void)
{
	static const unsigned length_ms[DEADLINE_KINDS] = {
		[DEADLINE_HEADER] = 10, [DEADLINE_IDLE] = 30, [DEADLINE_SEND] = 30, [DEADLINE_LINGER] = 2};
	deadlines_open(&all, length_ms);
	a = b = c = (struct deadline){0};
}

UNIT(none_is_set)
{
	begin();
	CHECK(deadline_next(&all) == nullptr);
	CHECK(!deadline_is_set(&a));
	deadline_lift(&a);
	CHECK(deadline_next(&all) == nullptr);
}

UNIT(the_first_of_all_kinds_is_next)
{
	begin();
	deadline_set(&all, &a, DEADLINE_IDLE, 0);        // 30
	deadline_set(&all, &b, DEADLINE_HEADER, 5 * MS); // 15
	deadline_set(&all, &c, DEADLINE_HEADER, 6 * MS); // 16
	CHECK_EQUAL(deadline_next(&all), &b);
	CHECK_EQUAL(b.at_ns, 15 * MS);
	deadline_lift(&b);
	CHECK(!deadline_is_set(&b));
	CHECK_EQUAL(deadline_next(&all), &c);
	deadline_lift(&c);
	CHECK_EQUAL(deadline_next(&all), &a);
	deadline_lift(&a);
	CHECK(deadline_next(&all) == nullptr);
}

UNIT(one_that_is_set_again_moves)
{
	begin();
	deadline_set(&all, &a, DEADLINE_SEND, 0);
	deadline_set(&all, &b, DEADLINE_SEND, 1 * MS);
	deadline_set(&all, &c, DEADLINE_SEND, 2 * MS);
	deadline_set(&all, &a, DEADLINE_SEND, 3 * MS);   // to the end of its list
	deadline_set(&all, &c, DEADLINE_LINGER, 4 * MS); // into another, from the middle
	CHECK_EQUAL(deadline_next(&all), &c);
	deadline_lift(&c);
	CHECK_EQUAL(deadline_next(&all), &b);
	deadline_lift(&b);
	CHECK_EQUAL(deadline_next(&all), &a);
	CHECK_EQUAL(a.at_ns, 33 * MS);
	CHECK_EQUAL(a.kind, DEADLINE_SEND);
}
