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

// The same, only to look at what is there (O_PATH): nothing happens to it.
//
// Some things do when they are opened to read: a watchdog begins to count, a tape rewinds at the close, the writer of a FIFO
// goes on and is told that its reader has left. So what a client names is looked at first, and opened if it is a file or a
// folder. (Who may put devices into the folder could still change one for the other between the two.)
extern const struct open_how beneath_look_rules;

// Whether the kernel holds the rules: asked once, at the start.
[[nodiscard]] bool beneath_is_known(int root);

// The walk, for when it does not. `path`: NUL-ended, relative, without dot segments, as target_decode makes it. Returns a
// descriptor or -errno; -ELOOP where a link is on the way, -ENXIO for what is neither file nor folder, and then it was not
// opened.
[[nodiscard]] int beneath_walk(int root, const char *path);

// Opens a path by a plain call, by whichever of the two ways there is.
[[nodiscard]] int beneath_open(int root, const char *path);
