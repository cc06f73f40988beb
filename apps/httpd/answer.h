// apps/httpd/answer.h: what a request is sent, once it is known which file or folder it gets (find.h).
//
// It composes the head and hands over to exchange_send (server.h), which sends. It knows nothing of sockets, nor of what has
// been received beside the request itself. Each function below pushes one entry, where it does not say otherwise.
#pragma once

#include "apps/httpd/server.h"
#include "apps/httpd/target.h"

// Where the path lies that is being looked for. Pushes nothing.
struct span answer_path(const struct exchange *exchange);

// Whether the head of one more answer fits behind what was composed, whatever it is, to a request of so many bytes.
bool answer_fits(const struct exchange *exchange, size_t request_bytes);

// The file in exchange->file, as facts, type, cache and the others of `exchange` say; or, by the request's conditions and ranges,
// a part of it, or only that the client's copy is good.
void answer_file(struct server *server, struct exchange *exchange);

// Goes on where exchange->parts_left says that an answer of several parts is not at its end.
void answer_part(struct server *server, struct exchange *exchange);

// The folder in exchange->file, as a page.
void answer_folder(struct server *server, struct exchange *exchange, const struct target *target);

// That the folder which was asked for has a slash at its end.
void answer_redirect(struct server *server, struct exchange *exchange, const struct target *target);

// The methods that there are, for any target that could be one, or for the server itself. [RFC 9110 §9.3.7]
void answer_methods(struct server *server, struct exchange *exchange);

// An error: with the page of the root that is called as the status, or one of this server's.
void answer_refuse(struct server *server, struct exchange *exchange, enum http_status status);

// The same because of an error of opening or reading; and which status that is, which pushes nothing.
void answer_refuse_error(struct server *server, struct exchange *exchange, int error);
enum http_status answer_status_of(int error);

// The error exchange->status, with the page in exchange->file, of exchange->type; or, if `page` is null, this server's own.
void answer_error(struct server *server, struct exchange *exchange, const struct statx *page);

// Closes the file, and all that the answer had, sent or not. They push nothing.
void answer_close_file(struct exchange *exchange);
void answer_clear(struct exchange *exchange);
