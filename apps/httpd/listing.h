// apps/httpd/listing.h: the contents of a folder as a page of HTML.
//
//	listing_begin, listing_entry for each name, listing_end
//
// Writes into an out and keeps no state, so that a folder of any size needs one buffer only. The names come from the caller,
// who reads the folder, leaves out what is not served (target_is_served) and sorts by listing_compare.
//
// Names are strangers' bytes: on the page they are escaped, in a link they are percent-encoded, byte by byte, so that
// a name that is not UTF-8 is shown with replacement characters and still opens.
#pragma once

#include <stdint.h>

#include "arch/span.h"
#include "crt/out.h"

struct listing_entry {
	struct str name; // one segment, neither empty nor "." nor ".."
	bool is_folder;
	uint64_t bytes;   // size; not shown of a folder
	int64_t modified; // seconds since 1970
};

// The page up to the first row: `path` is the folder's, as target_decode gives it, "." for the root. Below the root, a link
// to the folder above comes first.
void listing_begin(struct out *out, struct str path);

// One row. Folders have a slash after their name, in the link too, which saves a redirect.
void listing_entry(struct out *out, const struct listing_entry *entry);

void listing_end(struct out *out);

// The order of the rows: folders first, then by name, byte by byte. Less than, equal to or greater than 0, as `left` goes
// before, with or after `right`.
[[nodiscard]] int listing_compare(const struct listing_entry *left, const struct listing_entry *right);
