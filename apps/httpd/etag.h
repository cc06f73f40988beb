// apps/httpd/etag.h: entity tags: how this server makes them, and how they are found in a client's list. [RFC 9110 §8.8.3]
//
//	"17f3a9c0d2e4b600-1f40"         time of modification in nanoseconds, and size, in hexadecimal
//	W/"17f3a9c0d2e4b600-1f40-gzip"  weak, and of what was compressed
//
// Two files with the same bytes and times have the same tag wherever they lie, so that several servers can share one set
// of files (an inode's number would differ).
#pragma once

#include "apps/httpd/facts.h"
#include "apps/httpd/wishes.h"
#include "crt/out.h"

// W/, two quotes, two numbers of 16 digits, a hyphen, and a coding behind another.
constexpr size_t ETAG_BYTES_MAX = 48;

// A file at rest has not been written to for so long that a further change would have another time of modification. The kernel
// stamps times by its tick, a few milliseconds, and some file systems keep whole or every second second (FAT). A tag is strong
// only then: before, two contents might share it. [RFC 9110 §8.8.1]
constexpr int64_t ETAG_REST_SECONDS = 2;

bool etag_is_at_rest(const struct facts *facts, int64_t now);

// Writes the tag of a file. `now`: seconds since 1970.
void etag_write(struct out *out, const struct facts *facts, int64_t now);

// How tags are compared. [RFC 9110 §8.8.3.2]
enum etag_comparison {
	ETAG_STRONGLY, // both strong, and the same
	ETAG_WEAKLY,   // the same, whether weak or strong
};

// Whether If-Match or If-None-Match, called `name`, is "*" or has `tag`, which is empty where there is none. What comes behind a
// member that is malformed is not seen.
bool etag_is_listed(struct field field, struct str name, struct str tag, enum etag_comparison comparison);

// Whether the whole text is a tag, and that tag.
bool etag_is(struct str text, struct str tag, enum etag_comparison comparison);
