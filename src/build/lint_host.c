/* What a Nix file's derivations were built with, beside what they say. */
#include "lint_int.h"

#include <straylight/hostpath.h>

void lint_hosts(struct store *store, struct lint_file *f)
{
	struct arena a = {0};
	size_t n;
	const struct hostpath *all = hostpath_get(store, f->path, &a, &n);

	for (size_t i = 0; i < n; i++) {
		struct buf folders = {0};
		str what = all[i].attr.n ? str_fmt(&a, "'%.*s'", STR_ARG(all[i].attr)) : S("it");

		for (size_t k = 0; k < all[i].n; k++)
			buf_fmt(&folders, "%s%.*s", k ? ", " : "", STR_ARG(all[i].folders[k]));
		lint_find(f, LINT_HOST_PATH, LINT_NO_TARGET, f->path, 0, 0, "%.*s was built with %.*s of the host in sight",
				STR_ARG(what), STR_ARG(buf_view(&folders)));
		buf_free(&folders);
	}
	arena_clear(&a);
}
