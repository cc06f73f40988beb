// tests/unit/out.c: crt/out.h, on memory, on a descriptor whose every system call is scripted, and on real ones.
//
// The code under test is included here, its system calls led through gate() below, so that each can be made to fail in
// turn. The linker then takes these functions and leaves the library's.
#include "syscall.h"

static long gate(long nr, long a, long b, long c, long d, long e, long f);
#define syscall6(...) gate(__VA_ARGS__) // in brackets, (syscall6), it is still the machine's
#include "crt/out.c"

#include "tests/unit/unit.h"

// A descriptor that no process has: what is written to it follows the script.
#define SCRIPTED_FD 1000000
#define ALL 0             // the result of a write that takes all
#define NOTHING INT64_MIN // the result of one that takes nothing, without an error

static struct {
	long writes[8]; // results of write(2), one after another: an error, NOTHING, or bytes at most; then ALL
	long polls[8];  // results of ppoll(2), one after another; then ready
	size_t write_count, poll_count;
	uint8_t taken[256];
	size_t taken_len;
} script;

static void script_reset(void)
{
	memset(&script, 0, sizeof(script));
}

static long scripted_write(const uint8_t *from, size_t size)
{
	long result = script.write_count < 8 ? script.writes[script.write_count] : 0;
	script.write_count++;
	if (result < 0)
		return result == NOTHING ? 0 : result;
	if (result == ALL || (size_t)result > size)
		result = (long)size;
	if (!CHECK(script.taken_len + (size_t)result <= sizeof(script.taken)))
		return -EFAULT;
	memcpy(script.taken + script.taken_len, from, (size_t)result);
	script.taken_len += (size_t)result;
	return result;
}

static long scripted_poll(const struct pollfd *fds, size_t count, const void *timeout, const void *mask)
{
	long result = script.poll_count < 8 ? script.polls[script.poll_count] : 0;
	script.poll_count++;
	CHECK_EQUAL(count, 1);
	CHECK_EQUAL(fds->events, POLLOUT);
	CHECK(timeout == nullptr); // for ever
	CHECK(mask == nullptr);
	return result < 0 ? result : 1;
}

static long gate(long nr, long a, long b, long c, long d, long e, long f)
{
	if (nr == __NR_write && a == SCRIPTED_FD)
		return scripted_write((const uint8_t *)b, (size_t)c);
	if (nr == __NR_ppoll && b > 0 && ((const struct pollfd *)a)->fd == SCRIPTED_FD)
		return scripted_poll((const struct pollfd *)a, (size_t)b, (const void *)c, (const void *)d);
	return (syscall6)(nr, a, b, c, d, e, f);
}

static struct str taken(void)
{
	return (struct str){(const char *)script.taken, script.taken_len};
}

// What a call writes into memory. The call names its out `o`.
#define CHECK_WRITES(call, expected)                           \
	do {                                                   \
		uint8_t memory[256];                           \
		struct out into = out_to_memory(SPAN(memory)); \
		struct out *o = &into;                         \
		call;                                          \
		CHECK_EQUAL(into.error, 0);                    \
		CHECK_STR(out_written(&into), STR(expected));  \
	} while (0)

UNIT(text)
{
	CHECK_WRITES(out_str(o, STR("")), "");
	CHECK_WRITES(out_str(o, (struct str){0}), "");
	CHECK_WRITES(out_str(o, STR("a\0b\xff")), "a\0b\xff");
	CHECK_WRITES(out_byte(o, 0), "\0");
	CHECK_WRITES(out_padded(o, STR("ab"), 4), "ab  ");
	CHECK_WRITES(out_padded(o, STR("ab"), 2), "ab");
	CHECK_WRITES(out_padded(o, STR("ab"), 1), "ab");
	CHECK_WRITES(out_padded(o, STR(""), 2), "  ");
}

UNIT(decimal_numbers)
{
	CHECK_WRITES(out_unsigned(o, 0), "0");
	CHECK_WRITES(out_unsigned(o, 9), "9");
	CHECK_WRITES(out_unsigned(o, 10), "10");
	CHECK_WRITES(out_unsigned(o, UINT64_MAX), "18446744073709551615");
	CHECK_WRITES(out_signed(o, 0), "0");
	CHECK_WRITES(out_signed(o, -1), "-1");
	CHECK_WRITES(out_signed(o, INT64_MAX), "9223372036854775807");
	CHECK_WRITES(out_signed(o, INT64_MIN), "-9223372036854775808");
	CHECK_WRITES(out_unsigned_padded(o, 7, 3, '0'), "007");
	CHECK_WRITES(out_unsigned_padded(o, 0, 3, ' '), "  0");
	CHECK_WRITES(out_unsigned_padded(o, 1234, 3, ' '), "1234");
	CHECK_WRITES(out_unsigned_padded(o, 1, 25, '.'), "........................1");
}

UNIT(hexadecimal_numbers)
{
	CHECK_WRITES(out_hex(o, 0, 0), "0");
	CHECK_WRITES(out_hex(o, 0, 1), "0");
	CHECK_WRITES(out_hex(o, 0, 2), "00");
	CHECK_WRITES(out_hex(o, 0xabcdef, 0), "abcdef");
	CHECK_WRITES(out_hex(o, 0xabcdef, 8), "00abcdef");
	CHECK_WRITES(out_hex(o, 0x123456789, 2), "123456789");
	CHECK_WRITES(out_hex(o, UINT64_MAX, 0), "ffffffffffffffff");
	CHECK_WRITES(out_hex(o, 1, 17), "0000000000000001");
	CHECK_WRITES(out_hex(o, UINT64_C(1) << 63, 0), "8000000000000000");
}

UNIT(sizes)
{
	CHECK_WRITES(out_size(o, 0), "0");
	CHECK_WRITES(out_size(o, 1023), "1023");
	CHECK_WRITES(out_size(o, 1024), "1.0K");
	CHECK_WRITES(out_size(o, 1024 + 51), "1.0K"); // 1.0498
	CHECK_WRITES(out_size(o, 1024 + 52), "1.1K"); // 1.0508
	CHECK_WRITES(out_size(o, 1535), "1.5K");
	CHECK_WRITES(out_size(o, 10188), "9.9K"); // 9.9492
	CHECK_WRITES(out_size(o, 10189), "10K");  // 9.9502: as tenths it would have four digits
	CHECK_WRITES(out_size(o, 10240), "10K");
	CHECK_WRITES(out_size(o, 10240 + 511), "10K");
	CHECK_WRITES(out_size(o, 10240 + 512), "11K");
	CHECK_WRITES(out_size(o, 1023 * 1024 + 511), "1023K");
	CHECK_WRITES(out_size(o, 1023 * 1024 + 512), "1.0M"); // never 1024K
	CHECK_WRITES(out_size(o, UINT64_C(34) << 20), "34M");
	CHECK_WRITES(out_size(o, UINT64_C(5) << 30), "5.0G");
	CHECK_WRITES(out_size(o, UINT64_C(1023) << 40), "1023T");
	CHECK_WRITES(out_size(o, UINT64_C(1) << 50), "1.0P");
	CHECK_WRITES(out_size(o, (UINT64_C(1) << 60) - 1), "1.0E");
	CHECK_WRITES(out_size(o, (UINT64_C(10) << 60) - 1), "10E");
	CHECK_WRITES(out_size(o, UINT64_MAX), "16E");
}

UNIT(errors)
{
	CHECK_WRITES(out_error(o, -ENOENT), "no such file or directory (ENOENT)");
	CHECK_WRITES(out_error(o, ENOENT), "no such file or directory (ENOENT)");
	CHECK_WRITES(out_error(o, -ENOTUNIQ), "(ENOTUNIQ)");
	CHECK_WRITES(out_error(o, -4000), "error 4000");
	CHECK_WRITES(out_error(o, 0), "error 0");
	CHECK_WRITES(out_error(o, INT64_MIN), "error 9223372036854775808");
}

UNIT(escaped_text)
{
	CHECK_WRITES(out_escaped(o, STR("a b~'\"")), "a b~'\"");
	CHECK_WRITES(out_escaped(o, STR("\x1b[2J\r\n\t\0\x7f")), "\\x1b[2J\\x0d\\x0a\\x09\\x00\\x7f");
	CHECK_WRITES(out_escaped(o, STR("\\x41")), "\\x5cx41"); // so that it is not taken for an escaped A
	CHECK_WRITES(out_escaped(o, (struct str){0}), "");

	// UTF-8: the first and the last of each length, and the character before the surrogates and after them.
	CHECK_WRITES(out_escaped(o, STR("\xc2\xa0\xdf\xbf")), "\xc2\xa0\xdf\xbf");
	CHECK_WRITES(out_escaped(o, STR("\xe0\xa0\x80\xef\xbf\xbf")), "\xe0\xa0\x80\xef\xbf\xbf");
	CHECK_WRITES(out_escaped(o, STR("\xed\x9f\xbf\xee\x80\x80")), "\xed\x9f\xbf\xee\x80\x80");
	CHECK_WRITES(out_escaped(o, STR("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf")), "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");

	// Control characters in two bytes: U+0080, U+009B (which terminals take for ESC [), U+009F.
	CHECK_WRITES(out_escaped(o, STR("\xc2\x80\xc2\x9b\xc2\x9f")), "\\xc2\\x80\\xc2\\x9b\\xc2\\x9f");
	// Too long for what they say: ESC in two bytes, in three, in four; U+07FF in three; U+FFFF in four.
	CHECK_WRITES(out_escaped(o, STR("\xc0\x9b")), "\\xc0\\x9b");
	CHECK_WRITES(out_escaped(o, STR("\xe0\x80\x9b")), "\\xe0\\x80\\x9b");
	CHECK_WRITES(out_escaped(o, STR("\xf0\x80\x80\x9b")), "\\xf0\\x80\\x80\\x9b");
	CHECK_WRITES(out_escaped(o, STR("\xe0\x9f\xbf")), "\\xe0\\x9f\\xbf");
	CHECK_WRITES(out_escaped(o, STR("\xf0\x8f\xbf\xbf")), "\\xf0\\x8f\\xbf\\xbf");
	// The first and the last surrogate, U+110000, and lead bytes that begin nothing.
	CHECK_WRITES(out_escaped(o, STR("\xed\xa0\x80\xed\xbf\xbf")), "\\xed\\xa0\\x80\\xed\\xbf\\xbf");
	CHECK_WRITES(out_escaped(o, STR("\xf4\x90\x80\x80")), "\\xf4\\x90\\x80\\x80");
	CHECK_WRITES(out_escaped(o, STR("\xf8\x88\x80\x80\x80\xff\x80")), "\\xf8\\x88\\x80\\x80\\x80\\xff\\x80");
	CHECK_WRITES(out_escaped(o, STR("\xf9\x80\x80\x80")), "\\xf9\\x80\\x80\\x80"); // its low bits would do for four
	// Cut short by the end, by a letter, by another character.
	CHECK_WRITES(out_escaped(o, STR("\xe2\x82")), "\\xe2\\x82");
	CHECK_WRITES(out_escaped(o, STR("\xc3")), "\\xc3");
	CHECK_WRITES(out_escaped(o, STR("\xe2\x82z")), "\\xe2\\x82z");
	CHECK_WRITES(out_escaped(o, STR("\xc3\xc3\xa9")), "\\xc3\xc3\xa9");
	CHECK_WRITES(out_escaped(o, str_take(STR("\xc3\xa9"), 1)), "\\xc3"); // the rest lies behind the end
}

UNIT(memory_keeps_what_fits)
{
	uint8_t memory[6] = "xxxxx";
	struct out out = out_to_memory((struct span){memory, 5});
	out_str(&out, STR("abc"));
	CHECK_EQUAL(out_flush(&out), 0);
	CHECK_STR(out_written(&out), STR("abc")); // nothing to flush it to
	out_str(&out, STR("de"));
	CHECK_EQUAL(out.error, 0); // exactly full is no error
	out_str(&out, STR(""));
	CHECK_EQUAL(out.error, 0);
	out_str(&out, STR("f"));
	CHECK_EQUAL(out.error, -ENOSPC);
	CHECK_EQUAL(out_flush(&out), -ENOSPC);
	CHECK_STR(out_written(&out), STR("abcde"));
	CHECK_EQUAL(memory[5], 0);
}

UNIT(memory_keeps_a_beginning_without_holes)
{
	uint8_t memory[5];
	struct out out = out_to_memory(SPAN(memory));
	out_str(&out, STR("abcdefg"));
	CHECK_STR(out_written(&out), STR("abcde"));

	out = out_to_memory(SPAN(memory));
	out_unsigned(&out, 12);
	out_unsigned(&out, 345678); // cut
	out_byte(&out, 'x');
	CHECK_STR(out_written(&out), STR("12345"));
	CHECK_EQUAL(out.error, -ENOSPC);
}

UNIT(no_memory_at_all)
{
	struct out out = out_to_memory((struct span){0});
	out_str(&out, STR(""));
	CHECK_EQUAL(out.error, 0);
	out_byte(&out, 'x');
	CHECK_EQUAL(out.error, -ENOSPC);

	script_reset();
	out = out_to_fd(SCRIPTED_FD, (struct span){0});
	out_byte(&out, 'x');
	CHECK_EQUAL(out_flush(&out), -ENOSPC);
	CHECK_EQUAL(script.write_count, 0);
}

UNIT(a_negative_descriptor_is_an_error)
{
	uint8_t memory[8];
	struct out out = out_to_fd(-ENOENT, SPAN(memory));
	out_str(&out, STR("abc"));
	CHECK_EQUAL(out_flush(&out), -EBADF);
	CHECK_EQUAL(out_written(&out).len, 0);
}

UNIT(nothing_is_written_before_it_must)
{
	script_reset();
	uint8_t memory[8];
	struct out out = out_to_fd(SCRIPTED_FD, SPAN(memory));
	CHECK_EQUAL(out_flush(&out), 0); // nothing in it: no call
	out_str(&out, STR("12345678"));
	CHECK_EQUAL(script.write_count, 0);
	out_byte(&out, '9');
	CHECK_EQUAL(script.write_count, 1);
	CHECK_STR(taken(), STR("12345678"));
	CHECK_STR(out_written(&out), STR("9"));
	CHECK_EQUAL(out_flush(&out), 0);
	CHECK_STR(taken(), STR("123456789"));
	CHECK_EQUAL(out_flush(&out), 0);
	CHECK_EQUAL(script.write_count, 2);
}

// What arrives does not depend on the size of the buffer, nor on how much each write takes.
UNIT(every_buffer_and_every_short_write)
{
	for (size_t cap = 1; cap <= 40; cap++) {
		for (long at_most = 1; at_most <= 20; at_most++) {
			script_reset();
			for (size_t i = 0; i < 8; i++)
				script.writes[i] = at_most;
			uint8_t memory[40];
			struct out out = out_to_fd(SCRIPTED_FD, (struct span){memory, cap});
			out_str(&out, STR("the quick brown fox "));
			out_unsigned_padded(&out, 12345, 8, '0');
			out_escaped(&out, STR("\n"));
			CHECK_EQUAL(out_flush(&out), 0);
			CHECK_STR(taken(), STR("the quick brown fox 00012345\\x0a"));
		}
	}
}

UNIT(a_signal_before_the_write_means_again)
{
	script_reset();
	script.writes[0] = script.writes[1] = -EINTR;
	script.writes[2] = 2;
	script.writes[3] = -EINTR;
	uint8_t memory[8];
	struct out out = out_to_fd(SCRIPTED_FD, SPAN(memory));
	out_str(&out, STR("abcdef"));
	CHECK_EQUAL(out_flush(&out), 0);
	CHECK_STR(taken(), STR("abcdef"));
	CHECK_EQUAL(script.write_count, 5);
	CHECK_EQUAL(script.poll_count, 0);
}

UNIT(a_full_descriptor_means_wait)
{
	script_reset();
	script.writes[0] = 3;
	script.writes[1] = -EAGAIN;
	script.writes[2] = 1;
	script.writes[3] = -EAGAIN; // woken, and full again
	script.polls[0] = -EINTR;   // a signal while it waits
	script.writes[4] = ALL;
	uint8_t memory[8];
	struct out out = out_to_fd(SCRIPTED_FD, SPAN(memory));
	out_str(&out, STR("abcdef"));
	CHECK_EQUAL(out_flush(&out), 0);
	CHECK_STR(taken(), STR("abcdef"));
	CHECK_EQUAL(script.write_count, 5);
	CHECK_EQUAL(script.poll_count, 2); // one wait for each refusal
}

UNIT(a_wait_that_fails_is_the_error)
{
	script_reset();
	script.writes[0] = -EAGAIN;
	script.polls[0] = -ENOMEM;
	uint8_t memory[8];
	struct out out = out_to_fd(SCRIPTED_FD, SPAN(memory));
	out_str(&out, STR("abc"));
	CHECK_EQUAL(out_flush(&out), -ENOMEM);
	CHECK_EQUAL(script.write_count, 1);
}

UNIT(a_write_of_nothing_ends)
{
	script_reset();
	script.writes[0] = NOTHING;
	uint8_t memory[8];
	struct out out = out_to_fd(SCRIPTED_FD, SPAN(memory));
	out_str(&out, STR("abc"));
	CHECK_EQUAL(out_flush(&out), -EIO);
	CHECK_EQUAL(script.write_count, 1);
}

// Each write in turn fails: what arrived is the beginning, the error is told, and nobody is asked again.
UNIT(errors_stick)
{
	for (size_t failing = 0; failing < 5; failing++) {
		script_reset();
		script.writes[failing] = -ENOSPC;
		uint8_t memory[4];
		struct out out = out_to_fd(SCRIPTED_FD, SPAN(memory));
		out_str(&out, STR("0123456789"));
		out_unsigned(&out, 1234567890);
		CHECK_EQUAL(out_flush(&out), -ENOSPC);
		CHECK_EQUAL(out_flush(&out), -ENOSPC);
		CHECK_EQUAL(out.error, -ENOSPC);
		CHECK_EQUAL(script.write_count, failing + 1);
		CHECK_STR(taken(), str_take(STR("01234567891234567890"), 4 * failing));

		out_str(&out, STR("more than the buffer holds"));
		CHECK_EQUAL(out_written(&out).len, 0);
		CHECK_EQUAL(out_flush(&out), -ENOSPC);
		CHECK_EQUAL(script.write_count, failing + 1);
	}
}

// From here on, real descriptors.

#define SIGPIPE_SET (UINT64_C(1) << (SIGPIPE - 1))

static int pipe_open(int fds[2])
{
	return (int)syscall6(__NR_pipe2, (long)fds, 0, 0, 0, 0, 0);
}

UNIT(a_pipe_takes_it)
{
	int fds[2];
	if (!CHECK_EQUAL(pipe_open(fds), 0))
		return;
	uint8_t memory[4], got[32];
	struct out out = out_to_fd(fds[1], SPAN(memory));
	out_str(&out, STR("through the pipe"));
	CHECK_EQUAL(out_flush(&out), 0);
	long len = sys_read(fds[0], got, sizeof(got));
	CHECK_EQUAL(len, 16);
	CHECK_BYTES(got, "through the pipe", 16);
	CHECK_EQUAL(sys_close(fds[0]), 0);
	CHECK_EQUAL(sys_close(fds[1]), 0);
}

UNIT(a_pipe_that_nobody_reads)
{
	int fds[2];
	const uint64_t set = SIGPIPE_SET;
	if (!CHECK_EQUAL(pipe_open(fds), 0) || !CHECK_EQUAL(sys_rt_sigprocmask(SIG_BLOCK, &set, nullptr), 0))
		return;
	CHECK_EQUAL(sys_close(fds[0]), 0);
	uint8_t memory[16];
	struct out out = out_to_fd(fds[1], SPAN(memory));
	out_str(&out, STR("abc"));
	CHECK_EQUAL(out_flush(&out), -EPIPE);
	CHECK_EQUAL(out_flush(&out), -EPIPE);
	CHECK_EQUAL(sys_close(fds[1]), 0);
}

UNIT(a_descriptor_that_is_closed)
{
	int fds[2];
	if (!CHECK_EQUAL(pipe_open(fds), 0))
		return;
	CHECK_EQUAL(sys_close(fds[0]), 0);
	CHECK_EQUAL(sys_close(fds[1]), 0);
	uint8_t memory[16];
	struct out out = out_to_fd(fds[1], SPAN(memory));
	out_str(&out, STR("abc"));
	CHECK_EQUAL(out_flush(&out), -EBADF);
}

UNIT(a_full_device)
{
	int fd = sys_openat(AT_FDCWD, "/dev/full", O_WRONLY, 0);
	if (fd < 0)
		UNIT_SKIP(STR("no /dev/full here"));
	uint8_t memory[16];
	struct out out = out_to_fd(fd, SPAN(memory));
	out_str(&out, STR("abc"));
	CHECK_EQUAL(out.error, 0); // not before it is written
	CHECK_EQUAL(out_flush(&out), -ENOSPC);
	CHECK_EQUAL(sys_close(fd), 0);
}

#define MANY_BYTES (1024 * 1024u) // more than a pipe holds: 64 KiB [pipe(7)]
#define PATTERN_PRIME 251         // the period of the bytes, not that of any buffer

// A child that reads `fd` to its end, after a while, and whose exit status tells whether it read the pattern.
[[noreturn]] static void read_pattern(int fd)
{
	struct __kernel_timespec while_it_fills = {.tv_nsec = 50 * 1000 * 1000};
	(void)sys_ppoll(nullptr, 0, &while_it_fills, nullptr);
	static uint8_t got[5000];
	size_t total = 0;
	for (long len; (len = sys_read(fd, got, sizeof(got))) > 0; total += (size_t)len) {
		for (size_t i = 0; i < (size_t)len; i++) {
			if (got[i] != (total + i) % PATTERN_PRIME)
				sys_exit_group(1);
		}
	}
	sys_exit_group(total == MANY_BYTES ? 0 : 2);
}

static void write_pattern(int flags)
{
	int fds[2];
	if (!CHECK_EQUAL(pipe_open(fds), 0))
		return;
	CHECK_EQUAL(sys_fcntl(fds[1], F_SETFL, flags), 0);
	long child = syscall6(__NR_clone, SIGCHLD, 0, 0, 0, 0, 0); // fork: a stack of its own is not asked for
	if (child == 0) {
		(void)sys_close(fds[1]);
		read_pattern(fds[0]);
	}
	if (!CHECK(child > 0))
		return;
	CHECK_EQUAL(sys_close(fds[0]), 0);

	static uint8_t memory[70 * 1000]; // more than the pipe holds at once
	struct out out = out_to_fd(fds[1], SPAN(memory));
	for (unsigned i = 0; i < MANY_BYTES; i++)
		out_byte(&out, (char)(i % PATTERN_PRIME));
	CHECK_EQUAL(out_flush(&out), 0);
	CHECK_EQUAL(sys_close(fds[1]), 0);

	int status = -1;
	CHECK_EQUAL(syscall6(__NR_wait4, child, (long)&status, 0, 0, 0, 0), child);
	CHECK_EQUAL(status, 0);
}

UNIT(a_slow_reader)
{
	write_pattern(0);
}

UNIT(a_slow_reader_of_a_descriptor_that_does_not_block)
{
	write_pattern(O_NONBLOCK);
}
