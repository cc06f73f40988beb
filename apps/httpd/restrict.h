// apps/httpd/restrict.h: of all that a ring can do only what is used. [io_uring_register(2), IORING_REGISTER_RESTRICTIONS]
#pragma once

#include "ring/ring.h"

// Restricts a ring that is still disabled to the operations of restrict.c, and to no call of io_uring_register(2). Others end with
// -EACCES. Cannot be undone. Zero or -errno; the ring stays disabled.
[[nodiscard]] int restrict_ring(struct io_uring *ring);
