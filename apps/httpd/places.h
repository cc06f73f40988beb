// apps/httpd/places.h: where clients come in, one place for each --address and each socket that was given.
#pragma once

#include "apps/httpd/address.h"
#include "apps/httpd/socket_file.h"

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
	int listener;            // open: a listening socket
};

struct places {
	struct place place[PLACES_MAX];
	unsigned count;
};

// Reads an address, "127.0.0.1" or "::1", or "unix:" and a path, which are lent for good. False: it is none. There is room.
[[nodiscard]] bool places_add(struct places *places, struct str text, uint16_t port);

// Adds those that were given, before anything else is opened, which could be taken for one of them. False: one is none; a sentence on
// standard error says which.
[[nodiscard]] bool places_given(struct places *places);

// Opens the others; where there is none at all, 127.0.0.1 with this port. False: one cannot be had; a sentence says which and why.
[[nodiscard]] bool places_open(struct places *places, uint16_t port);

// Says of each that the folder is served there.
void places_tell(const struct places *places, struct str folder);

// Removes what would stay: paths.
void places_remove(const struct places *places);
