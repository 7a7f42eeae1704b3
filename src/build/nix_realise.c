/* The door through which the Nix language has something built. */
#include "nix_doors.h"

#include <straylight/drvbuild.h>

/* The output's path; empty when it is not known. */
static str path_of(const struct drv *d, str output)
{
	for (size_t i = 0; i < d->noutputs; i++)
		if (str_eq(d->outputs[i].name, output))
			return d->outputs[i].path;
	return S("");
}

static bool export(struct drvbuild *b, struct nixstore *ns, str path, struct diags *diags)
{
	struct arena a = {0};
	size_t n;
	const struct valid *const *all = valids_closure(drvbuild_valids(b), &path, 1, &a, &n);
	bool ok = n > 0;

	/* What is there has all that it refers to, so the path itself comes last. */
	for (size_t i = 0; i < n && ok; i++)
		ok = str_eq(all[i]->path, path) || nixstore_export(ns, all[i]->path, drvbuild_store(b), &all[i]->entry, diags);
	for (size_t i = 0; i < n && ok; i++)
		ok = !str_eq(all[i]->path, path) || nixstore_export(ns, path, drvbuild_store(b), &all[i]->entry, diags);
	arena_clear(&a);
	return ok;
}

static bool build(struct closure *closure, const struct closure_node *node, struct nixstore *ns, str path, struct diags *diags)
{
	struct drvbuild_options options = {0};
	struct drvbuild *b = drvbuild_open(closure, &options, diags);
	bool ok = b && drvbuild_run(b, &node, 1, diags) && export(b, ns, path, diags);

	drvbuild_close(b);
	return ok;
}

bool nix_door_realise(void *ud, str drv, str output, struct diags *diags)
{
	struct nix_doors *d = ud;
	struct closure *closure = closure_new(S(NIX_STORE_DIR));
	struct arena a = {0};
	const struct closure_node *node;
	str path;
	bool ok;

	closure_look(closure, nixstore_dir(d->kept));
	node = closure_add(closure, str_dup(&a, drv).p, diags);
	path = node ? path_of(node->drv, output) : S("");
	ok = path.n && nixstore_has(d->kept, path);
	if (node && !path.n)
		diag_error(diags, DIAG_DRV_UNFIT, NO_SPAN, "the path of the output '%.*s' of '%.*s' is not known before it is built",
				STR_ARG(output), STR_ARG(drv));
	ok = ok || (path.n && build(closure, node, d->kept, path, diags));
	closure_free(closure);
	arena_clear(&a);
	return ok;
}
