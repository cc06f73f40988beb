// apps/httpd/pace.h: whether a client takes what it is sent fast enough.
//
//	 answer begins      the time of DEADLINE_SEND is over
//	 |                  |                  |
//	 +------------------+------------------+---- ...
//	   enough was taken?   enough since?
//
// A client that takes a byte now and then holds a connection, an exchange and a file; one at the end of a slow line does no wrong. So at
// the end of each period it is asked how much the client's side has acknowledged: nothing is measured, and no call is made, where an
// answer takes less than a period. How often there is room in the socket says less: the kernel's buffer may hold some megabytes, and
// has room again when a third of them is gone.
#pragma once

#include "apps/httpd/server.h"

// At the beginning of an answer's first period: what is counted anew with each answer is. (An address of TCP has one count for all.)
void pace_begin(struct connection *connection);

// At the end of a period of DEADLINE_SEND: whether the client has taken CONFIG_HTTPD_RATE_MIN bytes a second or more since the period
// before (since it came, at the first).
[[nodiscard]] bool pace_is_kept(struct connection *connection);
