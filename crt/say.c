// crt/say.c: one sentence, one write.
#include "crt/say.h"

#include "arch/sys.h"
#include "crt/out.h"

#define END_BYTES_MAX 128 // "...", ": ", an error in words and by name, a line feed

void say_parts(long error, const struct str *parts, size_t count)
{
	uint8_t buffer[SAY_BYTES_MAX + END_BYTES_MAX];
	struct out line = out_to_memory((struct span){buffer, SAY_BYTES_MAX});
	for (size_t i = 0; i < count; i++)
		out_escaped(&line, parts[i]);

	// The end has room of its own, so that it stands there whatever became of the sentence.
	bool cut = line.error != 0;
	line.cap = sizeof(buffer);
	line.error = 0;
	if (cut)
		out_str(&line, STR("..."));
	if (error != 0) {
		out_str(&line, STR(": "));
		out_error(&line, error);
	}
	out_byte(&line, '\n');
	(void)sys_write(SYS_STDERR, line.ptr, line.len);
}
