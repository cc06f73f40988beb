// apps/httpd/deadline.c: who has run out of time.
#include "apps/httpd/deadline.h"

#define NS_PER_MS 1000000

void deadlines_open(struct deadlines *all, const unsigned length_ms[DEADLINE_KINDS])
{
	for (unsigned kind = 0; kind < DEADLINE_KINDS; kind++) {
		struct deadline *ends = &all->lists[kind];
		*ends = (struct deadline){.before = ends, .after = ends};
		all->length_ns[kind] = (int64_t)length_ms[kind] * NS_PER_MS;
	}
}

void deadline_set(struct deadlines *all, struct deadline *deadline, enum deadline_kind kind, int64_t now_ns)
{
	deadline_lift(deadline);
	struct deadline *ends = &all->lists[kind];
	*deadline = (struct deadline){
		.before = ends->before,
		.after = ends,
		.at_ns = now_ns + all->length_ns[kind],
		.kind = kind,
	};
	deadline->before->after = deadline;
	ends->before = deadline;
}

void deadline_lift(struct deadline *deadline)
{
	if (!deadline_is_set(deadline))
		return;
	deadline->before->after = deadline->after;
	deadline->after->before = deadline->before;
	*deadline = (struct deadline){0};
}

struct deadline *deadline_next(struct deadlines *all)
{
	struct deadline *next = nullptr;
	for (unsigned kind = 0; kind < DEADLINE_KINDS; kind++) {
		struct deadline *first = all->lists[kind].after;
		if (first != &all->lists[kind] && (next == nullptr || first->at_ns < next->at_ns))
			next = first;
	}
	return next;
}
