// apps/httpd/escape.h: how bytes from outside are written so that they stay data.
//
// Names of files and requests are chosen by strangers. Each of these writes such bytes into one kind of text, in which
// they can then begin nothing: no tag, no other part of an address, no second line of a log.
#pragma once

#include "arch/span.h"
#include "crt/out.h"

// As text or as a quoted attribute of HTML: the five characters that mean something there become character references.
// HTML here is UTF-8, so each byte that is not part of a well-formed sequence [RFC 3629 §4] becomes U+FFFD, and so does
// each control byte of ASCII, which HTML does not allow in text [HTML Standard §13.2.3.5].
void escape_html(struct out *out, struct str text);

// As the path of an address: what RFC 3986 §2.3 calls unreserved, and the slash, stay; all else is percent-encoded, byte by
// byte, so that decoding gives back exactly these bytes.
void escape_path(struct out *out, struct str path);

// Inside the quotes of a log line: printable ASCII stays, but the quote, the backslash and every other byte become \xHH.
void escape_log(struct out *out, struct str text);
