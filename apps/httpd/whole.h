// apps/httpd/whole.h: a small file, read whole at the start.
#pragma once

#include "arch/span.h"

// Reads a whole file into `into`. Its bytes, or -errno; -EFBIG: it has as many as fit, or more.
[[nodiscard]] long whole_read(const char *path, struct span into);
