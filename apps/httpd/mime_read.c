// apps/httpd/mime_read.c: mime_read, and what is said about a line.
#include "apps/httpd/mime_read.h"

#include "apps/httpd/whole.h"
#include "crt/say.h"
#include "crt/str.h"

static struct str words_of(enum mime_fault fault)
{
	switch (fault) {
	case MIME_NO_TYPE:
		return STR(": a line begins with a type, such as text/html, or with #");
	case MIME_TYPE_LONG:
		return STR(": the type is longer than 127 bytes");
	case MIME_NO_EXTENSION:
		return STR(": behind the type stand extensions, without a dot before them, such as html");
	default:
		return STR(": there is no room for more");
	}
}

static void complain(struct str path, size_t number, enum mime_fault fault)
{
	uint8_t digits[20];
	struct out line = out_to_memory(SPAN(digits));
	out_unsigned(&line, number);
	say(STR("httpd: "), path, STR(":"), out_written(&line), words_of(fault));
}

bool mime_read(const char *path, struct arena *memory, struct mime_table *table)
{
	// Pages that the file does not need stay the kernel's.
	size_t entries = mime_table_entries(MIME_FILE_BYTES_MAX), texts = mime_table_bytes(MIME_FILE_BYTES_MAX);
	struct str name = str_from_cstr(path);
	memory->used = 0;
	int error = memory->size > 0 ? 0
				     : arena_open(memory, MIME_FILE_BYTES_MAX + 1 + texts +
								  entries * sizeof(struct mime_entry) + 4096);
	if (error != 0) {
		say_error(error, STR("httpd: cannot get memory for '"), name, STR("'"));
		return false;
	}
	struct span text = {arena_alloc(memory, 1, MIME_FILE_BYTES_MAX + 1, 1), MIME_FILE_BYTES_MAX + 1};
	long len = whole_read(path, text);
	if (len < 0) {
		say_error(len, STR("httpd: cannot read '"), name,
			  STR("' (give --mime-types a file such as /etc/mime.types)"));
		return false;
	}
	*table = (struct mime_table){
		.entries = ARENA_TABLE(memory, struct mime_entry, entries),
		.room = entries,
		.texts = out_to_memory((struct span){arena_alloc(memory, 1, texts, 1), texts}),
	};

	bool is_good = true;
	size_t number = 1;
	for (struct str rest = {(const char *)text.ptr, (size_t)len}; rest.len > 0; number++) {
		struct str_cut cut = str_cut(rest, '\n');
		enum mime_fault fault = mime_table_take(table, cut.before);
		if (fault != MIME_FINE)
			complain(name, number, fault);
		is_good &= fault == MIME_FINE;
		rest = cut.after;
	}
	return is_good;
}
