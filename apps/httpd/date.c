// apps/httpd/date.c: days to dates and back, and the spellings of HTTP.
//
// The calendar is counted in years that begin in March. The leap day is then the last day of its year, so that the
// months before it begin on the same days in every year:
//
//	March 0, April 31, May 61, June 92, ... January 306, February 337: (153 x month + 2) / 5
//
// and 400 years are always 146,097 days. Year 0 of that count is the one that begins on 0000-03-01; all numbers are kept
// above zero by counting from 400 years earlier, because division rounds toward zero.
//
// The spellings are patterns in the language of strftime(3) and strptime(3), a few letters of it:
//
//	%a %A  day of the week, three letters or whole	%d  day, two digits	%e  day, space for its first zero
//	%b     month, three letters			%m  month, two digits	%Y %y  year, four or two digits
//	%H %M %S  time, two digits each			anything else: itself
//
// One function writes them and one reads them, so that a spelling stands in one place.
#include "apps/httpd/date.h"

#include "crt/str.h"

constexpr int64_t DAY_SECONDS = 86'400;
constexpr int64_t ERA_YEARS = 400;
constexpr int64_t ERA_DAYS = 146'097;

// Days from -400-03-01 to 1970-01-01, which was a Thursday. 719,468 of them lie after 0000-03-01.
constexpr int64_t DAYS_BEFORE_1970 = ERA_DAYS + 719'468;

// A moment of the calendar.
struct civil {
	int64_t year;    // 0 to 9999
	unsigned month;  // 1 to 12
	unsigned day;    // 1 to 31
	unsigned second; // of the day, 0 to 86,400: one more than a day has, for a leap second at its end
};

// Days since -400-03-01.
static int64_t days_from(int64_t year, unsigned month, unsigned day)
{
	unsigned from_march = (month + 9) % 12;
	int64_t of_year = (153 * from_march + 2) / 5 + day - 1;
	int64_t years = year + ERA_YEARS - (month <= 2);
	return years * 365 + years / 4 - years / 100 + years / 400 + of_year;
}

static int64_t seconds_from(const struct civil *civil)
{
	return (days_from(civil->year, civil->month, civil->day) - DAYS_BEFORE_1970) * DAY_SECONDS + civil->second;
}

static struct civil civil_from(int64_t seconds)
{
	if (seconds < DATE_SECONDS_MIN)
		seconds = DATE_SECONDS_MIN;
	if (seconds > DATE_SECONDS_MAX)
		seconds = DATE_SECONDS_MAX;

	int64_t since = seconds + DAYS_BEFORE_1970 * DAY_SECONDS; // not negative
	int64_t days = since / DAY_SECONDS;

	// 400 years are 4 centuries, a century is 25 times 4 years, and the last of each may have a leap day at its very end:
	// that day would count as the first of a fifth, hence the limits.
	int64_t of_era = days % ERA_DAYS;
	int64_t century = of_era / 36'524 < 3 ? of_era / 36'524 : 3;
	int64_t of_century = of_era - century * 36'524;
	int64_t of_four = of_century % 1'461;
	int64_t year = of_four / 365 < 3 ? of_four / 365 : 3;

	unsigned of_year = (unsigned)(of_four - year * 365);
	unsigned from_march = (5 * of_year + 2) / 153;
	unsigned month = from_march < 10 ? from_march + 3 : from_march - 9;

	return (struct civil){
		.year = (days / ERA_DAYS - 1) * ERA_YEARS + century * 100 + of_century / 1'461 * 4 + year +
			(month <= 2),
		.month = month,
		.day = of_year - (153 * from_march + 2) / 5 + 1,
		.second = (unsigned)(since % DAY_SECONDS),
	};
}

static unsigned month_days(int64_t year, unsigned month)
{
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	if (month == 2)
		return is_leap ? 29 : 28;
	return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// 0 for Sunday. -400-03-01 was a Wednesday, as is the first day of every era.
static unsigned weekday(const struct civil *civil)
{
	return (unsigned)((days_from(civil->year, civil->month, civil->day) + 3) % 7);
}

// The names lie in the arrays themselves: pointers to them would be relocated at every start.
static constexpr char WEEKDAYS[7][10] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
static constexpr char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

static struct str weekday_name(unsigned day, char letter)
{
	struct str name = str_from_cstr(WEEKDAYS[day]);
	return letter == 'a' ? str_take(name, 3) : name;
}

static struct str month_name(unsigned month)
{
	return (struct str){MONTHS + 3 * (month - 1), 3};
}

// The one that servers and clients are to send; the other two of RFC 9110 §5.6.7 are only read.
#define IMF_FIXDATE STR("%a, %d %b %Y %H:%M:%S GMT")

static void write_civil(struct out *out, int64_t seconds, struct str pattern)
{
	struct civil civil = civil_from(seconds);

	for (; pattern.len > 0; pattern = str_skip(pattern, 1)) {
		if (pattern.ptr[0] != '%') {
			out_byte(out, pattern.ptr[0]);
			continue;
		}
		pattern = str_skip(pattern, 1);

		uint64_t number = 0;
		size_t digits = 2;
		switch (pattern.ptr[0]) {
		case 'a':
			out_str(out, weekday_name(weekday(&civil), 'a'));
			continue;
		case 'b':
			out_str(out, month_name(civil.month));
			continue;
		case 'Y':
			number = (uint64_t)civil.year;
			digits = 4;
			break;
		case 'm':
			number = civil.month;
			break;
		case 'd':
			number = civil.day;
			break;
		case 'H':
			number = civil.second / 3600;
			break;
		case 'M':
			number = civil.second / 60 % 60;
			break;
		case 'S':
			number = civil.second % 60;
			break;
		}
		out_unsigned_padded(out, number, digits, '0');
	}
}

void date_write_http(struct out *out, int64_t seconds)
{
	write_civil(out, seconds, IMF_FIXDATE);
}

void date_write_log(struct out *out, int64_t seconds)
{
	write_civil(out, seconds, STR("[%d/%b/%Y:%H:%M:%S +0000]"));
}

void date_write_iso(struct out *out, int64_t seconds)
{
	write_civil(out, seconds, STR("%Y-%m-%dT%H:%M:%SZ"));
}

void date_write_minutes(struct out *out, int64_t seconds)
{
	write_civil(out, seconds, STR("%Y-%m-%d %H:%M"));
}

// Eats `count` digits from the front of the text.
static bool take_number(struct str *text, size_t count, unsigned *number)
{
	uint64_t value;
	if (text->len < count || !str_to_unsigned(str_take(*text, count), &value))
		return false;
	*number = (unsigned)value;
	*text = str_skip(*text, count);
	return true;
}

// Eats a name; its number is from 0 up.
static bool take_name(struct str *text, char letter, unsigned *number)
{
	unsigned count = letter == 'b' ? 12 : 7;
#pragma nounroll
	for (unsigned i = 0; i < count; i++) {
		struct str name = letter == 'b' ? month_name(i + 1) : weekday_name(i, letter);
		if (str_starts(*text, name)) {
			*number = i;
			*text = str_skip(*text, name.len);
			return true;
		}
	}
	return false;
}

// What a text says, part by part; nothing is checked yet.
struct parts {
	unsigned weekday, day, month, year, hour, minute, second;
};

static bool read_parts(struct str text, struct str pattern, struct parts *parts)
{
	for (; pattern.len > 0; pattern = str_skip(pattern, 1)) {
		if (pattern.ptr[0] != '%') {
			if (text.len == 0 || text.ptr[0] != pattern.ptr[0])
				return false;
			text = str_skip(text, 1);
			continue;
		}
		pattern = str_skip(pattern, 1);

		bool is_there = false;
		switch (pattern.ptr[0]) {
		case 'a':
		case 'A':
			is_there = take_name(&text, pattern.ptr[0], &parts->weekday);
			break;
		case 'b':
			is_there = take_name(&text, 'b', &parts->month);
			break;
		case 'e':
			if (str_starts(text, STR(" "))) {
				text = str_skip(text, 1);
				is_there = take_number(&text, 1, &parts->day);
				break;
			}
			[[fallthrough]];
		case 'd':
			is_there = take_number(&text, 2, &parts->day);
			break;
		case 'Y':
			is_there = take_number(&text, 4, &parts->year);
			break;
		case 'y':
			is_there = take_number(&text, 2, &parts->year);
			break;
		case 'H':
			is_there = take_number(&text, 2, &parts->hour);
			break;
		case 'M':
			is_there = take_number(&text, 2, &parts->minute);
			break;
		case 'S':
			is_there = take_number(&text, 2, &parts->second);
			break;
		}
		if (!is_there)
			return false;
	}
	return text.len == 0;
}

// Whether `date` is more than 50 years after `now`.
static bool is_over_50_years_ahead(const struct civil *date, const struct civil *now)
{
	if (date->year != now->year + 50)
		return date->year > now->year + 50;
	if (date->month != now->month)
		return date->month > now->month;
	if (date->day != now->day)
		return date->day > now->day;
	return date->second > now->second;
}

bool date_parse(struct str text, int64_t now, int64_t *seconds)
{
	struct parts parts;
	bool is_rfc_850 = false;
	if (!read_parts(text, IMF_FIXDATE, &parts) && !read_parts(text, STR("%a %b %e %H:%M:%S %Y"), &parts)) {
		is_rfc_850 = read_parts(text, STR("%A, %d-%b-%y %H:%M:%S GMT"), &parts);
		if (!is_rfc_850)
			return false;
	}
	if (parts.hour > 23 || parts.minute > 59 || parts.second > 60)
		return false;

	struct civil date = {
		.year = parts.year,
		.month = parts.month + 1,
		.day = parts.day,
		.second = parts.hour * 3600 + parts.minute * 60 + parts.second,
	};
	if (is_rfc_850) {
		// From the next century downward.
		struct civil today = civil_from(now);
		date.year += (today.year / 100 + 1) * 100;
		while (date.year > 9999 || (date.year >= 100 && is_over_50_years_ahead(&date, &today)))
			date.year -= 100;
	}

	if (date.day < 1 || date.day > month_days(date.year, date.month) || weekday(&date) != parts.weekday)
		return false;
	*seconds = seconds_from(&date);
	return true;
}
