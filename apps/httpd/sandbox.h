// apps/httpd/sandbox.h: what the server gives up before its first client.
//
//	no_new_privs     nothing that it could execute gives it more
//	user             another one than root, or root without root's powers          user.c
//	Landlock         the served folder, to read, and nothing else                  landlock.c
//	io_uring         the operations that are used, and no others                   restrict.c
//	seccomp          the system calls that are used, and no others                 seccomp.c, filter.c
//
// In this order: each needs what the next one takes away. So whoever takes a worker over by a mistake in it holds what lies below the
// folder, to read (dotfiles, too, whether they are served or not), the connections, the log, and little else. What the file system
// tells without opening is not bound: statx and inotify work on any path, Landlock has no right for them. [landlock(7)]
#pragma once

#include "apps/httpd/account.h"
#include "ring/ring.h"

struct sandbox {
	struct io_uring *ring;      // disabled as yet; enabled behind this
	int root;                   // the served folder
	const struct account *user; // null: who it is
	bool is_required;           // what the kernel has not got is an error
	bool tells;                 // what the kernel has not got, where that is no error
};

// Enters, in the process that serves: everything is open that will ever be needed, but for files of `root`. What this kernel has not
// got is told, in one line. False, after a sentence: it must not serve.
[[nodiscard]] bool sandbox_enter(const struct sandbox *sandbox);
