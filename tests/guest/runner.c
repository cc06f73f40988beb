// tests/guest/runner.c: the program of a machine that tests itself: it runs every program in /tests, by name, passes on what they
// say, and ends with 1 if one of them failed.
//
// A line "== NAME" stands before what each says, and "== NAME: STATUS" behind it, so that who reads the console knows what belongs
// to what, and that none is missing.
#include "arch/sys.h"
#include "crt/out.h"
#include "crt/say.h"
#include "crt/str.h"

#define NAMES_MAX 128
#define PATH_BYTES 64

static char names[NAMES_MAX][PATH_BYTES];

static unsigned read_names(void)
{
	static uint8_t entries[8192];
	unsigned count = 0;
	int fd = sys_openat(AT_FDCWD, "/tests", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	for (long got; (got = sys_getdents64(fd, entries, sizeof(entries))) > 0;) {
		for (long at = 0; at < got;) {
			const struct sys_dirent *entry = (const struct sys_dirent *)(entries + at);
			at += entry->reclen;
			struct str name = str_from_cstr(entry->name);
			if (name.ptr[0] == '.' || name.len >= PATH_BYTES || count == NAMES_MAX)
				continue;
			unsigned place = count++;
			for (; place > 0; place--) { // insertion: there are few
				const char *left = names[place - 1], *right = entry->name;
				while (*left == *right && *left != '\0')
					left++, right++;
				if ((uint8_t)*left <= (uint8_t)*right)
					break;
				__builtin_memcpy(names[place], names[place - 1], PATH_BYTES);
			}
			__builtin_memcpy(names[place], entry->name, name.len + 1);
		}
	}
	(void)sys_close(fd);
	return count;
}

// The status of a program as shells tell it; 127 where it could not be started.
static int run_one(const char *name, char **envp)
{
	int child = sys_clone(SIGCHLD);
	if (child == 0) {
		char path[PATH_BYTES + 8];
		struct out text = out_to_memory(SPAN(path));
		out_str(&text, STR("/tests/"));
		out_str(&text, str_from_cstr(name));
		out_byte(&text, '\0');
		char *const argv[] = {path, nullptr};
		int error = sys_execve(path, argv, envp);
		say_error(error, STR("runner: cannot run "), str_from_cstr(path));
		sys_exit_group(127);
	}
	int how = 127 << 8;
	if (child < 0 || sys_wait4(child, &how, 0) != child)
		return 127;
	return (how & 0x7f) == 0 ? how >> 8 & 0xff : 128 + (how & 0x7f);
}

int main(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)argv;
	uint8_t buffer[256];
	struct out out = out_to_fd(SYS_STDOUT, SPAN(buffer));
	int failed = 0;
	unsigned count = read_names();
	for (unsigned i = 0; i < count; i++) {
		out_str(&out, STR("== "));
		out_str(&out, str_from_cstr(names[i]));
		out_byte(&out, '\n');
		if (out_flush(&out) != 0)
			return 1;
		int status = run_one(names[i], envp);
		out_str(&out, STR("== "));
		out_str(&out, str_from_cstr(names[i]));
		out_str(&out, STR(": "));
		out_signed(&out, status);
		out_byte(&out, '\n');
		failed |= status != 0;
	}
	if (count == 0)
		say(STR("runner: there is nothing in /tests"));
	return out_flush(&out) != 0 || failed != 0 || count == 0;
}
