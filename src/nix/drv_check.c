#include "drv_int.h"

/* The path of a fixed output; false after a diagnostic. */
static bool fixed_path(const struct drv *d, str store_dir, struct arena *a, str *out, struct diags *diags)
{
	struct nix_hash hash;
	bool recursive;

	if (!drv_fixed_hash(&d->outputs[0], &hash, &recursive, diags))
		return false;
	*out = storepath_fixed(a, store_dir, storepath_output_name(a, d->name, d->outputs[0].name), recursive, &hash,
			(struct storepath_refs){0});
	return true;
}

/* A name that no store path can have would make a path that is none. */
static bool name_ok(const struct drv *d, str output, struct arena *a, struct diags *diags)
{
	str name = storepath_output_name(a, d->name, output), why;

	if (storepath_name_ok(name, a, &why))
		return true;
	diag_error(diags, DIAG_STORE_PATH, NO_SPAN, "the store path name '%.*s' %.*s", STR_ARG(name), STR_ARG(why));
	return false;
}

/* `masked` is computed when it is first needed. */
static bool path_of(const struct drv *d, size_t i, struct drv_memo *m, struct drv_hash *masked, bool *have,
		struct arena *a, str *out, struct diags *diags)
{
	str dir = drv_memo_store_dir(m);

	*out = S("");
	if (d->kind == DRV_FLOATING || d->kind == DRV_IMPURE)
		return true;
	if (!name_ok(d, d->outputs[i].name, a, diags))
		return false;
	if (d->kind == DRV_FIXED)
		return fixed_path(d, dir, a, out, diags);
	if (!*have && !drv_hash_masked(m, d, masked, diags))
		return false;
	*have = true;
	if (!masked->deferred)
		*out = storepath_output(a, dir, d->name, d->outputs[i].name, masked->b);
	return true;
}

bool drv_output_path(const struct drv *d, size_t i, struct drv_memo *m, struct arena *a, str *out, struct diags *diags)
{
	struct drv_hash masked;
	bool have = false;

	return path_of(d, i, m, &masked, &have, a, out, diags);
}

bool drv_fill(struct drv *d, struct drv_memo *m, struct arena *a, struct diags *diags)
{
	struct drv_hash masked;
	bool have = false;

	for (size_t i = 0; i < d->noutputs; i++)
		if (!path_of(d, i, m, &masked, &have, a, &d->outputs[i].path, diags))
			return false;
	for (size_t i = 0; i < d->nenv; i++) {
		ptrdiff_t o = drv_find_output(d, d->env[i].key);

		if (o < 0)
			continue;
		d->env[i].value = d->outputs[o].path;
		if (d->kind == DRV_FLOATING || d->kind == DRV_IMPURE)
			d->env[i].value = storepath_placeholder(a, d->outputs[o].name);
	}
	return true;
}

bool drv_check(const struct drv *d, str path, struct drv_memo *m, struct diags *diags)
{
	struct arena a = {0};
	struct drv_hash masked;
	bool have = false, ok = true;

	for (size_t i = 0; i < d->noutputs && ok; i++) {
		const struct drv_output *o = &d->outputs[i];
		struct diag *diag;
		str want;

		ok = path_of(d, i, m, &masked, &have, &a, &want, diags);
		if (!ok || str_eq(want, o->path))
			continue;
		ok = false;
		diag = diag_error(diags, DIAG_DRV_PATH, NO_SPAN,
				"the path of the output '%.*s' of '%.*s' is not the one that its content implies",
				STR_ARG(o->name), STR_ARG(path));
		diag_note(diags, diag, NO_SPAN, "written: %.*s", STR_ARG(o->path));
		diag_note(diags, diag, NO_SPAN, "implied: %.*s", STR_ARG(want));
	}
	arena_clear(&a);
	return ok;
}
