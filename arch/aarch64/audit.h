// arch/aarch64/audit.h: what a seccomp filter sees as the machine of a system call. A kernel serves several (32-bit programs, too),
// and each numbers its calls in its own way. [seccomp(2); Linux arch/arm64/include/asm/syscall.h, syscall_get_arch()]
#pragma once

#include <linux/audit.h>

#define SYS_AUDIT_ARCH ((uint32_t)AUDIT_ARCH_AARCH64)
