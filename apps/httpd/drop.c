// apps/httpd/drop.c: from the head of a request to the end of its body.
//
//	received   | head | body ...                 what came with the head; the next request takes its place
//	composed   | body ... |                      the rest, to where the answer will be: there is none yet
//
// Of the rest no more is received than is certain to be of this body (body_least). So the next request stays in the socket.
#include "apps/httpd/drop.h"

#include "crt/mem.h"
#include "crt/str.h"

#define INVITATION "HTTP/1.1 100 Continue\r\n\r\n" // [RFC 9110 §15.2.1]

static void receive(struct server *server, struct connection *connection)
{
	connection->state = CONNECTION_DROPPING;
	// One deadline for the whole body, so that a byte now and then does not hold the connection.
	if (!deadline_is_set(&connection->deadline))
		deadline_set(&server->deadlines, &connection->deadline, DEADLINE_BODY, server->now_ns);
	struct span room = connection->composed;
	uint64_t least = body_least(&connection->body);
	if (room.len > least)
		room.len = (size_t)least;
	server_push(server, connection, sqe_recv(connection->socket, room, 0));
}

// The body does not come to its end: this is the answer, and where the next request begins is not known.
static bool give_up(struct connection *connection, enum http_status status)
{
	connection->request.status = status;
	connection->request.keep_alive = false;
	return true;
}

// Drops what has come. True: it is over. `used`: how many of the bytes were of the body.
static bool drop(struct connection *connection, struct str bytes, size_t *used)
{
	switch (body_read(&connection->body, bytes, used)) {
	case BODY_MORE:
		return false;
	case BODY_END:
		return true;
	case BODY_TOO_LARGE: // what would be answered to a smaller one is more to the point, if it is an error
		if (connection->request.status == HTTP_OK)
			return give_up(connection, HTTP_CONTENT_TOO_LARGE);
		return give_up(connection, connection->request.status);
	case BODY_BAD:
	default:
		return give_up(connection, HTTP_BAD_REQUEST);
	}
}

bool drop_begin(struct server *server, struct connection *connection)
{
	const struct request *request = &connection->request;
	connection->body = request->is_chunked ? body_chunked(server->body_bytes_max)
					       : body_sized(request->content_length, server->body_bytes_max);

	uint8_t *behind = connection->received.ptr + request->head_bytes;
	size_t len = connection->received_len - request->head_bytes, used;
	bool is_over = drop(connection, (struct str){(const char *)behind, len}, &used);
	memmove(behind, behind + used, len - used);
	connection->received_len -= used;
	if (is_over)
		return true;
	if (!request->wants_continue || used > 0) { // who sends it already needs no word [RFC 9110 §10.1.1]
		receive(server, connection);
		return false;
	}
	connection->state = CONNECTION_INVITING;
	deadline_set(&server->deadlines, &connection->deadline, DEADLINE_BODY, server->now_ns);
	server_push(server, connection,
		    sqe_send(connection->socket, STR(INVITATION), (uint32_t)(MSG_NOSIGNAL | MSG_WAITALL)));
	return false;
}

bool drop_go_on(struct server *server, struct connection *connection, int result, bool was_canceled)
{
	bool is_invited = connection->state == CONNECTION_INVITING;
	if (result <= 0 && was_canceled && !is_invited) // its time was over
		return give_up(connection, HTTP_TIMEOUT);
	if (result <= 0 || (is_invited && result != (int)sizeof(INVITATION) - 1)) { // the client is gone
		server_release(server, connection);
		return false;
	}
	if (!is_invited) {
		size_t used;
		if (drop(connection, (struct str){(const char *)connection->composed.ptr, (size_t)result}, &used))
			return true;
	}
	receive(server, connection);
	return false;
}
