// apps/httpd/exchange.h: a request and its answer. [RFC 9110 §3.4]
//
//	connection (server.h)          exchange
//	| socket, state, deadline | -> | received | request | what was found | composed |
//
// What an idle connection needs is little, and stands in struct connection; what a request needs is much, and stands here. An
// exchange belongs to one connection at a time; what is found, composed and sent for a request is found there.
#pragma once

#include <stdint.h>

#include "apps/httpd/body.h"
#include "apps/httpd/coding.h"
#include "apps/httpd/facts.h"
#include "apps/httpd/range.h"
#include "apps/httpd/request.h"
#include "arch/span.h"

struct connection; // server.h
struct file;       // files.h

// Bytes that are sent at a time: the head and the first part of the content, then part after part.
constexpr size_t SEND_BYTES = 32768;

// Which file or folder is being opened for a request (find.c).
enum sought {
	SOUGHT_NAMED,      // what the request names
	SOUGHT_CLEAN,      // that with .html behind it
	SOUGHT_INDEX,      // the index.html in that folder
	SOUGHT_FALLBACK,   // the file that is sent for what is not there
	SOUGHT_CODED,      // a file beside the one that was found, with the same compressed
	SOUGHT_ERROR_PAGE, // the page of an error, from the root
};

// A place for the page of a folder.
struct page {
	struct span memory;
	bool is_taken;
};

struct exchange {
	struct connection *connection; // whose it is
	struct exchange *next_free;

	struct span received; // where requests arrive; the bytes there:
	size_t received_len;
	struct request request;
	struct body body; // of the request, while that arrives

	enum sought sought;
	int walked;             // what beneath_walk gave, on its way through the ring
	enum coding coding;     // that is sought
	unsigned codings_tried; // a bit each
	bool varies;            // another coding could have been sent
	size_t path_len;        // of the path of the file, without the extension of a coding
	struct codings codings; // that the client takes
	struct facts facts;     // of the file that was found
	struct str type;        // its type
	struct str cache;       // its Cache-Control
	struct ranges ranges;   // to be sent of it
	unsigned parts_left;    // of a multipart: pieces whose head is still to be sent, and its end
	uint64_t boundary;      // of a multipart
	int file;               // being sent, or the folder being looked at; -1: none
	struct file *held;      // whose descriptor that is; null: it is the exchange's own
	uint64_t file_at;       // offset of the next byte to read
	uint64_t file_left;     // bytes still to read
	struct str page;        // of a folder, still to be sent
	struct page *folder;    // where that page lies

	struct span composed; // what is sent; the bytes there, and how many are sent:
	size_t composed_len;
	size_t sent_len;
	enum http_status status;
	uint64_t content_bytes; // sent, for the log
};
