// arch/sys.h: every system call that Ringlet uses, typed: the only door to the kernel.
//
// Each function is one system call and nothing else: no retry, no buffer, no errno. The result is the kernel's own: a
// count, a descriptor or zero, or an error as a negative number from -4095 to -1 (-ENOENT). Its manual page, in section
// 2, is named at each; sys_NAME is the call NAME. Alphabetical, so that what a program may ask of the kernel is a page that
// one can read.
//
// Paths here end with a NUL, since this is where they meet the kernel. Memory that a call reads or fills is the
// caller's; the kernel is done with it when the call returns.
//
// Numbers and structures come from the kernel's UAPI headers. What those leave to the C library stands in socket.h and
// below, each with the kernel's file that fixes it.
#pragma once

#include <asm/signal.h>
#include <asm/unistd.h>
#include <linux/capability.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/openat2.h>
#include <linux/poll.h>
#include <linux/reboot.h>
#include <linux/resource.h>
#include <linux/signalfd.h>
#include <linux/stat.h>
#include <linux/time_types.h>
#include <linux/uio.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/errno.h"
#include "arch/socket.h"
#include "audit.h"
#include "syscall.h"

struct io_uring_params;       // <linux/io_uring.h>; only ring/ looks inside
struct epoll_event;           // <linux/eventpoll.h>
struct landlock_ruleset_attr; // <linux/landlock.h>
struct new_utsname;           // <linux/utsname.h>

// The three descriptors that every program inherits. [stdin(3)]
enum { SYS_STDIN = 0, SYS_STDOUT = 1, SYS_STDERR = 2 };

// The kernel's signal set is 64 bits on every machine, whatever the C library's is. [Linux include/linux/signal_types.h]
#define SYS_SIGSET_BYTES 8u

// One entry of a directory, `reclen` bytes in all, name ended by NUL. [getdents64(2); Linux include/linux/dirent.h]
struct sys_dirent {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type; // SYS_DT_*
	char name[];
};

enum { SYS_DT_UNKNOWN = 0, SYS_DT_DIR = 4, SYS_DT_REG = 8, SYS_DT_LNK = 10 }; // [Linux include/linux/fs_types.h]

// Whether a result that is an address is an error instead. [syscall(2)]
static inline bool sys_failed(long result)
{
	return (unsigned long)result > -4096UL;
}

// [accept(2)] `address` and `length` may be null. Linux 2.6.28.
[[nodiscard]] static inline int sys_accept4(int fd, void *address, uint32_t *length, int flags)
{
	return (int)syscall6(__NR_accept4, fd, (long)address, (long)length, flags, 0, 0);
}

// [bind(2)]
[[nodiscard]] static inline int sys_bind(int fd, const void *address, uint32_t length)
{
	return (int)syscall6(__NR_bind, fd, (long)address, length, 0, 0, 0);
}

// [capget(2)] The capabilities of this thread; version 3 fills two structures.
[[nodiscard]] static inline int sys_capget(struct __user_cap_header_struct *header, struct __user_cap_data_struct *data)
{
	return (int)syscall6(__NR_capget, (long)header, (long)data, 0, 0, 0, 0);
}

// [capget(2)] Sets the capabilities of this thread: with version 3, `data` is two structures, the low 32 bits in the first.
[[nodiscard]] static inline int sys_capset(const struct __user_cap_header_struct *header,
					   const struct __user_cap_data_struct *data)
{
	return (int)syscall6(__NR_capset, (long)header, (long)data, 0, 0, 0, 0);
}

// [chdir(2)]
[[nodiscard]] static inline int sys_chdir(const char *path)
{
	return (int)syscall6(__NR_chdir, (long)path, 0, 0, 0, 0, 0);
}

// [clock_gettime(2)] crt/clock.h is faster: it asks the vDSO.
[[nodiscard]] static inline int sys_clock_gettime(int clock, struct __kernel_timespec *time)
{
	return (int)syscall6(__NR_clock_gettime, clock, (long)time, 0, 0, 0, 0);
}

// [clone(2)] As fork(2): 0 in the child, the child's number in the parent, to which `flags` (a signal) comes at its end. The
// other arguments, of which the machines do not agree on the order, are none.
[[nodiscard]] static inline int sys_clone(unsigned long flags)
{
	return (int)syscall6(__NR_clone, (long)flags, 0, 0, 0, 0, 0);
}

// [close(2)] The descriptor is gone whatever the result says; never close twice.
[[nodiscard]] static inline int sys_close(int fd)
{
	return (int)syscall6(__NR_close, fd, 0, 0, 0, 0, 0);
}

// [connect(2)]
[[nodiscard]] static inline int sys_connect(int fd, const void *address, uint32_t length)
{
	return (int)syscall6(__NR_connect, fd, (long)address, length, 0, 0, 0);
}

// [dup(2)] `flags`: O_CLOEXEC or 0. Linux 2.6.27.
[[nodiscard]] static inline int sys_dup3(int from, int onto, int flags)
{
	return (int)syscall6(__NR_dup3, from, onto, flags, 0, 0, 0);
}

// [epoll_create(2)] `flags`: O_CLOEXEC or 0. Linux 2.6.27.
[[nodiscard]] static inline int sys_epoll_create1(int flags)
{
	return (int)syscall6(__NR_epoll_create1, flags, 0, 0, 0, 0, 0);
}

// [epoll_ctl(2)]
[[nodiscard]] static inline int sys_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
	return (int)syscall6(__NR_epoll_ctl, epoll, operation, fd, (long)event, 0, 0);
}

// [epoll_wait(2)] Timeout -1 waits for ever; a null mask leaves the signals as they are. Linux 2.6.19.
[[nodiscard]] static inline int sys_epoll_pwait(int epoll, struct epoll_event *events, int count, int timeout_ms,
						const uint64_t *mask)
{
	return (int)syscall6(__NR_epoll_pwait, epoll, (long)events, count, timeout_ms, (long)mask, SYS_SIGSET_BYTES);
}

// [execve(2)] Returns only where it failed.
[[nodiscard]] static inline int sys_execve(const char *path, char *const argv[], char *const envp[])
{
	return (int)syscall6(__NR_execve, (long)path, (long)argv, (long)envp, 0, 0, 0);
}

// [exit_group(2)] The low 8 bits of the status reach the parent.
[[noreturn]] static inline void sys_exit_group(int status)
{
	for (;;) // the call cannot return; the loop tells the compiler so
		(void)syscall6(__NR_exit_group, status, 0, 0, 0, 0, 0);
}

// [posix_fadvise(2)]
[[nodiscard]] static inline int sys_fadvise64(int fd, int64_t offset, int64_t length, int advice)
{
	return (int)syscall6(__NR_fadvise64, fd, offset, length, advice, 0, 0);
}

// [fallocate(2)]
[[nodiscard]] static inline int sys_fallocate(int fd, int mode, int64_t offset, int64_t length)
{
	return (int)syscall6(__NR_fallocate, fd, mode, offset, length, 0, 0);
}

// [chdir(2)] Relative paths begin at this folder from now on.
[[nodiscard]] static inline int sys_fchdir(int fd)
{
	return (int)syscall6(__NR_fchdir, fd, 0, 0, 0, 0, 0);
}

// [fcntl(2)] `arg` means what the command says, mostly nothing.
[[nodiscard]] static inline long sys_fcntl(int fd, int command, long arg)
{
	return syscall6(__NR_fcntl, fd, command, arg, 0, 0, 0);
}

// [fdatasync(2)]
[[nodiscard]] static inline int sys_fdatasync(int fd)
{
	return (int)syscall6(__NR_fdatasync, fd, 0, 0, 0, 0, 0);
}

// [getxattr(2)]
[[nodiscard]] static inline long sys_fgetxattr(int fd, const char *name, void *into, size_t size)
{
	return syscall6(__NR_fgetxattr, fd, (long)name, (long)into, (long)size, 0, 0);
}

// [init_module(2)] Linux 3.8. `flags`: MODULE_INIT_COMPRESSED_FILE (5.17).
[[nodiscard]] static inline int sys_finit_module(int fd, const char *parameters, int flags)
{
	return (int)syscall6(__NR_finit_module, fd, (long)parameters, flags, 0, 0, 0);
}

// [setxattr(2)]
[[nodiscard]] static inline int sys_fsetxattr(int fd, const char *name, const void *from, size_t size, int flags)
{
	return (int)syscall6(__NR_fsetxattr, fd, (long)name, (long)from, (long)size, flags, 0);
}

// [fsync(2)]
[[nodiscard]] static inline int sys_fsync(int fd)
{
	return (int)syscall6(__NR_fsync, fd, 0, 0, 0, 0, 0);
}

// [truncate(2)]
[[nodiscard]] static inline int sys_ftruncate(int fd, int64_t length)
{
	return (int)syscall6(__NR_ftruncate, fd, length, 0, 0, 0, 0);
}

// [getdents64(2)] Fills `into` with whole struct sys_dirent; 0 at the end.
[[nodiscard]] static inline long sys_getdents64(int fd, void *into, size_t size)
{
	return syscall6(__NR_getdents64, fd, (long)into, (long)size, 0, 0, 0);
}

// [getpid(2)] Cannot fail.
[[nodiscard]] static inline int sys_getpid(void)
{
	return (int)syscall6(__NR_getpid, 0, 0, 0, 0, 0, 0);
}

// [getpid(2)] The parent's number; 1, or a reaper's, once that has ended. Cannot fail.
[[nodiscard]] static inline int sys_getppid(void)
{
	return (int)syscall6(__NR_getppid, 0, 0, 0, 0, 0, 0);
}

// [getsockname(2)] `length`: size of `address` before, size of the socket's address after (it may be larger).
[[nodiscard]] static inline int sys_getsockname(int fd, void *address, uint32_t *length)
{
	return (int)syscall6(__NR_getsockname, fd, (long)address, (long)length, 0, 0, 0);
}

// [getsockopt(2)] `length`: size of `value` before, what was written of it after.
[[nodiscard]] static inline int sys_getsockopt(int fd, int level, int option, void *value, uint32_t *length)
{
	return (int)syscall6(__NR_getsockopt, fd, level, option, (long)value, (long)length, 0);
}

// [gettid(2)] Cannot fail.
[[nodiscard]] static inline int sys_gettid(void)
{
	return (int)syscall6(__NR_gettid, 0, 0, 0, 0, 0, 0);
}

// [getxattr(2)]
[[nodiscard]] static inline long sys_getxattr(const char *path, const char *name, void *into, size_t size)
{
	return syscall6(__NR_getxattr, (long)path, (long)name, (long)into, (long)size, 0, 0);
}

// [inotify_add_watch(2)] The watch, whose number events carry; the same for the same file.
[[nodiscard]] static inline int sys_inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	return (int)syscall6(__NR_inotify_add_watch, fd, (long)path, mask, 0, 0, 0);
}

// [inotify_init(2)] Linux 2.6.27. Reads give struct inotify_event, <linux/inotify.h>.
[[nodiscard]] static inline int sys_inotify_init1(int flags)
{
	return (int)syscall6(__NR_inotify_init1, flags, 0, 0, 0, 0, 0);
}

// [inotify_rm_watch(2)]
[[nodiscard]] static inline int sys_inotify_rm_watch(int fd, int watch)
{
	return (int)syscall6(__NR_inotify_rm_watch, fd, watch, 0, 0, 0, 0);
}

// [io_uring_enter(2)] Linux 5.1. `arg`: a signal set, or with IORING_ENTER_EXT_ARG a struct io_uring_getevents_arg.
[[nodiscard]] static inline int sys_io_uring_enter(int fd, unsigned to_submit, unsigned min_complete, unsigned flags,
						   const void *arg, size_t arg_size)
{
	return (int)syscall6(__NR_io_uring_enter, fd, to_submit, min_complete, flags, (long)arg, (long)arg_size);
}

// [io_uring_register(2)] Linux 5.1.
[[nodiscard]] static inline int sys_io_uring_register(int fd, unsigned opcode, void *arg, unsigned count)
{
	return (int)syscall6(__NR_io_uring_register, fd, opcode, (long)arg, count, 0, 0);
}

// [io_uring_setup(2)] Linux 5.1.
[[nodiscard]] static inline int sys_io_uring_setup(unsigned entries, struct io_uring_params *params)
{
	return (int)syscall6(__NR_io_uring_setup, entries, (long)params, 0, 0, 0, 0);
}

// [ioctl(2)] `argument` means what the request says.
[[nodiscard]] static inline int sys_ioctl(int fd, unsigned long request, unsigned long argument)
{
	return (int)syscall6(__NR_ioctl, fd, (long)request, (long)argument, 0, 0, 0);
}

// [kill(2)]
[[nodiscard]] static inline int sys_kill(int process, int signal)
{
	return (int)syscall6(__NR_kill, process, signal, 0, 0, 0, 0);
}

// [landlock_add_rule(2)] `rule` is the structure of its kind, LANDLOCK_RULE_*. Linux 5.13.
[[nodiscard]] static inline int sys_landlock_add_rule(int ruleset, int kind, const void *rule, unsigned flags)
{
	return (int)syscall6(__NR_landlock_add_rule, ruleset, kind, (long)rule, flags, 0, 0);
}

// [landlock_create_ruleset(2)] A descriptor; with LANDLOCK_CREATE_RULESET_VERSION, no attributes and no size, the version of the
// interface. Linux 5.13.
[[nodiscard]] static inline int sys_landlock_create_ruleset(const struct landlock_ruleset_attr *attr, size_t size,
							    unsigned flags)
{
	return (int)syscall6(__NR_landlock_create_ruleset, (long)attr, (long)size, flags, 0, 0, 0);
}

// [landlock_restrict_self(2)] Linux 5.13.
[[nodiscard]] static inline int sys_landlock_restrict_self(int ruleset, unsigned flags)
{
	return (int)syscall6(__NR_landlock_restrict_self, ruleset, flags, 0, 0, 0, 0);
}

// [linkat(2)]
[[nodiscard]] static inline int sys_linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
	return (int)syscall6(__NR_linkat, from_dir, (long)from, to_dir, (long)to, flags, 0);
}

// [listen(2)]
[[nodiscard]] static inline int sys_listen(int fd, int backlog)
{
	return (int)syscall6(__NR_listen, fd, backlog, 0, 0, 0, 0);
}

// [lseek(2)]
[[nodiscard]] static inline int64_t sys_lseek(int fd, int64_t offset, int whence)
{
	return syscall6(__NR_lseek, fd, offset, whence, 0, 0, 0);
}

// [madvise(2)]
[[nodiscard]] static inline int sys_madvise(void *start, size_t length, int advice)
{
	return (int)syscall6(__NR_madvise, (long)start, (long)length, advice, 0, 0, 0);
}

// [mkdirat(2)]
[[nodiscard]] static inline int sys_mkdirat(int dir, const char *path, unsigned mode)
{
	return (int)syscall6(__NR_mkdirat, dir, (long)path, mode, 0, 0, 0);
}

// [mknod(2)] `device`: as the kernel packs it, which below 256 is major << 8 | minor.
[[nodiscard]] static inline int sys_mknodat(int dir, const char *path, unsigned mode, unsigned device)
{
	return (int)syscall6(__NR_mknodat, dir, (long)path, mode, device, 0, 0);
}

// [mmap(2)] The address as a number, or -errno: sys_failed() tells them apart.
[[nodiscard]] static inline long sys_mmap(void *hint, size_t length, int protection, int flags, int fd, int64_t offset)
{
	return syscall6(__NR_mmap, (long)hint, (long)length, protection, flags, fd, offset);
}

// [mount(2)] Any but `target` and `flags` may be null where the flags say so.
[[nodiscard]] static inline int sys_mount(const char *source, const char *target, const char *type, unsigned long flags,
					  const void *data)
{
	return (int)syscall6(__NR_mount, (long)source, (long)target, (long)type, (long)flags, (long)data, 0);
}

// [mprotect(2)]
[[nodiscard]] static inline int sys_mprotect(void *start, size_t length, int protection)
{
	return (int)syscall6(__NR_mprotect, (long)start, (long)length, protection, 0, 0, 0);
}

// [msync(2)]
[[nodiscard]] static inline int sys_msync(void *start, size_t length, int flags)
{
	return (int)syscall6(__NR_msync, (long)start, (long)length, flags, 0, 0, 0);
}

// [munmap(2)]
[[nodiscard]] static inline int sys_munmap(void *start, size_t length)
{
	return (int)syscall6(__NR_munmap, (long)start, (long)length, 0, 0, 0, 0);
}

// [openat(2)]
[[nodiscard]] static inline int sys_openat(int dir, const char *path, int flags, unsigned mode)
{
	return (int)syscall6(__NR_openat, dir, (long)path, flags, mode, 0, 0);
}

// [openat2(2)] Linux 5.6.
[[nodiscard]] static inline int sys_openat2(int dir, const char *path, const struct open_how *how)
{
	return (int)syscall6(__NR_openat2, dir, (long)path, (long)how, sizeof(*how), 0, 0);
}

// [pidfd_open(2)] Linux 5.3.
[[nodiscard]] static inline int sys_pidfd_open(int process, unsigned flags)
{
	return (int)syscall6(__NR_pidfd_open, process, flags, 0, 0, 0, 0);
}

// [pipe(2)] Linux 2.6.27.
[[nodiscard]] static inline int sys_pipe2(int fds[2], int flags)
{
	return (int)syscall6(__NR_pipe2, (long)fds, flags, 0, 0, 0, 0);
}

// [ppoll(2)] A null timeout waits for ever; a null mask leaves the signals as they are.
[[nodiscard]] static inline int sys_ppoll(struct pollfd *fds, unsigned count, struct __kernel_timespec *timeout,
					  const uint64_t *mask)
{
	return (int)syscall6(__NR_ppoll, (long)fds, count, (long)timeout, (long)mask, SYS_SIGSET_BYTES, 0);
}

// [prctl(2)] The arguments mean what the option says.
[[nodiscard]] static inline int sys_prctl(int option, unsigned long second, unsigned long third)
{
	return (int)syscall6(__NR_prctl, option, (long)second, (long)third, 0, 0, 0);
}

// [readv(2)]
[[nodiscard]] static inline long sys_preadv(int fd, const struct iovec *iov, int count, int64_t offset)
{
	return syscall6(__NR_preadv, fd, (long)iov, count, offset, 0, 0);
}

// [readv(2)] Offset -1 means where the file stands. Linux 4.6.
[[nodiscard]] static inline long sys_preadv2(int fd, const struct iovec *iov, int count, int64_t offset, int flags)
{
	return syscall6(__NR_preadv2, fd, (long)iov, count, offset, 0, flags);
}

// [prlimit(2)] Linux 2.6.36. Process 0 is this one; either of the two may be null.
[[nodiscard]] static inline int sys_prlimit64(int process, unsigned resource, const struct rlimit64 *new,
					      struct rlimit64 *old)
{
	return (int)syscall6(__NR_prlimit64, process, resource, (long)new, (long)old, 0, 0);
}

// [readv(2)]
[[nodiscard]] static inline long sys_pwritev(int fd, const struct iovec *iov, int count, int64_t offset)
{
	return syscall6(__NR_pwritev, fd, (long)iov, count, offset, 0, 0);
}

// [readv(2)] Offset -1 means where the file stands. Linux 4.6.
[[nodiscard]] static inline long sys_pwritev2(int fd, const struct iovec *iov, int count, int64_t offset, int flags)
{
	return syscall6(__NR_pwritev2, fd, (long)iov, count, offset, 0, flags);
}

// [read(2)]
[[nodiscard]] static inline long sys_read(int fd, void *into, size_t size)
{
	return syscall6(__NR_read, fd, (long)into, (long)size, 0, 0, 0);
}

// [readv(2)]
[[nodiscard]] static inline long sys_readv(int fd, const struct iovec *iov, int count)
{
	return syscall6(__NR_readv, fd, (long)iov, count, 0, 0, 0);
}

// [reboot(2)] `command`: LINUX_REBOOT_CMD_*. Does not return where it switches off or restarts; inside a pid namespace it
// ends that namespace's process 1 instead.
[[nodiscard]] static inline int sys_reboot(unsigned command)
{
	return (int)syscall6(__NR_reboot, (int)LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, (int)command, 0, 0, 0);
}

// [recv(2)] `address` and `length` may be null.
[[nodiscard]] static inline long sys_recvfrom(int fd, void *into, size_t size, int flags, void *address,
					      uint32_t *length)
{
	return syscall6(__NR_recvfrom, fd, (long)into, (long)size, flags, (long)address, (long)length);
}

// [recv(2)]
[[nodiscard]] static inline long sys_recvmsg(int fd, struct msghdr *message, int flags)
{
	return syscall6(__NR_recvmsg, fd, (long)message, flags, 0, 0, 0);
}

// [rename(2)] Linux 3.15.
[[nodiscard]] static inline int sys_renameat2(int from_dir, const char *from, int to_dir, const char *to,
					      unsigned flags)
{
	return (int)syscall6(__NR_renameat2, from_dir, (long)from, to_dir, (long)to, flags, 0);
}

// [rt_sigaction(2)] The kernel's own struct sigaction, with a restorer where the machine has one: crt/signal.h fills it.
[[nodiscard]] static inline int sys_rt_sigaction(int signal, const struct sigaction *new, struct sigaction *old)
{
	return (int)syscall6(__NR_rt_sigaction, signal, (long)new, (long)old, SYS_SIGSET_BYTES, 0, 0);
}

// [rt_sigprocmask(2)] Bit N-1 stands for signal N.
[[nodiscard]] static inline int sys_rt_sigprocmask(int how, const uint64_t *set, uint64_t *old)
{
	return (int)syscall6(__NR_rt_sigprocmask, how, (long)set, (long)old, SYS_SIGSET_BYTES, 0, 0);
}

// [sigtimedwait(2)] The number of a signal of `set` that waits, or comes within `timeout`; -EAGAIN none did.
[[nodiscard]] static inline int sys_rt_sigtimedwait(const uint64_t *set, const struct __kernel_timespec *timeout)
{
	return (int)syscall6(__NR_rt_sigtimedwait, (long)set, 0, (long)timeout, SYS_SIGSET_BYTES, 0, 0);
}

// [sched_setaffinity(2)] Bit N of the bytes: processor N; process 0 is this one. How many bytes were written.
[[nodiscard]] static inline int sys_sched_getaffinity(int process, size_t size, void *into)
{
	return (int)syscall6(__NR_sched_getaffinity, process, (long)size, (long)into, 0, 0, 0);
}

// [seccomp(2)] `argument` means what the operation says. Linux 3.17.
[[nodiscard]] static inline int sys_seccomp(unsigned operation, unsigned flags, const void *argument)
{
	return (int)syscall6(__NR_seccomp, operation, flags, (long)argument, 0, 0, 0);
}

// [sendfile(2)] From `*offset` in `in`, which moves on; where `in` stands is not changed.
[[nodiscard]] static inline long sys_sendfile(int out, int in, uint64_t *offset, size_t size)
{
	return syscall6(__NR_sendfile, out, in, (long)offset, (long)size, 0, 0);
}

// [send(2)]
[[nodiscard]] static inline long sys_sendmsg(int fd, const struct msghdr *message, int flags)
{
	return syscall6(__NR_sendmsg, fd, (long)message, flags, 0, 0, 0);
}

// [send(2)] `address` null: to whom the socket is connected.
[[nodiscard]] static inline long sys_sendto(int fd, const void *from, size_t size, int flags, const void *address,
					    uint32_t length)
{
	return syscall6(__NR_sendto, fd, (long)from, (long)size, flags, (long)address, length);
}

// [getgroups(2)] The supplementary groups of this thread.
[[nodiscard]] static inline int sys_setgroups(size_t count, const uint32_t *groups)
{
	return (int)syscall6(__NR_setgroups, (long)count, (long)groups, 0, 0, 0, 0);
}

// [sethostname(2)]
[[nodiscard]] static inline int sys_sethostname(const char *name, size_t size)
{
	return (int)syscall6(__NR_sethostname, (long)name, (long)size, 0, 0, 0, 0);
}

// [setresuid(2)] Of this thread alone: that all of a process have the same is the C library's doing. -1 leaves one as it is.
[[nodiscard]] static inline int sys_setresgid(uint32_t real, uint32_t effective, uint32_t saved)
{
	return (int)syscall6(__NR_setresgid, real, effective, saved, 0, 0, 0);
}

// [setresuid(2)] The same for the user.
[[nodiscard]] static inline int sys_setresuid(uint32_t real, uint32_t effective, uint32_t saved)
{
	return (int)syscall6(__NR_setresuid, real, effective, saved, 0, 0, 0);
}

// [setsid(2)]
[[nodiscard]] static inline int sys_setsid(void)
{
	return (int)syscall6(__NR_setsid, 0, 0, 0, 0, 0, 0);
}

// [setsockopt(2)]
[[nodiscard]] static inline int sys_setsockopt(int fd, int level, int option, const void *value, uint32_t length)
{
	return (int)syscall6(__NR_setsockopt, fd, level, option, (long)value, length, 0);
}

// [setxattr(2)]
[[nodiscard]] static inline int sys_setxattr(const char *path, const char *name, const void *from, size_t size,
					     int flags)
{
	return (int)syscall6(__NR_setxattr, (long)path, (long)name, (long)from, (long)size, flags, 0);
}

// [shutdown(2)]
[[nodiscard]] static inline int sys_shutdown(int fd, int how)
{
	return (int)syscall6(__NR_shutdown, fd, how, 0, 0, 0, 0);
}

// [sigaltstack(2)]
[[nodiscard]] static inline int sys_sigaltstack(const stack_t *new, stack_t *old)
{
	return (int)syscall6(__NR_sigaltstack, (long)new, (long)old, 0, 0, 0, 0);
}

// [signalfd(2)] Linux 2.6.27. `fd` -1 makes a new one; reads give struct signalfd_siginfo.
[[nodiscard]] static inline int sys_signalfd4(int fd, const uint64_t *set, int flags)
{
	return (int)syscall6(__NR_signalfd4, fd, (long)set, SYS_SIGSET_BYTES, flags, 0, 0);
}

// [socket(2)]
[[nodiscard]] static inline int sys_socket(int family, int type, int protocol)
{
	return (int)syscall6(__NR_socket, family, type, protocol, 0, 0, 0);
}

// [splice(2)] An offset that is null: where the file stands.
[[nodiscard]] static inline long sys_splice(int in, int64_t *in_offset, int out, int64_t *out_offset, size_t size,
					    unsigned flags)
{
	return syscall6(__NR_splice, in, (long)in_offset, out, (long)out_offset, (long)size, flags);
}

// [statx(2)] Linux 4.11. An empty path with AT_EMPTY_PATH asks about `dir` itself.
[[nodiscard]] static inline int sys_statx(int dir, const char *path, int flags, unsigned mask, struct statx *into)
{
	return (int)syscall6(__NR_statx, dir, (long)path, flags, mask, (long)into, 0);
}

// [symlinkat(2)]
[[nodiscard]] static inline int sys_symlinkat(const char *target, int dir, const char *path)
{
	return (int)syscall6(__NR_symlinkat, (long)target, dir, (long)path, 0, 0, 0);
}

// [sync(2)] Cannot fail.
static inline void sys_sync(void)
{
	(void)syscall6(__NR_sync, 0, 0, 0, 0, 0, 0);
}

// [sync_file_range(2)]
[[nodiscard]] static inline int sys_sync_file_range(int fd, int64_t offset, int64_t length, unsigned flags)
{
	return (int)syscall6(__NR_sync_file_range, fd, offset, length, flags, 0, 0);
}

// [tee(2)]
[[nodiscard]] static inline long sys_tee(int in, int out, size_t size, unsigned flags)
{
	return syscall6(__NR_tee, in, out, (long)size, flags, 0, 0);
}

// [tgkill(2)] Sends a signal to one thread.
[[nodiscard]] static inline int sys_tgkill(int process, int thread, int signal)
{
	return (int)syscall6(__NR_tgkill, process, thread, signal, 0, 0, 0);
}

// [umask(2)] Permissions that no new file has from now on; the result is the mask before.
static inline unsigned sys_umask(unsigned mask)
{
	return (unsigned)syscall6(__NR_umask, mask, 0, 0, 0, 0, 0);
}

// [umount(2)]
[[nodiscard]] static inline int sys_umount2(const char *target, int flags)
{
	return (int)syscall6(__NR_umount2, (long)target, flags, 0, 0, 0, 0);
}

// [uname(2)]
[[nodiscard]] static inline int sys_uname(struct new_utsname *name)
{
	return (int)syscall6(__NR_uname, (long)name, 0, 0, 0, 0, 0);
}

// [unlinkat(2)]
[[nodiscard]] static inline int sys_unlinkat(int dir, const char *path, int flags)
{
	return (int)syscall6(__NR_unlinkat, dir, (long)path, flags, 0, 0, 0);
}

// [wait4(2)] The child that has ended, 0 with WNOHANG where none has, -ECHILD where there is none at all.
[[nodiscard]] static inline int sys_wait4(int process, int *how, int flags)
{
	return (int)syscall6(__NR_wait4, process, (long)how, flags, 0, 0, 0);
}

// [waitid(2)] `info` is a siginfo_t.
[[nodiscard]] static inline int sys_waitid(int kind, int id, void *info, int options)
{
	return (int)syscall6(__NR_waitid, kind, id, (long)info, options, 0, 0);
}

// [write(2)]
[[nodiscard]] static inline long sys_write(int fd, const void *from, size_t size)
{
	return syscall6(__NR_write, fd, (long)from, (long)size, 0, 0, 0);
}

// [readv(2)]
[[nodiscard]] static inline long sys_writev(int fd, const struct iovec *iov, int count)
{
	return syscall6(__NR_writev, fd, (long)iov, count, 0, 0, 0);
}
