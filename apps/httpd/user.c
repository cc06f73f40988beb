// apps/httpd/user.c: who is meant by --user, and how one becomes that.
#include "apps/httpd/user.h"

#include "apps/httpd/whole.h"
#include "arch/sys.h"
#include "crt/arena.h"
#include "crt/args.h"
#include "crt/say.h"
#include "crt/str.h"

#define FILE_BYTES_MAX ((size_t)1 << 20) // some ten thousand users

// Reads one of the two files. False, after a sentence: it cannot be read. One that is not there is an empty one.
static bool read(const char *path, struct span into, struct str *text)
{
	long len = whole_read(path, into);
	if (len < 0 && len != -ENOENT) {
		say_error(len, STR("httpd: cannot read '"), str_from_cstr(path),
			  STR("' (or give --user numbers, UID:GID)"));
		return false;
	}
	*text = (struct str){(const char *)into.ptr, len < 0 ? 0 : (size_t)len};
	return true;
}

static bool complain(enum account_result result, struct str name, struct str file)
{
	switch (result) {
	case ACCOUNT_OK:
		return true;
	case ACCOUNT_NONE:
		say(STR("httpd: there is no user '"), name, STR("' in "), file,
		    STR(" (--user takes numbers, too: UID:GID)"));
		return false;
	case ACCOUNT_BAD:
		say(STR("httpd: a line about '"), name, STR("' in "), file, STR(" is not as it should be"));
		return false;
	case ACCOUNT_CROWDED:
		say(STR("httpd: '"), name, STR("' is in more than 64 groups of "), file);
		return false;
	}
	return false;
}

static bool find_name(struct str name, struct account *account)
{
	struct arena arena;
	int error = arena_open(&arena, FILE_BYTES_MAX); // pages that the files do not need stay the kernel's
	if (error != 0) {
		say_error(error, STR("httpd: cannot get memory for '/etc/passwd'"));
		return false;
	}
	struct span room = {arena_alloc(&arena, 1, FILE_BYTES_MAX, 1), FILE_BYTES_MAX};
	struct str text;
	if (!read("/etc/passwd", room, &text) || !complain(account_find(text, name, account), name, STR("/etc/passwd")))
		return false;
	return read("/etc/group", room, &text) &&
	       complain(account_add_groups(text, name, account), name, STR("/etc/group"));
}

int user_find(struct str text, struct account *account)
{
	if (text.len > 0 && ascii_is_digit(text.ptr[0])) {
		if (!account_numbers(text, account)) {
			say(STR("httpd: --user wants a name, or numbers such as 33 or 33:33, not '"), text, STR("'"));
			return ARGS_STATUS;
		}
	} else if (!find_name(text, account)) {
		return 1;
	}
	if (account->user != 0)
		return 0;
	say(STR("httpd: --user '"), text, STR("' is root, and wants somebody else"));
	return 1;
}

// Every capability of this process but the one of `kept`, if it has it. [capabilities(7)]
static int keep_capabilities(uint32_t kept)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct has[2] = {0};
	int error = sys_capget(&header, has);
	if (error != 0)
		return error;
	struct __user_cap_data_struct keeps[2] = {
		{.effective = has[0].effective & kept, .permitted = has[0].permitted & kept}};
	return sys_capset(&header, keeps);
}

int user_keep_reading(void)
{
	return keep_capabilities(1u << CAP_DAC_READ_SEARCH);
}

// Zero or -errno.
static int become(const struct account *account)
{
	int error = sys_setgroups(account->other_count, account->others);
	if (error == 0)
		error = sys_setresgid(account->group, account->group, account->group);
	if (error == 0)
		error = sys_setresuid(account->user, account->user, account->user); // capabilities go with root
	if (error == 0)
		error = keep_capabilities(0); // and those that root was not needed for
	if (error != 0)
		return error;
	bool is_back = sys_setresuid(0, 0, 0) == 0 || (account->group != 0 && sys_setresgid(0, 0, 0) == 0);
	return is_back ? -ENOTRECOVERABLE : 0;
}

bool user_become(const struct account *account)
{
	int error = become(account);
	if (error == 0)
		return true;
	say_error(error, STR("httpd: cannot become the user of --user"),
		  error == -EPERM ? STR(" (only root can)") : STR(""));
	return false;
}
