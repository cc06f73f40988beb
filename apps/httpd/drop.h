// apps/httpd/drop.h: receives the body of a request and drops it, to where the next request begins.
//
// A body is dropped before the request is answered: so answers keep their order, the connection can go on, and a body
// that cannot be read is refused as a part of its request. What is expected of a server before the body comes is said here, too
// [RFC 9110 §10.1.1]. It knows the framing from request.h and the end from body.h, and answers nothing.
#pragma once

#include "apps/httpd/server.h"

// Begins with the body of exchange->request, of which some may lie behind the head. True: there is nothing to wait for, and
// exchange->request.status says what to answer. False: an entry was pushed, and drop_go_on is next.
[[nodiscard]] bool drop_begin(struct server *server, struct exchange *exchange);

// Goes on when that has ended with `result`, in the states CONNECTION_INVITING and CONNECTION_DROPPING. True and false as above;
// false, too, where the client is gone and the connection was given back.
[[nodiscard]] bool drop_go_on(struct server *server, struct exchange *exchange, int result, bool was_canceled);
