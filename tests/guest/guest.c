// tests/guest/guest.c: the program of a machine, which ends as its first argument says and looks around as it says:
//
//	exit N         with that status              kill N       by that signal
//	panic          by a panic                    fault        by a null pointer
//	orphans        after its grandchildren have become orphans, each of which must have been reaped
//	show FILE...   after the files have been shown, each behind its name
//	env            after the environment has been shown
//	wait           at SIGINT or SIGTERM, with status 40 + its number
//	terminal       0 if standard input is its controlling terminal
#include <asm/ioctls.h>

#include "arch/sys.h"
#include "crt/out.h"
#include "crt/panic.h"
#include "crt/run.h"
#include "crt/say.h"
#include "crt/signal.h"
#include "crt/str.h"

static void sleep_ms(long ms)
{
	struct __kernel_timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	(void)sys_ppoll(nullptr, 0, &time, nullptr);
}

static int number(const char *text)
{
	uint64_t value = 0;
	return text != nullptr && str_to_unsigned(str_from_cstr(text), &value) ? (int)value : 99;
}

static int show(struct out *out, const char *path)
{
	static char content[16384];
	int fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0) {
		say_error(fd, STR("guest: cannot open "), str_from_cstr(path));
		return 1;
	}
	out_str(out, STR("== "));
	out_str(out, str_from_cstr(path));
	out_byte(out, '\n');
	for (long got; (got = sys_read(fd, content, sizeof(content))) > 0;)
		out_str(out, (struct str){content, (size_t)got});
	return 0;
}

// Each child leaves a grandchild behind, and ends. Where orphans are reaped, only we and process 1 are left after a while.
static int orphans(void)
{
	for (unsigned i = 0; i < 50; i++) {
		int child = sys_clone(SIGCHLD);
		if (child == 0) {
			if (sys_clone(SIGCHLD) == 0)
				sleep_ms(10);
			sys_exit_group(0);
		}
		int how;
		if (sys_wait4(child, &how, 0) != child)
			return 2;
	}
	for (unsigned tries = 0; tries < 500; tries++) {
		// Who is a zombie has a state of Z; the kernel's own threads have none.
		static char stat[512];
		unsigned zombies = 0;
		for (int process = 2; process < 1000; process++) {
			uint8_t name[32];
			struct out path = out_to_memory(SPAN(name));
			out_str(&path, STR("/proc/"));
			out_signed(&path, process);
			out_str(&path, STR("/stat"));
			out_byte(&path, '\0');
			int fd = sys_openat(AT_FDCWD, (const char *)name, O_RDONLY | O_CLOEXEC, 0);
			if (fd < 0)
				continue;
			long len = sys_read(fd, stat, sizeof(stat) - 1);
			(void)sys_close(fd);
			for (long at = 0; at + 3 < len; at++)
				zombies += stat[at] == ')' && stat[at + 2] == 'Z';
		}
		if (zombies == 0)
			return 0;
		sleep_ms(20);
	}
	return 1;
}

static int wait_for_signal(struct out *out)
{
	uint64_t set = signal_bit(SIGINT) | signal_bit(SIGTERM);
	if (signal_block(set, nullptr) != 0)
		return 1;
	out_str(out, STR("waiting\n"));
	if (out_flush(out) != 0)
		return 1;
	int signal = sys_rt_sigtimedwait(&set, &(struct __kernel_timespec){.tv_sec = 100});
	return 40 + signal;
}

int main(int argc, char **argv, char **envp)
{
	if (panic_on_faults() != 0)
		return 1;
	static uint8_t buffer[4096];
	struct out out = out_to_fd(SYS_STDOUT, SPAN(buffer));
	struct str what = argc > 1 ? str_from_cstr(argv[1]) : STR("");
	int status = 98;
	if (str_equal(what, STR("exit")))
		status = number(argv[2]);
	if (str_equal(what, STR("kill"))) {
		(void)sys_kill(sys_getpid(), number(argv[2]));
		sleep_ms(10000);
	}
	if (str_equal(what, STR("panic")))
		panic(STR("as asked for"));
	if (str_equal(what, STR("fault")))
		*(volatile int *)(uintptr_t)8 = 1;
	if (str_equal(what, STR("orphans")))
		status = orphans();
	if (str_equal(what, STR("wait")))
		status = wait_for_signal(&out);
	if (str_equal(what, STR("terminal"))) {
		int group = 0;
		status = sys_ioctl(SYS_STDIN, TIOCGPGRP, (uintptr_t)&group) == 0 && group == sys_getpid() ? 0 : 1;
	}
	if (str_equal(what, STR("show"))) {
		status = 0;
		for (int i = 2; i < argc; i++)
			status |= show(&out, argv[i]);
	}
	if (str_equal(what, STR("env"))) {
		for (; *envp != nullptr; envp++) {
			out_str(&out, str_from_cstr(*envp));
			out_byte(&out, '\n');
		}
		out_str(&out, run_owns_machine() ? STR("own machine\n") : STR("no machine\n"));
		status = 0;
	}
	return out_flush(&out) != 0 ? 1 : status;
}
