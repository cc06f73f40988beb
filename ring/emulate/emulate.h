// ring/emulate/emulate.h: what the kernel does behind io_uring_enter(2), done in user space: the picture, and who does what.
//
// The queues are the same memory as ever, and this is a second consumer of it. A request is born from an entry and dies as a
// completion; in between it is in exactly one place:
//
//	 sq ring        submit.c            run.c                 complete.c         cq ring
//	[ entry ] --> checked, copied --> its function runs --> its end is told --> [ completion ]
//	                |                    |        ^              |    |
//	                | linked behind      | not    | tried        |    +-> queue full: kept in `overflow` until there is room
//	                | another: `chain`   | ready  | again        +------> its successor in the chain goes to `ready`
//	                | drained: `deferred`v        |
//	                |                 waits for a descriptor (watch.c) or for a time (timeout.c)
//	                                     |
//	                                     +--> canceled (cancel.c): ends with -ECANCELED
//
// What files do, runs in place. What poll(2) can watch (sockets, pipes, terminals, processes) is tried without blocking and
// else watched by one epoll, whose descriptor is the ring's. A descriptor that the program handed over keeps its flags:
// O_NONBLOCK belongs to the open file, which others may share. So sockets are asked with MSG_DONTWAIT, the rest with
// RWF_NOWAIT or after a poll.
//
// Nothing happens by itself: there is no other thread. While anything waits, IORING_SQ_TASKRUN is set, so that whoever looks
// for a completion and finds none comes in and lets it happen. That is what a ring of the kernel's with DEFER_TASKRUN does.
//
// All tables (tables.h) lie in `state`, sized from the entries by layout(). Full means: enter takes nothing and returns -EBUSY.
//
// What falls short of the kernel:
// - A request holds its descriptor by its number. Closing it through the ring keeps the file for those that wait on it; closing
//   it by close(2) beneath them lets them wait until they are canceled.
// - A signal that comes inside enter before it sleeps interrupts nothing, unless it is let in by the mask of the wait.
// - accept(2) blocks if another process took the connection between the poll and the call; a terminal that is stopped blocks
//   a write; splice(2) may block in the middle on a socket that is nearly full. A connect(2) may take one tick.
// - Reading or writing disks keeps everything else waiting.
// - With IORING_SETUP_SINGLE_ISSUER no other thread may come in at all, not even to wait: whoever waits does the work here.
// - A message goes to a ring with IORING_SETUP_SINGLE_ISSUER whose issuer sends it (rings.c); to any other it is -EOPNOTSUPP.
// - There is no IORING_OP_FUTEX_WAIT: a futex has no descriptor, so nothing tells both of its wake and of all else, but a thread
//   more. So there is no _WAITV, and no _WAKE, which would wake nobody who waits in a ring. [futex(2)]
// - A ring of descriptors cannot be the emulation's own (IOU_PBUF_RING_MMAP): it is mmap(2) of the ring's descriptor that would
//   have to find it, and that is an epoll.
// - A send without copying (IORING_OP_SEND_ZC) copies; its notice follows at once, and says so if it is asked.
#pragma once

#include <limits.h>
#include <linux/io_uring.h>

#include "arch/sys.h"
#include "ring/atomic.h"
#include "ring/emulate/tables.h"
#include "ring/engine.h"

// What a function of an operation returns, beside its result: it is in the list where it waits.
#define WAITS INT_MIN

// lists (complete.c)
void ring_emu_list_add(struct list *list, struct request *request);
void ring_emu_list_remove(struct request *request);

// complete.c
[[nodiscard]] struct request *ring_emu_request_new(struct emulation *e);
void ring_emu_request_complete(struct emulation *e, struct request *request, int result);
// One of several completions; false: there is no room, try again from `held`.
[[nodiscard]] bool ring_emu_request_post_more(struct emulation *e, struct request *request, int result, uint32_t flags);
[[nodiscard]] bool ring_emu_has_room(const struct emulation *e);
[[nodiscard]] int ring_emu_post_alone(struct emulation *e, uint64_t token, int result, uint32_t flags);
void ring_emu_flush_overflow(struct emulation *e);
void ring_emu_start_deferred(struct emulation *e);

// submit.c
[[nodiscard]] int ring_emu_submit(struct emulation *e, unsigned count);

// keep.c
[[nodiscard]] int ring_emu_keep(struct emulation *e, struct request *request);
void ring_emu_keep_chain(struct emulation *e, struct request *request);
void ring_emu_forget(struct emulation *e, struct request *request);

// run.c
[[nodiscard]] int ring_emu_check(const struct emulation *e, struct request *request);
void ring_emu_run(struct emulation *e, struct request *request);
void ring_emu_run_ready(struct emulation *e);
[[nodiscard]] bool ring_emu_has_operation(unsigned opcode);
[[nodiscard]] bool ring_emu_fails_softly(unsigned opcode); // its chain goes on though it failed

// watch.c
[[nodiscard]] int ring_emu_wait_for(struct emulation *e, struct request *request, int fd, uint32_t events);
// For accepts, of which many may wait for one listener: who has looked in vain says so; until the next turn the descriptor is the same
// file's and epoll tells of whoever comes, so the others need not look. False: nobody has said so.
[[nodiscard]] int ring_emu_wait_in_vain(struct emulation *e, struct request *request);
[[nodiscard]] bool ring_emu_wait_beside(struct emulation *e, struct request *request);
void ring_emu_watch_forget(struct emulation *e, int fd);              // a file that was just opened
[[nodiscard]] int ring_emu_can_wait_for(struct emulation *e, int fd); // -EPERM: it is a file that is always ready
[[nodiscard]] uint64_t ring_emu_watch_leave(struct emulation *e, struct request *request);
void ring_emu_watch_keep(struct emulation *e, int fd);
bool ring_emu_watch_adopt(struct emulation *e, int fd, uint64_t tag);
[[nodiscard]] int ring_emu_watch_edges(struct emulation *e, struct request *request, uint32_t events);
[[nodiscard]] int ring_emu_harvest(struct emulation *e, int fd);
[[nodiscard]] int ring_emu_sleep_until(struct emulation *e, int64_t timeout_ns, const uint64_t *mask);
[[nodiscard]] int ring_emu_poll_now(int fd, uint32_t events); // the events that are there; 0: none
[[nodiscard]] int ring_emu_dup_of(int fd);

// timeout.c
[[nodiscard]] int64_t ring_emu_now_ns(unsigned clock);
[[nodiscard]] int64_t ring_emu_sum_ns(int64_t left, int64_t right);
[[nodiscard]] int64_t ring_emu_ns_of(uint64_t addr); // of a struct __kernel_timespec; -EFAULT, -EINVAL
[[nodiscard]] int ring_emu_timeout_check(const struct emulation *e, struct request *request);
void ring_emu_timer_start(struct emulation *e, struct request *of);
void ring_emu_timeouts_expire(struct emulation *e);
void ring_emu_timeouts_count(struct emulation *e);
[[nodiscard]] int64_t ring_emu_next_timeout_ns(const struct emulation *e); // from now; -1: none
int ring_op_timeout(struct emulation *e, struct request *request);
int ring_op_timeout_remove(struct emulation *e, struct request *request);

// cancel.c
struct cancel {
	uint32_t flags; // IORING_ASYNC_CANCEL_*
	uint64_t token;
	int fd;
	uint8_t opcode;
};
[[nodiscard]] bool ring_emu_cancel_is_valid(uint32_t flags);
[[nodiscard]] int ring_emu_cancel_matching(struct emulation *e, struct cancel cancel);
void ring_emu_cancel_request(struct emulation *e, struct request *request);
[[nodiscard]] int ring_emu_cancel_sync(struct emulation *e, void *arg, unsigned count);
int ring_op_cancel(struct emulation *e, struct request *request);

// buffers.c
[[nodiscard]] int ring_emu_buffer_pick(struct emulation *e, unsigned bgid, uint32_t limit, struct iovec *pieces,
				       unsigned most, struct picked *picked);
[[nodiscard]] uint32_t ring_emu_buffer_take(struct emulation *e, const struct picked *picked,
					    uint32_t used); // its cflags
[[nodiscard]] int ring_emu_group_register(struct emulation *e, struct io_uring_buf_reg *reg);
[[nodiscard]] int ring_emu_group_unregister(struct emulation *e, const struct io_uring_buf_reg *reg);
[[nodiscard]] int ring_emu_group_status(struct emulation *e, struct io_uring_buf_status *status);
int ring_op_provide_buffers(struct emulation *e, struct request *request);
int ring_op_remove_buffers(struct emulation *e, struct request *request);

// fixed_files.c
[[nodiscard]] int ring_emu_file_at(const struct emulation *e, unsigned index); // its descriptor, or -EBADF
[[nodiscard]] int ring_emu_file_install(struct emulation *e, unsigned slot, int fd);
[[nodiscard]] int ring_emu_file_given(struct emulation *e, struct request *request,
				      int fd); // what it opened goes where it wants it
[[nodiscard]] int ring_emu_file_close(struct emulation *e, unsigned slot);
[[nodiscard]] int ring_emu_registers_files(struct emulation *e, unsigned opcode, void *arg, unsigned count);
void ring_emu_files_close(struct emulation *e);
int ring_op_files_update(struct emulation *e, struct request *request);
int ring_op_fixed_fd_install(struct emulation *e, struct request *request);

// fixed_buffers.c
[[nodiscard]] int ring_emu_fixed_bytes(const struct emulation *e, unsigned index, uint64_t addr, uint64_t len);
[[nodiscard]] bool ring_emu_is_tagged_register(const struct io_uring_rsrc_register *reg, unsigned size);
[[nodiscard]] bool ring_emu_is_tagged_update(const struct io_uring_rsrc_update2 *up, unsigned size);
[[nodiscard]] int ring_emu_registers_buffers(struct emulation *e, unsigned opcode, void *arg, unsigned count);

// registers.c
[[nodiscard]] int ring_emu_registers(void *state, int fd, unsigned opcode, void *arg, unsigned count);
void ring_emu_settle(struct emulation *e);
[[nodiscard]] bool ring_emu_is_foreign(const struct emulation *e); // another thread's than that which may come in
[[nodiscard]] bool ring_emu_is_allowed(const struct emulation *e, const struct io_uring_sqe *sqe);

// rings.c
void ring_emu_enroll(struct emulation *e);
void ring_emu_strike(const struct emulation *e);
[[nodiscard]] struct emulation *ring_emu_find_ring(int fd); // null: not emulated, or another thread's, or perhaps so

// enter.c
[[nodiscard]] int ring_emu_enter(void *state, int fd, unsigned to_submit, unsigned min_complete, unsigned flags,
				 const void *arg, size_t size);
void ring_emu_work(struct emulation *e);
void ring_emu_tell(struct emulation *e); // the flags, and the eventfd

// transfers.c
int ring_op_read(struct emulation *e, struct request *request);
int ring_op_read_multishot(struct emulation *e, struct request *request);
int ring_op_write(struct emulation *e, struct request *request);

// files.c
int ring_op_fsync(struct emulation *e, struct request *request);
int ring_op_sync_file_range(struct emulation *e, struct request *request);
int ring_op_fallocate(struct emulation *e, struct request *request);
int ring_op_fadvise(struct emulation *e, struct request *request);
int ring_op_madvise(struct emulation *e, struct request *request);
int ring_op_ftruncate(struct emulation *e, struct request *request);
int ring_op_close(struct emulation *e, struct request *request);

// pipes.c
int ring_op_splice(struct emulation *e, struct request *request);
int ring_op_pipe(struct emulation *e, struct request *request);

// paths.c
int ring_op_openat(struct emulation *e, struct request *request);
int ring_op_openat2(struct emulation *e, struct request *request);
int ring_op_statx(struct emulation *e, struct request *request);
int ring_op_renameat(struct emulation *e, struct request *request);
int ring_op_unlinkat(struct emulation *e, struct request *request);
int ring_op_mkdirat(struct emulation *e, struct request *request);
int ring_op_symlinkat(struct emulation *e, struct request *request);
int ring_op_linkat(struct emulation *e, struct request *request);
int ring_op_fsetxattr(struct emulation *e, struct request *request);
int ring_op_setxattr(struct emulation *e, struct request *request);
int ring_op_fgetxattr(struct emulation *e, struct request *request);
int ring_op_getxattr(struct emulation *e, struct request *request);

// sockets.c
int ring_op_socket(struct emulation *e, struct request *request);
int ring_op_bind(struct emulation *e, struct request *request);
int ring_op_listen(struct emulation *e, struct request *request);
int ring_op_connect(struct emulation *e, struct request *request);
int ring_op_accept(struct emulation *e, struct request *request);
int ring_op_shutdown(struct emulation *e, struct request *request);

// messages.c
typedef long transfer_attempt(struct request *request);
[[nodiscard]] bool ring_emu_polls_first(struct request *request);
// The result of a transfer that may go on until `wanted` bytes have moved, or WAITS.
[[nodiscard]] int ring_emu_transfer_all(struct emulation *e, struct request *request, transfer_attempt *try_once,
					uint64_t wanted, uint32_t events);
[[nodiscard]] struct msghdr ring_emu_rest_of(const struct msghdr *message, size_t done, struct iovec rest[PIECES_MAX]);
[[nodiscard]] uint64_t ring_emu_bytes_of(const struct msghdr *message);
[[nodiscard]] struct msghdr *ring_emu_message_of(const struct request *request);

// sends.c
int ring_op_send(struct emulation *e, struct request *request);
int ring_op_sendmsg(struct emulation *e, struct request *request);
int ring_op_send_zc(struct emulation *e, struct request *request);

// receives.c
int ring_op_recv(struct emulation *e, struct request *request);
int ring_op_recvmsg(struct emulation *e, struct request *request);

// events.c
int ring_op_nop(struct emulation *e, struct request *request);
int ring_op_poll(struct emulation *e, struct request *request);
int ring_op_poll_remove(struct emulation *e, struct request *request);
int ring_op_waitid(struct emulation *e, struct request *request);
int ring_op_msg_ring(struct emulation *e, struct request *request);
int ring_op_epoll_ctl(struct emulation *e, struct request *request);
int ring_op_epoll_wait(struct emulation *e, struct request *request);
