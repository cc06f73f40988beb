// crt/vdso_find.h: finds a function in the vDSO, the small shared library that the kernel maps into every process.
//
// The vDSO answers in user space what would cost a system call, the time above all. It is an ELF image with a table of
// symbols, and we read that table ourselves, as no dynamic linker runs here. [vdso(7)]
//
// Both functions are pure: they read the image and call no kernel. What the kernel maps is right, but the parser does
// not lean on that: whatever an offset in the image says, no byte outside the image is read.
#pragma once

#include "arch/span.h"

// How far an image reaches in memory: the extent of its first loadable segment. `start`: the page-aligned address of an
// ELF header, AT_SYSINFO_EHDR of the auxiliary vector; its first 4096 bytes are readable. Empty when it is not such an
// image.
struct str vdso_image(const void *start);

// The address of the function `name`, of `version` where the image has versions; null when there is none. Reads no byte
// outside `image`, whatever it contains.
const void *vdso_function(struct str image, struct str name, struct str version);
