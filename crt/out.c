// crt/out.c: the one way bytes enter the buffer, the one way they leave it, and the forms of things in between.
#include "crt/out.h"

#include "arch/sys.h"
#include "crt/mem.h"
#include "crt/str.h"

#define DECIMAL_DIGITS_MAX 20 // of UINT64_MAX, 18446744073709551615

struct out out_to_fd(int fd, struct span buffer)
{
	return (struct out){.ptr = buffer.ptr, .cap = buffer.len, .fd = fd, .error = fd < 0 ? -EBADF : 0};
}

struct out out_to_memory(struct span buffer)
{
	return (struct out){.ptr = buffer.ptr, .cap = buffer.len, .fd = -1};
}

struct str out_written(const struct out *out)
{
	return (struct str){(const char *)out->ptr, out->len};
}

// Waits until a descriptor that said EAGAIN has an answer: room, or that something is wrong with it. The next write
// finds out which. Returns zero, or -errno where it could not wait.
static long out_wait(int fd)
{
	struct pollfd one = {.fd = fd, .events = POLLOUT};
	int ready = sys_ppoll(&one, 1, nullptr, nullptr);
	return ready < 0 && ready != -EINTR ? ready : 0;
}

long out_flush(struct out *out)
{
	if (out->fd < 0)
		return out->error;

	size_t done = 0;
	while (done < out->len && out->error == 0) {
		long written = sys_write(out->fd, out->ptr + done, out->len - done);
		if (written > 0)
			done += (size_t)written;
		else if (written == -EAGAIN)
			out->error = out_wait(out->fd);
		else if (written == 0)
			out->error = -EIO; // it takes nothing and does not say why: trying again might never end
		else if (written != -EINTR)
			out->error = written;
	}
	out->len = 0;
	return out->error;
}

void out_str(struct out *out, struct str text)
{
	while (text.len > 0 && out->error == 0) {
		struct str part = str_take(text, out->cap - out->len);
		if (part.len > 0)
			memcpy(out->ptr + out->len, part.ptr, part.len);
		out->len += part.len;
		text = str_skip(text, part.len);
		if (text.len > 0 && out_flush(out) == 0 && out->len == out->cap)
			out->error = -ENOSPC; // flushing made no room: memory
	}
}

void out_byte(struct out *out, char byte)
{
	out_str(out, (struct str){&byte, 1});
}

static void out_repeat(struct out *out, char byte, size_t count)
{
	while (count-- > 0 && out->error == 0)
		out_byte(out, byte);
}

// The bytes of the character that the text starts with if a terminal may see it: it is well-formed UTF-8 and no control
// character, of which there are two sets; the second is U+80 to U+9F. Zero otherwise, and for the backslash.
// [ECMA-48 §5.3]
static size_t printable_bytes(struct str text)
{
	bool is_second_set = text.len > 1 && text.ptr[0] == '\xc2' && (uint8_t)text.ptr[1] < 0xa0;
	if (ascii_is_control(text.ptr[0]) || text.ptr[0] == '\\' || is_second_set)
		return 0;
	return utf8_bytes(text);
}

void out_escaped(struct out *out, struct str text)
{
	while (text.len > 0 && out->error == 0) {
		size_t len = printable_bytes(text);
		if (len == 0) {
			out_str(out, STR("\\x"));
			out_hex(out, (uint8_t)text.ptr[0], 2);
			len = 1;
		} else {
			out_str(out, str_take(text, len));
		}
		text = str_skip(text, len);
	}
}

void out_padded(struct out *out, struct str text, size_t width)
{
	out_str(out, text);
	if (text.len < width)
		out_repeat(out, ' ', width - text.len);
}

void out_unsigned_padded(struct out *out, uint64_t value, size_t width, char pad)
{
	char digits[DECIMAL_DIGITS_MAX];
	size_t start = sizeof(digits);
	do
		digits[--start] = (char)('0' + value % 10);
	while ((value /= 10) > 0);

	size_t len = sizeof(digits) - start;
	if (len < width)
		out_repeat(out, pad, width - len);
	out_str(out, (struct str){digits + start, len});
}

void out_unsigned(struct out *out, uint64_t value)
{
	out_unsigned_padded(out, value, 0, 0);
}

void out_signed(struct out *out, int64_t value)
{
	if (value < 0)
		out_byte(out, '-');
	// Through unsigned: negating the most negative number would overflow.
	out_unsigned(out, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void out_hex(struct out *out, uint64_t value, unsigned digits_min)
{
	unsigned digits = 16;
	while (digits > 1 && digits > digits_min && value >> (4 * (digits - 1)) == 0)
		digits--;
	while (digits-- > 0)
		out_byte(out, "0123456789abcdef"[value >> (4 * digits) & 15]);
}

// `bytes` in units of 2^shift, to the nearest, a half upward: the bit below the point decides.
static uint64_t whole_units(uint64_t bytes, unsigned shift)
{
	return (bytes >> shift) + (bytes >> (shift - 1) & 1);
}

// The same in tenths of a unit. With `shift` 60 at most, ten times the remainder and a half more stay below 2^64.
static uint64_t tenth_units(uint64_t bytes, unsigned shift)
{
	uint64_t unit = UINT64_C(1) << shift;
	return (bytes >> shift) * 10 + (((bytes & (unit - 1)) * 10 + unit / 2) >> shift);
}

void out_size(struct out *out, uint64_t bytes)
{
	if (bytes < 1024) {
		out_unsigned(out, bytes);
		return;
	}

	unsigned power = 1; // of 1024
	while (whole_units(bytes, 10 * power) >= 1024)
		power++;

	uint64_t tenths = tenth_units(bytes, 10 * power);
	if (tenths < 100) {
		out_unsigned(out, tenths / 10);
		out_byte(out, '.');
		out_unsigned(out, tenths % 10);
	} else {
		out_unsigned(out, whole_units(bytes, 10 * power));
	}
	out_byte(out, "?KMGTPE"[power]);
}

void out_error(struct out *out, long error)
{
	struct str name = errno_name(error);
	if (name.len == 0) {
		out_str(out, STR("error "));
		out_unsigned(out, error < 0 ? -(uint64_t)error : (uint64_t)error);
		return;
	}

	struct str text = errno_text(error);
	out_str(out, text);
	out_str(out, text.len > 0 ? STR(" (") : STR("("));
	out_str(out, name);
	out_byte(out, ')');
}
