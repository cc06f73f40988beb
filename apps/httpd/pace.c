// apps/httpd/pace.c: what a client has taken, and since when.
#include "apps/httpd/pace.h"

#include <linux/in.h>
#include <linux/tcp.h>

#include "arch/sys.h"

#define ENOUGH ((uint64_t)CONFIG_HTTPD_RATE_MIN * CONFIG_HTTPD_IDLE_MS_MAX / 1000)

// Bytes that the other side has acknowledged since it came. [Linux 4.1, tcpi_bytes_acked] A unix socket tells of none: there, of the
// content of this answer, those that lie in its buffer or beyond, as far as whole sends have told.
static uint64_t taken(const struct connection *connection)
{
	struct tcp_info info = {0};
	uint32_t bytes = sizeof(info);
	int error = sys_getsockopt(connection->socket, IPPROTO_TCP, TCP_INFO, &info, &bytes);
	if (error == 0 && bytes >= offsetof(struct tcp_info, tcpi_bytes_acked) + sizeof(info.tcpi_bytes_acked))
		return info.tcpi_bytes_acked;
	return connection->exchange->content_bytes - connection->exchange->content.len;
}

void pace_begin(struct connection *connection)
{
	if (connection->client.family == AF_UNIX)
		connection->taken = 0;
}

bool pace_is_kept(struct connection *connection)
{
	uint64_t now = taken(connection), before = connection->taken;
	connection->taken = now;
	return now > before && now - before >= ENOUGH;
}
