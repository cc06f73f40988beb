// apps/cat/ahead.h: one read that runs while the program does something else.
//
// It is offered, not promised: where there is no io_uring (-ENOSYS under qemu-user, -EPERM where it is forbidden, no memory,
// no descriptor left) nothing is read ahead, and whoever wanted the bytes reads them himself. No message is due:
// nobody notices but by the clock.
#pragma once

#include "arch/span.h"

// Begins to read from where `input` stands. `input` must stay open, its position alone, and the memory lent, until
// ahead_take. At most one read is under way.
void ahead_start(int input, struct span into);

// Waits for the read that was begun. Its result: bytes read, 0 at the end, or -errno, which may be the ring's and not the
// file's; the position moved only by the bytes read. -EAGAIN: no read was begun.
[[nodiscard]] long ahead_take(void);
