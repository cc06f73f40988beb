// apps/httpd/server.c: the loop, and the door.
#include "apps/httpd/server.h"

#include <linux/auxvec.h>

#include "apps/httpd/beneath.h"
#include "apps/httpd/folder.h"
#include "apps/httpd/line.h"
#include "apps/httpd/log.h"
#include "crt/clock.h"
#include "crt/mem.h"
#include "crt/panic.h"
#include "crt/process.h"
#include "crt/say.h"
#include "crt/str.h"
#include "crt/trace.h"
#include "ring/engine.h"

#define NS_PER_MS 1000000
#define ACCEPT_PAUSE_NS (100 * INT64_C(NS_PER_MS)) // after accept found no descriptor or no memory
#define LINGER_MS 2000
// Twice as many as there can be addresses, or more: the largest table of connections has 2^14. Pages that are not used are the kernel's.
constexpr size_t PEER_PLACES = 32768;
static_assert(PEER_PLACES >= 2 * CONFIG_HTTPD_CONNECTIONS_MAX);
// Until a write of the log is known to have ended, every exchange may have one more answer to tell of.
#define LOG_BYTES (2 * EXCHANGES_MAX * LOG_LINE_BYTES_MAX)

// A token is a connection's number, or one of these.
enum {
	TOKEN_DOOR = CONFIG_HTTPD_CONNECTIONS_MAX, // and as many more as there are doors
	TOKEN_ORDER = TOKEN_DOOR + ACCEPTS_MAX,
	TOKEN_LOG,
	TOKEN_CANCEL, // nobody waits for the end of a cancel
};

// Pushes an entry. There is room: whatever calls this is called by the loop below only while there is, and pushes once.
static void push(struct server *server, struct io_uring_sqe sqe, uint64_t token)
{
	if (ring_push(&server->ring, sqe, token) != 0)
		panic(STR("httpd: an entry was pushed where none fits"));
}

void server_push(struct server *server, struct connection *connection, struct io_uring_sqe sqe)
{
	push(server, sqe, (uint64_t)(connection - server->connections));
}

void server_cancel(struct server *server, struct connection *connection)
{
	push(server, sqe_cancel((uint64_t)(connection - server->connections)), TOKEN_CANCEL);
}

void server_release(struct server *server, struct connection *connection)
{
	connection_clear(connection);
	exchange_give(&server->exchanges, connection);
	deadline_lift(&connection->deadline);
	if (connection->is_counted)
		peers_leave(&server->peers, &connection->client);
	connection->is_counted = false;
	connection->state = CONNECTION_FREE;
	connection->is_canceled = false;
	connection->next = server->free;
	server->free = connection;
	server->open_count--;
}

// A place for who has come; there is one.
static struct connection *take_place(struct server *server)
{
	struct connection *connection = server->free;
	if (connection != nullptr)
		server->free = connection->next;
	else
		connection = &server->connections[server->used++]; // its memory is touched for the first time
	server->open_count++;
	return connection;
}

// The best ring that this engine has: work is done only when we wait for it (6.1), or when we enter anyway (5.19).
static int open_best(struct io_uring *ring, struct ring_options options)
{
	options.single_issuer = options.defer_taskrun = true;
	int error = ring_open(ring, SQ_ENTRIES, options);
	if (error != -EINVAL)
		return error;
	options.single_issuer = options.defer_taskrun = false;
	options.coop_taskrun = true;
	error = ring_open(ring, SQ_ENTRIES, options);
	if (error != -EINVAL)
		return error;
	options.coop_taskrun = false;
	error = ring_open(ring, SQ_ENTRIES, options);
	if (error != 0 || (ring->features & IORING_FEAT_EXT_ARG) != 0)
		return error;
	error = ring_close(ring); // before 5.11 a wait has no limit, and no deadline would be met
	return error != 0 ? error : -EINVAL;
}

// A file that is appended to, or a terminal, takes any number of lines at once; nothing else is known to.
static size_t log_write_bytes(void)
{
	struct statx about;
	int error = sys_statx(SYS_STDOUT, "", AT_EMPTY_PATH, STATX_TYPE, &about);
	return error == 0 && (S_ISREG(about.stx_mode) || S_ISCHR(about.stx_mode)) ? SIZE_MAX : LOG_WRITE_BYTES_MAX;
}

// Something that clients cannot guess: of the kernel's random bytes at the start, those that the guard of the stack leaves.
// [getauxval(3), AT_RANDOM]
static uint64_t secret(void)
{
	uint64_t half = 0;
	const uint8_t *bytes = (const uint8_t *)process_aux(AT_RANDOM);
	if (bytes != nullptr)
		memcpy(&half, bytes + 8, sizeof(half));
	return half;
}

static int open_ring(struct server *server, enum server_engine engine)
{
	struct ring_options options = {
		.engine = &ring_kernel,
		.cq_entries = CQ_ENTRIES,
		.clamp = true,
		.disabled = true, // until sandbox_enter has restricted it
		.page_size = (unsigned)process.page_size,
		.close_quick = true, // the process ends behind it
		.trace = trace_wanted(),
	};
	int error = engine == ENGINE_EMULATED ? -ENOSYS : open_best(&server->ring, options);
	if (engine == ENGINE_KERNEL || (error != -ENOSYS && error != -EPERM))
		return error;
	server->refusal = engine == ENGINE_ANY ? error : 0;
	options.engine = &ring_emulated;
	options.cq_entries = CQ_ENTRIES_EMULATED;
	int emulated = open_best(&server->ring, options);
	return emulated == -ENOSYS ? error
				   : emulated; // there is no emulation either: then the first reason is the reason
}

static int take_memory(struct server *server)
{
	size_t size = CONFIG_HTTPD_CONNECTIONS_MAX * sizeof(struct connection) +
		      EXCHANGES_MAX * (sizeof(struct exchange) + SEND_BYTES) +
		      EXCHANGES_POOL * CONFIG_HTTPD_REQUEST_BYTES_MAX + PAGES_MAX * FOLDER_PAGE_BYTES +
		      FOLDER_SCRATCH_BYTES + LOG_BYTES + FILES_BYTES + WATCHES_BYTES +
		      PEER_PLACES * sizeof(struct peer);
	struct arena arena;
	int error = arena_open(&arena, size + 65536); // and what aligning wastes
	if (error != 0)
		return error;

	server->connections = ARENA_TABLE(&arena, struct connection, CONFIG_HTTPD_CONNECTIONS_MAX);
	server->scratch = (struct span){arena_alloc(&arena, 1, FOLDER_SCRATCH_BYTES, 64), FOLDER_SCRATCH_BYTES};
	uint8_t *log = arena_alloc(&arena, 1, LOG_BYTES, 64);
	uint8_t *pages = arena_alloc(&arena, PAGES_MAX, FOLDER_PAGE_BYTES, process.page_size);
	server->peers.table = ARENA_TABLE(&arena, struct peer, PEER_PLACES);
	server->peers.places = PEER_PLACES;
	server->peers.secret = secret();
	if (!exchanges_open(&server->exchanges, &arena) || server->peers.table == nullptr ||
	    server->connections == nullptr || server->scratch.ptr == nullptr || log == nullptr || pages == nullptr)
		return -ENOMEM;
	error = files_open(&server->files, &arena);
	if (error == 0)
		error = watches_open(&server->watches, server->root, &arena);
	if (error != 0)
		return error;

	for (unsigned i = 0; i < PAGES_MAX; i++)
		server->pages[i].memory = (struct span){pages + i * FOLDER_PAGE_BYTES, FOLDER_PAGE_BYTES};
	server->log = spool_open((struct span){log, LOG_BYTES}, log_write_bytes());
	return 0;
}

int server_open(struct server *server, int root, struct server_options options, struct str *failed)
{
	*server = (struct server){
		.root = root,
		.connections_max = options.connections_max,
		.is_quiet = options.is_quiet,
		.with_hidden = options.with_hidden,
		.body_bytes_max = options.body_bytes_max,
		.options = options.answers,
		.peers = {.count_max = (uint32_t)options.per_address_max},
	};
	server->is_beneath_known = beneath_is_known(root);
	static const unsigned length_ms[DEADLINE_KINDS] = {
		[DEADLINE_HEADER] = CONFIG_HTTPD_HEADER_MS_MAX,
		[DEADLINE_BODY] = CONFIG_HTTPD_IDLE_MS_MAX,
		[DEADLINE_IDLE] = CONFIG_HTTPD_IDLE_MS_MAX,
		[DEADLINE_SEND] = CONFIG_HTTPD_IDLE_MS_MAX,
		[DEADLINE_LINGER] = LINGER_MS,
	};
	deadlines_open(&server->deadlines, length_ms);

	*failed = STR("memory (allow it more, or build it with a smaller HTTPD_CONNECTIONS_MAX)");
	int error = take_memory(server);
	if (error != 0)
		return error;

	*failed = STR("io_uring");
	error = open_ring(server, options.engine);
	if (error == 0)
		exchanges_pool(&server->exchanges, &server->ring);
	return error;
}

static void tell_time(struct server *server)
{
	server->now_ns = clock_monotonic_ns();
	server->now_s = clock_realtime_s();
}

// Mostly nobody is there yet, and a try in vain makes a socket and its file for nothing. [Linux net/socket.c, do_accept]
static struct io_uring_sqe accept_at(struct server *server, unsigned i)
{
	struct door *door = &server->doors[i];
	struct io_uring_sqe sqe = sqe_accept(server->listeners[i % server->listener_count], &door->peer,
					     &door->peer_bytes, SOCK_CLOEXEC | SOCK_NONBLOCK);
	// The flag came with Linux 6.10, as this feature did.
	return (server->ring.features & IORING_FEAT_RECVSEND_BUNDLE) != 0 ? sqe_poll_first(sqe) : sqe;
}

// Opens the doors, if there is no reason to wait; no more than there are places, so that who comes in has one.
static void open_doors(struct server *server)
{
	if (server->is_leaving || server->now_ns < server->accept_at_ns)
		return;
	for (unsigned n = 0; n < ACCEPTS_MAX; n++) {
		unsigned i = server->door_next++ % ACCEPTS_MAX;
		struct door *door = &server->doors[i];
		if (door->is_open)
			continue;
		if (server->open_count + server->doors_open >= server->connections_max ||
		    ring_space(&server->ring) == 0)
			return;
		door->peer_bytes = sizeof(door->peer);
		door->is_open = true;
		server->doors_open++;
		push(server, accept_at(server, i), TOKEN_DOOR + i);
	}
}

static void accepted(struct server *server, struct door *door, int result)
{
	door->is_open = false;
	server->doors_open--;
	if (result >= 0) {
		struct connection *connection = take_place(server);
		connection->client = door->peer;
		bool is_limited = server->peers.count_max > 0;
		connection->is_counted = is_limited && peers_enter(&server->peers, &door->peer);
		if (is_limited && !connection->is_counted)
			connection_refuse(server, connection, result);
		else
			connection_begin(server, connection, result);
		return;
	}
	// That client gave up meanwhile: the next one, please. [accept(2), ERRORS]
	if (result == -ECONNABORTED || result == -EINTR || result == -ECANCELED || result == -EPROTO)
		return;
	// Remembered files have descriptors to give back; of several accepts that failed in this turn the first has seen to it.
	if ((result == -EMFILE || result == -ENFILE) &&
	    (server->given_back_ns == server->now_ns || files_drop_all(&server->files) > 0)) {
		server->given_back_ns = server->now_ns;
		return;
	}
	// No descriptor or no memory. Both come back when something is closed; to try again at once would be to spin.
	server->accept_at_ns = server->now_ns + ACCEPT_PAUSE_NS;
	if (!server->is_accept_told) {
		server->is_accept_told = true;
		say_error(result, STR("httpd: cannot accept a connection (it waits; raise ulimit -n)"));
	}
}

static void read_orders(struct server *server)
{
	struct span into = {&server->order, sizeof(server->order)};
	push(server, sqe_read(server->orders, into, SQE_AT_POSITION), TOKEN_ORDER);
}

// The first: nobody comes in any more. The end of the pipe: and every connection ends when its response has been sent.
static void ordered(struct server *server, int result)
{
	server->is_leaving = true;
	server->drained = 0;
	if (result > 0) {
		read_orders(server);
		return;
	}
	if (result < 0)
		say_error(result, STR("httpd: a worker cannot read the orders of its parent, and ends"));
	server->is_ending = true;
	server->end_at_ns = server->now_ns + (int64_t)CONFIG_HTTPD_DRAIN_MS_MAX * NS_PER_MS;
}

// Writes what has gathered of the log, through the ring like everything that can wait: whoever reads it may be slow, or have
// stopped.
static void write_log(struct server *server)
{
	if (server->is_log_busy || server->is_quiet || ring_space(&server->ring) == 0)
		return;
	struct str text = spool_next(&server->log);
	if (text.len == 0)
		return;
	server->is_log_busy = true;
	if (server->is_log_full)
		push(server, sqe_poll(SYS_STDOUT, POLLOUT), TOKEN_LOG);
	else
		push(server, sqe_write(SYS_STDOUT, text, SQE_AT_POSITION), TOKEN_LOG);
}

static void say_dropped(uint64_t lines)
{
	uint8_t digits[20];
	struct out count = out_to_memory(SPAN(digits));
	out_unsigned(&count, lines);
	say(STR("httpd: "), out_written(&count),
	    STR(" lines of the access log were dropped: who reads standard output is too slow"));
}

static void log_written(struct server *server, int result)
{
	server->is_log_busy = false;
	bool is_polled = server->is_log_full;
	server->is_log_full = result == -EAGAIN;
	if (result == -EAGAIN || result == -EINTR)
		return;
	if (result < 0) {
		server->is_quiet = true;
		say_error(result, STR("httpd: cannot write the access log to standard output (going on without)"));
		return;
	}
	if (is_polled)
		return;
	spool_written(&server->log, (size_t)result);
	if (server->log.dropped > 0)
		say_dropped(server->log.dropped);
	server->log.dropped = 0;
}

static bool is_log_whole(struct server *server)
{
	return server->is_quiet || (!server->is_log_busy && spool_next(&server->log).len == 0);
}

static void complete(struct server *server, struct io_uring_cqe *done)
{
	if (done->user_data >= TOKEN_DOOR && done->user_data < TOKEN_DOOR + ACCEPTS_MAX) {
		accepted(server, &server->doors[done->user_data - TOKEN_DOOR], done->res);
		return;
	}
	switch (done->user_data) {
	case TOKEN_ORDER:
		ordered(server, done->res);
		return;
	case TOKEN_LOG:
		log_written(server, done->res);
		return;
	case TOKEN_CANCEL:
		return;
	default:
		connection_go_on(server, &server->connections[done->user_data], done);
	}
}

static void time_out(struct server *server)
{
	struct deadline *next;
	while ((next = deadline_next(&server->deadlines)) != nullptr && next->at_ns <= server->now_ns &&
	       ring_space(&server->ring) > 0) {
		struct connection *connection =
			(struct connection *)((uint8_t *)next - offsetof(struct connection, deadline));
		connection_time_out(server, connection);
	}
}

static void drain(struct server *server)
{
	unsigned all = ACCEPTS_MAX + (server->is_ending ? server->used : 0);
	for (; server->drained < all && ring_space(&server->ring) > 0; server->drained++) {
		if (server->drained < ACCEPTS_MAX) {
			if (server->doors[server->drained].is_open)
				push(server, sqe_cancel(TOKEN_DOOR + server->drained), TOKEN_CANCEL);
			continue;
		}
		struct connection *connection = &server->connections[server->drained - ACCEPTS_MAX];
		if (connection->state != CONNECTION_FREE)
			connection_drain(server, connection);
	}
}

// Nanoseconds until something is to be done though nothing has happened; 0: never.
static int64_t patience(struct server *server)
{
	// A full queue kept doors, the line and the log from pushing what nothing else will wake them for: after the submit they can.
	if (ring_space(&server->ring) == 0)
		return 1;
	int64_t at = INT64_MAX;
	const struct deadline *next = deadline_next(&server->deadlines);
	if (next != nullptr)
		at = next->at_ns;
	if (server->accept_at_ns > server->now_ns && server->accept_at_ns < at)
		at = server->accept_at_ns;
	if (server->is_ending && server->end_at_ns < at)
		at = server->end_at_ns;
	if (server->files.sweep_at_ns < at)
		at = server->files.sweep_at_ns;
	if (at == INT64_MAX)
		return 0;
	return at > server->now_ns ? at - server->now_ns : 1;
}

// Submits, and waits until there is something to do. Zero or -errno.
static int wait(struct server *server)
{
	int waited = ring_wait(&server->ring, 1, (struct ring_wait){.timeout_ns = patience(server)});
	if (waited >= 0 || waited == -ETIME || waited == -EINTR || waited == -EBUSY) // busy: the loop pops now
		return 0;
	if (waited != -EAGAIN)
		return waited;
	// The kernel has no memory for a request. What was pushed stays in the queue; wait a moment, not in circles.
	struct __kernel_timespec moment = {.tv_nsec = ACCEPT_PAUSE_NS / 10};
	(void)sys_ppoll(nullptr, 0, &moment, nullptr); // its only result is that time has passed
	return 0;
}

int server_start(struct server *server, const int *listeners, unsigned count, int orders)
{
	server->listeners = listeners;
	server->listener_count = count;
	server->orders = orders;
	tell_time(server);
	read_orders(server);
	open_doors(server);
	int submitted = ring_submit(&server->ring, 0);
	return submitted < 0 ? submitted : 0;
}

int server_run(struct server *server)
{
	for (;;) {
		open_doors(server);
		line_serve(server);
		exchanges_lend(&server->exchanges, server->now_s);
		write_log(server);
		int error = wait(server);
		if (error != 0)
			return error;
		tell_time(server);

		// Each of these pushes one entry at most for each room that it finds. What comes meanwhile is for the next turn: of
		// changes before these completions, who answers is told behind all of them (known.c).
		struct io_uring_cqe done;
		server->is_told = false;
		for (unsigned left = ring_ready(&server->ring);
		     left > 0 && ring_space(&server->ring) > 0 && ring_pop(&server->ring, &done); left--)
			complete(server, &done);
		time_out(server);
		files_sweep(&server->files, server->now_ns);
		if (!server->is_leaving)
			continue;
		drain(server);
		// A client that has come in through a door before that was shut is served like any other.
		bool is_done = server->open_count == 0 && server->doors_open == 0 && is_log_whole(server);
		if (is_done || (server->is_ending && server->now_ns >= server->end_at_ns))
			return ring_close(&server->ring);
	}
}
