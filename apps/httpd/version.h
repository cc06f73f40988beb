// apps/httpd/version.h: which httpd this is, and what it can expect here.
#pragma once

#include "crt/out.h"

// Writes version, machine, commit, the engine that would work a ring off now, and the options of the build.
void version_write(struct out *out);
