// apps/httpd/known.c: from a remembered file to an answer.
#include "apps/httpd/known.h"

#include "apps/httpd/answer.h"
#include "apps/httpd/learn.h"
#include "apps/httpd/plan.h"
#include "crt/mem.h"
#include "crt/str.h"

// Where Date stands in a head of status 200 (response.c).
#define DATE_AT (sizeof("HTTP/1.1 200 OK\r\nDate: ") - 1)

// Content that is copied behind its head, so that a plain send has all of it; more is sent from where it lies.
#define COPY_BYTES_MAX ((size_t)16384)

// Drops what has changed. Once for all completions of a turn will do: whoever is answered in it had sent the request before that, so
// a change that its client knew of is among what is told.
static void hear(struct server *server)
{
	if (!server->is_told)
		watches_read(&server->watches, &server->files);
	server->is_told = true;
}

static struct file *recall(struct server *server, const struct target *target)
{
	struct file_key key = {target->path, target->ends_with_slash};
	if (str_equal(key.path, STR(".")))
		key.path = STR("");
	hear(server);
	struct file *file = files_find(&server->files, key, server->now_ns);
	if (file == nullptr && files_is_asked_again(&server->files, key))
		file = learn(server, key);
	return file;
}

// The form that the client gets, as seek_coding of find.c would look for it. Null: somebody has to look, or to refuse.
static struct form *form_for(struct file *file, struct field accept_encoding)
{
	struct codings codings = codings_read(accept_encoding);
	unsigned tried = 0;
	bool varies = false;
	for (enum coding best; (best = codings_best(&codings, tried)) != CODING_IDENTITY; tried |= 1u << best) {
		bool is_taken = codings_takes(&codings, best);
		if (!is_taken && varies)
			break;
		switch (file->forms[best].state) {
		case FORM_UNKNOWN:
			return nullptr;
		case FORM_NONE:
			continue;
		default:
			if (is_taken)
				return &file->forms[best];
			varies = true;
		}
	}
	return codings.weight[CODING_IDENTITY] > 0 ? &file->forms[CODING_IDENTITY] : nullptr;
}

static const uint8_t *date(struct server *server)
{
	if (server->date_s != server->now_s) {
		struct out out = out_to_memory(SPAN(server->date));
		date_write_http(&out, server->now_s);
		server->date_s = server->now_s;
	}
	return server->date;
}

// Sends head and content, which lie ready but for what a head says of this answer alone.
static void send_ready(struct server *server, struct exchange *exchange, struct file *file, const struct form *form)
{
	if (server->is_leaving)
		exchange->request.keep_alive = false;
	struct str connection = STR("");
	if (!exchange->request.keep_alive)
		connection = STR("Connection: close\r\n");
	else if (exchange->request.is_1_0)
		connection = STR("Connection: keep-alive\r\n");

	size_t content_len = exchange->request.method == METHOD_HEAD ? 0 : form->facts.bytes;
	size_t room = exchange->composed.len - exchange->answer_at - form->head_len - connection.len;
	size_t copied_len = content_len <= COPY_BYTES_MAX && content_len <= room ? content_len : 0;
	const uint8_t *ready = file->memory.ptr + form->at;
	uint8_t *to = exchange->composed.ptr + exchange->answer_at;
	size_t lines_len = form->head_len - 2; // without the empty one
	if (connection.len == 0) {
		memcpy(to, ready, form->head_len + copied_len);
	} else {
		memcpy(to, ready, lines_len);
		memcpy(to + lines_len, connection.ptr, connection.len);
		memcpy(to + lines_len + connection.len, ready + lines_len, 2 + copied_len);
	}
	memcpy(to + DATE_AT, date(server), DATE_HTTP_BYTES);
	exchange->status = HTTP_OK;
	exchange->content_bytes = content_len;
	if (copied_len < content_len) {
		file_hold(file);
		exchange->held = file;
		exchange->content = (struct str){(const char *)ready + form->head_len, content_len};
	}
	exchange_send(server, exchange, form->head_len + connection.len + copied_len);
}

static void find_in(struct exchange *exchange, const struct file *file, const struct form *form)
{
	exchange->facts = form->facts;
	exchange->type = file->type;
	exchange->cache = file->cache;
	exchange->varies = file->varies;
}

static bool has_conditions(const struct wishes *wishes)
{
	return wishes->if_match.is_there || wishes->if_none_match.is_there || wishes->if_modified_since.is_there ||
	       wishes->if_unmodified_since.is_there;
}

bool known_answer(struct server *server, struct exchange *exchange, const struct target *target)
{
	const struct wishes *wishes = &exchange->request.wishes;
	struct file *file = recall(server, target);
	struct form *form = file != nullptr ? form_for(file, wishes->accept_encoding) : nullptr;
	if (form == nullptr)
		return false;

	if (form->state == FORM_OPEN) {
		if (!learn_is_same(form->descriptor, &form->stamp)) {
			files_drop(&server->files, file);
			return false;
		}
		find_in(exchange, file, form);
		file_hold(file);
		exchange->held = file;
		exchange->file = form->descriptor;
		answer_file(server, exchange);
		return true;
	}

	if (wishes->range.is_there && exchange->request.method == METHOD_GET)
		return false; // pieces are read from a file
	if (has_conditions(wishes)) {
		struct plan plan;
		plan_file(&plan, &form->facts, wishes, exchange->request.method, server->now_s);
		if (plan.status != HTTP_OK) {
			find_in(exchange, file, form);
			answer_file(server, exchange);
			return true;
		}
	}
	send_ready(server, exchange, file, form);
	return true;
}
