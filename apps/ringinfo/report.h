// apps/ringinfo/report.h: what is to be told, before anybody chose how.
//
// A report is a few sections, each a list of names that are offered or not, and a few limits. Both forms (table.c, json.c) write
// the same report.
#pragma once

#include "crt/out.h"
#include "ring/explain.h"
#include "ring/probe.h"

struct section {
	struct str title;                   // as people read it: "flags of set-up"
	struct str key;                     // as programs read it: "setup_flags"
	struct ring_name (*name)(unsigned); // of number or bit 0 and up
	bool is_known;                      // false: this kernel cannot be asked
	unsigned count;                     // of numbers or bits, named or offered
	uint64_t offered[4];                // a bit for each
};

enum { SECTIONS = 6 };

struct limit {
	struct str title;
	struct str key;
	bool is_known;
	uint64_t value;
};

enum { LIMITS = 5 };

struct report {
	struct str kernel; // its release
	bool is_emulated;  // what follows is the emulation's, not the kernel's
	struct section sections[SECTIONS];
	struct limit limits[LIMITS];
};

// Puts together what the engine offers. `kernel` is lent. Zero, or what ring_open says.
[[nodiscard]] int report_make(struct report *report, struct str kernel, const struct ring_engine *engine);

static inline bool section_offers(const struct section *section, unsigned at)
{
	return (section->offered[at / 64] >> at % 64 & 1) != 0;
}

// What stands at a number or bit: its name; without one, and offered by a newer kernel than the headers, "unknown7".
void report_name(struct out *out, const struct section *section, unsigned at);

void report_table(const struct report *report, struct out *out);
void report_json(const struct report *report, struct out *out);
