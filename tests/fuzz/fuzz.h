// tests/fuzz/fuzz.h: what the fuzz targets share.
//
// A target is a C file with one function. tests/fuzz/run builds it hosted, with the files that its line "// links:" names,
// clang's libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer. The bytes come in memory of exactly their
// size, so that a read beyond them is found.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "arch/span.h"
#include "crt/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// What must be true of every input. The sanitizer's report shows the line.
#define REQUIRE(condition)                \
	do {                              \
		if (!(condition))         \
			__builtin_trap(); \
	} while (0)

static inline struct str fuzz_str(const uint8_t *data, size_t size)
{
	return (struct str){(const char *)data, size};
}

static inline size_t fuzz_count(struct str text, char byte)
{
	size_t count = 0;
	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == byte;
	return count;
}
