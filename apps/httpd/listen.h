// apps/httpd/listen.h: the door: a socket that listens.
#pragma once

#include "apps/httpd/address.h"

// Makes a listening TCP socket at `address` and writes back where it really listens (port 0 asks the kernel for a free
// one). An IPv6 address that means any ("::") serves IPv4 clients too. Answers leave at once (TCP_NODELAY, which accepted
// sockets inherit). A descriptor, or -errno of bind(2) and its kin.
[[nodiscard]] int listen_at(union address *address, int backlog);
