// tests/unit/pid1_words.c: crt/pid1/words.h.
#include "crt/pid1/words.h"

#include "crt/str.h"
#include "tests/unit/httpd_edge.h"
#include "tests/unit/unit.h"

// Cuts the first word off `line`, which ends before a page that may not be read.
static bool first(struct str line, struct str name, struct str value, struct str rest)
{
	struct str left = edge_str(line);
	struct word word;
	return CHECK(word_next(&left, &word)) && CHECK_STR(word.name, name) && CHECK_STR(word.value, value) &&
	       CHECK_STR(left, rest);
}

static bool none(struct str line)
{
	struct str left = edge_str(line);
	struct word word;
	return CHECK(!word_next(&left, &word));
}

UNIT(words_between_spaces)
{
	first(STR("quiet"), STR("quiet"), STR(""), STR(""));
	first(STR("  a b"), STR("a"), STR(""), STR(" b"));
	first(STR("\t\n\v\f\r\xa0"
		  "a\xa0"
		  "b"),
	      STR("a"), STR(""),
	      STR("\xa0"
		  "b"));
	first(STR("ip=dhcp ip=off"), STR("ip"), STR("dhcp"), STR(" ip=off"));
	first(STR("a=b=c\n"), STR("a"), STR("b=c"), STR("\n"));
	first(STR("a="), STR("a"), STR(""), STR(""));
	none(STR(""));
	none(STR(" \n"));
}

// Each as next_arg has it.
UNIT(quotes)
{
	first(STR("a=\"b c\" d"), STR("a"), STR("b c"), STR(" d"));
	first(STR("\"a=b c\" d"), STR("a"), STR("b c"), STR(" d"));
	first(STR("\"a b\" c"), STR("a b"), STR(""), STR(" c"));
	first(STR("a\" b\"c d"), STR("a\" b\"c"), STR(""), STR(" d")); // in the middle they stay, and hold together
	first(STR("a=b\" \"c d"), STR("a"), STR("b\" \"c"), STR(" d"));
	first(STR("a=\"b\"c d"), STR("a"), STR("b\"c"), STR(" d")); // the first goes, as a value begins with it
	first(STR("a=\"b c"), STR("a"), STR("b c"), STR(""));       // not closed: to the end
	first(STR("\"a=\"b c\"\" d"), STR("a"), STR("b"), STR(" c\"\" d"));
	first(STR("\"\" a"), STR(""), STR(""), STR(" a"));
	first(STR("\""), STR(""), STR(""), STR(""));
	first(STR("a=\"\""), STR("a"), STR(""), STR(""));
	first(STR("a=\""), STR("a"), STR(""), STR(""));
	first(STR("=a=b"), STR("=a"), STR("b"), STR(""));
}

UNIT(what_is_for_init_is_not_cut)
{
	none(STR("-- ip=dhcp"));
	none(STR("\"--\" ip=dhcp"));
	first(STR("--=a"), STR("--"), STR("a"), STR(""));
	first(STR("--a"), STR("--a"), STR(""), STR(""));
	CHECK_STR(word_value(STR("a=1 -- b=2"), STR("b")), STR(""));
}

UNIT(value_of_a_name)
{
	struct str line = STR("quiet note=\"b=2 c=3\" b=4 b=5 bb=6 d\n");
	CHECK_STR(word_value(line, STR("b")), STR("4"));
	CHECK_STR(word_value(line, STR("bb")), STR("6"));
	CHECK_STR(word_value(line, STR("note")), STR("b=2 c=3"));
	CHECK_STR(word_value(line, STR("c")), STR(""));
	CHECK_STR(word_value(line, STR("d")), STR(""));
	CHECK_STR(word_value(STR(""), STR("d")), STR(""));
}
