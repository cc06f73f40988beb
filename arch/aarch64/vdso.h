// arch/aarch64/vdso.h: what the kernel's vDSO calls its clock here. [vdso(7), aarch64 functions]
#pragma once

#include "arch/span.h"

#define VDSO_CLOCK_GETTIME STR("__kernel_clock_gettime")
#define VDSO_VERSION STR("LINUX_2.6.39")
