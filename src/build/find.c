#include <straylight/base/os.h>
#include <straylight/build.h>

#include <unistd.h>

bool build_find(str dir, struct arena *a, str *root, str *here, struct diags *diags)
{
	str at = str_dup(a, dir);
	struct diag *d;

	for (;;) {
		if (access(os_join(a, at, S("straylight.dhall")), F_OK) == 0) {
			*root = at;
			*here = str_from(dir, at.n + (at.n > 1));
			return true;
		}
		if (at.n <= 1)
			break;
		while (at.n > 1 && at.p[at.n - 1] != '/')
			at.n--;
		if (at.n > 1)
			at.n--;
		at = str_dup(a, at);
	}
	d = diag_error(diags, DIAG_NO_WORKSPACE, NO_SPAN, "no straylight.dhall in '%.*s' or above", STR_ARG(dir));
	diag_hint(diags, d, "`straylight init` makes a workspace here");
	return false;
}
