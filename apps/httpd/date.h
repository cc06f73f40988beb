// apps/httpd/date.h: points in time, as HTTP and its logs spell them.
//
// A point in time is a number of seconds since 1970-01-01 00:00:00 UTC, as the kernel counts them: every day has 86,400, and
// leap seconds do not exist [time(2)]. All text is UTC. Asks no clock: the caller says what time it is.
#pragma once

#include <stdint.h>

#include "arch/span.h"
#include "crt/out.h"

// What four digits of a year can say: the years 0 to 9999 of the Gregorian calendar, extended into the past. Writers take
// what lies outside (a file system may hold any time) for the nearest of these.
constexpr int64_t DATE_SECONDS_MIN = -62'167'219'200; // 0000-01-01 00:00:00
constexpr int64_t DATE_SECONDS_MAX = 253'402'300'799; // 9999-12-31 23:59:59

// "Sun, 06 Nov 1994 08:49:37 GMT". [RFC 9110 §5.6.7, IMF-fixdate]
constexpr size_t DATE_HTTP_BYTES = 29;
void date_write_http(struct out *out, int64_t seconds);

// "[06/Nov/1994:08:49:37 +0000]", 28 bytes, for the Common Log Format.
void date_write_log(struct out *out, int64_t seconds);

// "1994-11-06T08:49:37Z", 20 bytes, for programs. [RFC 3339]
void date_write_iso(struct out *out, int64_t seconds);

// "1994-11-06 08:49", 16 bytes, for people.
void date_write_minutes(struct out *out, int64_t seconds);

// Reads a date in one of the three forms that a server must accept [RFC 9110 §5.6.7]:
//
//	Sun, 06 Nov 1994 08:49:37 GMT	IMF-fixdate
//	Sunday, 06-Nov-94 08:49:37 GMT	RFC 850
//	Sun Nov  6 08:49:37 1994	asctime
//
// in exactly these bytes: the forms are case-sensitive, and nothing may stand around them. `now` places the two digits of
// an RFC 850 year: the date is the latest with these digits that is not more than 50 years ahead of now.
//
// False, and `seconds` left alone, where the text is none of these or names no moment: 29 February of a common year, 24:00,
// or a day of the week that is not the date's [RFC 5322 §3.3]: which of the two was meant cannot be known. Second 60, a leap
// second, is the second after 59.
//
// A condition with an invalid date is to be ignored [RFC 9110 §13.1.3], so that refusing costs a full answer, and believing a
// wrong date costs a stale one.
[[nodiscard]] bool date_parse(struct str text, int64_t now, int64_t *seconds);
