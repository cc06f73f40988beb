// tests/fuzz/listing.c: no name of a file can become HTML, another address, or a second line of the log.
//
// links: apps/httpd/listing.c apps/httpd/escape.c apps/httpd/date.c apps/httpd/log.c crt/str.c crt/out.c arch/errno.c
#include "apps/httpd/listing.h"

#include "apps/httpd/escape.h"
#include "apps/httpd/log.h"
#include "tests/fuzz/fuzz.h"

constexpr size_t NAME_BYTES_MAX = 4096;

static uint8_t memory[8 * NAME_BYTES_MAX + 4096];

static struct str entry(struct str name)
{
	struct out out = out_to_memory(SPAN(memory));
	struct listing_entry row = {name, (name.len & 1) != 0, name.len, (int64_t)name.len};
	listing_entry(&out, &row);
	REQUIRE(out.error == 0);
	return out_written(&out);
}

// All markup is ours: each of its characters appears as often as it does for the name "a".
static void require_no_markup(struct str name)
{
	static const char markup[] = "<>\"'";
	size_t plain[sizeof(markup)];
	struct str row = entry(STR("a"));
	for (size_t i = 0; i < sizeof(markup) - 1; i++)
		plain[i] = fuzz_count(row, markup[i]);
	row = entry(name);
	for (size_t i = 0; i < sizeof(markup) - 1; i++)
		REQUIRE(fuzz_count(row, markup[i]) == plain[i]);
	REQUIRE(fuzz_count(row, '\n') == 1 && fuzz_count(row, '\0') == 0);
}

// Undoes the encoding: the link leads to exactly this name.
static void require_same_name(struct str name)
{
	struct out out = out_to_memory(SPAN(memory));
	escape_path(&out, name);
	struct str coded = out_written(&out);
	size_t at = 0;
	for (size_t i = 0; i < coded.len; i++, at++) {
		int byte = (uint8_t)coded.ptr[i];
		if (byte == '%') {
			REQUIRE(coded.len - i >= 3);
			byte = ascii_hex_value(coded.ptr[i + 1]) << 4 | ascii_hex_value(coded.ptr[i + 2]);
			i += 2;
		} else {
			REQUIRE(byte > ' ' && byte < 0x7f && byte != '?' && byte != '#' && byte != ':');
		}
		REQUIRE(at < name.len && byte == (uint8_t)name.ptr[at]);
	}
	REQUIRE(at == name.len);
}

// Reads the text back as a strict decoder of UTF-8 would, by the value of each character.
static void require_utf8(struct str text)
{
	for (size_t i = 0; i < text.len;) {
		uint32_t first = (uint8_t)text.ptr[i++], value = first;
		size_t more = first < 0x80       ? 0
			      : first >> 5 == 6  ? 1
			      : first >> 4 == 14 ? 2
			      : first >> 3 == 30 ? 3
						 : SIZE_MAX;
		REQUIRE(more <= text.len - i);
		if (more > 0)
			value = first & (0x3fu >> more);
		for (size_t j = 0; j < more; j++) {
			REQUIRE(((uint8_t)text.ptr[i] & 0xc0) == 0x80);
			value = value << 6 | ((uint8_t)text.ptr[i++] & 0x3f);
		}
		static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
		REQUIRE(value >= least[more] && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff));
		REQUIRE(value >= ' ' && value != 0x7f);
	}
}

static void require_one_log_line(struct str request)
{
	static uint8_t line_bytes[LOG_LINE_BYTES_MAX];
	struct out out = out_to_memory(SPAN(line_bytes));
	log_write(&out, &(struct log_entry){request, 0, request, HTTP_OK, 1});
	struct str line = out_written(&out);
	REQUIRE(out.error == 0 && str_ends(line, STR("\n")));
	for (size_t i = 0; i + 1 < line.len; i++) {
		REQUIRE(line.ptr[i] >= ' ' && line.ptr[i] <= '~');
		REQUIRE(line.ptr[i] != '\\' || line.ptr[i + 1] == 'x');
	}
	REQUIRE(fuzz_count(line, '"') == 2);
}

static void require_order(struct str left, struct str right)
{
	struct listing_entry l = {.name = left}, r = {.name = right};
	int forth = listing_compare(&l, &r), back = listing_compare(&r, &l);
	REQUIRE((forth > 0) == (back < 0) && (forth < 0) == (back > 0));
	REQUIRE((forth == 0) == str_equal(left, right));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > NAME_BYTES_MAX)
		return 0;
	struct str name = fuzz_str(data, size);
	require_no_markup(name);
	require_same_name(name);
	require_one_log_line(name);
	require_order(str_take(name, size / 2), str_skip(name, size / 2));

	struct out out = out_to_memory(SPAN(memory));
	escape_html(&out, name);
	require_utf8(out_written(&out));
	return 0;
}
