// tests/unit/ring_random_run.h: a random program on a real ring, whichever engine is below it.
//
// How many completions a wait is to bring is known from the model. If they do not come, the wait ends all the same.
#pragma once

#include <linux/memfd.h>

#include "ring/register.h"
#include "tests/unit/ring_random_model.h"
#include "tests/unit/ring_unit.h"

#define PAGE_MAX 65536
#define NS_PER_MS 1000000

static struct {
	struct io_uring ring;
	int fds[ENDS];
	int full_bytes; // of the pipe that is full
	const struct program *program;
	struct outcome *outcome;
	unsigned segment;
	bool has_silent;
	int64_t wait_ns_max;
	uint8_t source[ID_MAX + 1][BYTES_MAX];
	uint8_t page[PAGE_MAX];
} run;

static const struct __kernel_timespec run_never = {.tv_sec = 3600}, run_soon = {.tv_nsec = 50000};

static inline void break_run(struct str why)
{
	if (run.outcome->broken.len == 0)
		run.outcome->broken = why;
}

static inline bool uses(const struct program *program, unsigned first, unsigned last)
{
	for (unsigned i = 0; i < program->count; i++) {
		if (has_end(&program->steps[i]) && program->steps[i].end >= first && program->steps[i].end <= last)
			return true;
	}
	return false;
}

static inline void make_two(unsigned first, long result, const int *fds)
{
	if (!CHECK_EQUAL(result, 0))
		return;
	run.fds[first] = fds[0];
	run.fds[first + 1] = fds[1];
}

// A file that is on no disk, since an fsync there takes as long as others write; where a kernel is built without such, one in /tmp.
static inline int make_memory_file(void)
{
	int fd = (int)syscall6(__NR_memfd_create, (long)"random", MFD_CLOEXEC, 0, 0, 0, 0);
	return fd == -ENOSYS ? sys_openat(AT_FDCWD, "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : fd;
}

static inline void make_objects(const struct program *program)
{
	for (unsigned i = 0; i < ENDS; i++)
		run.fds[i] = -1;
	int fds[2];
	for (unsigned pipe = P_READ; pipe <= FULL_READ; pipe += 2) {
		if (uses(program, pipe, pipe + 1))
			make_two(pipe, syscall6(__NR_pipe2, (long)fds, O_CLOEXEC, 0, 0, 0, 0), fds);
	}
	if (run.fds[FULL_READ] >= 0) {
		run.full_bytes =
			(int)sys_fcntl(run.fds[FULL_WRITE], F_SETPIPE_SZ, 4096); // or a page, where that is more
		CHECK(run.full_bytes > 0 && run.full_bytes <= PAGE_MAX);
		CHECK_EQUAL(sys_write(run.fds[FULL_WRITE], run.page, (size_t)run.full_bytes), run.full_bytes);
	}
	for (unsigned pair = S_LEFT; pair <= D_LEFT; pair += 2) {
		int type = pair == S_LEFT ? SOCK_STREAM : SOCK_DGRAM;
		if (uses(program, pair, pair + 1))
			make_two(pair, syscall6(__NR_socketpair, AF_UNIX, type | SOCK_CLOEXEC, 0, (long)fds, 0, 0),
				 fds);
	}
	if (uses(program, FILE_END, FILE_END)) {
		run.fds[FILE_END] = make_memory_file();
		uint8_t bytes[FILE_BYTES];
		for (unsigned i = 0; i < FILE_BYTES; i++)
			bytes[i] = byte_of(0, i);
		CHECK_EQUAL(sys_write(run.fds[FILE_END], bytes, FILE_BYTES), FILE_BYTES);
		CHECK_EQUAL(sys_lseek(run.fds[FILE_END], 0, SEEK_SET), 0);
	}
}

// What the objects hold when all is over. Nothing here can wait.
static inline void look_at_objects(void)
{
	struct outcome *outcome = run.outcome;
	for (unsigned end = 0; end < ENDS; end++) {
		if (run.fds[end] >= 0 && sys_fcntl(run.fds[end], F_GETFD, 0) == -EBADF) {
			outcome->is_closed[end] = true;
			run.fds[end] = -1;
		}
	}
	for (unsigned end = 0; end < ENDS; end++) {
		if (reads_from[end] == NO_STREAM || run.fds[end] < 0 || end == FULL_READ)
			continue;
		uint8_t *left = outcome->left[end], lengths[ID_MAX + 1];
		unsigned count = 0, messages = 0;
		struct pollfd readable = {.fd = run.fds[end], .events = POLLIN};
		struct __kernel_timespec now = {};
		while (count < STREAM_BYTES - BYTES_MAX && sys_ppoll(&readable, 1, &now, nullptr) == 1 &&
		       (readable.revents & POLLIN) != 0) {
			long got = sys_read(run.fds[end], left + count,
					    is_datagram(end) ? BYTES_MAX : STREAM_BYTES - BYTES_MAX - count);
			if (got <= 0)
				break;
			count += (unsigned)got;
			if (is_datagram(end) && messages < ID_MAX)
				lengths[messages++] = (uint8_t)got;
		}
		for (unsigned i = 0; i < messages; i++)
			left[count++] = lengths[i];
		outcome->left_count[end] = count;
	}
	if (run.fds[FILE_END] >= 0) {
		outcome->file_at = (unsigned)sys_lseek(run.fds[FILE_END], 0, SEEK_CUR);
		CHECK_EQUAL(sys_lseek(run.fds[FILE_END], 0, SEEK_SET), 0);
		long size = sys_read(run.fds[FILE_END], outcome->file, FILE_MAX);
		outcome->file_size = size < 0 ? UINT32_MAX : (unsigned)size;
	}
}

static inline void close_objects(void)
{
	for (unsigned i = 0; i < ENDS; i++) {
		if (run.fds[i] >= 0)
			close_fd(run.fds[i]);
	}
}

static inline struct span memory_of(const struct step *step)
{
	if (step->end == FULL_READ)
		return (struct span){run.page, (size_t)run.full_bytes};
	return (struct span){run.outcome->memory[step->id], step->len};
}

static inline struct str source_of(const struct step *step)
{
	for (unsigned i = 0; i < step->len; i++)
		run.source[step->id][i] = byte_of(step->id, i);
	return (struct str){(const char *)run.source[step->id], step->len};
}

static inline struct io_uring_sqe entry_of(const struct step *step)
{
	int fd = has_end(step) ? run.fds[step->end] : -1;
	uint64_t offset = step->end != FILE_END || step->offset == AT_POSITION ? SQE_AT_POSITION : step->offset;
	const struct __kernel_timespec *limit = step->is_short ? &run_soon : &run_never;
	struct io_uring_sqe sqe;
	switch (step->verb) {
	case READ:
		return sqe_read(fd, memory_of(step), offset);
	case WRITE:
		return sqe_write(fd, source_of(step), offset);
	case RECV:
		return sqe_recv(fd, memory_of(step), step->is_whole ? MSG_WAITALL : 0);
	case SEND:
		return sqe_send(fd, source_of(step), MSG_NOSIGNAL);
	case BAD:
		return sqe_read(-1, memory_of(step), 0);
	case FSYNC:
		return sqe_of(IORING_OP_FSYNC, fd, nullptr, 0, 0);
	case POLL:
		return sqe_poll(fd, step->events);
	case TIMEOUT:
		return sqe_timeout(limit, step->count, step->is_success ? IORING_TIMEOUT_ETIME_SUCCESS : 0);
	case LINK_TIMEOUT:
		return sqe_of(IORING_OP_LINK_TIMEOUT, -1, limit, 1, 0);
	case SHUTDOWN:
		return sqe_shutdown(fd, SHUT_WR);
	case CLOSE:
		return sqe_close(fd);
	case CANCEL:
		sqe = sqe_cancel(step->target);
		break;
	case CANCEL_FD:
		sqe = sqe_of(IORING_OP_ASYNC_CANCEL, fd, nullptr, 0, 0);
		sqe.cancel_flags = IORING_ASYNC_CANCEL_FD;
		break;
	case CANCEL_ANY:
		sqe = sqe_of(IORING_OP_ASYNC_CANCEL, -1, nullptr, 0, 0);
		sqe.cancel_flags = IORING_ASYNC_CANCEL_ANY;
		break;
	case POLL_REMOVE:
		sqe = sqe_of(IORING_OP_POLL_REMOVE, -1, nullptr, 0, 0);
		sqe.addr = step->target;
		return sqe;
	case TIMEOUT_REMOVE:
		sqe = sqe_of(IORING_OP_TIMEOUT_REMOVE, -1, nullptr, 0, 0);
		sqe.addr = step->target;
		return sqe;
	case TIMEOUT_UPDATE:
		sqe = sqe_of(IORING_OP_TIMEOUT_REMOVE, -1, nullptr, 0, (uintptr_t)limit);
		sqe.addr = step->target;
		sqe.timeout_flags = IORING_TIMEOUT_UPDATE;
		return sqe;
	default:
		return sqe_nop();
	}
	if (step->is_all)
		sqe.cancel_flags |= IORING_ASYNC_CANCEL_ALL;
	return sqe;
}

static inline struct io_uring_sqe complete_entry_of(const struct step *step)
{
	struct io_uring_sqe sqe = entry_of(step);
	sqe.flags |= step->flags;
	if (!step->is_fixed)
		return sqe;
	sqe.fd = step->end; // the table has all of them
	return sqe_fixed_file(sqe);
}

static inline void note(uint64_t token, int32_t res, uint32_t flags)
{
	struct outcome *outcome = run.outcome;
	if (outcome->count == SEEN_MAX || token == 0 || token > ID_MAX) {
		break_run(STR("a completion with a token that nobody pushed, or far too many"));
		return;
	}
	for (unsigned i = 0; i < run.program->count; i++) {
		const struct step *step = &run.program->steps[i];
		if (step->id != token || step->what > DO)
			continue;
		if (step->end == FULL_READ && res == run.full_bytes)
			res = step->len; // as if a page had 4096 bytes everywhere
		// The kernel tells of this one unasked. [Linux io_uring/poll.c, IO_POLL_UNMASK]
		if (step->verb == POLL && res > 0)
			res &= ~POLLRDHUP;
	}
	outcome->seen[outcome->count++] = (struct seen){
		.segment = (uint8_t)run.segment, .id = (uint8_t)token, .res = res, .flags = flags & IORING_CQE_F_MORE};
	outcome->has_ended[token] |= (flags & IORING_CQE_F_MORE) == 0;
}

static inline bool pop_one(struct ring_cqe *done)
{
	struct io_uring_cqe one;
	if (!ring_pop(&run.ring, &one))
		return false;
	*done = (struct ring_cqe){.user_data = one.user_data, .res = one.res, .flags = one.flags};
	return true;
}

// Half of the programs pop one by one, half pop many at once.
static inline void pop_all(void)
{
	struct ring_cqe done[8];
	bool is_many = run.program->ids % 2 == 0;
	unsigned count;
	do {
		count = is_many ? ring_pop_many(&run.ring, done, 8) : pop_one(done);
		for (unsigned i = 0; i < count; i++)
			note(done[i].user_data, done[i].res, done[i].flags);
	} while (count > 0);
}

static inline void submit_pushed(void)
{
	unsigned pushed = run.ring.sq.ring_entries - ring_space(&run.ring);
	if (pushed == 0)
		return;
	int taken = ring_submit(&run.ring, 0);
	for (unsigned tries = 0; tries < 100 && (taken == -EINTR || taken == -EBUSY); tries++) {
		if (taken == -EBUSY)
			pop_all();
		taken = ring_submit(&run.ring, 0);
	}
	if (taken != (int)pushed)
		break_run(STR("a submit that did not take all that was pushed"));
}

static inline void settle(unsigned wanted)
{
	submit_pushed();
	int64_t deadline = 0;
	for (;;) {
		unsigned have = 0;
		pop_all();
		for (unsigned i = 0; i < run.outcome->count; i++)
			have += run.outcome->seen[i].segment == run.segment;
		if (have >= wanted || run.outcome->broken.len != 0)
			break;
		int64_t now = monotonic_ns();
		deadline = deadline == 0 ? now + run.wait_ns_max : deadline;
		if (now >= deadline)
			break; // the comparison will tell
		int waited = ring_wait(&run.ring, 1, (struct ring_wait){.timeout_ns = deadline - now});
		if (waited < 0 && waited != -EINTR && waited != -ETIME && waited != -EBUSY)
			break_run(STR("a wait that failed"));
	}
	while (ring_flush_completions(&run.ring))
		pop_all();
	pop_all();
	if (run.has_silent) {
		// What says nothing is done at the latest when somebody has waited.
		(void)ring_wait(&run.ring, 1, (struct ring_wait){.timeout_ns = 1});
		pop_all();
	}
	run.outcome->per_segment[run.segment] = 0;
	for (unsigned i = 0; i < run.outcome->count; i++)
		run.outcome->per_segment[run.segment] += run.outcome->seen[i].segment == run.segment;
	run.outcome->segments = ++run.segment;
}

static inline void make_step(const struct step *step, const struct outcome *expected)
{
	struct io_uring_cqe done = {};
	struct io_uring_sqe sqe;
	switch (step->what) {
	case PUSH:
		sqe = complete_entry_of(step);
		if (ring_push(&run.ring, sqe, step->id) != 0)
			break_run(STR("a push that was refused"));
		break;
	case DO:
		sqe = complete_entry_of(step);
		if (ring_do(&run.ring, sqe, &done) != 0)
			break_run(STR("a ring_do that was refused"));
		else
			note(step->id, done.res, done.flags);
		break;
	case SUBMIT:
		submit_pushed();
		break;
	case SETTLE:
		settle(expected->per_segment[run.segment]);
		break;
	case OUTSIDE_WRITE: {
		struct str from = source_of(step);
		(void)sys_write(run.fds[step->end], from.ptr, from.len);
		break;
	}
	case OUTSIDE_CLOSE:
		close_fd(run.fds[step->end]);
		run.fds[step->end] = -1;
		run.outcome->is_closed[step->end] = true;
		break;
	}
}

// Order that is promised: in a chain one after another, and on both sides of a drain. What was taken out of the middle
// (ring_do) has no place any more.

static inline int place_of(const struct outcome *outcome, unsigned id, bool last)
{
	int place = -1;
	for (unsigned i = 0; i < outcome->count && (last || place < 0); i++) {
		if (outcome->seen[i].id == id)
			place = (int)i;
	}
	return place;
}

static inline void check_order(const struct program *program, const struct outcome *outcome)
{
	const struct step *before = nullptr, *drain = nullptr;
	unsigned newest = 0; // place of the last completion of what was pushed so far
	bool known = false;
	for (unsigned i = 0; i < program->count; i++) {
		const struct step *step = &program->steps[i];
		if (step->what == SUBMIT || step->what == SETTLE)
			before = nullptr;
		if (step->what != PUSH)
			continue;
		int first = place_of(outcome, step->id, false), last = place_of(outcome, step->id, true);
		if (step->verb != LINK_TIMEOUT) {
			int other = before != nullptr ? place_of(outcome, before->id, true) : -1;
			if (other >= 0 && first >= 0 && first < other)
				break_run(STR("a chain whose completions are not in order"));
			int drained = drain != nullptr ? place_of(outcome, drain->id, true) : -1;
			if (drained >= 0 && first >= 0 && first < drained)
				break_run(STR("a completion that overtook a drain"));
			if ((step->flags & IOSQE_IO_DRAIN) != 0 && first >= 0 && known && (unsigned)first < newest)
				break_run(STR("a drain that did not wait"));
		}
		if (last >= 0 && (!known || (unsigned)last > newest)) {
			newest = (unsigned)last;
			known = true;
		}
		if ((step->flags & IOSQE_IO_DRAIN) != 0)
			drain = step;
		if (step->verb != LINK_TIMEOUT)
			before = is_linked(step) ? step : nullptr;
		else if (!is_linked(step))
			before = nullptr;
	}
}

// Runs a program and writes what came of it to `outcome`. Zero, or what ring_open says.
static inline int real_run(const struct program *program, const struct ring_engine *engine,
			   const struct outcome *expected, struct outcome *outcome)
{
	outcome_begin(outcome);
	run.program = program;
	run.outcome = outcome;
	run.segment = 0;
	run.has_silent = false;
	for (unsigned i = 0; i < program->count; i++)
		run.has_silent |= (program->steps[i].flags & IOSQE_CQE_SKIP_SUCCESS) != 0;
	struct ring_options options = ring_kinds[program->kind];
	options.engine = engine;
	options.close_ms = (unsigned)(run.wait_ns_max / NS_PER_MS);
	int lowest = make_dup(SYS_STDOUT);
	close_fd(lowest);
	int error = ring_open(&run.ring, program->entries, options);
	if (error != 0)
		return error;
	make_objects(program);
	for (unsigned i = 0; i < program->count; i++) {
		if (program->steps[i].is_fixed) {
			CHECK_EQUAL(ring_register_files(&run.ring, run.fds, nullptr, ENDS), 0);
			break;
		}
	}
	for (unsigned i = 0; i < program->count && outcome->broken.len == 0; i++)
		make_step(&program->steps[i], expected);
	if (outcome->broken.len == 0)
		settle(expected->per_segment[run.segment]);
	error = ring_close(&run.ring);
	if (error != 0)
		break_run(STR("a ring that does not close"));
	check_order(program, outcome);
	look_at_objects();
	close_objects();
	int lowest_after = make_dup(SYS_STDOUT);
	close_fd(lowest_after);
	if (lowest_after != lowest)
		break_run(STR("a descriptor that nobody has closed"));
	return 0;
}
