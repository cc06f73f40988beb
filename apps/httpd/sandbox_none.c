// apps/httpd/sandbox_none.c: an httpd that was built without a sandbox (HTTPD_SANDBOX): only the user changes.
#include "apps/httpd/sandbox.h"
#include "apps/httpd/user.h"
#include "crt/say.h"
#include "ring/register.h"

bool sandbox_enter(const struct sandbox *sandbox)
{
	if (sandbox->is_required) {
		say(STR("httpd: this httpd was built without a sandbox (HTTPD_SANDBOX), which --require-sandbox "
			"wants"));
		return false;
	}
	if (sandbox->user != nullptr && !user_become(sandbox->user))
		return false;
	int error = ring_enable(sandbox->ring);
	if (error != 0)
		say_error(error, STR("httpd: cannot enable the ring"));
	return error == 0;
}
