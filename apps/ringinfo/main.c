// apps/ringinfo/main.c: what this kernel's io_uring offers; or why it offers nothing, and what to do.
#include <linux/utsname.h>

#include "apps/ringinfo/report.h"
#include "arch/sys.h"
#include "crt/args.h"
#include "crt/process.h"
#include "crt/say.h"
#include "crt/str.h"
#include "crt/version.h"

static const struct args_option options[] = {
	{'e', 'e', STR("engine"), STR("ENGINE"),
	 STR("ask this one: kernel (the default), or emulated, which does without the kernel's io_uring")},
	{'j', 'j', STR("json"), {0}, STR("write JSON instead of a table")},
	{'h', 'h', STR("help"), {0}, STR("show this help, and end")},
	{'V', 'V', STR("version"), {0}, STR("show the version, and end")},
};

static const struct args_program program = {
	.name = STR("ringinfo"),
	.synopsis = STR("[OPTION]..."),
	.about = STR("Shows what the io_uring of this kernel offers, by its own answer: operations, flags, features, "
		     "registrations and limits. Where there is no io_uring, says why, and what can be done."),
	.options = options,
	.option_count = sizeof(options) / sizeof(*options),
	.statuses = STR("0  all was shown\n"
			"1  there is no io_uring here, or the output could not be written\n"
			"2  called wrongly"),
	.examples = STR("ringinfo | grep '  no '                      what is missing here\n"
			"ringinfo -j | jq .operations.bind.offered    one thing, for a script"),
};

// Standard output, whole. The exit status.
static int finish(struct out *out)
{
	long error = out_flush(out);
	if (error == 0)
		return 0;
	say_error(error, STR("ringinfo: cannot write to standard output"));
	return 1;
}

static int show(struct out *out, const struct ring_engine *engine, bool is_json)
{
	struct new_utsname name = {0};
	(void)sys_uname(&name); // it fails only for a bad address
	struct report report;
	int error = report_make(&report, str_from_cstr(name.release), engine);
	if (error != 0) {
		say_error(error, STR("ringinfo: cannot use io_uring: "), ring_explain(error));
		return 1;
	}
	if (is_json)
		report_json(&report, out);
	else
		report_table(&report, out);
	return finish(out);
}

// The engine of that name; null: there is none.
static const struct ring_engine *engine_named(struct str name)
{
	if (str_equal(name, STR("kernel")))
		return &ring_kernel;
	return str_equal(name, STR("emulated")) ? &ring_emulated : nullptr;
}

int main(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)envp;
	uint8_t buffer[4096];
	struct out out = out_to_fd(SYS_STDOUT, SPAN(buffer));
	const struct ring_engine *engine = &ring_kernel;
	bool is_json = false;
	struct args args = args_open(&program, argv);
	for (int id; (id = args_next(&args)) != ARGS_END;) {
		switch (id) {
		case 'e':
			engine = engine_named(args.value);
			if (engine != nullptr)
				break;
			say(STR("ringinfo: --engine is kernel or emulated, not '"), args.value,
			    STR("'; try 'ringinfo --help'"));
			return ARGS_STATUS;
		case 'j':
			is_json = true;
			break;
		case 'h':
			args_usage(&program, &out);
			return finish(&out);
		case 'V':
			out_str(&out, STR("ringinfo (Ringlet) " RINGLET_VERSION "\n"));
			return finish(&out);
		case ARGS_OPERAND:
			say(STR("ringinfo: there is nothing to do with '"), args.value,
			    STR("'; try 'ringinfo --help'"));
			return ARGS_STATUS;
		default:
			return args_complain(&args);
		}
	}
	return show(&out, engine, is_json);
}
