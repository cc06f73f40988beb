// apps/httpd/parent.h: the process that was started. It serves nobody: it keeps those that do.
//
//	parent   listeners, folder, log, signals: outside of what workers are shut in
//	  generation   the workers that were started together; one serves, while another starts or older ones leave
//	    worker     worker.c
//
// A worker that dies has another take its place: it cost its clients a connection, not the site. SIGHUP makes a generation that
// has opened folder and types anew; when all of it serves, the one before leaves, which nobody outside can notice: both have
// the same listeners, and who has a connection is answered there before it is closed.
//
// There is a parent also where there is one worker: then too a crash is to be survived, SIGHUP to be heard, and the path of a
// unix socket to be removed, which no worker may.
//
//	SIGHUP   SERVING --- LEAVING -> gone             SIGTERM: all end, within the time to drain
//	         STARTING -> SERVING ---
#pragma once

#include "apps/httpd/options.h"

// Opens the places that were chosen, serves there until a signal ends it, and says when it does; a sentence says what cannot be had.
// The status of the process.
[[nodiscard]] int parent_run(struct choice *choice);
