// apps/httpd/mime_read.h: the file of --mime-types, read into a table at the start.
#pragma once

#include "apps/httpd/mime_table.h"
#include "crt/arena.h"

constexpr size_t MIME_FILE_BYTES_MAX = 1 << 18; // Debian's /etc/mime.types has a quarter of that

// Reads the file; what it says lies in `memory`, which is opened if it is all zeros, else used again. False, after a sentence on
// standard error for a file that cannot be read, or one for each line that is not understood.
[[nodiscard]] bool mime_read(const char *path, struct arena *memory, struct mime_table *table);
