// apps/httpd/workers.h: the parent's table of workers, by generation: who there is, and how one is started and told.
//
// What is to be done about them, and when, is parent.c's.
#pragma once

#include "apps/httpd/options.h"
#include "apps/httpd/site.h"
#include "autoconf.h"

// Generations that leave may take as long as their slowest client. With more of them, SIGHUP waits.
constexpr unsigned GENERATIONS_MAX = 8;

struct worker {
	int process; // 0: none
	int orders;  // the end of its pipe; -1: closed, it is to end
	bool is_ready;
	int64_t start_ns; // when it was started, or is to be
	int64_t pause_ms; // that there was before
};

enum generation_state { GENERATION_FREE, GENERATION_STARTING, GENERATION_SERVING, GENERATION_LEAVING };

struct generation {
	enum generation_state state;
	struct site *site; // while it starts and serves
	struct worker workers[CONFIG_HTTPD_WORKERS_MAX];
};

struct parent {
	const struct choice *choice;
	const struct places *places;
	unsigned worker_count;
	struct generation generations[GENERATIONS_MAX];
	struct site sites[2]; // that of the serving generation, and that of the starting one
	int signals;
	int ready[2];       // a pipe: workers write, we read
	bool has_served;    // the first generation is through
	bool is_hup;        // a new generation is wanted
	bool is_ending;     // by a signal, or because the first generation could not start
	int64_t kill_at_ns; // when is_ending
	int status;         // of this process at the end
	int64_t now_ns;
};

// The generation in this state, of which there is one at most but for FREE and LEAVING; null: none.
struct generation *generation_in(struct parent *parent, enum generation_state state);

// Whose process this is, and its generation; null: none's of them.
struct worker *worker_by_process(struct parent *parent, int process, struct generation **generation);

// Starts a worker of the generation in this place, which is empty. Zero or -errno.
[[nodiscard]] int worker_start(struct parent *parent, struct generation *generation, unsigned slot);

// Tells it to leave.
void worker_leave(const struct worker *worker);

// Tells it, or all there are, to end.
void worker_end(struct worker *worker);
void workers_end(struct parent *parent);

// Ends all there are, without telling them.
void workers_kill(struct parent *parent);
