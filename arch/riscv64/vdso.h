// arch/riscv64/vdso.h: what the kernel's vDSO calls its clock here. [Linux arch/riscv/kernel/vdso/vdso.lds.S; vdso(7) had
// the prefix wrong for a while]
#pragma once

#include "arch/span.h"

#define VDSO_CLOCK_GETTIME STR("__vdso_clock_gettime")
#define VDSO_VERSION STR("LINUX_4.15")
