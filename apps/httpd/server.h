// apps/httpd/server.h: the server: one thread, one ring, one table of connections.
//
//	accept ---> connection --- recv, open, read, send ---> closed
//	orders ---> the end      (connection.c)
//	deadlines > canceled
//
// Everything that can wait goes through the ring, so there is one place where the program waits. Each connection has one
// operation in flight at most, and one cancel for it; that bounds every queue, below.
//
// All memory is taken in server_open. Overload is a closed door: while the table is full, accept is not armed, and
// clients wait in the kernel's listen queue.
#pragma once

#include <stdint.h>

#include "apps/httpd/address.h"
#include "apps/httpd/cache.h"
#include "apps/httpd/date.h"
#include "apps/httpd/deadline.h"
#include "apps/httpd/exchange.h"
#include "apps/httpd/files.h"
#include "apps/httpd/mime_table.h"
#include "apps/httpd/peers.h"
#include "apps/httpd/spool.h"
#include "apps/httpd/watch.h"
#include "autoconf.h"
#include "crt/arena.h"
#include "ring/ring.h"

// Pages of folders that can be under way at once; the next client gets 503.
constexpr unsigned PAGES_MAX = 8;

// Clients that can be let in at each turn of the loop. A multishot accept would do with one entry, and save 7 per cent of what a
// connection with one request costs (25.4 us instead of 27.4: tests/bench/http/run --work 1k-close); but it has one place for
// the addresses of all, and takes as many as come, though there be no places left. [io_uring_prep_multishot_accept(3); Linux io_uring/net.c, io_accept]
constexpr unsigned ACCEPTS_MAX = 16;

// Entries pushed between two enters. A full queue is only a batch that is ready.
constexpr unsigned SQ_ENTRIES = 256;

// Completions that may come before one is popped: of each connection an operation and a cancel, of each accept the same, and of the
// server the orders and the log.
constexpr unsigned COMPLETIONS_MAX = 2 * (CONFIG_HTTPD_CONNECTIONS_MAX + ACCEPTS_MAX) + 2;

// The queue for them. The emulation's has room for all, in memory that is touched when it is used. The kernel's is real memory from the
// start, so it has room for what comes in a round, and for no more; what comes beyond it the kernel keeps in lists of its own
// until there is room (IORING_FEAT_NODROP, 5.5), in its order, and takes no entries meanwhile: wait() pops then. It would lose a
// completion only where it had no memory for the list; then it says so (-EBADR), and the server ends. [io_uring_setup(2), io_uring(7)]
constexpr unsigned CQ_ENTRIES_MAX = 4096;
constexpr unsigned CQ_ENTRIES_EMULATED = COMPLETIONS_MAX < 2 * SQ_ENTRIES ? 2 * SQ_ENTRIES : COMPLETIONS_MAX;
constexpr unsigned CQ_ENTRIES = CQ_ENTRIES_EMULATED < CQ_ENTRIES_MAX ? CQ_ENTRIES_EMULATED : CQ_ENTRIES_MAX;
static_assert(CQ_ENTRIES_EMULATED <= 65536, "an io_uring has no more completions [io_uring_setup(2)]");

// What a connection waits for.
enum connection_state {
	CONNECTION_FREE,
	CONNECTION_IDLE,      // a request
	CONNECTION_IN_LINE,   // an exchange to receive one in, when all are in use
	CONNECTION_RECEIVING, // more of a request
	CONNECTION_INVITING,  // the body of a request, which its client sends when told to
	CONNECTION_DROPPING,  // more of that body
	CONNECTION_LOOKING,   // what is to be opened next, to see what it is
	CONNECTION_OPENING,   // a file or folder: the one that is `sought`
	CONNECTION_READING,   // a part of the file
	CONNECTION_SENDING,   // what was composed
	CONNECTION_STREAMING, // room in the socket for more of the file
	CONNECTION_FINISHING, // the end of our side, told to the client
	CONNECTION_LINGERING, // the end of its side
};

struct connection {
	enum connection_state state;
	int socket;
	struct exchange *exchange; // under way; null: none
	struct connection *next;   // free ones, or those in line
	struct deadline deadline;
	union address client;
	uint64_t taken;   // by the client when that was last asked (pace.h)
	bool is_canceled; // its operation was canceled: its time is over, or the server's
	bool is_counted;  // in server->peers
};
static_assert(sizeof(struct connection) <= 256, "ten thousand idle ones are to fit 2.5 MiB");

// A client that may come.
struct door {
	union address peer; // filled by the accept that is in flight
	uint32_t peer_bytes;
	bool is_open; // an accept is in flight
};

// Who works the ring off. ENGINE_ANY: the kernel, or the emulation where io_uring is missing or forbidden.
enum server_engine { ENGINE_ANY, ENGINE_KERNEL, ENGINE_EMULATED };

// What is found for a request, and what is said with it.
struct answer_options {
	bool is_clean;                 // /page serves page.html
	bool is_listing_off;           // a folder without an index is not there
	bool is_coding_off;            // compressed files beside others are not looked for
	const char *fallback;          // sent for what is not there; null: none
	const struct mime_table *mime; // goes before the table of mime.c; null: none
	struct cache_rules cache;
};

struct server_options {
	unsigned connections_max; // at once; CONFIG_HTTPD_CONNECTIONS_MAX or fewer
	bool is_quiet;            // no access log
	bool with_hidden;         // serve names that begin with a dot
	uint64_t body_bytes_max;  // of a request
	uint64_t per_address_max; // connections at once; 0: as many as there are places
	enum server_engine engine;
	struct answer_options answers; // what it points to is lent for good
};

struct server {
	struct io_uring ring;
	int refusal; // why the ring is emulated, though that was not asked for; 0: it is not
	int root;    // the served folder
	const int *listeners;
	unsigned listener_count;
	int orders; // see worker.h
	struct answer_options options;
	bool is_beneath_known; // see beneath.h
	bool is_quiet;
	bool with_hidden; // these two: see struct server_options
	uint64_t body_bytes_max;
	bool is_leaving;       // nobody comes in any more, and who is here is asked to come back by another connection
	bool is_ending;        // and there is little time for that
	bool is_accept_told;   // it was said that accept failed
	unsigned drained;      // when is_leaving: doors that know it; when is_ending: and then connections
	int64_t now_ns;        // of this turn of the loop, monotonic
	int64_t now_s;         // since 1970
	int64_t given_back_ns; // when descriptors of remembered files were given back
	int64_t accept_at_ns;  // not before, after accept failed for want of descriptors or memory
	int64_t end_at_ns;     // when is_ending

	struct connection *connections;
	unsigned connections_max;
	struct connection *free;
	unsigned used; // those behind have never been used
	struct exchanges exchanges;
	struct connection *line, *line_end; // of those that wait for an exchange, first come first served
	unsigned open_count;
	struct peers peers; // where count_max is not 0
	struct deadlines deadlines;
	struct page pages[PAGES_MAX];
	struct span scratch;
	uint8_t waste[8192]; // what nobody reads is received in

	struct files files;
	struct watches watches;
	bool is_told;                  // of changes, since the completions came that are being dealt with
	uint8_t date[DATE_HTTP_BYTES]; // of the answers that are remembered, as it was at
	int64_t date_s;

	struct door doors[ACCEPTS_MAX];
	unsigned doors_open;
	unsigned door_next; // to be opened first: where few places are left, each listener has its turn
	uint8_t order;
	struct spool log;
	bool is_log_busy; // a write of it is in flight, or a poll
	bool is_log_full; // the descriptor does not block and takes no more: poll before the next write
};

// Opens the ring and takes all memory. `root`: the folder to serve, the server's from now on. Zero, or -errno, with `failed`
// naming what could not be had.
[[nodiscard]] int server_open(struct server *server, int root, struct server_options options, struct str *failed);

// Lets in who comes to the listening sockets, 1 to ACCEPTS_MAX, which are lent. `orders`: the end of a pipe. Zero, or -errno of
// the ring.
[[nodiscard]] int server_start(struct server *server, const int *listeners, unsigned count, int orders);

// Serves. After a byte from `orders` nobody is let in any more, and it ends when the last client has gone, which is told with
// its next answer that the connection closes. At the end of `orders` what is being sent and the log are finished, for at most
// CONFIG_HTTPD_DRAIN_MS_MAX, and it ends. Zero, or -errno of the ring.
[[nodiscard]] int server_run(struct server *server);

// For connection.c. Pushes an entry for the connection.
void server_push(struct server *server, struct connection *connection, struct io_uring_sqe sqe);

// Cancels the operation that the connection has in flight; it ends with -ECANCELED, or as it would have.
void server_cancel(struct server *server, struct connection *connection);

// Gives the connection back.
void server_release(struct server *server, struct connection *connection);

// For answer.c, from connection.c. Sends what was composed, `len` bytes from exchange->answer_at, with what lies before, and then the
// content: exchange->content, or file_left bytes of the file from file_at. Pushes one entry; or none, where the next request is there
// and its answer may go with this one.
void exchange_send(struct server *server, struct exchange *exchange, size_t len);

// For line.c, from connection.c. Receives more of a request's head.
void connection_receive(struct server *server, struct exchange *exchange);

// For stream.c, from connection.c. The client has to take what it is sent: its time runs, from the head of an answer on.
void connection_await_client(struct server *server, struct connection *connection);

// For server.c, from connection.c. A client has come; its operation has ended; its time is over.
void connection_begin(struct server *server, struct connection *connection, int socket);

// Instead of the former, for one that is not let in: it is told so, and its end is waited for.
void connection_refuse(struct server *server, struct connection *connection, int socket);
void connection_go_on(struct server *server, struct connection *connection, struct io_uring_cqe *done);
void connection_time_out(struct server *server, struct connection *connection);

// Ends a connection that has no request under way; lets others finish theirs and end then.
void connection_drain(struct server *server, struct connection *connection);

// Closes what the connection has open.
void connection_clear(struct connection *connection);
