// apps/httpd/pace.c: pace_is_kept.
#include "apps/httpd/pace.h"

#include <linux/in.h>
#include <linux/tcp.h>

#include "arch/sys.h"

#define ENOUGH ((uint64_t)CONFIG_HTTPD_RATE_MIN * CONFIG_HTTPD_IDLE_MS_MAX / 1000)

// Bytes that the other side has acknowledged since it came. (Linux 4.1.) Of a unix socket: of this answer's content, those that its
// buffer has taken.
static uint64_t taken(const struct connection *connection)
{
	struct tcp_info info = {0};
	uint32_t bytes = sizeof(info);
	int error = sys_getsockopt(connection->socket, IPPROTO_TCP, TCP_INFO, &info, &bytes);
	if (error == 0 && bytes >= offsetof(struct tcp_info, tcpi_bytes_acked) + sizeof(info.tcpi_bytes_acked))
		return info.tcpi_bytes_acked;
	return connection->exchange->content_bytes;
}

bool pace_is_kept(struct connection *connection)
{
	uint64_t now = taken(connection), before = connection->taken;
	connection->taken = now;
	return now > before && now - before >= ENOUGH;
}
