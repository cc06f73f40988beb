// apps/httpd/seccomp.c: what httpd still asks of the kernel once it serves.
//
// Whatever is called behind sandbox_enter stands here, or ends the server by SIGSYS: what is new is added, and tests/httpd.bats and
// tests/httpd_emulated.bats call all of it. The first are the most frequent, for kernels that do not remember (before 5.11).
//
// Not here, and so out of reach: execve, clone, socket, connect, bind, mmap, mprotect, ptrace, and whatever changes or removes a
// file. What is opened is bound by Landlock, which sees paths; a filter sees only the numbers in registers.
#include "apps/httpd/seccomp.h"

#include <asm/ioctls.h>
#include <linux/seccomp.h>

#include "apps/httpd/beneath.h"
#include "apps/httpd/filter.h"
#include "arch/sys.h"
#include "crt/mem.h"

#define CALL(name) {.number = __NR_##name}
#define CALL_WITH(name, nth, only) \
	{.number = __NR_##name, .is_narrow = true, .argument = (nth), .value = (uint32_t)(only)}
#define COUNT(calls) (sizeof(calls) / sizeof(*(calls)))

// Where the kernel works the ring off.
static const struct filter_call for_kernel[] = {CALL(io_uring_enter)};

// Where this process does: what the kernel would do for the operations of restrict.c (ring/emulate/).
static const struct filter_call for_emulation[] = {
	CALL_WITH(ioctl, 1, FIONREAD), // whether more has come than was received
	CALL(epoll_pwait),
	CALL(epoll_ctl),
	CALL(recvfrom),
	CALL(recvmsg),
	CALL(sendmsg),
	CALL(accept4),
	CALL(preadv),
	CALL(readv),
	CALL(writev),
	CALL(pwritev),
	CALL(pwritev2),
	CALL(lseek),
	CALL_WITH(fcntl, 1, F_GETFD),
	CALL_WITH(fcntl, 1, F_GETFL),
	CALL_WITH(fcntl, 1, F_DUPFD_CLOEXEC),
};

// In either case.
static const struct filter_call for_both[] = {
	CALL(close),
	CALL(shutdown),
	CALL(statx),
	CALL(openat2),
	CALL(sendfile),
	CALL(preadv2),
	CALL(read),
	CALL(write),
	CALL(getdents64),
	CALL(inotify_add_watch),
	CALL(inotify_rm_watch),
	CALL(sendto),        // to who is not let in
	CALL(getsockopt),    // how much a client has taken
	CALL(clock_gettime), // where the vDSO leaves it to the kernel
	CALL(ppoll),
	CALL(munmap),
	CALL(exit_group),
	// A panic: what memory can be read is found out by rt_sigprocmask.
	CALL(rt_sigprocmask),
	CALL(rt_sigaction),
	CALL(getpid),
	CALL(gettid),
	CALL_WITH(madvise, 2, MADV_DONTNEED),
	// Where openat2 is missing: the two ways in which beneath.c opens.
	CALL_WITH(openat, 2, BENEATH_FLAGS | O_NOFOLLOW),
	CALL_WITH(openat, 2, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW),
};

static_assert(COUNT(for_emulation) + COUNT(for_both) + 1 <= FILTER_CALLS_MAX, "all must fit");

static size_t add(struct filter_call *calls, size_t count, const struct filter_call *more, size_t more_count)
{
	memcpy(calls + count, more, more_count * sizeof(*more));
	return count + more_count;
}

int seccomp_enter(bool is_emulated)
{
	struct filter_call calls[FILTER_CALLS_MAX];
	size_t count = 0;
	count = is_emulated ? add(calls, count, for_emulation, COUNT(for_emulation))
			    : add(calls, count, for_kernel, COUNT(for_kernel));
	count = add(calls, count, for_both, COUNT(for_both));
	// The signal with which a panic ends, to this process alone.
	calls[count++] = (struct filter_call)CALL_WITH(tgkill, 0, sys_getpid());

	struct sock_filter steps[FILTER_STEPS_MAX];
	size_t len = filter_compose(calls, count, SYS_AUDIT_ARCH, steps);
	struct sock_fprog program = {.len = (unsigned short)len, .filter = steps};
	return sys_seccomp(SECCOMP_SET_MODE_FILTER, 0, &program);
}
