// tests/unit/httpd_files.c: apps/httpd/files.h.
#include "apps/httpd/files.h"

#include "arch/sys.h"
#include "crt/mem.h"
#include "crt/out.h"
#include "crt/str.h"
#include "tests/unit/httpd_edge.h"
#include "tests/unit/unit.h"

static struct files files;

static void begin(void)
{
	static struct arena arena;
	static uint8_t *memory;
	if (memory == nullptr)
		CHECK_EQUAL(arena_open(&arena, FILES_BYTES), 0);
	memory = arena.ptr;
	arena.used = 0;
	CHECK_EQUAL(files_open(&files, &arena), 0);
}

static struct file_key key_of(struct str path)
{
	bool is_folder = path.len == 0 || str_ends(path, STR("/"));
	if (path.len > 0 && is_folder)
		path.len--;
	return (struct file_key){edge_str(path), is_folder};
}

static struct file *keep(struct str path, int64_t until)
{
	struct file *file = files_take(&files, key_of(path));
	if (file != nullptr)
		files_keep(&files, file, until);
	return file;
}

static bool has(struct str path)
{
	return files_find(&files, key_of(path), 0) != nullptr;
}

#define KEEP(path) CHECK(keep(STR(path), 1) != nullptr)
#define HAS(path) CHECK(has(STR(path)))
#define HAS_NOT(path) CHECK(!has(STR(path)))

UNIT(found_under_its_path_alone)
{
	begin();
	HAS_NOT("a");
	KEEP("a");
	KEEP("b/");
	HAS("a");
	HAS("b/");
	HAS_NOT("a/");
	HAS_NOT("b");
	HAS_NOT("");
	KEEP("");
	HAS("");
}

UNIT(until_its_time_is_over)
{
	begin();
	struct file *file = keep(STR("a"), 10);
	CHECK(files_find(&files, key_of(STR("a")), 9) == file);
	CHECK(files_find(&files, key_of(STR("a")), 10) == nullptr);
	CHECK(files_find(&files, key_of(STR("a")), 9) == nullptr); // it was dropped
}

UNIT(swept_out_when_its_time_is_over)
{
	begin();
	CHECK_EQUAL(files.sweep_at_ns, INT64_MAX);
	CHECK(keep(STR("a"), 10) != nullptr && keep(STR("b"), 20) != nullptr && keep(STR("c"), 15) != nullptr);
	CHECK_EQUAL(files.sweep_at_ns, 10);
	files_sweep(&files, 9);
	HAS("a");
	files_sweep(&files, 10);
	HAS_NOT("a");
	HAS("b");
	CHECK_EQUAL(files.sweep_at_ns, 15);
	files_sweep(&files, 30);
	HAS_NOT("b");
	CHECK_EQUAL(files.sweep_at_ns, INT64_MAX);
}

UNIT(a_path_that_is_too_long)
{
	begin();
	static char path[FILES_PATH_BYTES_MAX + 1];
	memset(path, 'a', sizeof(path));
	CHECK(keep((struct str){path, FILES_PATH_BYTES_MAX}, 1) != nullptr);
	CHECK(keep((struct str){path, FILES_PATH_BYTES_MAX + 1}, 1) == nullptr);
}

UNIT(worth_a_place_when_asked_again)
{
	begin();
	CHECK(!files_is_asked_again(&files, key_of(STR("a"))));
	CHECK(files_is_asked_again(&files, key_of(STR("a"))));
	CHECK(!files_is_asked_again(&files, key_of(STR("a/"))));
}

static struct str numbered(unsigned number)
{
	static uint8_t bytes[12];
	struct out out = out_to_memory(SPAN(bytes));
	out_unsigned(&out, number);
	return out_written(&out);
}

UNIT(who_was_used_stays)
{
	begin();
	for (unsigned i = 0; i < CONFIG_HTTPD_FILES_MAX; i++)
		CHECK(keep(numbered(i), 1) != nullptr);
	CHECK(has(numbered(0)) && has(numbered(2)));
	KEEP("new");
	KEEP("newer");
	CHECK(has(numbered(0)));
	CHECK(!has(numbered(1)));
	CHECK(has(numbered(2)));
	CHECK(!has(numbered(3)));
	CHECK(has(numbered(4)));
	HAS("new");
	HAS("newer");
	// All were used: then the first is as good as any.
	for (unsigned i = 4; i < CONFIG_HTTPD_FILES_MAX; i++)
		CHECK(has(numbered(i)));
	KEEP("newest");
	HAS("newest");
}

UNIT(who_was_dropped_makes_room_first)
{
	begin();
	struct file *first = keep(STR("a"), 1), *second = keep(STR("b"), 1);
	for (int i = 0; i < 2 * CONFIG_HTTPD_FILES_MAX; i++) { // found anew each second, say
		files_drop(&files, first);
		first = keep(STR("a"), 1);
	}
	CHECK_EQUAL(files.count, 2);
	HAS("b");
	file_hold(first);
	files_drop(&files, first);
	files_drop(&files, second);
	CHECK(keep(STR("c"), 1) == second);
	CHECK(keep(STR("d"), 1) == &files.table[2]); // the other is held
	file_let_go(first);
	CHECK(keep(STR("e"), 1) == first);
	CHECK_EQUAL(files.count, 3);
}

// A descriptor that can be seen to be closed.
static int opened(void)
{
	int fds[2];
	CHECK_EQUAL(sys_pipe2(fds, 0), 0);
	CHECK_EQUAL(sys_close(fds[1]), 0);
	return fds[0];
}

static bool is_open(int fd)
{
	return sys_fcntl(fd, F_GETFD, 0) >= 0;
}

UNIT(closed_when_dropped_and_let_go)
{
	begin();
	struct file *file = keep(STR("a"), 1);
	int fd = opened(), other = opened();
	file->forms[CODING_IDENTITY] = (struct form){.state = FORM_OPEN, .descriptor = fd};
	file->forms[CODING_GZIP] = (struct form){.state = FORM_OPEN, .descriptor = other};
	file_hold(file);
	file_hold(file);
	files_drop(&files, file);
	HAS_NOT("a");
	CHECK(is_open(fd) && is_open(other));
	file_let_go(file);
	CHECK(is_open(fd) && is_open(other));
	KEEP("a"); // at another place
	file_let_go(file);
	CHECK(!is_open(fd) && !is_open(other));
	HAS("a");
}

UNIT(held_and_let_go_it_is_kept)
{
	begin();
	struct file *file = keep(STR("a"), 1);
	int fd = opened();
	file->forms[CODING_IDENTITY] = (struct form){.state = FORM_OPEN, .descriptor = fd};
	file_hold(file);
	file_let_go(file);
	CHECK(is_open(fd));
	HAS("a");
	CHECK_EQUAL(files_drop_all(&files), 1);
	CHECK(!is_open(fd));
	HAS_NOT("a");
}

UNIT(no_place_where_all_are_held)
{
	begin();
	for (unsigned i = 0; i < CONFIG_HTTPD_FILES_MAX; i++)
		file_hold(keep(numbered(i), 1));
	CHECK(keep(STR("new"), 1) == nullptr);
	CHECK_EQUAL(files_drop_all(&files), 0);
	CHECK(keep(STR("new"), 1) == nullptr); // dropped and held is held
	file_let_go(&files.table[5]);
	KEEP("new");
	HAS("new");
}

UNIT(what_a_change_concerns)
{
	begin();
#define CHANGED(folder, name, path, stays)                               \
	do {                                                             \
		KEEP(path);                                              \
		files_changed(&files, STR(folder), edge_str(STR(name))); \
		CHECK_EQUAL(has(STR(path)), stays);                      \
		(void)files_drop_all(&files);                            \
	} while (0)
	CHANGED("", "a.js", "a.js", false);
	CHANGED("", "a.js.gz", "a.js", false);
	CHANGED("", "a.js", "a.js.gz", true);
	CHANGED("", "page.html.br", "page", false);
	CHANGED("", "a.jsx", "a.js", true);
	CHANGED("", "a", "a.js", true);
	CHANGED("", "b.js", "a.js", true);
	CHANGED("", "", "a.js", false);
	CHANGED("", "a", "a/b/c.js", false); // a folder on the way
	CHANGED("a", "b", "a/b/c.js", false);
	CHANGED("a/b", "c.js", "a/b/c.js", false);
	CHANGED("a", "", "a/b/c.js", false);
	CHANGED("a", "c.js", "a/b/c.js", true);
	CHANGED("b", "c.js", "a/b/c.js", true);
	CHANGED("a/b", "c.js", "a/bc/c.js", true);
	CHANGED("", "b", "a/b/c.js", true);
	CHANGED("a", "index.html", "a/", false);
	CHANGED("a", "index.html.gz", "a/", false);
	CHANGED("a", "other.html", "a/", true);
	CHANGED("", "a", "a/", false);
	CHANGED("", "index.html", "", false);
	CHANGED("", "a", "", true);
	CHANGED("a", "index.html", "a", true); // a file cannot have it
#undef CHANGED
}
