/* The door through which the Nix language fetches. */
#include "fetch_known.h"
#include "git.h"
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

/* The same commit was fetched before: its NAR's hash leads to its files. */
static bool known_commit(struct nix_doors *d, const unsigned char key[32], struct nix_hash *nar, struct nix_fetched *out,
		struct arena *mem, struct tree_entry *e)
{
	struct blob *b;
	bool ok = store_record_get(d->store, "git", key, &b);

	if (!ok)
		return false;
	ok = blob_str(b).n == 48;
	if (ok) {
		nar->algo = NIX_SHA256;
		memcpy(nar->b, blob_str(b).p, 32);
		memcpy(&out->time, blob_str(b).p + 32, 8);
		memcpy(&out->count, blob_str(b).p + 40, 8);
	}
	blob_unref(b);
	return ok && fetch_known(d->store, "nar", nar, mem, e);
}

static void remember_commit(struct nix_doors *d, const unsigned char key[32], const struct nix_hash *nar, const struct git_commit *c)
{
	char text[48];

	memcpy(text, nar->b, 32);
	memcpy(text + 32, &c->time, 8);
	memcpy(text + 40, &c->count, 8);
	fetch_remember(d->store, "nar", nar, &c->files);
	(void)!store_record_put(d->store, "git", key, str_of(text, sizeof text));
}

/* A record "git" by the SHA-256 of "commit REV": the NAR's SHA-256, the time and the count, as this machine writes them. */
static bool fetch_commit(struct nix_doors *d, const struct nix_fetch *f, struct arena *mem, struct tree_entry *e, struct nix_hash *nar,
		struct nix_fetched *out, struct diags *diags)
{
	struct git_commit c = {0};
	unsigned char key[32];
	bool fixed;

	out->rev = f->rev;
	if (!f->rev.n && !git_resolve(d->store, f->url, f->ref, mem, &out->rev, diags))
		return false;
	fixed = !str_eq(out->rev, S(GIT_DIRTY));
	sha256(str_fmt(mem, "commit %.*s", STR_ARG(out->rev)), key);
	if (fixed && known_commit(d, key, nar, out, mem, e))
		return true;
	tree_unref(e->dir);
	*e = (struct tree_entry){0};
	if (!git_fetch(d->store, f->url, f->ref, out->rev, &c, diags))
		return false;
	*e = c.files;
	out->time = c.time;
	out->count = c.count;
	if (!fetch_nar_hash(d->store, e, NIX_SHA256, nar, NULL, diags))
		return false;
	if (fixed)
		remember_commit(d, key, nar, &c);
	return true;
}

/* It may lie in the folder already. */
static bool is_placed(struct nix_doors *d, const struct nix_fetch *f, const struct nix_hash *h, struct arena *mem,
		struct nix_fetched *out, struct diags *diags)
{
	return place(d, f, h, NULL, mem, out, diags) && nixstore_has(d->kept ? d->kept : d->own, out->path);
}

bool nix_door_fetch(void *ud, const struct nix_fetch *f, struct arena *mem, struct nix_fetched *out, struct diags *diags)
{
	struct nix_doors *d = ud;
	struct fetch want = {.urls = &f->url, .nurls = 1, .name = f->name};
	struct tree_entry e = {.kind = TREE_FILE};
	struct nix_hash got = {0};
	bool ok = ready(d, diags);

	*out = (struct nix_fetched){0};
	if (f->sha256) {
		want.hash.algo = NIX_SHA256;
		memcpy(want.hash.b, f->sha256, 32);
		memcpy(out->sha256, f->sha256, 32);
		if (ok && is_placed(d, f, &want.hash, mem, out, diags))
			return true;
	}
	if (f->kind == NIX_FETCH_FILE)
		ok = ok && fetch_file(d->store, &want, &e.digest, &got, diags);
	else if (f->kind == NIX_FETCH_ARCHIVE)
		ok = ok && fetch_tarball(d->store, &want, mem, &e, &got, diags);
	else
		ok = ok && fetch_commit(d, f, mem, &e, &got, out, diags);
	memcpy(out->sha256, got.b, 32);
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
