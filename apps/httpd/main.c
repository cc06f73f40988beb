// apps/httpd/main.c: the start: the folder, the door, and what is said when one of them is not to be had.
#include <linux/resource.h>

#include "apps/httpd/beneath.h"
#include "apps/httpd/mime_read.h"
#include "apps/httpd/options.h"
#include "apps/httpd/server.h"
#include "arch/sys.h"
#include "crt/panic.h"
#include "crt/say.h"
#include "crt/str.h"

// Each connection has a socket and perhaps a file, a remembered file up to four, and the usual limit of 1,024 descriptors is soft.
static void raise_descriptor_limit(void)
{
	struct rlimit64 limit;
	if (sys_prlimit64(0, RLIMIT_NOFILE, nullptr, &limit) != 0)
		return; // then accept will say when there are none left
	uint64_t wanted = 2 * CONFIG_HTTPD_CONNECTIONS_MAX + 4 * CONFIG_HTTPD_FILES_MAX + 16;
	if (limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	(void)sys_prlimit64(0, RLIMIT_NOFILE, &limit, nullptr); // the same holds
}

static void complain_of_ring(int error, enum server_engine engine)
{
	if (engine == ENGINE_EMULATED && error == -ENOSYS)
		say(STR("httpd: cannot emulate io_uring: this httpd was built without (RING_EMULATION); leave out "
			"--engine"));
	else
		say_error(error, STR("httpd: cannot use io_uring: "), ring_explain(error));
}

// Whether the file of --fallback is there now, and a file: what is mistyped is noticed at the start.
static bool has_fallback(int root, const char *path)
{
	int file = beneath_open(root, path);
	struct statx about;
	int error = file < 0 ? file : sys_statx(file, "", AT_EMPTY_PATH, STATX_TYPE, &about);
	if (file >= 0)
		(void)sys_close(file); // the descriptor is gone whatever close says
	if (error == 0 && S_ISREG(about.stx_mode))
		return true;
	say_error(error, STR("httpd: --fallback wants a file in the folder that is served, such as index.html, not '"),
		  str_from_cstr(path), STR("'"));
	return false;
}

static int serve(struct choice *choice)
{
	if (!places_given(&choice->places))
		return 1;
	struct str folder = str_from_cstr(choice->folder);
	int root = sys_openat(AT_FDCWD, choice->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (root < 0) {
		say_error(root, STR("httpd: cannot serve '"), folder, STR("' (give a folder that can be read)"));
		return 1;
	}
	if (choice->server.answers.fallback != nullptr && !has_fallback(root, choice->server.answers.fallback))
		return 1;
	static struct mime_table mime;
	if (choice->mime_types != nullptr) {
		if (!mime_read(choice->mime_types, &mime))
			return 1;
		choice->server.answers.mime = &mime;
	}
	raise_descriptor_limit();

	static struct server server;
	struct str failed;
	int error = server_open(&server, root, choice->server, &failed);
	if (error != 0 && str_equal(failed, STR("io_uring"))) {
		complain_of_ring(error, choice->server.engine);
		return 1;
	}
	if (error != 0) {
		say_error(error, STR("httpd: cannot get "), failed);
		return 1;
	}

	if (!places_open(&choice->places, (uint16_t)choice->port))
		return 1;
	int listeners[PLACES_MAX];
	for (unsigned i = 0; i < choice->places.count; i++)
		listeners[i] = choice->places.place[i].listener;
	int refusal = ring_refusal(&server.ring);
	if (refusal != 0)
		say_error(refusal, STR("httpd: "), ring_explain(refusal),
			  STR("; until then it is emulated, which is slower"));
	places_tell(&choice->places, folder);
	error = server_run(&server, listeners, choice->places.count);
	places_remove(&choice->places);
	if (error == 0)
		return 0;
	say_error(error, STR("httpd: the ring failed"));
	return 1;
}

int main(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)envp;
	int error = panic_on_faults();
	if (error != 0)
		say_error(error, STR("httpd: faults will not be explained"));

	struct choice choice;
	int status;
	if (!choose(argv, &choice, &status))
		return status;
	return serve(&choice);
}
