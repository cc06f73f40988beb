// crt/pid1/machine_open.c: from nothing but a root folder to what programs expect.
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/resource.h>

#include "arch/sys.h"
#include "crt/pid1/machine.h"
#include "crt/pid1/words.h"
#include "crt/say.h"
#include "crt/str.h"

// The pid namespace that the kernel starts with has this inode number; every other one is a container's.
// [Linux include/linux/proc_ns.h, PROC_PID_INIT_INO; a promise of UAPI since 6.18, PID_NS_INIT_INO in linux/nsfs.h]
#define FIRST_PID_NAMESPACE 0xeffffffcu

#define FILES_MAX 1048576

#define CONSOLE_DEVICE (5u << 8 | 1u) // [Linux Documentation/admin-guide/devices.txt]
#define NULL_DEVICE (1u << 8 | 3u)

// In this order: /dev/pts lies in /dev.
static const struct {
	const char *type;
	const char *path;
	unsigned long flags;
	const char *data;
} mounts[] = {
	{"proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr},
	{"sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr},
	{"devtmpfs", "/dev", MS_NOSUID, "mode=0755"},
	{"devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "mode=0620,ptmxmode=0666"},
	{"tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777"},
	{"tmpfs", "/tmp", MS_NOSUID | MS_NODEV, "mode=1777"},
	{"tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=0755"},
};

static char command_line[4096]; // the longest of any machine is 4096 with its NUL [Linux COMMAND_LINE_SIZE]

// Zero where it is mounted now, be it that it was before.
static int mount(unsigned which)
{
	const char *path = mounts[which].path;
	struct statx about;
	if (sys_statx(AT_FDCWD, path, 0, STATX_TYPE, &about) == 0 &&
	    (about.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0)
		return 0;
	(void)sys_mkdirat(AT_FDCWD, path, 0755); // mostly it is there; if it cannot be made, mount says why
	int error = sys_mount(mounts[which].type, path, mounts[which].type, mounts[which].flags, mounts[which].data);
	return error == -EBUSY ? 0 : error;
}

static bool exists(const char *path, struct statx *about)
{
	return sys_statx(AT_FDCWD, path, 0, STATX_INO, about) == 0;
}

bool machine_is_ours(void)
{
	static const char namespace[] = "/proc/self/ns/pid";
	struct statx about;
	if (!exists(namespace, &about)) {
		int error = mount(0);
		if (error != 0)
			return error ==
			       -ENODEV; // a kernel without /proc has no containers; who may not mount is in one
		if (!exists(namespace, &about))
			return exists("/proc/self/stat",
				      &about); // nor has one without namespaces; or /proc is another's
	}
	return about.stx_ino == FIRST_PID_NAMESPACE;
}

// A whole small file as text, ended by NUL in any case. Its bytes, or -errno. -EFBIG: it is longer.
static long read_file(const char *path, char *into, size_t size)
{
	int fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	size_t len = 0;
	long got = 1;
	while (got > 0 && len < size) {
		got = sys_read(fd, into + len, size - len);
		if (got > 0)
			len += (size_t)got;
	}
	(void)sys_close(fd);
	into[len < size ? len : size - 1] = '\0';
	return got < 0 ? got : len < size ? (long)len : -EFBIG;
}

// Opens a device of /dev, which is made where there is no devtmpfs to have it.
static int open_device(const char *path, unsigned mode, unsigned device)
{
	int fd = sys_openat(AT_FDCWD, path, O_RDWR | O_NOCTTY | O_CLOEXEC, 0);
	if (fd == -ENOENT && sys_mknodat(AT_FDCWD, path, S_IFCHR | mode, device) == 0)
		fd = sys_openat(AT_FDCWD, path, O_RDWR | O_NOCTTY | O_CLOEXEC, 0);
	return fd;
}

// Makes the console the three standard streams. The kernel has done so already if /dev/console was in the image; but its
// descriptors then belong to a file system that /dev has been mounted over, and where it was not there are none.
static int open_console(void)
{
	int fd = open_device("/dev/console", 0600, CONSOLE_DEVICE);
	if (fd < 0) // a machine that nobody looks at; its programs still want three descriptors
		fd = open_device("/dev/null", 0666, NULL_DEVICE);
	for (int stream = SYS_STDIN; fd >= 0 && stream <= SYS_STDERR; stream++) {
		int error = fd == stream ? (int)sys_fcntl(fd, F_SETFD, 0) : sys_dup3(fd, stream, 0);
		if (error < 0)
			return error;
	}
	if (fd > SYS_STDERR)
		(void)sys_close(fd);
	return fd < 0 ? fd : 0;
}

// Loads one module. The kernel unpacks those that are compressed. [finit_module(2), since Linux 5.17]
static int load(const char *name, int folder)
{
	int fd = sys_openat(folder, name, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	int flags = str_ends(str_from_cstr(name), STR(".ko")) ? 0 : MODULE_INIT_COMPRESSED_FILE;
	int error = sys_finit_module(fd, "", flags);
	(void)sys_close(fd);
	return error == -EEXIST ? 0 : error;
}

// Loads the modules of /lib/modules/list, one name a line, in its order: that is the order of what needs what.
static void load_modules(void)
{
	static char list[4096];
	long len = read_file("/lib/modules/list", list, sizeof(list));
	if (len == -ENOENT)
		return; // all is built in
	int folder = sys_openat(AT_FDCWD, "/lib/modules", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (len < 0 || folder < 0) {
		say_error(len < 0 ? len : folder, STR("pid1: cannot read /lib/modules/list"));
		return;
	}
	for (char *name = list, *at = list; at <= list + len; at++) {
		if (*at != '\n' && at < list + len)
			continue;
		*at = '\0';
		int error = at > name ? load(name, folder) : 0;
		if (error != 0)
			say_error(error, STR("pid1: cannot load the module "), str_from_cstr(name));
		name = at + 1;
	}
	(void)sys_close(folder);
}

// A process may ask for more than the 1,024 files that it may have open, up to a second limit, which the kernel begins at 4,096 and
// every distribution's init raises to this one: the most that a process may have. [getrlimit(2); Linux fs/file.c, sysctl_nr_open]
static void raise_limit(void)
{
	struct rlimit64 limit;
	int error = sys_prlimit64(0, RLIMIT_NOFILE, nullptr, &limit);
	if (error == 0 && limit.rlim_max < FILES_MAX) {
		limit.rlim_max = FILES_MAX;
		error = sys_prlimit64(0, RLIMIT_NOFILE, &limit, nullptr);
	}
	if (error != 0)
		say_error(error, STR("pid1: cannot raise the limit of open files"));
}

void machine_open(void)
{
	int failed[sizeof(mounts) / sizeof(*mounts)];
	for (unsigned i = 0; i < sizeof(mounts) / sizeof(*mounts); i++)
		failed[i] = mount(i);
	int console = open_console();
	if (console != 0)
		say_error(console, STR("pid1: cannot open a console")); // for whom the kernel gave one
	for (unsigned i = 0; i < sizeof(mounts) / sizeof(*mounts); i++) {
		if (failed[i] != 0)
			say_error(failed[i], STR("pid1: cannot mount "), str_from_cstr(mounts[i].path));
	}
	long len = read_file("/proc/cmdline", command_line, sizeof(command_line));
	if (len < 0)
		say_error(len, STR("pid1: cannot read the kernel's command line"));
	// Ctrl-Alt-Del becomes a SIGINT to us, and so to the program, instead of the end. [reboot(2)]
	(void)sys_reboot(LINUX_REBOOT_CMD_CAD_OFF);
	raise_limit();
	load_modules();
}

const char *machine_command_line(void)
{
	return command_line;
}

struct str machine_word(struct str name)
{
	return word_value(str_from_cstr(command_line), name);
}
