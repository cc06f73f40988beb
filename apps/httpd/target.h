// apps/httpd/target.h: from the target of a request to the path of a file.
//
//	/a%20b/./c/../d/?x=1   ->   path "a b/d", ends with a slash, query "x=1"
//
// The path is relative to the served folder and safe to open beneath it: decoded, without dot segments, without an empty
// one, and never above the root. What the file system adds to that (symbolic links, mounts) is not known here; openat2(2)
// with RESOLVE_BENEATH holds it.
#pragma once

#include <linux/limits.h>

#include "apps/httpd/status.h"
#include "arch/span.h"

struct target {
	struct str path;      // "." for the root, else "a/b"; no slash at either end; a NUL follows
	struct str query;     // what follows the first '?', as it came; ptr is null if there is no '?'
	bool ends_with_slash; // a folder was asked for: "/a/", "/a/.", "/a/b/.."
};

// Takes a target apart and decodes its path into `into`, which `target` then points to. `raw` is the path and query as
// request_parse gives them (empty, or beginning with '?', means the root). `into` holds at least 2 bytes; PATH_MAX of them are
// enough for all that the kernel can open [path_resolution(7)]. `with_hidden`: see target_is_served. Results:
//
// HTTP_OK           `target` is filled
// HTTP_BAD_REQUEST  a path that does not begin with '/', a broken percent escape, or %00: it would end the path in the
//                   kernel's eyes before it ends in ours. Also more ".." than there are segments: RFC 3986 §5.2.4 has the
//                   client resolve those before it asks, so this one wants something else
// HTTP_NOT_FOUND    a name that is not served (target_is_served), longer than NAME_MAX, or a path that on its way
//                   does not fit. Also %2F: an encoded slash is part of a name [RFC 3986 §2.2], and no file has such a name
//
// Escapes are decoded once [RFC 3986 §2.4], and before dot segments are looked for, since "%2e" and "." are the same
// [RFC 3986 §6.2.2.2]. Several slashes count as one, as they do for the kernel [path_resolution(7)]. A ".." takes the name
// before it away without asking whether that is a folder [RFC 3986 §5.2.4], but the name must be one that could be served.
[[nodiscard]] enum http_status target_decode(struct str raw, bool with_hidden, struct span into, struct target *target);

// Whether files or folders of this name are served at all; a listing asks the same. Not served are names that begin with a dot,
// which on Unix means hidden, unless `with_hidden`, but for ".well-known" in the root [RFC 8615 §3]; "." and "..", which every
// folder has; and names with control bytes, which no one types and which make one line of a log or of a terminal into two.
bool target_is_served(struct str name, bool in_root, bool with_hidden);
