// apps/httpd/listing.c: the page of a folder.
//
// A heading and one table with header cells, which a screen reader can walk; colours that follow the reader's
// setting, dark or light; nothing loaded from elsewhere, no script.
#include "apps/httpd/listing.h"

#include "apps/httpd/date.h"
#include "apps/httpd/escape.h"
#include "crt/str.h"

// "." is how this server writes the root; people know it as "/".
static void write_title(struct out *out, struct str path)
{
	out_byte(out, '/');
	if (str_equal(path, STR(".")))
		return;
	escape_html(out, path);
	out_byte(out, '/');
}

void listing_begin(struct out *out, struct str path)
{
	out_str(out, STR("<!doctype html>\n"
			 "<html lang=\"en\">\n"
			 "<meta charset=\"utf-8\">\n"
			 "<meta name=\"viewport\" content=\"width=device-width\">\n"
			 "<title>"));
	write_title(out, path);
	// Names keep their spaces, break anywhere rather than widen the page, and cannot turn the direction of what stands
	// beside them (isolate).
	out_str(out, STR("</title>\n"
			 "<style>\n"
			 ":root{color-scheme:light dark}\n"
			 "body{font:1em/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em}\n"
			 "h1{font-size:1.3em;overflow-wrap:anywhere;white-space:pre-wrap;unicode-bidi:isolate}\n"
			 "table{width:100%;border-collapse:collapse}\n"
			 "th,td{text-align:left;padding:.2em .5em;border-bottom:1px solid #8884}\n"
			 "td+td,th+th{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}\n"
			 "a{text-decoration:none;overflow-wrap:anywhere;white-space:pre-wrap;unicode-bidi:isolate}\n"
			 "a:hover,a:focus{text-decoration:underline}\n"
			 "</style>\n"
			 "<h1>"));
	write_title(out, path);
	out_str(out,
		STR("</h1>\n"
		    "<table>\n"
		    "<thead><tr><th scope=\"col\">Name<th scope=\"col\">Size<th scope=\"col\">Modified (UTC)</thead>\n"
		    "<tbody>\n"));
	if (!str_equal(path, STR(".")))
		out_str(out, STR("<tr><td><a href=\"../\">../</a><td><td>\n"));
}

void listing_entry(struct out *out, const struct listing_entry *entry)
{
	struct str slash = entry->is_folder ? STR("/") : STR("");

	// Without "./" a name such as "a:b" would be an address of the scheme "a" [RFC 3986 §4.2].
	out_str(out, STR("<tr><td><a href=\"./"));
	escape_path(out, entry->name);
	out_str(out, slash);
	out_str(out, STR("\">"));
	escape_html(out, entry->name);
	out_str(out, slash);
	out_str(out, STR("</a><td>"));
	if (!entry->is_folder)
		out_size(out, entry->bytes);
	out_str(out, STR("<td><time datetime=\""));
	date_write_iso(out, entry->modified);
	out_str(out, STR("\">"));
	date_write_minutes(out, entry->modified);
	out_str(out, STR("</time>\n"));
}

void listing_end(struct out *out)
{
	out_str(out, STR("</tbody>\n</table>\n</html>\n"));
}

int listing_compare(const struct listing_entry *left, const struct listing_entry *right)
{
	if (left->is_folder != right->is_folder)
		return left->is_folder ? -1 : 1;

	struct str l = left->name, r = right->name;
	for (size_t i = 0; i < l.len && i < r.len; i++) {
		if (l.ptr[i] != r.ptr[i])
			return (uint8_t)l.ptr[i] - (uint8_t)r.ptr[i];
	}
	return l.len == r.len ? 0 : l.len < r.len ? -1 : 1;
}
