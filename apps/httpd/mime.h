// apps/httpd/mime.h: the Content-Type of a file, told by its name alone.
//
// Nothing is read from the file: what a file contains is its author's business, and guessing has led browsers to run
// pictures as pages. A name that says nothing gets application/octet-stream, which a browser saves.
#pragma once

#include "apps/httpd/mime_table.h"
#include "arch/span.h"

// The media type for a file's name or path, by the letters after the last dot of the last segment, in either case. Text is
// said to be UTF-8. `table` goes first, and may know
// extensions with dots in them; it may be null. The result is the table's, or a constant.
struct str mime_type(const struct mime_table *table, struct str name);

// Whether the name has an extension that one of the two tables has.
bool mime_is_known(const struct mime_table *table, struct str name);
