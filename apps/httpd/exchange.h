// apps/httpd/exchange.h: a request and its answer. [RFC 9110 §3.4]
//
//	connection (server.h)          exchange
//	| socket, state, deadline | -> | received | request | what was found | composed |
//
// What an idle connection needs is little, and stands in struct connection; what a request needs is much, and stands here. An
// exchange is a connection's from the first byte of a request until its answer has been sent, if nothing of a next one has come.
//
// Whose it will be is known when bytes come, and no sooner. So what an exchange receives in is at the same time a buffer of a pool
// that the kernel chooses from (ring/buffers.h): by taking a buffer it takes the exchange.
//
//	free <--give-- a connection's <--chosen-- lent to the kernel
//	  |-------------- take -->                     ^
//	  +------------------ lend --------------------+
//
// The last given is the first taken or lent, and few are lent: so few are used while few are needed, and those are near. (The kernel
// chooses the one that was lent first: so of many that are lent all would be used in turn, and their memory be cold.)
#pragma once

#include <linux/uio.h>
#include <stdint.h>

#include "apps/httpd/body.h"
#include "apps/httpd/coding.h"
#include "apps/httpd/facts.h"
#include "apps/httpd/range.h"
#include "apps/httpd/request.h"
#include "arch/span.h"
#include "arch/sys.h"
#include "autoconf.h"
#include "crt/arena.h"
#include "ring/buffers.h"

struct connection; // server.h
struct file;       // files.h

// Bytes that are sent at a time: the head and the first part of the content, then part after part. (Of what is streamed: the head.)
constexpr size_t SEND_BYTES = 32768;

// Bytes of content in memory that go out behind that, at most, with each send: so much must the client take before its time is over.
constexpr size_t CONTENT_SEND_BYTES_MAX = 49152;

// Which file or folder is being opened for a request (find.c).
enum sought {
	SOUGHT_NAMED,      // what the request names
	SOUGHT_CLEAN,      // that with .html behind it
	SOUGHT_INDEX,      // the index.html in that folder
	SOUGHT_FALLBACK,   // the file that is sent for what is not there
	SOUGHT_CODED,      // a file beside the one that was found, with the same compressed
	SOUGHT_ERROR_PAGE, // the page of an error, from the root
};

// A place for the page of a folder.
struct page {
	struct span memory;
	bool is_taken;
};

// What the log tells of an answer.
struct told {
	struct str line; // of the request
	enum http_status status;
	uint64_t content_bytes; // sent
};

// An answer that lies in `composed` before another, to be sent with it.
struct answered {
	struct told told;
	size_t end; // of it, in `composed`
};

// Answers that can be sent together (pipelining).
constexpr unsigned ANSWERS_MAX = 16;

struct exchange {
	struct connection *connection; // whose it is
	struct exchange *next_free;

	struct span received; // where requests arrive; the bytes there:
	size_t received_len;
	size_t request_at; // where `request` begins there
	struct request request;
	struct body body; // of the request, while that arrives

	enum sought sought;
	int walked;             // what beneath_walk gave, on its way through the ring
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
	struct file *held;      // whose descriptor that is; null: it is the exchange's own
	uint64_t file_at;       // offset of the next byte to read
	uint64_t file_left;     // bytes still to read
	struct str content;     // that lies in memory, a folder's page or a remembered file's; still to be sent
	struct page *folder;    // where that page lies

	struct answered before[ANSWERS_MAX - 1]; // answers that are composed and not sent, oldest first
	unsigned before_count;
	bool is_at_hand; // the answer is composed whole, and the next may be, before both are sent

	struct span composed; // what is sent; the bytes there, and how many are sent:
	size_t composed_len;
	size_t sent_len;
	size_t answer_at;       // where the answer to `request` begins there
	struct iovec pieces[2]; // of a send: of what was composed, and of the content
	struct msghdr message;  // which they make
	enum http_status status;
	uint64_t content_bytes; // sent, for the log
};

constexpr unsigned EXCHANGES_MAX = CONFIG_HTTPD_EXCHANGES_MAX;

// Of the pool. Buffers come in powers of two; those that are no exchange's are never lent.
constexpr uint16_t EXCHANGES_GROUP = 1;
constexpr unsigned EXCHANGES_POOL = EXCHANGES_MAX < 2 ? 1 : 2u << (31 - __builtin_clz(EXCHANGES_MAX - 1));
static_assert(EXCHANGES_POOL <= RING_BUFFERS_MAX);

struct exchanges {
	struct exchange *all;
	unsigned used; // those behind have never been used, and their memory never touched
	struct exchange *free;
	struct span received, composed; // of all

	struct ring_buffers pool;
	bool is_pooled;  // the kernel has such pools
	unsigned lent;   // exchanges that the kernel can choose from
	bool ran_out;    // it had none when it needed one
	unsigned wanted; // how many it is to have: twice as many after that, half as many when ..
	unsigned least;  // .. as many as were left over in each turn ..
	int64_t since_s; // .. since this second would have done
};

// Takes memory. False: there is not enough.
[[nodiscard]] bool exchanges_open(struct exchanges *all, struct arena *arena);

// Makes the pool known to the ring. Where the kernel has no such pools, is_pooled stays false: then poll, take, and receive.
void exchanges_pool(struct exchanges *all, struct io_uring *ring);

// An exchange for a connection that has none, empty. False: there is none free.
[[nodiscard]] bool exchange_take(struct exchanges *all, struct connection *connection);

// The one whose buffer the kernel has chosen for the connection, with the bytes that came, if there are any. False: it chose none.
// The bytes of `done`, a completion of an entry of the group, are taken here.
bool exchange_chosen(struct exchanges *all, struct connection *connection, struct io_uring_cqe *done);

// Gives back the connection's. It may have none.
void exchange_give(struct exchanges *all, struct connection *connection);

// Lends the kernel as many as it is to have, if they are free. Once a turn. `now_s`: any clock's.
void exchanges_lend(struct exchanges *all, int64_t now_s);
