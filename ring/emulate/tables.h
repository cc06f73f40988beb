// ring/emulate/tables.h: what the emulation remembers: a request, what it waits for, what is registered, and the whole of it.
//
// All of it lies in the ring's `state`, in tables of which engine.c fixes the sizes from the entries. The picture of how a request
// goes through them is in emulate.h.
#pragma once

#include <linux/io_uring.h>
#include <linux/uio.h>
#include <stddef.h>
#include <stdint.h>

struct emulation;
struct request;
struct watch;

// A queue of requests, oldest first. A request is in one at a time.
struct list {
	struct request *first, *last;
};

struct request {
	struct io_uring_sqe sqe; // copied: the place in the queue is the program's again
	struct request *next, *prev;
	struct list *in;       // the list that next and prev belong to; null: none
	struct request *chain; // starts when this has ended
	struct request *timer; // its link timeout, once that runs; of a link timeout: what it limits

	// Waiting for a descriptor.
	struct watch *watch;
	struct request *beside_next, *beside_prev; // others that wait for the same descriptor
	uint32_t events;                           // POLL*

	// Waiting for a time.
	int64_t deadline_ns; // by its clock
	int64_t period_ns;
	uint32_t target;  // a counted timeout: ends when so many completions have been
	uint32_t repeats; // a multishot one: so many more; 0: without end

	struct block *blocks; // copies of what the entry points to

	int fd;          // what it works on
	uint32_t done;   // bytes moved so far, by one that goes on until all is moved
	int32_t res;     // ended, and kept in overflow:
	uint32_t cflags; // IORING_CQE_F_*

	bool is_failed;     // it was refused at once: res says why
	bool is_short;      // it ended well, but its chain ends
	bool is_silent;     // no completion, whatever comes
	bool starts_timer;  // the next of the chain is its link timeout
	bool was_polled;    // do not poll first any more
	bool owns_fd;       // fd was made for it, and is closed behind it
	bool is_armed;      // a connect that is under way; a poll that has been entered
	bool is_kept;       // nothing but the memory that is lent to the end is outside of the tables
	bool is_given;      // a send that has provided buffers ..
	bool is_last_given; // .. and behind them the group was empty
	bool owes_notice;   // a send that would not copy: told behind its result
	bool is_calm;       // a timeout whose end is a success
};

// A descriptor that requests wait for. It lives while one does.
struct watch {
	struct watch *next; // in its bucket, or free
	struct request *first, *last;
	int fd;
	uint32_t armed; // the events that epoll looks for; 0: none
	bool is_owned;  // closed when nobody waits any more
	unsigned vain;  // the turn in which an accept looked in vain and epoll was told; 0: it has woken since
	uint64_t tag;   // of a registered file that was taken back meanwhile: told then
};

// Room for copies (keep.c): the longest path fits.
#define BLOCK_BYTES 4096u

struct block {
	struct block *next;
	size_t used;
	uint8_t bytes[BLOCK_BYTES];
};

// Bytes that a program has provided, one of a group's.
struct provided {
	uint64_t addr;
	uint32_t len;
	uint16_t bid;
	struct provided *next;
};

// A group of provided buffers: a ring of the program's, or a list.
struct group {
	bool is_used;
	uint16_t bgid;
	uint16_t flags;                 // IOU_PBUF_RING_*
	uint16_t head;                  // the next of the ring
	uint32_t entries;               // of the ring; 0: it is a list
	struct io_uring_buf_ring *ring; // the program's
	struct provided *first, *last;
	uint32_t count; // of the list
};

// Pieces of memory that one send or receive is about at most; so also buffers of one bundle.
#define PIECES_MAX 64

// What a request was given of a group: one buffer, or a bundle of them.
struct picked {
	struct group *group;
	bool is_of_list;
	bool is_last; // the group is empty behind them
	uint16_t bid; // of the first
	unsigned count;
	uint32_t len;         // of all
	struct iovec *pieces; // where whoever asked wanted them
};

struct registered_file {
	int fd; // -1: none
	uint64_t tag;
};

struct registered_buffer {
	uint8_t *ptr; // null: none
	size_t len;
	uint64_t tag;
};

// The indices at the start of the queues' memory; completions lie behind them.
struct indices {
	unsigned sq_head, sq_tail, cq_head, cq_tail;
	unsigned sq_mask, cq_mask, sq_entries, cq_entries;
	unsigned sq_flags, sq_dropped, cq_flags, cq_overflow;
	unsigned pad[4];
};

enum { CLOCKS = 3 }; // monotonic, boottime, realtime

// Buffer groups that there can be at a time.
#define GROUPS_MAX 64u
#define BUFFERS_MAX 1024u // registered ones
#define BUCKETS 1024u     // of watches, by descriptor

struct emulation {
	struct indices *indices;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
	unsigned *array; // null with NO_SQARRAY
	int fd;          // the epoll, which is the ring
	unsigned flags;  // IORING_SETUP_*
	int issuer;      // with SINGLE_ISSUER, the thread that may come in; 0: whoever does
	bool is_disabled;
	bool looks_again;  // epoll has been told something that it may answer at once
	bool lacks_nowait; // no preadv2(2) here

	unsigned cq_tail;     // completions so far
	unsigned cq_timeouts; // of them, those of timeouts
	unsigned in_flight;   // requests that have begun and not ended
	unsigned free_count;
	unsigned counted;   // timeouts that count completions
	unsigned last_shot; // eventfd
	unsigned turn;      // of working, from 1: the program may have run since the one before

	struct request *requests;
	unsigned requests_used; // those behind have never been touched
	unsigned requests_max;
	struct request *free;

	struct list ready;    // to run
	struct list waiting;  // for a descriptor
	struct list held;     // multishot: could go on, but the completion queue is full
	struct list overflow; // ended, and there is no room to say so
	struct list deferred; // behind a drained one
	struct list timeouts[CLOCKS];
	struct list limits[CLOCKS]; // link timeouts that run

	// While entries are taken: the chain that is being put together.
	struct request *head, *tail;
	bool drains_next;

	bool is_draining; // a drained chain runs, and nothing begins before it has ended

	struct watch *watches;
	unsigned watches_used;
	struct watch *free_watches;
	struct watch *buckets[BUCKETS];
	uint8_t *seen; // a bit for each descriptor: epoll may know it
	unsigned seen_max;

	struct registered_file *files;
	unsigned files_count, files_max;
	unsigned alloc_from, alloc_to, alloc_next; // where a free place is looked for
	struct registered_buffer *buffers;
	unsigned buffers_count;
	struct group *groups;
	struct provided *provided;
	unsigned provided_used, provided_max;
	struct provided *free_provided;

	struct block *blocks;
	unsigned blocks_used, blocks_max;
	struct block *free_blocks;

	int eventfd;    // -1: none
	bool has_async; // one with IOSQE_ASYNC has ended since
	bool eventfd_async;
	int clock; // of waits
	bool is_restricted;
	uint64_t allowed_ops[4], allowed_registers;
	uint8_t allowed_flags, required_flags;
};
