// apps/httpd/log.h: one line of the access log, in the Common Log Format.
//
//	192.0.2.7 - - [10/Oct/2000:13:55:36 +0000] "GET /a HTTP/1.1" 200 2326
//
// Client, two fields for names that this server does not ask for, time, request line, status, bytes of content.
#pragma once

#include <stdint.h>

#include "apps/httpd/status.h"
#include "arch/span.h"
#include "crt/out.h"

// What a line shows of the client and of the request line; an ellipsis stands for the rest.
constexpr size_t LOG_CLIENT_BYTES_MAX = 48;
constexpr size_t LOG_REQUEST_BYTES_MAX = 900;

// Room for any line: each byte shown may become \xHH; the rest is the time, 28 bytes, a status of 3, a count of at most
// 20, and punctuation.
constexpr size_t LOG_LINE_BYTES_MAX = 4 * (LOG_CLIENT_BYTES_MAX + LOG_REQUEST_BYTES_MAX) + 2 * 3 + 28 + 3 + 20 + 16;

// Several processes write lines into one pipe. What has so many bytes at most is never cut into by another. [pipe(7), PIPE_BUF]
constexpr size_t LOG_WRITE_BYTES_MAX = 4096;
static_assert(LOG_LINE_BYTES_MAX <= LOG_WRITE_BYTES_MAX);

struct log_entry {
	struct str client;  // the address, in text
	int64_t seconds;    // when, since 1970
	struct str request; // the request line as it came; empty if none came
	enum http_status status;
	uint64_t bytes; // of content sent, without the head
};

// Writes the line and its line feed. Client and request are escaped, so that they cannot end their field or the line.
void log_write(struct out *out, const struct log_entry *entry);
