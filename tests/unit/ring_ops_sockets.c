// tests/unit/ring_ops_sockets.c: every builder of sqe_sockets.h, for real. [ring_op.h]
//
// Layout only (ring_sqe_sockets.c): sqe_recv_zc, which wants a network card with header split, and sqe_tx_timestamp, which
// wants a ring of wide completions and hardware or a driver that takes the time.
#include <linux/uio.h>

#include "ring/own.h"
#include "tests/unit/ring_op.h"

static int make_udp(struct sockaddr_in *address)
{
	int fd = sys_socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CHECK(fd >= 0);
	*address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = __builtin_bswap32(INADDR_LOOPBACK)};
	uint32_t length = sizeof(*address);
	CHECK_EQUAL(sys_bind(fd, address, length), 0);
	CHECK_EQUAL(sys_getsockname(fd, address, &length), 0);
	return fd;
}

// Two ends of a connection of TCP.
static struct pair make_tcp(void)
{
	struct sockaddr_in address;
	int listener = make_listener(&address);
	int client = make_connection(&address);
	int server = (int)syscall6(__NR_accept4, listener, 0, 0, SOCK_CLOEXEC, 0, 0);
	CHECK(server >= 0);
	close_fd(listener);
	return (struct pair){server, client};
}

static void check_recv(int fd, struct str text)
{
	char bytes[64] = {};
	long got = syscall6(__NR_recvfrom, fd, (long)bytes, sizeof(bytes), MSG_DONTWAIT, 0, 0);
	CHECK_STR(((struct str){bytes, got > 0 ? (size_t)got : 0}), text);
}

static void provide(struct io_uring *ring, struct pool *pool)
{
	CHECK_EQUAL(result_of(ring, sqe_provide_buffers(pool, POOL_SIZE, POOL_COUNT, POOL_GROUP, 0)), 0);
}

// Pieces, an address and a descriptor travel.
OP(sendmsg_and_recvmsg, IORING_OP_SENDMSG)
{
	NEEDS(IORING_OP_RECVMSG);
	struct pair sockets = make_sockets();
	int file = make_file(STR("passed"));
	struct {
		struct cmsghdr head;
		int fd;
		int pad;
	} control = {.head = {sizeof(struct cmsghdr) + 4, SOL_SOCKET, SCM_RIGHTS}, .fd = file}, got_control = {};
	struct iovec from[] = {{"mes", 3}, {"sage", 4}};
	struct msghdr message = {.msg_iov = from,
				 .msg_iovlen = 2,
				 .msg_control = &control,
				 .msg_controllen = sizeof(struct cmsghdr) + 4};
	CHECK_EQUAL(result_of(ring, sqe_sendmsg(sockets.write, &message, 0)), 7);
	close_fd(file);

	char a[2], b[16];
	struct iovec into[] = {{a, sizeof(a)}, {b, sizeof(b)}};
	struct msghdr got = {
		.msg_iov = into, .msg_iovlen = 2, .msg_control = &got_control, .msg_controllen = sizeof(got_control)};
	CHECK_EQUAL(result_of(ring, sqe_recvmsg(sockets.read, &got, 0)), 7);
	CHECK_BYTES(a, "me", 2);
	CHECK_BYTES(b, "ssage", 5);
	CHECK_EQUAL(got_control.head.cmsg_type, SCM_RIGHTS);
	uint8_t bytes[8];
	CHECK_STR(content_of(got_control.fd, SPAN(bytes)), STR("passed"));
	close_fd(got_control.fd);
	close_pair(sockets);
}

// A datagram that is longer than the room shows so, and where it came from.
OP(recvmsg_cut, IORING_OP_RECVMSG)
{
	struct sockaddr_in to, sender, name = {};
	int udp = make_udp(&to), other = make_udp(&sender);
	CHECK_EQUAL(sys_sendto(other, "0123456789", 10, 0, &to, sizeof(to)), 10);
	char bytes[4];
	struct iovec into = {bytes, sizeof(bytes)};
	struct msghdr got = {.msg_name = &name, .msg_namelen = sizeof(name), .msg_iov = &into, .msg_iovlen = 1};
	CHECK_EQUAL(result_of(ring, sqe_recvmsg(udp, &got, 0)), 4);
	CHECK_EQUAL(got.msg_flags & MSG_TRUNC, MSG_TRUNC);
	CHECK_EQUAL(got.msg_namelen, sizeof(name));
	CHECK_BYTES(&name, &sender, 8);
	close_fd(udp);
	close_fd(other);
}

OP(recvmsg_multishot, IORING_OP_RECVMSG)
{
	NEEDS(IORING_OP_PROVIDE_BUFFERS);
	static uint8_t buffers[2][64];
	struct sockaddr_in to, sender;
	int udp = make_udp(&to), other = make_udp(&sender);
	CHECK_EQUAL(result_of(ring, sqe_provide_buffers(buffers, 64, 2, POOL_GROUP, 0)), 0);
	struct msghdr room = {.msg_namelen = 16, .msg_controllen = 24};
	push(ring, sqe_recvmsg_multishot(udp, &room, 0, POOL_GROUP), 1);
	submit(ring, 1);
	// The second has more than 64 - 16 - 16 - 24 bytes.
	static const struct str texts[] = {STR("one"), STR("two is too long")};
	for (unsigned i = 0; i < 2; i++) {
		CHECK_EQUAL(sys_sendto(other, texts[i].ptr, texts[i].len, 0, &to, sizeof(to)), texts[i].len);
		struct io_uring_cqe done = next(ring);
		UNLESS_EMULATION_LACKS(done.res);
		CHECK_EQUAL(done.user_data, 1);
		CHECK((done.flags & IORING_CQE_F_MORE) != 0);
		int id = cqe_buffer_id(&done);
		struct cqe_message message = {};
		if (!CHECK(id == 0 || id == 1) ||
		    !CHECK(cqe_message((struct span){buffers[id], 64}, done.res, 16, 24, &message)))
			break;
		CHECK_EQUAL(message.name_length, 16);
		CHECK_BYTES(message.name.ptr, &sender, 8);
		CHECK_EQUAL(message.control.len, 0);
		size_t whole = texts[i].len, kept = whole < 8 ? whole : 8;
		CHECK_STR(((struct str){(char *)message.payload.ptr, message.payload.len}),
			  ((struct str){texts[i].ptr, kept}));
		CHECK_EQUAL((message.flags & MSG_TRUNC) != 0, whole > 8);
	}
	CHECK_EQUAL(sys_sendto(other, "x", 1, 0, &to, sizeof(to)), 1);
	struct io_uring_cqe done = NEXT_IS(1, -ENOBUFS); // both are ours
	CHECK_EQUAL(done.flags & IORING_CQE_F_MORE, 0);
	close_fd(udp);
	close_fd(other);
}

OP(accept, IORING_OP_ACCEPT)
{
	struct sockaddr_in address, peer = {}, name = {};
	int listener = make_listener(&address);
	int client = make_connection(&address);
	uint32_t length = sizeof(peer);
	int server = result_of(ring, sqe_accept(listener, &peer, &length, SOCK_CLOEXEC | SOCK_NONBLOCK));
	CHECK(server >= 0);
	CHECK_EQUAL(length, sizeof(peer));
	length = sizeof(name);
	CHECK_EQUAL(sys_getsockname(client, &name, &length), 0);
	CHECK_BYTES(&peer, &name, 8); // family, port, address
	CHECK_EQUAL(sys_fcntl(server, F_GETFD, 0), FD_CLOEXEC);
	CHECK((sys_fcntl(server, F_GETFL, 0) & O_NONBLOCK) != 0);
	close_fd(server);
	close_fd(client);

	// It waits for one.
	push(ring, sqe_accept(listener, nullptr, nullptr, 0), 1);
	push(ring, sqe_nop(), 2);
	submit(ring, 2);
	NEXT_IS(2, 0);
	CHECK_EMPTY(ring);
	client = make_connection(&address);
	struct io_uring_cqe done = next(ring);
	CHECK_EQUAL(done.user_data, 1);
	CHECK(done.res >= 0);
	CHECK_EQUAL(sys_fcntl(done.res, F_GETFD, 0), 0);
	close_fd(done.res);
	close_fd(client);
	close_fd(listener);
}

OP(accept_multishot, IORING_OP_ACCEPT)
{
	NEEDS(IORING_OP_ASYNC_CANCEL);
	struct sockaddr_in address;
	int listener = make_listener(&address);
	push(ring, sqe_accept_multishot(listener, SOCK_CLOEXEC), 1);
	submit(ring, 1);
	for (unsigned i = 0; i < 3; i++) {
		int client = make_connection(&address);
		struct io_uring_cqe done = next(ring);
		UNLESS_EMULATION_LACKS(done.res);
		CHECK_EQUAL(done.user_data, 1);
		CHECK_EQUAL((done.flags & IORING_CQE_F_MORE), IORING_CQE_F_MORE);
		if (CHECK(done.res >= 0)) {
			CHECK_EQUAL(sys_fcntl(done.res, F_GETFD, 0), FD_CLOEXEC);
			close_fd(done.res);
		}
		close_fd(client);
	}
	struct outcome done[3];
	push(ring, sqe_cancel(1), 2);
	submit(ring, 1);
	gather(ring, done, 3, 2);
	CHECK_EQUAL(done[2].res, 0);
	CHECK_EQUAL(done[1].res, -ECANCELED);
	CHECK_EQUAL(done[1].flags & IORING_CQE_F_MORE, 0);
	close_fd(listener);
}

OP(accept_now, IORING_OP_ACCEPT)
{
	NEEDS_KERNEL(6, 10);
	struct sockaddr_in address;
	int listener = make_listener(&address);
	int server = result_of(ring, sqe_accept_now(listener, nullptr, nullptr, 0));
	UNLESS_EMULATION_LACKS(server);
	CHECK_EQUAL(server, -EAGAIN);
	int client = make_connection(&address);
	server = result_of(ring, sqe_accept_now(listener, nullptr, nullptr, 0));
	CHECK(server >= 0);
	close_fd(server);
	close_fd(client);
	close_fd(listener);
}

// Into slots: one that is named, and again and again into those that are free.
OP(accept_direct, IORING_OP_ACCEPT)
{
	if (!make_slots(ring, 3))
		return;
	struct sockaddr_in address;
	uint8_t bytes[8];
	int listener = make_listener(&address), clients[4];
	for (unsigned i = 0; i < 4; i++)
		clients[i] = make_connection(&address);
	int accepted = result_of(ring, sqe_direct(sqe_accept(listener, nullptr, nullptr, 0), 1));
	UNLESS_EMULATION_LACKS(accepted);
	CHECK_EQUAL(accepted, 0);
	CHECK_EQUAL(sys_write(clients[0], "hello", 5), 5);
	CHECK_EQUAL(result_of(ring, sqe_fixed_file(sqe_recv(1, SPAN(bytes), 0))), 5);

	push(ring, sqe_direct(sqe_accept_multishot(listener, 0), IORING_FILE_INDEX_ALLOC), 1);
	submit(ring, 1);
	int slots = next(ring).res; // the two that are free, in no order that is promised
	slots += 16 * next(ring).res;
	CHECK(slots == 2 || slots == 32);
	struct io_uring_cqe done = NEXT_IS(1, -ENFILE);
	CHECK_EQUAL(done.flags & IORING_CQE_F_MORE, 0);
	for (unsigned i = 0; i < 4; i++)
		close_fd(clients[i]);
	close_fd(listener);
}

OP(connect, IORING_OP_CONNECT)
{
	struct sockaddr_in address;
	int listener = make_listener(&address);
	int client = sys_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK_EQUAL(result_of(ring, sqe_connect(client, &address, sizeof(address))), 0);
	int server = (int)syscall6(__NR_accept4, listener, 0, 0, SOCK_CLOEXEC, 0, 0);
	CHECK(server >= 0);
	CHECK_EQUAL(sys_write(client, "hi", 2), 2);
	check_recv(server, STR("hi"));
	CHECK_EQUAL(result_of(ring, sqe_connect(client, &address, sizeof(address))), -EISCONN);
	close_fd(client);
	close_fd(server);
	close_fd(listener);

	// Nobody listens any more.
	client = sys_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK_EQUAL(result_of(ring, sqe_connect(client, &address, sizeof(address))), -ECONNREFUSED);
	close_fd(client);
}

OP(send_recv_shutdown, IORING_OP_SEND)
{
	NEEDS(IORING_OP_RECV);
	NEEDS(IORING_OP_SHUTDOWN);
	struct pair pair = make_sockets();
	uint8_t bytes[16] = {};
	CHECK_EQUAL(result_of(ring, sqe_send(pair.write, STR("hello"), 0)), 5);
	CHECK_EQUAL(result_of(ring, sqe_recv(pair.read, SPAN(bytes), MSG_PEEK)), 5);
	CHECK_EQUAL(result_of(ring, sqe_recv(pair.read, (struct span){bytes, 3}, 0)), 3);
	CHECK_EQUAL(result_of(ring, sqe_recv(pair.read, SPAN(bytes), 0)), 2);
	CHECK_BYTES(bytes, "lollo", 5);
	CHECK_EQUAL(result_of(ring, sqe_recv(pair.read, SPAN(bytes), MSG_DONTWAIT)), -EAGAIN);
	CHECK_EQUAL(result_of(ring, sqe_shutdown(pair.write, SHUT_WR)), 0);
	CHECK_EQUAL(result_of(ring, sqe_recv(pair.read, SPAN(bytes), 0)), 0);
	CHECK_EQUAL(result_of(ring, sqe_send(pair.write, STR("no"), 0)), -EPIPE); // and no SIGPIPE
	CHECK_EQUAL(result_of(ring, sqe_send(pair.read, STR("yes"), 0)), 3);      // the other way is open
	CHECK_EQUAL(result_of(ring, sqe_shutdown(pair.write, 7)), -EINVAL);
	close_pair(pair);
	int fd = make_file(STR(""));
	CHECK_EQUAL(result_of(ring, sqe_send(fd, STR("no"), 0)), -ENOTSOCK);
	close_fd(fd);
}

// It waits for all of it; and what comes short because the stream ends breaks a link.
OP(recv_waitall, IORING_OP_RECV)
{
	struct pair pair = make_sockets();
	uint8_t bytes[8] = {};
	push(ring, sqe_recv(pair.read, SPAN(bytes), MSG_WAITALL), 1);
	submit(ring, 1);
	CHECK_EQUAL(sys_write(pair.write, "0123", 4), 4);
	push(ring, sqe_nop(), 2);
	submit(ring, 1);
	NEXT_IS(2, 0);
	CHECK_EMPTY(ring);
	CHECK_EQUAL(sys_write(pair.write, "4567", 4), 4);
	NEXT_IS(1, 8);
	CHECK_BYTES(bytes, "01234567", 8);

	push(ring, sqe_linked(sqe_recv(pair.read, SPAN(bytes), MSG_WAITALL)), 1);
	push(ring, sqe_nop(), 2);
	submit(ring, 2);
	CHECK_EQUAL(sys_write(pair.write, "ab", 2), 2);
	close_fd(pair.write);
	NEXT_IS(1, 2);
	NEXT_IS(2, -ECANCELED);
	close_fd(pair.read);
}

OP(send_to, IORING_OP_SEND)
{
	NEEDS_KERNEL(6, 1);
	struct sockaddr_in to, sender;
	int udp = make_udp(&to), other = make_udp(&sender);
	int sent = result_of(ring, sqe_send_to(sqe_send(other, STR("datagram"), 0), &to, sizeof(to)));
	UNLESS_EMULATION_LACKS(sent);
	CHECK_EQUAL(sent, 8);
	check_recv(udp, STR("datagram"));
	CHECK_EQUAL(result_of(ring, sqe_send(other, STR("datagram"), 0)), -EDESTADDRREQ);
	close_fd(udp);
	close_fd(other);
}

OP(sendv, IORING_OP_SEND)
{
	NEEDS_KERNEL(6, 17);
	struct pair pair = make_sockets();
	struct iovec from[] = {{"ab", 2}, {"cde", 3}};
	int sent = result_of(ring, sqe_sendv(pair.write, from, 2, 0));
	UNLESS_EMULATION_LACKS(sent);
	CHECK_EQUAL(sent, 5);
	check_recv(pair.read, STR("abcde"));
	close_pair(pair);
}

OP(recv_multishot, IORING_OP_RECV)
{
	NEEDS(IORING_OP_PROVIDE_BUFFERS);
	struct pool pool = {};
	struct pair pair = make_sockets();
	provide(ring, &pool);
	push(ring, sqe_recv_multishot(pair.read, 0, POOL_GROUP), 1);
	submit(ring, 1);
	static const struct str texts[] = {STR("first"), STR("second"), STR("third")};
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQUAL(sys_write(pair.write, texts[i].ptr, texts[i].len), texts[i].len);
		struct io_uring_cqe done = next(ring);
		UNLESS_EMULATION_LACKS(done.res);
		CHECK_EQUAL(done.user_data, 1);
		CHECK((done.flags & IORING_CQE_F_MORE) != 0);
		CHECK_STR(provided(&pool, done), texts[i]);
	}
	close_fd(pair.write);
	struct io_uring_cqe done = NEXT_IS(1, 0);
	CHECK_EQUAL(done.flags & IORING_CQE_F_MORE, 0);
	close_fd(pair.read);

	// When the buffers are used up it ends, and what came stays.
	pair = make_sockets();
	CHECK(result_of(ring, sqe_remove_buffers(99, POOL_GROUP)) > 0);
	CHECK_EQUAL(sys_write(pair.write, "stays", 5), 5);
	push(ring, sqe_recv_multishot(pair.read, 0, POOL_GROUP), 2);
	submit(ring, 1);
	done = NEXT_IS(2, -ENOBUFS);
	CHECK_EQUAL(done.flags & IORING_CQE_F_MORE, 0);
	check_recv(pair.read, STR("stays"));
	close_pair(pair);
}

OP(recv_poll_first, IORING_OP_RECV)
{
	struct pair pair = make_sockets();
	uint8_t bytes[8];
	push(ring, sqe_poll_first(sqe_recv(pair.read, SPAN(bytes), 0)), 1);
	submit(ring, 1);
	CHECK_EQUAL(sys_write(pair.write, "late", 4), 4);
	struct io_uring_cqe done = next(ring);
	UNLESS_EMULATION_LACKS(done.res);
	CHECK_EQUAL(done.res, 4);
	CHECK_EQUAL(sys_write(pair.write, "early", 5), 5);
	CHECK_EQUAL(result_of(ring, sqe_poll_first(sqe_recv(pair.read, SPAN(bytes), 0))), 5);
	CHECK_EQUAL(result_of(ring, sqe_poll_first(sqe_send(pair.read, STR("back"), 0))), 4);
	close_pair(pair);
}

OP(accept_poll_first, IORING_OP_ACCEPT)
{
	NEEDS_KERNEL(6, 10);
	struct sockaddr_in address;
	int listener = make_listener(&address);
	push(ring, sqe_poll_first(sqe_accept(listener, nullptr, nullptr, SOCK_CLOEXEC)), 1);
	submit(ring, 1);
	int client = make_connection(&address);
	struct io_uring_cqe done = next(ring);
	UNLESS_EMULATION_LACKS(done.res);
	CHECK(done.res >= 0);
	close_fd(done.res);
	close_fd(client);
	close_fd(listener);
}

// Bundles want a ring of buffers. What is given: ids 0 to 3, in this order.
struct buffer_ring {
	alignas(65536) uint8_t page[65536]; // a page, on whatever machine
};

static bool make_buffer_ring(struct io_uring *ring, struct buffer_ring *buffers, struct pool *pool,
			     const unsigned *lengths)
{
	struct io_uring_buf_reg reg = {
		.ring_addr = (uintptr_t)buffers->page, .ring_entries = POOL_COUNT, .bgid = POOL_GROUP};
	int error = ring_register(ring, IORING_REGISTER_PBUF_RING, &reg, 1);
	if (error != 0 && op_is_emulated(ring)) { // without such rings: then the group is one of the classic kind
		provide(ring, pool);
		return true;
	}
	if (!CHECK_EQUAL(error, 0))
		return false;
	struct io_uring_buf_ring *shared = (struct io_uring_buf_ring *)(void *)buffers->page;
	for (unsigned i = 0; i < POOL_COUNT; i++) {
		struct io_uring_buf *buf = (struct io_uring_buf *)(void *)buffers->page + i;
		buf->addr = (uintptr_t)pool->bytes[i];
		buf->len = lengths[i];
		buf->bid = (uint16_t)i;
	}
	__atomic_store_n(&shared->tail, (uint16_t)POOL_COUNT, __ATOMIC_RELEASE);
	return true;
}

OP(recv_bundle, IORING_OP_RECV)
{
	NEEDS_KERNEL(6, 10);
	static struct buffer_ring buffers;
	static struct pool pool;
	static const unsigned lengths[POOL_COUNT] = {4, 4, 4, 4};
	if (!make_buffer_ring(ring, &buffers, &pool, lengths))
		return;
	struct pair pair = make_sockets();
	CHECK_EQUAL(sys_write(pair.write, "0123456789", 10), 10);
	// How many buffers a bundle takes is the kernel's; that they are full and lie one behind the other it promises.
	struct io_uring_sqe recv = sqe_bundle(sqe_buffer_group(sqe_recv(pair.read, (struct span){}, 0), POOL_GROUP));
	struct io_uring_cqe done = {};
	int got = 0;
	for (unsigned i = 0; i < 3 && got < 10; i++) {
		CHECK_EQUAL(ring_do(ring, recv, &done), 0);
		UNLESS_EMULATION_LACKS(done.res);
		if (op_is_emulated(ring) || !kernel_is_older(6, 13)) // which begins with one of them
			CHECK(i != 0 || done.res > 4);
		CHECK_EQUAL(cqe_buffer_id(&done), got / 4);
		got += done.res;
	}
	CHECK_EQUAL(got, 10);
	CHECK_BYTES(pool.bytes[0], "0123", 4);
	CHECK_BYTES(pool.bytes[1], "4567", 4);
	CHECK_BYTES(pool.bytes[2], "89", 2);
	close_pair(pair);
}

// The bundles go out in the order of the ring, until it is empty.
OP(send_bundle, IORING_OP_SEND)
{
	NEEDS_KERNEL(6, 10);
	static struct buffer_ring buffers;
	static struct pool pool = {{"ab", "cde", "f", "gh"}};
	static const unsigned lengths[POOL_COUNT] = {2, 3, 1, 2};
	if (!make_buffer_ring(ring, &buffers, &pool, lengths))
		return;
	struct pair pair = make_sockets();
	push(ring, sqe_bundle(sqe_buffer_group(sqe_send(pair.write, STR(""), 0), POOL_GROUP)), 1);
	submit(ring, 1);
	int sent = 0;
	struct io_uring_cqe done;
	do {
		done = next(ring);
		UNLESS_EMULATION_LACKS(done.res);
		CHECK_EQUAL(done.user_data, 1);
		if (done.res > 0)
			sent += done.res;
	} while ((done.flags & IORING_CQE_F_MORE) != 0);
	CHECK_EQUAL(sent, 8);
	check_recv(pair.read, STR("abcdefgh"));
	close_pair(pair);
}

// One buffer each time, until there is none; a limit sends a part of it.
OP(send_from_a_group, IORING_OP_SEND)
{
	NEEDS_KERNEL(6, 10);
	static struct buffer_ring buffers;
	static struct pool pool;
	pool = (struct pool){{"ab", "cdef", "gh", "ij"}};
	static const unsigned lengths[POOL_COUNT] = {2, 4, 2, 2}, limits[POOL_COUNT] = {0, 3, 1, 9};
	static const int sent[POOL_COUNT] = {2, 3, 1, 2};
	if (!make_buffer_ring(ring, &buffers, &pool, lengths))
		return;
	struct pair pair = make_sockets();
	struct io_uring_cqe done = {};
	for (unsigned i = 0; i < POOL_COUNT; i++) {
		struct io_uring_sqe send = sqe_buffer_group(sqe_send(pair.write, STR(""), 0), POOL_GROUP);
		send.len = limits[i];
		CHECK_EQUAL(ring_do(ring, send, &done), 0);
		CHECK_EQUAL(done.res, sent[i]);
		CHECK_EQUAL(cqe_buffer_id(&done), i);
	}
	check_recv(pair.read, STR("abcdegij"));
	CHECK_EQUAL(result_of(ring, sqe_buffer_group(sqe_send(pair.write, STR(""), 0), POOL_GROUP)), -ENOBUFS);
	close_pair(pair);
}

// Of a list likewise, but whole.
OP(send_from_a_list, IORING_OP_SEND)
{
	NEEDS_KERNEL(6, 10);
	static struct pool pool;
	pool = (struct pool){{"0123456789abcde", "x"}};
	provide(ring, &pool);
	struct pair pair = make_sockets();
	struct io_uring_cqe done = {};
	for (unsigned i = 0; i < POOL_COUNT; i++) {
		CHECK_EQUAL(ring_do(ring, sqe_buffer_group(sqe_send(pair.write, STR(""), 0), POOL_GROUP), &done), 0);
		CHECK_EQUAL(done.res, POOL_SIZE);
		CHECK_EQUAL(cqe_buffer_id(&done), i);
	}
	check_recv(pair.read, (struct str){(const char *)pool.bytes, sizeof(pool)});
	CHECK_EQUAL(result_of(ring, sqe_buffer_group(sqe_send(pair.write, STR(""), 0), POOL_GROUP)), -ENOBUFS);
	close_pair(pair);
}

// Whoever kept something where a call had its variables finds other bytes there.
[[gnu::noinline]] static void overwrite_stack(void)
{
	volatile uint8_t bytes[16384];
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = 0xa5;
}

// A socket that is full makes it wait, also behind another of its chain; its buffers are its own meanwhile.
OP(send_bundle_waits, IORING_OP_SEND)
{
	NEEDS_KERNEL(6, 10);
	static struct buffer_ring buffers;
	static struct pool pool;
	pool = (struct pool){{"ab", "cde", "f", "gh"}};
	static const unsigned lengths[POOL_COUNT] = {2, 3, 1, 2};
	static char many[65536];
	if (!make_buffer_ring(ring, &buffers, &pool, lengths))
		return;
	struct pair pair = make_sockets();
	uint64_t filled = 0;
	long now;
	while ((now = syscall6(__NR_sendto, pair.write, (long)many, sizeof(many), MSG_DONTWAIT, 0, 0)) > 0)
		filled += (uint64_t)now;
	CHECK_EQUAL(now, -EAGAIN);
	struct pair pipe = make_pipe();
	uint8_t byte[1];
	push(ring, sqe_linked(sqe_read(pipe.read, SPAN(byte), SQE_AT_POSITION)), 1);
	push(ring, sqe_bundle(sqe_buffer_group(sqe_send(pair.write, STR(""), 0), POOL_GROUP)), 2);
	submit(ring, 2);
	CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1);
	NEXT_IS(1, 1);
	close_pair(pipe);
	CHECK_EMPTY(ring);
	overwrite_stack();
	uint64_t rest = filled;
	while (rest > 0 && (now = sys_read(pair.read, many, rest < sizeof(many) ? rest : sizeof(many))) > 0)
		rest -= (uint64_t)now;
	CHECK_EQUAL(rest, 0);
	int sent = 0;
	struct io_uring_cqe done;
	do {
		done = next(ring);
		CHECK_EQUAL(done.user_data, 2);
		CHECK(done.res > 0);
		sent += done.res;
	} while ((done.flags & IORING_CQE_F_MORE) != 0);
	CHECK_EQUAL(sent, 8);
	check_recv(pair.read, STR("abcdefgh"));
	close_pair(pair);
}

OP(socket, IORING_OP_SOCKET)
{
	int fd = result_of(ring, sqe_socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	CHECK(fd >= 0);
	CHECK_EQUAL(sys_fcntl(fd, F_GETFD, 0), FD_CLOEXEC);
	int type = 0;
	uint32_t length = sizeof(type);
	CHECK_EQUAL(syscall6(__NR_getsockopt, fd, SOL_SOCKET, SO_TYPE, (long)&type, (long)&length, 0), 0);
	CHECK_EQUAL(type, SOCK_DGRAM);
	close_fd(fd);
	CHECK_EQUAL(result_of(ring, sqe_socket(AF_INET, SOCK_STREAM, 250)), -EPROTONOSUPPORT);
}

OP(socket_direct, IORING_OP_SOCKET)
{
	NEEDS(IORING_OP_CONNECT);
	if (!make_slots(ring, 2))
		return;
	struct sockaddr_in address;
	int listener = make_listener(&address);
	int made = result_of(ring, sqe_direct(sqe_socket(AF_INET, SOCK_STREAM, 0), 1));
	UNLESS_EMULATION_LACKS(made);
	CHECK_EQUAL(made, 0);
	CHECK_EQUAL(result_of(ring, sqe_fixed_file(sqe_connect(1, &address, sizeof(address)))), 0);
	CHECK_EQUAL(result_of(ring, sqe_fixed_file(sqe_send(1, STR("hello"), 0))), 5);
	int server = (int)syscall6(__NR_accept4, listener, 0, 0, SOCK_CLOEXEC, 0, 0);
	CHECK(server >= 0);
	check_recv(server, STR("hello"));
	close_fd(server);
	close_fd(listener);
}

// The result, and then, when the memory is free, a notice.
static void check_zc(struct io_uring *ring, int result)
{
	struct io_uring_cqe done = NEXT_IS(1, result);
	if (!CHECK((done.flags & IORING_CQE_F_MORE) != 0))
		return;
	CHECK_EQUAL(done.flags & IORING_CQE_F_NOTIF, 0);
	done = next(ring);
	CHECK_EQUAL(done.user_data, 1);
	CHECK_EQUAL(done.flags & (IORING_CQE_F_MORE | IORING_CQE_F_NOTIF), IORING_CQE_F_NOTIF);
	CHECK_EQUAL(done.res & 0x7fffffff, 0); // beside IORING_NOTIF_USAGE_ZC_COPIED
}

OP(send_zc, IORING_OP_SEND_ZC)
{
	struct pair tcp = make_tcp();
	push(ring, sqe_send_zc(tcp.write, STR("not copied"), 0), 1);
	submit(ring, 1);
	check_zc(ring, 10);
	check_recv(tcp.read, STR("not copied"));
	push(ring, sqe_report_usage(sqe_send_zc(tcp.write, STR("reported"), 0)), 1);
	submit(ring, 1);
	check_zc(ring, 8);
	check_recv(tcp.read, STR("reported"));
	close_pair(tcp);

	// Where it cannot be, it says so, with or without a notice.
	struct pair sockets = make_sockets();
	push(ring, sqe_send_zc(sockets.write, STR("no"), 0), 1);
	submit(ring, 1);
	struct io_uring_cqe done = NEXT_IS(1, -EOPNOTSUPP);
	if ((done.flags & IORING_CQE_F_MORE) != 0)
		NEXT_IS(1, 0);
	close_pair(sockets);
}

// What ends otherwise owes its notice as well: with IORING_CQE_F_MORE exactly one comes.
OP(send_zc_that_fails, IORING_OP_SEND_ZC)
{
	struct pair tcp = make_tcp();
	static char many[65536];
	int small = 4096;
	CHECK_EQUAL(syscall6(__NR_setsockopt, tcp.write, SOL_SOCKET, SO_SNDBUF, (long)&small, sizeof(small), 0), 0);
	while (syscall6(__NR_sendto, tcp.write, (long)many, sizeof(many), MSG_DONTWAIT, 0, 0) > 0) {
	}
	push(ring, sqe_send_zc(tcp.write, STR("canceled"), 0), 1);
	submit(ring, 1);
	CHECK_EMPTY(ring);
	push(ring, sqe_cancel(1), 2);
	submit(ring, 1);
	unsigned results = 0, notices = 0, owed = 0;
	while (results + notices < 2 + owed) {
		struct io_uring_cqe done = next(ring);
		if (done.user_data == UINT64_MAX)
			break;
		bool is_notice = (done.flags & IORING_CQE_F_NOTIF) != 0;
		owed += (done.flags & IORING_CQE_F_MORE) != 0;
		notices += is_notice;
		results += !is_notice;
		CHECK_EQUAL(done.res, done.user_data == 1 && !is_notice ? -ECANCELED : 0);
	}
	CHECK_EQUAL(results, 2);
	CHECK_EQUAL(owed, 1);
	CHECK_EQUAL(notices, 1);
	CHECK_EMPTY(ring);
	close_pair(tcp);

	// One that is not even tried.
	push(ring, sqe_send_zc(-1, STR("nowhere"), 0), 3);
	submit(ring, 1);
	struct io_uring_cqe done = NEXT_IS(3, -EBADF);
	if ((done.flags & IORING_CQE_F_MORE) != 0)
		CHECK_EQUAL(next(ring).flags & IORING_CQE_F_NOTIF, IORING_CQE_F_NOTIF);
	struct io_uring_sqe silent = sqe_send_zc(-1, STR("silent"), 0);
	silent.flags = IOSQE_CQE_SKIP_SUCCESS;
	push(ring, silent, 4);
	submit(ring, 1);
	done = NEXT_IS(4, -EINVAL);
	CHECK_EQUAL(done.flags, 0);
	CHECK_EMPTY(ring);
}

OP(send_zc_fixed, IORING_OP_SEND_ZC)
{
	static char buffer[64] = "registered";
	struct iovec whole = {buffer, sizeof(buffer)};
	CHECK_EQUAL(ring_register_buffers(ring, &whole, nullptr, 1), 0);
	struct pair tcp = make_tcp();
	push(ring, sqe_send_zc_fixed(tcp.write, (struct str){buffer + 2, 8}, 0, 0), 1);
	submit(ring, 1);
	check_zc(ring, 8);
	check_recv(tcp.read, STR("gistered"));
	close_pair(tcp);
}

OP(send_zc_to, IORING_OP_SEND_ZC)
{
	struct sockaddr_in to, sender;
	int udp = make_udp(&to), other = make_udp(&sender);
	push(ring, sqe_send_to(sqe_send_zc(other, STR("datagram"), 0), &to, sizeof(to)), 1);
	submit(ring, 1);
	check_zc(ring, 8);
	check_recv(udp, STR("datagram"));
	close_fd(udp);
	close_fd(other);
}

OP(sendmsg_zc, IORING_OP_SENDMSG_ZC)
{
	struct pair tcp = make_tcp();
	struct iovec from[] = {{"mes", 3}, {"sage", 4}};
	struct msghdr message = {.msg_iov = from, .msg_iovlen = 2};
	push(ring, sqe_sendmsg_zc(tcp.write, &message, 0), 1);
	submit(ring, 1);
	check_zc(ring, 7);
	check_recv(tcp.read, STR("message"));
	close_pair(tcp);
}

OP(sendmsg_zc_fixed, IORING_OP_SENDMSG_ZC)
{
	NEEDS_KERNEL(6, 15);
	static char buffer[64] = "registered";
	struct iovec whole = {buffer, sizeof(buffer)};
	CHECK_EQUAL(ring_register_buffers(ring, &whole, nullptr, 1), 0);
	struct pair tcp = make_tcp();
	struct iovec from[] = {{buffer, 2}, {buffer + 8, 2}};
	struct msghdr message = {.msg_iov = from, .msg_iovlen = 2};
	push(ring, sqe_sendmsg_zc_fixed(tcp.write, &message, 0, 0), 1);
	submit(ring, 1);
	check_zc(ring, 4);
	check_recv(tcp.read, STR("reed"));
	close_pair(tcp);
}

OP(bind_and_listen, SQE_OP_BIND)
{
	NEEDS(SQE_OP_LISTEN);
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = __builtin_bswap32(INADDR_LOOPBACK)};
	uint32_t length = sizeof(address);
	int fd = sys_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK_EQUAL(result_of(ring, sqe_bind(fd, &address, length)), 0);
	CHECK_EQUAL(result_of(ring, sqe_bind(fd, &address, length)), -EINVAL); // it has a name
	CHECK_EQUAL(result_of(ring, sqe_listen(fd, 4)), 0);
	CHECK_EQUAL(sys_getsockname(fd, &address, &length), 0);
	CHECK(address.sin_port != 0);
	int client = make_connection(&address);
	close_fd(client);
	close_fd(fd);
}

OP(socket_commands, IORING_OP_URING_CMD)
{
	NEEDS_KERNEL(6, 7);
	struct pair tcp = make_tcp();
	CHECK_EQUAL(sys_write(tcp.write, "waits", 5), 5);
	uint8_t bytes[8];
	CHECK_EQUAL(syscall6(__NR_recvfrom, tcp.read, (long)bytes, 5, MSG_PEEK | MSG_WAITALL, 0, 0), 5);
	int waiting = result_of(ring, sqe_socket_inq(tcp.read));
	UNLESS_EMULATION_LACKS(waiting);
	CHECK_EQUAL(waiting, 5);
	CHECK_EQUAL(result_of(ring, sqe_socket_inq(tcp.write)), 0);
	CHECK(result_of(ring, sqe_socket_outq(tcp.write)) >= 0);

	int value = 1, got = -1;
	struct str on = {(const char *)&value, sizeof(value)};
	CHECK_EQUAL(result_of(ring, sqe_setsockopt(tcp.read, SOL_SOCKET, SO_KEEPALIVE, on)), 0);
	CHECK_EQUAL(
		result_of(ring, sqe_getsockopt(tcp.read, SOL_SOCKET, SO_KEEPALIVE, (struct span){(uint8_t *)&got, 4})),
		4);
	CHECK_EQUAL(got, 1);
	CHECK_EQUAL(result_of(ring, sqe_setsockopt(tcp.read, IPPROTO_TCP, TCP_NODELAY, on)), 0);
	uint32_t length = sizeof(got);
	got = -1;
	CHECK_EQUAL(syscall6(__NR_getsockopt, tcp.read, IPPROTO_TCP, TCP_NODELAY, (long)&got, (long)&length, 0), 0);
	CHECK_EQUAL(got, 1);
	close_pair(tcp);
}

OP(getsockname, IORING_OP_URING_CMD)
{
	NEEDS_KERNEL(6, 19);
	struct pair tcp = make_tcp();
	struct sockaddr_in name = {}, peer = {}, right = {};
	uint32_t length = sizeof(name), peer_length = sizeof(peer), right_length = sizeof(right);
	int asked = result_of(ring, sqe_getsockname(tcp.read, &name, &length, false));
	UNLESS_EMULATION_LACKS(asked);
	CHECK_EQUAL(asked, 0);
	CHECK_EQUAL(sys_getsockname(tcp.read, &right, &right_length), 0);
	CHECK_BYTES(&name, &right, 8);
	CHECK_EQUAL(result_of(ring, sqe_getsockname(tcp.write, &peer, &peer_length, true)), 0);
	CHECK_BYTES(&peer, &right, 8);
	close_pair(tcp);
}
