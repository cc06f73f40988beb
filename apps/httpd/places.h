// apps/httpd/places.h: where clients come in, one place for each --address and each socket that was given.
#pragma once

#include "apps/httpd/address.h"
#include "apps/httpd/socket_file.h"
#include "autoconf.h"

constexpr unsigned PLACES_MAX = 16;

enum place_kind {
	PLACE_ADDRESS, // an internet address
	PLACE_FILE,    // a path
	PLACE_GIVEN,   // somebody else's, open already
};

struct place {
	enum place_kind kind;
	union address address;   // of PLACE_ADDRESS
	struct socket_file file; // of PLACE_FILE
	// One for each worker, of PLACE_ADDRESS; the same for all, of others. Of their own, because the kernel wakes those who wait for
	// one in the order in which they began to, and so a few clients would all have the same worker. (8 connections, 2 workers:
	// all 8 had one, with sockets of their own 3 to 6 had each; 64 and 1,000: no difference.) SO_INCOMING_CPU would bring them to
	// one again, that of the processor where their own process runs. What has come in when a worker dies waits for its
	// successor, since the sockets are the parent's.
	int listeners[CONFIG_HTTPD_WORKERS_MAX];
};

struct places {
	unsigned worker_count;
	struct place place[PLACES_MAX];
	unsigned count;
};

// Reads an address, "127.0.0.1" or "::1", or "unix:" and a path, which are lent for good. False: it is none. There is room.
[[nodiscard]] bool places_add(struct places *places, struct str text, uint16_t port);

// Adds those that were given, before anything else is opened, which could be taken for one of them. False: one is none; a sentence on
// standard error says which.
[[nodiscard]] bool places_given(struct places *places);

// Opens the others, for so many workers; where there is none at all, 127.0.0.1 with this port. False: one cannot be had; a sentence says which and why.
[[nodiscard]] bool places_open(struct places *places, uint16_t port, unsigned worker_count);

// Says of each that the folder is served there.
void places_tell(const struct places *places, struct str folder);

// Leaves open the listeners of this worker, of the first to the last, and puts them into `listeners`, of which there are PLACES_MAX.
void places_keep(const struct places *places, unsigned worker, int *listeners);

// Removes what would stay: paths.
void places_remove(const struct places *places);
