// apps/httpd/request.c: request_parse, from bytes to lines to fields to a decision.
//
// Every error goes the same way: a function returns the status to answer, HTTP_OK to go on. Errors of framing or grammar end
// the reading at once, and the connection with it. That a method is not served is noted, and the head is read to its end:
// where the next request begins is then certain, so that such a connection can go on.
#include "apps/httpd/request.h"

#include "apps/httpd/token.h"
#include "crt/str.h"

// reg-name, and an IPv4 address with it: unreserved, sub-delims and the percent sign [RFC 3986 §3.2.2]
static constexpr struct byte_set HOST_NAME = {
	BYTE_DIGITS | BYTE_LOW('-') | BYTE_LOW('.') | BYTE_LOW('%') | BYTE_LOW('!') | BYTE_LOW('$') | BYTE_LOW('&') |
		BYTE_LOW('\'') | BYTE_LOW('(') | BYTE_LOW(')') | BYTE_LOW('*') | BYTE_LOW('+') | BYTE_LOW(',') |
		BYTE_LOW(';') | BYTE_LOW('='),
	BYTE_LETTERS | BYTE_HIGH('_') | BYTE_HIGH('~'),
};

// What may stand between the brackets of an IP literal [RFC 3986 §3.2.2]: hexadecimal digits, colons and dots. IPvFuture,
// which nobody has defined since 2005, is left out.
static constexpr struct byte_set IP_LITERAL = {
	BYTE_DIGITS | BYTE_LOW(':') | BYTE_LOW('.'),
	UINT64_C(0x0000007e'0000007e),
};

// uri-host [ ":" port ] [RFC 9110 §7.2]. There is no "user@" in it [RFC 9110 §4.2.4]. An empty host and an empty port are
// within the grammar.
static bool is_authority(struct str text)
{
	size_t host_len = 0;
	if (str_starts(text, STR("["))) {
		struct str_cut literal = str_cut(str_skip(text, 1), ']');
		if (!literal.found || literal.before.len == 0 || !set_has_all(IP_LITERAL, literal.before))
			return false;
		host_len = literal.before.len + 2;
	} else {
		while (host_len < text.len && set_has(HOST_NAME, text.ptr[host_len]))
			host_len++;
	}

	struct str port = str_skip(text, host_len);
	if (port.len == 0)
		return true;
	return port.ptr[0] == ':' && set_has_all((struct byte_set){BYTE_DIGITS, 0}, str_skip(port, 1));
}

// Takes the absolute form apart: "http://host/path" to host and "/path" [RFC 9112 §3.2.2]. A server behind one that
// speaks TLS may be sent https as well.
static enum http_status take_absolute_form(struct request *request, struct str target)
{
	size_t scheme_len = target.len > 4 && ascii_lower(target.ptr[4]) == 's' ? 5 : 4;
	if (!str_equal_nocase(str_take(target, scheme_len), str_take(STR("https"), scheme_len)))
		return HTTP_BAD_REQUEST;
	target = str_skip(target, scheme_len);
	if (!str_starts(target, STR("://")))
		return HTTP_BAD_REQUEST;
	target = str_skip(target, 3);

	size_t host_len = 0;
	while (host_len < target.len && target.ptr[host_len] != '/' && target.ptr[host_len] != '?')
		host_len++;
	request->host = str_take(target, host_len);
	request->target = str_skip(target, host_len);

	// Such an address must have a host [RFC 9110 §4.2.1].
	bool has_host = host_len > 0 && request->host.ptr[0] != ':';
	return has_host && is_authority(request->host) ? HTTP_OK : HTTP_BAD_REQUEST;
}

// The four forms of a target [RFC 9112 §3.2]. The bytes are what the URL Standard lets a browser send, which is a few more
// (such as '|') than RFC 3986 has: all that is visible in ASCII, but no '#', which begins what clients keep to themselves.
static enum http_status take_target(struct request *request, struct str method, struct str target)
{
	if (target.len == 0)
		return HTTP_BAD_REQUEST;
	for (size_t i = 0; i < target.len; i++) {
		if (target.ptr[i] <= ' ' || target.ptr[i] > '~' || target.ptr[i] == '#')
			return HTTP_BAD_REQUEST;
	}

	if (str_equal(method, STR("CONNECT"))) { // authority form, and no part may be missing [RFC 9110 §9.3.6]
		size_t colon = str_find_byte(target, ':');
		bool is_whole = colon > 0 && colon != STR_NONE && ascii_is_digit(target.ptr[target.len - 1]);
		return is_whole && is_authority(target) ? HTTP_OK : HTTP_BAD_REQUEST;
	}
	if (str_equal(target, STR("*"))) // asterisk form
		return str_equal(method, STR("OPTIONS")) ? HTTP_OK : HTTP_BAD_REQUEST;
	if (target.ptr[0] != '/')
		return take_absolute_form(request, target);
	request->target = target; // origin form
	return HTTP_OK;
}

// What a method costs [RFC 9110 §9.1]: 405 if it is known and these files do not allow it, 501 if nothing here knows it.
// CONNECT is known as something to do with no file at all, and so not implemented.
static enum http_status method_status(struct str method)
{
	if (str_equal(method, STR("GET")) || str_equal(method, STR("HEAD")) || str_equal(method, STR("OPTIONS")))
		return HTTP_OK;
	if (str_equal(method, STR("POST")) || str_equal(method, STR("PUT")) || str_equal(method, STR("DELETE")) ||
	    str_equal(method, STR("TRACE")) || str_equal(method, STR("PATCH")))
		return HTTP_METHOD_NOT_ALLOWED;
	return HTTP_NOT_IMPLEMENTED;
}

static enum request_method method_of(struct str line)
{
	if (str_starts(line, STR("GET ")))
		return METHOD_GET;
	if (str_starts(line, STR("OPTIONS ")))
		return METHOD_OPTIONS;
	return str_starts(line, STR("HEAD ")) ? METHOD_HEAD : METHOD_OTHER;
}

// method SP request-target SP HTTP-version [RFC 9112 §3], with exactly one space in each place.
static enum http_status take_request_line(struct request *request, struct str line)
{
	request->line = line;
	request->method = method_of(line);
	request->is_line_known = true;

	struct str_cut method = str_cut(line, ' ');
	struct str_cut target = str_cut(method.after, ' ');
	struct str version = target.after;
	if (!is_token(method.before) || !target.found)
		return HTTP_BAD_REQUEST;

	// The version comes first: it decides what the rest would mean. A later minor version of 1 is answered as 1.1,
	// the highest that this server has [RFC 9110 §2.5].
	if (version.len != 8 || !str_starts(version, STR("HTTP/")) || !ascii_is_digit(version.ptr[5]) ||
	    version.ptr[6] != '.' || !ascii_is_digit(version.ptr[7]))
		return HTTP_BAD_REQUEST;
	if (version.ptr[5] != '1')
		return HTTP_VERSION_UNSUPPORTED;
	request->is_1_0 = version.ptr[7] == '0';

	request->status = method_status(method.before);
	return take_target(request, method.before, target.before);
}

// The members of a comma-separated list, and those of several fields of that name are one list [RFC 9110 §5.3, §5.6.1].
static bool next_member(struct str *list, struct str *member)
{
	while (list->len > 0) {
		struct str_cut cut = str_cut(*list, ',');
		*list = cut.after;
		*member = field_trim(cut.before);
		if (member->len > 0)
			return true;
	}
	return false;
}

static void take_connection(struct request *request, struct str value)
{
	struct str option;
	while (next_member(&value, &option)) {
		request->wants_close |= str_equal_nocase(option, STR("close"));
		request->wants_keep |= str_equal_nocase(option, STR("keep-alive"));
	}
}

// The one expectation that HTTP has; others may be refused. [RFC 9110 §10.1.1]
static void take_expect(struct request *request, struct str value)
{
	struct str expectation;
	while (next_member(&value, &expectation)) {
		bool is_known = str_equal_nocase(expectation, STR("100-continue"));
		request->wants_continue |= is_known;
		request->wants_unknown |= !is_known;
	}
}

static void take_transfer_encoding(struct request *request, struct str value)
{
	struct str coding;
	request->has_coding = true;
	while (next_member(&value, &coding)) {
		bool is_chunked = str_equal_nocase(coding, STR("chunked"));
		request->has_two_chunked |= is_chunked && request->is_chunked_last;
		request->has_other_coding |= !is_chunked;
		request->is_chunked_last = is_chunked;
	}
}

// field-name ":" OWS field-value OWS [RFC 9112 §5]. A name with white space before the colon is no token [RFC 9112 §5.1],
// and so is a line that begins with white space: the obsolete folding [RFC 9112 §5.2] and the trick of §2.2.
static enum http_status take_field(struct request *request, struct str line)
{
	struct str_cut field = str_cut(line, ':');
	struct str name = field.before, value = field_trim(field.after);
	if (!field.found || !is_token(name))
		return HTTP_BAD_REQUEST;

	if (str_equal_nocase(name, STR("Host"))) { // once, and valid [RFC 9112 §3.2]
		if (request->has_host || !is_authority(value))
			return HTTP_BAD_REQUEST;
		request->has_host = true;
		if (request->host.len == 0) // the absolute form goes before the field [RFC 9112 §3.2.2]
			request->host = value;
	} else if (str_equal_nocase(name, STR("Connection"))) {
		take_connection(request, value);
	} else if (str_equal_nocase(name, STR("Content-Length"))) {
		// Once, and only digits: also the same number twice, which a recipient may take for one, is refused
		// [RFC 9110 §8.6; RFC 9112 §6.3].
		if (request->has_length || !str_to_unsigned(value, &request->content_length))
			return HTTP_BAD_REQUEST;
		request->has_length = true;
	} else if (str_equal_nocase(name, STR("Transfer-Encoding"))) {
		take_transfer_encoding(request, value);
	} else if (str_equal_nocase(name, STR("Expect"))) {
		take_expect(request, value);
	} else {
		wishes_take(&request->wishes, name, value);
	}
	return HTTP_OK;
}

// What is expected before the body is sent. HTTP/1.0 has no such thing. [RFC 9110 §10.1.1]
static void take_expectations(struct request *request)
{
	bool is_asked = request->wants_continue || request->wants_unknown;
	request->wants_continue &= request->body_follows && !request->is_1_0;
	if (request->is_1_0 || !is_asked)
		return;
	if (request->wants_unknown && request->status == HTTP_OK)
		request->status = HTTP_EXPECTATION_FAILED;
	// A client that waits and is refused may send its body all the same, or the next request: nobody knows which. So
	// the body is not waited for, and the connection ends.
	if (request->status != HTTP_OK && request->body_follows)
		request->keep_alive = request->is_last = request->body_follows = request->wants_continue = false;
}

// What the fields say together.
static enum http_status take_end(struct request *request)
{
	if (!request->has_host && !request->is_1_0) // [RFC 9112 §3.2]
		return HTTP_BAD_REQUEST;

	if (request->has_coding) {
		// Two lengths, or an HTTP/1.0 client with a feature of 1.1: somebody in between may have
		// understood them differently [RFC 9112 §6.1, §6.3]. A body that chunked does not end has no end.
		if (request->has_length || request->is_1_0 || !request->is_chunked_last || request->has_two_chunked)
			return HTTP_BAD_REQUEST;
		if (request->has_other_coding) // gzip, chunked [RFC 9112 §6.1]
			return HTTP_NOT_IMPLEMENTED;
	}
	request->is_chunked = request->has_coding;
	request->body_follows = request->has_coding || request->content_length > 0;           // [RFC 9112 §6.3]
	request->is_last = request->wants_close || (request->is_1_0 && !request->wants_keep); // [RFC 9112 §9.3]
	request->keep_alive = !request->is_last;
	take_expectations(request);

	return request->status;
}

// Stops reading: the head is broken or too long. Of a request line that broke off, the log shows what there is.
static enum request_state give_up(struct request *request, struct str unfinished, enum http_status status)
{
	if (!request->is_line_known) {
		request->line = unfinished;
		request->method = method_of(unfinished);
	}
	request->status = status;
	return REQUEST_BAD;
}

// The answer to a head that does not fit.
static enum http_status overflow_status(const struct request *request, struct str unfinished)
{
	if (request->is_line_known)
		return HTTP_FIELDS_TOO_LARGE; // [RFC 6585 §5]
	if (str_find_byte(unfinished, ' ') != STR_NONE)
		return HTTP_URI_TOO_LONG;
	return is_token(unfinished) ? HTTP_NOT_IMPLEMENTED : HTTP_BAD_REQUEST; // a method without end [RFC 9112 §3]
}

// The first control byte at or after `from`, or the end. A tab is not counted: fields may have it.
static size_t find_control(struct str text, size_t from)
{
	while (from < text.len && (text.ptr[from] == '\t' || !ascii_is_control(text.ptr[from])))
		from++;
	return from;
}

enum request_state request_parse(struct request *request, struct str received, size_t limit)
{
	for (;;) {
		// A line ends with CR LF and has no other control byte in it: a bare LF may be a line's end to one reader
		// and not to the next, and so may a bare CR [RFC 9112 §2.2]; NUL and the others may cut a text short
		// [RFC 9110 §5.5].
		size_t end = find_control(received, request->scanned);
		struct str line = str_slice(received, request->line_start, end);
		request->scanned = end;

		if (end == received.len || (end + 1 == received.len && received.ptr[end] == '\r')) {
			if (received.len < limit)
				return REQUEST_MORE;
			return give_up(request, line, overflow_status(request, line));
		}
		if (received.ptr[end] != '\r' || received.ptr[end + 1] != '\n')
			return give_up(request, line, HTTP_BAD_REQUEST);
		request->scanned = request->line_start = end + 2;

		enum http_status status = HTTP_OK;
		if (line.len == 0 && request->is_line_known) {
			request->head_bytes = request->scanned;
			status = take_end(request);
			return status == HTTP_OK ? REQUEST_OK : give_up(request, line, status);
		}
		if (request->is_line_known)
			status = take_field(request, line);
		else if (line.len > 0) // empty lines before a request are skipped [RFC 9112 §2.2]
			status = take_request_line(request, line);
		if (status != HTTP_OK)
			return give_up(request, line, status);
	}
}
