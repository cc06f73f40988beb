// tests/unit/str.c: crt/str.h.
#include "crt/str.h"

#include "arch/sys.h"
#include "crt/mem.h"
#include "tests/unit/unit.h"

UNIT(bytes_of_each_class)
{
	// Every byte is asked, so that none above 0x7f becomes a negative index or a letter.
	for (int byte = 0; byte < 256; byte++) {
		char c = (char)byte;
		CHECK_EQUAL(ascii_is_digit(c), byte >= 48 && byte <= 57);
		CHECK_EQUAL(ascii_is_space(c), byte == 32 || (byte >= 9 && byte <= 13));
		CHECK_EQUAL((uint8_t)ascii_lower(c), byte >= 65 && byte <= 90 ? byte + 32 : byte);
		int value = byte >= 48 && byte <= 57    ? byte - 48
			    : byte >= 65 && byte <= 70  ? byte - 55
			    : byte >= 97 && byte <= 102 ? byte - 87
							: -1;
		CHECK_EQUAL(ascii_hex_value(c), value);
	}
}

UNIT(controls)
{
	for (int byte = 0; byte < 256; byte++)
		CHECK_EQUAL(ascii_is_control((char)byte), byte < 32 || byte == 127);
}

// Every character, in the one way that RFC 3629 §3 has for it, and no other two bytes.
UNIT(utf8_sequences)
{
	for (uint32_t point = 0; point < 0x120000; point++) {
		char text[4];
		size_t len = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
		for (size_t i = len; i-- > 1;)
			text[i] = (char)(0x80 | (point >> 6 * (len - 1 - i) & 0x3f));
		text[0] = (char)(len == 1 ? point : (0xf00u >> len & 0xff) | point >> 6 * (len - 1));
		bool is_good = point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
		if (!CHECK_EQUAL(utf8_bytes((struct str){text, len}), is_good ? len : 0))
			return;
		if (len > 1 && !CHECK_EQUAL(utf8_bytes((struct str){text, len - 1}), 0))
			return;
	}
	static const struct str bad[] = {
		STR(""),
		STR("\x80"),
		STR("\xbf\xbf"),
		STR("\xc0\x80"),
		STR("\xc1\xbf"),
		STR("\xe0\x9f\xbf"),
		STR("\xf0\x8f\xbf\xbf"),
		STR("\xc2\x41"),
		STR("\xe2\x82\x41"),
		STR("\xe2\x41\x82"),
		STR("\xf1\x80\x80\x41"),
		STR("\xf5\x80\x80\x80"),
		STR("\xff"),
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_EQUAL(utf8_bytes(bad[i]), 0);
}

UNIT(pieces_are_clamped)
{
	struct str text = STR("abcdef");
	CHECK_STR(str_skip(text, 0), text);
	CHECK_STR(str_skip(text, 2), STR("cdef"));
	CHECK_STR(str_skip(text, 6), STR(""));
	CHECK_STR(str_skip(text, 7), STR(""));
	CHECK_STR(str_skip(text, STR_NONE), STR(""));
	CHECK_EQUAL(str_skip(text, STR_NONE).ptr, text.ptr + 6);

	CHECK_STR(str_take(text, 0), STR(""));
	CHECK_STR(str_take(text, 2), STR("ab"));
	CHECK_STR(str_take(text, 6), text);
	CHECK_STR(str_take(text, 7), text);
	CHECK_STR(str_take(text, STR_NONE), text);

	CHECK_STR(str_slice(text, 2, 4), STR("cd"));
	CHECK_STR(str_slice(text, 0, STR_NONE), text);
	CHECK_STR(str_slice(text, 4, 4), STR(""));
	CHECK_STR(str_slice(text, 5, 2), STR(""));
	CHECK_STR(str_slice(text, 5, 100), STR("f"));
	CHECK_STR(str_slice(text, STR_NONE, STR_NONE), STR(""));
}

UNIT(nothing_at_null_is_text)
{
	struct str nothing = {0};
	CHECK_EQUAL(str_skip(nothing, 3).len, 0);
	CHECK_EQUAL(str_take(nothing, 3).len, 0);
	CHECK_EQUAL(str_slice(nothing, 1, 3).len, 0);
	CHECK_EQUAL(str_trim(nothing).len, 0);
	CHECK_EQUAL(str_find_byte(nothing, 0), STR_NONE);
	CHECK(!str_cut(nothing, 'x').found);
	CHECK(str_equal(nothing, STR("")));
	CHECK(str_equal_nocase(nothing, STR("")));
	CHECK(!str_equal(nothing, STR("a")));
	CHECK(str_starts(STR("a"), nothing));
	CHECK(str_ends(nothing, nothing));
	CHECK_EQUAL(str_from_cstr(nullptr).len, 0);
	uint64_t value;
	CHECK(!str_to_unsigned(nothing, &value));
}

UNIT(trim_takes_white_space_at_the_ends)
{
	CHECK_STR(str_trim(STR(" \t\r\n\v\f a b \t\r\n\v\f ")), STR("a b"));
	CHECK_STR(str_trim(STR("ab")), STR("ab"));
	CHECK_STR(str_trim(STR("   ")), STR(""));
	CHECK_STR(str_trim(STR("\0a\0")), STR("\0a\0"));
	CHECK_STR(str_trim(STR("\xa0 a\x85")), STR("\xa0 a\x85")); // spaces of other encodings
}

UNIT(cut_at_the_first)
{
	struct str_cut cut = str_cut(STR("a=b=c"), '=');
	CHECK(cut.found);
	CHECK_STR(cut.before, STR("a"));
	CHECK_STR(cut.after, STR("b=c"));

	cut = str_cut(STR("=b"), '=');
	CHECK(cut.found);
	CHECK_STR(cut.before, STR(""));
	CHECK_STR(cut.after, STR("b"));

	cut = str_cut(STR("a="), '=');
	CHECK(cut.found);
	CHECK_STR(cut.before, STR("a"));
	CHECK_STR(cut.after, STR(""));

	cut = str_cut(STR("abc"), '=');
	CHECK(!cut.found);
	CHECK_STR(cut.before, STR("abc"));
	CHECK_STR(cut.after, STR(""));

	cut = str_cut(STR("a\0b"), 0);
	CHECK(cut.found);
	CHECK_STR(cut.before, STR("a"));
	CHECK_STR(cut.after, STR("b"));
}

UNIT(equal_byte_by_byte)
{
	CHECK(str_equal(STR("abc"), STR("abc")));
	CHECK(!str_equal(STR("abc"), STR("abC")));
	CHECK(!str_equal(STR("abc"), STR("ab")));
	CHECK(!str_equal(STR("ab\0c"), STR("ab\0d")));
	CHECK(str_equal(STR(""), STR("")));
}

UNIT(equal_without_case)
{
	CHECK(str_equal_nocase(STR("Content-Length"), STR("cONTENT-lENGTH")));
	CHECK(!str_equal_nocase(STR("abc"), STR("abd")));
	CHECK(!str_equal_nocase(STR("abc"), STR("ab")));
	// 0x20 apart without being letters, and letters of Latin-1.
	CHECK(!str_equal_nocase(STR("@[\\]^"), STR("`{|}~")));
	CHECK(!str_equal_nocase(STR("\xc4"), STR("\xe4")));
	CHECK(str_equal_nocase(STR("AZ"), STR("az")));
}

UNIT(starts_and_ends)
{
	CHECK(str_starts(STR("/srv/x"), STR("/srv")));
	CHECK(str_starts(STR("/srv"), STR("/srv")));
	CHECK(str_starts(STR("/srv"), STR("")));
	CHECK(!str_starts(STR("/sr"), STR("/srv")));
	CHECK(!str_starts(STR("/sRv/x"), STR("/srv")));
	CHECK(str_ends(STR("index.html"), STR(".html")));
	CHECK(str_ends(STR(".html"), STR(".html")));
	CHECK(!str_ends(STR("html"), STR(".html")));
	CHECK(!str_ends(STR("index.htmlx"), STR(".html")));
	CHECK(str_ends(STR("x"), STR("")));
}

UNIT(find_the_first)
{
	CHECK_EQUAL(str_find_byte(STR("abcb"), 'b'), 1);
	CHECK_EQUAL(str_find_byte(STR("abcb"), 'x'), STR_NONE);
	CHECK_EQUAL(str_find_byte(STR("ab\0"), 0), 2);
	CHECK_EQUAL(str_find_byte(STR("a\xff"), (char)0xff), 1);
	CHECK_EQUAL(str_find_byte(str_take(STR("abc"), 2), 'c'), STR_NONE); // it lies behind the end
}

UNIT(from_a_string_with_nul)
{
	CHECK_STR(str_from_cstr("abc"), STR("abc"));
	CHECK_STR(str_from_cstr(""), STR(""));
	CHECK_STR(str_from_cstr("ab\0c"), STR("ab"));
}

UNIT(numbers)
{
	static const struct {
		struct str text;
		uint64_t value;
	} good[] = {
		{STR("0"), 0},
		{STR("7"), 7},
		{STR("00080"), 80},
		{STR("65535"), 65535},
		{STR("9223372036854775808"), UINT64_C(1) << 63},
		{STR("18446744073709551615"), UINT64_MAX},
		{STR("000000000000000000000000018446744073709551615"), UINT64_MAX},
	};
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		uint64_t value = 1;
		CHECK(str_to_unsigned(good[i].text, &value));
		CHECK_EQUAL(value, good[i].value);
	}
}

UNIT(what_is_no_number)
{
	static const struct str bad[] = {
		STR(""),
		STR(" "),
		STR("-1"),
		STR("+1"),
		STR(" 1"),
		STR("1 "),
		STR("0x10"),
		STR("1a"),
		STR("a"),
		STR("1.0"),
		STR("1,0"),
		STR("/"),
		STR(":"),
		STR("1\0"),
		STR("\0"),
		STR("\xb2"),                 // superscript two in Latin-1
		STR("18446744073709551616"), // UINT64_MAX + 1: the sum goes past
		STR("18446744073709551620"), // the product of 1844674407370955162 and 10 does
		STR("99999999999999999999"),
		STR("184467440737095516150"),
		STR("36893488147419103233"), // 2^65 + 1
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		uint64_t value = 42;
		CHECK(!str_to_unsigned(bad[i], &value));
		CHECK_EQUAL(value, 42);
	}
}

// Everything once more with the text at the end of a page, before one that nobody may read.
UNIT(nothing_reads_past_the_end)
{
	const size_t half = 64 * 1024; // the largest page
	long map = sys_mmap(nullptr, 2 * half, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!CHECK(map > 0))
		return;
	char *end = (char *)map + half;
	CHECK_EQUAL(sys_mprotect(end, half, PROT_NONE), 0);

	for (size_t len = 0; len < 40; len++) {
		struct str text = {memset(end - len, '1', len), len};
		CHECK_EQUAL(str_trim(text).len, len);
		CHECK_EQUAL(str_find_byte(text, 'x'), STR_NONE);
		CHECK_EQUAL(str_cut(text, 'x').after.len, 0);
		CHECK(str_equal(text, text));
		CHECK(str_equal_nocase(text, text));
		CHECK(!str_starts(text, STR("1111111111111111111111111111111111111111")));
		CHECK(!str_ends(text, STR("1111111111111111111111111111111111111111")));
		uint64_t value;
		CHECK_EQUAL(str_to_unsigned(text, &value), len > 0 && len <= 20);
		memset(end - len, ' ', len);
		CHECK_EQUAL(str_trim(text).len, 0);
		if (len > 0) {
			end[-1] = 0;
			CHECK_EQUAL(str_from_cstr(text.ptr).len, len - 1);
		}
	}
	CHECK_EQUAL(sys_munmap((void *)map, 2 * half), 0);
}
