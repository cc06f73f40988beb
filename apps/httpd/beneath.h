// apps/httpd/beneath.h: no way out of the folder.
//
// A path from a client is opened so that whatever it says, and whatever symbolic links lie on its way, nothing outside the
// served folder is reached. Linux 5.6 does that itself (openat2 with RESOLVE_BENEATH), links within the folder included.
// Where that call is missing or forbidden, the path is walked a name at a time and no link is followed at all.
#pragma once

#include <linux/openat2.h>

// How a file is opened: to read, without waiting for the other end of a FIFO and without becoming the owner of a terminal.
#define BENEATH_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

// The rules for openat2: beneath the folder, and not through /proc's magic links. Absolute links and ".." that would leave
// the folder fail with -EXDEV. [openat2(2)]
extern const struct open_how beneath_rules;

// Whether the kernel holds the rules: asked once, at the start.
[[nodiscard]] bool beneath_is_known(int root);

// The walk, for when it does not. `path`: NUL-ended, relative, without dot segments, as target_decode makes it. Returns a
// descriptor or -errno; -ELOOP where a link is on the way.
[[nodiscard]] int beneath_walk(int root, const char *path);
