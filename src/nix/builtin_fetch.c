/* Builtins that fetch.  Evaluation is pure but for the fetch door: a session without one refuses, and says
 * what to do; with a hash that is known the result is the same wherever the bytes come from, and what is in the
 * store already is not asked for. */
#include "builtin.h"

#include <time.h>

struct source { /* what is asked for */
	str url, name;
	struct nix_hash hash;
	bool hashed;
};

SL_NORETURN static void refuse(struct nix *x, const char *what, str url, const char *why)
{
	hint_next(x, "fetch it in a derivation with a fixed hash, or give it with -I NAME=PATH");
	fail(x, DIAG_NIX_FETCH, NULL, "%s: '%.*s' cannot be fetched during evaluation: %s", what, STR_ARG(url), why);
}

static struct source source_of(struct nix *x, struct val *v, const char *what, const char *name)
{
	struct source s = {.name = str_c(name)};
	struct attrs *a;

	force(x, v);
	if (val_tag(v) != T_ATTRS) {
		s.url = want_plain(x, v, what);
	} else {
		a = attrs_flat(&x->mem, v->u.attrs);
		for (uint32_t i = 0; i < a->n; i++) {
			if (a->e[i].name == x->w.url) {
				s.url = want_plain(x, a->e[i].v, what);
			} else if (a->e[i].name == x->w.name) {
				s.name = want_plain(x, a->e[i].v, what);
			} else if (a->e[i].name == x->w.sha256) {
				s.hash = read_hash(x, want_plain(x, a->e[i].v, what), NIX_SHA256);
				s.hashed = true;
			} else {
				fail(x, DIAG_NIX_ARGUMENT, NULL, "%s does not take the argument '%.*s'",
						what, STR_ARG(sym_str(a->e[i].name)));
			}
		}
		if (!s.url.p)
			fail(x, DIAG_NIX_ARGUMENT, NULL, "%s needs the argument 'url'", what);
	}
	if (!s.name.n)
		s.name = path_base(s.url);
	check_name(x, s.name);
	return s;
}

static void give(struct nix *x, str stored, struct val *out)
{
	val_text(out, text_new(x, stored), context_one(x, intern(stored)));
}

/* What the door said, with what it noted of each URL. */
SL_NORETURN static void fail_fetch(struct nix *x, const char *what, struct diags *diags)
{
	const struct diag *d = diags->first;
	enum diag_code code = d ? d->code : DIAG_NIX_FETCH;
	struct buf b = {0};
	str text;

	if (d)
		buf_str(&b, d->text);
	for (const struct diag_note *n = d ? d->notes : NULL; n; n = n->next)
		buf_fmt(&b, "; %.*s", STR_ARG(n->text));
	text = buf_take(&b, &x->mem);
	if (d && d->hint.n)
		hint_next(x, "%.*s", STR_ARG(d->hint));
	diags_free(diags);
	fail(x, code, NULL, "%s: %.*s", what, STR_ARG(text));
}

/* A session that depends on nothing of the machine fetches only what is known beforehand. */
struct nix_fetched fetch_source(struct nix *x, const struct nix_fetch *f, const char *what)
{
	struct nix_fetched got = {0};
	struct diags diags = {0};

	if (!x->env.fetch)
		refuse(x, what, f->url, "there is no network here");
	if (x->env.restricted && !f->sha256 && !f->rev.n)
		refuse(x, what, f->url, "it has no sha256, and evaluation is pure");
	if (!x->env.fetch(x->env.ud, f, &x->mem, &got, &diags))
		fail_fetch(x, what, &diags);
	if (!map_has(&x->sources, got.path))
		map_put(&x->sources, got.path, (void *)(uintptr_t)text_new(x, got.real));
	return got;
}

static void fetch(struct nix *x, struct val *v, enum nix_fetch_kind kind, const char *what, const char *name, struct val *out)
{
	struct source s = source_of(x, v, what, name);
	struct nix_fetch f = {.kind = kind, .url = s.url, .name = s.name, .sha256 = s.hashed ? s.hash.b : NULL};
	str stored;

	if (s.hashed) {
		stored = storepath_fixed(&x->mem, x->env.store_dir, s.name, kind != NIX_FETCH_FILE, &s.hash, (struct storepath_refs){0});
		if (path_type(x, stored) != NIX_NOTHING) {
			give(x, stored, out);
			return;
		}
	}
	give(x, fetch_source(x, &f, what).path, out);
}

void builtin_fetchurl(struct nix *x, struct val **args, struct val *out)
{
	fetch(x, args[0], NIX_FETCH_FILE, "fetchurl", "", out);
}

void builtin_fetch_tarball(struct nix *x, struct val **args, struct val *out)
{
	fetch(x, args[0], NIX_FETCH_ARCHIVE, "fetchTarball", "source", out);
}

SL_NORETURN static void refuse_tree(struct nix *x, struct val *v, const char *what)
{
	const struct attr *url;

	force(x, v);
	if (val_tag(v) == T_STRING)
		refuse(x, what, val_str(v), "repositories are not cloned here");
	url = attrs_find(want_attrs(x, v, what), x->w.url);
	refuse(x, what, url ? want_str(x, url->v, what) : S("?"), "repositories are not cloned here");
}

/* ---- git ---- */

static bool is_rev(str s)
{
	unsigned char b[20];

	return hex_parse(s, b, sizeof b);
}

static struct nix_fetch git_asked(struct nix *x, struct val *v)
{
	struct nix_fetch f = {.kind = NIX_FETCH_GIT, .name = S("source")};
	const struct context *c = NULL;
	struct attrs *a;

	force(x, v);
	if (val_tag(v) != T_ATTRS) {
		f.url = text_str(coerce_text(x, v, 0, &c, call_site(x)));
		return f;
	}
	a = attrs_flat(&x->mem, v->u.attrs);
	for (uint32_t i = 0; i < a->n; i++) {
		str key = sym_str(a->e[i].name);

		if (str_eq(key, S("url")))
			f.url = text_str(coerce_text(x, a->e[i].v, 0, &c, call_site(x)));
		else if (str_eq(key, S("name")))
			f.name = want_plain(x, a->e[i].v, "fetchGit");
		else if (str_eq(key, S("rev")))
			f.rev = want_plain(x, a->e[i].v, "fetchGit");
		else if (str_eq(key, S("ref")))
			f.ref = want_plain(x, a->e[i].v, "fetchGit");
		else if (str_eq(key, S("submodules")) && want_bool(x, a->e[i].v, "fetchGit"))
			refuse(x, "fetchGit", f.url, "submodules are not fetched");
		else if (!str_eq(key, S("submodules")) && !str_eq(key, S("shallow")) && !str_eq(key, S("allRefs")))
			fail(x, DIAG_NIX_ARGUMENT, NULL, "fetchGit does not take the argument '%.*s'", STR_ARG(key));
	}
	if (!f.url.p)
		fail(x, DIAG_NIX_ARGUMENT, NULL, "fetchGit needs the argument 'url'");
	return f;
}

static void put_value(struct attrs *a, const char *name, struct val *v)
{
	attrs_put(a, intern_c(name), 0, v);
}

static str date_text(struct nix *x, int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;
	char text[32];

	gmtime_r(&t, &tm);
	return str_dup(&x->mem, str_of(text, strftime(text, sizeof text, "%Y%m%d%H%M%S", &tm)));
}

/* As Nix 2.8 has it: what a commit is, beside its files. */
static void give_commit(struct nix *x, const struct nix_fetched *got, struct val *out)
{
	struct attrs *a = attrs_new(&x->mem, 8);
	struct nix_hash h = {.algo = NIX_SHA256};
	struct val *path = cell(x), *no = cell(x);

	memcpy(h.b, got->sha256, 32);
	give(x, got->path, path);
	val_bool(no, false);
	put_value(a, "lastModified", int_cell(x, got->time));
	put_value(a, "lastModifiedDate", str_cell(x, date_text(x, got->time)));
	put_value(a, "narHash", str_cell(x, nix_hash_str(&x->mem, &h, NIX_SRI, true)));
	put_value(a, "outPath", path);
	put_value(a, "rev", str_cell(x, got->rev));
	put_value(a, "revCount", int_cell(x, got->count));
	put_value(a, "shortRev", str_cell(x, str_upto(got->rev, 7)));
	put_value(a, "submodules", no);
	attrs_end(a);
	val_attrs(out, a);
}

void builtin_fetch_git(struct nix *x, struct val **args, struct val *out)
{
	struct nix_fetch f = git_asked(x, args[0]);
	struct nix_fetched got;

	check_name(x, f.name);
	if (!f.rev.n && x->env.restricted)
		refuse(x, "fetchGit", f.url, "it has no 'rev', and evaluation is pure");
	if (f.rev.n && !is_rev(f.rev))
		fail(x, DIAG_NIX_ARGUMENT, NULL, "fetchGit: '%.*s' is no commit: that is 40 digits in base 16", STR_ARG(f.rev));
	got = fetch_source(x, &f, "fetchGit");
	give_commit(x, &got, out);
}

void builtin_fetch_mercurial(struct nix *x, struct val **args, struct val *out)
{
	(void)out;
	refuse_tree(x, args[0], "fetchMercurial");
}

void builtin_fetch_tree(struct nix *x, struct val **args, struct val *out)
{
	(void)out;
	refuse_tree(x, args[0], "fetchTree");
}

void builtin_get_flake(struct nix *x, struct val **args, struct val *out)
{
	(void)out;
	refuse_tree(x, args[0], "getFlake");
}
