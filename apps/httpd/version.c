// apps/httpd/version.c: version_write. What it names besides the version comes from build.zig.
#include "apps/httpd/version.h"

#include "crt/process.h"
#include "crt/str.h"
#include "crt/version.h"
#include "ring/engine.h"
#include "ring/explain.h"
#include "ring/ring.h"

// Of a fixed size, so that the size of the program does not depend on how the commit is called.
static const char commit[48] = RINGLET_COMMIT;
static_assert(sizeof RINGLET_COMMIT <= sizeof commit);

// As a worker would find it: the kernel, or the emulation and why.
static void write_engine(struct out *out)
{
	struct io_uring ring;
	struct ring_options options = {.fallback = &ring_emulated, .page_size = (unsigned)process.page_size};
	int error = ring_open(&ring, 8, options);
	int refusal = error != 0 ? error : ring_refusal(&ring);
	if (refusal == 0 && (ring.features & IORING_FEAT_EXT_ARG) == 0)
		refusal = -EINVAL; // as server.c has it
	out_str(out, error != 0 ? STR("none: ") : refusal != 0 ? STR("emulated: ") : STR("kernel"));
	if (refusal != 0) {
		out_str(out, ring_explain(refusal));
		out_str(out, STR(": "));
		out_error(out, refusal);
	}
	if (error == 0)
		(void)ring_close(&ring); // the process ends behind it
}

void version_write(struct out *out)
{
	out_str(out, STR("httpd (Ringlet) " RINGLET_VERSION "\n"
			 "machine: " RINGLET_MACHINE "\n"
			 "commit: "));
	out_str(out, (struct str){commit, sizeof RINGLET_COMMIT - 1});
	out_str(out, STR("\nengine: "));
	write_engine(out);
	out_str(out, STR("\nbuilt with:\n" RINGLET_OPTIONS));
}
