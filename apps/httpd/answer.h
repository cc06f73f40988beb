// apps/httpd/answer.h: what a request gets: which file or page, with which head.
//
// Finds it, composes the head, and hands over to connection_send (server.h), which sends. It knows nothing of sockets,
// nor of what has been received beside the request itself.
#pragma once

#include "apps/httpd/server.h"

// Answers connection->request, which was parsed and is OK. Pushes one entry.
void answer_request(struct server *server, struct connection *connection);

// Goes on when a look has ended with `result`, in the state CONNECTION_LOOKING, in the state that looked. True: it is opened: an
// entry was pushed. False: it is not: `result` says why.
[[nodiscard]] bool answer_looked(struct server *server, struct connection *connection, int *result);

// Goes on when an open has ended with `result`, in the state CONNECTION_OPENING. Pushes one entry.
void answer_opened(struct server *server, struct connection *connection, int result);

// Goes on where connection->parts_left says that an answer of several parts is not at its end. Pushes one entry.
void answer_part(struct server *server, struct connection *connection);

// Answers with an error: with the page of the root that is called as the status, or one of this server's. Pushes one entry.
void answer_refuse(struct server *server, struct connection *connection, enum http_status status);

// Closes and gives back what the answer had, sent or not.
void answer_clear(struct connection *connection);
