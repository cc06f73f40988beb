// crt/pid1/machine_close.c: the last things, in their order.
#include <asm/ioctls.h>
#include <linux/mount.h>
#include <linux/reboot.h>
#include <linux/wait.h>

#include "arch/sys.h"
#include "crt/clock.h"
#include "crt/out.h"
#include "crt/pid1/machine.h"
#include "crt/say.h"
#include "crt/signal.h"
#include "crt/str.h"

#define END_NS_MAX INT64_C(5'000'000'000) // what is left running gets so long between SIGTERM and SIGKILL

int machine_status(const char *program, int how)
{
	if ((how & 0x7f) == 0) // [waitpid(2), WIFEXITED]
		return how >> 8 & 0xff;
	int signal = how & 0x7f;
	uint8_t digits[12];
	struct out number = out_to_memory(SPAN(digits));
	out_signed(&number, signal);
	say(STR("pid1: "), str_from_cstr(program), STR(" was ended by signal "), out_written(&number), STR(" (SIG"),
	    signal_name(signal), STR(")"));
	return 128 + signal;
}

// Whether processes are left. Every one is our child, or has a parent that is.
static bool any_left(void)
{
	int how, ended;
	do
		ended = sys_wait4(-1, &how, WNOHANG);
	while (ended > 0);
	return ended == 0;
}

static void end_processes(void)
{
	uint64_t child = signal_bit(SIGCHLD);
	(void)signal_block(child, nullptr);
	for (int signal = SIGTERM; any_left(); signal = SIGKILL) {
		(void)sys_kill(-1, signal); // all but us
		int64_t end = clock_monotonic_ns() + END_NS_MAX;
		while (any_left() && clock_monotonic_ns() < end)
			(void)sys_rt_sigtimedwait(&child, &(struct __kernel_timespec){.tv_sec = 1});
		if (signal == SIGKILL)
			return; // who survives that sleeps in the kernel
	}
}

// In one piece, so that who looks for it in a program's file finds it.
[[gnu::used]] static const char STATUS_WORD[] = "ringlet.status";

// Tells something outside: a line on the console that begins with a byte that no text has, and with a word that only who started
// the machine knows, so that no output of the program can be taken for it.
static void tell(struct str what)
{
	struct str token = machine_word(str_from_cstr(STATUS_WORD));
	if (token.len == 0)
		return;
	uint8_t bytes[128];
	struct out line = out_to_memory(SPAN(bytes));
	out_str(&line, STR("\x1eringlet "));
	out_str(&line, token);
	out_byte(&line, ' ');
	out_str(&line, what);
	out_byte(&line, '\n');
	(void)sys_ioctl(SYS_STDOUT, TCXONC, 1); // TCOON: Ctrl-S may have stopped the output [ioctl_tty(2)]
	(void)sys_write(SYS_STDOUT, line.ptr, line.len);
	(void)sys_ioctl(SYS_STDOUT, TCSBRK, 1); // waits until all is out, as tcdrain(3) does
}

void machine_tell_start(void)
{
	tell(STR("start"));
}

// Decodes the \ooo of /proc/self/mounts in place, and ends the text with NUL. [proc(5), fstab(5)]
static void unescape(char *text, size_t len)
{
	size_t to = 0;
	for (size_t at = 0; at < len; at++, to++) {
		text[to] = text[at];
		if (text[at] == '\\' && len - at > 3) {
			text[to] = (char)((text[at + 1] - '0') << 6 | (text[at + 2] - '0') << 3 | (text[at + 3] - '0'));
			at += 3;
		}
	}
	text[to] = '\0';
}

// Unmounts what has a disk or a server behind it, the last mounted first, or at least stops writing to it, which is all that the
// kernel does for the root. What lives in memory goes with the machine.
static void unmount_all(void)
{
	static char table[16384];
	int fd = sys_openat(AT_FDCWD, "/proc/self/mounts", O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return; // there is no /proc, and sync has been called
	size_t len = 0;
	for (long got; len < sizeof(table) && (got = sys_read(fd, table + len, sizeof(table) - len)) > 0;)
		len += (size_t)got;
	(void)sys_close(fd);

	for (size_t end = len; end > 0;) {
		size_t start = end - 1; // of the line before
		while (start > 0 && table[start - 1] != '\n')
			start--;
		struct str line = {table + start, end - start};
		end = start;
		struct str_cut source = str_cut(line, ' '), path = str_cut(source.after, ' ');
		struct str type = str_cut(path.after, ' ').before;
		bool is_in_memory = str_equal(type, STR("rootfs")) || str_equal(type, STR("tmpfs")) ||
				    str_equal(type, STR("ramfs")) || str_equal(source.before, type);
		if (is_in_memory)
			continue;
		char *target = table + (path.before.ptr - table);
		unescape(target, path.before.len);
		int error = sys_umount2(target, 0);
		if (error != 0)
			error = sys_mount(nullptr, target, nullptr, MS_REMOUNT | MS_RDONLY, nullptr);
		if (error != 0)
			say_error(error, STR("pid1: cannot unmount "), str_from_cstr(target));
	}
}

void machine_close(int status)
{
	end_processes();
	sys_sync();
	unmount_all();
	uint8_t digits[12];
	struct out number = out_to_memory(SPAN(digits));
	out_signed(&number, status);
	tell(out_written(&number));
	bool restarts = str_starts(machine_word(STR("reboot")), STR("t"));
	int error = sys_reboot(restarts ? LINUX_REBOOT_CMD_RESTART : LINUX_REBOOT_CMD_POWER_OFF);
	say_error(error, STR("pid1: the machine cannot be switched off; it waits"));
	for (;;)
		(void)sys_ppoll(nullptr, 0, nullptr, nullptr);
}
