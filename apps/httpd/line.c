// apps/httpd/line.c: who waits for an exchange, and gets one.
#include "apps/httpd/line.h"

void line_join(struct server *server, struct connection *connection)
{
	if (server->line == nullptr && exchange_take(&server->exchanges, connection)) {
		connection_receive(server, connection->exchange);
		return;
	}
	deadline_lift(&connection->deadline);
	connection->state = CONNECTION_IN_LINE;
	connection->next = nullptr;
	*(server->line != nullptr ? &server->line_end->next : &server->line) = connection;
	server->line_end = connection;
}

void line_serve(struct server *server)
{
	struct connection *connection;
	while ((connection = server->line) != nullptr && ring_space(&server->ring) > 0) {
		if (!server->is_ending && !exchange_take(&server->exchanges, connection))
			return;
		server->line = connection->next;
		if (server->is_ending)
			server_release(server, connection);
		else
			connection_receive(server, connection->exchange);
	}
}
