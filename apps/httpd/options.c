// apps/httpd/options.c: the table of options, and what each of them puts into the choice.
#include "apps/httpd/options.h"

#include "apps/httpd/user.h"
#include "apps/httpd/version.h"
#include "crt/args.h"
#include "crt/say.h"
#include "crt/str.h"

#define PORT_DEFAULT 8080
#define BODY_BYTES_MAX (UINT64_C(1) << 30)

static const struct args_option options[] = {
	{'a', 'a', STR("address"), STR("ADDR"), STR("IP or unix:PATH, several (default: 127.0.0.1)")},
	{'c', 'c', STR("cache-control"), STR("RULE"), STR("of files: VALUE, or PATTERN:VALUE (several)")},
	{'d', 'd', STR("dotfiles"), {0}, STR("serve and list names that begin with a dot, too")},
	{'e', 'e', STR("engine"), STR("ENGINE"), STR("kernel or emulated (default: kernel, if allowed)")},
	{'f', 'f', STR("fallback"), STR("FILE"), STR("for pages that are not there (one-page apps)")},
	{'l', 'l', STR("no-listing"), {0}, STR("list no folders")},
	{'b', 0, STR("max-body"), STR("SIZE"), STR("of a request, dropped; larger: 413 (default: 1m)")},
	{'m', 'm', STR("mime-types"), STR("FILE"), STR("take types from a file like /etc/mime.types first")},
	{'p', 'p', STR("port"), STR("PORT"), STR("listen on this port (default: 8080; 0: a free one)")},
	{'n', 0, STR("per-address"), STR("N"), STR("connections of one address at once (default: no limit)")},
	{'q', 'q', STR("quiet"), {0}, STR("write no access log")},
	{'s', 0, STR("require-sandbox"), {0}, STR("do not start where the kernel lacks part of the sandbox")},
	{'u', 'u', STR("clean-urls"), {0}, STR("let /page serve page.html")},
	{'U', 0, STR("user"), STR("USER"), STR("serve as this user: a name, UID or UID:GID (root may say so)")},
	{'w', 'w', STR("workers"), STR("N"), STR("processes that serve (default: one a processor)")},
	{'z', 'z', STR("no-precompressed"), {0}, STR("send no FILE.zst, FILE.br or FILE.gz as FILE")},
	{'h', 'h', STR("help"), {0}, STR("show this help, and end")},
	{'V', 'V', STR("version"), {0}, STR("show version, commit, engine and options, and end")},
};

static const struct args_program program = {
	.name = STR("httpd"),
	.synopsis = STR("[OPTION]... [DIR]"),
	.about = STR("Serves the files in DIR (default: the current folder) over HTTP; SIGTERM or Ctrl-C ends it, "
		     "SIGHUP opens "
		     "DIR anew. Writes an access log to standard output."),
	.options = options,
	.option_count = sizeof(options) / sizeof(*options),
	.statuses = STR("0  ended by a signal, after what was being sent was sent\n"
			"1  could not start; the message says why\n"
			"2  called wrongly"),
	.examples = STR("httpd                         the current folder at http://127.0.0.1:8080/\n"
			"httpd -p 80 -a :: /srv        /srv for everybody, by IPv4 and IPv6\n"
			"httpd -q -f index.html dist   an application of one page, no log"),
};

static int tell(bool help)
{
	uint8_t buffer[2048];
	struct out out = out_to_fd(SYS_STDOUT, SPAN(buffer));
	if (help)
		args_usage(&program, &out);
	else
		version_write(&out);
	long error = out_flush(&out);
	if (error == 0)
		return 0;
	say_error(error, STR("httpd: cannot write to standard output"));
	return 1;
}

static bool choose_engine(struct str name, enum server_engine *engine)
{
	if (str_equal(name, STR("kernel")))
		*engine = ENGINE_KERNEL;
	else if (str_equal(name, STR("emulated")))
		*engine = ENGINE_EMULATED;
	else {
		say(STR("httpd: --engine wants 'kernel' or 'emulated', not '"), name, STR("'"));
		return false;
	}
	return true;
}

static bool add_cache_rule(struct str text, struct cache_rules *rules)
{
	switch (cache_add(rules, text)) {
	case CACHE_OK:
		return true;
	case CACHE_FULL:
		say(STR("httpd: --cache-control may be given 16 times, not more"));
		return false;
	default:
		say(STR("httpd: --cache-control wants a value such as 'max-age=60', or a pattern before it, as in "
			"'*.html: no-cache', not '"),
		    text, STR("'"));
		return false;
	}
}

// One for each processor that this process may run on.
static uint64_t workers_default(void)
{
	// As many as a kernel is usually built for; one with more refuses this. [sched_setaffinity(2)]
	uint64_t processors[1024 / 64];
	int bytes = sys_sched_getaffinity(0, sizeof(processors), processors);
	uint64_t count = 0;
	for (int i = 0; i < bytes / 8; i++)
		count += (uint64_t)__builtin_popcountll(processors[i]);
	if (count < 1)
		return 1;
	return count < CONFIG_HTTPD_WORKERS_MAX ? count : CONFIG_HTTPD_WORKERS_MAX;
}

// What has been read as yet.
struct reading {
	struct args args;
	struct choice *choice;
	uint64_t workers;
	struct str addresses[PLACES_MAX]; // understood at the end, when their port is known
	unsigned address_count;
};

// Zero or, after a sentence, the status to end with; the same below.
static int take_address(struct reading *reading)
{
	if (reading->address_count == PLACES_MAX) {
		say(STR("httpd: --address may be given 16 times, not more"));
		return ARGS_STATUS;
	}
	reading->addresses[reading->address_count++] = reading->args.value;
	return 0;
}

static int take_folder(struct reading *reading)
{
	struct str name = reading->args.value;
	if (reading->choice->folder != nullptr) {
		say(STR("httpd: there is one folder to serve, and '"), name,
		    STR("' would be a second; try 'httpd --help'"));
		return ARGS_STATUS;
	}
	reading->choice->folder = name.ptr;
	return 0;
}

static int take_number(struct reading *reading, uint64_t min, uint64_t max, uint64_t *number)
{
	return args_number(&reading->args, min, max, number) ? 0 : args_complain(&reading->args);
}

static int take(struct reading *reading, int id)
{
	struct choice *choice = reading->choice;
	struct server_options *server = &choice->server;
	struct str value = reading->args.value;
	switch (id) {
	case 'a':
		return take_address(reading);
	case 'b':
		return args_size(&reading->args, 0, BODY_BYTES_MAX, &server->body_bytes_max)
			       ? 0
			       : args_complain(&reading->args);
	case 'c':
		return add_cache_rule(value, &server->answers.cache) ? 0 : ARGS_STATUS;
	case 'd':
		server->with_hidden = true;
		return 0;
	case 'e':
		return choose_engine(value, &server->engine) ? 0 : ARGS_STATUS;
	case 'f':
		server->answers.fallback = value.ptr;
		return 0;
	case 'l':
		server->answers.is_listing_off = true;
		return 0;
	case 'm':
		choice->mime_types = value.ptr;
		return 0;
	case 'n':
		return take_number(reading, 0, CONFIG_HTTPD_CONNECTIONS_MAX, &server->per_address_max);
	case 'p':
		return take_number(reading, 0, 65535, &choice->port);
	case 'q':
		server->is_quiet = true;
		return 0;
	case 's':
		choice->is_sandbox_required = true;
		return 0;
	case 'u':
		server->answers.is_clean = true;
		return 0;
	case 'U':
		choice->has_user = true;
		return user_find(value, &choice->user);
	case 'w':
		return take_number(reading, 1, CONFIG_HTTPD_WORKERS_MAX, &reading->workers);
	case 'z':
		server->answers.is_coding_off = true;
		return 0;
	case ARGS_OPERAND:
		return take_folder(reading);
	default:
		return args_complain(&reading->args);
	}
}

static int add_places(const struct reading *reading)
{
	struct choice *choice = reading->choice;
	for (unsigned i = 0; i < reading->address_count; i++) {
		if (places_add(&choice->places, reading->addresses[i], (uint16_t)choice->port))
			continue;
		say(STR("httpd: --address wants an IPv4 or IPv6 address in numbers, such as 127.0.0.1 or ::1, or unix: "
			"and a path, not '"),
		    reading->addresses[i], STR("'"));
		return ARGS_STATUS;
	}
	return 0;
}

bool choose(char **argv, struct choice *choice, int *status)
{
	*choice = (struct choice){.port = PORT_DEFAULT};
	choice->server.body_bytes_max = CONFIG_HTTPD_BODY_BYTES_MAX;
	struct reading reading = {.args = args_open(&program, argv), .choice = choice, .workers = workers_default()};
	for (int id; (id = args_next(&reading.args)) != ARGS_END;) {
		if (id == 'h' || id == 'V') {
			*status = tell(id == 'h');
			return false;
		}
		*status = take(&reading, id);
		if (*status != 0)
			return false;
	}
	if (choice->folder == nullptr)
		choice->folder = ".";
	choice->workers = (unsigned)reading.workers;
	*status = add_places(&reading);
	return *status == 0;
}
