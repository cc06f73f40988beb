// tests/unit/ring_ops.c: what every builder of sqe.h asks for is what the kernel does.
#include "ring/ring.h"

#include "tests/unit/ring_unit.h"

// Runs one operation; its result.
static int result_of(struct io_uring *ring, struct io_uring_sqe sqe)
{
	struct io_uring_cqe done = {};
	CHECK_EQUAL(ring_do(ring, sqe, &done), 0);
	return done.res;
}

// A file without a name: gone with its descriptor. [open(2), O_TMPFILE]
static int make_file(struct str content)
{
	int fd = sys_openat(AT_FDCWD, "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	CHECK_EQUAL(sys_write(fd, content.ptr, content.len), content.len);
	return fd;
}

UNIT(nop)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4);
	CHECK_EQUAL(result_of(&ring, sqe_nop()), 0);
	close_ring(&ring);
}

UNIT(timeout)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	struct __kernel_timespec limit = {.tv_nsec = 10000000}, hour = {.tv_sec = 3600};
	int64_t start = monotonic_ns();
	CHECK_EQUAL(result_of(&ring, sqe_timeout(&limit, 0, 0)), -ETIME);
	CHECK(monotonic_ns() - start >= 10000000);

	// Or after two others.
	CHECK_EQUAL(ring_push(&ring, sqe_timeout(&hour, 2, 0), 1), 0);
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 2), 0);
	CHECK_EQUAL(ring_submit(&ring, 0), 2);
	CHECK_POP(&ring, 2, 0);
	CHECK_EMPTY(&ring);
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 3), 0);
	CHECK_EQUAL(ring_submit(&ring, 2), 1);
	CHECK_POP(&ring, 3, 0);
	CHECK_POP(&ring, 1, 0);

	// Or at a time of the clock, here one that is over.
	struct __kernel_timespec at = {.tv_nsec = 1};
	CHECK_EQUAL(result_of(&ring, sqe_timeout(&at, 0, IORING_TIMEOUT_ABS)), -ETIME);
	close_ring(&ring);
}

UNIT(accept)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	struct sockaddr_in address, peer = {}, name = {};
	int listener = make_listener(&address);
	int client = make_connection(&address);
	uint32_t length = sizeof(peer);
	int server = result_of(&ring, sqe_accept(listener, &peer, &length, SOCK_CLOEXEC | SOCK_NONBLOCK));
	CHECK(server >= 0);
	CHECK_EQUAL(length, sizeof(peer));
	length = sizeof(name);
	CHECK_EQUAL(sys_getsockname(client, &name, &length), 0);
	CHECK_BYTES(&peer, &name, 8); // family, port, address
	CHECK_EQUAL(syscall6(__NR_fcntl, server, F_GETFD, 0, 0, 0, 0), 1);
	CHECK((syscall6(__NR_fcntl, server, F_GETFL, 0, 0, 0, 0) & O_NONBLOCK) != 0);
	close_fd(server);
	close_fd(client);

	client = make_connection(&address);
	server = result_of(&ring, sqe_accept(listener, nullptr, nullptr, 0));
	CHECK(server >= 0);
	CHECK_EQUAL(syscall6(__NR_fcntl, server, F_GETFD, 0, 0, 0, 0), 0);
	close_fd(server);
	close_fd(client);
	close_fd(listener);
	close_ring(&ring);
}

UNIT(accept_multishot_and_cancel)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	struct sockaddr_in address;
	int listener = make_listener(&address);
	struct io_uring_cqe done = {};
	CHECK_EQUAL(ring_push(&ring, sqe_accept_multishot(listener, SOCK_CLOEXEC), 5), 0);
	CHECK_EQUAL(ring_submit(&ring, 0), 1);
	for (unsigned i = 0; i < 3; i++) {
		int client = make_connection(&address);
		CHECK(ring_submit(&ring, 1) >= 0);
		CHECK(ring_pop(&ring, &done));
		CHECK_EQUAL(done.user_data, 5);
		CHECK_EQUAL((done.flags & IORING_CQE_F_MORE), IORING_CQE_F_MORE);
		if (CHECK(done.res >= 0)) {
			CHECK_EQUAL(syscall6(__NR_fcntl, done.res, F_GETFD, 0, 0, 0, 0), 1);
			close_fd(done.res);
		}
		close_fd(client);
	}
	CHECK_EQUAL(ring_push(&ring, sqe_cancel(4), 6), 0);
	CHECK_EQUAL(ring_submit(&ring, 1), 1);
	CHECK_POP(&ring, 6, -ENOENT);
	CHECK_EQUAL(ring_push(&ring, sqe_cancel(5), 7), 0);
	CHECK_EQUAL(ring_submit(&ring, 2), 1);
	for (unsigned i = 0; i < 2 && CHECK(ring_pop(&ring, &done)); i++) {
		CHECK_EQUAL(done.res, done.user_data == 7 ? 0 : -ECANCELED);
		CHECK_EQUAL((done.flags & IORING_CQE_F_MORE), 0);
	}
	close_fd(listener);
	close_ring(&ring);
}

UNIT(openat_and_close)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4);
	int dir = result_of(&ring, sqe_openat(AT_FDCWD, "/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
	CHECK(dir >= 0);
	int fd = result_of(&ring, sqe_openat(dir, "comm", O_RDONLY, 0)); // relative to it
	CHECK(fd >= 0);
	uint8_t byte[1];
	CHECK_EQUAL(sys_read(fd, byte, 1), 1);
	CHECK(sys_write(fd, "x", 1) == -EBADF);
	CHECK_EQUAL(result_of(&ring, sqe_close(fd)), 0);
	CHECK_EQUAL(sys_read(fd, byte, 1), -EBADF);
	CHECK_EQUAL(result_of(&ring, sqe_close(fd)), -EBADF);
	CHECK_EQUAL(result_of(&ring, sqe_openat(dir, "missing", O_RDONLY, 0)), -ENOENT);
	close_fd(dir);

	// The mode of a new file.
	long mask = syscall6(__NR_umask, 0, 0, 0, 0, 0, 0);
	fd = result_of(&ring, sqe_openat(AT_FDCWD, "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0640));
	struct statx stat = {};
	CHECK_EQUAL(sys_statx(fd, "", AT_EMPTY_PATH, STATX_MODE, &stat), 0);
	CHECK_EQUAL(stat.stx_mode & 07777, 0640);
	close_fd(fd);
	(void)syscall6(__NR_umask, mask, 0, 0, 0, 0, 0);
	close_ring(&ring);
}

UNIT(openat2)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4);
	int dir = sys_openat(AT_FDCWD, "/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	struct open_how how = {.flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_BENEATH};
	int fd = result_of(&ring, sqe_openat2(dir, "version", &how, sizeof(how)));
	CHECK(fd >= 0);
	close_fd(fd);
	CHECK_EQUAL(result_of(&ring, sqe_openat2(dir, "../etc/passwd", &how, sizeof(how))), -EXDEV);
	CHECK_EQUAL(result_of(&ring, sqe_openat2(dir, "/proc/version", &how, sizeof(how))), -EXDEV);
	CHECK_EQUAL(result_of(&ring, sqe_openat2(dir, "version", &how, 8)), -EINVAL);
	close_fd(dir);
	close_ring(&ring);
}

UNIT(statx)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4);
	int fd = make_file(STR("12345"));
	struct statx stat = {};
	CHECK_EQUAL(result_of(&ring, sqe_statx(fd, "", AT_EMPTY_PATH, STATX_SIZE | STATX_TYPE, &stat)), 0);
	CHECK_EQUAL(stat.stx_size, 5);
	CHECK_EQUAL(stat.stx_mode & 0170000, 0100000); // S_IFREG
	CHECK_EQUAL(result_of(&ring, sqe_statx(AT_FDCWD, "/no/such", 0, STATX_SIZE, &stat)), -ENOENT);
	close_fd(fd);
	close_ring(&ring);
}

UNIT(read_and_write)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4);
	int fd = make_file(STR("0123456789"));
	uint8_t bytes[32] = {};
	CHECK_EQUAL(result_of(&ring, sqe_read(fd, (struct span){bytes, 4}, 3)), 4);
	CHECK_BYTES(bytes, "3456", 5);
	CHECK_EQUAL(result_of(&ring, sqe_read(fd, SPAN(bytes), 8)), 2); // to the end
	CHECK_EQUAL(result_of(&ring, sqe_read(fd, SPAN(bytes), 10)), 0);
	CHECK_EQUAL(result_of(&ring, sqe_write(fd, STR("abc"), 1)), 3);

	CHECK_EQUAL(sys_lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQUAL(result_of(&ring, sqe_read(fd, (struct span){bytes, 5}, SQE_AT_POSITION)), 5);
	CHECK_BYTES(bytes, "0abc4", 5);
	CHECK_EQUAL(result_of(&ring, sqe_write(fd, STR("XY"), SQE_AT_POSITION)), 2);
	CHECK_EQUAL(sys_lseek(fd, 0, SEEK_CUR), 7);
	CHECK_EQUAL(result_of(&ring, sqe_read(fd, SPAN(bytes), 0)), 10);
	CHECK_BYTES(bytes, "0abc4XY789", 10);

	// Past 4 GiB: the offset has 64 bits.
	CHECK_EQUAL(result_of(&ring, sqe_write(fd, STR("far"), UINT64_C(0x100000002))), 3);
	CHECK_EQUAL(sys_lseek(fd, 0, SEEK_END), INT64_C(0x100000005));
	close_fd(fd);
	close_ring(&ring);
}

UNIT(send_recv_shutdown)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4);
	struct pair pair = make_sockets();
	uint8_t bytes[16] = {};
	CHECK_EQUAL(result_of(&ring, sqe_send(pair.write, STR("hello"), MSG_NOSIGNAL)), 5);
	CHECK_EQUAL(result_of(&ring, sqe_recv(pair.read, SPAN(bytes), 2 /* MSG_PEEK */)), 5);
	CHECK_EQUAL(result_of(&ring, sqe_recv(pair.read, (struct span){bytes, 3}, 0)), 3);
	CHECK_EQUAL(result_of(&ring, sqe_recv(pair.read, SPAN(bytes), 0)), 2);
	CHECK_BYTES(bytes, "lollo", 5);
	CHECK_EQUAL(result_of(&ring, sqe_shutdown(pair.write, SHUT_WR)), 0);
	CHECK_EQUAL(result_of(&ring, sqe_recv(pair.read, SPAN(bytes), 0)), 0);
	CHECK_EQUAL(result_of(&ring, sqe_send(pair.write, STR("no"), MSG_NOSIGNAL)), -EPIPE);
	CHECK_EQUAL(result_of(&ring, sqe_send(pair.read, STR("yes"), 0)), 3); // the other way is open
	CHECK_EQUAL(result_of(&ring, sqe_shutdown(pair.write, 7)), -EINVAL);
	close_pair(pair);
	close_ring(&ring);
}

UNIT(linked)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 8);
	struct pair pipe = make_pipe();
	uint8_t bytes[8] = {};
	struct __kernel_timespec limit = {.tv_nsec = 5000000};
	CHECK_EQUAL(ring_push(&ring, sqe_linked(sqe_openat(AT_FDCWD, "/no/such", 0, 0)), 1), 0);
	CHECK_EQUAL(ring_push(&ring, sqe_linked(sqe_nop()), 2), 0);
	CHECK_EQUAL(ring_push(&ring, sqe_write(pipe.write, STR("no"), SQE_AT_POSITION), 3), 0);
	CHECK_EQUAL(ring_push(&ring, sqe_linked(sqe_write(pipe.write, STR("a"), SQE_AT_POSITION)), 4), 0);
	CHECK_EQUAL(ring_push(&ring, sqe_linked(sqe_write(pipe.write, STR("b"), SQE_AT_POSITION)), 5), 0);
	CHECK_EQUAL(ring_push(&ring, sqe_timeout(&limit, 0, IORING_TIMEOUT_ETIME_SUCCESS), 6), 0);
	CHECK_EQUAL(ring_submit(&ring, 6), 6);
	static const int results[] = {0, -ENOENT, -ECANCELED, -ECANCELED, 1, 1, -ETIME};
	struct io_uring_cqe done;
	unsigned ended = 0;
	for (int64_t until = monotonic_ns() + 10000000000; ended < 6 && monotonic_ns() < until;) {
		(void)!ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = 1000000000});
		while (ring_pop(&ring, &done)) {
			CHECK_EQUAL(done.res, results[done.user_data]);
			ended++;
		}
	}
	CHECK_EQUAL(ended, 6);
	CHECK_EQUAL(sys_read(pipe.read, bytes, sizeof(bytes)), 2);
	CHECK_BYTES(bytes, "ab", 2);
	close_pair(pipe);
	close_ring(&ring);
}

UNIT(fixed_file)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4);
	int fds[3] = {-1, -1, make_file(STR("registered"))};
	CHECK_EQUAL(sys_io_uring_register(ring.ring_fd, IORING_REGISTER_FILES, fds, 3), 0);
	close_fd(fds[2]); // the ring holds it
	uint8_t bytes[16] = {};
	CHECK_EQUAL(result_of(&ring, sqe_fixed_file(sqe_read(2, SPAN(bytes), 0))), 10);
	CHECK_BYTES(bytes, "registered", 10);
	CHECK_EQUAL(result_of(&ring, sqe_fixed_file(sqe_read(1, SPAN(bytes), 0))), -EBADF);
	CHECK_EQUAL(result_of(&ring, sqe_fixed_file(sqe_read(3, SPAN(bytes), 0))), -EBADF);
	close_ring(&ring);
}
