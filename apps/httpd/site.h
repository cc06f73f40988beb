// apps/httpd/site.h: what is served, as it is opened at the start, and anew for each SIGHUP.
#pragma once

#include "apps/httpd/options.h"
#include "crt/arena.h"

struct site {
	bool is_open;
	int root;               // the folder
	struct mime_table mime; // of --mime-types, in this memory:
	struct arena memory;    // kept when the site is closed, for the next one
};

// Opens the folder, looks for the file of --fallback in it, and reads that of --mime-types. False: one is not as it should be; a
// sentence on standard error says which and why. The site is all zeros or was closed.
[[nodiscard]] bool site_open(struct site *site, const struct choice *choice);

// Workers that were started with it go on with it.
void site_close(struct site *site);
