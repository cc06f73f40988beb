// apps/httpd/status.c: the texts of the status codes, in one table that needs no relocation.
#include "apps/httpd/status.h"

#include <stdint.h>

#include "crt/str.h"

#define ROW(code, name, reason, sentence) {code, reason, sentence},

// The texts lie in the rows themselves, and every row ends each of them with a NUL.
static const struct row {
	uint16_t code;
	char reason[32];
	char sentence[54];
} rows[] = {HTTP_STATUSES(ROW)};

#define FITS(code, name, phrase, words) \
	static_assert(sizeof(phrase) <= sizeof(rows[0].reason) && sizeof(words) <= sizeof(rows[0].sentence));
HTTP_STATUSES(FITS)

static const struct row *row_of(enum http_status status)
{
	// A few rows, and most answers are 200, the first: a search would be more code than it saves.
#pragma nounroll
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].code == (uint16_t)status)
			return &rows[i];
	}
	return nullptr;
}

struct str http_status_reason(enum http_status status)
{
	const struct row *row = row_of(status);
	return row == nullptr ? (struct str){0} : str_from_cstr(row->reason);
}

struct str http_status_sentence(enum http_status status)
{
	const struct row *row = row_of(status);
	return row == nullptr ? (struct str){0} : str_from_cstr(row->sentence);
}
