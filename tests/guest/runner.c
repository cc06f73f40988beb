// tests/guest/runner.c: the program of a machine that tests itself: it runs every program in /tests, by name, and then every one
// in /emulated with RINGLET_ENGINE=emulated; it passes on what they say, and ends with 1 if one of them failed.
//
// Its arguments, NAME=VALUE each, are put into their environment.
//
// A line "== NAME" stands before what each says, and "== NAME: STATUS" behind it, so that who reads the console knows what belongs
// to what, and that none is missing. "== emulated NAME" is one of the second kind.
#include "arch/sys.h"
#include "crt/out.h"
#include "crt/say.h"
#include "crt/str.h"

#define NAMES_MAX 128
#define PATH_BYTES 64

static char names[NAMES_MAX][PATH_BYTES];

static unsigned read_names(const char *folder)
{
	static uint8_t entries[8192];
	unsigned count = 0;
	int fd = sys_openat(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
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
static int run_one(const char *folder, const char *name, char **envp)
{
	int child = sys_clone(SIGCHLD);
	if (child == 0) {
		char path[PATH_BYTES + 16];
		struct out text = out_to_memory(SPAN(path));
		out_str(&text, str_from_cstr(folder));
		out_byte(&text, '/');
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

static void tell(struct out *out, struct str kind, const char *name)
{
	out_str(out, STR("== "));
	out_str(out, kind);
	out_str(out, str_from_cstr(name));
}

// Runs all of a folder; `kind` is put before their names. How many there were, or -1: one failed, or nobody listens.
static int run_all(struct out *out, const char *folder, struct str kind, char **envp)
{
	bool is_bad = false;
	unsigned count = read_names(folder);
	for (unsigned i = 0; i < count; i++) {
		tell(out, kind, names[i]);
		out_byte(out, '\n');
		if (out_flush(out) != 0)
			return -1;
		int status = run_one(folder, names[i], envp);
		tell(out, kind, names[i]);
		out_str(out, STR(": "));
		out_signed(out, status);
		out_byte(out, '\n');
		is_bad |= status != 0;
	}
	return is_bad ? -1 : (int)count;
}

// An environment with more in it: `more`, ended by null, and one variable that may be null.
#define VARIABLES_MAX 64
static void extend(char *into[VARIABLES_MAX], char **envp, char **more, char *last)
{
	unsigned count = 0;
	for (; *envp != nullptr && count < VARIABLES_MAX - 2; envp++)
		into[count++] = *envp;
	for (; *more != nullptr && count < VARIABLES_MAX - 2; more++)
		into[count++] = *more;
	into[count++] = last;
	into[count] = nullptr;
}

int main(int argc, char **argv, char **envp)
{
	(void)argc;
	static char *plain[VARIABLES_MAX], *other[VARIABLES_MAX];
	static char emulated[] = "RINGLET_ENGINE=emulated";
	uint8_t buffer[256];
	struct out out = out_to_fd(SYS_STDOUT, SPAN(buffer));
	extend(plain, envp, argv + 1, nullptr);
	extend(other, envp, argv + 1, emulated);
	int tests = run_all(&out, "/tests", STR(""), plain);
	int again = run_all(&out, "/emulated", STR("emulated "), other);
	if (tests == 0)
		say(STR("runner: there is nothing in /tests"));
	return out_flush(&out) != 0 || tests <= 0 || again < 0;
}
