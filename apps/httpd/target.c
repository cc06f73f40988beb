// apps/httpd/target.c: target_decode, one pass over the raw path.
//
//	into   | a b | / | d |  room  | NUL |
//	           path so far
//
// Each segment is decoded behind the path so far, and then judged: kept, dropped, or, if it is "..", dropped together with
// the one before it. So what has been kept is a good path at every moment.
#include "apps/httpd/target.h"

#include "crt/str.h"

bool target_is_served(struct str name, bool in_root, bool with_hidden)
{
	for (size_t i = 0; i < name.len; i++) {
		if (ascii_is_control(name.ptr[i]))
			return false;
	}
	if (str_equal(name, STR(".")) || str_equal(name, STR("..")))
		return false;
	return with_hidden || !str_starts(name, STR(".")) || (in_root && str_equal(name, STR(".well-known")));
}

// One segment, decoded to into[start..]; its end goes to `end`.
static enum http_status decode_segment(struct str raw, struct span into, size_t start, size_t *end)
{
	size_t at = start;

	for (size_t i = 0; i < raw.len; i++) {
		char byte = raw.ptr[i];
		if (byte == '%') {
			if (raw.len - i < 3)
				return HTTP_BAD_REQUEST;
			int high = ascii_hex_value(raw.ptr[i + 1]), low = ascii_hex_value(raw.ptr[i + 2]);
			if (high < 0 || low < 0)
				return HTTP_BAD_REQUEST;
			byte = (char)(high << 4 | low);
			i += 2;
			if (byte == '/')
				return HTTP_NOT_FOUND;
		}
		if (byte == 0)
			return HTTP_BAD_REQUEST;
		if (at - start == NAME_MAX || at + 1 >= into.len) // the last byte is the NUL's
			return HTTP_NOT_FOUND;
		into.ptr[at++] = (uint8_t)byte;
	}
	*end = at;
	return HTTP_OK;
}

// The length of a path without its last segment and the slash before it.
static size_t parent_len(struct span into, size_t len)
{
	while (len > 0 && into.ptr[len - 1] != '/')
		len--;
	return len > 0 ? len - 1 : 0;
}

enum http_status target_decode(struct str raw, bool with_hidden, struct span into, struct target *target)
{
	struct str_cut query = str_cut(raw, '?');
	struct str rest = query.before;
	size_t len = 0; // of the path so far
	bool ends_with_slash = true;

	if (rest.len > 0 && rest.ptr[0] != '/')
		return HTTP_BAD_REQUEST;

	while (rest.len > 0) {
		struct str_cut segment = str_cut(str_skip(rest, 1), '/');
		rest = str_skip(rest, 1 + segment.before.len);

		// A separator goes before every segment but the first.
		size_t start = len > 0 ? len + 1 : 0, end = 0;
		enum http_status status = decode_segment(segment.before, into, start, &end);
		if (status != HTTP_OK)
			return status;

		struct str name = {(const char *)into.ptr + start, end - start};
		ends_with_slash = true;
		if (name.len == 0 || str_equal(name, STR(".")))
			continue;
		if (str_equal(name, STR(".."))) {
			if (len == 0)
				return HTTP_BAD_REQUEST;
			len = parent_len(into, len);
			continue;
		}
		if (!target_is_served(name, len == 0, with_hidden))
			return HTTP_NOT_FOUND;
		if (len > 0)
			into.ptr[len] = '/';
		len = end;
		ends_with_slash = false;
	}

	if (len == 0)
		into.ptr[len++] = '.';
	into.ptr[len] = 0;
	*target = (struct target){
		.path = {(const char *)into.ptr, len},
		.query = query.found ? query.after : (struct str){0},
		.ends_with_slash = ends_with_slash,
	};
	return HTTP_OK;
}
