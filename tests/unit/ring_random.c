// tests/unit/ring_random.c: random programs do on a ring what the manual says, whichever engine is below it.
//
// For either engine.
//
// A seed makes a program (make_program), a model says what may come of it (ring_random_model.h), a ring runs it
// (ring_random_run.h), and every completion, byte and descriptor is compared. If they differ, steps are dropped as long as they
// still differ, and what remains is printed. The model knows nothing of either engine, so both are held to the same.
//
//	RINGLET_SEED       the first seed; each program has the next one. Without it: the clock's.
//	RINGLET_SEQUENCES  how many programs. Without it: 10,000, or what 45 seconds allow (2 with RINGLET_SLOW=1).
//
// On the kernel a difference counts if it comes again, or if there are several in a run: see recurs.
#include "tests/unit/ring_random_run.h"

#include "crt/process.h"
#include "crt/str.h"
#include "ring/engine.h"
#include "tests/unit/ring_needs.h"
#include "tests/unit/ring_scale.h"

#define SEQUENCES 10000
#define REPEATS 100
#define ONCE_MAX 2 // differences in a run that did not come again
#define NS_PER_S 1000000000
#define RUN_S_MAX 45 // a test has 60
#define SLOW_RUN_S_MAX 2
#define SHRINK_NS_MAX (INT64_C(10) * NS_PER_S)
#define SAMPLES 40      // schedules that a program is tried with, before it counts as one to test
#define ALIKE_MIN 10    // .. and how many of those must do just what schedule 0 does
#define SCHEDULES 10000 // .. and that are tried to find the one that a ring has taken
#define HANG_S 15       // what no program takes

static uint64_t dice;

// Before the drain was written anew in 6.16, what came behind a drained entry could pass it: the kernels before do other things than
// those the model knows, so they are asked for none. [Linux io_uring/io_uring.c, io_drain_req()]
static uint8_t drain = IOSQE_IO_DRAIN;

static unsigned below(unsigned limit)
{
	return (unsigned)(roll(&dice) % limit);
}

static bool percent(unsigned chance)
{
	return below(100) < chance;
}

// Comparing.

static void sort(struct outcome *outcome)
{
	for (unsigned i = 1; i < outcome->count; i++) {
		struct seen now = outcome->seen[i];
		unsigned at = i;
		for (; at > 0 && (outcome->seen[at - 1].segment > now.segment ||
				  (outcome->seen[at - 1].segment == now.segment && outcome->seen[at - 1].id > now.id));
		     at--)
			outcome->seen[at] = outcome->seen[at - 1];
		outcome->seen[at] = now;
	}
}

// Empty: the ring did what the model did. Both are sorted.
static struct str difference(const struct outcome *model, const struct outcome *ring)
{
	if (ring->broken.len != 0)
		return ring->broken;
	if (model->count != ring->count)
		return STR("another number of completions");
	for (unsigned i = 0; i < model->count; i++) {
		const struct seen *left = &model->seen[i], *right = &ring->seen[i];
		if (left->segment != right->segment || left->id != right->id)
			return STR("other completions");
		if (left->res != right->res || left->flags != right->flags)
			return STR("another result");
	}
	if (model->is_loose)
		return (struct str){};
	for (unsigned id = 1; id <= ID_MAX; id++) {
		if (model->has_ended[id] && memcmp(model->memory[id], ring->memory[id], BYTES_MAX) != 0)
			return STR("other bytes were read");
	}
	for (unsigned end = 0; end < ENDS; end++) {
		if (model->is_closed[end] != ring->is_closed[end])
			return STR("other descriptors are open");
		if (model->left_count[end] != ring->left_count[end] ||
		    memcmp(model->left[end], ring->left[end], model->left_count[end]) != 0)
			return STR("other bytes are left to read");
	}
	if (model->file_size != ring->file_size || model->file_at != ring->file_at ||
	    memcmp(model->file, ring->file, model->file_size) != 0)
		return STR("another file");
	return (struct str){};
}

// Making programs.

// What a program is about, so that its operations meet.
static struct {
	uint8_t ends[ENDS];
	unsigned ends_count;
	bool has_drain, has_silent, has_counts, has_fixed;
} theme;

static uint8_t any_end(void)
{
	return theme.ends[below(theme.ends_count)];
}

// An end that can be read (or written), as far as the theme has one; now and then any.
static uint8_t end_for(const uint8_t *streams)
{
	uint8_t end = any_end();
	for (unsigned tries = 0; tries < 8 && streams[end] == NO_STREAM && end != FILE_END && !percent(4); tries++)
		end = any_end();
	return end;
}

static void make_theme(void)
{
	static const uint8_t groups[] = {P_READ, Q_READ, FULL_READ, S_LEFT, D_LEFT, FILE_END};
	theme.ends_count = 0;
	unsigned chosen = 0;
	for (unsigned count = 1 + below(3); count > 0; count--)
		chosen |= 1u << below(6);
	for (unsigned i = 0; i < 6; i++) {
		if ((chosen & 1u << i) == 0)
			continue;
		theme.ends[theme.ends_count++] = groups[i];
		if (groups[i] != FILE_END)
			theme.ends[theme.ends_count++] = groups[i] + 1;
	}
	unsigned kind = below(10);
	theme.has_drain = kind < 3;
	theme.has_silent = kind >= 3 && kind < 6; // not both: -EOPNOTSUPP [io_uring_enter(2)]
	theme.has_counts = kind == 6;
	theme.has_fixed = percent(25);
}

static uint8_t any_verb(void)
{
	static const struct {
		uint8_t verb, weight;
	} table[] = {
		{READ, 18},
		{WRITE, 20},
		{RECV, 7},
		{SEND, 7},
		{NOP, 8},
		{BAD, 3},
		{FSYNC, 2},
		{POLL, 10},
		{TIMEOUT, 8},
		{SHUTDOWN, 2},
		{CLOSE, 2},
		{CANCEL, 8},
		{CANCEL_FD, 3},
		{CANCEL_ANY, 2},
		{POLL_REMOVE, 2},
		{TIMEOUT_REMOVE, 3},
		{TIMEOUT_UPDATE, 2},
	};
	unsigned sum = 0;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		sum += table[i].weight;
	unsigned at = below(sum);
	for (size_t i = 0;; at -= table[i++].weight) {
		if (at < table[i].weight)
			return table[i].verb;
	}
}

static struct step make_operation(struct program *program)
{
	struct step step = {.what = PUSH, .verb = any_verb(), .id = ++program->ids, .len = (uint16_t)(1 + below(20))};
	switch (step.verb) {
	case READ:
	case RECV:
		step.end = end_for(reads_from);
		step.len = step.end == FULL_READ ? 4096 : step.len;
		step.is_whole = step.verb == RECV && (step.end == S_LEFT || step.end == S_RIGHT) && percent(40);
		break;
	case WRITE:
	case SEND:
		step.end = end_for(writes_to);
		break;
	case FSYNC:
		step.end = FILE_END;
		break;
	case SHUTDOWN:
		step.end = percent(50) ? S_LEFT : S_RIGHT;
		break;
	case CLOSE:
		step.end = (uint8_t)below(Q_WRITE + 1);
		break;
	case POLL:
		step.end = any_end();
		step.end = step.end == FILE_END ? P_READ : step.end;
		step.events = percent(70) ? POLLIN : percent(70) ? POLLOUT : POLLIN | POLLOUT;
		break;
	case TIMEOUT:
		step.is_short = percent(40);
		step.is_success = percent(30);
		if (theme.has_counts && percent(70)) {
			step.is_short = false;
			step.count = (uint8_t)(1 + below(3));
		}
		break;
	case TIMEOUT_UPDATE:
		step.is_short = percent(60);
		break;
	case CANCEL_FD:
		step.end = any_end();
		step.is_all = percent(50);
		break;
	case CANCEL_ANY:
		step.is_all = percent(70);
		break;
	}
	if (step.end == FILE_END)
		step.offset = percent(30) ? AT_POSITION : (uint16_t)below(130);
	if (has_target(&step))
		step.target = (uint8_t)(1 + below(program->ids));
	bool is_file = has_end(&step) && step.verb != CLOSE && step.verb != CANCEL_FD;
	step.is_fixed = theme.has_fixed && is_file && percent(40);
	if (theme.has_silent && percent(30))
		step.flags |= IOSQE_CQE_SKIP_SUCCESS;
	if ((is_read(&step) || is_write(&step) || step.verb == NOP) && percent(8))
		step.flags |= IOSQE_ASYNC;
	return step;
}

static bool has_room(const struct program *program)
{
	return program->count + 4 < STEPS_MAX && program->ids + 3 < ID_MAX;
}

static void add(struct program *program, struct step step)
{
	program->steps[program->count++] = step;
}

static void add_batch(struct program *program)
{
	bool is_open = false;
	for (unsigned count = 1 + below(5); count > 0 && has_room(program); count--) {
		struct step step = make_operation(program);
		if (!is_open && theme.has_drain && percent(20))
			step.flags |= drain;
		is_open = percent(count > 1 ? 45 : 5);
		if (is_open)
			step.flags |= percent(75) ? IOSQE_IO_LINK : IOSQE_IO_HARDLINK;
		if (!is_open && count == 1 && percent(25))
			step.what = DO, step.flags &= (uint8_t)~IOSQE_CQE_SKIP_SUCCESS;
		add(program, step);
		if (!is_open || !percent(25) || !has_room(program))
			continue;
		struct step deadline = {
			.what = PUSH, .verb = LINK_TIMEOUT, .id = ++program->ids, .is_short = percent(50)};
		is_open = count > 1 && percent(50);
		if (is_open)
			deadline.flags = IOSQE_IO_LINK;
		add(program, deadline);
	}
	if (!percent(25))
		add(program, (struct step){.what = percent(80) ? SETTLE : SUBMIT});
}

static void add_from_outside(struct program *program)
{
	uint8_t end = end_for(writes_to);
	bool closes = end <= Q_WRITE && percent(20);
	if (end == FILE_END || (!closes && writes_to[end] == NO_STREAM))
		return;
	add(program, (struct step){.what = closes ? OUTSIDE_CLOSE : OUTSIDE_WRITE,
				   .end = end,
				   .id = ++program->ids,
				   .len = (uint16_t)(1 + below(20))});
	if (percent(80))
		add(program, (struct step){.what = SETTLE});
}

static struct outcome expected, other, real;

// Whether a program can be tested: every schedule brings the same number of completions to each wait, and most of what
// else they bring is the same too. Schedule 0 is left in `expected`.
static bool is_testable(const struct program *program)
{
	if (!model_run(program, 0, &expected))
		return false;
	sort(&expected);
	unsigned alike = 0;
	for (uint64_t schedule = 1; schedule <= SAMPLES; schedule++) {
		if (!model_run(program, schedule, &other) ||
		    memcmp(other.per_segment, expected.per_segment, sizeof(other.per_segment)) != 0)
			return false;
		sort(&other);
		alike += difference(&expected, &other).len == 0;
	}
	return alike >= ALIKE_MIN;
}

static struct program make_program(uint64_t seed)
{
	static const uint8_t entries[] = {4, 8, 16};
	dice = seed;
	make_theme();
	struct program program = {.kind = (uint8_t)below(RING_KINDS), .entries = entries[below(3)]};
	for (unsigned batches = 2 + below(6); batches > 0 && has_room(&program); batches--) {
		for (unsigned tries = 0; tries < 4; tries++) {
			struct program longer = program;
			if (percent(80))
				add_batch(&longer);
			else
				add_from_outside(&longer);
			if (longer.count == program.count || !is_testable(&longer))
				continue;
			program = longer;
			break;
		}
	}
	if (percent(50)) {
		struct program longer = program;
		add(&longer, (struct step){.what = PUSH, .verb = CANCEL_ANY, .is_all = true, .id = ++longer.ids});
		if (is_testable(&longer))
			program = longer;
	}
	return program;
}

struct verdict {
	int error; // ring_open's
	struct str difference;
};

// Runs a program and looks for a schedule that explains it.
static struct verdict test(const struct program *program, const struct ring_engine *engine)
{
	(void)model_run(program, 0, &expected);
	struct verdict verdict = {.error = real_run(program, engine, &expected, &real)};
	if (verdict.error != 0)
		return verdict;
	sort(&expected);
	sort(&real);
	verdict.difference = difference(&expected, &real);
	if (real.broken.len != 0)
		return verdict;
	for (uint64_t schedule = 1; verdict.difference.len != 0 && schedule <= SCHEDULES; schedule++) {
		bool is_good = model_run(program, schedule, &other) &&
			       memcmp(other.per_segment, expected.per_segment, sizeof(other.per_segment)) == 0;
		sort(&other);
		if (!is_good || difference(&other, &real).len == 0)
			verdict.difference =
				(struct
				 str){}; // explained; or the few samples had missed that it is no program to test
	}
	return verdict;
}

// Shrinking.

static bool still_fails(const struct program *program, const struct ring_engine *engine)
{
	return is_testable(program) && test(program, engine).difference.len != 0;
}

static bool try_without(struct program *program, unsigned from, unsigned count, const struct ring_engine *engine)
{
	struct program shorter = *program;
	memmove(&shorter.steps[from], &shorter.steps[from + count],
		(program->count - from - count) * sizeof(struct step));
	shorter.count = (uint8_t)(program->count - count);
	if (!still_fails(&shorter, engine))
		return false;
	*program = shorter;
	return true;
}

// One change that makes a step plainer.
static bool try_plainer(struct program *program, unsigned at, const struct ring_engine *engine)
{
	static const uint8_t flags[] = {IOSQE_IO_LINK, IOSQE_IO_HARDLINK, IOSQE_IO_DRAIN, IOSQE_ASYNC,
					IOSQE_CQE_SKIP_SUCCESS};
	bool changed = false;
	for (size_t i = 0; i < sizeof(flags); i++) {
		struct program plainer = *program;
		if ((plainer.steps[at].flags & flags[i]) == 0)
			continue;
		plainer.steps[at].flags &= (uint8_t)~flags[i];
		if (still_fails(&plainer, engine)) {
			*program = plainer;
			changed = true;
		}
	}
	struct program plainer = *program;
	if (plainer.steps[at].what == DO) {
		plainer.steps[at].what = PUSH;
		if (still_fails(&plainer, engine)) {
			*program = plainer;
			changed = true;
		}
	}
	return changed;
}

static void shrink(struct program *program, const struct ring_engine *engine)
{
	int64_t deadline = monotonic_ns() + SHRINK_NS_MAX;
	run.wait_ns_max = 100 * NS_PER_MS;
	bool changed = true;
	while (changed) {
		changed = false;
		for (unsigned size = program->count; size > 0; size /= 2) {
			for (unsigned at = 0; at + size <= program->count;) {
				if (monotonic_ns() > deadline)
					return;
				if (try_without(program, at, size, engine))
					changed = true;
				else
					at++;
			}
		}
		for (unsigned at = 0; at < program->count && monotonic_ns() < deadline; at++)
			changed |= try_plainer(program, at, engine);
	}
}

// Telling.

static uint8_t text[16384];

static void tell_outcome(struct out *out, struct str who, const struct outcome *outcome)
{
	out_str(out, STR("#   "));
	out_str(out, who);
	out_byte(out, '\n');
	for (unsigned i = 0; i < outcome->count; i++) {
		const struct seen *seen = &outcome->seen[i];
		out_str(out, STR("#     wait "));
		out_unsigned(out, seen->segment + 1u);
		tell_field(out, STR("token"), seen->id);
		out_str(out, STR(" res="));
		out_signed(out, seen->res);
		if (seen->res < 0) {
			out_byte(out, ' ');
			out_str(out, errno_name(seen->res));
		}
		if (seen->flags != 0)
			tell_field(out, STR("flags"), seen->flags);
		out_byte(out, '\n');
	}
}

static void tell_seed(struct out *out, uint64_t seed)
{
	out_str(out, STR("RINGLET_SEED="));
	out_unsigned(out, seed);
}

static struct {
	uint64_t seed;
	struct program program;
} now;

static void tell(struct str what, struct str why)
{
	struct out out = out_to_fd(SYS_STDOUT, SPAN(text));
	out_str(&out, STR("# "));
	out_str(&out, what);
	out_str(&out, why);
	out_str(&out, STR(". Again: RINGLET_SEQUENCES=1 "));
	tell_seed(&out, now.seed);
	out_byte(&out, '\n');
	tell_program(&out, &now.program);
	if (expected.count != 0 || real.count != 0) {
		tell_outcome(&out, STR("the manual"), &expected);
		tell_outcome(&out, STR("the ring"), &real);
	}
	(void)out_flush(&out);
}

// A ring_do, or an engine, that never comes back.
static void on_hang(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
	tell(STR(""), STR("it hangs"));
	sys_exit_group(1);
}

static void watch(long seconds)
{
	struct __kernel_old_itimerval timer = {.it_value.tv_sec = seconds};
	CHECK_EQUAL(syscall6(__NR_setitimer, 0 /* ITIMER_REAL */, (long)&timer, 0, 0, 0, 0), 0);
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
	uint64_t value = otherwise;
	const char *given = process_env(name);
	if (given != nullptr)
		CHECK(str_to_unsigned(str_from_cstr(given), &value));
	return value;
}

// Whether a difference that was seen comes again. The kernel's workers race with the program in more ways than the model knows of,
// about once in 20,000 programs; what is wrong with the library comes again. An emulation has no workers.
static bool recurs(struct program *program, const struct ring_engine *engine)
{
	if (engine != &ring_kernel)
		return true;
	for (unsigned i = 0; i < REPEATS; i++) {
		struct verdict verdict = test(program, engine);
		if (verdict.error != 0 || verdict.difference.len != 0)
			return true;
	}
	return false;
}

static void run_programs(const struct ring_engine *engine)
{
	uint64_t count = setting("RINGLET_SEQUENCES", SEQUENCES);
	uint64_t seed = setting("RINGLET_SEED", (uint64_t)monotonic_ns());
	bool is_limited = process_env("RINGLET_SEQUENCES") == nullptr;
	drain = engine == &ring_kernel && kernel_is_older(6, 16) ? 0 : IOSQE_IO_DRAIN;
	CHECK_EQUAL(signal_ignore(SIGPIPE), 0);
	CHECK_EQUAL(signal_catch(SIGALRM, on_hang, 0), 0);

	int64_t start = monotonic_ns(), run_ns_max = INT64_C(NS_PER_S) * (is_slow() ? SLOW_RUN_S_MAX : RUN_S_MAX);
	uint64_t done = 0, steps = 0, completions = 0;
	unsigned once = 0;
	for (; done < count && (!is_limited || monotonic_ns() - start < run_ns_max); done++) {
		watch(HANG_S);
		run.wait_ns_max = 2000 * NS_PER_MS;
		now.seed = seed + done;
		now.program = make_program(now.seed);
		struct verdict verdict = test(&now.program, engine);
		if (verdict.error == -ENOSYS || verdict.error == -EPERM) {
			watch(0);
			unit_skip(ring_explain(verdict.error));
			return;
		}
		CHECK_EQUAL(verdict.error, 0);
		steps += now.program.count;
		completions += real.count;
		if (verdict.difference.len == 0)
			continue;
		watch(0);
		tell(STR(""), verdict.difference);
		watch(HANG_S * 2);
		if (!recurs(&now.program, engine) && CHECK(++once <= ONCE_MAX)) {
			static const struct str again = STR("# It did not come again in 100 repeats.\n");
			CHECK_EQUAL(sys_write(SYS_STDOUT, again.ptr, again.len), again.len);
			continue;
		}
		CHECK(verdict.difference.len == 0);
		watch(HANG_S * 2);
		shrink(&now.program, engine);
		verdict = test(&now.program, engine);
		tell(STR("Shrunk: "), verdict.difference.len != 0 ? verdict.difference : STR("now it does not"));
		break;
	}
	watch(0);

	struct out out = out_to_fd(SYS_STDOUT, SPAN(text));
	out_str(&out, STR("# "));
	out_unsigned(&out, done);
	out_str(&out, STR(" programs of "));
	out_unsigned(&out, steps);
	out_str(&out, STR(" steps and "));
	out_unsigned(&out, completions);
	out_str(&out, STR(" completions in "));
	out_unsigned(&out, (uint64_t)((monotonic_ns() - start) / NS_PER_MS));
	out_str(&out, STR(" ms, from "));
	tell_seed(&out, seed);
	out_byte(&out, '\n');
	(void)out_flush(&out);
}

UNIT(random_programs)
{
	run_programs(wants_emulation() ? &ring_emulated : &ring_kernel);
}
