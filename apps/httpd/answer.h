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

// Goes on when an open has ended with `result`, in the states CONNECTION_OPENING and CONNECTION_INDEXING. Pushes one entry.
void answer_opened(struct server *server, struct connection *connection, int result);
void answer_indexed(struct server *server, struct connection *connection, int result);

// Answers with an error. Pushes one entry.
void answer_refuse(struct server *server, struct connection *connection, enum http_status status);

// Closes and gives back what the answer had, sent or not.
void answer_clear(struct connection *connection);
