// tests/unit/ring_emulate.c: what is special to the emulation: its tables can be full, it never blocks while something else is
// ready, it never changes a descriptor's flags, it copies what is lent until the submit only, and it says what it cannot do.
//
// What it has in common with the kernel is held by the tests that run on either engine (ring_op.h, and "For either engine.").
#include "ring/buffers.h"
#include "ring/own.h"
#include "ring/register.h"
#include "tests/unit/ring_unit.h"

static bool open_emulated(struct io_uring *ring, unsigned entries, struct ring_options options)
{
	options.engine = &ring_emulated;
	int error = ring_open(ring, entries, options);
	if (error == -ENOSYS) {
		unit_skip(STR("built without CONFIG_RING_EMULATION"));
		return false;
	}
	return CHECK_EQUAL(error, 0);
}

#define EMULATED_OR_SKIP(ring, entries, ...)                                                \
	do {                                                                                \
		if (!open_emulated(&(ring), (entries), (struct ring_options){__VA_ARGS__})) \
			return;                                                             \
	} while (0)

static void push(struct io_uring *ring, struct io_uring_sqe sqe, uint64_t token)
{
	CHECK_EQUAL(ring_push(ring, sqe, token), 0);
}

static long flags_of(int fd)
{
	return sys_fcntl(fd, F_GETFL, 0);
}

// Setting up.

UNIT(options_that_it_does_not_have_are_refused)
{
	struct io_uring ring;
	EMULATED_OR_SKIP(ring, 1);
	CHECK_EQUAL(ring_engine(&ring), &ring_emulated);
	close_ring(&ring);
	static const struct ring_options refused[] = {
		{.sqpoll = true}, {.iopoll = true},    {.sqe128 = true},
		{.cqe32 = true},  {.sqe_mixed = true}, {.cqe_mixed = true},
	};
	struct held before = held_now();
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct ring_options options = refused[i];
		options.engine = &ring_emulated;
		CHECK_EQUAL(ring_open(&ring, 8, options), -EINVAL);
	}
	CHECK_HELD(before);
}

// A child that shares the queues is another issuer: it may not come in, not even to wait, since whoever waits does the work.
UNIT(a_single_issuer_is_the_only_one_that_comes_in)
{
	for (int disabled = 0; disabled < 2; disabled++) {
		struct io_uring ring;
		EMULATED_OR_SKIP(ring, 8, .single_issuer = true, .disabled = disabled != 0, .fork_shares = true);
		if (disabled)
			CHECK_EQUAL(ring_enable(&ring), 0); // and is its issuer from here
		int child = fork_child();
		if (child == 0) {
			struct ring_wait soon = {.timeout_ns = 1000000};
			int pushed = ring_push(&ring, sqe_nop(), 1);
			int submitted = ring_submit(&ring, 1), waited = ring_wait(&ring, 1, soon);
			int registered = ring_register_files_sparse(&ring, 4);
			sys_exit_group(pushed != 0             ? 1
				       : submitted != -EEXIST  ? 2
				       : waited != -EEXIST     ? 3
				       : registered != -EEXIST ? 4
							       : 0);
		}
		CHECK_EQUAL(wait_child(child), 0);
		push(&ring, sqe_nop(), 2);
		CHECK_EQUAL(ring_submit(&ring, 1), 1);
		CHECK_POP(&ring, 2, 0);
		close_ring(&ring);
	}
}

// Only where nobody else can be in the other ring: not one of many issuers, not one of another thread's, not one that is closed.
UNIT(a_message_goes_to_no_ring_that_another_may_be_in)
{
	struct io_uring ring, many, single;
	EMULATED_OR_SKIP(ring, 8, .fork_shares = true);
	EMULATED_OR_SKIP(many, 8);
	EMULATED_OR_SKIP(single, 8, .single_issuer = true, .fork_shares = true);
	struct io_uring_cqe done = {};
	CHECK_EQUAL(ring_do(&ring, sqe_msg_ring(many.ring_fd, 1, 1), &done), 0);
	CHECK_EQUAL(done.res, -EOPNOTSUPP);
	CHECK_EQUAL(ring_do(&ring, sqe_msg_ring(single.ring_fd, 1, 5), &done), 0);
	CHECK_EQUAL(done.res, 0);
	CHECK_POP(&single, 1, 5);
	int child = fork_child();
	if (child == 0) {
		int error = ring_do(&ring, sqe_msg_ring(single.ring_fd, 2, 2), &done);
		sys_exit_group(error != 0 ? 1 : done.res != -EOPNOTSUPP ? 2 : 0);
	}
	CHECK_EQUAL(wait_child(child), 0);
	CHECK_EMPTY(&single);
	int fd = single.ring_fd;
	close_ring(&single);
	CHECK_EQUAL(ring_do(&many, sqe_msg_ring(fd, 1, 1), &done), 0);
	CHECK_EQUAL(done.res, -EBADF);
	close_ring(&many);
	close_ring(&ring);
}

UNIT(an_index_array_is_followed)
{
	struct io_uring ring;
	EMULATED_OR_SKIP(ring, 4, .index_array = true, .close_ms = 20);
	if (!CHECK(ring.sq.array != nullptr))
		return;
	ring.sq.array[0] = 1;
	ring.sq.array[1] = 0;
	ring.sq.array[2] = 4; // there is no such entry
	push(&ring, sqe_nop(), 1);
	push(&ring, sqe_nop(), 2);
	CHECK_EQUAL(ring_submit(&ring, 2), 2);
	CHECK_POP(&ring, 2, 0);
	CHECK_POP(&ring, 1, 0);
	push(&ring, sqe_nop(), 3);
	CHECK_EQUAL(ring_submit(&ring, 0), 0);
	CHECK_EQUAL(*ring.sq.kdropped, 1);
	CHECK_EMPTY(&ring);
	CHECK_EQUAL(ring_close(&ring), -ETIME); // what was dropped counts as in flight: it was a mistake
	ring.cq.own->options.close_quick = true;
	close_ring(&ring);
}

// What it cannot do.

UNIT(what_it_lacks_is_said)
{
	struct io_uring ring;
	EMULATED_OR_SKIP(ring, 8, .submit_all = true);
	uint32_t word = 0;
	push(&ring, sqe_futex_wait(&word, 0, 1, 2), 1);
	push(&ring, sqe_of(IORING_OP_LAST, -1, nullptr, 0, 0), 2);
	push(&ring, sqe_nop(), 3);
	CHECK_EQUAL(ring_submit(&ring, 3), 3);
	CHECK_POP(&ring, 1, -EOPNOTSUPP);
	CHECK_POP(&ring, 2, -EINVAL);
	CHECK_POP(&ring, 3, 0);
	CHECK(!ring_has(&ring, IORING_OP_FUTEX_WAIT));
	CHECK(ring_has(&ring, IORING_OP_RECV));
	CHECK_EQUAL(ring_register(&ring, IORING_REGISTER_PERSONALITY, nullptr, 0), -EINVAL);
	CHECK_EQUAL(ring_register(&ring, IORING_REGISTER_LAST, nullptr, 0), -EINVAL);
	close_ring(&ring);
}

// The tables.

UNIT(a_full_table_takes_nothing)
{
	struct io_uring ring;
	EMULATED_OR_SKIP(ring, 4);
	struct pair pipe = make_pipe();
	uint8_t byte[1];
	unsigned taken = 0;
	int error = 0;
	while (taken < 1000 && error == 0) {
		push(&ring, sqe_read(pipe.read, SPAN(byte), SQE_AT_POSITION), taken);
		int now = ring_submit(&ring, 0);
		if (now == 1)
			taken++;
		else
			error = now;
	}
	CHECK_EQUAL(error, -EBUSY);
	CHECK_EQUAL(taken, 16);
	CHECK_EQUAL(ring_space(&ring), 3); // the entry is still there
	CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1);
	CHECK_EQUAL(ring_submit(&ring, 0), 1); // one has ended, so there is a place
	CHECK_POP(&ring, 0, 1);
	CHECK_EMPTY(&ring);
	close_ring(&ring);
	close_pair(pipe);
}

UNIT(a_multishot_holds_back_when_nobody_pops)
{
	struct io_uring ring;
	EMULATED_OR_SKIP(ring, 2);
	struct sockaddr_in address;
	int listener = make_listener(&address);
	int clients[9];
	push(&ring, sqe_accept_multishot(listener, SOCK_CLOEXEC), 1);
	CHECK_EQUAL(ring_submit(&ring, 0), 1);
	for (unsigned i = 0; i < 9; i++)
		clients[i] = make_connection(&address);
	CHECK_EQUAL(ring_submit(&ring, 4), 0);
	CHECK_EQUAL(ring_ready(&ring), 4); // as many as fit
	unsigned accepted = 0;
	for (struct io_uring_cqe done; accepted < 9 && CHECK(ring_pop(&ring, &done)); accepted++) {
		CHECK_EQUAL(done.flags, IORING_CQE_F_MORE);
		if (CHECK(done.res >= 0))
			close_fd(done.res);
	}
	CHECK_EMPTY(&ring);
	for (unsigned i = 0; i < 9; i++)
		close_fd(clients[i]);
	close_fd(listener);
	close_ring(&ring);
}

// Descriptors.

// A send that would not copy tells twice, and its notice comes behind its result, however full the queue is.
UNIT(a_notice_is_not_lost_in_a_full_queue)
{
	struct io_uring ring;
	EMULATED_OR_SKIP(ring, 1, .cq_entries = 1);
	struct sockaddr_in address;
	int listener = make_listener(&address);
	int client = make_connection(&address);
	for (uint64_t token = 0; token < 3; token++) {
		push(&ring, sqe_report_usage(sqe_send_zc(client, STR("x"), 0)), token);
		CHECK_EQUAL(ring_submit(&ring, 0), 1);
	}
	CHECK_EQUAL(ring_in_flight(&ring), 3);
	for (unsigned i = 0; i < 6; i++) {
		struct io_uring_cqe done = {};
		bool is_notice = i % 2 != 0;
		CHECK(ring_pop(&ring, &done));
		CHECK_EQUAL(done.user_data, i / 2);
		CHECK_EQUAL(done.flags, is_notice ? IORING_CQE_F_NOTIF : IORING_CQE_F_MORE);
		CHECK_EQUAL((unsigned)done.res, is_notice ? IORING_NOTIF_USAGE_ZC_COPIED : 1);
	}
	CHECK_EMPTY(&ring);
	CHECK_EQUAL(ring_in_flight(&ring), 0);
	close_fd(client);
	close_fd(listener);
	close_ring(&ring);
}

UNIT(no_flag_of_a_descriptor_is_changed)
{
	struct io_uring ring;
	EMULATED_OR_SKIP(ring, 16);
	struct pair pipe = make_pipe(), sockets = make_sockets();
	struct sockaddr_in address;
	int listener = make_listener(&address);
	int client = sys_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int fds[] = {pipe.read, pipe.write, sockets.read, sockets.write, listener, client};
	long before[6];
	for (unsigned i = 0; i < 6; i++)
		before[i] = flags_of(fds[i]);
	uint8_t bytes[4];
	push(&ring, sqe_read(pipe.read, SPAN(bytes), SQE_AT_POSITION), 1);
	push(&ring, sqe_recv(sockets.read, SPAN(bytes), 0), 2);
	push(&ring, sqe_accept(listener, nullptr, nullptr, SOCK_CLOEXEC), 3);
	push(&ring, sqe_poll(pipe.write, POLLERR), 4);
	CHECK_EQUAL(ring_submit(&ring, 0), 4);
	for (unsigned i = 0; i < 6; i++)
		CHECK_EQUAL(flags_of(fds[i]), before[i]); // while they wait
	push(&ring, sqe_connect(client, &address, sizeof(address)), 5);
	push(&ring, sqe_write(pipe.write, STR("abcd"), SQE_AT_POSITION), 6);
	push(&ring, sqe_send(sockets.write, STR("efgh"), 0), 7);
	CHECK_EQUAL(ring_submit(&ring, 6), 3);
	for (unsigned i = 0; i < 6; i++)
		CHECK_EQUAL(flags_of(fds[i]), before[i]); // and afterwards
	struct io_uring_cqe done;
	while (ring_pop(&ring, &done))
		if (done.user_data == 3 && CHECK(done.res >= 0))
			close_fd(done.res);
	close_ring(&ring);
	for (unsigned i = 0; i < 6; i++)
		close_fd(fds[i]);
}

// A write of more than a pipe takes, a read of an empty one, a receive, an accept: all wait, and the rest goes on.
UNIT(nothing_that_waits_keeps_others_waiting)
{
	struct io_uring ring;
	EMULATED_OR_SKIP(ring, 16);
	struct pair full = make_pipe(), empty = make_pipe(), sockets = make_sockets();
	static char much[1 << 20];
	uint8_t byte[1];
	push(&ring, sqe_write(full.write, (struct str){much, sizeof(much)}, SQE_AT_POSITION), 1);
	push(&ring, sqe_write(full.write, (struct str){much, sizeof(much)}, SQE_AT_POSITION), 2);
	push(&ring, sqe_read(empty.read, SPAN(byte), SQE_AT_POSITION), 3);
	push(&ring, sqe_recv(sockets.read, SPAN(byte), 0), 4);
	push(&ring, sqe_nop(), 5);
	CHECK_EQUAL(ring_submit(&ring, 2), 5);
	struct io_uring_cqe done = {};
	CHECK(ring_pop(&ring, &done));
	CHECK_EQUAL(done.user_data, 1);
	CHECK(done.res >= 4096 && done.res < (int)sizeof(much)); // as much as the pipe took
	CHECK_POP(&ring, 5, 0);
	CHECK_EMPTY(&ring);
	close_ring(&ring);
	close_pair(full);
	close_pair(empty);
	close_pair(sockets);
}

UNIT(who_waits_keeps_a_file_that_the_ring_closes)
{
	struct io_uring ring;
	EMULATED_OR_SKIP(ring, 8);
	struct held before = held_now();
	struct pair pipe = make_pipe();
	uint8_t bytes[4] = {};
	push(&ring, sqe_read(pipe.read, SPAN(bytes), SQE_AT_POSITION), 1);
	push(&ring, sqe_close(pipe.read), 2);
	CHECK_EQUAL(ring_submit(&ring, 1), 2);
	CHECK_POP(&ring, 2, 0);
	int other = make_dup(SYS_STDOUT); // the number is another file's now
	CHECK_EQUAL(other, pipe.read);
	CHECK_EQUAL(sys_write(pipe.write, "abcd", 4), 4);
	CHECK_EQUAL(ring_submit(&ring, 1), 0);
	CHECK_POP(&ring, 1, 4);
	CHECK_BYTES(bytes, "abcd", 4);
	close_fd(other);
	close_fd(pipe.write);
	CHECK_EQUAL(held_now().descriptors, before.descriptors);
	close_ring(&ring);
}

#define SECOND_NS 1'000'000'000

// One of them looks at the listener, the others wait beside it; who comes wakes them all, and is one's.
UNIT(accepts_that_wait_together_get_a_connection_each)
{
	struct io_uring ring;
	EMULATED_OR_SKIP(ring, 16);
	struct sockaddr_in address;
	int listener = make_listener(&address), clients[4], accepted = 0;
	for (unsigned i = 0; i < 4; i++)
		clients[i] = sys_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	for (unsigned i = 0; i < 2; i++) { // and again, with one that has waited before
		for (unsigned n = 0; n < 3 - i; n++)
			push(&ring, sqe_accept(listener, nullptr, nullptr, SOCK_CLOEXEC), 1);
		push(&ring, sqe_connect(clients[2 * i], &address, sizeof(address)), 2);
		push(&ring, sqe_connect(clients[2 * i + 1], &address, sizeof(address)), 3);
		CHECK_EQUAL(ring_wait(&ring, 4, (struct ring_wait){.timeout_ns = SECOND_NS}), 5 - i);
		CHECK_EQUAL(ring_ready(&ring), 4);
		for (struct io_uring_cqe done; ring_pop(&ring, &done);) {
			CHECK(done.res >= 0);
			if (done.user_data != 1 || done.res < 0)
				continue;
			close_fd(done.res);
			accepted++;
		}
		CHECK_EQUAL(ring_in_flight(&ring), 1);
	}
	CHECK_EQUAL(accepted, 4);
	close_ring(&ring);
	for (unsigned i = 0; i < 4; i++)
		close_fd(clients[i]);
	close_fd(listener);
}

UNIT(an_accept_waits_beside_none_that_is_another_files)
{
	struct io_uring ring;
	EMULATED_OR_SKIP(ring, 16);
	struct sockaddr_in address;
	int listener = make_listener(&address);
	push(&ring, sqe_accept(listener, nullptr, nullptr, SOCK_CLOEXEC), 1);
	push(&ring, sqe_close(listener), 2);
	push(&ring, sqe_socket(AF_INET, SOCK_DGRAM, 0), 3);
	push(&ring, sqe_accept(listener, nullptr, nullptr, SOCK_CLOEXEC), 4);
	CHECK_EQUAL(ring_submit(&ring, 0), 4);
	CHECK_POP(&ring, 2, 0);
	CHECK_POP(&ring, 3, listener);
	CHECK_POP(&ring, 4, -EOPNOTSUPP); // it does not listen
	CHECK_EMPTY(&ring);
	int client = make_connection(&address);
	CHECK_EQUAL(ring_submit(&ring, 1), 0);
	struct io_uring_cqe done = {};
	CHECK(ring_pop(&ring, &done));
	CHECK_EQUAL(done.user_data, 1);
	close_fd(done.res);
	close_fd(client);
	close_fd(listener);
	close_ring(&ring);
}

// The second accept is new, or was linked behind what is canceled without an enter: between the two the number became another's.
static void wait_beside_an_earlier(bool is_linked)
{
	struct io_uring ring;
	EMULATED_OR_SKIP(ring, 16);
	struct pair pipe = make_pipe();
	struct sockaddr_in address;
	int listener = make_listener(&address);
	uint8_t byte[1];
	push(&ring, sqe_accept(listener, nullptr, nullptr, SOCK_CLOEXEC), 1);
	if (is_linked) {
		push(&ring, sqe_hardlinked(sqe_read(pipe.read, SPAN(byte), SQE_AT_POSITION)), 2);
		push(&ring, sqe_accept(listener, nullptr, nullptr, SOCK_CLOEXEC), 1);
	}
	CHECK_EQUAL(ring_submit(&ring, 0), is_linked ? 3 : 1);
	close_fd(listener); // beneath it
	CHECK_EQUAL(make_listener(&address), listener);
	if (is_linked) {
		CHECK_EQUAL(ring_cancel(&ring, (struct ring_cancel){.token = 2}), 0);
		CHECK_POP(&ring, 2, -ECANCELED);
	} else {
		push(&ring, sqe_accept(listener, nullptr, nullptr, SOCK_CLOEXEC), 1);
		CHECK_EQUAL(ring_submit(&ring, 0), 1);
	}
	int client = make_connection(&address);
	CHECK_EQUAL(ring_wait(&ring, 1, (struct ring_wait){.timeout_ns = SECOND_NS}), 0);
	struct io_uring_cqe done = {};
	CHECK(ring_pop(&ring, &done));
	CHECK_EQUAL(done.user_data, 1); // no matter which of them
	if (CHECK(done.res >= 0))
		close_fd(done.res);
	close_ring(&ring);
	close_fd(client);
	close_fd(listener);
	close_pair(pipe);
}

UNIT(an_accept_waits_beside_none_of_an_earlier_turn)
{
	wait_beside_an_earlier(false);
	wait_beside_an_earlier(true);
}

// A number that is closed beneath a request and given to another file: the new request is served.
UNIT(a_number_that_is_used_again_is_another_file)
{
	struct io_uring ring;
	EMULATED_OR_SKIP(ring, 8);
	for (unsigned round = 0; round < 3; round++) {
		struct pair pipe = make_pipe();
		uint8_t bytes[2][1] = {};
		push(&ring, sqe_read(pipe.read, SPAN(bytes[0]), SQE_AT_POSITION), 1);
		CHECK_EQUAL(ring_submit(&ring, 0), 1);
		CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1);
		CHECK_EQUAL(ring_submit(&ring, 1), 0);
		CHECK_POP(&ring, 1, 1);
		close_pair(pipe);
	}
	close_ring(&ring);
}

// What is lent until the submit.

UNIT(a_list_of_pieces_may_go_when_it_is_submitted)
{
	struct io_uring ring;
	EMULATED_OR_SKIP(ring, 8);
	struct pair pipe = make_pipe();
	uint8_t first[2] = {}, second[2] = {};
	struct iovec pieces[2] = {{first, 2}, {second, 2}};
	push(&ring, sqe_readv(pipe.read, pieces, 2, SQE_AT_POSITION), 1);
	CHECK_EQUAL(ring_submit(&ring, 0), 1);
	pieces[0] = pieces[1] = (struct iovec){};
	CHECK_EQUAL(sys_write(pipe.write, "abcd", 4), 4);
	CHECK_EQUAL(ring_submit(&ring, 1), 0);
	CHECK_POP(&ring, 1, 4);
	CHECK_BYTES(first, "ab", 2);
	CHECK_BYTES(second, "cd", 2);
	close_pair(pipe);
	close_ring(&ring);
}

UNIT(a_path_may_go_when_it_is_submitted)
{
	for (int drains = 0; drains < 2; drains++) {
		struct io_uring ring;
		EMULATED_OR_SKIP(ring, 8);
		struct pair pipe = make_pipe();
		uint8_t byte[1] = {};
		char path[] = "/";
		struct io_uring_sqe read = sqe_read(pipe.read, SPAN(byte), SQE_AT_POSITION);
		struct io_uring_sqe open = sqe_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
		push(&ring, drains ? read : sqe_linked(read), 1);
		push(&ring, drains ? sqe_drained(open) : open, 2);
		CHECK_EQUAL(ring_submit(&ring, 0), 2);
		path[0] = 'x';
		CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1);
		CHECK_EQUAL(ring_submit(&ring, 2), 0);
		CHECK_POP(&ring, 1, 1);
		struct io_uring_cqe done = {};
		CHECK(ring_pop(&ring, &done));
		CHECK_EQUAL(done.user_data, 2);
		if (CHECK(done.res >= 0))
			close_fd(done.res);
		close_pair(pipe);
		close_ring(&ring);
	}
}

// Sixteen blocks of copies; whoever finds none is told.
UNIT(a_pool_of_copies_can_be_empty)
{
	struct io_uring ring;
	EMULATED_OR_SKIP(ring, 8);
	struct pair pipe = make_pipe();
	uint8_t byte[1];
	struct iovec piece = {byte, 1};
	for (unsigned i = 0; i < 18; i++) {
		push(&ring, sqe_readv(pipe.read, &piece, 1, SQE_AT_POSITION), i);
		CHECK_EQUAL(ring_submit(&ring, 0), 1);
	}
	CHECK_POP(&ring, 16, -ENOMEM);
	CHECK_POP(&ring, 17, -ENOMEM);
	CHECK_EMPTY(&ring);
	close_ring(&ring);
	close_pair(pipe);
}

// Chains, drains and times.

UNIT(a_link_timeout_ends_what_waits_and_its_chain)
{
	struct io_uring ring;
	EMULATED_OR_SKIP(ring, 8);
	struct pair pipe = make_pipe();
	uint8_t byte[1];
	struct __kernel_timespec soon = {.tv_nsec = 5000000}, late = {.tv_sec = 60};
	push(&ring, sqe_linked(sqe_read(pipe.read, SPAN(byte), SQE_AT_POSITION)), 1);
	push(&ring, sqe_linked(sqe_link_timeout(&soon, 0)), 2);
	push(&ring, sqe_nop(), 3);
	CHECK_EQUAL(ring_submit(&ring, 3), 3);
	CHECK_POP(&ring, 1, -ECANCELED);
	CHECK_POP(&ring, 3, -ECANCELED);
	CHECK_POP(&ring, 2, -ETIME);
	push(&ring, sqe_linked(sqe_nop()), 1); // has ended before it could begin to run
	push(&ring, sqe_link_timeout(&late, 0), 2);
	CHECK_EQUAL(ring_submit(&ring, 2), 2);
	CHECK_POP(&ring, 1, 0);
	CHECK_POP(&ring, 2, -ECANCELED);
	CHECK_EMPTY(&ring);
	close_pair(pipe);
	close_ring(&ring);
}

UNIT(a_drained_entry_waits_for_all_before_it)
{
	struct io_uring ring;
	EMULATED_OR_SKIP(ring, 8);
	struct pair pipe = make_pipe();
	uint8_t byte[1];
	push(&ring, sqe_read(pipe.read, SPAN(byte), SQE_AT_POSITION), 1);
	push(&ring, sqe_drained(sqe_nop()), 2);
	push(&ring, sqe_nop(), 3);
	CHECK_EQUAL(ring_submit(&ring, 0), 3);
	CHECK_EMPTY(&ring);
	CHECK_EQUAL(sys_write(pipe.write, "x", 1), 1);
	CHECK_EQUAL(ring_submit(&ring, 3), 0);
	CHECK_POP(&ring, 1, 1);
	CHECK_POP(&ring, 2, 0);
	CHECK_POP(&ring, 3, 0);
	CHECK_EMPTY(&ring);
	close_pair(pipe);
	close_ring(&ring);
}

UNIT(timeouts_end_in_order_of_their_time)
{
	struct io_uring ring;
	EMULATED_OR_SKIP(ring, 8);
	// Far enough from each other for a slow machine: those of different clocks that are over at once end in no order.
	struct __kernel_timespec times[4] = {{0, 160000000}, {0, 40000000}, {0, 120000000}, {0, 80000000}};
	static const uint32_t clocks[4] = {0, IORING_TIMEOUT_BOOTTIME, IORING_TIMEOUT_REALTIME, 0};
	for (unsigned i = 0; i < 4; i++)
		push(&ring, sqe_timeout(&times[i], 0, clocks[i]), i);
	int64_t start = monotonic_ns();
	CHECK_EQUAL(ring_submit(&ring, 0), 4);
	static const uint64_t order[] = {1, 3, 2, 0};
	for (unsigned i = 0; i < 4; i++) {
		while (ring_ready(&ring) == 0)
			CHECK_EQUAL(ring_submit(&ring, 1), 0);
		CHECK(monotonic_ns() - start >= times[order[i]].tv_nsec);
		CHECK_POP(&ring, order[i], -ETIME);
	}
	close_ring(&ring);
}

// Buffers.

UNIT(a_multishot_receive_ends_without_buffers)
{
	struct io_uring ring;
	EMULATED_OR_SKIP(ring, 8);
	struct pair sockets = make_sockets();
	static struct io_uring_buf places[4] __attribute__((aligned(4096)));
	static uint8_t memory[4][4];
	struct io_uring_buf_reg group = {.ring_addr = (uintptr_t)places, .ring_entries = 4, .bgid = 7};
	CHECK_EQUAL(ring_register(&ring, IORING_REGISTER_PBUF_RING, &group, 1), 0);
	CHECK_EQUAL(ring_register(&ring, IORING_REGISTER_PBUF_RING, &group, 1), -EEXIST);
	for (uint16_t i = 0; i < 2; i++) {
		places[i].addr = (uintptr_t)memory[i];
		places[i].len = 4;
		places[i].bid = (uint16_t)(10 + i);
	}
	((struct io_uring_buf_ring *)places)->tail = 2;
	push(&ring, sqe_recv_multishot(sockets.read, 0, 7), 1);
	CHECK_EQUAL(ring_submit(&ring, 0), 1);
	CHECK_EQUAL(sys_write(sockets.write, "abcdefghij", 10), 10);
	CHECK_EQUAL(ring_submit(&ring, 3), 0);
	struct io_uring_cqe done = {};
	for (unsigned i = 0; i < 2; i++) {
		CHECK(ring_pop(&ring, &done));
		CHECK_EQUAL(done.res, 4);
		CHECK_EQUAL(done.flags, IORING_CQE_F_BUFFER | IORING_CQE_F_MORE | IORING_CQE_F_SOCK_NONEMPTY |
						(10 + i) << IORING_CQE_BUFFER_SHIFT);
	}
	CHECK_BYTES(memory, "abcdefgh", 8);
	CHECK(ring_pop(&ring, &done));
	CHECK_EQUAL(done.res, -ENOBUFS);
	CHECK_EQUAL(done.flags, 0);
	CHECK_EMPTY(&ring);
	CHECK_EQUAL(ring_register(&ring, IORING_UNREGISTER_PBUF_RING, &group, 1), 0);
	close_pair(sockets);
	close_ring(&ring);
}
