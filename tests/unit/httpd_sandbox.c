// tests/unit/httpd_sandbox.c: apps/httpd/sandbox.h and what it is made of: that each part holds, in a child that enters it and then
// tries.
//
// For either engine.
#include "apps/httpd/sandbox.h"

#include <linux/in.h>
#include <linux/prctl.h>

#include "apps/httpd/landlock.h"
#include "apps/httpd/restrict.h"
#include "apps/httpd/seccomp.h"
#include "apps/httpd/user.h"
#include "crt/mem.h"
#include "crt/out.h"
#include "crt/panic.h"
#include "ring/register.h"
#include "tests/unit/ring_unit.h"

#define OUTSIDE "/proc/version"
#define OK 0
#define SYSCALL_KILLED (128 + SIGSYS)
#define MISSING 99 // a child found that the kernel has no such thing

// A folder with a file in it, for one child after the other.
static char folder[64];
static int root = -1;

static bool has_folder(void)
{
	if (root >= 0)
		return true;
	struct out name = out_to_memory((struct span){(uint8_t *)folder, sizeof(folder) - 1});
	out_str(&name, STR("/tmp/unit-sandbox."));
	out_unsigned(&name, (unsigned)sys_getpid());
	if (!CHECK_EQUAL(sys_mkdirat(AT_FDCWD, folder, 0755), 0))
		return false;
	root = sys_openat(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	int file = sys_openat(root, "inside", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (!CHECK(root >= 0) || !CHECK(file >= 0))
		return false;
	CHECK_EQUAL(sys_close(file), 0);
	return true;
}

static void drop_folder(void)
{
	CHECK_EQUAL(sys_unlinkat(root, "inside", 0), 0);
	CHECK_EQUAL(sys_close(root), 0);
	CHECK_EQUAL(sys_unlinkat(AT_FDCWD, folder, AT_REMOVEDIR), 0);
	root = -1;
}

// Runs `part` in a child; its status, or 128 and the signal that ended it.
static int run(int (*part)(void))
{
	int child = sys_clone(SIGCHLD);
	if (child == 0)
		sys_exit_group(part());
	int how = 0;
	CHECK_EQUAL(sys_wait4(child, &how, 0), child);
	return (how & 0x7f) != 0 ? 128 + (how & 0x7f) : how >> 8 & 0xff;
}

#define CHECK_RUN(part, expected)                                                       \
	do {                                                                            \
		int status = run(part);                                                 \
		if (status == MISSING) {                                                \
			unit_skip(STR("this kernel (or qemu-user) has nothing of it")); \
			goto end;                                                       \
		}                                                                       \
		CHECK_EQUAL(status, expected);                                          \
	} while (0)

// A child's check: its status is the line where it failed.
#define MUST(condition)                           \
	do {                                      \
		if (!(condition))                 \
			return __LINE__ % 90 + 1; \
	} while (0)

static bool is_missing(int error)
{
	return error == -ENOSYS || error == -EOPNOTSUPP || error == -EINVAL;
}

static int enter_landlock(void)
{
	MUST(sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0) == 0);
	int error = landlock_enter(root);
	if (is_missing(error))
		return MISSING;
	MUST(error == 0);
	return OK;
}

static int only_the_folder(void)
{
	int status = enter_landlock();
	if (status != OK)
		return status;
	MUST(sys_openat(root, "inside", O_RDONLY, 0) >= 0);
	MUST(sys_openat(root, ".", O_RDONLY | O_DIRECTORY, 0) >= 0);
	MUST(sys_openat(root, "inside", O_WRONLY, 0) == -EACCES);
	MUST(sys_openat(root, "new", O_WRONLY | O_CREAT, 0644) == -EACCES);
	MUST(sys_unlinkat(root, "inside", 0) == -EACCES);
	MUST(sys_mkdirat(root, "new", 0755) == -EACCES);
	MUST(sys_openat(AT_FDCWD, OUTSIDE, O_RDONLY, 0) == -EACCES);
	MUST(sys_openat(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0) == -EACCES);
	return OK;
}

static int no_way_out(void)
{
	int status = enter_landlock();
	if (status != OK)
		return status;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {__builtin_bswap32(INADDR_LOOPBACK)}};
	int version = sys_landlock_create_ruleset(nullptr, 0, 1);
	int socket = sys_socket(AF_INET, SOCK_STREAM, 0);
	if (version >= 4 && socket >= 0) {
		MUST(sys_bind(socket, &address, sizeof(address)) == -EACCES);
		MUST(sys_connect(socket, &address, sizeof(address)) == -EACCES);
	}
	if (version >= 6)
		MUST(sys_kill(sys_getppid(), 0) == -EPERM);
	return OK;
}

UNIT(landlock_leaves_the_folder_to_read_and_no_way_out)
{
	if (!has_folder())
		return;
	CHECK_RUN(only_the_folder, OK);
	CHECK_RUN(no_way_out, OK);
end:
	drop_folder();
}

static bool open_disabled(struct io_uring *ring)
{
	return ring_open(ring, 8, on_engine((struct ring_options){.disabled = true, .close_quick = true})) == 0;
}

UNIT(a_ring_does_what_is_used_and_nothing_else)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8, .disabled = true, .close_quick = true);
	CHECK_EQUAL(restrict_ring(&ring), 0);
	CHECK_EQUAL(ring_enable(&ring), 0);
	static struct statx about;
	static uint8_t bytes[8];
	static struct sockaddr_in address = {.sin_family = AF_INET};
	struct io_uring_sqe forbidden[] = {
		sqe_openat(AT_FDCWD, OUTSIDE, O_RDONLY, 0),  sqe_statx(AT_FDCWD, OUTSIDE, 0, STATX_TYPE, &about),
		sqe_socket(AF_INET, SOCK_STREAM, 0),         sqe_connect(0, &address, sizeof(address)),
		sqe_unlinkat(AT_FDCWD, "/tmp/none", 0),      sqe_async(sqe_nop()),
		sqe_fixed_file(sqe_read(0, SPAN(bytes), 0)),
	};
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++) {
		struct io_uring_cqe done;
		CHECK_EQUAL(ring_do(&ring, forbidden[i], &done), 0);
		CHECK_EQUAL(done.res, -EACCES);
	}
	struct io_uring_cqe done;
	CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), 0);
	CHECK_EQUAL(done.res, 0);
	int fd = 0;
	CHECK_EQUAL(ring_register_files(&ring, &fd, nullptr, 1), -EACCES);
	CHECK_EQUAL(ring_register_personality(&ring), -EACCES);
	CHECK_EQUAL(ring_close(&ring), 0);
}

static int enter_filter(void)
{
	MUST(sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0) == 0);
	int error = seccomp_enter(wants_emulation());
	if (is_missing(error))
		return MISSING;
	MUST(error == 0);
	return OK;
}

// What a child tries once the filter is there; it is not the one to say what came of it, where it is killed.
#define TRY(name, call)                      \
	static int name(void)                \
	{                                    \
		int status = enter_filter(); \
		if (status != OK)            \
			return status;       \
		(void)(call);                \
		return OK;                   \
	}

static char *none[] = {nullptr};
TRY(try_nothing, sys_getpid())
TRY(try_exec, sys_execve("/bin/true", none, none))
TRY(try_clone, sys_clone(SIGCHLD))
TRY(try_socket, sys_socket(AF_INET, SOCK_STREAM, 0))
TRY(try_connect, sys_connect(0, nullptr, 0))
TRY(try_mmap, sys_mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
TRY(try_mprotect, sys_mprotect(nullptr, 0, PROT_EXEC))
TRY(try_unlink, sys_unlinkat(AT_FDCWD, "/tmp/none", 0))
TRY(try_write_open, sys_openat(AT_FDCWD, "/tmp/none", O_WRONLY | O_CREAT, 0644))
TRY(try_kill, sys_kill(sys_getpid(), 0))
TRY(try_tgkill_other, sys_tgkill(1, 1, 0))
TRY(try_fcntl, sys_fcntl(0, F_SETOWN, 1))
TRY(try_madvise, sys_madvise(nullptr, 0, MADV_DONTFORK))
TRY(try_prctl, sys_prctl(PR_GET_PDEATHSIG, 0, 0))
TRY(try_unknown, syscall6(4095, 0, 0, 0, 0, 0, 0))
// Of the two engines, the calls of the other.
TRY(try_other_engine,
    wants_emulation() ? sys_io_uring_enter(-1, 0, 0, 0, nullptr, 0) : sys_recvfrom(-1, nullptr, 0, 0, nullptr, nullptr))
TRY(try_own_engine,
    wants_emulation() ? sys_recvfrom(-1, nullptr, 0, 0, nullptr, nullptr) : sys_io_uring_enter(-1, 0, 0, 0, nullptr, 0))
TRY(try_ring_setup, sys_io_uring_setup(1, nullptr))
TRY(try_ring_register, sys_io_uring_register(-1, 0, nullptr, 0))

UNIT(a_call_that_is_not_needed_ends_the_process)
{
	CHECK_RUN(try_nothing, OK);
	CHECK_RUN(try_own_engine, OK);
	static int (*const killed[])(void) = {
		try_exec,   try_clone,      try_socket,       try_connect,      try_mmap,          try_mprotect,
		try_unlink, try_write_open, try_kill,         try_tgkill_other, try_fcntl,         try_madvise,
		try_prctl,  try_unknown,    try_other_engine, try_ring_setup,   try_ring_register,
	};
	for (size_t i = 0; i < sizeof(killed) / sizeof(*killed); i++) {
		int status = run(killed[i]);
		if (!CHECK_EQUAL(status, SYSCALL_KILLED))
			CHECK_EQUAL(i, SIZE_MAX); // says which
	}
end:;
}

static struct io_uring ring;

static bool enter_all(const struct account *user)
{
	struct sandbox sandbox = {.ring = &ring, .root = root, .user = user, .tells = true};
	return open_disabled(&ring) && sandbox_enter(&sandbox);
}

static int all_together(void)
{
	if (is_missing(sys_landlock_create_ruleset(nullptr, 0, 1)))
		return MISSING;
	MUST(enter_all(nullptr));
	MUST(sys_openat2(root, "inside", &(struct open_how){.flags = O_RDONLY}) >= 0);
	struct io_uring_cqe done;
	struct open_how read_only = {.flags = O_RDONLY};
	MUST(ring_do(&ring, sqe_openat2(root, "inside", &read_only, sizeof(read_only)), &done) == 0 && done.res >= 0);
	MUST(ring_do(&ring, sqe_openat(root, "inside", O_RDONLY, 0), &done) == 0 && done.res == -EACCES);
	// Landlock holds for what the ring does, too.
	int outside = sys_openat2(AT_FDCWD, OUTSIDE, &read_only);
	MUST(ring_do(&ring, sqe_openat2(AT_FDCWD, OUTSIDE, &read_only, sizeof(read_only)), &done) == 0);
	MUST((outside < 0) == (done.res < 0));
	MUST(outside == -EACCES);
	return OK;
}

static int all_and_exec(void)
{
	MUST(enter_all(nullptr));
	return sys_execve("/bin/true", none, none);
}

// What it says is of no interest to who reads the test's.
static bool is_silenced(void)
{
	return sys_dup3(sys_openat(AT_FDCWD, "/dev/null", O_WRONLY, 0), SYS_STDERR, 0) == SYS_STDERR;
}

static int all_and_panic(void)
{
	MUST(is_silenced() && panic_on_faults() == 0);
	MUST(enter_all(nullptr));
	panic(STR("as the test wants it"));
}

static int all_and_fault(void)
{
	MUST(is_silenced() && panic_on_faults() == 0);
	MUST(enter_all(nullptr));
	*(volatile int *)8 = 1;
	return OK;
}

UNIT(all_together)
{
	struct io_uring probe;
	RING_OR_SKIP(probe, 8, .disabled = true, .close_quick = true);
	CHECK_EQUAL(ring_close(&probe), 0);
	if (!has_folder())
		return;
	CHECK_RUN(all_together, OK);
	CHECK_RUN(all_and_exec, SYSCALL_KILLED);
	CHECK_RUN(all_and_panic, 128 + SIGABRT); // which says its words, and is no offence
	CHECK_RUN(all_and_fault, 128 + SIGSEGV);
end:
	drop_folder();
}

static int become(void)
{
	static const struct account nobody = {.user = 65534, .group = 65533, .others = {4, 5}, .other_count = 2};
	int secret = sys_openat(root, "secret", O_WRONLY | O_CREAT, 0600);
	MUST(secret >= 0);
	if (!user_become(&nobody))
		return MISSING;
	MUST(sys_openat(root, "secret", O_RDONLY, 0) == -EACCES);
	MUST(sys_unlinkat(root, "secret", 0) == -EACCES);
	MUST(sys_setresuid(0, 0, 0) == -EPERM);
	MUST(syscall6(__NR_getuid, 0, 0, 0, 0, 0, 0) == 65534 && syscall6(__NR_geteuid, 0, 0, 0, 0, 0, 0) == 65534);
	MUST(syscall6(__NR_getgid, 0, 0, 0, 0, 0, 0) == 65533 && syscall6(__NR_getegid, 0, 0, 0, 0, 0, 0) == 65533);
	uint32_t groups[8];
	MUST(syscall6(__NR_getgroups, 8, (long)groups, 0, 0, 0, 0) == 2 && groups[0] == 4 && groups[1] == 5);
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct has[2];
	MUST(sys_capget(&header, has) == 0 && has[0].permitted == 0 && has[1].permitted == 0 && has[0].effective == 0);
	return OK;
}

static int keep_reading(void)
{
	if (user_keep_reading() != 0)
		return MISSING;
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct has[2];
	MUST(sys_capget(&header, has) == 0 && has[0].permitted == 1u << CAP_DAC_READ_SEARCH && has[1].permitted == 0);
	MUST(sys_setresuid(1, 1, 1) == -EPERM);
	return OK;
}

UNIT(another_user_for_good)
{
	if (syscall6(__NR_geteuid, 0, 0, 0, 0, 0, 0) != 0)
		UNIT_SKIP(STR("only root can become another user"));
	if (!has_folder())
		return;
	CHECK_RUN(become, OK);
	(void)sys_unlinkat(root, "secret", 0);
	CHECK_RUN(keep_reading, OK);
end:
	(void)sys_unlinkat(root, "secret", 0);
	drop_folder();
}
