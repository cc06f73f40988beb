// apps/httpd/worker.h: a process that serves; how many there are is --workers. Its parent (parent.c) has opened what it serves, and
// where, before it was made: so it can be shut in.
//
//	orders   from the parent, the end of a pipe. A byte: leave. The end of the pipe: end, because the parent says so or is gone.
//	ready    to the parent, a pipe of all workers: the number of this process, when clients can come in.
//
// A pipe, and not signals: Ctrl-C goes to every process of a terminal, and some supervisors send SIGTERM to every one of a service,
// and the parent would tell its workers once more. And not PR_SET_PDEATHSIG: that is forgotten when the user changes, and has
// to be checked for a parent that was gone before. The end of a pipe is a state that nobody can miss.
#pragma once

#include "apps/httpd/options.h"
#include "apps/httpd/site.h"

struct worker_task {
	const struct choice *choice;
	const struct site *site;
	const int *listeners;
	unsigned listener_count;
	int orders;
	int ready;
	bool tells; // why the ring is emulated, if it is, and what the kernel lacks: one of all workers does
};

// Serves until it is told to end. The status of the process: 0, or 1 after a sentence on standard error.
[[nodiscard]] int worker_run(const struct worker_task *task);
