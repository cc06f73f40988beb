// ring/explain.c: why there is no ring.
//
//	error            facts                                       cause
//	ENOSYS           before Linux 5.5 (gVisor says 4.4)          OLD: ring_open says so of what can drop completions
//	ENOSYS           a seccomp filter                            FILTER
//	ENOSYS           the sysctl is there, so io_uring is         EMULATOR (qemu-user)
//	ENOSYS           it is not                                   LEFT_OUT
//	EPERM            the sysctl is 2; 1 and not privileged       SYSCTL_ALL; SYSCTL_MOST
//	EPERM, EACCES    a seccomp filter                            FILTER
//	EPERM, EACCES    none                                        FORBIDDEN (a security module)
//	ENOMEM           before 5.12, with a limit; else             MEMLOCK; MEMORY
//
// [Linux io_uring/io_uring.c, io_uring_allowed(); Documentation/admin-guide/sysctl/kernel.rst; proc_pid_status(5)]
#include "ring/explain.h"

#include <linux/capability.h>
#include <linux/resource.h>
#include <linux/seccomp.h>
#include <linux/utsname.h>

#include "arch/sys.h"
#include "ring/ring.h"

#define SYSCTL_PATH "/proc/sys/kernel/io_uring_disabled" // Linux 6.6
#define STATUS_PATH "/proc/self/status"

// A file of /proc, read a piece at a time: a line of the status may be longer than any buffer (a process may be in 65,536 groups).
struct lines {
	int fd;
	unsigned at, len;
	char bytes[256];
};

// The next byte, or -1 at the end and where there is no such file.
static int next(struct lines *lines)
{
	if (lines->at == lines->len) {
		long got = lines->fd < 0 ? 0 : sys_read(lines->fd, lines->bytes, sizeof(lines->bytes));
		if (got <= 0)
			return -1;
		lines->len = (unsigned)got;
		lines->at = 0;
	}
	return (uint8_t)lines->bytes[lines->at++];
}

static struct lines open_lines(const char *path)
{
	return (struct lines){.fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0)};
}

static void close_lines(const struct lines *lines)
{
	if (lines->fd >= 0)
		(void)sys_close(lines->fd); // only read
}

static int digit(int byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : 99;
}

// The number that stands next, behind spaces and tabs; 0 where there is none. One byte behind it is taken too.
static uint64_t next_number(struct lines *lines, unsigned base)
{
	int byte;
	while ((byte = next(lines)) == ' ' || byte == '\t')
		;
	uint64_t number = 0;
	for (; (unsigned)digit(byte) < base; byte = next(lines))
		number = number * base + (unsigned)digit(byte);
	return number;
}

// Goes behind "NAME:" at the beginning of a line. False at the end.
static bool find(struct lines *lines, const char *name)
{
	for (int byte = 0; byte >= 0;) {
		const char *left = name;
		while ((byte = next(lines)) == *left && *left != 0)
			left++;
		if (*left == 0 && byte == ':')
			return true;
		while (byte >= 0 && byte != '\n')
			byte = next(lines);
	}
	return false;
}

static void read_sysctl(struct ring_facts *facts)
{
	struct lines lines = open_lines(SYSCTL_PATH);
	facts->sysctl = lines.fd >= 0 ? (int)next_number(&lines, 10) : -1;
	close_lines(&lines);
}

// Not by prctl(PR_GET_SECCOMP): a filter that does not allow the question would end the process.
static void read_status(struct ring_facts *facts)
{
	struct lines lines = open_lines(STATUS_PATH);
	if (find(&lines, "CapEff"))
		facts->is_privileged = (next_number(&lines, 16) >> CAP_SYS_ADMIN & 1) != 0;
	if (find(&lines, "Seccomp")) // comes later [Linux fs/proc/array.c, proc_pid_status()]
		facts->has_filter = next_number(&lines, 10) == SECCOMP_MODE_FILTER;
	close_lines(&lines);
}

static unsigned decimal(const char **text)
{
	unsigned number = 0;
	for (; **text >= '0' && **text <= '9'; (*text)++)
		number = number * 10 + (unsigned)(**text - '0');
	return number;
}

struct ring_facts ring_facts(void)
{
	struct ring_facts facts = {0};
	struct new_utsname name;
	if (sys_uname(&name) == 0) {
		const char *at = name.release; // "6.12.57+deb13-amd64"
		facts.major = decimal(&at);
		at += *at == '.';
		facts.minor = decimal(&at);
	}
	struct rlimit64 limit;
	facts.is_memory_locked =
		sys_prlimit64(0, RLIMIT_MEMLOCK, nullptr, &limit) == 0 && limit.rlim_cur != RLIM64_INFINITY;
	read_sysctl(&facts);
	read_status(&facts);
	return facts;
}

static bool is_before(const struct ring_facts *facts, unsigned major, unsigned minor)
{
	return facts->major < major || (facts->major == major && facts->minor < minor);
}

static enum ring_cause judge_missing(const struct ring_facts *facts)
{
	if (is_before(facts, 5, 5))
		return RING_CAUSE_OLD;
	if (facts->has_filter)
		return RING_CAUSE_FILTER;
	return facts->sysctl >= 0 ? RING_CAUSE_EMULATOR : RING_CAUSE_LEFT_OUT;
}

static enum ring_cause judge_forbidden(const struct ring_facts *facts)
{
	if (facts->sysctl >= 2)
		return RING_CAUSE_SYSCTL_ALL;
	if (facts->sysctl == 1 && !facts->is_privileged)
		return RING_CAUSE_SYSCTL_MOST;
	return facts->has_filter ? RING_CAUSE_FILTER : RING_CAUSE_FORBIDDEN;
}

enum ring_cause ring_judge(int error, const struct ring_facts *facts)
{
	switch (error < 0 ? -error : error) {
	case ENOSYS:
		return judge_missing(facts);
	case EPERM:
		return judge_forbidden(facts);
	case EACCES: // never the sysctl's
		return facts->has_filter ? RING_CAUSE_FILTER : RING_CAUSE_FORBIDDEN;
	case ENOMEM:
		return is_before(facts, 5, 12) && facts->is_memory_locked ? RING_CAUSE_MEMLOCK : RING_CAUSE_MEMORY;
	case EMFILE:
		return RING_CAUSE_DESCRIPTORS;
	case ENFILE:
		return RING_CAUSE_FILES;
	case EINVAL:
		return RING_CAUSE_OLD;
	default:
		return RING_CAUSE_NONE;
	}
}

struct str ring_cause_text(enum ring_cause cause)
{
	switch (cause) {
	case RING_CAUSE_OLD:
		return STR("this kernel's io_uring is too old, or there is none yet; use Linux 5.11 or newer (gVisor "
			   "has none)");
	case RING_CAUSE_LEFT_OUT:
		return STR("this kernel was built without io_uring, or an emulator hides it; use one with "
			   "CONFIG_IO_URING");
	case RING_CAUSE_EMULATOR:
		return STR("this kernel has io_uring, but what runs the program does not pass it on, as qemu-user "
			   "does not; run it natively, or in a virtual machine");
	case RING_CAUSE_FILTER:
		return STR(
			"a seccomp filter forbids io_uring here, as a container's profile does; let the profile allow "
			"io_uring_setup, io_uring_enter and io_uring_register");
	case RING_CAUSE_SYSCTL_ALL:
		return STR("io_uring is switched off on this machine; root allows it by "
			   "'sysctl kernel.io_uring_disabled=0'");
	case RING_CAUSE_SYSCTL_MOST:
		return STR("io_uring is for the privileged on this machine; root allows it by "
			   "'sysctl kernel.io_uring_disabled=0', or for one group by kernel.io_uring_group");
	case RING_CAUSE_FORBIDDEN:
		return STR("io_uring is forbidden here, by a security module as it seems; ask who administers this "
			   "machine");
	case RING_CAUSE_MEMLOCK:
		return STR("the ring does not fit the limit on locked memory; raise it with 'ulimit -l', or use Linux "
			   "5.12");
	case RING_CAUSE_MEMORY:
		return STR("no memory for the ring; allow the process, or its control group, more");
	case RING_CAUSE_DESCRIPTORS:
		return STR("no descriptor is left for the ring; raise the limit with 'ulimit -n'");
	case RING_CAUSE_FILES:
		return STR("this machine has too many files open; root allows more by sysctl fs.file-max");
	case RING_CAUSE_NONE:
		break;
	}
	return (struct str){0};
}

enum ring_cause ring_why(int error)
{
	struct ring_facts facts = ring_facts();
	return ring_judge(error, &facts);
}

struct str ring_explain(int error)
{
	return ring_cause_text(ring_why(error));
}
