// apps/httpd/tell.c: from answers to lines of the log.
#include "apps/httpd/tell.h"

#include "apps/httpd/log.h"

static void tell(struct server *server, const struct exchange *exchange, const struct told *told)
{
	struct out *line = server->is_quiet ? nullptr : spool_line(&server->log, LOG_LINE_BYTES_MAX);
	if (line == nullptr)
		return;
	char client[LOG_CLIENT_BYTES_MAX];
	struct out text = out_to_memory(SPAN(client));
	address_write(&text, &exchange->connection->client);
	struct log_entry entry = {
		.client = out_written(&text),
		.seconds = server->now_s,
		.request = told->line,
		.status = told->status,
		.bytes = told->content_bytes,
	};
	log_write(line, &entry);
}

static struct told told_of(const struct exchange *exchange)
{
	return (struct told){exchange->request.line, exchange->status, exchange->content_bytes};
}

void tell_before(struct server *server, struct exchange *exchange)
{
	for (unsigned i = 0; i < exchange->before_count; i++)
		tell(server, exchange, &exchange->before[i].told);
	exchange->before_count = 0;
	exchange->answer_at = 0;
}

void tell_sent(struct server *server, const struct exchange *exchange)
{
	struct told told = told_of(exchange);
	tell(server, exchange, &told);
}

void tell_cut(struct server *server, const struct exchange *exchange)
{
	unsigned i = 0;
	while (i < exchange->before_count && exchange->before[i].end <= exchange->sent_len)
		tell(server, exchange, &exchange->before[i++].told);
	bool is_before = i < exchange->before_count;
	struct told told = is_before ? exchange->before[i].told : told_of(exchange);
	// What was read and not sent does not count. Content comes last, so what is left is content first of all.
	uint64_t unsent = is_before ? exchange->before[i].end - exchange->sent_len
				    : exchange->composed_len - exchange->sent_len + exchange->content.len;
	told.content_bytes -= unsent < told.content_bytes ? unsent : told.content_bytes;
	tell(server, exchange, &told);
}
