// tests/fuzz/mime.c: whatever a file of types says, its table is sorted, holds no more than fits, and gives types that may stand in
// a field.
//
// links: apps/httpd/mime_table.c crt/str.c crt/out.c arch/errno.c
#include "apps/httpd/mime_table.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t room = mime_table_entries(size), bytes = mime_table_bytes(size);
	struct mime_table table = {
		.entries = __builtin_malloc(room * sizeof(struct mime_entry)),
		.room = room,
		.texts = out_to_memory((struct span){__builtin_malloc(bytes), bytes}),
	};
	for (struct str rest = fuzz_str(data, size); rest.len > 0;) {
		struct str_cut line = str_cut(rest, '\n');
		REQUIRE(mime_table_take(&table, line.before) != MIME_FULL);
		rest = line.after;
	}
	for (size_t i = 0; i < table.count; i++) {
		struct mime_entry *entry = &table.entries[i];
		REQUIRE(entry->extension.len > 0 && entry->type.len <= MIME_TYPE_BYTES_MAX + 15);
		for (size_t at = 0; at < entry->type.len; at++)
			REQUIRE(!ascii_is_control(entry->type.ptr[at]) && (uint8_t)entry->type.ptr[at] <= '~');
		REQUIRE(str_equal(mime_table_find(&table, entry->extension), entry->type));
	}
	__builtin_free(table.entries);
	__builtin_free(table.texts.ptr);
	return 0;
}
