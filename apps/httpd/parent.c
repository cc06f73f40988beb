// apps/httpd/parent.c: what is done about workers, and when.
#include "apps/httpd/parent.h"

#include <linux/signalfd.h>
#include <linux/wait.h>

#include "apps/httpd/workers.h"
#include "arch/sys.h"
#include "crt/clock.h"
#include "crt/say.h"
#include "crt/signal.h"
#include "crt/str.h"

#define NS_PER_MS INT64_C(1000000)
// A worker that dies young has probably not died by chance: its successors wait longer and longer.
#define YOUNG_MS 10000
#define PAUSE_MS_MIN 100
#define PAUSE_MS_MAX 2000 // its share of those who come waits so long
// Workers end by themselves within the time to drain. One that has not, some time after that, never will.
#define GRACE_MS 2000
static void end(struct parent *parent)
{
	workers_end(parent);
	parent->is_ending = true;
	parent->kill_at_ns = parent->now_ns + (CONFIG_HTTPD_DRAIN_MS_MAX + GRACE_MS) * NS_PER_MS;
}

static void kill_all(struct parent *parent)
{
	workers_kill(parent);
	parent->kill_at_ns = INT64_MAX; // once is enough
}

// No generation becomes of this one. Its workers have said why, or the kernel has.
static void give_up(struct parent *parent, struct generation *generation)
{
	generation->state = GENERATION_LEAVING;
	for (unsigned slot = 0; slot < parent->worker_count; slot++)
		worker_end(&generation->workers[slot]);
	site_close(generation->site);
	if (parent->has_served) {
		say(STR("httpd: after SIGHUP no new workers could be started; the old ones go on"));
		return;
	}
	parent->status = 1;
	end(parent);
}

static void say_ended(int process, int how, int64_t pause_ms)
{
	uint8_t bytes[3][24];
	struct out who = out_to_memory(SPAN(bytes[0])), number = out_to_memory(SPAN(bytes[1]));
	struct out pause = out_to_memory(SPAN(bytes[2]));
	int signal = how & 0x7f;
	out_signed(&who, process);
	out_signed(&number, signal != 0 ? signal : how >> 8 & 0xff);
	out_signed(&pause, pause_ms);
	say(STR("httpd: worker "), out_written(&who),
	    signal != 0 ? STR(" was ended by signal ") : STR(" ended with status "), out_written(&number),
	    signal != 0 ? STR(" (SIG") : STR(""), signal != 0 ? signal_name(signal) : STR(""),
	    signal != 0 ? STR(")") : STR(""), STR("; another takes its place in "), out_written(&pause), STR(" ms"));
}

// How long its place stays empty after a worker has died, or could not be started.
static int64_t next_pause_ms(const struct parent *parent, const struct worker *worker)
{
	if (worker->is_ready && parent->now_ns - worker->start_ns >= YOUNG_MS * NS_PER_MS)
		return 0;
	if (worker->pause_ms == 0)
		return PAUSE_MS_MIN;
	return worker->pause_ms < PAUSE_MS_MAX / 2 ? 2 * worker->pause_ms : PAUSE_MS_MAX;
}

static void pause_start(struct parent *parent, struct worker *worker, int64_t pause_ms)
{
	worker->pause_ms = pause_ms;
	worker->start_ns = parent->now_ns + pause_ms * NS_PER_MS;
}

// A worker that could not be started because the kernel would not.
static void not_started(struct parent *parent, struct generation *generation, struct worker *worker, int error)
{
	say_error(error, STR("httpd: cannot start a worker"));
	if (generation->state == GENERATION_STARTING)
		give_up(parent, generation);
	else
		pause_start(parent, worker, next_pause_ms(parent, worker));
}

static void ended(struct parent *parent, struct generation *generation, struct worker *worker, int how)
{
	int process = worker->process;
	worker->process = 0;
	worker_end(worker);
	if (parent->is_ending || generation->state == GENERATION_LEAVING)
		return;
	int64_t pause_ms = next_pause_ms(parent, worker);
	if (generation->state == GENERATION_SERVING) {
		say_ended(process, how, pause_ms);
		pause_start(parent, worker, pause_ms);
		return;
	}
	if ((how & 0x7f) != 0) {
		uint8_t digits[24];
		struct out number = out_to_memory(SPAN(digits));
		out_signed(&number, how & 0x7f);
		say(STR("httpd: a worker was ended by signal "), out_written(&number), STR(" (SIG"),
		    signal_name(how & 0x7f), STR(") while it started"));
	}
	give_up(parent, generation);
}

static void reap(struct parent *parent)
{
	int how;
	for (int process; (process = sys_wait4(-1, &how, WNOHANG)) > 0;) {
		struct generation *generation;
		struct worker *worker = worker_by_process(parent, process, &generation);
		if (worker != nullptr) // else a child that this process had before it became httpd
			ended(parent, generation, worker, how);
	}
}

static void read_ready(struct parent *parent)
{
	int32_t process;
	if (sys_read(parent->ready[0], &process, sizeof(process)) != (long)sizeof(process))
		return;
	struct generation *generation;
	struct worker *worker = worker_by_process(parent, process, &generation);
	if (worker != nullptr)
		worker->is_ready = true;
}

static void read_signal(struct parent *parent)
{
	struct signalfd_siginfo told;
	if (sys_read(parent->signals, &told, sizeof(told)) != (long)sizeof(told))
		return;
	switch (told.ssi_signo) {
	case SIGCHLD:
		return; // reap looks in any case: two of these may come as one
	case SIGHUP:
		parent->is_hup = true;
		return;
	default:
		if (parent->is_ending)
			kill_all(parent);
		else
			end(parent);
	}
}

// The generation serves: it is told, or that before it leaves.
static void serve(struct parent *parent, struct generation *generation)
{
	struct generation *before = generation_in(parent, GENERATION_SERVING);
	generation->state = GENERATION_SERVING;
	if (!parent->has_served)
		places_tell(parent->places, str_from_cstr(parent->choice->folder));
	parent->has_served = true;
	if (before == nullptr)
		return;
	before->state = GENERATION_LEAVING;
	site_close(before->site);
	for (unsigned slot = 0; slot < parent->worker_count; slot++)
		worker_leave(&before->workers[slot]);
}

// One after the other, so that what is wrong with all is said once.
static void start_next(struct parent *parent, struct generation *generation)
{
	for (unsigned slot = 0; slot < parent->worker_count; slot++) {
		struct worker *worker = &generation->workers[slot];
		if (worker->process != 0 && worker->is_ready)
			continue;
		int error = worker->process != 0 ? 0 : worker_start(parent, generation, slot);
		if (error != 0)
			not_started(parent, generation, worker, error);
		return;
	}
	serve(parent, generation);
}

static void start_again(struct parent *parent, struct generation *generation)
{
	for (unsigned slot = 0; slot < parent->worker_count; slot++) {
		struct worker *worker = &generation->workers[slot];
		if (worker->process != 0 || worker->start_ns > parent->now_ns)
			continue;
		int error = worker_start(parent, generation, slot);
		if (error != 0)
			not_started(parent, generation, worker, error);
	}
}

static void begin_generation(struct parent *parent, struct generation *generation)
{
	struct site *site = &parent->sites[parent->sites[0].is_open ? 1 : 0];
	parent->is_hup = false;
	if (!site_open(site, parent->choice)) {
		if (parent->has_served)
			say(STR("httpd: after SIGHUP nothing has changed: the old workers go on"));
		return;
	}
	*generation = (struct generation){.state = GENERATION_STARTING, .site = site};
	for (unsigned slot = 0; slot < parent->worker_count; slot++)
		generation->workers[slot].orders = -1;
}

// What has nobody left is free for the next.
static void free_generations(struct parent *parent)
{
	for (unsigned i = 0; i < GENERATIONS_MAX; i++) {
		struct generation *generation = &parent->generations[i];
		bool is_empty = generation->state == GENERATION_LEAVING || parent->is_ending;
		for (unsigned slot = 0; slot < parent->worker_count; slot++)
			is_empty = is_empty && generation->workers[slot].process == 0;
		if (is_empty)
			generation->state = GENERATION_FREE;
	}
}

// One is wanted, no other is on its way, and there is a place for it.
static bool can_begin(struct parent *parent)
{
	return parent->is_hup && generation_in(parent, GENERATION_STARTING) == nullptr &&
	       generation_in(parent, GENERATION_FREE) != nullptr;
}

static void start_what_is_due(struct parent *parent)
{
	if (can_begin(parent))
		begin_generation(parent, generation_in(parent, GENERATION_FREE));
	struct generation *starting = generation_in(parent, GENERATION_STARTING);
	if (starting != nullptr)
		start_next(parent, starting);
	struct generation *serving = generation_in(parent, GENERATION_SERVING);
	if (serving != nullptr)
		start_again(parent, serving);
}

// Does what is to be done now. False: there is nothing left to keep.
static bool act(struct parent *parent)
{
	if (!parent->is_ending)
		start_what_is_due(parent);
	if (!parent->is_ending)
		return true;
	free_generations(parent);
	if (parent->now_ns >= parent->kill_at_ns) {
		say(STR("httpd: a worker did not end in time, and is killed"));
		kill_all(parent);
	}
	for (unsigned i = 0; i < GENERATIONS_MAX; i++) {
		if (parent->generations[i].state != GENERATION_FREE)
			return true;
	}
	return false;
}

// When there is something to do though nothing has happened; INT64_MAX: never.
static int64_t due_ns(struct parent *parent)
{
	if (parent->is_ending)
		return parent->kill_at_ns;
	if (can_begin(parent)) // since a moment ago
		return parent->now_ns;
	int64_t at = INT64_MAX;
	const struct generation *serving = generation_in(parent, GENERATION_SERVING);
	for (unsigned slot = 0; serving != nullptr && slot < parent->worker_count; slot++) {
		const struct worker *worker = &serving->workers[slot];
		if (worker->process == 0 && worker->start_ns < at)
			at = worker->start_ns;
	}
	return at;
}

static void wait(struct parent *parent)
{
	struct pollfd ready[] = {{.fd = parent->signals, .events = POLLIN}, {.fd = parent->ready[0], .events = POLLIN}};
	int64_t at = due_ns(parent);
	int64_t patience = at > parent->now_ns ? at - parent->now_ns : 0;
	struct __kernel_timespec time = {.tv_sec = patience / 1000000000, .tv_nsec = patience % 1000000000};
	int count = sys_ppoll(ready, 2, at == INT64_MAX ? nullptr : &time, nullptr);
	parent->now_ns = clock_monotonic_ns();
	if (count > 0 && ready[1].revents != 0)
		read_ready(parent);
	if (count > 0 && ready[0].revents != 0)
		read_signal(parent);
	reap(parent);
	free_generations(parent);
}

// Signals wait until they are read; workers inherit that, and read none.
static int hear_signals(struct parent *parent)
{
	uint64_t heard = signal_bit(SIGTERM) | signal_bit(SIGINT) | signal_bit(SIGHUP) | signal_bit(SIGCHLD);
	// Who ignores it has no children to wait for, and whoever started this process may have ignored it. [wait(2), NOTES]
	int error = signal_default(SIGCHLD);
	if (error == 0)
		error = signal_block(heard | signal_bit(SIGPIPE), nullptr);
	if (error != 0)
		return error;
	parent->signals = sys_signalfd4(-1, &heard, SFD_CLOEXEC);
	return parent->signals < 0 ? parent->signals : 0;
}

int parent_run(struct choice *choice)
{
	static struct parent parent;
	parent = (struct parent){.choice = choice, .places = &choice->places, .worker_count = choice->workers};
	for (unsigned i = 0; i < GENERATIONS_MAX; i++) {
		for (unsigned slot = 0; slot < parent.worker_count; slot++)
			parent.generations[i].workers[slot].orders = -1;
	}
	int error = hear_signals(&parent); // before there is a path to be removed
	if (error == 0)
		error = sys_pipe2(parent.ready, O_CLOEXEC);
	if (error != 0) {
		say_error(error, STR("httpd: cannot get a descriptor for signals"));
		return 1;
	}
	if (!places_open(&choice->places, (uint16_t)choice->port, choice->workers))
		return 1;
	parent.now_ns = clock_monotonic_ns();
	begin_generation(&parent, &parent.generations[0]);
	if (generation_in(&parent, GENERATION_STARTING) == nullptr)
		parent.status = 1;
	else
		while (act(&parent))
			wait(&parent);
	places_remove(&choice->places);
	return parent.status;
}
