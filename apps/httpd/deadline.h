// apps/httpd/deadline.h: who has run out of time.
//
//	HEADER  a <-> b <-> c      each list in the order of its deadlines, because each kind of deadline
//	IDLE    d <-> e            has one length: what is set later ends later
//	SEND    ...
//
// So setting, lifting and finding the next one cost the same whether ten connections wait or ten thousand, and nothing is
// sorted. It knows no connections, only the links that they contain, and asks no clock.
#pragma once

#include <stdint.h>

enum deadline_kind {
	DEADLINE_HEADER, // a request's head has begun and must end
	DEADLINE_BODY,   // a request's body has begun and must end, however it trickles in
	DEADLINE_IDLE,   // the next request must begin
	DEADLINE_SEND,   // a period of an answer is over, and the client must have taken enough (pace.h)
	DEADLINE_LINGER, // the client must stop sending
	DEADLINE_KINDS,
};

// A place in one of the lists. Zero: in none.
struct deadline {
	struct deadline *before, *after;
	int64_t at_ns;
	enum deadline_kind kind;
};

struct deadlines {
	struct deadline lists[DEADLINE_KINDS]; // the ends of each: `after` is the first, `before` the last
	int64_t length_ns[DEADLINE_KINDS];
};

// Empty lists. `length_ms`: how long each kind lasts, milliseconds.
void deadlines_open(struct deadlines *all, const unsigned length_ms[DEADLINE_KINDS]);

// Sets a deadline, counted from `now_ns`, or moves one to another kind.
void deadline_set(struct deadlines *all, struct deadline *deadline, enum deadline_kind kind, int64_t now_ns);

// Lifts it. One that is not set may be lifted.
void deadline_lift(struct deadline *deadline);

static inline bool deadline_is_set(const struct deadline *deadline)
{
	return deadline->after != nullptr;
}

// The one that ends first; null if none is set.
struct deadline *deadline_next(struct deadlines *all);
