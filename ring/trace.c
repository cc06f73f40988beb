// ring/trace.c: entries and completions in words.
#include "ring/trace.h"

#include "ring/own.h"

#define LINE_BYTES 160u

// The operations' names, in the kernel's order, each in a place of one size: a table without pointers needs no relocation.
// clang-format off
static const char names[][20] = {
	"nop",		 "readv",	  "writev",	   "fsync",	    "read_fixed",     "write_fixed",
	"poll_add",	 "poll_remove",	  "sync_file_range", "sendmsg",	    "recvmsg",	      "timeout",
	"timeout_remove", "accept",	  "async_cancel",  "link_timeout",  "connect",	      "fallocate",
	"openat",	 "close",	  "files_update",  "statx",	    "read",	      "write",
	"fadvise",	 "madvise",	  "send",	   "recv",	    "openat2",	      "epoll_ctl",
	"splice",	 "provide_buffers", "remove_buffers", "tee",	    "shutdown",	      "renameat",
	"unlinkat",	 "mkdirat",	  "symlinkat",	   "linkat",	    "msg_ring",	      "fsetxattr",
	"setxattr",	 "fgetxattr",	  "getxattr",	   "socket",	    "uring_cmd",      "send_zc",
	"sendmsg_zc",	 "read_multishot", "waitid",	   "futex_wait",    "futex_wake",     "futex_waitv",
	"fixed_fd_install", "ftruncate",	  "bind",	   "listen",	    "recv_zc",	      "epoll_wait",
	"readv_fixed",	 "writev_fixed",  "pipe",	   "nop128",	    "uring_cmd128",
};
// clang-format on
static_assert(sizeof(names) / sizeof(*names) == IORING_OP_LAST, "an operation of the headers has no name here");

// The entry's flags, from bit 0 up. [io_uring_enter(2)]
static const char flags[][16] = {"FIXED_FILE", "DRAIN", "LINK", "HARDLINK", "ASYNC", "BUFFER_SELECT", "SKIP_SUCCESS"};

// A line being written. The library has no crt/, so these few words are its own.
struct line {
	char bytes[LINE_BYTES];
	size_t len;
};

static void put(struct line *line, const char *text)
{
	for (; *text != 0 && line->len < LINE_BYTES; text++)
		line->bytes[line->len++] = *text;
}

static void put_unsigned(struct line *line, uint64_t value)
{
	char digits[21];
	size_t at = sizeof(digits) - 1;
	digits[at] = 0;
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	put(line, digits + at);
}

static void put_signed(struct line *line, int64_t value)
{
	if (value < 0)
		put(line, "-");
	put_unsigned(line, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

static void tell(const struct io_uring *ring, const struct line *line)
{
	const struct ring_options *options = &ring->cq.own->options;
	options->trace(options->trace_context, (struct str){line->bytes, line->len});
}

void ring_trace_entries(struct io_uring *ring)
{
	struct ring_own *own = ring->cq.own;
	if (own->options.trace == nullptr)
		return;
	for (; own->traced_entry != ring->sq.sqe_tail; own->traced_entry++) {
		const struct io_uring_sqe *sqe = &ring->sq.sqes[own->traced_entry & ring->sq.ring_mask];
		struct line line = {.len = 0};
		put(&line, "-> ");
		put(&line, sqe->opcode < IORING_OP_LAST ? names[sqe->opcode] : "unknown");
		put(&line, " fd=");
		put_signed(&line, sqe->fd);
		put(&line, " off=");
		put_signed(&line, (int64_t)sqe->off);
		put(&line, " len=");
		put_unsigned(&line, sqe->len);
		put(&line, " token=");
		put_unsigned(&line, sqe->user_data);
		for (unsigned bit = 0; bit < sizeof(flags) / sizeof(*flags); bit++) {
			if ((sqe->flags >> bit & 1) == 0)
				continue;
			put(&line, " ");
			put(&line, flags[bit]);
		}
		tell(ring, &line);
	}
}

void ring_trace_completions(struct io_uring *ring)
{
	struct ring_own *own = ring->cq.own;
	if (own->options.trace == nullptr)
		return;
	unsigned tail = load_acquire(ring->cq.ktail);
	for (; own->traced_completion != tail; own->traced_completion++) {
		const struct io_uring_cqe *cqe = &ring->cq.cqes[own->traced_completion & ring->cq.ring_mask];
		struct line line = {.len = 0};
		put(&line, "<- token=");
		put_unsigned(&line, cqe->user_data);
		put(&line, " res=");
		put_signed(&line, cqe->res);
		struct str name = cqe->res < 0 ? errno_name(cqe->res) : (struct str){0};
		if (name.len > 0) {
			put(&line, " ");
			put(&line, name.ptr); // the table's names end with a NUL
		}
		if (cqe->flags & IORING_CQE_F_MORE)
			put(&line, " MORE");
		tell(ring, &line);
	}
}
