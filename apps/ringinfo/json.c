// apps/ringinfo/json.c: the report for programs. [RFC 8259]
//
//	{
//	  "kernel": "6.12.57+deb13-amd64",
//	  "engine": "kernel",
//	  "operations": {
//	    "nop": {"offered": true, "since": "5.1"},
//	    ...
//	  },
//	  "limits": {"entries": 32768, ...}
//	}
//
// What is not known is null. All names are letters, digits and underscores; only the kernel's release comes from outside.
#include "apps/ringinfo/report.h"

static void write_string(struct out *out, struct str text)
{
	out_byte(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		char byte = text.ptr[i];
		out_byte(out, byte < ' ' || byte > '~' || byte == '"' || byte == '\\' ? '?' : byte);
	}
	out_byte(out, '"');
}

static void write_entry(struct out *out, const struct section *section, unsigned at)
{
	struct ring_name since = section->name(at);
	out_str(out, STR("    \""));
	report_name(out, section, at);
	out_str(out, section_offers(section, at) ? STR("\": {\"offered\": true, \"since\": ")
						 : STR("\": {\"offered\": false, \"since\": "));
	if (since.text.len == 0) {
		out_str(out, STR("null}"));
		return;
	}
	out_byte(out, '"');
	out_unsigned(out, since.major);
	out_byte(out, '.');
	out_unsigned(out, since.minor);
	out_str(out, STR("\"}"));
}

static void write_section(struct out *out, const struct section *section)
{
	out_str(out, STR(",\n  \""));
	out_str(out, section->key);
	if (!section->is_known) {
		out_str(out, STR("\": null"));
		return;
	}
	out_str(out, STR("\": {"));
	bool is_first = true;
	for (unsigned at = 0; at < section->count; at++) {
		if (section->name(at).text.len == 0 && !section_offers(section, at))
			continue;
		out_str(out, is_first ? STR("\n") : STR(",\n"));
		is_first = false;
		write_entry(out, section, at);
	}
	out_str(out, STR("\n  }"));
}

void report_json(const struct report *report, struct out *out)
{
	out_str(out, STR("{\n  \"kernel\": "));
	write_string(out, report->kernel);
	out_str(out, report->is_emulated ? STR(",\n  \"engine\": \"emulated\"") : STR(",\n  \"engine\": \"kernel\""));
	for (unsigned i = 0; i < SECTIONS; i++)
		write_section(out, &report->sections[i]);

	out_str(out, STR(",\n  \"limits\": {"));
	for (unsigned i = 0; i < LIMITS; i++) {
		const struct limit *limit = &report->limits[i];
		out_str(out, i == 0 ? STR("\n    \"") : STR(",\n    \""));
		out_str(out, limit->key);
		out_str(out, STR("\": "));
		if (limit->is_known)
			out_unsigned(out, limit->value);
		else
			out_str(out, STR("null"));
	}
	out_str(out, STR("\n  }\n}\n"));
}
