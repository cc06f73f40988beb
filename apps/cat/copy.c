// apps/cat/copy.c: read a block, write it, and with a large file let the kernel read the next block meanwhile.
//
//	read A | write A | write B | write C ...      this thread, plain calls
//	       | read B  | read A  | read B  ...      the ring (ahead.c), where there is one
//
// Writes are plain calls even where there is a ring. write(2) holds the lock of the file's position, so that two processes
// that share an output do not overwrite each other [POSIX.1-2024 XSH 2.9.7]; it sends SIGPIPE to the process that writes; a
// terminal stops it while it is in the background. An operation at the file's own position through a ring takes no such
// lock [Linux io_uring/rw.c, io_kiocb_update_pos], and one that the kernel gives to a worker thread sends its signals there,
// where they are blocked. For the same reasons standard input is not read through the ring.
//
// Little is gained: the kernel reads ahead of a sequential reader anyway, and to open the ring takes about as long as to copy
// half a megabyte. So a file of less than a block is copied without one.
#include "apps/cat/copy.h"

#include "apps/cat/ahead.h"
#include "arch/sys.h"
#include "autoconf.h"
#include "crt/out.h"

static uint8_t blocks[2][CONFIG_CAT_BUFFER_BYTES];

// Reads up to a block: the bytes read, 0 at the end, or -errno.
static long read_block(int input, struct span into)
{
	for (;;) {
		long got = sys_read(input, into.ptr, into.len);
		if (got == -EINTR)
			continue;
		if (got != -EAGAIN)
			return got;
		// Whatever ends the wait, the next read knows its name.
		int ready = sys_ppoll(&(struct pollfd){.fd = input, .events = POLLIN}, 1, nullptr, nullptr);
		if (ready < 0 && ready != -EINTR)
			return ready;
	}
}

// Writes all of a block. Zero or -errno.
static long write_block(struct str block)
{
	struct out out = out_to_fd(SYS_STDOUT, (struct span){(uint8_t *)block.ptr, block.len});
	out.len = block.len; // it is full from the start: nothing is copied
	return out_flush(&out);
}

// Only a regular file can be read ahead without anybody noticing: a terminal, a pipe or a device gives its bytes once, and
// waits for them as long as it takes.
static bool is_regular(int input)
{
	struct statx about;
	int error = sys_statx(input, "", AT_EMPTY_PATH, STATX_TYPE, &about);
	return error == 0 && (about.stx_mode & S_IFMT) == S_IFREG;
}

struct copied copy(int input, bool private)
{
	bool asked = false; // what kind of file it is
	for (unsigned turn = 0;; turn ^= 1) {
		struct span block = SPAN(blocks[turn]);
		long got = ahead_take();
		if (got < 0) // nothing was read ahead, or it failed: then the plain call fails too, or does better
			got = read_block(input, block);
		if (got <= 0)
			return (struct copied){.read_error = got};

		// A file of less than a block never comes here, so it costs neither a ring nor the question.
		if (private && (size_t)got == block.len) {
			if (!asked)
				private = is_regular(input);
			asked = true;
			if (private)
				ahead_start(input, SPAN(blocks[turn ^ 1]));
		}

		long error = write_block((struct str){(const char *)block.ptr, (size_t)got});
		if (error != 0)
			return (struct copied){.write_error = error};
	}
}
