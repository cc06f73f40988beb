// apps/httpd/landlock.c: landlock_enter.
#include <linux/landlock.h>

#include "apps/httpd/landlock.h"
#include "arch/sys.h"

// What each version of the interface added. A right that is handled and not granted is refused everywhere.
static struct landlock_ruleset_attr rights_of(int version)
{
	struct landlock_ruleset_attr rights = {
		.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1, // the thirteen of the first
	};
	if (version >= 2)
		rights.handled_access_fs |= LANDLOCK_ACCESS_FS_REFER;
	if (version >= 3)
		rights.handled_access_fs |= LANDLOCK_ACCESS_FS_TRUNCATE;
	if (version >= 4)
		rights.handled_access_net = LANDLOCK_ACCESS_NET_BIND_TCP | LANDLOCK_ACCESS_NET_CONNECT_TCP;
	if (version >= 5)
		rights.handled_access_fs |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
	if (version >= 6)
		rights.scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL;
	return rights;
}

int landlock_enter(int root)
{
	int version = sys_landlock_create_ruleset(nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (version < 0)
		return version;
	// An older kernel takes a longer structure where what it does not know is zero. [Linux kernel/sys.c, copy_struct_from_user]
	struct landlock_ruleset_attr rights = rights_of(version);
	int ruleset = sys_landlock_create_ruleset(&rights, sizeof(rights), 0);
	if (ruleset < 0)
		return ruleset;
	struct landlock_path_beneath_attr below = {
		.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
		.parent_fd = root,
	};
	int error = sys_landlock_add_rule(ruleset, LANDLOCK_RULE_PATH_BENEATH, &below, 0);
	if (error == 0)
		error = sys_landlock_restrict_self(ruleset, 0);
	(void)sys_close(ruleset); // the descriptor is gone whatever close says
	return error;
}
