// apps/httpd/stream.c: stream_begin and stream_go_on.
#include "apps/httpd/stream.h"

// Bytes at a time, so that one client with a fast line does not keep the others waiting. Mostly the socket takes less.
#define STREAM_BYTES_MAX (UINT64_C(1) << 22)

void stream_begin(struct server *server, struct exchange *exchange)
{
	exchange->connection->state = CONNECTION_STREAMING;
	connection_await_client(server, exchange->connection);
	server_push(server, exchange->connection, sqe_poll(exchange->connection->socket, POLLOUT));
}

// Whether a byte of a file can be had without waiting for a disk. The kernel reads ahead in order, so where the last byte of a part
// is, the others are. [preadv2(2), RWF_NOWAIT]
static bool is_cached(int file, uint64_t at)
{
	uint8_t byte;
	struct iovec into = {&byte, 1};
	return sys_preadv2(file, &into, 1, (int64_t)at, RWF_NOWAIT) == 1;
}

size_t stream_go_on(struct exchange *exchange)
{
	uint64_t most = exchange->file_left < STREAM_BYTES_MAX ? exchange->file_left : STREAM_BYTES_MAX;
	if (!is_cached(exchange->file, exchange->file_at + most - 1))
		return 0;
	uint64_t at = exchange->file_at;
	long sent = sys_sendfile(exchange->connection->socket, exchange->file, &at, most);
	if (sent <= 0)
		return 0;
	exchange->file_at += (uint64_t)sent;
	exchange->file_left -= (uint64_t)sent;
	exchange->content_bytes += (uint64_t)sent;
	return (size_t)sent;
}
