// tests/unit/httpd_account.c: apps/httpd/account.h.
#include "apps/httpd/account.h"

#include "tests/unit/httpd_edge.h"
#include "tests/unit/unit.h"

static struct account account;

UNIT(numbers)
{
	uint32_t number = 0;
	CHECK(account_number(edge_str(STR("0")), &number) && number == 0);
	CHECK(account_number(edge_str(STR("33")), &number) && number == 33);
	CHECK(account_number(edge_str(STR("4294967294")), &number) && number == 4294967294);
	static const struct str bad[] = {STR(""),
					 STR("-1"),
					 STR("+1"),
					 STR(" 1"),
					 STR("1 "),
					 STR("0x1"),
					 STR("33a"),
					 STR("4294967295"),
					 STR("4294967296"),

					 STR("18446744073709551617")};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK(!account_number(edge_str(bad[i]), &number));
	CHECK_EQUAL(number, 4294967294);
}

UNIT(a_user_in_numbers)
{
	CHECK(account_numbers(edge_str(STR("33")), &account) && account.user == 33 && account.group == 33);
	CHECK(account_numbers(edge_str(STR("33:44")), &account) && account.user == 33 && account.group == 44);
	CHECK_EQUAL(account.other_count, 0);
	static const struct str bad[] = {STR(""),       STR(":"),    STR("33:"),   STR(":33"),
					 STR("33:44:"), STR("33:x"), STR("www:33")};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK(!account_numbers(edge_str(bad[i]), &account));
}

UNIT(a_name_of_passwd)
{
	struct str text = edge_str(STR("root:x:0:0:root:/root:/bin/sh\n"
				       "+::::::\n"
				       "\n"
				       "# www:x:1:1:::\n"
				       "www2:x:5:6:::\n"
				       "www:x:33:34:a, b:/var/www:/bin/false\n"
				       "www:x:0:0:second:/:/\n"
				       "last:x:7:8:::"));
	CHECK_EQUAL(account_find(text, STR("www"), &account), ACCOUNT_OK);
	CHECK(account.user == 33 && account.group == 34 && account.other_count == 0);
	CHECK_EQUAL(account_find(text, STR("last"), &account), ACCOUNT_OK);
	CHECK(account.user == 7 && account.group == 8);
	CHECK_EQUAL(account_find(text, STR("ww"), &account), ACCOUNT_NONE);
	CHECK_EQUAL(account_find(text, STR("WWW"), &account), ACCOUNT_NONE);
	CHECK_EQUAL(account_find(text, STR("x"), &account), ACCOUNT_NONE);
	CHECK_EQUAL(account_find(edge_str(STR("")), STR("www"), &account), ACCOUNT_NONE);
}

UNIT(a_line_of_the_name_that_is_not_as_it_should_be)
{
	static const struct str bad[] = {
		STR("www"),           STR("www:x:33"),     STR("www:x:33:33:::y:z"), STR("www:x:33:33::"),
		STR("www:x::33:::"),  STR("www:x:33::::"), STR("www:x:-1:33:::"),    STR("www:x:33:4294967295:::"),
		STR("www:x: 33:3:::")};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK_EQUAL(account_find(edge_str(bad[i]), STR("www"), &account), ACCOUNT_BAD);
}

static enum account_result groups(struct str text)
{
	account = (struct account){.user = 33, .group = 34};
	return account_add_groups(edge_str(text), STR("www"), &account);
}

UNIT(groups_of_a_name)
{
	CHECK_EQUAL(groups(STR("adm:x:4:syslog,www\nwww:x:34:www\nx:x:5:www2\ny:x:6:wwww,ww\nz:x:7:www,other\nempty:x:"
			       "8:\nlast:x:9:www")),
		    ACCOUNT_OK);
	CHECK(account.other_count == 3 && account.others[0] == 4 && account.others[1] == 7 && account.others[2] == 9);
	CHECK_EQUAL(groups(STR("a:x:4:www\nb:x:4:www\n")), ACCOUNT_OK); // one is enough
	CHECK_EQUAL(account.other_count, 1);
	CHECK_EQUAL(groups(STR("")), ACCOUNT_OK);
	CHECK_EQUAL(groups(STR("nonsense\na:b\nwww\n:::\n")), ACCOUNT_OK);
	CHECK_EQUAL(account.other_count, 0);
	CHECK_EQUAL(groups(STR("a:x:b:www\n")), ACCOUNT_BAD);
	CHECK_EQUAL(groups(STR("a:x:5:www:\n")), ACCOUNT_BAD);
}

UNIT(more_groups_than_fit_are_told)
{
	static char text[ACCOUNT_GROUPS_MAX * 16 + 16];
	size_t len = 0;
	for (size_t i = 0; i <= ACCOUNT_GROUPS_MAX; i++) {
		char line[] = "g:x:1000:www\n";
		line[5] = (char)('0' + i / 10);
		line[6] = (char)('0' + i % 10);
		__builtin_memcpy(text + len, line, sizeof(line) - 1);
		len += sizeof(line) - 1;
		enum account_result result = groups((struct str){text, len});
		CHECK_EQUAL(result, i < ACCOUNT_GROUPS_MAX ? ACCOUNT_OK : ACCOUNT_CROWDED);
		if (result == ACCOUNT_OK)
			CHECK_EQUAL(account.other_count, i + 1);
	}
}
