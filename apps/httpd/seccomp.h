// apps/httpd/seccomp.h: of all system calls only those that are still needed. [seccomp(2)]
#pragma once

// From now on this process makes the calls that seccomp.c lists, and is ended by SIGSYS at any other. `is_emulated`: the ring is
// worked off by this process itself. Cannot be undone. Wants no_new_privs. Zero, or -EINVAL, -ENOSYS: the kernel has no filters.
[[nodiscard]] int seccomp_enter(bool is_emulated);
