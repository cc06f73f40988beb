// apps/httpd/folder.h: a folder without an index, read and made into a page.
#pragma once

#include "arch/span.h"
#include "crt/out.h"

// Bytes that folder_page wants to work in, and bytes of a page: what a folder of some ten thousand names needs.
constexpr size_t FOLDER_SCRATCH_BYTES = 4 << 20;
constexpr size_t FOLDER_PAGE_BYTES = 4 << 20;

// Reads the folder `dir`, which the served path `path` names ("." the root) beneath the served folder `root`, and writes
// its page. Names that are not served (target.h) are left out; so are those that are neither file nor folder, and links that lead
// to neither or out of `root`. `scratch` is used until this returns.
//
// Zero; -EFBIG: more names than fit; or what reading the folder failed with. Reads by plain calls: io_uring has no
// operation for a folder.
[[nodiscard]] int folder_page(int root, int dir, struct str path, bool with_hidden, struct span scratch,
			      struct out *page);
