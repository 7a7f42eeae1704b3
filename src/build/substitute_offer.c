/* What caches say of store paths, and whether it is believed. */
#include "substitute_int.h"

#include <straylight/fetch.h>

#include <stdlib.h>

#define TEXT_MAX ((size_t)4 << 20)

/* ---- the cache ---- */

/* The warning is the last that is heard of it. */
static void leave_alone(struct cache *c, struct diags *why, struct diags *diags)
{
	struct diag *d = diag_warning(diags, DIAG_FETCH_FAILED, NO_SPAN, "the binary cache '%.*s' is not asked any more", STR_ARG(c->shown));
	const struct diag *first = why->first;

	c->away = true;
	for (const struct diag_note *n = first ? first->notes : NULL; n; n = n->next)
		diag_note(diags, d, NO_SPAN, "%.*s", STR_ARG(n->text));
	if (first && !first->notes)
		diag_note(diags, d, NO_SPAN, "%.*s", STR_ARG(first->text));
	diags_free(why);
}

static bool unfit(struct cache *c, struct diags *diags, const char *hint, const char *fmt, ...) SL_PRINTF(4, 5);

static bool unfit(struct cache *c, struct diags *diags, const char *hint, const char *fmt, ...)
{
	va_list args;
	struct diag *d;

	c->away = true;
	va_start(args, fmt);
	d = diag_verror(diags, DIAG_CACHE_UNFIT, NO_SPAN, fmt, args);
	va_end(args);
	diag_hint(diags, d, "%s", hint);
	return false;
}

/* The value of "Field: value"; empty when there is none. */
static str field(str text, const char *name)
{
	str line, rest = text, key, value;

	while (rest.n) {
		str_cut(rest, '\n', &line, &rest);
		if (str_cut(line, ':', &key, &value) && str_eq(str_trim(key), str_c(name)))
			return str_trim(value);
	}
	return S("");
}

static bool check_cache(struct substituter *s, struct cache *c, struct blob *text, struct diags *diags)
{
	str dir = text ? field(blob_str(text), "StoreDir") : S("");

	if (!text)
		return unfit(c, diags, "the address is that of the folder which holds nix-cache-info",
				"'%.*s' is no binary cache: it has no nix-cache-info", STR_ARG(c->shown));
	if (dir.n && !str_eq(dir, s->store_dir))
		return unfit(c, diags, "its paths would not work here: ask another cache", "the binary cache '%.*s' is for the store '%.*s', not '%.*s'",
				STR_ARG(c->shown), STR_ARG(dir), STR_ARG(s->store_dir));
	return true;
}

/* Reads a small file of the cache.  false when the cache is away now; *out is NULL when it lacks the file. */
static bool read_text(struct substituter *s, struct cache *c, str name, struct blob **out, struct diags *diags)
{
	struct diags why = {0};
	bool absent;

	if (fetch_text(str_fmt(&s->mem, "%.*s/%.*s", STR_ARG(c->url), STR_ARG(name)), name, TEXT_MAX, out, &absent, &why))
		return true;
	leave_alone(c, &why, diags);
	return false;
}

static bool ready(struct substituter *s, struct cache *c, struct diags *diags)
{
	struct blob *text;
	bool ok;

	if (c->asked || c->away)
		return !c->away;
	c->asked = true;
	if (!read_text(s, c, S("nix-cache-info"), &text, diags))
		return false;
	ok = check_cache(s, c, text, diags);
	if (text)
		blob_unref(text);
	return ok;
}

/* ---- belief ---- */

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

/* The references as full paths, sorted, each once. */
static void references(struct substituter *s, struct offer *o)
{
	str *refs = arena_array(&s->mem, str, o->info.nreferences);
	size_t n = 0;

	for (size_t i = 0; i < o->info.nreferences; i++)
		refs[i] = str_fmt(&s->mem, "%.*s/%.*s", STR_ARG(s->store_dir), STR_ARG(o->info.references[i]));
	if (o->info.nreferences)
		qsort(refs, o->info.nreferences, sizeof *refs, by_text);
	for (size_t i = 0; i < o->info.nreferences; i++)
		if (n == 0 || !str_eq(refs[n - 1], refs[i]))
			refs[n++] = refs[i];
	o->result.refs = refs;
	o->result.nrefs = n;
}

/* "fixed:r:sha256:HASH" of a tree that does not name itself: the path follows from the hash of the NAR, which is checked. */
static bool is_its_content(struct substituter *s, const struct offer *o)
{
	struct storepath_refs refs = {o->result.refs, o->result.nrefs, false};
	struct diags unheard = {0};
	struct nix_hash h;
	str name;
	bool ok = str_starts(o->info.ca, S("fixed:r:sha256:")) &&
			nix_hash_parse(str_from(o->info.ca, 8), NIX_SHA256, &h, NO_SPAN, &unheard);

	diags_free(&unheard);
	if (!ok || !nix_hash_eq(&h, &o->info.nar_hash) || !storepath_parse(s->store_dir, o->info.path, NULL, &name))
		return false;
	for (size_t i = 0; i < refs.n; i++)
		if (str_eq(refs.paths[i], o->info.path))
			return false;
	return str_eq(storepath_fixed(&s->mem, s->store_dir, name, true, &h, refs), o->info.path);
}

static bool unsigned_offer(struct substituter *s, const struct offer *o, struct diags *diags)
{
	struct diag *d = diag_error(diags, DIAG_CACHE_SIGNATURE, NO_SPAN, "no trusted key has signed '%.*s' of '%.*s'",
			STR_ARG(o->info.path), STR_ARG(s->caches[o->cache].shown));
	str name, rest;

	for (size_t i = 0; i < o->info.nsignatures; i++)
		if (str_cut(o->info.signatures[i], ':', &name, &rest))
			diag_note(diags, d, NO_SPAN, "it is signed by '%.*s'", STR_ARG(name));
	if (!o->info.nsignatures)
		diag_note(diags, d, NO_SPAN, "it is not signed");
	for (size_t i = 0; i < s->nkeys; i++)
		diag_note(diags, d, NO_SPAN, "'%.*s' is trusted", STR_ARG(s->keys[i].name));
	diag_hint(diags, d, "trust the cache's key with --trusted-keys=NAME:KEY");
	return false;
}

static bool believe(struct substituter *s, const struct offer *o, str path, struct diags *diags)
{
	if (!str_eq(o->info.path, path)) {
		diag_error(diags, DIAG_CACHE_DAMAGED, NO_SPAN, "'%.*s' answers for '%.*s' when asked for '%.*s'",
				STR_ARG(s->caches[o->cache].shown), STR_ARG(o->info.path), STR_ARG(path));
		return false;
	}
	if (o->info.nar_hash.algo != NIX_SHA256) {
		diag_error(diags, DIAG_CACHE_DAMAGED, NO_SPAN, "the archive of '%.*s' at '%.*s' has no SHA-256", STR_ARG(path),
				STR_ARG(s->caches[o->cache].shown));
		return false;
	}
	return is_its_content(s, o) || narinfo_verify(&o->info, s->store_dir, s->keys, s->nkeys) || unsigned_offer(s, o, diags);
}

/* ---- offers ---- */

static struct offer *read_offer(struct substituter *s, size_t cache, str path, struct blob *text, struct diags *diags)
{
	struct offer *o = arena_make(&s->mem, struct offer);
	str bytes = str_dup(&s->mem, blob_str(text));

	o->cache = cache;
	if (!narinfo_parse(&s->mem, bytes, s->store_dir, str_fmt(&s->mem, "%.*s of %.*s", STR_ARG(path),
			STR_ARG(s->caches[cache].shown)), &o->info, diags))
		return NULL;
	references(s, o);
	if (!believe(s, o, path, diags))
		return NULL;
	o->result.path = o->info.path;
	o->result.nar_hash = o->info.nar_hash;
	o->result.nar_size = o->info.nar_size;
	o->result.ca = o->info.ca;
	o->result.deriver = o->info.deriver.n ? str_fmt(&s->mem, "%.*s/%.*s", STR_ARG(s->store_dir), STR_ARG(o->info.deriver)) : S("");
	return o;
}

struct offer *substitute_offer(struct substituter *s, str path, size_t from, struct diags *diags)
{
	struct offer *o = NULL;
	struct blob *text;
	str hash;

	if (!storepath_parse(s->store_dir, path, &hash, NULL))
		return NULL;
	for (size_t i = from; i < s->ncaches && !o; i++) {
		struct cache *c = &s->caches[i];

		if (!ready(s, c, diags) || !read_text(s, c, str_fmt(&s->mem, "%.*s.narinfo", STR_ARG(hash)), &text, diags) || !text)
			continue;
		o = read_offer(s, i, path, text, diags);
		blob_unref(text);
	}
	return o;
}
