// apps/httpd/mime_read.h: the file of --mime-types, read into a table at the start.
#pragma once

#include "apps/httpd/mime_table.h"

constexpr size_t MIME_FILE_BYTES_MAX = 1 << 18; // Debian's /etc/mime.types has a quarter of that

// Reads the file and takes memory for what it says. False, after a sentence on standard error: for a file that cannot be read, or one
// for each line that is not understood.
[[nodiscard]] bool mime_read(const char *path, struct mime_table *table);
