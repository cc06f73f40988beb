// apps/httpd/mime.h: the Content-Type of a file, told by its name alone.
//
// Nothing is read from the file: what a file contains is its author's business, and guessing has led browsers to run
// pictures as pages. A name that says nothing gets application/octet-stream, which a browser saves.
#pragma once

#include "arch/span.h"

// The media type for a file's name or path, by the letters after the last dot of the last segment, in either case. Text is
// said to be UTF-8. The result is a constant.
struct str mime_type(struct str name);
