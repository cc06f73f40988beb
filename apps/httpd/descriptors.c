// apps/httpd/descriptors.c: how many connections the limit on open files allows.
#include "apps/httpd/descriptors.h"

#include <linux/resource.h>

#include "apps/httpd/exchange.h"
#include "arch/sys.h"
#include "crt/out.h"
#include "crt/say.h"
#include "crt/str.h"

// Standard streams, folder, listeners, signals, the ring.
#define OTHERS 32u

// Each connection has a socket, and each exchange a file.
static uint64_t connections_of(uint64_t descriptors)
{
	uint64_t left = descriptors > OTHERS ? descriptors - OTHERS : 0;
	return left > 2 * EXCHANGES_MAX ? left - EXCHANGES_MAX : (left + 1) / 2;
}

unsigned descriptors_raise(void)
{
	struct rlimit64 limit;
	if (sys_prlimit64(0, RLIMIT_NOFILE, nullptr, &limit) != 0)
		return CONFIG_HTTPD_CONNECTIONS_MAX; // then accept will say when there are none left
	// Each remembered file has up to four, but gives them back when there are no others (files.h).
	uint64_t wanted = CONFIG_HTTPD_CONNECTIONS_MAX + EXCHANGES_MAX + 4 * CONFIG_HTTPD_FILES_MAX + OTHERS;
	if (limit.rlim_cur >= wanted)
		return CONFIG_HTTPD_CONNECTIONS_MAX;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	(void)sys_prlimit64(0, RLIMIT_NOFILE, &limit, nullptr); // the same holds
	uint64_t connections = connections_of(limit.rlim_cur);
	if (connections >= CONFIG_HTTPD_CONNECTIONS_MAX)
		return CONFIG_HTTPD_CONNECTIONS_MAX;
	uint8_t digits[2][20];
	struct out can = out_to_memory(SPAN(digits[0])), allowed = out_to_memory(SPAN(digits[1]));
	out_unsigned(&can, connections > 0 ? connections : 1);
	out_unsigned(&allowed, limit.rlim_cur);
	say(STR("httpd: serves at most "), out_written(&can), STR(" connections at once, because "),
	    out_written(&allowed), STR(" files may be open (raise the hard limit, ulimit -Hn)"));
	return connections > 0 ? (unsigned)connections : 1;
}
