// apps/httpd/known.h: answers from what is remembered (files.h), without asking the file system.
#pragma once

#include "apps/httpd/server.h"
#include "apps/httpd/target.h"

// Answers exchange->request, a GET or HEAD, and pushes one entry. False: nothing that would answer it is remembered; find it.
[[nodiscard]] bool known_answer(struct server *server, struct exchange *exchange, const struct target *target);
