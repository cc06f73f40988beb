// ring/emulate/submit.c: takes entries out of the submission queue and makes requests of them: chains, and drains.
//
// An entry with IOSQE_IO_LINK opens a chain that the first entry without it closes, or the end of the batch. Only the head of a
// chain is started; each of the others is started by the end of the one before it (complete.c).
//
//	[ A LINK ][ B LINK ][ C ][ D ]      A -> B -> C,  D
//
// An entry that is refused at once ends its whole chain, and without IORING_SETUP_SUBMIT_ALL the batch too.
// [Linux io_uring/io_uring.c, io_submit_sqes() and io_submit_fail_init()]
#include "ring/emulate/emulate.h"

#define LINKS (IOSQE_IO_LINK | IOSQE_IO_HARDLINK)

// IOSQE_IO_DRAIN in a chain holds its head back, and whatever comes behind the chain. [Linux io_init_drain()]
static void note_drain(struct emulation *e, struct request *request)
{
	if (e->drains_next && e->head == nullptr) {
		e->drains_next = false;
		request->sqe.flags |= IOSQE_IO_DRAIN;
	}
	if ((request->sqe.flags & IOSQE_IO_DRAIN) != 0 && e->head != nullptr) {
		e->head->sqe.flags |= IOSQE_IO_DRAIN;
		e->drains_next = true;
	}
}

static void append(struct emulation *e, struct request *request)
{
	if (e->head == nullptr)
		e->head = request;
	else
		e->tail->chain = request;
	e->tail = request;
}

// Starts a chain, or lays it where it waits for all before it.
static void queue(struct emulation *e, struct request *head)
{
	if (head->is_failed) {
		ring_emu_request_complete(e, head, head->res);
		return;
	}
	if ((head->sqe.flags & IOSQE_IO_DRAIN) == 0 && e->deferred.first == nullptr && !e->is_draining) {
		ring_emu_run(e, head);
		return;
	}
	for (struct request *each = head; each != nullptr; each = each->chain)
		e->in_flight--;
	ring_emu_list_add(&e->deferred, head);
}

static void close_chain(struct emulation *e)
{
	struct request *head = e->head;
	e->head = nullptr;
	if (head != nullptr)
		queue(e, head);
}

// One entry. Zero, or what it was refused for, if the batch ends there.
static int take(struct emulation *e, const struct io_uring_sqe *sqe)
{
	struct request *request = ring_emu_request_new(e);
	request->sqe = *sqe;
	request->fd = -1;
	e->in_flight++;
	int error = ring_emu_check(e, request);
	if (error == 0)
		note_drain(e, request);
	if (error == 0 && sqe->opcode == IORING_OP_LINK_TIMEOUT)
		e->tail->starts_timer = true;
	if (error != 0) {
		request->is_failed = true;
		request->res = error;
		if (e->head != nullptr && !e->head->is_failed) {
			e->head->is_failed = true;
			e->head->res = -ECANCELED;
		}
	}
	append(e, request);
	if ((sqe->flags & LINKS) != 0)
		return 0;
	close_chain(e);
	return error;
}

int ring_emu_submit(struct emulation *e, unsigned count)
{
	struct indices *indices = e->indices;
	unsigned head = indices->sq_head;
	unsigned pending = load_acquire(&indices->sq_tail) - head; // pairs with the release in ring_publish
	count = count < pending ? count : pending;
	if (count > e->free_count)
		return -EBUSY;
	unsigned taken = 0;
	int error = 0;
	while (taken < count && (error == 0 || (e->flags & IORING_SETUP_SUBMIT_ALL) != 0)) {
		unsigned at = (head + taken) & indices->sq_mask;
		if (e->array != nullptr)
			at = e->array[at];
		if (at >= indices->sq_entries) {
			indices->sq_dropped++;
			head++;
			break;
		}
		taken++;
		error = take(e, &e->sqes[at]);
	}
	close_chain(e);
	store_release(&indices->sq_head, head + taken); // pairs with the acquire in ring_space
	return (int)taken;
}
