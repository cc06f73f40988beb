// apps/httpd/given.h: listening sockets that whoever started us has opened. [sd_listen_fds(3)]
//
//	LISTEN_PID=1234   for whom they are: variables are inherited by children that they are not meant for
//	LISTEN_FDS=2      how many: descriptors 3 and 4
//
// So a supervisor can hold the door while the server is started again, and open ports that the server may not.
#pragma once

enum { GIVEN_FIRST = 3 };

// How many there are, 0 if none is for this process; -EINVAL: LISTEN_FDS is no number from 0 to `count_max`.
[[nodiscard]] int given_count(unsigned count_max);

// Whether the descriptor is what it is said to be, and makes it ours: not inherited further, and waited for. Zero, or -errno: -EBADF,
// -ENOTSOCK, -EINVAL (it does not listen), -EPROTOTYPE (it is no stream), -EAFNOSUPPORT (neither internet nor unix).
[[nodiscard]] int given_take(int fd);
