/* The door through which the Nix language fetches. */
#include "nix_doors.h"

#include <straylight/fetch.h>

static bool no_place(struct diags *diags)
{
	diag_hint(diags, diag_error(diags, DIAG_IO, NO_SPAN, "there is no place for what is fetched"), "set XDG_CACHE_HOME or HOME");
	return false;
}

static bool ready(struct nix_doors *d, struct diags *diags)
{
	struct arena a = {0};
	const char *cache;

	if (!d->store) {
		cache = os_cache_dir(&a);
		if (cache)
			d->store = store_open(str_c(cache), DIGEST_SHA256, diags);
		else
			no_place(diags);
	}
	if (d->store && !d->kept && !d->own)
		d->own = nixstore_new(nixstore_default(&a), S(NIX_STORE_DIR));
	arena_clear(&a);
	return d->store;
}

/* Puts the entry where it can be read. */
static bool place(struct nix_doors *d, const struct nix_fetch *f, const struct nix_hash *h, const struct tree_entry *e,
		struct arena *mem, struct nix_fetched *out, struct diags *diags)
{
	struct nixstore *ns = d->kept ? d->kept : d->own;

	out->path = storepath_fixed(mem, S(NIX_STORE_DIR), f->name, f->kind != NIX_FETCH_FILE, h, (struct storepath_refs){0});
	out->real = nixstore_file(ns, out->path, mem);
	return !e || nixstore_export(ns, out->path, d->store, e, diags);
}

bool nix_door_fetch(void *ud, const struct nix_fetch *f, struct arena *mem, struct nix_fetched *out, struct diags *diags)
{
	struct nix_doors *d = ud;
	struct fetch want = {.urls = &f->url, .nurls = 1, .name = f->name};
	struct tree_entry e = {.kind = TREE_FILE};
	struct nix_hash got = {0};
	bool ok = ready(d, diags);

	if (ok && f->sha256) {
		want.hash.algo = NIX_SHA256;
		memcpy(want.hash.b, f->sha256, 32);
		if (place(d, f, &want.hash, NULL, mem, out, diags) && nixstore_has(d->kept ? d->kept : d->own, out->path))
			return true;
	}
	if (f->kind == NIX_FETCH_FILE)
		ok = ok && fetch_file(d->store, &want, &e.digest, &got, diags);
	else
		ok = ok && fetch_tarball(d->store, &want, mem, &e, &got, diags);
	ok = ok && place(d, f, &got, &e, mem, out, diags);
	tree_unref(e.dir);
	return ok;
}

void nix_doors_close(struct nix_doors *d)
{
	nixstore_free(d->own);
	if (d->store)
		store_close(d->store);
	d->own = NULL;
	d->store = NULL;
}
