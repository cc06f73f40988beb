// apps/httpd/log.c: log_write.
#include "apps/httpd/log.h"

#include "apps/httpd/date.h"
#include "apps/httpd/escape.h"
#include "crt/str.h"

static void write_limited(struct out *out, struct str text, size_t bytes_max)
{
	escape_log(out, str_take(text, bytes_max));
	if (text.len > bytes_max)
		out_str(out, STR("..."));
}

void log_write(struct out *out, const struct log_entry *entry)
{
	write_limited(out, entry->client, LOG_CLIENT_BYTES_MAX);
	out_str(out, STR(" - - "));
	date_write_log(out, entry->seconds);
	out_str(out, STR(" \""));
	// What is not there is a hyphen in this format: so a request line, and the content of an answer without any.
	if (entry->request.len > 0)
		write_limited(out, entry->request, LOG_REQUEST_BYTES_MAX);
	else
		out_byte(out, '-');
	out_str(out, STR("\" "));
	out_unsigned(out, entry->status);
	out_byte(out, ' ');
	if (entry->bytes > 0)
		out_unsigned(out, entry->bytes);
	else
		out_byte(out, '-');
	out_byte(out, '\n');
}
