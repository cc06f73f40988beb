// crt/trace.c: lines with the time.
#include "crt/trace.h"

#include "arch/sys.h"
#include "crt/clock.h"
#include "crt/out.h"
#include "crt/process.h"
#include "crt/str.h"

#define LINE_BYTES 640u // the longest line of a ring's trace, and the time
#define SECONDS_WIDTH 6u
#define NS_PER_S 1000000000
#define NS_PER_US 1000

static void write_line(void *context, struct str line)
{
	(void)context;
	static int64_t first_ns;
	int64_t now_ns = clock_monotonic_ns();
	if (first_ns == 0)
		first_ns = now_ns;
	uint64_t since_ns = (uint64_t)(now_ns - first_ns);

	uint8_t buffer[LINE_BYTES];
	struct out out = out_to_memory(SPAN(buffer));
	out_unsigned_padded(&out, since_ns / NS_PER_S, SECONDS_WIDTH, ' ');
	out_byte(&out, '.');
	out_unsigned_padded(&out, since_ns % NS_PER_S / NS_PER_US, 6, '0');
	out_byte(&out, ' ');
	out_str(&out, line);
	out_byte(&out, '\n');
	struct str text = out_written(&out);
	(void)sys_write(SYS_STDERR, text.ptr, text.len); // whether anybody reads it cannot be told to them there
}

trace_line *trace_wanted(void)
{
	return str_equal(str_from_cstr(process_env("RING_TRACE")), STR("1")) ? write_line : nullptr;
}
