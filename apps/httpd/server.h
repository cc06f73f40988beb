// apps/httpd/server.h: the server: one thread, one ring, one table of connections.
//
//	accept ---> connection --- recv, open, read, send ---> closed
//	signals --> the end      (connection.c)
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
#include "apps/httpd/body.h"
#include "apps/httpd/cache.h"
#include "apps/httpd/deadline.h"
#include "apps/httpd/facts.h"
#include "apps/httpd/mime_table.h"
#include "apps/httpd/range.h"
#include "apps/httpd/request.h"
#include "apps/httpd/spool.h"
#include "autoconf.h"
#include "crt/arena.h"
#include "ring/ring.h"

// Bytes that a connection sends at a time: the head and the first part of the content, then part after part.
constexpr size_t SEND_BYTES = 32768;

// Pages of folders that can be under way at once; the next client gets 503.
constexpr unsigned PAGES_MAX = 8;

// Clients that can be let in at each turn of the loop. A multishot accept would do with one entry, but it has one place for the
// addresses of all. [io_uring_prep_multishot_accept(3)]
constexpr unsigned ACCEPTS_MAX = 16;

// Entries pushed between two enters. A full queue is only a batch that is ready.
constexpr unsigned SQ_ENTRIES = 256;

// Each connection: an operation and a cancel, and so each accept. The server: the signals, the log.
constexpr unsigned CQ_NEEDED = 2 * (CONFIG_HTTPD_CONNECTIONS_MAX + ACCEPTS_MAX) + 2;
constexpr unsigned CQ_ENTRIES = CQ_NEEDED < 2 * SQ_ENTRIES ? 2 * SQ_ENTRIES : CQ_NEEDED;
static_assert(CQ_ENTRIES <= 65536, "an io_uring has no more completions [io_uring_setup(2)]");

// What a connection waits for.
enum connection_state {
	CONNECTION_FREE,
	CONNECTION_RECEIVING, // a request, or more of one
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

// Which file or folder is being opened for a request (find.c).
enum sought {
	SOUGHT_NAMED,      // what the request names
	SOUGHT_CLEAN,      // that with .html behind it
	SOUGHT_INDEX,      // the index.html in that folder
	SOUGHT_FALLBACK,   // the file that is sent for what is not there
	SOUGHT_CODED,      // a file beside the one that was found, with the same compressed
	SOUGHT_ERROR_PAGE, // the page of an error, from the root
};

struct connection {
	enum connection_state state;
	bool is_canceled; // its operation was canceled: its time is over, or the server's
	int walked;       // what beneath_walk gave, on its way through the ring
	struct deadline deadline;
	struct connection *next_free;
	union address client;
	int socket;

	struct span received; // where requests arrive; the bytes there:
	size_t received_len;
	struct request request;
	struct body body; // of the request, while that arrives

	enum sought sought;
	enum coding coding;     // that is sought
	unsigned codings_tried; // a bit each
	bool varies;            // another coding could have been sent
	size_t path_len;        // of the path of the file, without the extension of a coding
	struct codings codings; // that the client takes
	struct facts facts;     // of the file that was found
	struct str type;        // its type
	struct str cache;       // its Cache-Control
	struct ranges ranges;   // to be sent of it
	unsigned parts_left;    // of a multipart: pieces whose head is still to be sent, and its end
	uint64_t boundary;      // of a multipart
	int file;               // being sent, or the folder being looked at; -1: none
	uint64_t file_at;       // offset of the next byte to read
	uint64_t file_left;     // bytes still to read
	struct str page;        // of a folder, still to be sent
	struct page *folder;    // where that page lies

	struct span composed; // what is sent; the bytes there, and how many are sent:
	size_t composed_len;
	size_t sent_len;
	enum http_status status;
	uint64_t content_bytes; // sent, for the log
};

// A client that may come.
struct door {
	union address peer; // filled by the accept that is in flight
	uint32_t peer_bytes;
	bool is_open; // an accept is in flight
};

// A place for the page of a folder.
struct page {
	struct span memory;
	bool is_taken;
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
	bool is_quiet;           // no access log
	bool with_hidden;        // serve names that begin with a dot
	uint64_t body_bytes_max; // of a request
	enum server_engine engine;
	struct answer_options answers; // what it points to is lent for good
};

struct server {
	struct io_uring ring;
	int root; // the served folder
	int listener;
	int signals;
	struct answer_options options;
	bool is_beneath_known; // see beneath.h
	bool is_quiet;
	bool with_hidden; // these two: see struct server_options
	uint64_t body_bytes_max;
	bool is_ending;
	bool is_accept_told;   // it was said that accept failed
	unsigned signal_count; // that asked for the end
	unsigned drained;      // when is_ending: doors, and then connections, that know it
	int64_t now_ns;        // of this turn of the loop, monotonic
	int64_t now_s;         // since 1970
	int64_t accept_at_ns;  // not before, after accept failed for want of descriptors or memory
	int64_t end_at_ns;     // when is_ending

	struct connection *connections;
	struct connection *free;
	unsigned open_count;
	struct deadlines deadlines;
	struct page pages[PAGES_MAX];
	struct span scratch;

	struct door doors[ACCEPTS_MAX];
	unsigned doors_open;
	uint8_t signal_bytes[128]; // struct signalfd_siginfo
	struct spool log;
	bool is_log_busy; // a write of it is in flight, or a poll
	bool is_log_full; // the descriptor does not block and takes no more: poll before the next write
};

// Opens the ring and takes all memory. `root`: the folder to serve, the server's from now on. Zero, or -errno, with `failed`
// naming what could not be had.
[[nodiscard]] int server_open(struct server *server, int root, struct server_options options, struct str *failed);

// Serves who comes to `listener`, a listening socket, the server's from now on, until SIGTERM or SIGINT, finishes what is
// being sent and the log, for at most CONFIG_HTTPD_DRAIN_MS_MAX, and ends. Zero, or -errno of the ring.
[[nodiscard]] int server_run(struct server *server, int listener);

// For connection.c. Pushes an entry for the connection.
void server_push(struct server *server, struct connection *connection, struct io_uring_sqe sqe);

// Cancels the operation that the connection has in flight; it ends with -ECANCELED, or as it would have.
void server_cancel(struct server *server, struct connection *connection);

// Gives the connection back.
void server_release(struct server *server, struct connection *connection);

// For answer.c, from connection.c. Sends what was composed in the first `composed_len` bytes of connection->composed, and then the
// content: connection->page, or file_left bytes of the file from file_at. Pushes one entry.
void connection_send(struct server *server, struct connection *connection, size_t composed_len);

// For server.c, from connection.c. A client has come; its operation has ended with `result`; its time is over.
void connection_begin(struct server *server, struct connection *connection, int socket);
void connection_go_on(struct server *server, struct connection *connection, int result);
void connection_time_out(struct server *server, struct connection *connection);

// Ends a connection that has no request under way; lets others finish theirs and end then.
void connection_drain(struct server *server, struct connection *connection);

// Closes what the connection has open.
void connection_clear(struct connection *connection);
