// apps/httpd/learn.h: finds a file once, and remembers all that a request for it can get.
//
//	watch the folders -> open the file, and the compressed ones -> heads and contents -> as before? -> remembered
//
// The watches come first: what changes after that is told, and what changed before is seen. It takes no symbolic step that find.c
// would not take, and knows only files: whatever is missing, refused, or must be waited for is find.c's business. Plain calls
// that have their answer at hand: where the kernel would have to wait for a disk or a network, nothing is remembered.
#pragma once

#include "apps/httpd/server.h"

// The file for this path, newly remembered, or null.
[[nodiscard]] struct file *learn(struct server *server, struct file_key key);

// Whether an open file is as it was. One plain call, which waits for nothing.
[[nodiscard]] bool learn_is_same(int file, const struct stamp *stamp);
