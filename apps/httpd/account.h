// apps/httpd/account.h: who is meant by a name, by the text of /etc/passwd and /etc/group.
//
//	www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin      name : password : user : group : 3 more
//	adm:x:4:syslog,www-data                                   name : password : group : members
//
// [passwd(5), group(5)] It is strict about the lines that concern the name: a number is digits and nothing else. Other lines may
// be whatever they are ("+::::::" of NIS, a comment); they say nothing. It opens no file and asks no name service.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "arch/span.h"

constexpr size_t ACCOUNT_GROUPS_MAX = 64; // beside the first; more are refused, not left out

struct account {
	uint32_t user;
	uint32_t group;
	uint32_t others[ACCOUNT_GROUPS_MAX]; // supplementary groups, without `group`
	size_t other_count;
};

enum account_result {
	ACCOUNT_OK,
	ACCOUNT_NONE,   // no line has that name
	ACCOUNT_BAD,    // a line that concerns it is not as it should be
	ACCOUNT_CROWDED // it is in more groups than ACCOUNT_GROUPS_MAX
};

// Reads a number of a user or a group: decimal digits, below 2^32 - 1, which stands for none. [setresuid(2)] False: it is no such.
[[nodiscard]] bool account_number(struct str text, uint32_t *number);

// Reads `UID` or `UID:GID`; a group that is not given has the user's number. False: it is not of that form.
[[nodiscard]] bool account_numbers(struct str text, struct account *account);

// Finds the user of that name in the text of a passwd(5), and its first group. The first line of the name counts. `account` has no
// other groups then.
[[nodiscard]] enum account_result account_find(struct str passwd, struct str name, struct account *account);

// Adds the groups of which `name` is a member by the text of a group(5): ACCOUNT_OK, ACCOUNT_BAD or ACCOUNT_CROWDED.
[[nodiscard]] enum account_result account_add_groups(struct str group, struct str name, struct account *account);
