// apps/httpd/escape.c: bytes from outside, made harmless. Each function runs over its text once; what needs no escape leaves
// in pieces as long as possible, since out_str is cheaper than out_byte for each.
#include "apps/httpd/escape.h"

#include "crt/str.h"

static inline uint8_t byte_at(struct str text, size_t i)
{
	return (uint8_t)text.ptr[i];
}

// What stands for the character of ASCII in HTML, empty if it stands for itself.
static struct str html_reference(char byte)
{
	switch (byte) {
	case '&':
		return STR("&amp;");
	case '<':
		return STR("&lt;");
	case '>':
		return STR("&gt;");
	case '"':
		return STR("&quot;");
	case '\'':
		return STR("&#39;");
	default:
		return ascii_is_control(byte) ? STR("\ufffd") : (struct str){0};
	}
}

void escape_html(struct out *out, struct str text)
{
	size_t plain = 0; // what leaves next, unchanged: from here up to i

	for (size_t i = 0; i < text.len;) {
		size_t bytes = utf8_bytes(str_skip(text, i));
		struct str instead = bytes == 0 ? STR("\ufffd") : html_reference(text.ptr[i]);

		if (instead.len > 0) {
			out_str(out, str_slice(text, plain, i));
			out_str(out, instead);
			plain = i + 1;
		}
		i += bytes == 0 ? 1 : bytes;
	}
	out_str(out, str_skip(text, plain));
}

static inline bool is_unreserved_or_slash(uint8_t byte)
{
	uint8_t lower = byte | 0x20;
	return (lower >= 'a' && lower <= 'z') || (byte >= '-' && byte <= '9') || byte == '_' || byte == '~';
}
static_assert('-' + 1 == '.' && '.' + 1 == '/' && '/' + 1 == '0');

void escape_path(struct out *out, struct str path)
{
	size_t plain = 0;

	for (size_t i = 0; i < path.len; i++) {
		if (is_unreserved_or_slash(byte_at(path, i)))
			continue;
		out_str(out, str_slice(path, plain, i));
		out_byte(out, '%');
		// Upper case, so that equal names have equal addresses [RFC 3986 §2.1].
		out_byte(out, "0123456789ABCDEF"[byte_at(path, i) >> 4]);
		out_byte(out, "0123456789ABCDEF"[byte_at(path, i) & 15]);
		plain = i + 1;
	}
	out_str(out, str_skip(path, plain));
}

void escape_log(struct out *out, struct str text)
{
	size_t plain = 0;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t byte = byte_at(text, i);
		if (!ascii_is_control(text.ptr[i]) && byte < 0x80 && byte != '"' && byte != '\\')
			continue;
		out_str(out, str_slice(text, plain, i));
		out_str(out, STR("\\x"));
		out_hex(out, byte, 2);
		plain = i + 1;
	}
	out_str(out, str_skip(text, plain));
}
