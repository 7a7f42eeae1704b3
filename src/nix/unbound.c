/* The variables that a text leaves to what is around it. */
#include "lex.h"

#include <straylight/nix_marks.h>

struct asked {
	str text, name;
};

static void parse(struct nix *x, void *ud)
{
	struct asked *a = ud;

	(void)nix_parse(x, str_dup(&x->mem, a->text), str_dup(&x->mem, a->name), S("/"), false, NULL);
}

bool nix_unbound(str text, str name, nix_unbound_fn *fn, void *ud, struct diags *diags)
{
	struct nix_env env = {0};
	struct nix *x = nix_open(&env, diags);
	struct asked a = {text, name};
	struct map found = {0};
	bool ok;

	if (!x)
		return false;
	x->unbound = &found;
	ok = nix_wall(x, parse, &a);
	for (size_t i = 0; ok && i < found.n; i++)
		fn(ud, found.entries[i].key);
	map_free(&found);
	nix_close(x);
	return ok;
}
