// tests/fuzz/account.c: whatever /etc/passwd and /etc/group say, a user that is found is one of a line of the name, and no more groups
// are found than fit.
//
// The first line of the input is the name; what follows is read as either file.
//
// links: apps/httpd/account.c crt/str.c
#include "apps/httpd/account.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str_cut cut = str_cut(fuzz_str(data, size), '\n');
	struct account account;
	enum account_result found = account_find(cut.after, cut.before, &account);
	REQUIRE(found != ACCOUNT_CROWDED && account.other_count == 0);
	if (found == ACCOUNT_OK) {
		REQUIRE(account.user != UINT32_MAX && account.group != UINT32_MAX);
		REQUIRE(cut.after.len >= cut.before.len + 6);
	}
	account = (struct account){.group = 1};
	enum account_result groups = account_add_groups(cut.after, cut.before, &account);
	REQUIRE(groups != ACCOUNT_NONE && account.other_count <= ACCOUNT_GROUPS_MAX);
	for (size_t i = 0; i < account.other_count; i++) {
		REQUIRE(account.others[i] != 1 && account.others[i] != UINT32_MAX);
		for (size_t k = 0; k < i; k++)
			REQUIRE(account.others[k] != account.others[i]);
	}
	if (account_numbers(cut.before, &account))
		REQUIRE(account.user != UINT32_MAX && account.group != UINT32_MAX && account.other_count == 0);
	return 0;
}
