// apps/httpd/listen.h: the door: sockets that listen at an address.
#pragma once

#include "apps/httpd/address.h"

// Makes `count` listening TCP sockets at `address`, among which the kernel shares out those who come, by where they come from; and
// writes back where they really listen (port 0 asks the kernel for a free one). An IPv6 address that means any ("::") serves IPv4
// clients too. Answers leave at once (TCP_NODELAY, which accepted sockets inherit). Zero, or -errno of bind(2) and its kin: then the
// process is about to end, and those that were made end with it.
[[nodiscard]] int listen_at(union address *address, int backlog, int *listeners, unsigned count);
