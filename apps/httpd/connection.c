// apps/httpd/connection.c: a connection, from state to state.
//
//	RECEIVING -> [INVITING ->] DROPPING -+      (a body, drop.c)
//	    |                                v
//	RECEIVING -> OPENING, one name or several -> READING -> SENDING -> READING or STREAMING -> ... -> RECEIVING
//	                       |                                ^  |
//	                       +-- error, 304, redirect, page --+  +--> FINISHING -> LINGERING -> free
//
// One operation is in flight in each state, and its completion moves the connection on. What has arrived behind a request
// (pipelining) waits in the buffer until the answer before it has been sent, so answers go out in order.
#include "apps/httpd/answer.h"
#include "apps/httpd/drop.h"
#include "apps/httpd/find.h"
#include "apps/httpd/log.h"
#include "apps/httpd/server.h"
#include "apps/httpd/stream.h"
#include "crt/mem.h"

static void receive(struct server *server, struct connection *connection)
{
	bool is_begun = connection->received_len > 0;
	if (server->is_ending && !is_begun) {
		server_release(server, connection);
		return;
	}
	connection->state = CONNECTION_RECEIVING;
	// The time for a head runs from its first byte, however the rest trickles in.
	enum deadline_kind kind = is_begun ? DEADLINE_HEADER : DEADLINE_IDLE;
	if (!deadline_is_set(&connection->deadline) || connection->deadline.kind != kind)
		deadline_set(&server->deadlines, &connection->deadline, kind, server->now_ns);
	struct span room = {connection->received.ptr + connection->received_len,
			    connection->received.len - connection->received_len};
	server_push(server, connection, sqe_recv(connection->socket, room, 0));
}

static void send_rest(struct server *server, struct connection *connection)
{
	connection->state = CONNECTION_SENDING;
	deadline_set(&server->deadlines, &connection->deadline, DEADLINE_SEND, server->now_ns);
	struct str rest = {(const char *)connection->composed.ptr + connection->sent_len,
			   connection->composed_len - connection->sent_len};
	bool is_more = connection->file_left > 0 || connection->page.len > 0 || connection->parts_left > 0;
	server_push(
		server, connection,
		sqe_send(connection->socket, rest, (uint32_t)(MSG_NOSIGNAL | MSG_WAITALL | (is_more ? MSG_MORE : 0))));
}

void connection_send(struct server *server, struct connection *connection, size_t composed_len)
{
	connection->composed_len = composed_len;
	connection->sent_len = 0;
	if (connection->file_left == 0) {
		send_rest(server, connection);
		return;
	}
	connection->state = CONNECTION_READING;
	struct span room = {connection->composed.ptr + composed_len, connection->composed.len - composed_len};
	if (room.len > connection->file_left)
		room.len = connection->file_left;
	server_push(server, connection, sqe_read(connection->file, room, connection->file_at));
}

// The request has come, and its body, if there is one; or what has come is enough to refuse it.
static void respond(struct server *server, struct connection *connection)
{
	deadline_lift(&connection->deadline);
	if (connection->request.status == HTTP_OK)
		find_begin(server, connection);
	else
		answer_refuse(server, connection, connection->request.status);
}

// Answers what has been received, or receives more.
static void answer(struct server *server, struct connection *connection)
{
	struct str received = {(const char *)connection->received.ptr, connection->received_len};
	enum request_state state = request_parse(&connection->request, received, connection->received.len);
	if (state == REQUEST_MORE) {
		receive(server, connection);
		return;
	}
	deadline_lift(&connection->deadline);
	if (!connection->request.body_follows || drop_begin(server, connection))
		respond(server, connection);
}

static void log_response(struct server *server, const struct connection *connection)
{
	struct out *line = server->is_quiet ? nullptr : spool_line(&server->log, LOG_LINE_BYTES_MAX);
	if (line == nullptr)
		return;
	char client[LOG_CLIENT_BYTES_MAX];
	struct out text = out_to_memory(SPAN(client));
	address_write(&text, &connection->client);
	struct log_entry entry = {
		.client = out_written(&text),
		.seconds = server->now_s,
		.request = connection->request.line,
		.status = connection->status,
		.bytes = connection->content_bytes,
	};
	log_write(line, &entry);
}

// The response has been sent whole.
static void sent(struct server *server, struct connection *connection)
{
	log_response(server, connection);
	answer_clear(connection);
	if (connection->request.keep_alive && !server->is_ending) {
		size_t used = connection->request.head_bytes;
		connection->received_len -= used;
		memmove(connection->received.ptr, connection->received.ptr + used, connection->received_len);
		connection->request = (struct request){0};
		answer(server, connection);
		return;
	}
	// A client whose last request it was, by its own word, sends nothing more. [RFC 9112 §9.6]
	bool is_all_received = connection->received_len == connection->request.head_bytes;
	if (connection->request.is_last && !connection->request.body_follows && is_all_received) {
		server_release(server, connection);
		return;
	}
	// To close a socket that still has bytes to read sends a reset, which may overtake the answer on its way. So: say that
	// we are done, and read until the client is too. [RFC 9112 §9.6]
	connection->state = CONNECTION_FINISHING;
	deadline_set(&server->deadlines, &connection->deadline, DEADLINE_LINGER, server->now_ns);
	server_push(server, connection, sqe_shutdown(connection->socket, SHUT_WR));
}

// The connection broke, or the file did: what was promised cannot be sent, and only closing says so.
static void cut(struct server *server, struct connection *connection)
{
	// What was read and not sent does not count. Content comes last, so what is left is content first of all.
	uint64_t unsent = connection->composed_len - connection->sent_len;
	connection->content_bytes -= unsent < connection->content_bytes ? unsent : connection->content_bytes;
	log_response(server, connection);
	server_release(server, connection);
}

static void linger(struct server *server, struct connection *connection)
{
	connection->state = CONNECTION_LINGERING;
	server_push(server, connection, sqe_recv(connection->socket, connection->received, 0));
}

static void read_part(struct server *server, struct connection *connection, int result)
{
	if (result <= 0) { // an error, or the file was cut short since its size was told
		cut(server, connection);
		return;
	}
	connection->file_at += (uint64_t)result;
	connection->file_left -= (uint64_t)result;
	connection->composed_len += (size_t)result;
	connection->content_bytes += (uint64_t)result;
	send_rest(server, connection);
}

// What was composed is on its way.
static void go_on_sending(struct server *server, struct connection *connection)
{
	connection->composed_len = connection->sent_len = 0;
	if (connection->file_left >= STREAM_BYTES_MIN)
		stream_begin(server, connection);
	else if (connection->file_left > 0)
		connection_send(server, connection, 0);
	else if (connection->parts_left > 0)
		answer_part(server, connection);
	else
		sent(server, connection);
}

static void sent_part(struct server *server, struct connection *connection, int result)
{
	if (result <= 0) {
		cut(server, connection);
		return;
	}
	connection->sent_len += (size_t)result;
	if (connection->sent_len < connection->composed_len) {
		send_rest(server, connection);
		return;
	}
	if (connection->page.len > 0) {
		size_t len = connection->page.len < connection->composed.len ? connection->page.len
									     : connection->composed.len;
		memcpy(connection->composed.ptr, connection->page.ptr, len);
		connection->page = (struct str){connection->page.ptr + len, connection->page.len - len};
		connection->content_bytes += len;
		connection_send(server, connection, len);
		return;
	}
	go_on_sending(server, connection);
}

// There is room in the socket, or its client or its time is gone.
static void stream(struct server *server, struct connection *connection, int result)
{
	if (result <= 0) {
		cut(server, connection);
		return;
	}
	if (stream_go_on(connection) == 0)
		connection_send(server, connection, 0); // it says what is wrong, if something is
	else
		go_on_sending(server, connection);
}

static void received(struct server *server, struct connection *connection, int result, bool was_canceled)
{
	bool is_begun = connection->received_len > 0;
	if (was_canceled && result <= 0 && is_begun) { // its time was over
		connection->request.keep_alive = false;
		answer_refuse(server, connection, HTTP_TIMEOUT);
		return;
	}
	if (result <= 0) { // the client is gone, or was idle too long
		server_release(server, connection);
		return;
	}
	connection->received_len += (size_t)result;
	answer(server, connection);
}

void connection_clear(struct connection *connection)
{
	answer_clear(connection);
	(void)sys_close(connection->socket); // the descriptor is gone whatever close says
}

void connection_begin(struct server *server, struct connection *connection, int socket)
{
	connection->socket = socket;
	connection->file = -1;
	connection->received_len = 0;
	connection->request = (struct request){0};
	receive(server, connection);
}

void connection_go_on(struct server *server, struct connection *connection, int result)
{
	// A cancel concerns the operation that was in flight when it was pushed, even if that came to a good end before it.
	bool was_canceled = connection->is_canceled;
	connection->is_canceled = false;
	switch (connection->state) {
	case CONNECTION_RECEIVING:
		received(server, connection, result, was_canceled);
		return;
	case CONNECTION_INVITING:
	case CONNECTION_DROPPING:
		if (drop_go_on(server, connection, result, was_canceled))
			respond(server, connection);
		return;
	case CONNECTION_LOOKING:
		if (!find_looked(server, connection, &result))
			connection_go_on(server, connection, result); // as if it had been opened in vain
		return;
	case CONNECTION_OPENING:
		find_opened(server, connection, server->is_beneath_known ? result : connection->walked);
		return;
	case CONNECTION_READING:
		read_part(server, connection, result);
		return;
	case CONNECTION_SENDING:
		sent_part(server, connection, result);
		return;
	case CONNECTION_STREAMING:
		stream(server, connection, result);
		return;
	case CONNECTION_FINISHING:
		if (result < 0) {
			server_release(server, connection);
			return;
		}
		linger(server, connection);
		return;
	case CONNECTION_LINGERING:
		if (result <= 0) {
			server_release(server, connection);
			return;
		}
		linger(server, connection);
		return;
	case CONNECTION_FREE:
		return; // nothing of it is in flight
	}
}

void connection_time_out(struct server *server, struct connection *connection)
{
	deadline_lift(&connection->deadline);
	connection->is_canceled = true;
	server_cancel(server, connection);
}

void connection_drain(struct server *server, struct connection *connection)
{
	connection->request.keep_alive = false;
	if (connection->state == CONNECTION_RECEIVING && connection->received_len == 0)
		connection_time_out(server, connection);
}
