// apps/httpd/line.h: connections that wait for an exchange.
//
//	server->line -> first -> second -> ... -> last <- server->line_end      through connection->next
//
// Who has come first is served first. That the server is busy is not the client's fault: no time of its runs meanwhile.
#pragma once

#include "apps/httpd/server.h"

// A request comes, and the kernel has chosen nothing to receive it in: it has no pool, or none was left. Receives it in an exchange that
// is free, if nobody waits; else the connection stands in line.
void line_join(struct server *server, struct connection *connection);

// Gives those in line the exchanges that are free; one entry each. When the server ends they get none.
void line_serve(struct server *server);
