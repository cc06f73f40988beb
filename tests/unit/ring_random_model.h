// tests/unit/ring_random_model.h: what the manual allows a program to do, without a kernel.
//
// Operations that no chain and no drain puts in order may run in any order [io_uring(7)]. So the model is run with a schedule:
// whenever several operations could make their next move, the schedule says which one does. Schedule 0 takes them as they
// were submitted, and timers last; any other one is a sequence of dice. What a real ring did is right if some schedule does
// the same.
//
// The rules stand beside the operations that they are about. What would have no determined number of completions, or would
// wait for ever, is no program to test: the model says that too, and the generator drops it.
#pragma once

#include <linux/poll.h>

#include "arch/errno.h"
#include "crt/mem.h"
#include "tests/unit/ring_random_program.h"

// One completion.
struct seen {
	uint8_t segment; // popped by the how many-th wait, from 0
	uint8_t id;
	int32_t res;
	uint32_t flags;
};

#define SEEN_MAX 96
#define STREAM_BYTES 4096
#define FILE_MAX 512
#define UNTOUCHED 0xee // what every buffer is full of before a run

// All that can be known of a run when it is over.
struct outcome {
	unsigned count;
	struct seen seen[SEEN_MAX];
	unsigned segments;
	uint8_t per_segment[STEPS_MAX + 1];
	uint8_t memory[ID_MAX + 1][BYTES_MAX];
	bool has_ended[ID_MAX + 1]; // else its memory is not compared
	unsigned left_count[ENDS];  // bytes, or of datagrams bytes and their lengths, that can still be read there
	uint8_t left[ENDS][STREAM_BYTES];
	bool is_closed[ENDS];
	unsigned file_size, file_at;
	uint8_t file[FILE_MAX];
	bool is_loose;     // something was still to be started: what it did while the ring was closed is not compared
	struct str broken; // what a run may never do; empty: it did not
};

enum stream_name { NO_STREAM, P_STREAM, Q_STREAM, FULL_STREAM, RIGHTWARD, LEFTWARD, D_RIGHTWARD, D_LEFTWARD, STREAMS };

static const uint8_t reads_from[ENDS] = {
	[P_READ] = P_STREAM,   [Q_READ] = Q_STREAM,   [FULL_READ] = FULL_STREAM, [S_LEFT] = LEFTWARD,
	[S_RIGHT] = RIGHTWARD, [D_LEFT] = D_LEFTWARD, [D_RIGHT] = D_RIGHTWARD,
};
static const uint8_t writes_to[ENDS] = {
	[P_WRITE] = P_STREAM, [Q_WRITE] = Q_STREAM,   [FULL_WRITE] = FULL_STREAM, [S_LEFT] = RIGHTWARD,
	[S_RIGHT] = LEFTWARD, [D_LEFT] = D_RIGHTWARD, [D_RIGHT] = D_LEFTWARD,
};

static inline bool is_socket(unsigned end)
{
	return end >= S_LEFT && end <= D_RIGHT;
}

static inline bool is_datagram(unsigned end)
{
	return end == D_LEFT || end == D_RIGHT;
}

struct stream {
	unsigned count;
	uint8_t bytes[STREAM_BYTES];
	unsigned messages; // datagrams only
	uint8_t lengths[ID_MAX + 1];
	bool is_full; // of bytes that nobody looks at; who reads takes them all
	bool no_reader, no_writer;
};

enum state { UNBORN, WAITING, STARTED, ENDED };

struct operation {
	const struct step *step;
	uint8_t state;
	uint8_t batch;
	bool is_released;    // by the one before it in the chain
	bool is_silent;      // posts no completion if it succeeds
	bool hushes_chain;   // it was silent and failed: those that it takes with it say nothing
	int8_t before, next; // in the chain; -1: none
	uint8_t got;         // of a WAITALL, so far
	bool is_held_back;   // there was a drain before it
	bool asks_first;     // poll(2), and only then moves
	bool is_uncounted;   // a timeout that counts no more
	bool is_dangling;    // of a chain that only the submit ended
	bool waits_for_all;  // .. and it is itself like one
	unsigned ended;      // in this segment
	unsigned canceled;   // in the segment before this one; 0: not
	bool is_short;       // a timer that will be over
	unsigned base;       // completions that had been posted when it started
};

static struct world {
	uint64_t dice;        // 0: schedule 0
	bool is_lazy;         // this schedule moves only when somebody waits
	bool is_backward;     // .. moves the last one that can, and lets cancels win
	bool is_strict;       // .. lets no operation behind a drain start before all others have ended
	bool has_slow_timers; // .. and takes timers last
	bool has_slow_workers;
	bool is_fated; // the cancel in hand meets all workers alike
	struct stream streams[STREAMS];
	bool is_closing[ENDS];
	unsigned entries, pushed, popped;
	unsigned count; // operations, in the order of their submission
	struct operation operations[STEPS_MAX];
	unsigned posted; // what a timeout counts
	unsigned segment;
	bool is_invalid; // a program that is not to be tested
	struct outcome *outcome;
} world;

static inline uint64_t roll(uint64_t *dice)
{
	// splitmix64, by Sebastiano Vigna, in the public domain
	uint64_t z = *dice += 0x9e3779b97f4a7c15;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

// A number below `limit`; schedule 0 always has 0.
static inline unsigned choose(unsigned limit)
{
	return world.dice == 0 || limit < 2 ? 0 : (unsigned)(roll(&world.dice) % limit);
}

static inline void post(const struct operation *op, int32_t res)
{
	struct outcome *outcome = world.outcome;
	if (outcome->count == SEEN_MAX) {
		world.is_invalid = true;
		return;
	}
	outcome->seen[outcome->count++] =
		(struct seen){.segment = (uint8_t)world.segment, .id = op->step->id, .res = res};
	world.posted++;
}

// An operation fails if it has an error, and a read or write also if it came short: that breaks a chain. What a recv or send
// brings is no failure unless MSG_WAITALL wants more; the time that a timeout waits for is one. [io_uring_enter(2),
// IOSQE_IO_LINK; io_uring_prep_timeout(3), IORING_TIMEOUT_ETIME_SUCCESS]
static inline bool has_failed(const struct step *step, int32_t res)
{
	if (res == -ETIME && step->verb == TIMEOUT)
		return !step->is_success;
	if (step->verb == READ || step->verb == WRITE || step->is_whole)
		return res != step->len;
	return res < 0;
}

// What begins with operation `at` never starts. Each says so, unless the one that failed was silent: then nobody of its chain
// does. [io_uring_enter(2), IOSQE_CQE_SKIP_SUCCESS]
static inline void sever(int at, bool is_hushed)
{
	for (; at >= 0; at = world.operations[at].next) {
		struct operation *op = &world.operations[at];
		if (op->state == ENDED)
			continue;
		op->state = ENDED;
		op->ended = world.segment;
		world.outcome->has_ended[op->step->id] = true;
		if (!is_hushed)
			post(op, -ECANCELED);
	}
}

static inline void end_operation(struct operation *op, int32_t res)
{
	bool failed = has_failed(op->step, res);
	op->state = ENDED;
	op->ended = world.segment;
	world.outcome->has_ended[op->step->id] = true;
	if (failed || !op->is_silent)
		post(op, res);

	// Its deadline has no more to do, and says so. [io_uring_prep_link_timeout(3)]
	int next = op->next;
	if (next >= 0 && world.operations[next].step->verb == LINK_TIMEOUT) {
		struct operation *deadline = &world.operations[next];
		if (deadline->state != ENDED) {
			deadline->state = ENDED;
			deadline->ended = world.segment;
			world.outcome->has_ended[deadline->step->id] = true;
			// .. unless it is over at this moment, and finds nothing to cancel.
			unsigned over = deadline->is_short ? choose(4) : 0;
			post(deadline, over == 1 ? -ENOENT : over == 2 ? -ETIME : -ECANCELED);
		}
		next = deadline->next;
	}
	if (next < 0)
		return;
	if (failed && (op->step->flags & IOSQE_IO_HARDLINK) == 0)
		sever(next, op->is_silent);
	else
		world.operations[next].is_released = true;
}

// Streams.

static inline bool can_read(unsigned end)
{
	const struct stream *stream = &world.streams[reads_from[end]];
	return is_datagram(end) ? stream->messages > 0 : stream->count > 0 || stream->is_full || stream->no_writer;
}

static inline bool can_write(unsigned end)
{
	const struct stream *stream = &world.streams[writes_to[end]];
	return !stream->is_full || stream->no_reader;
}

// A pipe of one page that holds anything has no place for another page, and poll(2) says so; yet a write that does not ask
// may find place in the one that is there. [Linux fs/pipe.c, pipe_full() and pipe_write()]
static inline bool is_without_page(unsigned end)
{
	const struct stream *stream = &world.streams[writes_to[end]];
	return end == FULL_WRITE && !stream->no_reader && (stream->is_full || stream->count > 0);
}

// Takes up to `len` bytes out; of a datagram the rest is lost. [recv(2), MSG_TRUNC]
static inline unsigned take(unsigned end, uint8_t *into, unsigned len)
{
	struct stream *stream = &world.streams[reads_from[end]];
	if (stream->is_full) {
		stream->is_full = false;
		return len;
	}
	unsigned gone = len < stream->count ? len : stream->count;
	if (is_datagram(end)) {
		gone = stream->lengths[0];
		len = gone < len ? gone : len;
		memmove(stream->lengths, stream->lengths + 1, --stream->messages);
	} else {
		len = gone;
	}
	if (end != FULL_READ)
		memcpy(into, stream->bytes, len);
	stream->count -= gone;
	memmove(stream->bytes, stream->bytes + gone, stream->count);
	return len;
}

static inline int32_t put(unsigned end, unsigned id, unsigned len)
{
	struct stream *stream = &world.streams[writes_to[end]];
	// [write(2), EPIPE; shutdown(2)]
	if (stream->no_reader || stream->no_writer)
		return -EPIPE;
	for (unsigned i = 0; i < len; i++)
		stream->bytes[stream->count++] = byte_of(id, i);
	if (is_datagram(end))
		stream->lengths[stream->messages++] = (uint8_t)len;
	return (int32_t)len;
}

// [poll(2), pipe(7), unix(7)] Errors and a hang-up are always told.
static inline unsigned ready_events(unsigned end)
{
	unsigned events = 0;
	const struct stream *in = &world.streams[reads_from[end]], *out = &world.streams[writes_to[end]];
	if (reads_from[end] != NO_STREAM) {
		if (is_socket(end) ? can_read(end) : in->count > 0 || in->is_full)
			events |= POLLIN;
		if (!is_socket(end) && in->no_writer)
			events |= POLLHUP;
	}
	if (writes_to[end] != NO_STREAM) {
		if (is_socket(end) || !is_without_page(end))
			events |= POLLOUT;
		if (!is_socket(end) && out->no_reader)
			events |= POLLERR;
	}
	if (is_socket(end) && in->no_writer && out->no_writer)
		events |= POLLHUP;
	return events;
}

// The descriptor is gone at once; that the other end is alone now it may see later. [Linux fs/file_table.c, fput()]
static inline void close_end(unsigned end)
{
	world.outcome->is_closed[end] = true;
	world.is_closing[end] = true;
}

static inline void leave_stream(unsigned end)
{
	world.is_closing[end] = false;
	world.streams[reads_from[end]].no_reader = true;
	world.streams[writes_to[end]].no_writer = true;
}

// The file. [pread(2), pwrite(2)]

static inline unsigned file_read(const struct step *step, uint8_t *into)
{
	struct outcome *now = world.outcome;
	unsigned at = step->offset == AT_POSITION ? now->file_at : step->offset, len = step->len;
	if (at >= now->file_size)
		return 0;
	if (len > now->file_size - at)
		len = now->file_size - at;
	memcpy(into, now->file + at, len);
	if (step->offset == AT_POSITION)
		now->file_at += len;
	return len;
}

static inline int32_t file_write(const struct step *step)
{
	struct outcome *now = world.outcome;
	unsigned at = step->offset == AT_POSITION ? now->file_at : step->offset, len = step->len;
	if (at + len > FILE_MAX) {
		world.is_invalid = true;
		return 0;
	}
	for (unsigned i = 0; i < len; i++)
		now->file[at + i] = byte_of(step->id, i);
	if (now->file_size < at + len)
		now->file_size = at + len;
	if (step->offset == AT_POSITION)
		now->file_at += len;
	return (int32_t)len;
}

// Which operations can make a move now.

static inline bool can_move(const struct operation *op)
{
	const struct step *step = op->step;
	switch (step->verb) {
	case READ:
	case RECV:
		return step->end == FILE_END || reads_from[step->end] == NO_STREAM ||
		       (step->verb == RECV && !is_socket(step->end)) || can_read(step->end);
	case WRITE:
	case SEND:
		return step->end == FILE_END || writes_to[step->end] == NO_STREAM ||
		       (step->verb == SEND && !is_socket(step->end)) ||
		       (can_write(step->end) && !(op->asks_first && is_without_page(step->end)));
	case POLL:
		return (ready_events(step->end) & (step->events | POLLERR | POLLHUP)) != 0;
	case TIMEOUT:
		// [io_uring_prep_timeout(3): after `count` completions]
		return op->is_short ||
		       (step->count != 0 && !op->is_uncounted && world.posted - op->base >= step->count);
	case LINK_TIMEOUT:
		return op->is_short;
	default:
		return true;
	}
}

static inline bool is_timer(const struct operation *op)
{
	return (op->step->verb == TIMEOUT && op->step->count == 0) || op->step->verb == LINK_TIMEOUT;
}

// Cancels. Only what has started and waits can be found for certain. What could move already may have moved before the cancel
// looks. What is in the hands of a worker may be there, or in the middle of it: then it may see that it was asked to end, or
// not. [io_uring_prep_cancel(3): -ENOENT, -EALREADY]
enum found { MISSED, CANCELED, RUNNING };

// IOSQE_ASYNC asks for a worker; what a drain has held back, and a chain that only the submit ended, go to one too; so do
// operations on files that cannot be asked whether they would wait; and who has a worker keeps it for its chain.
// [Linux io_uring/io_uring.c: io_init_req(), io_submit_state_end()]
static inline bool has_worker(const struct operation *op)
{
	if (op->is_held_back || op->is_dangling || (op->step->flags & IOSQE_ASYNC) != 0 || op->step->verb == FSYNC ||
	    op->step->verb == SHUTDOWN || (op->step->end == FILE_END && has_end(op->step)))
		return true;
	return op->before >= 0 && has_worker(&world.operations[op->before]);
}

// `is_ahead`: the operation was submitted behind the cancel, and may not have started when that looks.
static inline enum found try_cancel(struct operation *op, bool is_ahead)
{
	if (op->state != STARTED)
		return MISSED;
	if (world.is_fated && has_worker(op)) {
		op->canceled = world.segment + 1;
		end_operation(op, -ECANCELED);
		return RUNNING;
	}
	bool is_race = is_ahead || has_worker(op) || can_move(op);
	enum found found = is_race && !world.is_backward ? (enum found)choose(3) : CANCELED;
	if (found == MISSED || (found == RUNNING && (!has_worker(op) || choose(2) == 0)))
		return found;
	// What a MSG_WAITALL has got already is told, and not lost. [io_uring_prep_recv(3)] A worker is interrupted by a
	// signal.
	int32_t error = found == RUNNING && choose(2) == 0 ? -EINTR : -ECANCELED;
	op->canceled = world.segment + 1;
	end_operation(op, op->got > 0 ? op->got : error);
	return found;
}

static inline bool can_be_canceled(const struct operation *op)
{
	switch (op->step->verb) {
	case READ:
	case WRITE:
	case RECV:
	case SEND:
	case POLL:
	case TIMEOUT:
		return true;
	default:
		return has_worker(op) && op->step->verb != LINK_TIMEOUT;
	}
}

static inline bool is_meant(const struct operation *op, const struct step *by)
{
	switch (by->verb) {
	case CANCEL:
		return op->step->id == by->target && can_be_canceled(op);
	case CANCEL_FD:
		return has_end(op->step) && op->step->end == by->end && can_be_canceled(op);
	case POLL_REMOVE:
		return op->step->id == by->target && op->step->verb == POLL;
	case TIMEOUT_REMOVE:
	case TIMEOUT_UPDATE:
		return op->step->id == by->target && op->step->verb == TIMEOUT;
	default:
		return can_be_canceled(op);
	}
}

// A timeout, and what polls, is looked up in tables of their own.
static inline bool asks_workers(enum verb verb)
{
	return verb != TIMEOUT_UPDATE && verb != TIMEOUT_REMOVE && verb != POLL_REMOVE;
}

static inline int32_t cancel(const struct operation *own)
{
	const struct step *by = own->step;
	// Any means all of them. [io_uring_prep_cancel(3), IORING_ASYNC_CANCEL_ANY]
	bool is_all = by->is_all || by->verb == CANCEL_ANY;
	unsigned first = choose(world.count); // which one comes first, if only one is to be canceled
	world.is_fated = is_all && choose(3) == 1;
	bool is_running = false;
	int32_t count = 0, in_workers = 0;
	for (unsigned i = 0; i < world.count; i++) {
		struct operation *op = &world.operations[(first + i) % world.count];
		if (op == own || !is_meant(op, by))
			continue;
		// It ends, but may not have ended yet: then it can be found again.
		if (op->canceled == world.segment + 1 && by->verb != TIMEOUT_UPDATE && choose(2) == 1) {
			if (!is_all)
				return choose(2) == 0 ? 0 : -EALREADY;
			count++;
			continue;
		}
		// A worker says that it is done before it lets go of it. [Linux io_uring/io-wq.c, io_worker_handle_work()]
		if (op->state == ENDED && has_worker(op) && asks_workers(by->verb) && choose(2) == 1) {
			is_running = true;
			in_workers++;
			continue;
		}
		if (op->state != STARTED)
			continue;
		if (by->verb == TIMEOUT_UPDATE) {
			if ((op->is_short || has_worker(op) || (op > own && op->batch == own->batch)) && choose(2) == 0)
				return -ENOENT; // over by now, or not yet there
			op->is_short = by->is_short;
			op->is_uncounted = choose(2) == 0; // no page says so; the kernel forgets the count
			return 0;
		}
		enum found found = try_cancel(op, op > own && op->batch == own->batch);
		if (found == MISSED)
			continue;
		if (!is_all && found == RUNNING && choose(2) == 1) {
			is_running = true; // it was asked to end, and another one may be found yet
			continue;
		}
		if (!is_all)
			return found == RUNNING ? -EALREADY : 0;
		// [Linux io_uring/cancel.c, __io_async_cancel()]
		if (has_worker(op))
			in_workers++;
		else
			count++;
	}
	// Those that workers have count one by one, or all together, or not at all.
	if (in_workers > 0)
		count += choose(2) == 0 ? in_workers : (int32_t)choose(2);
	if (is_all)
		return count;
	return is_running ? -EALREADY : -ENOENT;
}

static inline void move(struct operation *op)
{
	const struct step *step = op->step;
	uint8_t *memory = world.outcome->memory[step->id];
	switch (step->verb) {
	case BAD:
		end_operation(op, -EBADF);
		break;
	case READ:
	case RECV:
		if (step->verb == RECV && !is_socket(step->end)) {
			end_operation(op, -ENOTSOCK);
		} else if (step->end == FILE_END) {
			end_operation(op, (int32_t)file_read(step, memory));
		} else if (reads_from[step->end] == NO_STREAM) {
			end_operation(op, -EBADF);
		} else {
			unsigned got = take(step->end, memory + op->got, step->len - op->got);
			op->got = (uint8_t)(step->is_whole ? op->got + got : 0);
			if (step->is_whole && op->got < step->len && got > 0)
				break; // waits for the rest
			end_operation(op, (int32_t)(step->is_whole ? op->got : got));
		}
		break;
	case WRITE:
	case SEND:
		if (step->verb == SEND && !is_socket(step->end))
			end_operation(op, -ENOTSOCK);
		else if (step->end == FILE_END)
			end_operation(op, file_write(step));
		else if (writes_to[step->end] == NO_STREAM)
			end_operation(op, -EBADF);
		else
			end_operation(op, put(step->end, step->id, step->len));
		break;
	case POLL:
		end_operation(op, (int32_t)(ready_events(step->end) & (step->events | POLLERR | POLLHUP)));
		break;
	case TIMEOUT:
		end_operation(op, op->is_short ? -ETIME : 0);
		break;
	case LINK_TIMEOUT: {
		// [io_uring_prep_link_timeout(3): -ETIME, and the other one is canceled; it may be beyond that]
		struct operation *other = &world.operations[op->before];
		op->state = ENDED;
		op->ended = world.segment;
		world.outcome->has_ended[step->id] = true;
		world.is_fated = false;
		enum found found = try_cancel(other, false);
		if (found == CANCELED && !op->is_silent)
			post(op, -ETIME);
		else if (found != CANCELED)
			post(op, found == RUNNING ? -EALREADY : -ENOENT);
		break;
	}
	case SHUTDOWN:
		world.streams[writes_to[step->end]].no_writer = true;
		end_operation(op, 0);
		break;
	case CLOSE:
		close_end(step->end);
		end_operation(op, 0);
		break;
	case CANCEL:
	case CANCEL_FD:
	case CANCEL_ANY:
	case POLL_REMOVE:
	case TIMEOUT_REMOVE:
	case TIMEOUT_UPDATE:
		end_operation(op, cancel(op));
		break;
	default:
		end_operation(op, 0);
	}
}

// Order. An operation starts when the one before it in its chain has released it, and the drains let it: one with
// IOSQE_IO_DRAIN waits for all that were submitted before it, and those behind wait for it. [io_uring_enter(2),
// IOSQE_IO_DRAIN] Since 6.16 the next one after a drain may also have to wait for all before it, even if it comes when the drain
// has long ended: the manual allows it, since it never says when an operation starts. [Linux io_uring/io_uring.c,
// io_queue_deferred()]

static inline bool chain_has_ended(unsigned head)
{
	for (int at = (int)head; at >= 0; at = world.operations[at].next) {
		if (world.operations[at].state != ENDED)
			return false;
	}
	return true;
}

static inline bool can_start(unsigned at)
{
	const struct operation *op = &world.operations[at];
	if (op->state != WAITING)
		return false;
	if (op->before >= 0) {
		if (op->step->verb == LINK_TIMEOUT) // with the operation that it watches
			return world.operations[op->before].state == STARTED;
		return op->is_released;
	}
	bool is_drained = (op->step->flags & IOSQE_IO_DRAIN) != 0 || op->waits_for_all;
	for (unsigned i = 0; i < at; i++) {
		const struct operation *other = &world.operations[i];
		if (is_drained && other->state != ENDED)
			return false;
		if ((other->step->flags & IOSQE_IO_DRAIN) != 0 && !chain_has_ended(i))
			return false;
	}
	return true;
}

// Not everything that may start does so at once; with `is_due` it does.
static inline void start_all(bool is_due)
{
	for (unsigned i = 0; i < world.count; i++) {
		if (!can_start(i) || (!is_due && world.operations[i].step->verb != LINK_TIMEOUT && choose(4) == 1))
			continue;
		struct operation *op = &world.operations[i];
		op->state = STARTED;
		op->base = world.posted;
		op->asks_first = choose(2) == 1;
	}
}

static inline unsigned slowness(const struct operation *op)
{
	if (is_timer(op))
		return world.has_slow_timers ? 2 : 0;
	return world.has_slow_workers && has_worker(op) ? 1 : 0;
}

// One move. False: nothing can move.
static inline bool make_a_move_of(bool is_due)
{
	start_all(is_due);
	struct operation *movable[STEPS_MAX];
	unsigned count = 0;
	for (unsigned speed = 0; speed < 3 && count == 0; speed++) {
		for (unsigned i = 0; i < world.count; i++) {
			struct operation *op = &world.operations[i];
			if (op->state == STARTED && slowness(op) == speed && can_move(op))
				movable[count++] = op;
		}
	}
	unsigned closing[ENDS], closing_count = 0;
	for (unsigned end = 0; end < ENDS; end++) {
		if (world.is_closing[end])
			closing[closing_count++] = end;
	}
	if (count + closing_count == 0)
		return false;
	unsigned last = count + closing_count - 1;
	unsigned chosen = world.is_backward ? last : choose(last + 1);
	if (chosen >= closing_count)
		move(movable[chosen - closing_count]);
	else
		leave_stream(closing[chosen]);
	return true;
}

static inline bool make_a_move(void)
{
	return make_a_move_of(false) || make_a_move_of(true);
}

// As many as there are.
static inline void make_all_moves(void)
{
	for (unsigned most = STEPS_MAX * 8; most > 0 && make_a_move(); most--) {
	}
}

// While nobody waits: any number.
static inline void make_some_moves(void)
{
	if (world.dice == 0)
		make_all_moves();
	for (unsigned count = world.is_lazy ? 0 : choose(8); count > 0 && make_a_move(); count--) {
	}
}

// A file is read and written by one operation at a time: two may mix. [write(2)]
static inline bool is_touching_file(const struct step *step)
{
	return has_end(step) && step->end == FILE_END && step->verb != CANCEL_FD;
}

static inline bool is_in_chain_of(const struct operation *op, unsigned at)
{
	for (int before = op->before; before >= 0; before = world.operations[before].before) {
		if ((unsigned)before == at)
			return true;
	}
	return false;
}

// Whatever the schedule is.
static inline bool has_surely_ended(const struct operation *op)
{
	return op->state == ENDED && (op->ended < world.segment || op->step->what == DO);
}

// What no program does: it would not be determined what happens.
static inline bool breaks_a_rule(const struct operation *op)
{
	const struct step *step = op->step;
	if (has_end(step) && world.outcome->is_closed[step->end])
		return true; // the number may have another meaning by now
	if (step->verb == LINK_TIMEOUT && (op->before < 0 || world.operations[op->before].step->verb == LINK_TIMEOUT))
		return true; // -EINVAL, and with it the whole chain
	if (op->before >= 0 && (step->flags & IOSQE_IO_DRAIN) != 0)
		return true; // the whole chain would be drained
	for (unsigned i = 0; i < world.count; i++) {
		const struct operation *other = &world.operations[i];
		if (other == op)
			continue;
		if (other->step->verb == CLOSE && has_end(step) && other->step->end == step->end)
			return true;
		if (has_surely_ended(other) || is_in_chain_of(op, i))
			continue;
		// A descriptor is closed when nothing else has to do with it.
		if (step->verb == CLOSE && has_end(other->step) && other->step->end == step->end)
			return true;
		if (is_touching_file(step) && is_touching_file(other->step))
			return true;
	}
	return false;
}

static inline void submit(const struct step *const *pushed, unsigned count, unsigned batch)
{
	unsigned from = world.count;
	int before = -1;
	for (unsigned i = 0; i < count; i++) {
		struct operation *op = &world.operations[world.count];
		*op = (struct operation){
			.step = pushed[i],
			.state = WAITING,
			.batch = (uint8_t)batch,
			.is_silent = (pushed[i]->flags & IOSQE_CQE_SKIP_SUCCESS) != 0,
			.before = (int8_t)before,
			.next = -1,
			.is_short = pushed[i]->is_short,
		};
		if (before >= 0)
			world.operations[before].next = (int8_t)world.count;
		before = is_linked(pushed[i]) ? (int)world.count : -1;
		world.count++;
		for (unsigned j = 0; j < world.count; j++)
			op->is_held_back |= (world.operations[j].step->flags & IOSQE_IO_DRAIN) != 0;
		op->waits_for_all = op->is_held_back && (world.is_strict || choose(4) == 1);
		world.is_invalid |= breaks_a_rule(op);
	}
	for (int at = before; at >= 0; at = world.operations[at].before)
		world.operations[at].is_dangling = true;
	// So many the emulation holds. [ring/emulate/engine.c]
	unsigned held = 0;
	for (unsigned i = 0; i < world.count; i++)
		held += !has_surely_ended(&world.operations[i]);
	world.is_invalid |= held > 4u * world.entries;
	for (unsigned i = from; i < world.count; i++) {
		// A cancel that a worker makes can meet itself, and anything else in any state.
		world.is_invalid |= (pushed[i - from]->verb == CANCEL_FD || pushed[i - from]->verb == CANCEL_ANY) &&
				    has_worker(&world.operations[i]);
		world.is_invalid |= has_target(pushed[i - from]) && pushed[i - from]->target == pushed[i - from]->id;
		// A silent one does not say when it is done, so it must be done at once; nor does the last of a close.
		const struct operation *op = &world.operations[i];
		world.is_invalid |= (op->is_silent || op->step->verb == CLOSE) && has_worker(op);
		world.is_invalid |= op->is_silent && op->step->verb == TIMEOUT;
		// How much a worker has got meanwhile nobody can know.
		world.is_invalid |= op->step->is_whole && has_worker(op);
	}
	start_all(false);
	// What a timeout counts is only known for certain if nothing goes on when it starts.
	for (unsigned i = from; i < world.count; i++) {
		const struct operation *op = &world.operations[i];
		if (op->step->verb == TIMEOUT && op->step->count != 0 &&
		    (i != from || op->state != STARTED || has_worker(op)))
			world.is_invalid = true;
	}
}

// What is to be compared at the end. Descriptors that are closed have nothing left.
static inline void take_stock(void)
{
	struct outcome *outcome = world.outcome;
	for (unsigned end = 0; end < ENDS; end++) {
		const struct stream *stream = &world.streams[reads_from[end]];
		if (reads_from[end] == NO_STREAM || world.outcome->is_closed[end] || end == FULL_READ)
			continue;
		memcpy(outcome->left[end], stream->bytes, stream->count);
		outcome->left_count[end] = stream->count;
		for (unsigned i = 0; is_datagram(end) && i < stream->messages; i++)
			outcome->left[end][outcome->left_count[end]++] = stream->lengths[i];
	}
	for (unsigned i = 0; i < world.count; i++) {
		const struct operation *op = &world.operations[i];
		outcome->is_loose |= op->state == WAITING;
	}
}

static inline void outcome_begin(struct outcome *outcome)
{
	outcome->count = outcome->segments = 0;
	outcome->is_loose = false;
	outcome->broken = (struct str){};
	memset(outcome->per_segment, 0, sizeof(outcome->per_segment));
	memset(outcome->memory, UNTOUCHED, sizeof(outcome->memory));
	memset(outcome->has_ended, 0, sizeof(outcome->has_ended));
	memset(outcome->is_closed, 0, sizeof(outcome->is_closed));
	memset(outcome->left_count, 0, sizeof(outcome->left_count));
	memset(outcome->file, 0, sizeof(outcome->file));
	outcome->file_size = FILE_BYTES;
	outcome->file_at = 0;
	for (unsigned i = 0; i < FILE_BYTES; i++)
		outcome->file[i] = byte_of(0, i);
}

static inline void end_segment(void)
{
	struct outcome *outcome = world.outcome;
	unsigned before = 0;
	for (unsigned i = 0; i < world.segment; i++)
		before += outcome->per_segment[i];
	outcome->per_segment[world.segment] = (uint8_t)(outcome->count - before);
	outcome->segments = ++world.segment;
	world.popped = outcome->count;
}

// Runs a program. False: it is none that can be tested.
static inline bool model_run(const struct program *program, uint64_t schedule, struct outcome *outcome)
{
	outcome_begin(outcome);
	world.dice = schedule *
		     0xd1b54a32d192ed03; // odd, and not the step of roll: no two schedules are parts of one sequence
	world.is_strict = schedule == 1;
	world.is_lazy = choose(3) == 1;
	world.is_backward = choose(4) == 1;
	world.has_slow_timers = schedule == 0 || choose(2) == 1;
	world.has_slow_workers = choose(3) == 1;
	world.outcome = outcome;
	world.count = world.posted = world.segment = world.pushed = world.popped = 0;
	world.entries = program->entries;
	memset(world.is_closing, 0, sizeof(world.is_closing));
	world.is_invalid = false;
	for (unsigned i = 0; i < STREAMS; i++) {
		struct stream *stream = &world.streams[i];
		stream->count = stream->messages = 0;
		stream->no_reader = stream->no_writer = false;
		stream->is_full = i == FULL_STREAM;
	}

	const struct step *pushed[STEPS_MAX];
	unsigned count = 0;
	bool is_settled = true, counts = false, has_fixed = false, closes = false;
	unsigned timers = 0;
	for (unsigned i = 0; i < program->count && !world.is_invalid; i++) {
		const struct step *step = &program->steps[i];
		switch (step->what) {
		case PUSH:
		case DO:
			if (step->verb == TIMEOUT && step->count != 0) {
				counts = true;
				world.is_invalid |= !is_settled || count != 0;
			}
			has_fixed |= step->is_fixed;
			closes |= step->verb == CLOSE || step->verb == CANCEL_FD;
			timers += step->verb == TIMEOUT || step->verb == LINK_TIMEOUT;
			world.is_invalid |= count == program->entries;
			pushed[count++] = step;
			world.pushed++;
			if (step->what == PUSH)
				break;
			// .. and its completion must be sure of a place.
			world.is_invalid |= world.pushed - 1 - world.popped++ >= 2u * program->entries;
			// A chain that is open would refuse it. [ring.h, ring_do]
			world.is_invalid |= (step->flags & IOSQE_CQE_SKIP_SUCCESS) != 0;
			world.is_invalid |= is_linked(step) || (count > 1 && is_linked(pushed[count - 2]));
			submit(pushed, count, i);
			count = 0;
			const struct operation *own = &world.operations[world.count - 1];
			while (own->state != ENDED && make_a_move()) {
			}
			world.is_invalid |= own->state != ENDED; // it would wait for ever
			make_some_moves();
			is_settled = false;
			break;
		case SUBMIT:
			submit(pushed, count, i);
			count = 0;
			make_some_moves();
			is_settled = false;
			break;
		case SETTLE:
			submit(pushed, count, i);
			count = 0;
			make_all_moves();
			end_segment();
			is_settled = true;
			break;
		default:
			world.is_invalid |= world.outcome->is_closed[step->end];
			for (unsigned j = 0; j < world.count + count; j++) {
				const struct step *other =
					j < world.count ? world.operations[j].step : pushed[j - world.count];
				if (!has_end(other) || other->end != step->end)
					continue;
				world.is_invalid |= other->verb == CLOSE;
				world.is_invalid |= step->what == OUTSIDE_CLOSE &&
						    (j >= world.count || !has_surely_ended(&world.operations[j]));
			}
			if (world.is_invalid)
				break;
			closes |= step->what == OUTSIDE_CLOSE;
			if (step->what == OUTSIDE_CLOSE)
				close_end(step->end), leave_stream(step->end);
			else if (!can_write(step->end))
				world.is_invalid = true; // it would wait for ever
			else
				(void)put(step->end, step->id, step->len);
			make_some_moves();
		}
	}
	submit(pushed, count, STEPS_MAX);
	make_all_moves();
	end_segment();
	take_stock();
	// The table of registered files would keep open what is closed; and whether a cancel by descriptor also means who came by
	// the table no page says.
	return !world.is_invalid && (!counts || timers == 1) && !(has_fixed && closes);
}
