// tests/programs/forbid.c: runs a program that the kernel refuses a call, as a container's seccomp profile would.
//
//	forbid io_uring_setup=EPERM zig-out/x86_64/bin/cat big
//
//	forbid io_uring_register:22=EINVAL ...     only where its second argument is this
//
// The call gives the error that is named; or with "kill" whoever makes it ends by SIGSYS, so that the exit status tells
// whether it was made at all. Nothing on the machine changes: the filter is the process's own, and its children's. All
// else (descriptors, ignored signals, environment) the program finds as it was.
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>

#include "arch/sys.h"
#include "crt/process.h"
#include "crt/say.h"
#include "crt/str.h"

enum { USAGE = 125 }; // as timeout(1) and env(1) have it for their own failures

// 0 for a call that nobody has needed to forbid yet.
static uint32_t number_of(struct str call)
{
	static const struct {
		struct str name;
		uint32_t number;
	} calls[] = {
		{STR("capset"), __NR_capset},
		{STR("clone"), __NR_clone},
		{STR("inotify_init1"), __NR_inotify_init1},
		{STR("io_uring_setup"), __NR_io_uring_setup},
		{STR("io_uring_enter"), __NR_io_uring_enter},
		{STR("io_uring_register"), __NR_io_uring_register},
		{STR("landlock_create_ruleset"), __NR_landlock_create_ruleset},
		{STR("landlock_restrict_self"), __NR_landlock_restrict_self},
		{STR("mmap"), __NR_mmap},
		{STR("mprotect"), __NR_mprotect},
		{STR("openat2"), __NR_openat2},
		{STR("rt_sigaction"), __NR_rt_sigaction},
		{STR("seccomp"), __NR_seccomp},
		{STR("signalfd4"), __NR_signalfd4},
		{STR("socket"), __NR_socket},
		{STR("statx"), __NR_statx},
	};
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (str_equal(call, calls[i].name))
			return calls[i].number;
	}
	return 0;
}

// What the filter answers; 0 for a word that is neither "kill" nor the name of an error.
static uint32_t verdict_of(struct str how)
{
	if (str_equal(how, STR("kill")))
		return SECCOMP_RET_KILL_PROCESS;
	for (uint32_t error = 1; error < 4096; error++) {
		if (str_equal(how, errno_name((long)error)))
			return SECCOMP_RET_ERRNO | error;
	}
	return 0;
}

// Where `has_second`: only with this second argument.
static long forbid(uint32_t number, uint32_t verdict, bool has_second, uint32_t second)
{
	struct sock_filter steps[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), // the number is the first word of struct seccomp_data
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, second, 0, has_second ? 1 : 0),
		BPF_STMT(BPF_RET | BPF_K, verdict),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = {.len = sizeof(steps) / sizeof(steps[0]), .filter = steps};
	long error = syscall6(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0);
	return error != 0 ? error : syscall6(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, (long)&filter, 0, 0, 0);
}

int main(int argc, char **argv, char **envp)
{
	struct str_cut what = str_cut(str_from_cstr(argc > 2 ? argv[1] : ""), '=');
	struct str_cut call = str_cut(what.before, ':');
	uint64_t second = 0;
	bool has_second = call.before.len < what.before.len;
	bool is_second_good = !has_second || (str_to_unsigned(call.after, &second) && second <= UINT32_MAX);
	uint32_t number = number_of(call.before);
	uint32_t verdict = verdict_of(what.after);
	if (number == 0 || verdict == 0 || !is_second_good) {
		say(STR("usage: forbid CALL[:SECOND]=ERROR|kill PROGRAM [ARGUMENT]..."));
		return USAGE;
	}
	long error = forbid(number, verdict, has_second, (uint32_t)second);
	if (error == 0)
		error = syscall6(__NR_execve, (long)argv[2], (long)(argv + 2), (long)envp, 0, 0, 0);
	say_error(error, STR("forbid: cannot run '"), str_from_cstr(argv[2]), STR("'"));
	return USAGE;
}
