// tests/unit/ring_random_program.h: what a random program is, and how it is told to people.
//
// A program is a list of steps over a fixed set of objects, each made anew for a run:
//
//	P, Q    pipes                                      P.read, P.write
//	full    a pipe that is full: who writes waits      full.read, full.write
//	S       a pair of stream sockets                   S.left, S.right
//	D       a pair of datagram sockets                 D.left, D.right
//	file    of 100 bytes, without a name
//
// An operation has an id, which is its token. It keeps its id when steps around it are dropped, so that a cancel still means
// the same one.
#pragma once

#include <linux/io_uring.h>
#include <stdint.h>

#include "arch/span.h"
#include "crt/out.h"

// The descriptors.
enum end { P_READ, P_WRITE, Q_READ, Q_WRITE, FULL_READ, FULL_WRITE, S_LEFT, S_RIGHT, D_LEFT, D_RIGHT, FILE_END, ENDS };

static const struct str end_names[ENDS] = {
	STR("P.read"), STR("P.write"), STR("Q.read"), STR("Q.write"), STR("full.read"), STR("full.write"),
	STR("S.left"), STR("S.right"), STR("D.left"), STR("D.right"), STR("file"),
};

enum what {
	PUSH,          // ring_push
	SUBMIT,        // ring_submit, and no wait
	SETTLE,        // ring_wait for all that can come; pop all
	DO,            // ring_do
	OUTSIDE_WRITE, // write(2), by the program itself
	OUTSIDE_CLOSE, // close(2)
};

enum verb {
	NOP,
	READ,
	WRITE,
	RECV,
	SEND,
	BAD, // a read of a descriptor that is none
	FSYNC,
	POLL,
	TIMEOUT,
	LINK_TIMEOUT,
	SHUTDOWN, // of the writing side
	CLOSE,
	CANCEL,         // by token
	CANCEL_FD,      // by descriptor
	CANCEL_ANY,     // whatever there is
	POLL_REMOVE,    // by token
	TIMEOUT_REMOVE, // by token
	TIMEOUT_UPDATE, // by token
	VERBS,
};

static const struct str verb_names[VERBS] = {
	STR("nop"),         STR("read"),           STR("write"),          STR("recv"),      STR("send"),
	STR("bad"),         STR("fsync"),          STR("poll"),           STR("timeout"),   STR("link_timeout"),
	STR("shutdown"),    STR("close"),          STR("cancel"),         STR("cancel_fd"), STR("cancel_any"),
	STR("poll_remove"), STR("timeout_remove"), STR("timeout_update"),
};

#define AT_POSITION UINT16_MAX // as offset: where the file stands

struct step {
	uint8_t what;
	uint8_t verb;
	uint8_t flags; // IOSQE_*
	uint8_t id;    // of the operation, or of the bytes that are written
	uint8_t end;
	uint8_t target;  // id of the one to be canceled
	uint8_t events;  // POLLIN, POLLOUT
	uint8_t count;   // timeout: completions to wait for
	bool is_short;   // timeout: it will be over soon; else never
	bool is_all;     // cancel: all that match
	bool is_success; // timeout: its time is no failure (ETIME_SUCCESS)
	bool is_fixed;   // the descriptor is taken from the table of registered files
	bool is_whole;   // recv: MSG_WAITALL
	uint16_t len;
	uint16_t offset; // file only
};

#define STEPS_MAX 64
#define ID_MAX 40      // ids are 1 to this
#define BYTES_MAX 64   // of one operation; reads of `full` take all, and are not looked at
#define FILE_BYTES 100 // at the beginning

struct program {
	uint8_t kind;    // of ring: ring_kinds
	uint8_t entries; // of its submission queue
	uint8_t count;
	uint8_t ids; // used so far
	struct step steps[STEPS_MAX];
};

// What operation `id` writes.
static inline uint8_t byte_of(unsigned id, unsigned at)
{
	return (uint8_t)(id * 37 + at + 1);
}

static inline bool is_read(const struct step *step)
{
	return step->verb == READ || step->verb == RECV;
}

static inline bool is_write(const struct step *step)
{
	return step->verb == WRITE || step->verb == SEND;
}

static inline bool has_end(const struct step *step)
{
	if (step->what == OUTSIDE_WRITE || step->what == OUTSIDE_CLOSE)
		return true;
	return (step->what == PUSH || step->what == DO) &&
	       (is_read(step) || is_write(step) || step->verb == FSYNC || step->verb == POLL ||
		step->verb == SHUTDOWN || step->verb == CLOSE || step->verb == CANCEL_FD);
}

static inline bool has_target(const struct step *step)
{
	return step->verb == CANCEL || step->verb == POLL_REMOVE || step->verb == TIMEOUT_REMOVE ||
	       step->verb == TIMEOUT_UPDATE;
}

static inline bool is_linked(const struct step *step)
{
	return (step->flags & (IOSQE_IO_LINK | IOSQE_IO_HARDLINK)) != 0;
}

static inline void tell_field(struct out *out, struct str name, unsigned value)
{
	out_byte(out, ' ');
	out_str(out, name);
	out_byte(out, '=');
	out_unsigned(out, value);
}

static inline void tell_operation(struct out *out, const struct step *step)
{
	out_str(out, verb_names[step->verb]);
	if (has_end(step)) {
		out_byte(out, ' ');
		out_str(out, end_names[step->end]);
	}
	if (is_read(step) || is_write(step))
		tell_field(out, STR("len"), step->len);
	if ((is_read(step) || is_write(step)) && step->end == FILE_END) {
		if (step->offset == AT_POSITION)
			out_str(out, STR(" off=position"));
		else
			tell_field(out, STR("off"), step->offset);
	}
	if (step->verb == POLL)
		tell_field(out, STR("events"), step->events);
	if (has_target(step))
		tell_field(out, STR("of"), step->target);
	if (step->verb == TIMEOUT || step->verb == LINK_TIMEOUT || step->verb == TIMEOUT_UPDATE)
		out_str(out, step->is_short ? STR(" soon") : STR(" never"));
	if (step->count != 0)
		tell_field(out, STR("count"), step->count);
	static const struct {
		uint8_t flag;
		struct str name;
	} flags[] = {
		{IOSQE_IO_LINK, STR(" LINK")},
		{IOSQE_IO_HARDLINK, STR(" HARDLINK")},
		{IOSQE_IO_DRAIN, STR(" DRAIN")},
		{IOSQE_ASYNC, STR(" ASYNC")},
		{IOSQE_CQE_SKIP_SUCCESS, STR(" SILENT")},
	};
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if ((step->flags & flags[i].flag) != 0)
			out_str(out, flags[i].name);
	}
	out_str(out, step->is_all ? STR(" ALL") : STR(""));
	out_str(out, step->is_success ? STR(" ETIME_SUCCESS") : STR(""));
	out_str(out, step->is_fixed ? STR(" FIXED") : STR(""));
	out_str(out, step->is_whole ? STR(" WAITALL") : STR(""));
	tell_field(out, STR("token"), step->id);
}

static inline void tell_step(struct out *out, const struct step *step)
{
	out_str(out, STR("#     "));
	switch (step->what) {
	case SUBMIT:
		out_str(out, STR("submit"));
		break;
	case SETTLE:
		out_str(out, STR("wait, and pop all"));
		break;
	case OUTSIDE_WRITE:
		out_str(out, STR("write(2) "));
		out_str(out, end_names[step->end]);
		tell_field(out, STR("len"), step->len);
		break;
	case OUTSIDE_CLOSE:
		out_str(out, STR("close(2) "));
		out_str(out, end_names[step->end]);
		break;
	case DO:
		out_str(out, STR("do   "));
		tell_operation(out, step);
		break;
	default:
		out_str(out, STR("push "));
		tell_operation(out, step);
	}
	out_byte(out, '\n');
}

static inline void tell_program(struct out *out, const struct program *program)
{
	out_str(out, STR("#     open a ring of kind "));
	out_unsigned(out, program->kind);
	out_str(out, STR(" and "));
	out_unsigned(out, program->entries);
	out_str(out, STR(" entries\n"));
	for (unsigned i = 0; i < program->count; i++)
		tell_step(out, &program->steps[i]);
	out_str(out, STR("#     close it\n"));
}
