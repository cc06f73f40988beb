// tests/programs-hosted/echo.c: a hosted program with libring.a: reads a file and sends its bytes through a pipe and back, by
// one ring, of the kernel's or emulated. C11 and C++17, so echo.cpp is this file too.
//
// usage: echo FILE. Prints the file's first 4096 bytes. Says by which engine. Status 77 where there is none, with the reason.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ring/engine.h"
#include "ring/ring.h"

enum { READ, WRITE, BACK, TOKENS };

struct file {
	unsigned char sent[4096], back[4096];
	int res[TOKENS];
};

// Pops what is there; false: a completion that nobody asked for.
static bool take(struct io_uring *ring, struct file *file)
{
	struct io_uring_cqe done;
	while (ring_pop(ring, &done)) {
		if (done.user_data >= TOKENS || file->res[done.user_data] != 0)
			return false;
		file->res[done.user_data] = done.res;
	}
	return true;
}

static bool echo(struct io_uring *ring, int fd, struct file *file)
{
	int ends[2];
	if (pipe(ends) != 0 || ring_push(ring, sqe_read(fd, SPAN(file->sent), 0), READ) != 0 ||
	    ring_submit(ring, 1) != 1 || !take(ring, file) || file->res[READ] < 0)
		return false;
	struct str sent = {(const char *)file->sent, (size_t)file->res[READ]};
	if (ring_push(ring, sqe_linked(sqe_write(ends[1], sent, SQE_AT_POSITION)), WRITE) != 0 ||
	    ring_push(ring, sqe_read(ends[0], SPAN(file->back), SQE_AT_POSITION), BACK) != 0 ||
	    ring_submit(ring, 2) != 2 || !take(ring, file))
		return false;
	close(ends[0]);
	close(ends[1]);
	return file->res[WRITE] == file->res[READ] && file->res[BACK] == file->res[READ] &&
	       memcmp(file->sent, file->back, sent.len) == 0;
}

int main(int argc, char **argv)
{
	static struct file file, copy;
	struct io_uring ring;
	struct ring_options options;
	memset(&options, 0, sizeof(options)); // the C library's, beside what the archive brings
	options.fallback = &ring_emulated;
	int fd = argc > 1 ? open(argv[1], O_RDONLY) : -1;
	if (fd < 0)
		return 2;
	int error = ring_open(&ring, 8, options);
	if (error != 0) {
		struct str why = ring_explain(error), name = errno_name(error);
		fprintf(stderr, "%.*s: %.*s\n", (int)name.len, name.ptr, (int)why.len, why.ptr);
		return error == -ENOSYS || error == -EPERM ? 77 : 1;
	}
	bool is_emulated = ring_engine(&ring) == &ring_emulated;
	if (!echo(&ring, fd, &file) || ring_close(&ring) != 0)
		return 1;
	copy = file;
	fputs(is_emulated ? "emulated\n" : "kernel\n", stderr);
	return fwrite(copy.back, 1, (size_t)copy.res[BACK], stdout) == (size_t)copy.res[BACK] ? 0 : 1;
}
