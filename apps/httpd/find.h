// apps/httpd/find.h: which file or folder a request gets.
//
// It opens one name after another, each looked at before it is opened to be read, and hands over to answer.h. It composes nothing.
#pragma once

#include "apps/httpd/server.h"

// Looks for what exchange->request names, which was parsed and is OK. Pushes one entry.
void find_begin(struct server *server, struct exchange *exchange);

// Goes on when a look has ended with `result`, in the state CONNECTION_LOOKING, in the state that looked. True: it is opened: an
// entry was pushed. False: it is not: `result` says why.
[[nodiscard]] bool find_looked(struct server *server, struct exchange *exchange, int *result);

// Goes on when an open has ended with `result`, in the state CONNECTION_OPENING. Pushes one entry.
void find_opened(struct server *server, struct exchange *exchange, int result);

// Looks for the page that the root has for the error exchange->status; answer_error is next. True: an entry was pushed.
[[nodiscard]] bool find_error_page(struct server *server, struct exchange *exchange);
