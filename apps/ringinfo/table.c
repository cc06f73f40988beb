// apps/ringinfo/table.c: the report for people.
//
//	operations
//	  yes  nop              5.1
//	  no   nop128           6.19
#include "apps/ringinfo/report.h"

#define NAME_WIDTH 28u

static void write_line(struct out *out, const struct section *section, unsigned at)
{
	uint8_t bytes[NAME_WIDTH];
	struct out name = out_to_memory(SPAN(bytes));
	report_name(&name, section, at);

	struct ring_name since = section->name(at);
	out_str(out, section_offers(section, at) ? STR("  yes  ") : STR("  no   "));
	if (since.text.len == 0) {
		out_str(out, out_written(&name));
	} else {
		out_padded(out, out_written(&name), NAME_WIDTH);
		out_unsigned(out, since.major);
		out_byte(out, '.');
		out_unsigned(out, since.minor);
	}
	out_byte(out, '\n');
}

static void write_section(struct out *out, const struct section *section)
{
	out_byte(out, '\n');
	out_str(out, section->title);
	out_byte(out, '\n');
	if (!section->is_known)
		out_str(out, STR("  this kernel does not tell\n"));
	for (unsigned at = 0; section->is_known && at < section->count; at++) {
		if (section->name(at).text.len > 0 || section_offers(section, at))
			write_line(out, section, at);
	}
}

void report_table(const struct report *report, struct out *out)
{
	out_str(out, report->is_emulated ? STR("io_uring emulated on Linux ") : STR("io_uring of Linux "));
	out_escaped(out, report->kernel);
	out_str(out, STR(": offered or not, the name, and the first kernel that has it\n"));
	for (unsigned i = 0; i < SECTIONS; i++)
		write_section(out, &report->sections[i]);

	out_str(out, STR("\nlimits\n"));
	for (unsigned i = 0; i < LIMITS; i++) {
		const struct limit *limit = &report->limits[i];
		out_str(out, STR("  "));
		out_padded(out, limit->title, NAME_WIDTH);
		if (limit->is_known)
			out_unsigned(out, limit->value);
		else
			out_byte(out, '-');
		out_byte(out, '\n');
	}
}
