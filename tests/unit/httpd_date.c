// tests/unit/httpd_date.c: apps/httpd/date.h.
#include "apps/httpd/date.h"

#include "crt/str.h"
#include "tests/unit/httpd_edge.h"
#include "tests/unit/unit.h"

static char text[64];

static struct str written(void (*write)(struct out *, int64_t), int64_t seconds)
{
	struct out out = out_to_memory(SPAN(text));
	write(&out, seconds);
	return out_written(&out);
}

// Checked against date(1): date -u -d @SECONDS.
static const struct {
	int64_t seconds;
	struct str http;
} moments[] = {
	{0, STR("Thu, 01 Jan 1970 00:00:00 GMT")},
	{-1, STR("Wed, 31 Dec 1969 23:59:59 GMT")},
	{784111777, STR("Sun, 06 Nov 1994 08:49:37 GMT")},
	{951782399, STR("Mon, 28 Feb 2000 23:59:59 GMT")},
	{951782400, STR("Tue, 29 Feb 2000 00:00:00 GMT")},
	{951868800, STR("Wed, 01 Mar 2000 00:00:00 GMT")},
	{1709164800, STR("Thu, 29 Feb 2024 00:00:00 GMT")},
	{4107542400, STR("Mon, 01 Mar 2100 00:00:00 GMT")},
	{4107542399, STR("Sun, 28 Feb 2100 23:59:59 GMT")},
	{2147483648, STR("Tue, 19 Jan 2038 03:14:08 GMT")},
	{4294967296, STR("Sun, 07 Feb 2106 06:28:16 GMT")},
	{13574563200, STR("Tue, 29 Feb 2400 00:00:00 GMT")},
	{-62135596800, STR("Mon, 01 Jan 0001 00:00:00 GMT")},
	{DATE_SECONDS_MIN, STR("Sat, 01 Jan 0000 00:00:00 GMT")},
	{DATE_SECONDS_MAX, STR("Fri, 31 Dec 9999 23:59:59 GMT")},
};

UNIT(known_moments_both_ways)
{
	for (size_t i = 0; i < sizeof(moments) / sizeof(*moments); i++) {
		int64_t seconds = 1;
		CHECK_STR(written(date_write_http, moments[i].seconds), moments[i].http);
		CHECK(date_parse(edge_str(moments[i].http), 0, &seconds));
		CHECK_EQUAL(seconds, moments[i].seconds);
	}
}

UNIT(the_other_spellings)
{
	CHECK_STR(written(date_write_log, 971186136), STR("[10/Oct/2000:13:55:36 +0000]"));
	CHECK_STR(written(date_write_log, 784111777), STR("[06/Nov/1994:08:49:37 +0000]"));
	CHECK_STR(written(date_write_iso, 784111777), STR("1994-11-06T08:49:37Z"));
	CHECK_STR(written(date_write_minutes, 784111777), STR("1994-11-06 08:49"));
}

UNIT(what_four_digits_cannot_say)
{
	CHECK_STR(written(date_write_http, DATE_SECONDS_MAX + 1), STR("Fri, 31 Dec 9999 23:59:59 GMT"));
	CHECK_STR(written(date_write_http, INT64_MAX), STR("Fri, 31 Dec 9999 23:59:59 GMT"));
	CHECK_STR(written(date_write_http, INT64_MIN), STR("Sat, 01 Jan 0000 00:00:00 GMT"));
}

UNIT(every_day_of_800_years)
{
	// A calendar counted day by day, as one would by hand, beside the computed one.
	unsigned days_of[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t seconds = -11676096000; // 1600-01-01, a Saturday
	unsigned weekday = 6;
	for (unsigned year = 1600; year < 2400; year++) {
		bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
		for (unsigned month = 0; month < 12; month++) {
			unsigned days = days_of[month] + (month == 1 && is_leap ? 1 : 0);
			for (unsigned day = 1; day <= days; day++) {
				uint8_t expected[32];
				struct out out = out_to_memory(SPAN(expected));
				out_str(&out, str_slice(STR("SunMonTueWedThuFriSat"), 3 * weekday, 3 * weekday + 3));
				out_str(&out, STR(", "));
				out_unsigned_padded(&out, day, 2, '0');
				out_byte(&out, ' ');
				out_str(&out, str_slice(STR("JanFebMarAprMayJunJulAugSepOctNovDec"), 3 * month,
							3 * month + 3));
				out_byte(&out, ' ');
				out_unsigned(&out, year);
				out_str(&out, STR(" 12:34:56 GMT"));

				int64_t noon = seconds + 45296, parsed = 0;
				if (!CHECK_STR(written(date_write_http, noon), out_written(&out)) ||
				    !CHECK(date_parse(out_written(&out), 0, &parsed)) || !CHECK_EQUAL(parsed, noon))
					return;
				seconds += 86400;
				weekday = (weekday + 1) % 7;
			}
		}
	}
	CHECK_EQUAL(seconds, 13569465600); // 2400-01-01
}

constexpr int64_t NOW = 1'750'000'000; // 2025-06-15 15:06:40

static bool is_date(struct str date, int64_t now, int64_t expected)
{
	int64_t seconds = INT64_MIN;
	return CHECK(date_parse(edge_str(date), now, &seconds)) && CHECK_EQUAL(seconds, expected);
}

static bool is_no_date(struct str date)
{
	int64_t seconds = 42;
	return CHECK(!date_parse(edge_str(date), NOW, &seconds)) && CHECK_EQUAL(seconds, 42);
}

UNIT(three_forms)
{
	is_date(STR("Sun, 06 Nov 1994 08:49:37 GMT"), NOW, 784111777);
	is_date(STR("Sunday, 06-Nov-94 08:49:37 GMT"), NOW, 784111777);
	is_date(STR("Sun Nov  6 08:49:37 1994"), NOW, 784111777);
	is_date(STR("Wed Nov 16 08:49:37 1994"), NOW, 784975777);
	is_date(STR("Wednesday, 09-Nov-94 08:49:37 GMT"), NOW, 784370977);
	is_date(STR("Sat, 31 Dec 2016 23:59:60 GMT"), NOW, 1483228800); // a leap second
}

UNIT(two_digits_of_a_year)
{
	// The latest such date that is not more than 50 years ahead, to the second.
	is_date(STR("Saturday, 15-Jun-75 15:06:40 GMT"), NOW, 3327836800);
	is_date(STR("Sunday, 15-Jun-75 15:06:41 GMT"), NOW, 172076801);
	is_date(STR("Sunday, 15-Jun-25 15:06:40 GMT"), NOW, NOW);
	is_date(STR("Friday, 31-Dec-99 23:59:59 GMT"), NOW, 946684799);
	is_date(STR("Saturday, 01-Jan-00 00:00:00 GMT"), NOW, 946684800);
	// Across the turn of a century, in both directions.
	is_date(STR("Thursday, 01-Jan-05 00:00:00 GMT"), 4070908800, 4260211200); // 2099 reads 05 as 2105
	is_date(STR("Friday, 31-Dec-99 00:00:00 GMT"), 946684800, 946598400);     // 2000 reads 99 as 1999
	// A leap day, where one guess at the century has none.
	is_date(STR("Tuesday, 29-Feb-00 00:00:00 GMT"), NOW, 951782400);
	is_no_date(STR("Monday, 29-Feb-01 00:00:00 GMT"));
	is_no_date(STR("Monday, 06-Nov-94 08:49:37 GMT")); // a Sunday
}

UNIT(no_dates)
{
	static const struct str cases[] = {
		STR(""),
		STR("S"),
		STR("Sun"),
		STR("Sun,"),
		STR("0"),
		STR("Sun, 06 Nov 1994 08:49:37"),
		STR("Sun, 06 Nov 1994 08:49:37 GM"),
		STR("Sun, 06 Nov 1994 08:49:37 GMT "),
		STR(" Sun, 06 Nov 1994 08:49:37 GMT"),
		STR("Sun, 06 Nov 1994 08:49:37 UTC"),
		STR("Sun, 06 Nov 1994 08:49:37 gmt"),
		STR("Sun, 06 Nov 1994 08:49:37 +0000"),
		STR("sun, 06 Nov 1994 08:49:37 GMT"),
		STR("Sun, 06 nov 1994 08:49:37 GMT"),
		STR("Sun, 6 Nov 1994 08:49:37 GMT"),
		STR("Sun, +6 Nov 1994 08:49:37 GMT"),
		STR("Sun,  6 Nov 1994 08:49:37 GMT"),
		STR("Sun, 06 Nov 94 08:49:37 GMT"),
		STR("Sun, 06 Nov 01994 08:49:37 GMT"),
		STR("Sun, 06 Nov 1994 8:49:37 GMT"),
		STR("Sun, 06 Nov 1994 24:00:00 GMT"),
		STR("Sun, 06 Nov 1994 08:60:00 GMT"),
		STR("Sun, 06 Nov 1994 08:49:61 GMT"),
		STR("Sun, 06 Nov 1994 08:49 GMT"),
		STR("Sun, 06 Nov 1994 08-49-37 GMT"),
		STR("Mon, 06 Nov 1994 08:49:37 GMT"), // a Sunday
		STR("Mon, 00 Nov 1994 08:49:37 GMT"),
		STR("Thu, 31 Nov 1994 08:49:37 GMT"),
		STR("Fri, 32 Nov 1994 08:49:37 GMT"),
		STR("Tue, 32 Jan 1994 08:49:37 GMT"),
		STR("Tue, 29 Feb 1994 08:49:37 GMT"),
		STR("Thu, 29 Feb 1900 08:49:37 GMT"),
		STR("Mon, 29 Feb 2100 08:49:37 GMT"),
		STR("Sun, 06 Foo 1994 08:49:37 GMT"),
		STR("Sun, 06 anF 1994 08:49:37 GMT"),
		STR("Sunday, 06 Nov 1994 08:49:37 GMT"),
		STR("Sun, 06-Nov-94 08:49:37 GMT"),
		STR("Sunday, 06-Nov-1994 08:49:37 GMT"),
		STR("Sun Nov 6 08:49:37 1994"),
		STR("Sun Nov  6 08:49:37 1994 GMT"),
		STR("Sun Nov  6 08:49:37 94"),
		STR("Sun Nov  06 08:49:37 1994"),
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		is_no_date(cases[i]);

	// Nor is any beginning of a date.
	struct str forms[] = {STR("Sun, 06 Nov 1994 08:49:37 GMT"), STR("Sunday, 06-Nov-94 08:49:37 GMT"),
			      STR("Sun Nov  6 08:49:37 1994")};
	for (size_t form = 0; form < 3; form++) {
		for (size_t len = 0; len < forms[form].len; len++)
			is_no_date(str_take(forms[form], len));
	}
}
