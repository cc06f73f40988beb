// apps/httpd/filter.c: filter_compose.
#include "apps/httpd/filter.h"

#include <linux/seccomp.h>

#define LOAD(field) \
	((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, field)))
#define LOAD_ARGUMENT(nth)                                      \
	((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, \
				      (uint32_t)(offsetof(struct seccomp_data, args) + (nth) * sizeof(uint64_t))))
#define ANSWER(action) ((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, (action)))

// Goes on with the step after next `yes` steps further down if what was loaded is `value`, else `no` steps.
static struct sock_filter if_is(uint32_t value, size_t yes, size_t no)
{
	return (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, (uint8_t)yes, (uint8_t)no);
}

size_t filter_compose(const struct filter_call *calls, size_t count, uint32_t arch,
		      struct sock_filter steps[FILTER_STEPS_MAX])
{
	size_t total = 6;
	for (size_t i = 0; i < count; i++)
		total += calls[i].is_narrow ? 4 : 1;
	size_t allow = total - 1; // the last step

	size_t at = 0;
	steps[at++] = LOAD(arch);
	steps[at++] = if_is(arch, 1, 0);
	steps[at++] = ANSWER(SECCOMP_RET_KILL_PROCESS);
	steps[at++] = LOAD(nr);
	for (const struct filter_call *call = calls; call < calls + count; call++) {
		if (!call->is_narrow) {
			steps[at] = if_is(call->number, allow - at - 1, 0);
			at++;
			continue;
		}
		steps[at++] = if_is(call->number, 0, 3);
		steps[at++] = LOAD_ARGUMENT(call->argument); // little-endian: its low half comes first
		steps[at] = if_is(call->value, allow - at - 1, 0);
		at++;
		steps[at++] = LOAD(nr);
	}
	steps[at++] = ANSWER(SECCOMP_RET_KILL_PROCESS);
	steps[at++] = ANSWER(SECCOMP_RET_ALLOW);
	return at;
}
