// ring/emulate/complete.c: how a request ends: its completion, its chain, its place in the table.
//
// A completion always has somewhere to be. When the completion queue is full it stays in the request, and the request in
// `overflow`, until there is room; IORING_SQ_CQ_OVERFLOW tells the program to come and ask. The kernel allocates for the same
// purpose; here the table is the limit, and enter takes no entries that it could not end. [Linux io_uring/io_uring.c,
// __io_cqring_overflow_flush()]
#include "ring/emulate/emulate.h"

void ring_emu_list_add(struct list *list, struct request *request)
{
	request->in = list;
	request->next = nullptr;
	request->prev = list->last;
	*(list->last != nullptr ? &list->last->next : &list->first) = request;
	list->last = request;
}

void ring_emu_list_remove(struct request *request)
{
	struct list *list = request->in;
	if (list == nullptr)
		return;
	*(request->prev != nullptr ? &request->prev->next : &list->first) = request->next;
	*(request->next != nullptr ? &request->next->prev : &list->last) = request->prev;
	request->in = nullptr;
}

struct request *ring_emu_request_new(struct emulation *e)
{
	if (e->free_count == 0)
		return nullptr;
	e->free_count--;
	struct request *request = e->free;
	if (request == nullptr)
		return &e->requests[e->requests_used++]; // zero, as the mapping was
	e->free = request->next;
	*request = (struct request){};
	return request;
}

static void request_free(struct emulation *e, struct request *request)
{
	ring_emu_forget(e, request);
	request->next = e->free;
	e->free = request;
	e->free_count++;
}

bool ring_emu_has_room(const struct emulation *e)
{
	// Pairs with the program's release when it has popped.
	return e->overflow.first == nullptr && e->cq_tail - load_acquire(&e->indices->cq_head) < e->indices->cq_entries;
}

static void post(struct emulation *e, uint64_t token, int result, uint32_t flags)
{
	struct io_uring_cqe *slot = &e->cqes[e->cq_tail & e->indices->cq_mask];
	slot->user_data = token;
	slot->res = result;
	slot->flags = flags;
	store_release(&e->indices->cq_tail, ++e->cq_tail); // pairs with the program's acquire
}

// Says that it has ended, and then that its memory is free where that is owed. False: there was no room for all of it.
static bool tell_end(struct emulation *e, struct request *request)
{
	while (ring_emu_has_room(e)) {
		post(e, request->sqe.user_data, request->res, request->cflags);
		if (!request->owes_notice) {
			request_free(e, request);
			return true;
		}
		bool is_asked = (request->sqe.ioprio & IORING_SEND_ZC_REPORT_USAGE) != 0;
		request->owes_notice = false;
		request->res = is_asked ? (int)IORING_NOTIF_USAGE_ZC_COPIED : 0;
		request->cflags = IORING_CQE_F_NOTIF;
	}
	return false;
}

static void post_or_keep(struct emulation *e, struct request *request, int result)
{
	e->has_async |= (request->sqe.flags & IOSQE_ASYNC) != 0;
	request->res = result;
	if (!tell_end(e, request))
		ring_emu_list_add(&e->overflow, request);
}

void ring_emu_flush_overflow(struct emulation *e)
{
	struct list kept = e->overflow;
	e->overflow = (struct list){};
	struct request *request = kept.first;
	while (request != nullptr) {
		struct request *next = request->next;
		if (!tell_end(e, request))
			break;
		request = next;
	}
	if (request == nullptr)
		return;
	request->prev = nullptr;
	e->overflow = (struct list){request, kept.last};
}

bool ring_emu_request_post_more(struct emulation *e, struct request *request, int result, uint32_t flags)
{
	if (!ring_emu_has_room(e))
		return false;
	post(e, request->sqe.user_data, result, flags | IORING_CQE_F_MORE);
	return true;
}

int ring_emu_post_alone(struct emulation *e, uint64_t token, int result, uint32_t flags)
{
	struct request *bearer = ring_emu_request_new(e);
	if (bearer == nullptr)
		return -EOVERFLOW;
	bearer->sqe.user_data = token;
	bearer->cflags = flags;
	post_or_keep(e, bearer, result);
	return 0;
}

// Ends it, and says so unless it was to be silent.
static void end(struct emulation *e, struct request *request, int result, bool is_silent)
{
	e->in_flight--;
	bool is_uncopied = request->sqe.opcode == IORING_OP_SEND_ZC || request->sqe.opcode == IORING_OP_SENDMSG_ZC;
	request->owes_notice = is_uncopied && !request->is_failed;
	if (request->owes_notice)
		request->cflags |= IORING_CQE_F_MORE;
	if (is_silent)
		request_free(e, request);
	else
		post_or_keep(e, request, result);
}

static void cancel_chain(struct emulation *e, struct request *request, bool is_silent)
{
	while (request != nullptr) {
		struct request *next = request->chain;
		end(e, request, request->is_failed ? request->res : -ECANCELED, is_silent);
		request = next;
	}
}

// The link timeout of a request that ends: it has run, or was about to.
static struct request *take_timer(struct request *request)
{
	struct request *timer = request->timer;
	if (timer != nullptr) {
		ring_emu_list_remove(timer);
		return timer;
	}
	timer = request->chain;
	if (!request->starts_timer || timer == nullptr || timer->sqe.opcode != IORING_OP_LINK_TIMEOUT)
		return nullptr;
	request->chain = timer->chain;
	return timer;
}

void ring_emu_request_complete(struct emulation *e, struct request *request, int result)
{
	ring_emu_list_remove(request);
	uint64_t tag = ring_emu_watch_leave(e, request);

	// [Linux io_uring/io_uring.h, req_set_fail(): what fails is told though it was to be silent, and then the rest of
	// its chain is silent; io_uring/timeout.c, io_disarm_next()]
	bool has_failed = request->is_failed || request->is_short ||
			  (result < 0 && !request->is_calm && !ring_emu_fails_softly(request->sqe.opcode));
	bool is_quiet = (request->sqe.flags & IOSQE_CQE_SKIP_SUCCESS) != 0;
	bool holds = (request->sqe.flags & IOSQE_IO_HARDLINK) != 0 && !request->is_failed;
	struct request *timer = take_timer(request);
	struct request *next = request->chain;
	end(e, request, result, is_quiet && !has_failed);
	if (tag != 0)
		(void)ring_emu_post_alone(e, tag, 0, 0); // one request less, so there is a place for it

	if (timer != nullptr)
		end(e, timer, -ECANCELED, (timer->sqe.flags & IOSQE_CQE_SKIP_SUCCESS) != 0);
	if (has_failed && !holds)
		cancel_chain(e, next, is_quiet);
	else if (next != nullptr)
		ring_emu_list_add(&e->ready, next);
}

// When nothing is in flight the first that was held back goes on: alone, if it is drained itself, else with those behind it up to
// the next drained one. [io_uring_enter(2), IOSQE_IO_DRAIN; Linux io_uring/io_uring.c, io_queue_deferred()]
void ring_emu_start_deferred(struct emulation *e)
{
	if (e->in_flight != 0)
		return;
	e->is_draining = false;
	struct request *request;
	while (!e->is_draining && (request = e->deferred.first) != nullptr) {
		bool is_drained = (request->sqe.flags & IOSQE_IO_DRAIN) != 0;
		if (is_drained && e->in_flight != 0)
			return; // it waits for those that have just gone
		ring_emu_list_remove(request);
		for (struct request *each = request; each != nullptr; each = each->chain)
			e->in_flight++;
		ring_emu_list_add(&e->ready, request);
		e->is_draining = is_drained;
	}
}
