// apps/httpd/account.c: who is meant by a name.
#include "apps/httpd/account.h"

#include "crt/str.h"

#define FIELDS_MAX 7

bool account_number(struct str text, uint32_t *number)
{
	uint64_t value;
	if (!str_to_unsigned(text, &value) || value >= UINT32_MAX)
		return false;
	*number = (uint32_t)value;
	return true;
}

bool account_numbers(struct str text, struct account *account)
{
	struct str_cut cut = str_cut(text, ':');
	*account = (struct account){0};
	if (!account_number(cut.before, &account->user))
		return false;
	if (cut.before.len == text.len) {
		account->group = account->user;
		return true;
	}
	return account_number(cut.after, &account->group);
}

// The fields of a line, which colons separate. How many; more than FIELDS_MAX count as one more.
static size_t fields_of(struct str line, struct str fields[FIELDS_MAX])
{
	for (size_t count = 0; count < FIELDS_MAX; count++) {
		struct str_cut cut = str_cut(line, ':');
		fields[count] = cut.before;
		if (cut.before.len == line.len)
			return count + 1;
		line = cut.after;
	}
	return FIELDS_MAX + 1;
}

enum account_result account_find(struct str passwd, struct str name, struct account *account)
{
	*account = (struct account){0};
	while (passwd.len > 0) {
		struct str_cut line = str_cut(passwd, '\n');
		struct str fields[FIELDS_MAX];
		passwd = line.after;
		size_t count = fields_of(line.before, fields);
		if (!str_equal(fields[0], name))
			continue;
		bool is_good = count == 7 && account_number(fields[2], &account->user) &&
			       account_number(fields[3], &account->group);
		return is_good ? ACCOUNT_OK : ACCOUNT_BAD;
	}
	return ACCOUNT_NONE;
}

static bool is_member(struct str members, struct str name)
{
	while (members.len > 0) {
		struct str_cut cut = str_cut(members, ',');
		if (str_equal(cut.before, name))
			return true;
		members = cut.after;
	}
	return false;
}

static bool has_group(const struct account *account, uint32_t group)
{
	bool has = account->group == group;
	for (size_t i = 0; i < account->other_count; i++)
		has |= account->others[i] == group;
	return has;
}

enum account_result account_add_groups(struct str group, struct str name, struct account *account)
{
	while (group.len > 0) {
		struct str_cut line = str_cut(group, '\n');
		struct str fields[FIELDS_MAX];
		uint32_t number;
		group = line.after;
		size_t count = fields_of(line.before, fields);
		if (count < 4 || !is_member(fields[3], name))
			continue;
		if (count != 4 || !account_number(fields[2], &number))
			return ACCOUNT_BAD;
		if (has_group(account, number))
			continue;
		if (account->other_count == ACCOUNT_GROUPS_MAX)
			return ACCOUNT_CROWDED;
		account->others[account->other_count++] = number;
	}
	return ACCOUNT_OK;
}
