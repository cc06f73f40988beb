// apps/httpd/landlock.h: of all files only those of the served folder, to read. [landlock(7)]
#pragma once

// From now on this process may open files and list folders below `root`, a descriptor, and nothing else; where the kernel can,
// bind and connect no TCP socket (6.7), and reach no process and no abstract socket outside (6.12). What is open stays open. It
// cannot be undone. Wants no_new_privs. Zero, or -ENOSYS: no such kernel (5.13); -EOPNOTSUPP: not chosen when it was started.
[[nodiscard]] int landlock_enter(int root);
