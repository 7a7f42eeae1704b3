/* Trees that are fetched: archives as the language unpacks them, and outputs of "builtin:fetchurl". */
#include <straylight/fetch.h>
#include <straylight/nar.h>

#include "fetch_known.h"
#include "unpack.h"

#include <errno.h>
#include <unistd.h>

struct summing {
	struct nix_hasher *h;
	uint64_t n;
};

static bool sum(void *ud, str bytes)
{
	struct summing *s = ud;

	nix_hasher_add(s->h, bytes.p, bytes.n);
	s->n += bytes.n;
	return true;
}

bool fetch_nar_hash(struct store *s, const struct tree_entry *e, enum nix_algo algo, struct nix_hash *out, uint64_t *size,
		struct diags *diags)
{
	struct summing sums = {.h = nix_hasher_new(algo)};
	bool ok = nar_dump_entry(s, e, sum, &sums, diags);

	nix_hasher_end(sums.h, out);
	if (size)
		*size = sums.n;
	return ok;
}

/* The entry's NAR has the hash, or FETCH_HASH. */
static bool check(struct store *s, const struct tree_entry *e, const struct fetch *f, struct nix_hash *got, struct diags *diags)
{
	enum nix_algo algo = f->hash.algo == NIX_ALGO_NONE ? NIX_SHA256 : f->hash.algo;
	struct arena a = {0};
	struct diag *d;

	if (!fetch_nar_hash(s, e, algo, got, NULL, diags))
		return false;
	if (f->hash.algo == NIX_ALGO_NONE || nix_hash_eq(got, &f->hash))
		return true;
	d = diag_error(diags, DIAG_FETCH_HASH, NO_SPAN, "'%.*s' does not have the hash %.*s", STR_ARG(f->name),
			STR_ARG(nix_hash_str(&a, &f->hash, NIX_SRI, true)));
	diag_note(diags, d, NO_SPAN, "it has the hash %.*s", STR_ARG(nix_hash_str(&a, got, NIX_SRI, true)));
	diag_hint(diags, d, "if the new content is right, write its hash; else ask for it elsewhere");
	arena_clear(&a);
	return false;
}

static void drop(struct tree_entry *e)
{
	tree_unref(e->dir);
	*e = (struct tree_entry){0};
}

/* ---- archives ---- */

/* The single entry at the top takes the place of the whole. */
static bool strip(struct tree_entry *e, const struct fetch *f, struct arena *a, struct diags *diags)
{
	struct tree_entry top;

	if (tree_count(e->dir) != 1) {
		diag_hint(diags, diag_error(diags, DIAG_ARCHIVE, NO_SPAN, "'%.*s' has %zu entries at the top, not one", STR_ARG(f->name),
				tree_count(e->dir)), "fetch it with fetchurl, and unpack it in a derivation");
		return false;
	}
	top = tree_entries(e->dir)[0];
	top.name = S("");
	top.target = str_dup(a, top.target);
	if (top.dir)
		tree_ref(top.dir);
	tree_unref(e->dir);
	*e = top;
	return true;
}

static bool unpack(struct store *s, const struct digest *archive, const struct fetch *f, struct tree_entry *out, struct diags *diags)
{
	int fd = store_open_blob(s, archive);
	bool ok;

	if (fd < 0) {
		os_error(diags, DIAG_IO, fd, "reading", f->name);
		return false;
	}
	ok = unpack_archive(s, fd, f->name, out, diags);
	close(fd);
	return ok;
}

bool fetch_tarball(struct store *s, const struct fetch *f, struct arena *a, struct tree_entry *out, struct nix_hash *got,
		struct diags *diags)
{
	struct fetch file = *f;
	struct digest archive;

	*out = (struct tree_entry){0};
	*got = f->hash;
	if (fetch_known(s, "nar", &f->hash, a, out))
		return true;
	drop(out);
	file.hash.algo = NIX_ALGO_NONE;
	if (!fetch_file(s, &file, &archive, NULL, diags) || !unpack(s, &archive, f, out, diags))
		return false;
	if (!strip(out, f, a, diags) || !check(s, out, f, got, diags)) {
		drop(out);
		return false;
	}
	fetch_remember(s, "nar", got, out);
	return true;
}

/* What `strip` names in the archive takes the place of the whole. */
static bool strip_named(struct tree_entry *e, const struct archive_fetch *f, struct arena *a, struct diags *diags)
{
	const struct tree_entry *top = tree_entries(e->dir);
	const struct tree_entry *inner;
	struct tree *dir;
	struct diag *d;
	str path;

	if (!f->strip.p && tree_count(e->dir) == 1 && top[0].kind == TREE_DIR) {
		inner = &top[0];
	} else if (!f->strip.n) {
		return true;
	} else {
		inner = os_normalize(a, f->strip, &path) ? tree_find(e->dir, path) : NULL;
	}
	if (!inner || inner->kind != TREE_DIR) {
		d = diag_error(diags, DIAG_ARCHIVE, NO_SPAN, "'%.*s' has no directory '%.*s' in it", STR_ARG(f->file.name), STR_ARG(f->strip));
		for (size_t i = 0; i < tree_count(e->dir) && i < 10; i++)
			diag_note(diags, d, NO_SPAN, "it has '%.*s'", STR_ARG(top[i].name));
		diag_hint(diags, d, "name the directory of the archive that is to be the output; \"\" is all of it");
		return false;
	}
	dir = tree_ref(inner->dir);
	tree_unref(e->dir);
	e->dir = dir;
	return true;
}

/* What is remembered of the unpacked form: it depends on what is taken of the archive. */
static str archive_word(const struct archive_fetch *f, struct arena *a)
{
	if (!f->unpack)
		return S("file");
	return f->strip.p ? str_fmt(a, "archive %.*s", STR_ARG(f->strip)) : S("archive");
}

bool fetch_archive_known(struct store *s, const struct archive_fetch *f, struct arena *a, struct tree_entry *out)
{
	*out = (struct tree_entry){0};
	if (!fetch_known(s, archive_word(f, a).p, &f->file.hash, a, out)) {
		drop(out);
		return false;
	}
	out->executable = f->executable && out->kind == TREE_FILE;
	return true;
}

bool fetch_archive(struct store *s, const struct archive_fetch *f, struct arena *a, struct tree_entry *out, struct diags *diags)
{
	struct digest file;

	if (fetch_archive_known(s, f, a, out))
		return true;
	if (!fetch_file(s, &f->file, &file, NULL, diags))
		return false;
	if (!f->unpack) {
		*out = (struct tree_entry){.kind = TREE_FILE, .executable = f->executable, .digest = file};
		return true;
	}
	if (!unpack(s, &file, &f->file, out, diags) || !strip_named(out, f, a, diags)) {
		drop(out);
		return false;
	}
	fetch_remember(s, archive_word(f, a).p, &f->file.hash, out);
	return true;
}

/* ---- derivations ---- */

struct wish { /* what a derivation says */
	struct fetch f;
	bool recursive, executable, unpack;
};

static str env_of(const struct drv *d, const char *key)
{
	for (size_t i = 0; i < d->nenv; i++)
		if (str_eq(d->env[i].key, str_c(key)))
			return d->env[i].value;
	return S("");
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The words of `url` and of `urls`. */
static void urls_of(const struct drv *d, struct arena *a, struct fetch *f)
{
	str text = str_fmt(a, "%.*s %.*s", STR_ARG(env_of(d, "url")), STR_ARG(env_of(d, "urls")));
	str *urls = arena_array(a, str, text.n / 2 + 1);

	f->urls = urls;
	for (size_t i = 0; i < text.n;) {
		size_t lo = i;

		while (i < text.n && !is_space(text.p[i]))
			i++;
		if (i > lo)
			urls[f->nurls++] = str_of(text.p + lo, i - lo);
		i += i == lo;
	}
}

static bool wish_of(const struct drv *d, struct arena *a, struct wish *w, struct diags *diags)
{
	*w = (struct wish){.f = {.name = d->name}};
	if (d->kind != DRV_FIXED) {
		diag_error(diags, DIAG_DRV_OUTPUTS, NO_SPAN, "'%.*s' fetches, and does not say what hash it must have", STR_ARG(d->name));
		return false;
	}
	if (!drv_fixed_hash(&d->outputs[0], &w->f.hash, &w->recursive, diags))
		return false;
	urls_of(d, a, &w->f);
	w->executable = str_eq(env_of(d, "executable"), S("1"));
	w->unpack = str_eq(env_of(d, "unpack"), S("1"));
	if (w->f.nurls && (w->recursive || (!w->unpack && !w->executable)))
		return true;
	diag_error(diags, DIAG_NIX_DERIVATION, NO_SPAN, w->f.nurls ? "'%.*s' is unpacked or executable, and its hash is not recursive" :
			"'%.*s' fetches, and names no URL", STR_ARG(d->name));
	return false;
}

static bool feed(void *ud, str bytes)
{
	return nar_reader_feed(ud, bytes);
}

/* The file is a NAR, compressed when its name ends so (as Nix has it, only ".xz"). */
static bool restore(struct store *s, const struct digest *file, const struct wish *w, struct arena *a, struct tree_entry *out,
		struct diags *diags)
{
	struct nar_visitor *v = nar_importer_new(s, diags);
	struct nar_reader *r = nar_reader_new(v, w->f.name, diags);
	int fd = store_open_blob(s, file);
	bool ok = fd >= 0;

	if (!ok)
		os_error(diags, DIAG_IO, fd, "reading", w->f.name);
	ok = ok && unpack_file(fd, w->f.name, UNPACK_BYTES_MAX, feed, r, diags);
	if (fd >= 0)
		close(fd);
	ok = nar_reader_end(r) && ok;
	return nar_importer_end(v, ok, a, out);
}

bool fetch_derivation(struct store *s, const struct drv *d, struct arena *a, struct tree_entry *out, struct diags *diags)
{
	struct wish w;
	struct nix_hash got;
	struct digest file;
	struct fetch plain;

	*out = (struct tree_entry){0};
	if (!wish_of(d, a, &w, diags))
		return false;
	if (!w.recursive) {
		*out = (struct tree_entry){.kind = TREE_FILE};
		return fetch_file(s, &w.f, &out->digest, NULL, diags);
	}
	if (fetch_known(s, "nar", &w.f.hash, a, out))
		return true;
	drop(out);
	plain = w.f;
	plain.hash.algo = NIX_ALGO_NONE;
	if (!fetch_file(s, &plain, &file, NULL, diags))
		return false;
	if (w.unpack) {
		if (!restore(s, &file, &w, a, out, diags))
			return false;
	} else {
		*out = (struct tree_entry){.kind = TREE_FILE, .executable = w.executable, .digest = file};
	}
	if (!check(s, out, &w.f, &got, diags)) {
		drop(out);
		return false;
	}
	fetch_remember(s, "nar", &got, out);
	return true;
}
