// apps/httpd/status.h: the status codes that this server sends, and what they say to a person.
//
// Only these: a code that nothing sends has no place here. Knows neither requests nor responses.
#pragma once

#include "arch/span.h"

// The code, its name here, its reason phrase [RFC 9110 §15; 431 RFC 6585 §5], and one sentence for the page that an error
// shows. The sentences address whoever sits in front of a browser, and contain nothing that HTML would have to escape.
// clang-format off
#define HTTP_STATUSES(S) \
	S(200, HTTP_OK, "OK", "") \
	S(206, HTTP_PARTIAL, "Partial Content", "") \
	S(301, HTTP_MOVED, "Moved Permanently", "This folder has a slash at the end of its address.") \
	S(304, HTTP_NOT_MODIFIED, "Not Modified", "") \
	S(400, HTTP_BAD_REQUEST, "Bad Request", "The server cannot understand this request.") \
	S(403, HTTP_FORBIDDEN, "Forbidden", "The server may not show this.") \
	S(404, HTTP_NOT_FOUND, "Not Found", "There is nothing at this address.") \
	S(405, HTTP_METHOD_NOT_ALLOWED, "Method Not Allowed", "Files here can be read, and nothing else.") \
	S(406, HTTP_NOT_ACCEPTABLE, "Not Acceptable", "There is no coding of this file that was asked for.") \
	S(408, HTTP_TIMEOUT, "Request Timeout", "The request took too long to arrive.") \
	S(412, HTTP_PRECONDITION_FAILED, "Precondition Failed", "This file is not, or no longer, as was expected.") \
	S(413, HTTP_CONTENT_TOO_LARGE, "Content Too Large", "The request has more content than the server takes.") \
	S(414, HTTP_URI_TOO_LONG, "URI Too Long", "The address is too long for this server.") \
	S(416, HTTP_RANGE_UNSATISFIABLE, "Range Not Satisfiable", "This file ends before the part that was asked for.") \
	S(417, HTTP_EXPECTATION_FAILED, "Expectation Failed", "The server cannot do what the request expects of it.") \
	S(431, HTTP_FIELDS_TOO_LARGE, "Request Header Fields Too Large", "The request has more header fields than fit.") \
	S(500, HTTP_INTERNAL_ERROR, "Internal Server Error", "The server failed to read this.") \
	S(501, HTTP_NOT_IMPLEMENTED, "Not Implemented", "The server does not know how to do this.") \
	S(503, HTTP_UNAVAILABLE, "Service Unavailable", "The server is busy. Please try again soon.") \
	S(505, HTTP_VERSION_UNSUPPORTED, "HTTP Version Not Supported", "The server speaks HTTP/1.1 and HTTP/1.0.")
// clang-format on

#define HTTP_STATUS_NUMBER(code, name, reason, sentence) name = code,
enum http_status { HTTP_STATUSES(HTTP_STATUS_NUMBER) };
#undef HTTP_STATUS_NUMBER

// The reason phrase, "Not Found"; empty for a number that is not in the table.
struct str http_status_reason(enum http_status status);

// The sentence for the error's page; empty where there is none.
struct str http_status_sentence(enum http_status status);
