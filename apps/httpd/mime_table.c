// apps/httpd/mime_table.c: lines into a sorted table.
#include "apps/httpd/mime_table.h"

#include "crt/mem.h"
#include "crt/str.h"

#define CHARSET "; charset=utf-8"

// Letters, digits and these, beginning with a letter or digit. [RFC 6838 §4.2, restricted-name]
static bool is_name(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char byte = ascii_lower(text.ptr[i]);
		bool is_alnum = ascii_is_digit(byte) || (byte >= 'a' && byte <= 'z');
		if (!is_alnum && (i == 0 || str_find_byte(STR("!#$&-^_.+"), byte) == STR_NONE))
			return false;
	}
	return text.len > 0;
}

static bool is_type(struct str text)
{
	struct str_cut cut = str_cut(text, '/');
	return is_name(cut.before) && is_name(cut.after);
}

static bool is_extension(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '/' || ascii_is_control(text.ptr[i]))
			return false;
	}
	return !str_starts(text, STR("."));
}

// The next word of a line; empty: none. A word that begins with '#' begins a comment.
static struct str take_word(struct str *line)
{
	*line = str_trim(*line);
	size_t len = 0;
	while (len < line->len && !ascii_is_space(line->ptr[len]))
		len++;
	struct str word = str_take(*line, len);
	*line = str_skip(*line, len);
	if (!str_starts(word, STR("#")))
		return word;
	*line = (struct str){0};
	return (struct str){0};
}

// As a text in small letters stands to an entry's: less than, equal to or greater than 0.
static int compare(struct str text, struct str extension)
{
	for (size_t i = 0; i < text.len && i < extension.len; i++) {
		char byte = ascii_lower(text.ptr[i]);
		if (byte != extension.ptr[i])
			return (uint8_t)byte - (uint8_t)extension.ptr[i];
	}
	return (text.len > extension.len) - (text.len < extension.len);
}

// Where an extension is, or would be.
static size_t place_of(const struct mime_table *table, struct str extension, bool *is_there)
{
	size_t low = 0, high = table->count;
	*is_there = false;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = compare(extension, table->entries[middle].extension);
		if (order == 0) {
			*is_there = true;
			return middle;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static enum mime_fault put(struct mime_table *table, struct str extension, struct str type)
{
	bool is_there;
	size_t at = place_of(table, extension, &is_there);
	if (is_there) {
		table->entries[at].type = type;
		return MIME_FINE;
	}
	size_t start = table->texts.len;
	for (size_t i = 0; i < extension.len; i++)
		out_byte(&table->texts, ascii_lower(extension.ptr[i]));
	if (table->texts.error != 0 || table->count == table->room)
		return MIME_FULL;
	memmove(&table->entries[at + 1], &table->entries[at], (table->count - at) * sizeof(*table->entries));
	table->entries[at] = (struct mime_entry){str_skip(out_written(&table->texts), start), type};
	table->count++;
	return MIME_FINE;
}

enum mime_fault mime_table_take(struct mime_table *table, struct str line)
{
	struct str name = take_word(&line);
	if (name.len == 0)
		return MIME_FINE;
	if (!is_type(name))
		return MIME_NO_TYPE;
	if (name.len > MIME_TYPE_BYTES_MAX)
		return MIME_TYPE_LONG;

	struct str type = {0};
	for (struct str extension; (extension = take_word(&line)).len > 0;) {
		if (!is_extension(extension))
			return MIME_NO_EXTENSION;
		if (type.len == 0) {
			size_t start = table->texts.len;
			out_str(&table->texts, name);
			if (str_equal_nocase(str_take(name, 5), STR("text/")))
				out_str(&table->texts, STR(CHARSET));
			type = str_skip(out_written(&table->texts), start);
		}
		enum mime_fault fault = put(table, extension, type);
		if (fault != MIME_FINE)
			return fault;
	}
	return MIME_FINE;
}

struct str mime_table_find(const struct mime_table *table, struct str extension)
{
	bool is_there;
	size_t at = place_of(table, extension, &is_there);
	return is_there ? table->entries[at].type : (struct str){0};
}
