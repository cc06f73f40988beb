// tests/unit/ring_trace.c: entries and completions in words, line by line; and that a ring tells of each once, where the library
// was built to (tests/trace.bats builds it so).
#include "ring/trace.h"

#include "tests/unit/ring_unit.h"

static uint8_t line[RING_TRACE_BYTES];

static struct str entry_line(struct io_uring_sqe sqe)
{
	return (struct str){(const char *)line, ring_trace_entry(SPAN(line), &sqe)};
}

static struct str completion_line(uint64_t token, int res, unsigned flags)
{
	struct io_uring_cqe cqe = {.user_data = token, .res = res, .flags = flags};
	return (struct str){(const char *)line, ring_trace_completion(SPAN(line), &cqe, false)};
}

#define ENTRY(words, ...) CHECK_STR(entry_line((struct io_uring_sqe){__VA_ARGS__}), STR("-> " words))
#define OP(name) .opcode = IORING_OP_##name
#define POINTER(to) (uintptr_t)(to)

UNIT(reads_and_writes)
{
	ENTRY("nop token=0", OP(NOP));
	ENTRY("read fd=3 len=4096 off=0 token=7 LINK", OP(READ), .fd = 3, .len = 4096, .user_data = 7,
	      .flags = IOSQE_IO_LINK);
	ENTRY("write fd=1 len=5 off=-1 token=7", OP(WRITE), .fd = 1, .len = 5, .off = UINT64_MAX, .user_data = 7);
	ENTRY("readv fd=3 count=2 off=512 token=0", OP(READV), .fd = 3, .len = 2, .off = 512);
	ENTRY("read_fixed fd=3 len=1 off=0 buf=9 token=0", OP(READ_FIXED), .fd = 3, .len = 1, .buf_index = 9);
	ENTRY("writev_fixed fd=3 count=1 off=0 buf=2 flags=0x2 ioprio=0x4000 token=0", OP(WRITEV_FIXED), .fd = 3,
	      .len = 1, .buf_index = 2, .rw_flags = 2, .ioprio = 0x4000);
	ENTRY("read_multishot fd=4 len=0 off=-1 token=0 BUFFER_SELECT=12", OP(READ_MULTISHOT), .fd = 4,
	      .off = UINT64_MAX, .flags = IOSQE_BUFFER_SELECT, .buf_group = 12);
	ENTRY("fsync fd=3 len=0 off=0 flags=0x1 token=0", OP(FSYNC), .fd = 3, .fsync_flags = IORING_FSYNC_DATASYNC);
	ENTRY("splice from=5 from_off=-1 fd=6 len=10 off=-1 flags=0x1 token=0", OP(SPLICE), .splice_fd_in = 5, .fd = 6,
	      .splice_off_in = UINT64_MAX, .off = UINT64_MAX, .len = 10, .splice_flags = 1);
	ENTRY("tee from=5 fd=6 len=10 token=0", OP(TEE), .splice_fd_in = 5, .fd = 6, .len = 10);
	ENTRY("fallocate fd=3 len=100 off=20 mode=1 token=0", OP(FALLOCATE), .fd = 3, .addr = 100, .off = 20, .len = 1);
	ENTRY("ftruncate fd=3 len=77 token=0", OP(FTRUNCATE), .fd = 3, .off = 77);
	ENTRY("madvise addr=0x1000 len=4096 flags=0x4 token=0", OP(MADVISE), .addr = 0x1000, .len = 4096,
	      .fadvise_advice = 4);
}

UNIT(paths)
{
	ENTRY("openat dir=AT_FDCWD path=\"etc/hosts\" flags=0x80000 mode=644 token=8", OP(OPENAT), .fd = AT_FDCWD,
	      .addr = POINTER("etc/hosts"), .open_flags = O_CLOEXEC, .len = 0644, .user_data = 8);
	ENTRY("openat2 dir=5 path=\"0123456789abcdef0123456789abcdef\" slot=any token=0", OP(OPENAT2), .fd = 5,
	      .addr = POINTER("0123456789abcdef0123456789abcdef"), .file_index = IORING_FILE_INDEX_ALLOC);
	ENTRY("openat2 dir=5 path=\"0123456789abcdef0123456789abcdef...\" slot=2 token=0", OP(OPENAT2), .fd = 5,
	      .addr = POINTER("0123456789abcdef0123456789abcdef0"), .file_index = 3);
	ENTRY("unlinkat dir=5 path=\"a?b?c?\" token=0", OP(UNLINKAT), .fd = 5,
	      .addr = POINTER("a\x1b"
			      "b\nc\xff"));
	ENTRY("mkdirat dir=5 path=null mode=755 token=0", OP(MKDIRAT), .fd = 5, .len = 0755);
	ENTRY("renameat dir=5 path=\"a\" to_dir=AT_FDCWD to=\"\" token=0", OP(RENAMEAT), .fd = 5, .addr = POINTER("a"),
	      .len = (uint32_t)AT_FDCWD, .addr2 = POINTER(""));
	ENTRY("symlinkat path=\"to\" dir=5 to=\"from\" token=0", OP(SYMLINKAT), .fd = 5, .addr = POINTER("to"),
	      .addr2 = POINTER("from"));
	ENTRY("linkat dir=1 path=\"a\" to_dir=2 to=\"b\" flags=0x400 token=0", OP(LINKAT), .fd = 1,
	      .addr = POINTER("a"), .len = 2, .addr2 = POINTER("b"), .hardlink_flags = 0x400);
	ENTRY("statx dir=5 path=\"\" flags=0x1000 mask=0x7ff token=0", OP(STATX), .fd = 5, .addr = POINTER(""),
	      .statx_flags = AT_EMPTY_PATH, .len = STATX_BASIC_STATS);
	ENTRY("setxattr path=\"f\" name=\"user.a\" len=3 token=0", OP(SETXATTR), .addr3 = POINTER("f"),
	      .addr = POINTER("user.a"), .len = 3);
	ENTRY("fgetxattr fd=3 name=\"user.a\" len=9 token=0", OP(FGETXATTR), .fd = 3, .addr = POINTER("user.a"),
	      .len = 9);
	ENTRY("close fd=0 slot=6 token=0", OP(CLOSE), .file_index = 7);
}

UNIT(sockets)
{
	ENTRY("accept fd=4 flags=0x80000 MULTISHOT token=1", OP(ACCEPT), .fd = 4, .accept_flags = SOCK_CLOEXEC,
	      .ioprio = IORING_ACCEPT_MULTISHOT, .user_data = 1);
	ENTRY("recv fd=4 len=0 POLL_FIRST MULTISHOT BUNDLE token=1 BUFFER_SELECT=0", OP(RECV), .fd = 4,
	      .ioprio = IORING_RECVSEND_POLL_FIRST | IORING_RECV_MULTISHOT | IORING_RECVSEND_BUNDLE, .user_data = 1,
	      .flags = IOSQE_BUFFER_SELECT);
	ENTRY("send_zc fd=4 len=10 flags=0x4000 FIXED_BUF REPORT_USAGE 0x40 buf=3 token=1", OP(SEND_ZC), .fd = 4,
	      .len = 10, .msg_flags = 0x4000, .buf_index = 3, .user_data = 1,
	      .ioprio = IORING_RECVSEND_FIXED_BUF | IORING_SEND_ZC_REPORT_USAGE | 0x40);
	ENTRY("sendmsg fd=4 token=0 FIXED_FILE", OP(SENDMSG), .fd = 4, .flags = IOSQE_FIXED_FILE);
	ENTRY("connect fd=4 size=16 token=0", OP(CONNECT), .fd = 4, .off = 16);
	ENTRY("socket domain=2 type=0x80001 protocol=0 slot=0 token=0", OP(SOCKET), .fd = 2,
	      .off = SOCK_STREAM | SOCK_CLOEXEC, .file_index = 1);
	ENTRY("listen fd=4 count=16 token=0", OP(LISTEN), .fd = 4, .len = 16);
	ENTRY("shutdown fd=4 how=2 token=0", OP(SHUTDOWN), .fd = 4, .len = 2);
	ENTRY("recv_zc fd=4 len=0 queue=1 MULTISHOT token=0", OP(RECV_ZC), .fd = 4, .zcrx_ifq_idx = 1,
	      .ioprio = IORING_RECV_MULTISHOT);
}

UNIT(waits_and_cancels)
{
	struct __kernel_timespec time = {.tv_sec = 1, .tv_nsec = 50000000};
	ENTRY("timeout time=1.050000000s count=0 token=3", OP(TIMEOUT), .addr = POINTER(&time), .len = 1,
	      .user_data = 3);
	ENTRY("timeout time=null count=2 ABS ETIME_SUCCESS MULTISHOT token=3", OP(TIMEOUT), .off = 2, .user_data = 3,
	      .timeout_flags = IORING_TIMEOUT_ABS | IORING_TIMEOUT_ETIME_SUCCESS | IORING_TIMEOUT_MULTISHOT);
	ENTRY("link_timeout time=1.050000000s token=0", OP(LINK_TIMEOUT), .addr = POINTER(&time));
	ENTRY("timeout_remove of=3 token=0", OP(TIMEOUT_REMOVE), .addr = 3);
	ENTRY("timeout_remove of=3 time=1.050000000s UPDATE token=0", OP(TIMEOUT_REMOVE), .addr = 3,
	      .addr2 = POINTER(&time), .timeout_flags = IORING_TIMEOUT_UPDATE);
	ENTRY("poll_add fd=4 events=0x1 MULTISHOT token=0", OP(POLL_ADD), .fd = 4, .poll32_events = 1,
	      .len = IORING_POLL_ADD_MULTI);
	ENTRY("poll_remove of=9 events=0x4 UPDATE_EVENTS token=0", OP(POLL_REMOVE), .addr = 9, .poll32_events = 4,
	      .len = IORING_POLL_UPDATE_EVENTS);
	ENTRY("async_cancel of=9 token=0", OP(ASYNC_CANCEL), .addr = 9);
	ENTRY("async_cancel fd=4 ALL FD token=0", OP(ASYNC_CANCEL), .fd = 4,
	      .cancel_flags = IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_FD);
	ENTRY("async_cancel ANY token=ring+1", OP(ASYNC_CANCEL), .cancel_flags = IORING_ASYNC_CANCEL_ANY,
	      .user_data = RING_TOKEN_LIMIT + 1);
	ENTRY("async_cancel op=read ALL OP token=0", OP(ASYNC_CANCEL), .len = IORING_OP_READ,
	      .cancel_flags = IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_OP);
	ENTRY("waitid which=1 id=77 options=0x4 token=0", OP(WAITID), .len = 1, .fd = 77, .file_index = 4);
	ENTRY("futex_wait addr=0x40 value=1 token=0", OP(FUTEX_WAIT), .addr = 0x40, .off = 1);
	ENTRY("epoll_ctl fd=3 op=1 target=4 token=0", OP(EPOLL_CTL), .fd = 3, .len = 1, .off = 4);
}

UNIT(the_rest)
{
	ENTRY("provide_buffers group=2 count=8 len=4096 id=16 addr=0x1000 token=0", OP(PROVIDE_BUFFERS), .buf_group = 2,
	      .fd = 8, .len = 4096, .off = 16, .addr = 0x1000);
	ENTRY("msg_ring fd=9 res=-5 to_token=7 token=0", OP(MSG_RING), .fd = 9, .len = (uint32_t)-5, .off = 7);
	ENTRY("uring_cmd fd=3 cmd=0xc0484e41 token=0", OP(URING_CMD), .fd = 3, .cmd_op = 0xc0484e41);
	ENTRY("operation200 token=5 DRAIN HARDLINK ASYNC SKIP_SUCCESS ? personality=4", .opcode = 200, .user_data = 5,
	      .personality = 4,
	      .flags = IOSQE_IO_DRAIN | IOSQE_IO_HARDLINK | IOSQE_ASYNC | IOSQE_CQE_SKIP_SUCCESS | 0x80);
	for (unsigned opcode = 0; opcode < 256; opcode++) // none runs off a table, or follows a null
		CHECK(entry_line((struct io_uring_sqe){.opcode = (uint8_t)opcode}).len > 10);
}

UNIT(completions)
{
	CHECK_STR(completion_line(7, 512, 0), STR("<- token=7 res=512"));
	CHECK_STR(completion_line(8, -ENOENT, 0), STR("<- token=8 res=-2 ENOENT"));
	CHECK_STR(completion_line(8, -4000, 0), STR("<- token=8 res=-4000"));
	CHECK_STR(completion_line(8, INT32_MIN, 0), STR("<- token=8 res=-2147483648"));
	CHECK_STR(completion_line(RING_TOKEN_LIMIT, 0, 0), STR("<- token=ring+0 res=0"));
	CHECK_STR(completion_line(1, 5, IORING_CQE_F_BUFFER | IORING_CQE_F_MORE | 300u << 16),
		  STR("<- token=1 res=5 BUFFER=300 MORE"));
	CHECK_STR(completion_line(1, 5, IORING_CQE_F_BUFFER | IORING_CQE_F_SOCK_NONEMPTY | IORING_CQE_F_BUF_MORE),
		  STR("<- token=1 res=5 BUFFER=0 SOCK_NONEMPTY BUF_MORE"));
	CHECK_STR(completion_line(1, 0, IORING_CQE_F_NOTIF), STR("<- token=1 res=0 NOTIF"));
	CHECK_STR(completion_line(0, 0, IORING_CQE_F_SKIP | 0x40), STR("<- token=0 res=0 SKIP ?"));

	struct ring_cqe32 wide = {.user_data = 2, .flags = IORING_CQE_F_32, .more = {16, 255}}; // the kernel's layout
	size_t len = ring_trace_completion(SPAN(line), (const struct io_uring_cqe *)&wide, true);
	CHECK_STR(((struct str){(const char *)line, len}), STR("<- token=2 res=0 32 more=0x10,0xff"));
}

UNIT(what_does_not_fit_is_left_out)
{
	struct io_uring_sqe sqe = {OP(READ), .fd = 3, .len = 4096, .user_data = 7};
	struct str whole = STR("-> read fd=3 len=4096 off=0 token=7");
	for (size_t room = 0; room <= whole.len + 1; room++) {
		for (size_t i = 0; i < sizeof(line); i++)
			line[i] = '#';
		size_t len = ring_trace_entry((struct span){line, room}, &sqe);
		CHECK_EQUAL(len, room < whole.len ? room : whole.len);
		CHECK_STR(((struct str){(const char *)line, len}), ((struct str){whole.ptr, len}));
		CHECK_EQUAL(line[len], '#');
	}
	struct io_uring_cqe cqe = {.user_data = UINT64_MAX >> 4, .res = -1};
	CHECK_EQUAL(ring_trace_completion((struct span){line, 5}, &cqe, true), 5);
	CHECK_EQUAL(ring_trace_completion((struct span){nullptr, 0}, &cqe, true), 0);
}

// A ring that tells. Lines are kept one behind the other, each with a line feed.

static char told[1 << 16];
static size_t told_len;

static void keep(void *context, struct str text)
{
	CHECK_EQUAL(context, told);
	for (size_t i = 0; i < text.len && told_len < sizeof(told) - 1; i++)
		told[told_len++] = text.ptr[i];
	told[told_len++] = '\n';
}

// Takes what has been told since.
static struct str take(void)
{
	struct str all = {told, told_len};
	told_len = 0;
	return all;
}

#define TOLD(words) CHECK_STR(take(), STR(words))

#define TELLING_RING_OR_SKIP(ring, entries, ...)                                                                  \
	do {                                                                                                      \
		RING_OR_SKIP((ring), (entries), .trace = keep, .trace_context = told __VA_OPT__(, ) __VA_ARGS__); \
		told_len = 0;                                                                                     \
		CHECK_EQUAL(ring_push(&(ring), sqe_nop(), 0), 0);                                                 \
		CHECK_EQUAL(ring_submit(&(ring), 1), 1);                                                          \
		CHECK_POP(&(ring), 0, 0);                                                                         \
		if (take().len == 0) {                                                                            \
			close_ring(&(ring));                                                                      \
			UNIT_SKIP(STR("built without CONFIG_RING_TRACE"));                                        \
		}                                                                                                 \
	} while (0)

UNIT(a_ring_tells_of_each_once_in_order)
{
	struct io_uring ring;
	TELLING_RING_OR_SKIP(ring, 4);
	for (unsigned round = 0; round < 10; round++) { // more than the queues' length
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), 1), 0);
		CHECK_EQUAL(ring_push(&ring, sqe_linked(sqe_nop()), 2), 0);
		CHECK_EQUAL(ring_push(&ring, sqe_close(-1), 3), 0);
		TOLD("");
		CHECK_EQUAL(ring_submit(&ring, 3), 3);
		TOLD("-> nop token=1\n-> nop token=2 LINK\n-> close fd=-1 token=3\n"
		     "<- token=1 res=0\n<- token=2 res=0\n<- token=3 res=-9 EBADF\n");
		CHECK_POP(&ring, 1, 0);
		CHECK_POP(&ring, 2, 0);
		CHECK_POP(&ring, 3, -EBADF);
		CHECK_EMPTY(&ring);
		TOLD("");
	}
	close_ring(&ring);
	TOLD("");
}

UNIT(a_ring_tells_of_ring_do_between_others)
{
	struct io_uring ring;
	TELLING_RING_OR_SKIP(ring, 8);
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 1), 0);
	struct io_uring_cqe done;
	CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), 0);
	TOLD("-> nop token=1\n-> nop token=ring+0\n<- token=1 res=0\n<- token=ring+0 res=0\n");
	CHECK_POP(&ring, 1, 0);
	CHECK_EQUAL(ring_do(&ring, sqe_nop(), &done), 0);
	TOLD("-> nop token=ring+0\n<- token=ring+0 res=0\n");
	close_ring(&ring);
}

UNIT(a_ring_tells_of_overflow_once)
{
	struct io_uring ring;
	TELLING_RING_OR_SKIP(ring, 2, .cq_entries = 2);
	for (unsigned round = 0; round < 2; round++) {
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), 1), 0);
		CHECK_EQUAL(ring_push(&ring, sqe_nop(), 2), 0);
		CHECK_EQUAL(ring_submit(&ring, 0), 2);
	}
	TOLD("-> nop token=1\n-> nop token=2\n<- token=1 res=0\n<- token=2 res=0\n"
	     "-> nop token=1\n-> nop token=2\n!! overflow: completions wait behind a full queue\n");
	CHECK_POP(&ring, 1, 0);
	CHECK_POP(&ring, 2, 0);
	CHECK_POP(&ring, 1, 0);
	CHECK_POP(&ring, 2, 0);
	TOLD("<- token=1 res=0\n<- token=2 res=0\n");
	close_ring(&ring);
}

UNIT(a_ring_with_a_poller_tells_of_all)
{
	struct io_uring ring;
	TELLING_RING_OR_SKIP(ring, 8, .sqpoll = true);
	char path[] = "/proc/self/none";
	CHECK_EQUAL(ring_push(&ring, sqe_openat(AT_FDCWD, path, O_RDONLY, 0), 4), 0);
	CHECK_EQUAL(ring_submit(&ring, 1), 1);
	CHECK_POP(&ring, 4, -ENOENT);
	TOLD("-> openat dir=AT_FDCWD path=\"/proc/self/none\" mode=0 token=4\n<- token=4 res=-2 ENOENT\n");
	close_ring(&ring);
}

UNIT(a_ring_of_wide_entries_tells_of_each_once)
{
	struct io_uring ring;
	RING_OR_SKIP(ring, 4, .trace = keep, .trace_context = told, .sqe128 = true, .cqe32 = true);
	told_len = 0;
	for (unsigned round = 0; round < 5; round++) {
		CHECK_EQUAL(ring_push128(&ring, sqe_nop(), nullptr, 1), 0);
		CHECK_EQUAL(ring_push128(&ring, sqe_nop(), nullptr, 2), 0);
		CHECK_EQUAL(ring_submit(&ring, 2), 2);
		struct str lines = take();
		struct ring_cqe32 done;
		CHECK(ring_pop32(&ring, &done));
		CHECK(ring_pop32(&ring, &done));
		if (lines.len == 0) {
			close_ring(&ring);
			UNIT_SKIP(STR("built without CONFIG_RING_TRACE"));
		}
		CHECK_STR(lines, STR("-> nop token=1\n-> nop token=2\n<- token=1 res=0 more=0x0,0x0\n"
				     "<- token=2 res=0 more=0x0,0x0\n"));
		TOLD("");
	}
	close_ring(&ring);
}

UNIT(a_mixed_ring_tells_of_a_wide_completion_once)
{
	struct io_uring ring;
	struct ring_options options = {.trace = keep, .trace_context = told, .cqe_mixed = true, .cq_entries = 8};
	int error = ring_open(&ring, 4, options);
	if (error == -EINVAL)
		UNIT_SKIP(STR("CQE_MIXED, Linux 6.18"));
	if (error != 0)
		UNIT_SKIP(ring_explain(error));
	told_len = 0;
	struct io_uring_sqe wide = sqe_nop();
	wide.nop_flags = IORING_NOP_CQE32;
	CHECK_EQUAL(ring_push(&ring, wide, 1), 0);
	CHECK_EQUAL(ring_push(&ring, sqe_nop(), 2), 0);
	CHECK_EQUAL(ring_submit(&ring, 3), 2);
	struct str lines = take();
	struct ring_cqe32 done;
	CHECK(ring_pop32(&ring, &done));
	CHECK(ring_pop32(&ring, &done));
	close_ring(&ring);
	if (lines.len == 0)
		UNIT_SKIP(STR("built without CONFIG_RING_TRACE"));
	CHECK_STR(lines, STR("-> nop flags=0x20 token=1\n-> nop token=2\n<- token=1 res=0 32 more=0x0,0x0\n"
			     "<- token=2 res=0\n"));
}
