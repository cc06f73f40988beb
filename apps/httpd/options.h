// apps/httpd/options.h: what the person who starts the server says.
#pragma once

#include "apps/httpd/account.h"
#include "apps/httpd/places.h"
#include "apps/httpd/server.h"

struct choice {
	const char *folder;
	struct places places;
	uint64_t port;
	unsigned workers;
	const char *mime_types;
	struct account user;
	bool has_user;            // `user` is who serves
	bool is_sandbox_required; // what the kernel has not got of it is an error
	struct server_options server;
};

// Reads the options. True: go on; else end with `status`: there was nothing to do but to tell, or something is wrong, and has
// been told.
[[nodiscard]] bool choose(char **argv, struct choice *choice, int *status);
