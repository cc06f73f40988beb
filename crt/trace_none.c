// crt/trace_none.c: nobody can ask to see it.
#include "crt/trace.h"

trace_line *trace_wanted(void)
{
	return nullptr;
}
