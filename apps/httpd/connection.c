// apps/httpd/connection.c: a connection, from state to state.
//
//	IDLE --> [IN_LINE -->] [RECEIVING -->] [INVITING -->] [DROPPING]      the head and the body (drop.c) of a request: what is
//	  ^                                                        |        in brackets is passed by what came whole
//	  |                                                        v
//	  |                               [LOOKING -->] [OPENING, one name or several]      but for what is remembered (known.c)
//	  |                                                        |
//	  |                             +--------------------------+
//	  |                             v                          v
//	  |                   READING, of a file -->  SENDING  <-- error, 304, redirect, page, content in memory, head alone
//	  |                             ^                |
//	  |                             +-- STREAMING <--+-- more of the file
//	  |                                              |
//	  +-----------------------------------------------+--> FINISHING --> LINGERING --> free
//
// One operation is in flight in each state but IN_LINE, and its completion moves the connection on. Requests that have arrived behind
// one (pipelining) are answered in order: up to ANSWERS_MAX together, if they are there whole, and their answers, short; the others
// wait in the buffer until those have been sent.
#include "apps/httpd/answer.h"
#include "apps/httpd/drop.h"
#include "apps/httpd/find.h"
#include "apps/httpd/line.h"
#include "apps/httpd/pace.h"
#include "apps/httpd/server.h"
#include "apps/httpd/stream.h"
#include "apps/httpd/tell.h"
#include "crt/mem.h"
#include "crt/str.h"

// Waits for a request. What it will be received in is chosen when it comes.
static void await(struct server *server, struct connection *connection)
{
	if (server->is_ending) {
		server_release(server, connection);
		return;
	}
	connection->state = CONNECTION_IDLE;
	deadline_set(&server->deadlines, &connection->deadline, DEADLINE_IDLE, server->now_ns);
	if (!server->exchanges.is_pooled) {
		server_push(server, connection, sqe_poll(connection->socket, POLLIN));
		return;
	}
	// Polled first, because mostly nothing is there yet; and so, that no exchange is there is known only of those who need one.
	struct io_uring_sqe sqe =
		sqe_recv(connection->socket, (struct span){nullptr, CONFIG_HTTPD_REQUEST_BYTES_MAX}, 0);
	server_push(server, connection, sqe_buffer_group(sqe_poll_first(sqe), EXCHANGES_GROUP));
}

void connection_receive(struct server *server, struct exchange *exchange)
{
	struct connection *connection = exchange->connection;
	connection->state = CONNECTION_RECEIVING;
	// The time for a head runs from its first byte, however the rest trickles in.
	if (!deadline_is_set(&connection->deadline) || connection->deadline.kind != DEADLINE_HEADER)
		deadline_set(&server->deadlines, &connection->deadline, DEADLINE_HEADER, server->now_ns);
	struct span room = {exchange->received.ptr + exchange->received_len,
			    exchange->received.len - exchange->received_len};
	server_push(server, connection, sqe_recv(connection->socket, room, 0));
}

// Whether the client, by its own word, sends nothing behind this request. [RFC 9112 §9.6]
static bool is_last_of_client(const struct exchange *exchange)
{
	const struct request *request = &exchange->request;
	size_t end = exchange->request_at + request->head_bytes;
	return request->is_last && !request->body_follows && exchange->received_len == end;
}

// What is to be sent next: of what was composed, what is left, and of the content, if that lies in memory, some.
static struct io_uring_sqe next_send(struct exchange *exchange)
{
	int socket = exchange->connection->socket;
	struct str composed = {(const char *)exchange->composed.ptr + exchange->sent_len,
			       exchange->composed_len - exchange->sent_len};
	struct str content = str_take(exchange->content, CONTENT_SEND_BYTES_MAX);
	bool is_rest = exchange->file_left == 0 && exchange->parts_left == 0 && exchange->content.len == content.len;
	// The rest of the last answer waits for the end of the connection (`sent`), and goes in one segment with it. Nothing else
	// that is whole waits for what comes: answers to earlier requests go at once.
	bool is_more = is_rest ? is_last_of_client(exchange) : exchange->before_count == 0;
	uint32_t flags = (uint32_t)(MSG_NOSIGNAL | MSG_WAITALL | (is_more ? MSG_MORE : 0));
	if (content.len == 0)
		return sqe_send(socket, composed, flags);
	exchange->pieces[0] = (struct iovec){(void *)(uintptr_t)composed.ptr, composed.len};
	exchange->pieces[1] = (struct iovec){(void *)(uintptr_t)content.ptr, content.len};
	exchange->message = (struct msghdr){.msg_iov = exchange->pieces, .msg_iovlen = 2};
	return sqe_sendmsg(socket, &exchange->message, flags);
}

void connection_await_client(struct server *server, struct connection *connection)
{
	if (deadline_is_set(&connection->deadline) && connection->deadline.kind == DEADLINE_SEND)
		return;
	pace_begin(connection);
	deadline_set(&server->deadlines, &connection->deadline, DEADLINE_SEND, server->now_ns);
}

static void send_rest(struct server *server, struct exchange *exchange)
{
	exchange->connection->state = CONNECTION_SENDING;
	connection_await_client(server, exchange->connection);
	server_push(server, exchange->connection, next_send(exchange));
}

// Whether the answer may wait for the next one: the whole of it is composed, and bytes of a next request are there.
static bool may_wait(const struct server *server, const struct exchange *exchange)
{
	bool is_whole = exchange->file_left == 0 && exchange->content.len == 0 && exchange->parts_left == 0;
	bool has_next = exchange->request.keep_alive && !server->is_ending &&
			exchange->received_len > exchange->request_at + exchange->request.head_bytes;
	return is_whole && has_next && exchange->before_count < ANSWERS_MAX - 1;
}

void exchange_send(struct server *server, struct exchange *exchange, size_t len)
{
	exchange->composed_len = exchange->answer_at + len;
	exchange->sent_len = 0;
	exchange->is_at_hand = may_wait(server, exchange);
	if (exchange->is_at_hand)
		return;
	// What else was answered is not to wait for a disk, nor to be lost if the file cannot be read. And a head in front of what
	// will be streamed goes alone: the socket keeps it for that (MSG_MORE).
	bool is_head_alone = len > 0 && exchange->file_left >= STREAM_BYTES_MIN;
	if (exchange->file_left == 0 || exchange->before_count > 0 || is_head_alone) {
		send_rest(server, exchange);
		return;
	}
	exchange->connection->state = CONNECTION_READING;
	struct span room = {exchange->composed.ptr + exchange->composed_len,
			    exchange->composed.len - exchange->composed_len};
	if (room.len > exchange->file_left)
		room.len = exchange->file_left;
	server_push(server, exchange->connection, sqe_read(exchange->file, room, exchange->file_at));
}

// The request has come, and its body, if there is one; or what has come is enough to refuse it.
static void respond(struct server *server, struct exchange *exchange)
{
	deadline_lift(&exchange->connection->deadline);
	if (exchange->request.status == HTTP_OK)
		find_begin(server, exchange);
	else
		answer_refuse(server, exchange, exchange->request.status);
}

// Answers what has been received, or receives more.
static void answer(struct server *server, struct exchange *exchange)
{
	struct str received = {(const char *)exchange->received.ptr, exchange->received_len};
	enum request_state state = request_parse(&exchange->request, received, exchange->received.len);
	if (state == REQUEST_MORE) {
		connection_receive(server, exchange);
		return;
	}
	deadline_lift(&exchange->connection->deadline);
	if (!exchange->request.body_follows || drop_begin(server, exchange))
		respond(server, exchange);
}

static void finish(struct server *server, struct connection *connection)
{
	connection->state = CONNECTION_FINISHING;
	deadline_set(&server->deadlines, &connection->deadline, DEADLINE_LINGER, server->now_ns);
	server_push(server, connection, sqe_shutdown(connection->socket, SHUT_WR));
}

// The answer is at hand: if the next request is there, whole and without a body, its answer is to go with this one.
static void answer_next(struct server *server, struct exchange *exchange)
{
	exchange->is_at_hand = false;
	struct request request = exchange->request;
	size_t at = exchange->request_at + request.head_bytes;
	struct str received = {(const char *)exchange->received.ptr + at, exchange->received_len - at};
	exchange->request = (struct request){0};
	enum request_state state = request_parse(&exchange->request, received, exchange->received.len - at);
	if (state != REQUEST_OK || exchange->request.body_follows ||
	    !answer_fits(exchange, exchange->request.head_bytes)) {
		exchange->request = request; // once that is sent, the next is parsed from where it then lies
		send_rest(server, exchange);
		return;
	}
	struct told told = {request.line, exchange->status, exchange->content_bytes};
	exchange->before[exchange->before_count++] = (struct answered){told, exchange->composed_len};
	answer_clear(exchange);
	exchange->request_at = at;
	exchange->answer_at = exchange->composed_len;
	respond(server, exchange);
}

// The response has been sent whole.
static void sent(struct server *server, struct exchange *exchange)
{
	tell_sent(server, exchange);
	answer_clear(exchange);
	bool is_last = is_last_of_client(exchange);
	exchange->request.head_bytes += exchange->request_at;
	exchange->request_at = 0;
	struct connection *connection = exchange->connection;
	if (exchange->request.keep_alive && !server->is_ending) {
		size_t used = exchange->request.head_bytes;
		exchange->received_len -= used;
		if (exchange->received_len == 0) {
			exchange_give(&server->exchanges, connection);
			await(server, connection);
			return;
		}
		memmove(exchange->received.ptr, exchange->received.ptr + used, exchange->received_len);
		exchange->request = (struct request){0};
		answer(server, exchange);
		return;
	}
	if (is_last) { // not waited for; but what was sent leaves before anything could reset it
		(void)sys_shutdown(connection->socket, SHUT_WR); // fails where the client is gone
		server_release(server, connection);
		return;
	}
	// To close a socket that still has bytes to read sends a reset, which may overtake the answer on its way. So: say that
	// we are done, and read until the client is too. [RFC 9112 §9.6]
	exchange_give(&server->exchanges, connection);
	finish(server, connection);
}

// The connection broke, or the file did: what was promised cannot be sent, and only closing says so.
static void cut(struct server *server, struct exchange *exchange)
{
	tell_cut(server, exchange);
	server_release(server, exchange->connection);
}

static void linger(struct server *server, struct connection *connection)
{
	connection->state = CONNECTION_LINGERING;
	server_push(server, connection, sqe_recv(connection->socket, SPAN(server->waste), 0));
}

// The client waits for a disk, not the disk for the client: its time begins anew when that has read.
static void renew(struct server *server, struct connection *connection)
{
	if (deadline_is_set(&connection->deadline))
		deadline_set(&server->deadlines, &connection->deadline, DEADLINE_SEND, server->now_ns);
}

static void read_part(struct server *server, struct exchange *exchange, int result)
{
	if (result <= 0) { // an error, or the file was cut short since its size was told
		cut(server, exchange);
		return;
	}
	exchange->file_at += (uint64_t)result;
	exchange->file_left -= (uint64_t)result;
	exchange->composed_len += (size_t)result;
	exchange->content_bytes += (uint64_t)result;
	renew(server, exchange->connection);
	send_rest(server, exchange);
}

// What was composed is on its way.
static void go_on_sending(struct server *server, struct exchange *exchange)
{
	exchange->composed_len = exchange->sent_len = 0;
	tell_before(server, exchange);
	if (exchange->file_left >= STREAM_BYTES_MIN)
		stream_begin(server, exchange);
	else if (exchange->file_left > 0)
		exchange_send(server, exchange, 0);
	else if (exchange->parts_left > 0)
		answer_part(server, exchange);
	else
		sent(server, exchange);
}

static void sent_part(struct server *server, struct exchange *exchange, int result, bool was_canceled)
{
	if (result <= 0) {
		cut(server, exchange);
		return;
	}
	size_t of_composed = exchange->composed_len - exchange->sent_len;
	if (of_composed > (size_t)result)
		of_composed = (size_t)result;
	exchange->sent_len += of_composed;
	exchange->content = str_skip(exchange->content, (size_t)result - of_composed);
	bool is_sent = exchange->sent_len == exchange->composed_len && exchange->content.len == 0;
	bool is_whole = is_sent && exchange->file_left == 0 && exchange->parts_left == 0;
	// Its time was over, though some went out before the cancel came: with the next send it would have that time again.
	if (was_canceled && !is_whole)
		cut(server, exchange);
	else if (is_sent)
		go_on_sending(server, exchange);
	else
		send_rest(server, exchange);
}

// There is room in the socket, or its client or its time is gone.
static void stream(struct server *server, struct exchange *exchange, int result, bool was_canceled)
{
	if (result <= 0 || was_canceled) {
		cut(server, exchange);
		return;
	}
	if (stream_go_on(exchange) == 0)
		exchange_send(server, exchange, 0); // it says what is wrong, if something is
	else
		go_on_sending(server, exchange);
}

// The first bytes of a request, or the end of waiting for them.
static void begun(struct server *server, struct connection *connection, struct io_uring_cqe *done)
{
	int result = done->res;
	bool is_chosen = server->exchanges.is_pooled && exchange_chosen(&server->exchanges, connection, done);
	server->exchanges.ran_out |= result == -ENOBUFS;
	if (result == -ENOBUFS || (result > 0 && !is_chosen))
		line_join(server, connection);
	else if (result > 0)
		answer(server, connection->exchange);
	else // the client is gone, or was idle too long
		server_release(server, connection);
}

static void received(struct server *server, struct exchange *exchange, int result, bool was_canceled)
{
	bool is_begun = exchange->received_len > 0;
	if (was_canceled && is_begun) { // its time was over; what came with its end would set another
		exchange->request.keep_alive = false;
		answer_refuse(server, exchange, HTTP_TIMEOUT);
		return;
	}
	if (result <= 0) { // the client is gone
		server_release(server, exchange->connection);
		return;
	}
	exchange->received_len += (size_t)result;
	answer(server, exchange);
}

void connection_clear(struct connection *connection)
{
	if (connection->exchange != nullptr)
		answer_clear(connection->exchange);
	(void)sys_close(connection->socket); // the descriptor is gone whatever close says
}

void connection_begin(struct server *server, struct connection *connection, int socket)
{
	connection->taken = 0;
	connection->socket = socket;
	await(server, connection);
}

void connection_refuse(struct server *server, struct connection *connection, int socket)
{
	static const struct str words =
		STR("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
	connection->socket = socket;
	// A new socket has room for that. Where it has not, the client is gone.
	(void)sys_sendto(socket, words.ptr, words.len, MSG_DONTWAIT | MSG_NOSIGNAL, nullptr, 0);
	finish(server, connection);
}

static void go_on(struct server *server, struct connection *connection, struct io_uring_cqe *done)
{
	int result = done->res;
	// A cancel concerns the operation that was in flight when it was pushed, or that was pushed just before it. That may have come
	// to a good end first, and then nothing was canceled: what ends is its time all the same.
	bool was_canceled = connection->is_canceled;
	connection->is_canceled = false;
	struct exchange *exchange = connection->exchange;
	switch (connection->state) {
	case CONNECTION_IDLE:
		begun(server, connection, done);
		return;
	case CONNECTION_RECEIVING:
		received(server, exchange, result, was_canceled);
		return;
	case CONNECTION_INVITING:
	case CONNECTION_DROPPING:
		if (drop_go_on(server, exchange, result, was_canceled))
			respond(server, exchange);
		return;
	case CONNECTION_LOOKING:
		if (!find_looked(server, exchange, &result))
			find_opened(server, exchange, result); // as if it had been opened in vain
		return;
	case CONNECTION_OPENING:
		find_opened(server, exchange, server->is_beneath_known ? result : exchange->walked);
		return;
	case CONNECTION_READING:
		read_part(server, exchange, result);
		return;
	case CONNECTION_SENDING:
		sent_part(server, exchange, result, was_canceled);
		return;
	case CONNECTION_STREAMING:
		stream(server, exchange, result, was_canceled);
		return;
	case CONNECTION_FINISHING:
		if (result < 0 || was_canceled) {
			server_release(server, connection);
			return;
		}
		linger(server, connection);
		return;
	case CONNECTION_LINGERING:
		if (result <= 0 || was_canceled) { // a next receive would have no deadline
			server_release(server, connection);
			return;
		}
		linger(server, connection);
		return;
	case CONNECTION_FREE:
	case CONNECTION_IN_LINE:
		return; // nothing of it is in flight
	}
}

void connection_go_on(struct server *server, struct connection *connection, struct io_uring_cqe *done)
{
	go_on(server, connection, done);
	while (connection->exchange != nullptr && connection->exchange->is_at_hand)
		answer_next(server, connection->exchange);
}

void connection_time_out(struct server *server, struct connection *connection)
{
	if (connection->deadline.kind == DEADLINE_SEND && deadline_is_set(&connection->deadline)) {
		if (connection->state == CONNECTION_READING || pace_is_kept(connection)) {
			renew(server, connection);
			return;
		}
	}
	deadline_lift(&connection->deadline);
	connection->is_canceled = true;
	server_cancel(server, connection);
}

void connection_drain(struct server *server, struct connection *connection)
{
	if (connection->exchange != nullptr)
		connection->exchange->request.keep_alive = false;
	if (connection->state == CONNECTION_IDLE)
		connection_time_out(server, connection);
}
