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
			"1  could not start or go on; the message says why\n"
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
	uint64_t processors
		[1024 /
		 64]; // as many as a kernel is usually built for; one with more refuses this [sched_setaffinity(2)]
	int bytes = sys_sched_getaffinity(0, sizeof(processors), processors);
	uint64_t count = 0;
	for (int i = 0; i < bytes / 8; i++)
		count += (uint64_t)__builtin_popcountll(processors[i]);
	if (count < 1)
		return 1;
	return count < CONFIG_HTTPD_WORKERS_MAX ? count : CONFIG_HTTPD_WORKERS_MAX;
}

bool choose(char **argv, struct choice *choice, int *status)
{
	*choice = (struct choice){.port = PORT_DEFAULT};
	uint64_t workers = workers_default();
	struct str addresses[PLACES_MAX]; // read at the end, when their port is known
	unsigned address_count = 0;
	choice->server.body_bytes_max = CONFIG_HTTPD_BODY_BYTES_MAX;
	struct args args = args_open(&program, argv);
	*status = 0;
	for (int id; (id = args_next(&args)) != ARGS_END;) {
		switch (id) {
		case 'a':
			if (address_count == PLACES_MAX) {
				say(STR("httpd: --address may be given 16 times, not more"));
				*status = ARGS_STATUS;
				return false;
			}
			addresses[address_count++] = args.value;
			break;
		case 'e':
			if (!choose_engine(args.value, &choice->server.engine)) {
				*status = ARGS_STATUS;
				return false;
			}
			break;
		case 'b':
			if (!args_size(&args, 0, BODY_BYTES_MAX, &choice->server.body_bytes_max)) {
				*status = args_complain(&args);
				return false;
			}
			break;
		case 'd':
			choice->server.with_hidden = true;
			break;
		case 'c':
			if (!add_cache_rule(args.value, &choice->server.answers.cache)) {
				*status = ARGS_STATUS;
				return false;
			}
			break;
		case 'f':
			choice->server.answers.fallback = args.value.ptr;
			break;
		case 'l':
			choice->server.answers.is_listing_off = true;
			break;
		case 'm':
			choice->mime_types = args.value.ptr;
			break;
		case 'u':
			choice->server.answers.is_clean = true;
			break;
		case 'n':
			if (!args_number(&args, 0, CONFIG_HTTPD_CONNECTIONS_MAX, &choice->server.per_address_max)) {
				*status = args_complain(&args);
				return false;
			}
			break;
		case 'w':
			if (!args_number(&args, 1, CONFIG_HTTPD_WORKERS_MAX, &workers)) {
				*status = args_complain(&args);
				return false;
			}
			break;
		case 'z':
			choice->server.answers.is_coding_off = true;
			break;
		case 'p':
			if (!args_number(&args, 0, 65535, &choice->port)) {
				*status = args_complain(&args);
				return false;
			}
			break;
		case 's':
			choice->is_sandbox_required = true;
			break;
		case 'U':
			if (!user_find(args.value, &choice->user)) {
				*status = 1;
				return false;
			}
			choice->has_user = true;
			break;
		case 'q':
			choice->server.is_quiet = true;
			break;
		case 'h':
		case 'V':
			*status = tell(id == 'h');
			return false;
		case ARGS_OPERAND:
			if (choice->folder != nullptr) {
				say(STR("httpd: there is one folder to serve, and '"), args.value,
				    STR("' would be a second; try 'httpd --help'"));
				*status = ARGS_STATUS;
				return false;
			}
			choice->folder = args.value.ptr;
			break;
		default:
			*status = args_complain(&args);
			return false;
		}
	}
	if (choice->folder == nullptr)
		choice->folder = ".";
	choice->workers = (unsigned)workers;
	for (unsigned i = 0; i < address_count; i++) {
		if (places_add(&choice->places, addresses[i], (uint16_t)choice->port))
			continue;
		say(STR("httpd: --address wants an IPv4 or IPv6 address in numbers, such as 127.0.0.1 or ::1, or unix: "
			"and a path, not '"),
		    addresses[i], STR("'"));
		*status = ARGS_STATUS;
		return false;
	}
	return true;
}
