// tests/unit/httpd_mime.c: apps/httpd/mime.h.
#include "apps/httpd/mime.h"

#include "crt/str.h"
#include "tests/unit/httpd_edge.h"
#include "tests/unit/unit.h"

static struct str type_of(struct str name)
{
	return mime_type(nullptr, edge_str(name));
}

#define IS_TYPE(name, type) CHECK_STR(type_of(STR(name)), STR(type))
#define TEXT "; charset=utf-8"

UNIT(what_a_page_is_made_of)
{
	IS_TYPE("index.html", "text/html" TEXT);
	IS_TYPE("a.htm", "text/html" TEXT);
	IS_TYPE("a.css", "text/css" TEXT);
	IS_TYPE("a.js", "text/javascript" TEXT);
	IS_TYPE("a.mjs", "text/javascript" TEXT);
	IS_TYPE("a.json", "application/json");
	IS_TYPE("a.js.map", "application/json");
	IS_TYPE("a.wasm", "application/wasm"); // with a charset it would not be compiled
	IS_TYPE("a.webmanifest", "application/manifest+json");
	IS_TYPE("a.svg", "image/svg+xml");
	IS_TYPE("a.png", "image/png");
	IS_TYPE("a.jpg", "image/jpeg");
	IS_TYPE("a.jpeg", "image/jpeg");
	IS_TYPE("a.gif", "image/gif");
	IS_TYPE("a.webp", "image/webp");
	IS_TYPE("a.avif", "image/avif");
	IS_TYPE("favicon.ico", "image/vnd.microsoft.icon");
	IS_TYPE("a.woff", "font/woff");
	IS_TYPE("a.woff2", "font/woff2");
	IS_TYPE("a.ttf", "font/ttf");
	IS_TYPE("a.otf", "font/otf");
	IS_TYPE("a.mp4", "video/mp4");
	IS_TYPE("a.webm", "video/webm");
	IS_TYPE("a.mp3", "audio/mpeg");
	IS_TYPE("a.m4a", "audio/mp4");
	IS_TYPE("a.ogg", "audio/ogg");
	IS_TYPE("a.opus", "audio/ogg");
	IS_TYPE("a.wav", "audio/wav");
	IS_TYPE("a.vtt", "text/vtt" TEXT);
	IS_TYPE("a.txt", "text/plain" TEXT);
	IS_TYPE("a.md", "text/markdown" TEXT);
	IS_TYPE("a.csv", "text/csv" TEXT);
	IS_TYPE("a.xml", "application/xml");
	IS_TYPE("a.xhtml", "application/xhtml+xml");
	IS_TYPE("a.pdf", "application/pdf");
	IS_TYPE("a.m3u8", "application/vnd.apple.mpegurl");
	IS_TYPE("a.ts", "video/mp2t");
	IS_TYPE("a.zip", "application/zip");
	IS_TYPE("a.tar.gz", "application/gzip");
	IS_TYPE("a.zst", "application/zstd");
	IS_TYPE("a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
}

UNIT(the_search_finds_every_row)
{
	// All that the table has, and each once more in capitals: a row out of order would not be found.
	struct str all =
		STR("3gp 7z aac apng asc atom avif bmp bz2 c cc conf cpp css csv diff docx epub flac geojson gif gz h "
		    "htm html ico "
		    "ics ini jar jpeg jpg js json jsonld jxl log m3u8 m4a m4v map md mid midi mjs mkv mov mp3 mp4 mpd "
		    "mpeg mpg odp "
		    "ods odt oga ogg ogv ogx opus otf patch pdf png pptx py rs rss rtf sh svg tar text tgz tif tiff "
		    "toml ts ttc ttf "
		    "txt vtt wasm wav weba webm webmanifest webp woff woff2 xht xhtml xlsx xml xz yaml yml zip zst");
	size_t count = 0;
	while (all.len > 0) {
		struct str_cut cut = str_cut(all, ' ');
		all = cut.after;

		char small[32] = {'x', '.'}, large[32] = {'x', '.'};
		for (size_t i = 0; i < cut.before.len; i++) {
			char byte = cut.before.ptr[i];
			small[2 + i] = byte;
			large[2 + i] = byte >= 'a' && byte <= 'z' ? (char)(byte - 32) : byte;
		}
		struct str type = type_of((struct str){small, 2 + cut.before.len});
		CHECK(!str_equal(type, STR("application/octet-stream")));
		CHECK_STR(type_of((struct str){large, 2 + cut.before.len}), type);
		count++;
	}
	CHECK_EQUAL(count, 98);
}

UNIT(names_that_say_nothing)
{
	IS_TYPE("", "application/octet-stream");
	IS_TYPE(".", "application/octet-stream");
	IS_TYPE("a", "application/octet-stream");
	IS_TYPE("a.", "application/octet-stream");
	IS_TYPE("html", "application/octet-stream");
	IS_TYPE("a.htmlx", "application/octet-stream");
	IS_TYPE("a.ht", "application/octet-stream");
	IS_TYPE("a.html.bak", "application/octet-stream");
	IS_TYPE("a.html/b", "application/octet-stream");
	IS_TYPE("a.html ", "application/octet-stream");
	IS_TYPE("a.\xff", "application/octet-stream");
	IS_TYPE("a.c\0", "application/octet-stream");
	IS_TYPE("a.webmanifest2", "application/octet-stream");
	IS_TYPE("a.zzz", "application/octet-stream");
	IS_TYPE("a.0", "application/octet-stream");
}

UNIT(only_the_last_part_counts)
{
	IS_TYPE("a/b.txt/c.HTML", "text/html" TEXT);
	IS_TYPE("a.b.c.WoFf2", "font/woff2");
}

static struct mime_entry entries[8];
static uint8_t texts[256];
static struct mime_table table;

static void begin(size_t room, size_t bytes)
{
	table = (struct mime_table){
		.entries = entries, .room = room, .texts = out_to_memory((struct span){texts, bytes})};
}

static struct str both(struct str name)
{
	return mime_type(&table, edge_str(name));
}

#define TAKE(line, fault) CHECK_EQUAL(mime_table_take(&table, edge_str(STR(line))), fault)

UNIT(a_table_from_a_file)
{
	begin(8, sizeof(texts));
	TAKE("# a comment", MIME_FINE);
	TAKE("", MIME_FINE);
	TAKE("  \t\r", MIME_FINE);
	TAKE("application/x-nothing", MIME_FINE);
	TAKE("text/x-nim\tnim  NIMBLE # not this", MIME_FINE);
	TAKE("application/x-gzip-compressed gz\r", MIME_FINE);
	TAKE("application/vnd.a+b css x-y c.json", MIME_FINE);
	CHECK_EQUAL(table.count, 6);
	CHECK_STR(both(STR("b.c.json")), STR("application/vnd.a+b")); // the longest extension
	CHECK_STR(both(STR("c.json")), STR("application/json"));
	CHECK_STR(both(STR("b.c.json/x.c.json")), STR("application/vnd.a+b"));
	CHECK_STR(both(STR("b.c.json/json")), STR("application/octet-stream"));
	CHECK_STR(both(STR("a.nim")), STR("text/x-nim; charset=utf-8"));
	CHECK_STR(both(STR("a.Nimble")), STR("text/x-nim; charset=utf-8"));
	CHECK_STR(both(STR("a.tar.GZ")), STR("application/x-gzip-compressed")); // before the table of the program
	CHECK_STR(both(STR("a.css")), STR("application/vnd.a+b"));
	CHECK_STR(both(STR("a.x-y")), STR("application/vnd.a+b"));
	CHECK_STR(both(STR("a.html")), STR("text/html; charset=utf-8"));
	CHECK_STR(both(STR("a.not")), STR("application/octet-stream"));
	TAKE("text/x-other nim", MIME_FINE); // the later line counts
	CHECK_STR(both(STR("a.nim")), STR("text/x-other; charset=utf-8"));
	CHECK_EQUAL(table.count, 6);
	CHECK(mime_is_known(&table, STR("a.nim")) && mime_is_known(nullptr, STR("a.html")));
	CHECK(!mime_is_known(nullptr, STR("a.nim")) && !mime_is_known(&table, STR("john.doe")));
	CHECK(!mime_is_known(&table, STR("a.html/b")));
}

UNIT(lines_that_are_not_understood)
{
	begin(8, sizeof(texts));
	TAKE("html", MIME_NO_TYPE);
	TAKE("text/ html", MIME_NO_TYPE);
	TAKE("/html html", MIME_NO_TYPE);
	TAKE("text/a/b html", MIME_NO_TYPE);
	TAKE("text/html; html", MIME_NO_TYPE);
	TAKE("text/\xff html", MIME_NO_TYPE);
	TAKE("text/.a html", MIME_NO_TYPE);
	TAKE("text/html .html", MIME_NO_EXTENSION);
	TAKE("text/html a/b", MIME_NO_EXTENSION);
	TAKE("text/html a\x01", MIME_NO_EXTENSION);
	CHECK_EQUAL(table.count, 0);
	char line[MIME_TYPE_BYTES_MAX + 3] = "a/";
	for (size_t i = 2; i < sizeof(line); i++)
		line[i] = 'a';
	CHECK_EQUAL(mime_table_take(&table, (struct str){line, MIME_TYPE_BYTES_MAX + 1}), MIME_TYPE_LONG);
	CHECK_EQUAL(mime_table_take(&table, (struct str){line, MIME_TYPE_BYTES_MAX}), MIME_FINE);
}

UNIT(a_table_that_is_full)
{
	begin(2, sizeof(texts));
	TAKE("a/b c d", MIME_FINE);
	TAKE("a/b d", MIME_FINE);
	TAKE("a/b e", MIME_FULL);
	begin(8, 5);
	TAKE("a/b c d", MIME_FINE);
	TAKE("a/b e", MIME_FULL);
	CHECK_EQUAL(table.count, 2);
	// What mime_table_bytes says is enough for lines as short as can be.
	CHECK(mime_table_bytes(9) >= sizeof("text/a; charset=utf-8b") - 1);
}
