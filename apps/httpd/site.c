// apps/httpd/site.c: opening what is served, and what is said when it is not there.
#include "apps/httpd/site.h"

#include "apps/httpd/beneath.h"
#include "apps/httpd/mime_read.h"
#include "crt/say.h"
#include "crt/str.h"

// Whether the file of --fallback is there now, and a file: what is mistyped is noticed at the start.
static bool has_fallback(int root, const char *path)
{
	int file = beneath_open(root, path);
	struct statx about;
	int error = file < 0 ? file : sys_statx(file, "", AT_EMPTY_PATH, STATX_TYPE, &about);
	if (file >= 0)
		(void)sys_close(file); // the descriptor is gone whatever close says
	if (error == 0 && S_ISREG(about.stx_mode))
		return true;
	say_error(error, STR("httpd: --fallback wants a file in the folder that is served, such as index.html, not '"),
		  str_from_cstr(path), STR("'"));
	return false;
}

bool site_open(struct site *site, const struct choice *choice)
{
	site->root = sys_openat(AT_FDCWD, choice->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (site->root < 0) {
		say_error(site->root, STR("httpd: cannot serve '"), str_from_cstr(choice->folder),
			  STR("' (give a folder that can be read)"));
		return false;
	}
	site->is_open = true;
	const char *fallback = choice->server.answers.fallback;
	if ((fallback == nullptr || has_fallback(site->root, fallback)) &&
	    (choice->mime_types == nullptr || mime_read(choice->mime_types, &site->memory, &site->mime)))
		return true;
	site_close(site);
	return false;
}

void site_close(struct site *site)
{
	if (site->is_open)
		(void)sys_close(site->root); // the descriptor is gone whatever close says
	site->is_open = false;
}
