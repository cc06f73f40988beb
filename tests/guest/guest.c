// tests/guest/guest.c: the program of a machine, which ends as its first argument says and looks around as it says:
//
//	exit N         with that status              kill N       by that signal
//	panic          by a panic                    fault        by a null pointer
//	first N        sends that signal to process 1, which is to end the machine
//	orphans        after its grandchildren have become orphans, each of which must have been reaped
//	signals        0 if process 1 passes on every signal that it is sent
//	leftovers      leaves children behind that take SIGTERM at their own pace
//	show FILE...   after the files have been shown, each behind its name
//	env            after the environment has been shown
//	wait           at SIGINT or SIGTERM, with status 40 + its number
//	terminal       0 if standard input is its controlling terminal
//	streams        0 if nothing is open but the standard streams
//	bind ADDRESS   0 if that IPv6 address can be listened on
//	answer PORT FILE...   sends the files, as show shows them, to the first who connects
//
// Several, with "+" between them, are done one after the other; the status is the first that is not 0.
#include <asm/ioctls.h>

#include "arch/socket.h"
#include "arch/sys.h"
#include "crt/ip.h"
#include "crt/mem.h"
#include "crt/out.h"
#include "crt/panic.h"
#include "crt/run.h"
#include "crt/say.h"
#include "crt/signal.h"
#include "crt/str.h"
#include "ring/ring.h"

#define FIRST_REALTIME 34 // the kernel's is 32; C libraries keep two
#define SIGNALS_MAX 200

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
	(void)sys_close(fd);
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

// Signals that queue, and two that do not. Each goes to process 1, and comes from there. More than may wait would be lost
// without a word: a kernel with 24 MiB of memory lets 75 wait, in all processes of a user. [getrlimit(2), RLIMIT_SIGPENDING]
static int signals(void)
{
	struct rlimit64 limit;
	if (sys_prlimit64(0, RLIMIT_SIGPENDING, nullptr, &limit) != 0)
		return 6;
	uint64_t count = limit.rlim_cur / 2 < SIGNALS_MAX ? limit.rlim_cur / 2 : SIGNALS_MAX;
	uint64_t set = signal_bit(FIRST_REALTIME) | signal_bit(SIGTERM) | signal_bit(SIGUSR1);
	if (signal_block(set, nullptr) != 0)
		return 1;
	for (uint64_t i = 0; i < count; i++) {
		if (sys_kill(1, FIRST_REALTIME) != 0 || sys_kill(1, SIGUSR1) != 0)
			return 2;
	}
	if (sys_kill(1, SIGTERM) != 0)
		return 3;
	uint64_t queued = 0;
	bool has_term = false, has_user = false;
	while (queued < count || !has_term || !has_user) {
		int signal = sys_rt_sigtimedwait(&set, &(struct __kernel_timespec){.tv_sec = 20});
		if (signal < 0)
			return 4;
		queued += signal == FIRST_REALTIME;
		has_term |= signal == SIGTERM;
		has_user |= signal == SIGUSR1;
	}
	return queued == count ? 0 : 5;
}

// Many end at SIGTERM, one after the other; the last wants a second for it, and says so. (At the end of a session its terminal
// sends SIGHUP, which is not what is tested.)
static int leftovers(void)
{
	uint64_t term = signal_bit(SIGTERM);
	if (signal_block(term | signal_bit(SIGHUP), nullptr) != 0)
		return 1;
	for (unsigned i = 0; i <= 10; i++) {
		if (sys_clone(SIGCHLD) != 0)
			continue;
		(void)sys_rt_sigtimedwait(&term, &(struct __kernel_timespec){.tv_sec = 100});
		sleep_ms(i < 10 ? 20 * i : 1000);
		if (i == 10)
			say(STR("guest: all put away"));
		sys_exit_group(0);
	}
	return 0;
}

static int listen_on(const void *address, uint32_t bytes)
{
	int fd = sys_socket(*(const uint16_t *)address, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	int error = sys_bind(fd, address, bytes);
	if (error == 0)
		error = sys_listen(fd, 1);
	return error == 0 ? fd : error;
}

static int bind_to(const char *text)
{
	struct sockaddr_in6 here = {.sin6_family = AF_INET6, .sin6_port = __builtin_bswap16(8080)};
	uint8_t bytes[16];
	if (text == nullptr || !ip_parse_v6(str_from_cstr(text), bytes))
		return 2;
	memcpy(&here.sin6_addr, bytes, sizeof(bytes));
	int fd = listen_on(&here, sizeof(here));
	if (fd < 0)
		say_error(fd, STR("guest: cannot listen on "), str_from_cstr(text));
	return fd < 0;
}

static int answer(struct out *out, int port, char **files)
{
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = __builtin_bswap16((uint16_t)port)};
	int listener = listen_on(&here, sizeof(here));
	struct io_uring ring;
	struct io_uring_cqe done;
	if (listener < 0 || ring_open(&ring, 4, (struct ring_options){0}) != 0)
		return 1;
	out_str(out, STR("waiting\n"));
	if (out_flush(out) != 0 || ring_do(&ring, sqe_accept(listener, nullptr, nullptr, 0), &done) != 0 ||
	    done.res < 0)
		return 2;
	uint8_t buffer[4096];
	struct out peer = out_to_fd(done.res, SPAN(buffer));
	int status = ring_close(&ring) != 0;
	for (; *files != nullptr && !str_equal(str_from_cstr(*files), STR("+")); files++)
		status |= show(&peer, *files);
	status |= out_flush(&peer) != 0;
	(void)sys_close(done.res);
	return status;
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

// Does what `argv` says up to its end or to "+".
static int act(struct out *out, char **argv, char **envp)
{
	struct str what = str_from_cstr(argv[0]);
	if (str_equal(what, STR("exit")))
		return number(argv[1]);
	if (str_equal(what, STR("kill"))) {
		(void)sys_kill(sys_getpid(), number(argv[1]));
		sleep_ms(10000);
	}
	if (str_equal(what, STR("first"))) {
		(void)sys_kill(1, number(argv[1]));
		sleep_ms(100000);
	}
	if (str_equal(what, STR("panic")))
		panic(STR("as asked for"));
	if (str_equal(what, STR("fault")))
		*(volatile int *)(uintptr_t)8 = 1;
	if (str_equal(what, STR("orphans")))
		return orphans();
	if (str_equal(what, STR("signals")))
		return signals();
	if (str_equal(what, STR("leftovers")))
		return leftovers();
	if (str_equal(what, STR("wait")))
		return wait_for_signal(out);
	if (str_equal(what, STR("bind")))
		return bind_to(argv[1]);
	if (str_equal(what, STR("answer")))
		return answer(out, number(argv[1]), argv + 2);
	if (str_equal(what, STR("terminal"))) {
		int group = 0;
		return sys_ioctl(SYS_STDIN, TIOCGPGRP, (uintptr_t)&group) == 0 && group == sys_getpid() ? 0 : 1;
	}
	if (str_equal(what, STR("streams"))) {
		int open = 0;
		for (int fd = 0; fd < 1024; fd++)
			open += sys_fcntl(fd, F_GETFD, 0) >= 0;
		return open == 3 ? 0 : 1;
	}
	if (str_equal(what, STR("show"))) {
		int status = 0;
		for (argv++; *argv != nullptr && !str_equal(str_from_cstr(*argv), STR("+")); argv++)
			status |= show(out, *argv);
		return status;
	}
	if (str_equal(what, STR("env"))) {
		for (; *envp != nullptr; envp++) {
			out_str(out, str_from_cstr(*envp));
			out_byte(out, '\n');
		}
		out_str(out, run_owns_machine() ? STR("own machine\n") : STR("no machine\n"));
		return 0;
	}
	return 98;
}

int main(int argc, char **argv, char **envp)
{
	if (panic_on_faults() != 0 || argc < 2)
		return 1;
	static uint8_t buffer[4096];
	struct out out = out_to_fd(SYS_STDOUT, SPAN(buffer));
	int status = act(&out, argv + 1, envp);
	for (int i = 2; i < argc; i++) {
		if (!str_equal(str_from_cstr(argv[i]), STR("+")) || argv[i + 1] == nullptr)
			continue;
		int next = out_flush(&out) != 0 ? 1 : act(&out, argv + i + 1, envp);
		status = status != 0 ? status : next;
	}
	return out_flush(&out) != 0 ? 1 : status;
}
