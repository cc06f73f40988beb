// apps/ringinfo/report.c: puts together what is to be told.
#include "apps/ringinfo/report.h"

#include <linux/resource.h>

#include "arch/sys.h"

// A section of bits. It goes as far as there are names, or as the kernel offers more.
static struct section make_section(struct str title, struct str key, struct ring_name (*name)(unsigned), bool is_known,
				   const uint64_t offered[4])
{
	struct section section = {title, key, name, is_known, 0, {offered[0], offered[1], offered[2], offered[3]}};
	for (unsigned at = 0; at < 256; at++) {
		if (name(at).text.len > 0 || section_offers(&section, at))
			section.count = at + 1;
	}
	return section;
}

static struct limit resource_limit(struct str title, struct str key, unsigned resource)
{
	struct rlimit64 limit;
	bool is_set = sys_prlimit64(0, resource, nullptr, &limit) == 0 && limit.rlim_cur != RLIM64_INFINITY;
	return (struct limit){title, key, is_set, is_set ? limit.rlim_cur : 0};
}

static struct limit make_limit(struct str title, struct str key, uint64_t value)
{
	return (struct limit){title, key, value != 0, value};
}

int report_make(struct report *report, struct str kernel, const struct ring_engine *engine)
{
	struct ring_probe probe;
	int error = ring_probe(&probe, engine);
	if (error != 0)
		return error;

	uint64_t registers[4] = {0};
	for (unsigned i = 0; i < probe.register_count && i < 256; i++)
		registers[i / 64] |= UINT64_C(1) << i % 64;
	bool is_queried = probe.is_queried;
	struct ring_facts facts = ring_facts();
#define BITS(word) ((const uint64_t[4]){word})
	*report = (struct report){
		.kernel = kernel,
		.is_emulated = engine == &ring_emulated,
		.sections =
			{
				make_section(STR("operations"), STR("operations"), ring_operation_name,
					     probe.operation_count != 0, probe.operations),
				make_section(STR("flags of an entry"), STR("sqe_flags"), ring_sqe_flag_name, is_queried,
					     BITS(probe.sqe_flags)),
				make_section(STR("flags of set-up"), STR("setup_flags"), ring_setup_flag_name, true,
					     BITS(probe.setup_flags)),
				make_section(STR("flags of enter"), STR("enter_flags"), ring_enter_flag_name,
					     is_queried, BITS(probe.enter_flags)),
				make_section(STR("features"), STR("features"), ring_feature_name, true,
					     BITS(probe.features)),
				make_section(STR("registrations"), STR("registrations"), ring_register_name, is_queried,
					     registers),
			},
		.limits =
			{
				make_limit(STR("submissions in a ring"), STR("entries"), probe.entries_max),
				make_limit(STR("completions in a ring"), STR("cq_entries"), probe.cq_entries_max),
				resource_limit(STR("descriptors (ulimit -n)"), STR("descriptors"), RLIMIT_NOFILE),
				resource_limit(STR("bytes of locked memory"), STR("locked_memory_bytes"),
					       RLIMIT_MEMLOCK),
				{STR("kernel.io_uring_disabled"), STR("io_uring_disabled"), facts.sysctl >= 0,
				 (uint64_t)facts.sysctl},
			},
	};
#undef BITS
	return 0;
}

void report_name(struct out *out, const struct section *section, unsigned at)
{
	struct str name = section->name(at).text;
	out_str(out, name.len > 0 ? name : STR("unknown"));
	if (name.len == 0)
		out_unsigned(out, at);
}
