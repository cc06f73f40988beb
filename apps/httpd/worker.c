// apps/httpd/worker.c: from being made to serving, and what is said on the way.
#include "apps/httpd/worker.h"

#include "apps/httpd/sandbox.h"
#include "arch/sys.h"
#include "crt/say.h"
#include "crt/str.h"
#include "ring/engine.h"

static int complain(int error, struct str failed, enum server_engine engine)
{
	if (!str_equal(failed, STR("io_uring")))
		say_error(error, STR("httpd: cannot get "), failed);
	else if (engine == ENGINE_EMULATED && error == -ENOSYS)
		say(STR("httpd: cannot emulate io_uring: this httpd was built without (RING_EMULATION); leave out "
			"--engine"));
	else
		say_error(error, STR("httpd: cannot use io_uring: "), ring_explain(error));
	return 1;
}

static bool tell_ready(int ready)
{
	int32_t self = sys_getpid();
	long told = sys_write(ready, &self, sizeof(self)); // so few bytes are written at once or not at all [pipe(7)]
	(void)sys_close(ready);                            // the descriptor is gone whatever close says
	return told == (long)sizeof(self);                 // else there is no parent any more
}

// Other processes wait at the same sockets. The kernel's accept waits for the next client where another process was quicker; the
// emulation's is accept(2) behind a poll, and the whole process would wait. So there the sockets are not to wait at all.
static int share_listeners(struct io_uring *ring, const struct worker_task *task)
{
	if (ring_engine(ring) == &ring_kernel)
		return 0;
	for (unsigned i = 0; i < task->listener_count; i++) {
		long flags = sys_fcntl(task->listeners[i], F_GETFL, 0);
		long error = flags < 0 ? flags : sys_fcntl(task->listeners[i], F_SETFL, flags | O_NONBLOCK);
		if (error < 0)
			return (int)error;
	}
	return 0;
}

int worker_run(const struct worker_task *task)
{
	struct server_options options = task->choice->server;
	if (task->choice->mime_types != nullptr)
		options.answers.mime = &task->site->mime;
	static struct server server;
	struct str failed;
	int error = server_open(&server, task->site->root, options, &failed);
	if (error != 0)
		return complain(error, failed, options.engine);
	if (server.refusal != 0 && task->tells)
		say_error(server.refusal, STR("httpd: "), ring_explain(server.refusal),
			  STR("; until then it is emulated, which is slower"));

	error = share_listeners(&server.ring, task);
	if (error != 0)
		return complain(error, STR("listening sockets that do not wait"), options.engine);

	// Everything is open. What this process may do from here on is little: serve, and write the log.
	struct sandbox sandbox = {
		.ring = &server.ring,
		.root = task->site->root,
		.user = task->choice->has_user ? &task->choice->user : nullptr,
		.is_required = task->choice->is_sandbox_required,
		.tells = task->tells,
	};
	if (!sandbox_enter(&sandbox))
		return 1;
	error = server_start(&server, task->listeners, task->listener_count, task->orders);
	if (error == 0 && tell_ready(task->ready))
		error = server_run(&server);
	if (error == 0)
		return 0;
	say_error(error, STR("httpd: the ring failed"));
	return 1;
}
