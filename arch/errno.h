// arch/errno.h: errors have numbers, names and words.
//
// There is no errno variable. A call that fails returns the negative number of its error, from -4095 to -1, and that
// number travels with the result until somebody answers it.
//
// The numbers come from the UAPI headers. Compiles as C11 and as C++17, because the public headers of ring/ include it.
#pragma once

#include <linux/errno.h>

#include "arch/span.h"

#ifdef __cplusplus
extern "C" {
#endif

// The name of an error, "ENOENT" for 2 and for -2; empty for a number that has none.
struct str errno_name(long error);

// What an error means, in a few words: "no such file or directory". An error that programs hardly meet has no words of its
// own, and an unknown number neither: then the result is empty, and the name (or number) must do.
struct str errno_text(long error);

#ifdef __cplusplus
}
#endif
