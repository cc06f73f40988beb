// apps/httpd/workers.c: starting, telling, finding.
#include "apps/httpd/workers.h"

#include "apps/httpd/worker.h"
#include "arch/sys.h"

struct generation *generation_in(struct parent *parent, enum generation_state state)
{
	for (unsigned i = 0; i < GENERATIONS_MAX; i++) {
		if (parent->generations[i].state == state)
			return &parent->generations[i];
	}
	return nullptr;
}

void worker_end(struct worker *worker)
{
	if (worker->orders >= 0)
		(void)sys_close(worker->orders); // the descriptor is gone whatever close says
	worker->orders = -1;
}

void workers_end(struct parent *parent)
{
	for (unsigned i = 0; i < GENERATIONS_MAX; i++) {
		for (unsigned slot = 0; slot < parent->worker_count; slot++)
			worker_end(&parent->generations[i].workers[slot]);
	}
}

static int become_worker(struct parent *parent, struct generation *generation, unsigned slot, int orders)
{
	workers_end(parent);              // of this process's copies of the pipes: those that count are the parent's
	(void)sys_close(parent->signals); // the descriptor is gone whatever close says
	(void)sys_close(parent->ready[0]);
	for (unsigned i = 0; i < 2; i++) {
		if (&parent->sites[i] != generation->site)
			site_close(&parent->sites[i]); // that of another generation
	}
	int listeners[PLACES_MAX];
	places_keep(parent->places, slot, listeners);
	struct worker_task task = {
		.choice = parent->choice,
		.site = generation->site,
		.listeners = listeners,
		.listener_count = parent->places->count,
		.orders = orders,
		.ready = parent->ready[1],
		.tells = !parent->has_served && slot == 0,
	};
	return worker_run(&task);
}

int worker_start(struct parent *parent, struct generation *generation, unsigned slot)
{
	struct worker *worker = &generation->workers[slot];
	int pipe[2];
	int error = sys_pipe2(pipe, O_CLOEXEC);
	if (error != 0)
		return error;
	int process = sys_clone(SIGCHLD);
	if (process == 0) {
		(void)sys_close(pipe[1]); // else its end would never be seen
		sys_exit_group(become_worker(parent, generation, slot, pipe[0]));
	}
	(void)sys_close(pipe[0]);
	if (process < 0) {
		(void)sys_close(pipe[1]);
		return process;
	}
	worker->process = process;
	worker->orders = pipe[1];
	worker->is_ready = false;
	worker->start_ns = parent->now_ns;
	return 0;
}

void workers_kill(struct parent *parent)
{
	for (unsigned i = 0; i < GENERATIONS_MAX; i++) {
		for (unsigned slot = 0; slot < parent->worker_count; slot++) {
			int process = parent->generations[i].workers[slot].process;
			if (process != 0)
				(void)sys_kill(process, SIGKILL); // it is our child, so the number is still its own
		}
	}
}

struct worker *worker_by_process(struct parent *parent, int process, struct generation **generation)
{
	for (unsigned i = 0; i < GENERATIONS_MAX; i++) {
		*generation = &parent->generations[i];
		for (unsigned slot = 0; slot < parent->worker_count; slot++) {
			if ((*generation)->workers[slot].process == process)
				return &(*generation)->workers[slot];
		}
	}
	return nullptr;
}

void worker_leave(const struct worker *worker)
{
	if (worker->process != 0)
		(void)sys_write(worker->orders, "", 1); // there is room; if it does not arrive, it has died
}
