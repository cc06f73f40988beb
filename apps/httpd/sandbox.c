// apps/httpd/sandbox.c: sandbox_enter: in which order, and what is said of what could not be had.
#include "apps/httpd/sandbox.h"

#include <linux/prctl.h>

#include "apps/httpd/landlock.h"
#include "apps/httpd/restrict.h"
#include "apps/httpd/seccomp.h"
#include "apps/httpd/user.h"
#include "arch/sys.h"
#include "crt/out.h"
#include "crt/say.h"
#include "ring/engine.h"
#include "ring/register.h"

static void note(struct out *lacks, int error, struct str what)
{
	if (error == 0)
		return;
	out_str(lacks, lacks->len == 0 ? STR("") : STR(", "));
	out_str(lacks, what);
	out_str(lacks, STR(" ("));
	out_str(lacks, errno_name(error));
	out_str(lacks, STR(")"));
}

bool sandbox_enter(const struct sandbox *sandbox)
{
	uint8_t bytes[256];
	struct out lacks = out_to_memory(SPAN(bytes));
	note(&lacks, sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0), STR("no_new_privs"));
	if (sandbox->user == nullptr)
		note(&lacks, user_keep_reading(), STR("capabilities that can be given up"));
	else if (!user_become(sandbox->user))
		return false;
	note(&lacks, landlock_enter(sandbox->root), STR("Landlock"));
	note(&lacks, restrict_ring(sandbox->ring), STR("restrictions of a ring"));
	int error = ring_enable(sandbox->ring);
	if (error != 0) {
		say_error(error, STR("httpd: cannot enable the ring"));
		return false;
	}
	note(&lacks, seccomp_enter(ring_engine(sandbox->ring) != &ring_kernel), STR("filters of system calls"));

	struct str missing = out_written(&lacks);
	if (missing.len == 0)
		return true;
	if (sandbox->is_required)
		say(STR("httpd: this kernel lacks "), missing, STR(", which --require-sandbox wants"));
	else if (sandbox->tells)
		say(STR("httpd: this kernel lacks "), missing, STR("; going on without"));
	return !sandbox->is_required;
}
