// apps/httpd/tell.h: what the log tells of answers, when it is known what became of them.
//
//	composed   | before[0] | before[1] | this answer | content ...
//	           |------- sent_len ------->|             of before[0] all, of before[1] a part, of the others nothing
#pragma once

#include "apps/httpd/server.h"

// All that was composed has been sent: tells of the answers before this one, which are forgotten.
void tell_before(struct server *server, struct exchange *exchange);

// This answer has been sent whole.
void tell_sent(struct server *server, const struct exchange *exchange);

// No more is sent: tells of the answers before that were, and of the one that was cut off, with the bytes that were sent of it.
void tell_cut(struct server *server, const struct exchange *exchange);
