// tests/unit/httpd_edge.h: bytes that end where a page ends, so that reading or writing one too many faults.
#pragma once

#include <linux/mman.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/span.h"
#include "arch/sys.h"

constexpr size_t EDGE_BYTES_MAX = 65536; // a whole page on every machine, and the longest text of a test

// Memory of `len` bytes (EDGE_BYTES_MAX at most) before a page that nobody may touch. The next call gives it anew.
static inline struct span edge_span(size_t len)
{
	static uint8_t *end;
	if (end == nullptr) {
		long start = sys_mmap(nullptr, 2 * EDGE_BYTES_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				      -1, 0);
		end = (uint8_t *)start + EDGE_BYTES_MAX;
		if (sys_mprotect(end, EDGE_BYTES_MAX, PROT_NONE) != 0)
			__builtin_trap();
	}
	return (struct span){end - len, len};
}

// A copy of `text` there.
static inline struct str edge_str(struct str text)
{
	struct span copy = edge_span(text.len);
	for (size_t i = 0; i < text.len; i++)
		copy.ptr[i] = (uint8_t)text.ptr[i];
	return (struct str){(const char *)copy.ptr, copy.len};
}
