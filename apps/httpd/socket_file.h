// apps/httpd/socket_file.h: a listening socket that has a path instead of an address. [unix(7)]
//
// The path stays when the process that made it is gone without its leave, and then nobody can listen there until it is removed.
// So who comes next asks: a path at which nobody answers is replaced, one at which somebody does is theirs.
#pragma once

#include <stdint.h>

// What is in the folder while somebody listens: so that at the end this is removed, and not what another has put in its place.
struct socket_file {
	const char *path; // lent
	uint64_t inode;
	uint32_t device_major, device_minor;
};

// Makes a listening socket at `path`, which all may use who reach it (mode 0666): a folder around it can keep them out. A descriptor,
// or -errno: -EADDRINUSE, somebody listens there; -EEXIST, it is something else; -ENAMETOOLONG, it has more than 107 bytes.
[[nodiscard]] int socket_file_listen(struct socket_file *file, const char *path, int backlog);

// Removes it, if it is still there.
void socket_file_remove(const struct socket_file *file);
