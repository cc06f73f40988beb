// apps/httpd/user.h: as whom the server works: found out at the start (--user), and become before the first client.
#pragma once

#include "apps/httpd/account.h"

// Finds who is meant by `text`: a name of /etc/passwd, with its groups of /etc/group; or UID or UID:GID in numbers, for which no
// file is read. Root is nobody to change to. Zero or, after a sentence on standard error, the status to end with: ARGS_STATUS for
// what is no such text, 1 for somebody who is not there or cannot be meant.
[[nodiscard]] int user_find(struct str text, struct account *account);

// Makes this process that user, in those groups and no others, without any capability, and proves that there is no way back.
// False, after a sentence. [setresuid(2), capabilities(7)]
[[nodiscard]] bool user_become(const struct account *account);

// Where the user stays: gives up every capability but that to read files of others, which is what makes root able to serve
// them. Zero or -errno.
[[nodiscard]] int user_keep_reading(void);
