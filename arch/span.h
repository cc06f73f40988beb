// arch/span.h: a piece of memory that knows its length: str to read, span to fill.
//
// Both are two words and travel by value, in registers. Neither owns what it points to, and neither is ended
// by a NUL: a NUL stands only where a path meets the kernel. This header knows no system call and no machine,
// so every layer shares it; it compiles as C11 and as C++17, because the public headers of ring/ include it.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Text (or any bytes) that are only read.
struct str {
	const char *ptr;
	size_t len; // bytes
};

// Bytes that are filled.
struct span {
	uint8_t *ptr;
	size_t len; // bytes
};

// A string literal as a str: STR("GET"). The empty literal in front refuses anything that is not a literal, whose
// sizeof would be that of a pointer.
#ifdef __cplusplus
#define STR(literal) (str{"" literal, sizeof(literal) - 1})
#else
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#endif

// An array as a span, whole: SPAN(buffer). Do not give it a pointer: its sizeof is that of a pointer.
#ifdef __cplusplus
#define SPAN(array) (span{(uint8_t *)(array), sizeof(array)})
#else
#define SPAN(array) ((struct span){(uint8_t *)(array), sizeof(array)})
#endif
