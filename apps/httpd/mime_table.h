// apps/httpd/mime_table.h: types that the table of mime.c does not have, or has otherwise: read from text as it stands in
// /etc/mime.types.
//
//	# a comment
//	text/x-nim             nim nimble     a type, and the extensions that have it
//	application/x-nothing                 a type without: nothing
//
// Pure: the caller has read the file, and gives the memory.
#pragma once

#include <stddef.h>

#include "arch/span.h"
#include "crt/out.h"

constexpr size_t MIME_TYPE_BYTES_MAX =
	127; // of a type, so that any head fits [RFC 6838 §4.2 has the same limit for each half]

struct mime_entry {
	struct str extension; // small letters
	struct str type;
};

struct mime_table {
	struct mime_entry *entries; // sorted by extension
	size_t count, room;
	struct out texts; // what the entries point into
};

// Memory that is enough for a text of `bytes`: entries, and bytes of their texts.
static inline size_t mime_table_entries(size_t bytes)
{
	return bytes / 2 + 1;
}

static inline size_t mime_table_bytes(size_t bytes)
{
	return bytes + bytes / 4 * sizeof("; charset=utf-8") + 64;
}

// What is wrong with a line.
enum mime_fault {
	MIME_FINE,
	MIME_NO_TYPE,      // its first word is not type/subtype [RFC 6838 §4.2]
	MIME_TYPE_LONG,    // more than MIME_TYPE_BYTES_MAX
	MIME_NO_EXTENSION, // one of the others begins with a dot, or has a slash or a control byte in it
	MIME_FULL,         // more than the memory holds
};

// Takes one line, without its end. What an earlier line said of an extension is forgotten. Text is said to be UTF-8.
[[nodiscard]] enum mime_fault mime_table_take(struct mime_table *table, struct str line);

// The type for an extension, in either case; empty: the table has none.
struct str mime_table_find(const struct mime_table *table, struct str extension);
