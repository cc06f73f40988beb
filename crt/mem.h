// crt/mem.h: the four functions that a compiler calls even where there is no library.
//
// A structure that is copied, an array that is cleared, two of them compared: each may become a call, and compilers count
// on these four names being there. [GCC manual, 2.1, on freestanding environments]
//
// They promise what C23 promises [7.26.2, 7.26.4.1, 7.26.6.1] and two things more. memcpy is memmove, so memory that
// overlaps is copied right under both names. And none reads or writes a byte outside what it was given, not even one that
// could not fault: the last byte may lie before a device's registers as well as before an unmapped page.
#pragma once

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
int memcmp(const void *left, const void *right, size_t len);
