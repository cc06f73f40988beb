// apps/httpd/mime.c: extensions and types, in two tables that need no relocation.
//
//	extensions, sorted:  | css, 18 | gif, 371 | ...        types, as one text: | text/css; charset=utf-8 NUL | image/gif NUL |
//
// The numbers are offsets into the text. A type that several extensions share is there once.
//
// Names of types: [IANA media types registry], and RFC 9239 (JavaScript), RFC 8081 (fonts), RFC 7763 (Markdown), RFC 8216
// (HLS), W3C Web App Manifest. A charset goes only where the type defines one. JSON has none [RFC 8259 §11]; nor has
// WebAssembly, which browsers refuse to compile with any parameter [WebAssembly Web API, streaming compilation]; XML, and SVG
// with it, names its encoding itself.
#include "apps/httpd/mime.h"

#include <stddef.h>
#include <stdint.h>

#include "crt/str.h"

// clang-format off
#define TYPES(T) \
	T(aac, "audio/aac") \
	T(apng, "image/apng") \
	T(atom, "application/atom+xml") \
	T(avif, "image/avif") \
	T(bmp, "image/bmp") \
	T(bzip2, "application/x-bzip2") \
	T(calendar, "text/calendar; charset=utf-8") \
	T(css, "text/css; charset=utf-8") \
	T(csv, "text/csv; charset=utf-8") \
	T(dash, "application/dash+xml") \
	T(docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document") \
	T(epub, "application/epub+zip") \
	T(flac, "audio/flac") \
	T(geojson, "application/geo+json") \
	T(gif, "image/gif") \
	T(gzip, "application/gzip") \
	T(hls, "application/vnd.apple.mpegurl") \
	T(html, "text/html; charset=utf-8") \
	T(icon, "image/vnd.microsoft.icon") \
	T(jar, "application/java-archive") \
	T(javascript, "text/javascript; charset=utf-8") \
	T(jpeg, "image/jpeg") \
	T(json, "application/json") \
	T(json_ld, "application/ld+json") \
	T(jxl, "image/jxl") \
	T(manifest, "application/manifest+json") \
	T(markdown, "text/markdown; charset=utf-8") \
	T(matroska, "video/x-matroska") \
	T(midi, "audio/midi") \
	T(mp3, "audio/mpeg") \
	T(mp4, "video/mp4") \
	T(mp4_audio, "audio/mp4") \
	T(mpeg, "video/mpeg") \
	T(mpeg_ts, "video/mp2t") \
	T(odp, "application/vnd.oasis.opendocument.presentation") \
	T(ods, "application/vnd.oasis.opendocument.spreadsheet") \
	T(odt, "application/vnd.oasis.opendocument.text") \
	T(ogg, "application/ogg") \
	T(ogg_audio, "audio/ogg") \
	T(ogg_video, "video/ogg") \
	T(otf, "font/otf") \
	T(pdf, "application/pdf") \
	T(plain, "text/plain; charset=utf-8") \
	T(png, "image/png") \
	T(pptx, "application/vnd.openxmlformats-officedocument.presentationml.presentation") \
	T(quicktime, "video/quicktime") \
	T(rss, "application/rss+xml") \
	T(rtf, "application/rtf") \
	T(seven_zip, "application/x-7z-compressed") \
	T(svg, "image/svg+xml") \
	T(tar, "application/x-tar") \
	T(three_gpp, "video/3gpp") \
	T(tiff, "image/tiff") \
	T(ttc, "font/collection") \
	T(ttf, "font/ttf") \
	T(unknown, "application/octet-stream") \
	T(vtt, "text/vtt; charset=utf-8") \
	T(wasm, "application/wasm") \
	T(wav, "audio/wav") \
	T(weba, "audio/webm") \
	T(webm, "video/webm") \
	T(webp, "image/webp") \
	T(woff, "font/woff") \
	T(woff2, "font/woff2") \
	T(xhtml, "application/xhtml+xml") \
	T(xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet") \
	T(xml, "application/xml") \
	T(xz, "application/x-xz") \
	T(zip, "application/zip") \
	T(zstd, "application/zstd")
// clang-format on

#define MEMBER(name, type) char name[sizeof(type)];
#define STRING(name, type) .name = type,

static const struct types {
	TYPES(MEMBER)
} types = {TYPES(STRING)};
static_assert(sizeof(types) <= UINT16_MAX);

#define E(extension, type) {extension, offsetof(struct types, type)},

// Sorted by bytes, for the search below; small letters; zeros fill up a short one.
static const struct extension {
	char text[12];
	uint16_t type;
} extensions[] = {
	// clang-format off
	E("3gp", three_gpp) E("7z", seven_zip) E("aac", aac) E("apng", apng) E("asc", plain) E("atom", atom)
	E("avif", avif) E("bmp", bmp) E("bz2", bzip2) E("c", plain) E("cc", plain) E("conf", plain) E("cpp", plain)
	E("css", css) E("csv", csv) E("diff", plain) E("docx", docx) E("epub", epub) E("flac", flac)
	E("geojson", geojson) E("gif", gif) E("gz", gzip) E("h", plain) E("htm", html) E("html", html) E("ico", icon)
	E("ics", calendar) E("ini", plain) E("jar", jar) E("jpeg", jpeg) E("jpg", jpeg) E("js", javascript)
	E("json", json) E("jsonld", json_ld) E("jxl", jxl) E("log", plain) E("m3u8", hls) E("m4a", mp4_audio)
	E("m4v", mp4) E("map", json) E("md", markdown) E("mid", midi) E("midi", midi) E("mjs", javascript)
	E("mkv", matroska) E("mov", quicktime) E("mp3", mp3) E("mp4", mp4) E("mpd", dash) E("mpeg", mpeg)
	E("mpg", mpeg) E("odp", odp) E("ods", ods) E("odt", odt) E("oga", ogg_audio) E("ogg", ogg_audio)
	E("ogv", ogg_video) E("ogx", ogg) E("opus", ogg_audio) E("otf", otf) E("patch", plain) E("pdf", pdf)
	E("png", png) E("pptx", pptx) E("py", plain) E("rs", plain) E("rss", rss) E("rtf", rtf) E("sh", plain)
	E("svg", svg) E("tar", tar) E("text", plain) E("tgz", gzip) E("tif", tiff) E("tiff", tiff) E("toml", plain)
	E("ts", mpeg_ts) E("ttc", ttc) E("ttf", ttf) E("txt", plain) E("vtt", vtt) E("wasm", wasm) E("wav", wav)
	E("weba", weba) E("webm", webm) E("webmanifest", manifest) E("webp", webp) E("woff", woff) E("woff2", woff2)
	E("xht", xhtml) E("xhtml", xhtml) E("xlsx", xlsx) E("xml", xml) E("xz", xz) E("yaml", plain) E("yml", plain)
	E("zip", zip) E("zst", zstd)
	// clang-format on
};

// Less than, equal to or greater than 0, as the text stands to the extension.
static int compare(struct str text, const char *extension)
{
	size_t i = 0;
	while (i < text.len && extension[i] != 0 && ascii_lower(text.ptr[i]) == extension[i])
		i++;
	if (i == text.len || extension[i] == 0)
		return (i < text.len) - (extension[i] != 0);
	return (uint8_t)ascii_lower(text.ptr[i]) - (uint8_t)extension[i];
}

static struct str find_type(struct str extension)
{
	size_t low = 0, high = sizeof(extensions) / sizeof(*extensions);
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = compare(extension, extensions[middle].text);
		if (order == 0)
			return str_from_cstr((const char *)&types + extensions[middle].type);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return (struct str){0};
}

// What the table has for a name: of "a.b.c" the longest extension, "b.c" before "c". Empty: nothing.
static struct str look_up_in(const struct mime_table *table, struct str name)
{
	struct str type = {0};
	for (struct str_cut cut = str_cut(name, '.'); cut.found && type.len == 0; cut = str_cut(cut.after, '.'))
		type = mime_table_find(table, cut.after);
	return type;
}

// The type that the tables have for a name; empty: none.
static struct str look_up(const struct mime_table *table, struct str name)
{
	size_t dot = 0; // and what is behind it
	for (size_t i = name.len; i > 0; i--) {
		if (name.ptr[i - 1] == '/') {
			name = str_skip(name, i);
			dot = dot > i ? dot - i : 0;
			break;
		}
		if (name.ptr[i - 1] == '.' && dot == 0)
			dot = i;
	}
	struct str type = table != nullptr ? look_up_in(table, name) : (struct str){0};
	if (type.len > 0 || dot == 0)
		return type;
	return find_type(str_skip(name, dot));
}

struct str mime_type(const struct mime_table *table, struct str name)
{
	struct str type = look_up(table, name);
	return type.len > 0 ? type : str_from_cstr(types.unknown);
}

bool mime_is_known(const struct mime_table *table, struct str name)
{
	return look_up(table, name).len > 0;
}
