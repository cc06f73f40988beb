// apps/httpd/descriptors.h: how many connections the limit on open files allows.
#pragma once

// Raises the soft limit as far as is useful and allowed, and says how many connections can be served at once with it: so many
// sockets, and a file for each exchange. A word on standard error where they are fewer than CONFIG_HTTPD_CONNECTIONS_MAX.
unsigned descriptors_raise(void);
