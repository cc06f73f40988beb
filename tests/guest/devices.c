// tests/guest/devices.c: the program of a machine that has a disk or a folder of the host's, and what else only a kernel with
// its driver has. It ends with the number of the first step that failed, or with 0. The steps, with "+" between them:
//
//	mount SOURCE TARGET TYPE OPTIONS   mounts it; OPTIONS are the file system's own, and a first "ro" is the mount's
//	write FILE TEXT                    writes the file anew
//	refused FILE                       the file cannot be written: its file system is read-only
//	show FILE                          the file, to standard output
//	kmsg                               the kernel's messages, each with its time
//	vsock                              bytes go from a socket to another one, both of this machine
//	landlock, seccomp                  the kernel has it
#include <linux/landlock.h>
#include <linux/seccomp.h>

#include "arch/socket.h"
#include "arch/sys.h"
#include "crt/mem.h"
#include "crt/panic.h"
#include "crt/say.h"
#include "crt/str.h"
#include "ring/ring.h"
#include "syscall.h"

#define MS_RDONLY 1 // [mount(2)]
#define PORT 1234

// [Linux include/uapi/linux/vm_sockets.h, which wants a C library]
#define AF_VSOCK 40 // [Linux include/linux/socket.h]
#define VMADDR_CID_ANY (-1U)
#define VMADDR_CID_LOCAL 1
struct sockaddr_vm {
	uint16_t svm_family;
	uint16_t svm_reserved1;
	uint32_t svm_port;
	uint32_t svm_cid;
	uint8_t svm_flags;
	uint8_t svm_zero[3];
};

static bool is(const char *text, struct str word)
{
	return text != nullptr && str_equal(str_from_cstr(text), word);
}

static int mount_it(char **argv)
{
	const char *options = argv[3];
	unsigned long flags = 0;
	if (is(options, STR("ro"))) {
		flags = MS_RDONLY;
		options = "";
	}
	int error = sys_mkdirat(AT_FDCWD, argv[1], 0755);
	if (error != 0 && error != -EEXIST)
		return error;
	return sys_mount(argv[0], argv[1], argv[2], flags, options);
}

static int write_it(const char *path, const char *text)
{
	int fd = sys_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return fd;
	struct str all = str_from_cstr(text);
	long wrote = sys_write(fd, all.ptr, all.len);
	int error = sys_close(fd);
	if (wrote < 0)
		return (int)wrote;
	return (size_t)wrote == all.len ? error : -EIO;
}

static int show(const char *path)
{
	static char content[4096];
	int fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	long got;
	while ((got = sys_read(fd, content, sizeof(content))) > 0) {
		long wrote = sys_write(SYS_STDOUT, content, (size_t)got);
		if (wrote != got)
			return wrote < 0 ? (int)wrote : -EIO;
	}
	(void)sys_close(fd);
	return (int)got;
}

// A read gives one message; the last one is followed by -EAGAIN. [Linux Documentation/ABI/testing/dev-kmsg]
static int kmsg(void)
{
	static char message[4096];
	int fd = sys_openat(AT_FDCWD, "/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	long got;
	while ((got = sys_read(fd, message, sizeof(message))) > 0 || got == -EPIPE) {
		if (got > 0 && sys_write(SYS_STDOUT, message, (size_t)got) != got)
			return -EIO;
	}
	return got == -EAGAIN ? sys_close(fd) : (int)got;
}

static int connect_to(int fd, const void *address, size_t bytes)
{
	return (int)syscall6(__NR_connect, fd, (long)address, (long)bytes, 0, 0, 0);
}

// One socket listens, the other connects to this machine. What is sent has to come. [vsock(7), Local communication]
static int vsock(void)
{
	struct sockaddr_vm here = {.svm_family = AF_VSOCK, .svm_port = PORT, .svm_cid = VMADDR_CID_ANY};
	struct io_uring ring;
	struct io_uring_cqe done;
	int error = ring_open(&ring, 4, (struct ring_options){0});
	if (error != 0)
		return error;
	int listener = sys_socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = sys_socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || client < 0)
		return listener < 0 ? listener : client;
	if ((error = sys_bind(listener, &here, sizeof(here))) != 0 || (error = sys_listen(listener, 1)) != 0)
		return error;
	here.svm_cid = VMADDR_CID_LOCAL;
	if ((error = connect_to(client, &here, sizeof(here))) != 0)
		return error;
	if ((error = ring_do(&ring, sqe_accept(listener, nullptr, nullptr, 0), &done)) != 0 || done.res < 0)
		return error != 0 ? error : done.res;
	char got[8] = {0};
	int peer = done.res;
	if ((error = ring_do(&ring, sqe_send(client, STR("vsock"), 0), &done)) != 0 || done.res != 5)
		return error != 0 ? error : -EIO;
	if ((error = ring_do(&ring, sqe_recv(peer, SPAN(got), 0), &done)) != 0 || done.res != 5)
		return error != 0 ? error : -EIO;
	return memcmp(got, "vsock", 5) == 0 ? ring_close(&ring) : -EBADMSG;
}

// Its version, from 1 on. [landlock_create_ruleset(2)]
static int landlock(void)
{
	long version = syscall6(__NR_landlock_create_ruleset, 0, 0, LANDLOCK_CREATE_RULESET_VERSION, 0, 0, 0);
	return version >= 1 ? 0 : version < 0 ? (int)version : -ENOSYS;
}

// Filters, of which to end the process is one answer. [seccomp(2)]
static int seccomp(void)
{
	uint32_t action = SECCOMP_RET_KILL_PROCESS;
	return (int)syscall6(__NR_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, (long)&action, 0, 0, 0);
}

// A step that begins at `argv`, and has the words it needs.
static int act(char **argv)
{
	if (is(argv[0], STR("mount")))
		return mount_it(argv + 1);
	if (is(argv[0], STR("write")))
		return write_it(argv[1], argv[2]);
	if (is(argv[0], STR("refused")))
		return write_it(argv[1], "") == -EROFS ? 0 : -EIO;
	if (is(argv[0], STR("show")))
		return show(argv[1]);
	if (is(argv[0], STR("kmsg")))
		return kmsg();
	if (is(argv[0], STR("vsock")))
		return vsock();
	if (is(argv[0], STR("landlock")))
		return landlock();
	if (is(argv[0], STR("seccomp")))
		return seccomp();
	return -EINVAL;
}

int main(int argc, char **argv, char **)
{
	if (panic_on_faults() != 0)
		return 99;
	int step = 0;
	for (int at = 1; at < argc; at++) {
		if (at > 1 && !is(argv[at - 1], STR("+")))
			continue;
		step++;
		int error = act(argv + at);
		if (error != 0) {
			say_error(error, STR("devices: failed: "), str_from_cstr(argv[at]));
			return step;
		}
	}
	return step == 0;
}
