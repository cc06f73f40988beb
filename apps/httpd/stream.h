// apps/httpd/stream.h: sends a large part of a file out of the page cache, without a copy to us and back. [sendfile(2)]
//
//	read and send    page cache -> exchange->composed -> socket
//	stream           page cache ------------------------> socket
//
// io_uring has no sendfile; its splice would hand every part to a worker thread [Linux io_uring/splice.c, io_splice_prep:
// REQ_F_FORCE_ASYNC]. So the ring waits until the socket has room, and then this calls sendfile(2), which must not wait for
// anything: sockets have O_NONBLOCK from the start, which receives and sends through the ring do not heed
// [Linux io_uring/net.c, io_recv: MSG_DONTWAIT alone], and what is not in the page cache is left to a read through the ring.
#pragma once

#include "apps/httpd/server.h"

// How much of a file makes it worth while: a poll and two calls, instead of a read and a send. Then the head is sent alone, and where
// all goes well nothing else is copied.
constexpr uint64_t STREAM_BYTES_MIN = 65536;

// Waits for room in the socket, in the state CONNECTION_STREAMING. Pushes one entry.
void stream_begin(struct server *server, struct exchange *exchange);

// Sends what there is room for, now that there is some. Bytes, which were taken from exchange->file_left and counted; 0: nothing,
// because a part is not in the page cache, or the file or the socket does not take part in this: read and send instead.
size_t stream_go_on(struct exchange *exchange);
