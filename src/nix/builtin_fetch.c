/* Builtins that fetch.  Evaluation is pure but for the fetch door: a session without one refuses, and says
 * what to do; with a hash that is known the result is the same wherever the bytes come from. */
#include "builtin.h"

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

void builtin_fetchurl(struct nix *x, struct val **args, struct val *out)
{
	struct source s = source_of(x, args[0], "fetchurl", "");
	const char *why = "there is no network here";
	struct blob *b = NULL;
	struct stored *kept;
	struct nix_hash h;
	struct diags diags = {0};
	str stored;

	if (!x->env.fetch || !x->env.fetch(x->env.ud, s.url, &x->mem, &b, &why))
		refuse(x, "fetchurl", s.url, why);
	kept = arena_make(&x->mem, struct stored);
	kept->bytes = str_dup(&x->mem, blob_str(b));
	blob_unref(b);
	h = nix_hash_of(NIX_SHA256, kept->bytes);
	if (s.hashed && !nix_hash_eq(&h, &s.hash))
		fail(x, DIAG_NIX_FETCH, NULL, "fetchurl: '%.*s' has the hash %.*s, not %.*s", STR_ARG(s.url),
				STR_ARG(nix_hash_str(&x->mem, &h, NIX_SRI, true)),
						STR_ARG(nix_hash_str(&x->mem, &s.hash, NIX_SRI, true)));
	stored = storepath_fixed(&x->mem, x->env.store_dir, s.name, false, &h, (struct storepath_refs){0});
	if (!map_has(&x->texts, stored)) {
		map_put(&x->texts, stored, kept);
		if (x->env.write && !x->env.write(x->env.ud, stored, kept->bytes, &diags))
			fail_door(x, &diags, stored);
	}
	give(x, stored, out);
}

/* With a hash the path is known, and a tree that was given for it is used. */
void builtin_fetch_tarball(struct nix *x, struct val **args, struct val *out)
{
	struct source s = source_of(x, args[0], "fetchTarball", "source");
	str stored;

	if (s.hashed) {
		stored = storepath_fixed(&x->mem, x->env.store_dir, s.name, true, &s.hash,
				(struct storepath_refs){0});
		if (path_type(x, stored) != NIX_NOTHING) {
			give(x, stored, out);
			return;
		}
	}
	refuse(x, "fetchTarball", s.url, "archives are not unpacked here");
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

void builtin_fetch_git(struct nix *x, struct val **args, struct val *out)
{
	(void)out;
	refuse_tree(x, args[0], "fetchGit");
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
