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

static void receive(struct server *server, struct exchange *exchange)
{
	exchange->connection->state = CONNECTION_DROPPING;
	// One deadline for the whole body, so that a byte now and then does not hold the connection.
	if (!deadline_is_set(&exchange->connection->deadline))
		deadline_set(&server->deadlines, &exchange->connection->deadline, DEADLINE_BODY, server->now_ns);
	struct span room = exchange->composed;
	uint64_t least = body_least(&exchange->body);
	if (room.len > least)
		room.len = (size_t)least;
	server_push(server, exchange->connection, sqe_recv(exchange->connection->socket, room, 0));
}

// The body does not come to its end: this is the answer, and where the next request begins is not known.
static bool give_up(struct exchange *exchange, enum http_status status)
{
	exchange->request.status = status;
	exchange->request.keep_alive = false;
	return true;
}

// Drops what has come. True: it is over. `used`: how many of the bytes were of the body.
static bool drop(struct exchange *exchange, struct str bytes, size_t *used)
{
	switch (body_read(&exchange->body, bytes, used)) {
	case BODY_MORE:
		return false;
	case BODY_END:
		return true;
	case BODY_TOO_LARGE: // what would be answered to a smaller one is more to the point, if it is an error
		if (exchange->request.status == HTTP_OK)
			return give_up(exchange, HTTP_CONTENT_TOO_LARGE);
		return give_up(exchange, exchange->request.status);
	case BODY_BAD:
	default:
		return give_up(exchange, HTTP_BAD_REQUEST);
	}
}

bool drop_begin(struct server *server, struct exchange *exchange)
{
	const struct request *request = &exchange->request;
	exchange->body = request->is_chunked ? body_chunked(server->body_bytes_max)
					     : body_sized(request->content_length, server->body_bytes_max);

	uint8_t *behind = exchange->received.ptr + request->head_bytes;
	size_t len = exchange->received_len - request->head_bytes, used;
	bool is_over = drop(exchange, (struct str){(const char *)behind, len}, &used);
	memmove(behind, behind + used, len - used);
	exchange->received_len -= used;
	if (is_over)
		return true;
	if (!request->wants_continue || used > 0) { // who sends it already needs no word [RFC 9110 §10.1.1]
		receive(server, exchange);
		return false;
	}
	exchange->connection->state = CONNECTION_INVITING;
	deadline_set(&server->deadlines, &exchange->connection->deadline, DEADLINE_BODY, server->now_ns);
	server_push(server, exchange->connection,
		    sqe_send(exchange->connection->socket, STR(INVITATION), (uint32_t)(MSG_NOSIGNAL | MSG_WAITALL)));
	return false;
}

bool drop_go_on(struct server *server, struct exchange *exchange, int result, bool was_canceled)
{
	bool is_invited = exchange->connection->state == CONNECTION_INVITING;
	if (was_canceled && !is_invited) // its time was over; what came with its end would set another
		return give_up(exchange, HTTP_TIMEOUT);
	if (result <= 0 || (is_invited && result != (int)sizeof(INVITATION) - 1)) { // the client is gone
		server_release(server, exchange->connection);
		return false;
	}
	if (!is_invited) {
		size_t used;
		if (drop(exchange, (struct str){(const char *)exchange->composed.ptr, (size_t)result}, &used))
			return true;
	}
	receive(server, exchange);
	return false;
}
