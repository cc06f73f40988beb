// ring/names.c: what the numbers and bits of io_uring are called.
//
// Each name lies in a place of one size, and its kernel beside it: a table without pointers needs no relocation. The
// assertions break the build when newer headers bring something that has no name here.
#include "ring/names.h"

#include <linux/io_uring.h>

#define NAME_BYTES 26

struct entry {
	char name[NAME_BYTES]; // ended by a NUL
	uint8_t major, minor;
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

// A table ends with the bit of `flag`: the last one that the headers have.
#define ENDS_WITH(table, flag) \
	static_assert(1ull << (COUNT(table) - 1) == (flag), "a flag of the headers has no name here")

static struct ring_name look_up(const struct entry *table, size_t count, unsigned at)
{
	if (at >= count)
		return (struct ring_name){0};
	const struct entry *entry = &table[at];
	size_t len = 0;
	while (entry->name[len] != 0)
		len++;
	if (len == 0)
		return (struct ring_name){0};
	return (struct ring_name){{entry->name, len}, entry->major, entry->minor};
}

#define LOOK_UP(table, at) look_up(table, COUNT(table), at)

// clang-format off
static const struct entry operations[] = {
	{"nop", 5, 1}, {"readv", 5, 1}, {"writev", 5, 1}, {"fsync", 5, 1}, {"read_fixed", 5, 1},
	{"write_fixed", 5, 1}, {"poll_add", 5, 1}, {"poll_remove", 5, 1}, {"sync_file_range", 5, 2},
	{"sendmsg", 5, 3}, {"recvmsg", 5, 3}, {"timeout", 5, 4}, {"timeout_remove", 5, 5}, {"accept", 5, 5},
	{"async_cancel", 5, 5}, {"link_timeout", 5, 5}, {"connect", 5, 5}, {"fallocate", 5, 6}, {"openat", 5, 6},
	{"close", 5, 6}, {"files_update", 5, 6}, {"statx", 5, 6}, {"read", 5, 6}, {"write", 5, 6}, {"fadvise", 5, 6},
	{"madvise", 5, 6}, {"send", 5, 6}, {"recv", 5, 6}, {"openat2", 5, 6}, {"epoll_ctl", 5, 6}, {"splice", 5, 7},
	{"provide_buffers", 5, 7}, {"remove_buffers", 5, 7}, {"tee", 5, 8}, {"shutdown", 5, 11}, {"renameat", 5, 11},
	{"unlinkat", 5, 11}, {"mkdirat", 5, 15}, {"symlinkat", 5, 15}, {"linkat", 5, 15}, {"msg_ring", 5, 18},
	{"fsetxattr", 5, 19}, {"setxattr", 5, 19}, {"fgetxattr", 5, 19}, {"getxattr", 5, 19}, {"socket", 5, 19},
	{"uring_cmd", 5, 19}, {"send_zc", 6, 0}, {"sendmsg_zc", 6, 1}, {"read_multishot", 6, 7}, {"waitid", 6, 7},
	{"futex_wait", 6, 7}, {"futex_wake", 6, 7}, {"futex_waitv", 6, 7}, {"fixed_fd_install", 6, 8},
	{"ftruncate", 6, 9}, {"bind", 6, 11}, {"listen", 6, 11}, {"recv_zc", 6, 15}, {"epoll_wait", 6, 15},
	{"readv_fixed", 6, 15}, {"writev_fixed", 6, 15}, {"pipe", 6, 16}, {"nop128", 6, 19}, {"uring_cmd128", 6, 19},
};
// clang-format on
static_assert(COUNT(operations) == IORING_OP_LAST, "an operation of the headers has no name here");

struct ring_name ring_operation_name(unsigned opcode)
{
	return LOOK_UP(operations, opcode);
}

// clang-format off
static const struct entry registers[] = {
	{"register_buffers", 5, 1}, {"unregister_buffers", 5, 1}, {"register_files", 5, 1},
	{"unregister_files", 5, 1}, {"register_eventfd", 5, 2}, {"unregister_eventfd", 5, 2},
	{"register_files_update", 5, 5}, {"register_eventfd_async", 5, 6}, {"register_probe", 5, 6},
	{"register_personality", 5, 6}, {"unregister_personality", 5, 6}, {"register_restrictions", 5, 10},
	{"register_enable_rings", 5, 10}, {"register_files2", 5, 13}, {"register_files_update2", 5, 13},
	{"register_buffers2", 5, 13}, {"register_buffers_update", 5, 13}, {"register_iowq_aff", 5, 14},
	{"unregister_iowq_aff", 5, 14}, {"register_iowq_max_workers", 5, 15}, {"register_ring_fds", 5, 18},
	{"unregister_ring_fds", 5, 18}, {"register_pbuf_ring", 5, 19}, {"unregister_pbuf_ring", 5, 19},
	{"register_sync_cancel", 6, 0}, {"register_file_alloc_range", 6, 0}, {"register_pbuf_status", 6, 8},
	{"register_napi", 6, 9}, {"unregister_napi", 6, 9}, {"register_clock", 6, 12},
	{"register_clone_buffers", 6, 12}, {"register_send_msg_ring", 6, 13}, {"register_zcrx_ifq", 6, 15},
	{"register_resize_rings", 6, 13}, {"register_mem_region", 6, 13}, {"register_query", 6, 18},
	{"register_zcrx_ctrl", 6, 19},
};
// clang-format on
static_assert(COUNT(registers) == IORING_REGISTER_LAST, "a registration of the headers has no name here");

struct ring_name ring_register_name(unsigned opcode)
{
	return LOOK_UP(registers, opcode);
}

// clang-format off
static const struct entry sqe_flags[] = {
	{"FIXED_FILE", 5, 1}, {"DRAIN", 5, 2}, {"LINK", 5, 3}, {"HARDLINK", 5, 5}, {"ASYNC", 5, 6},
	{"BUFFER_SELECT", 5, 7}, {"SKIP_SUCCESS", 5, 17},
};
// clang-format on
ENDS_WITH(sqe_flags, IOSQE_CQE_SKIP_SUCCESS);

struct ring_name ring_sqe_flag_name(unsigned bit)
{
	return LOOK_UP(sqe_flags, bit);
}

// clang-format off
static const struct entry cqe_flags[] = {
	{"BUFFER", 5, 7}, {"MORE", 5, 13}, {"SOCK_NONEMPTY", 5, 19}, {"NOTIF", 6, 0}, {"BUF_MORE", 6, 12},
	{"SKIP", 6, 18}, [15] = {"32", 6, 18},
};
// clang-format on
ENDS_WITH(cqe_flags, IORING_CQE_F_32);

struct ring_name ring_cqe_flag_name(unsigned bit)
{
	return LOOK_UP(cqe_flags, bit);
}

// clang-format off
static const struct entry setup_flags[] = {
	{"IOPOLL", 5, 1}, {"SQPOLL", 5, 1}, {"SQ_AFF", 5, 1}, {"CQSIZE", 5, 5}, {"CLAMP", 5, 6}, {"ATTACH_WQ", 5, 6},
	{"R_DISABLED", 5, 10}, {"SUBMIT_ALL", 5, 18}, {"COOP_TASKRUN", 5, 19}, {"TASKRUN_FLAG", 5, 19},
	{"SQE128", 5, 19}, {"CQE32", 5, 19}, {"SINGLE_ISSUER", 6, 0}, {"DEFER_TASKRUN", 6, 1}, {"NO_MMAP", 6, 5},
	{"REGISTERED_FD_ONLY", 6, 5}, {"NO_SQARRAY", 6, 6}, {"HYBRID_IOPOLL", 6, 13}, {"CQE_MIXED", 6, 18},
	{"SQE_MIXED", 6, 19},
};
// clang-format on
ENDS_WITH(setup_flags, IORING_SETUP_SQE_MIXED);

struct ring_name ring_setup_flag_name(unsigned bit)
{
	return LOOK_UP(setup_flags, bit);
}

// clang-format off
static const struct entry enter_flags[] = {
	{"GETEVENTS", 5, 1}, {"SQ_WAKEUP", 5, 1}, {"SQ_WAIT", 5, 10}, {"EXT_ARG", 5, 11}, {"REGISTERED_RING", 5, 18},
	{"ABS_TIMER", 6, 12}, {"EXT_ARG_REG", 6, 13}, {"NO_IOWAIT", 6, 15},
};
// clang-format on
ENDS_WITH(enter_flags, IORING_ENTER_NO_IOWAIT);

struct ring_name ring_enter_flag_name(unsigned bit)
{
	return LOOK_UP(enter_flags, bit);
}

// clang-format off
static const struct entry features[] = {
	{"SINGLE_MMAP", 5, 4}, {"NODROP", 5, 5}, {"SUBMIT_STABLE", 5, 5}, {"RW_CUR_POS", 5, 6},
	{"CUR_PERSONALITY", 5, 6}, {"FAST_POLL", 5, 7}, {"POLL_32BITS", 5, 9}, {"SQPOLL_NONFIXED", 5, 11},
	{"EXT_ARG", 5, 11}, {"NATIVE_WORKERS", 5, 12}, {"RSRC_TAGS", 5, 13}, {"CQE_SKIP", 5, 17},
	{"LINKED_FILE", 5, 17}, {"REG_REG_RING", 6, 3}, {"RECVSEND_BUNDLE", 6, 10}, {"MIN_TIMEOUT", 6, 12},
	{"RW_ATTR", 6, 14}, {"NO_IOWAIT", 6, 15},
};
// clang-format on
ENDS_WITH(features, IORING_FEAT_NO_IOWAIT);

struct ring_name ring_feature_name(unsigned bit)
{
	return LOOK_UP(features, bit);
}
