// apps/httpd/coding.h: content codings: which a client takes, and which is best. [RFC 9110 §8.4.1, §12.5.3]
//
//	Accept-Encoding: gzip;q=0.8, br, identity;q=0   ->   br 1000, gzip 800, zstd 0, identity 0
//
// Nothing is compressed here: a coding is a file beside the file, with another extension. Pure.
#pragma once

#include <stdint.h>

#include "apps/httpd/wishes.h"
#include "arch/span.h"

// In the order in which this server prefers them where the client does not care.
enum coding {
	CODING_ZSTD,   // RFC 8878
	CODING_BROTLI, // RFC 7932
	CODING_GZIP,   // RFC 1952
	CODING_IDENTITY,
	CODINGS,
};

// What stands in Content-Encoding; empty for CODING_IDENTITY, which never does [RFC 9110 §12.5.3].
struct str coding_name(enum coding coding);

// The extension of a file so coded, with its dot: ".gz".
struct str coding_extension(enum coding coding);

// What a client takes: for each coding its weight in thousandths; 0: not at all.
struct codings {
	uint16_t weight[CODINGS];
};

// Reads an Accept-Encoding. A member that is malformed is as if it were not there. Without the field every coding would be
// allowed, but only identity is safe to be understood; so it is the one that is taken then.
struct codings codings_read(struct field accept_encoding);

// The best coding of those not in `tried` (a bit each, 1 << coding) that the client takes, and likes no less than identity;
// after those come the others, for which the caller may ask whether there are such files. CODING_IDENTITY: none is left.
enum coding codings_best(const struct codings *codings, unsigned tried);

// Whether a coding may be sent in place of identity.
static inline bool codings_takes(const struct codings *codings, enum coding coding)
{
	return codings->weight[coding] > 0 && codings->weight[coding] >= codings->weight[CODING_IDENTITY];
}
