// ring/trace_line.c: an entry, or a completion, in words.
//
// The same 64 bytes mean other things to each operation, so two tables stand here: `fields`, what a letter stands for (which
// bytes of the entry, written how, under which name), and `operations`, the letters of each operation.
// [io_uring_enter(2); Linux io_uring/opdef.c and the *_prep functions it names]
#include "ring/trace.h"

#include <linux/fcntl.h>
#include <linux/time_types.h>

#include "arch/errno.h"
#include "ring/names.h"
#include "ring/ring.h"

// A line being written. The library has no crt/, so these few words are its own.
struct line {
	uint8_t *bytes;
	size_t cap, len;
};

static void put_byte(struct line *line, char byte)
{
	if (line->len < line->cap)
		line->bytes[line->len++] = (uint8_t)byte;
}

static void put(struct line *line, const char *text)
{
	for (; *text != 0; text++)
		put_byte(line, *text);
}

static void put_str(struct line *line, struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		put_byte(line, text.ptr[i]);
}

// A number in a base up to 16, without a sign.
static void put_number(struct line *line, uint64_t value, unsigned base)
{
	char digits[65];
	size_t at = sizeof(digits) - 1;
	digits[at] = 0;
	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value > 0);
	put(line, digits + at);
}

static void put_signed(struct line *line, int64_t value)
{
	if (value < 0)
		put_byte(line, '-');
	put_number(line, value < 0 ? -(uint64_t)value : (uint64_t)value, 10);
}

static void put_hex(struct line *line, uint64_t value)
{
	put(line, "0x");
	put_number(line, value, 16);
}

static void put_path(struct line *line, uint64_t address)
{
	const char *path = (const char *)(uintptr_t)address;
	if (path == nullptr) {
		put(line, "null");
		return;
	}
	put_byte(line, '"');
	unsigned shown = 0;
	for (; *path != 0 && shown < RING_TRACE_PATH_BYTES; path++, shown++)
		put_byte(line, *path < ' ' || *path > '~' ? '?' : *path);
	put(line, *path != 0 ? "...\"" : "\"");
}

static void put_time(struct line *line, uint64_t address)
{
	const struct __kernel_timespec *time = (const struct __kernel_timespec *)(uintptr_t)address;
	if (time == nullptr) {
		put(line, "null");
		return;
	}
	put_signed(line, time->tv_sec);
	put_byte(line, '.');
	for (int64_t digit = 100000000; digit > 0; digit /= 10)
		put_number(line, (uint64_t)(time->tv_nsec / digit % 10), 10);
	put_byte(line, 's');
}

static void put_token(struct line *line, const char *name, uint64_t token)
{
	put(line, name);
	if (token < RING_TOKEN_LIMIT) {
		put_number(line, token, 10);
		return;
	}
	put(line, "ring+"); // one of the library's own
	put_number(line, token - RING_TOKEN_LIMIT, 10);
}

// The words of the bits that are set; what has none, as a number.
static void put_words(struct line *line, const char words[][16], unsigned count, uint32_t bits)
{
	for (unsigned bit = 0; bit < count; bit++) {
		if ((bits >> bit & 1) == 0)
			continue;
		put_byte(line, ' ');
		put(line, words[bit]);
	}
	if (bits >> count == 0)
		return;
	put_byte(line, ' ');
	put_hex(line, bits >> count << count);
}

enum form { SIGNED, UNSIGNED, HEX, HEX_IF_ANY, OCTAL, DIRECTORY, PATH, TIME, TIME_IF_ANY, TOKEN };

struct field {
	char letter;
	char name[15]; // with its "="
	uint8_t at, bytes;
	uint8_t form;
};

#define FIELD(letter, name, member, form) \
	{letter, name "=", offsetof(struct io_uring_sqe, member), sizeof(((struct io_uring_sqe *)0)->member), form}

static const struct field fields[] = {
	FIELD('f', "fd", fd, SIGNED),
	FIELD('d', "dir", fd, DIRECTORY),
	FIELD('D', "to_dir", len, DIRECTORY),
	FIELD('p', "path", addr, PATH),
	FIELD('P', "to", addr2, PATH),
	FIELD('3', "path", addr3, PATH),
	FIELD('x', "name", addr, PATH),
	FIELD('l', "len", len, UNSIGNED),
	FIELD('L', "len", off, UNSIGNED),
	FIELD('A', "len", addr, UNSIGNED),
	FIELD('o', "off", off, SIGNED),
	FIELD('n', "count", len, UNSIGNED),
	FIELD('N', "count", fd, UNSIGNED),
	FIELD('c', "count", off, UNSIGNED),
	FIELD('b', "buf", buf_index, UNSIGNED),
	FIELD('G', "group", buf_group, UNSIGNED),
	FIELD('i', "id", off, UNSIGNED),
	FIELD('I', "id", fd, SIGNED),
	FIELD('m', "mode", len, OCTAL),
	FIELD('M', "mask", len, HEX),
	FIELD('F', "flags", rw_flags, HEX_IF_ANY),
	FIELD('e', "events", poll32_events, HEX),
	FIELD('a', "addr", addr, HEX),
	FIELD('t', "time", addr, TIME),
	FIELD('T', "time", addr2, TIME_IF_ANY),
	FIELD('k', "of", addr, TOKEN),
	FIELD('K', "to_token", off, UNSIGNED),
	FIELD('s', "from", splice_fd_in, SIGNED),
	FIELD('S', "from_off", splice_off_in, SIGNED),
	FIELD('O', "op", len, UNSIGNED),
	FIELD('g', "target", off, SIGNED),
	FIELD('h', "how", len, UNSIGNED),
	FIELD('w', "which", len, UNSIGNED),
	FIELD('y', "domain", fd, UNSIGNED),
	FIELD('Y', "type", off, HEX),
	FIELD('r', "protocol", len, UNSIGNED),
	FIELD('R', "res", len, SIGNED),
	FIELD('v', "value", off, UNSIGNED),
	FIELD('C', "cmd", cmd_op, HEX),
	FIELD('q', "size", off, UNSIGNED),
	FIELD('z', "queue", zcrx_ifq_idx, UNSIGNED),
	FIELD('W', "options", file_index, HEX),
};

// In the kernel's order.
static const char operations[][8] = {
	[IORING_OP_NOP] = "F",
	[IORING_OP_READV] = "fnoF",
	[IORING_OP_WRITEV] = "fnoF",
	[IORING_OP_FSYNC] = "floF",
	[IORING_OP_READ_FIXED] = "flobF",
	[IORING_OP_WRITE_FIXED] = "flobF",
	[IORING_OP_POLL_ADD] = "fe",
	[IORING_OP_POLL_REMOVE] = "ke",
	[IORING_OP_SYNC_FILE_RANGE] = "floF",
	[IORING_OP_SENDMSG] = "fF",
	[IORING_OP_RECVMSG] = "fF",
	[IORING_OP_TIMEOUT] = "tc",
	[IORING_OP_TIMEOUT_REMOVE] = "kT",
	[IORING_OP_ACCEPT] = "fF",
	[IORING_OP_ASYNC_CANCEL] = "", // by its flags, below
	[IORING_OP_LINK_TIMEOUT] = "t",
	[IORING_OP_CONNECT] = "fq",
	[IORING_OP_FALLOCATE] = "fAom",
	[IORING_OP_OPENAT] = "dpFm",
	[IORING_OP_CLOSE] = "f",
	[IORING_OP_FILES_UPDATE] = "no",
	[IORING_OP_STATX] = "dpFM",
	[IORING_OP_READ] = "floF",
	[IORING_OP_WRITE] = "floF",
	[IORING_OP_FADVISE] = "floF",
	[IORING_OP_MADVISE] = "alF",
	[IORING_OP_SEND] = "flF",
	[IORING_OP_RECV] = "flF",
	[IORING_OP_OPENAT2] = "dp",
	[IORING_OP_EPOLL_CTL] = "fOg",
	[IORING_OP_SPLICE] = "sSfloF",
	[IORING_OP_PROVIDE_BUFFERS] = "GNlia",
	[IORING_OP_REMOVE_BUFFERS] = "GN",
	[IORING_OP_TEE] = "sflF",
	[IORING_OP_SHUTDOWN] = "fh",
	[IORING_OP_RENAMEAT] = "dpDPF",
	[IORING_OP_UNLINKAT] = "dpF",
	[IORING_OP_MKDIRAT] = "dpm",
	[IORING_OP_SYMLINKAT] = "pdP",
	[IORING_OP_LINKAT] = "dpDPF",
	[IORING_OP_MSG_RING] = "fRKF",
	[IORING_OP_FSETXATTR] = "fxlF",
	[IORING_OP_SETXATTR] = "3xlF",
	[IORING_OP_FGETXATTR] = "fxl",
	[IORING_OP_GETXATTR] = "3xl",
	[IORING_OP_SOCKET] = "yYrF",
	[IORING_OP_URING_CMD] = "fCF",
	[IORING_OP_SEND_ZC] = "flF",
	[IORING_OP_SENDMSG_ZC] = "fF",
	[IORING_OP_READ_MULTISHOT] = "flo",
	[IORING_OP_WAITID] = "wIW",
	[IORING_OP_FUTEX_WAIT] = "av",
	[IORING_OP_FUTEX_WAKE] = "av",
	[IORING_OP_FUTEX_WAITV] = "an",
	[IORING_OP_FIXED_FD_INSTALL] = "fF",
	[IORING_OP_FTRUNCATE] = "fL",
	[IORING_OP_BIND] = "fq",
	[IORING_OP_LISTEN] = "fn",
	[IORING_OP_RECV_ZC] = "flz",
	[IORING_OP_EPOLL_WAIT] = "fn",
	[IORING_OP_READV_FIXED] = "fnobF",
	[IORING_OP_WRITEV_FIXED] = "fnobF",
	[IORING_OP_PIPE] = "F",
	[IORING_OP_NOP128] = "F",
	[IORING_OP_URING_CMD128] = "fCF",
};
static_assert(sizeof(operations) / sizeof(operations[0]) == IORING_OP_LAST,
	      "an operation of the headers has no fields here");

// The bytes of a field as a number, its sign kept. All machines are little-endian, as the UAPI's own unions suppose.
static uint64_t value_of(const struct io_uring_sqe *sqe, const struct field *field)
{
	const uint8_t *bytes = (const uint8_t *)sqe + field->at;
	uint64_t value = 0;
	for (unsigned i = field->bytes; i-- > 0;)
		value = value << 8 | bytes[i];
	bool is_int = field->bytes == 4 && (field->form == SIGNED || field->form == DIRECTORY);
	return is_int ? (uint64_t)(int32_t)value : value;
}

static void put_field(struct line *line, const struct io_uring_sqe *sqe, const struct field *field)
{
	uint64_t value = value_of(sqe, field);
	if (value == 0 && (field->form == HEX_IF_ANY || field->form == TIME_IF_ANY))
		return;
	put_byte(line, ' ');
	if (field->form == TOKEN) {
		put_token(line, field->name, value);
		return;
	}
	put(line, field->name);
	switch (field->form) {
	case DIRECTORY:
		if ((int64_t)value == AT_FDCWD) {
			put(line, "AT_FDCWD");
			return;
		}
		[[fallthrough]];
	case SIGNED:
		put_signed(line, (int64_t)value);
		return;
	case UNSIGNED:
		put_number(line, value, 10);
		return;
	case OCTAL:
		put_number(line, value, 8);
		return;
	case PATH:
		put_path(line, value);
		return;
	case TIME:
	case TIME_IF_ANY:
		put_time(line, value);
		return;
	default:
		put_hex(line, value);
	}
}

static void put_fields(struct line *line, const struct io_uring_sqe *sqe)
{
	if (sqe->opcode >= IORING_OP_LAST)
		return;
	for (const char *letter = operations[sqe->opcode]; *letter != 0; letter++) {
		const struct field *field = fields;
		while (field->letter != *letter)
			field++;
		put_field(line, sqe, field);
	}
}

// What a cancel names its operations by. [io_uring_enter(2), IORING_OP_ASYNC_CANCEL]
static void put_cancel(struct line *line, const struct io_uring_sqe *sqe)
{
	static const char words[][16] = {"ALL", "FD", "ANY", "FD_FIXED", "USERDATA", "OP"};
	uint32_t others = IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_OP;
	if ((sqe->cancel_flags & others) == 0 || (sqe->cancel_flags & IORING_ASYNC_CANCEL_USERDATA) != 0)
		put_token(line, " of=", sqe->addr);
	if ((sqe->cancel_flags & IORING_ASYNC_CANCEL_FD) != 0) {
		put(line, " fd=");
		put_signed(line, sqe->fd);
	}
	if ((sqe->cancel_flags & IORING_ASYNC_CANCEL_OP) != 0) {
		put(line, " op=");
		put_str(line, ring_operation_name(sqe->len).text);
	}
	put_words(line, words, 6, sqe->cancel_flags);
}

// The flags that one operation, or some, have for themselves, by name.
static void put_own_flags(struct line *line, const struct io_uring_sqe *sqe)
{
	static const char poll[][16] = {"MULTISHOT", "UPDATE_EVENTS", "UPDATE_TOKEN", "LEVEL"};
	static const char timeout[][16] = {"ABS",         "UPDATE",        "BOOTTIME", "REALTIME",
					   "LINK_UPDATE", "ETIME_SUCCESS", "MULTISHOT"};
	static const char accept[][16] = {"MULTISHOT", "DONTWAIT", "POLL_FIRST"};
	static const char transfer[][16] = {"POLL_FIRST",   "MULTISHOT", "FIXED_BUF",
					    "REPORT_USAGE", "BUNDLE",    "VECTORIZED"};
	switch (sqe->opcode) {
	case IORING_OP_POLL_ADD:
	case IORING_OP_POLL_REMOVE:
		put_words(line, poll, 4, sqe->len);
		return;
	case IORING_OP_TIMEOUT:
	case IORING_OP_TIMEOUT_REMOVE:
	case IORING_OP_LINK_TIMEOUT:
		put_words(line, timeout, 7, sqe->timeout_flags);
		return;
	case IORING_OP_ASYNC_CANCEL:
		put_cancel(line, sqe);
		return;
	case IORING_OP_ACCEPT:
		put_words(line, accept, 3, sqe->ioprio);
		return;
	case IORING_OP_SEND:
	case IORING_OP_SENDMSG:
	case IORING_OP_SEND_ZC:
	case IORING_OP_SENDMSG_ZC:
	case IORING_OP_RECV:
	case IORING_OP_RECVMSG:
	case IORING_OP_RECV_ZC:
		put_words(line, transfer, 6, sqe->ioprio);
		if ((sqe->ioprio & IORING_RECVSEND_FIXED_BUF) == 0)
			return;
		put(line, " buf=");
		put_number(line, sqe->buf_index, 10);
		return;
	default:
		if (sqe->ioprio == 0)
			return;
		put(line, " ioprio=");
		put_hex(line, sqe->ioprio);
	}
}

// Where a new descriptor is to go, or which one is closed, in the table of registered files.
static void put_slot(struct line *line, const struct io_uring_sqe *sqe)
{
	switch (sqe->opcode) {
	case IORING_OP_ACCEPT:
	case IORING_OP_OPENAT:
	case IORING_OP_OPENAT2:
	case IORING_OP_CLOSE:
	case IORING_OP_SOCKET:
	case IORING_OP_PIPE:
	case IORING_OP_MSG_RING:
		break;
	default:
		return;
	}
	if (sqe->file_index == 0)
		return;
	put(line, " slot=");
	if (sqe->file_index == IORING_FILE_INDEX_ALLOC)
		put(line, "any");
	else
		put_number(line, sqe->file_index - 1, 10);
}

static void put_flags(struct line *line, const struct io_uring_sqe *sqe)
{
	for (unsigned bit = 0; bit < 8; bit++) {
		if ((sqe->flags >> bit & 1) == 0)
			continue;
		struct str name = ring_sqe_flag_name(bit).text;
		put_byte(line, ' ');
		put_str(line, name.len > 0 ? name : STR("?"));
		if (bit != IOSQE_BUFFER_SELECT_BIT)
			continue;
		put_byte(line, '=');
		put_number(line, sqe->buf_group, 10);
	}
	if (sqe->personality == 0)
		return;
	put(line, " personality=");
	put_number(line, sqe->personality, 10);
}

size_t ring_trace_entry(struct span into, const struct io_uring_sqe *sqe)
{
	struct line line = {.bytes = into.ptr, .cap = into.len};
	struct str name = ring_operation_name(sqe->opcode).text;
	put(&line, "-> ");
	put_str(&line, name);
	if (name.len == 0) {
		put(&line, "operation");
		put_number(&line, sqe->opcode, 10);
	}
	put_fields(&line, sqe);
	put_slot(&line, sqe);
	put_own_flags(&line, sqe);
	put_token(&line, " token=", sqe->user_data);
	put_flags(&line, sqe);
	return line.len;
}

size_t ring_trace_completion(struct span into, const struct io_uring_cqe *cqe, bool is_wide)
{
	struct line line = {.bytes = into.ptr, .cap = into.len};
	put_token(&line, "<- token=", cqe->user_data);
	put(&line, " res=");
	put_signed(&line, cqe->res);
	struct str error = cqe->res < 0 ? errno_name(cqe->res) : (struct str){0};
	if (error.len > 0) {
		put_byte(&line, ' ');
		put_str(&line, error);
	}
	for (unsigned bit = 0; bit < IORING_CQE_BUFFER_SHIFT; bit++) {
		if ((cqe->flags >> bit & 1) == 0)
			continue;
		struct str name = ring_cqe_flag_name(bit).text;
		put_byte(&line, ' ');
		put_str(&line, name.len > 0 ? name : STR("?"));
		if (bit != 0) // IORING_CQE_F_BUFFER
			continue;
		put_byte(&line, '=');
		put_number(&line, cqe->flags >> IORING_CQE_BUFFER_SHIFT, 10);
	}
	for (unsigned i = 0; i < 2 && is_wide; i++) {
		put(&line, i == 0 ? " more=" : ",");
		put_hex(&line, cqe->big_cqe[i]);
	}
	return line.len;
}
