// crt/out.h: text put together in a buffer, on its way to a descriptor or to stay there.
//
//	ptr             ptr + len          ptr + cap
//	| written       | room             |
//
// There are no format strings: each function writes one kind of thing, and a line of output is a few lines of code,
// which the compiler checks. An out to a descriptor empties its buffer by write(2) when it is full and when it is
// flushed. An out to memory keeps what fits.
//
// Errors stick: after the first, everything is dropped and `error` (also the result of out_flush) tells which it was.
// So a program writes without looking and asks once, at the end; and what arrived is always the beginning of what was
// written, without holes. In memory that is full the error is -ENOSPC, and what fitted is there.
//
// A write to a pipe or socket that nobody reads sends SIGPIPE, which ends the program unless it is ignored or blocked;
// then the error is -EPIPE. [write(2), signal(7)]
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "arch/span.h"

struct out {
	uint8_t *ptr;
	size_t cap; // bytes
	size_t len; // bytes written and not yet flushed
	int fd;     // -1: memory
	long error; // 0, or the first error as -errno
};

// An out to a descriptor. It owns neither descriptor nor buffer; both are lent until the last flush. The buffer holds
// at least one byte. A negative `fd`, such as the result of an open that failed, gives an out with the error -EBADF.
struct out out_to_fd(int fd, struct span buffer);

// An out that stays in memory, read by out_written.
struct out out_to_memory(struct span buffer);

// What lies in the buffer: of an out to memory, all that was written. Valid until the next write or flush.
struct str out_written(const struct out *out);

// Hands the whole buffer to the descriptor, however many writes that takes: goes on after a short one, starts again
// after a signal, and waits where a non-blocking descriptor is full. Returns zero, or the first error since the out was
// made. Of an out to memory nothing moves.
[[nodiscard]] long out_flush(struct out *out);

// Text as it is; bytes as they are.
void out_str(struct out *out, struct str text);
void out_byte(struct out *out, char byte);

// Text from outside, for a terminal: a control character, a backslash, or a byte that is not part of well-formed UTF-8
// becomes \xHH, so that no name can move the cursor, change colours or answer as the keyboard. Other UTF-8 stays.
void out_escaped(struct out *out, struct str text);

// Text and spaces after it, up to `width` bytes in all. Longer text is written whole.
void out_padded(struct out *out, struct str text, size_t width);

// A number in decimal.
void out_unsigned(struct out *out, uint64_t value);
void out_signed(struct out *out, int64_t value);

// A number in decimal, `pad` (such as ' ' or '0') before it, up to `width` bytes in all.
void out_unsigned_padded(struct out *out, uint64_t value, size_t width, char pad);

// A number in hexadecimal: small letters, no prefix, zeros before it up to `digits_min` (16 at most).
void out_hex(struct out *out, uint64_t value, unsigned digits_min);

// A number of bytes for people, in at most 5 characters: 999, 1.2K, 34M, 1023G. Units are powers of 1024. Below 10 of a
// unit there is one decimal. Rounded to the nearest, a half upward: 1535 is 1.5K, 10188 is 9.9K, 10189 is 10K.
void out_size(struct out *out, uint64_t bytes);

// An error in words and by name, from a number of either sign: "no such file or directory (ENOENT)". Without words:
// "(ENOTUNIQ)"; without a name: "error 4000".
void out_error(struct out *out, long error);
