/* Paths, and the files behind them.  A store path that this evaluator made need not be on disk: texts are
 * kept, and of copied sources it is known what they were copied from. */
#include "machine.h"

#include <straylight/storepath.h>

#define CORE_DIR "/__corepkgs__/" /* files of the language itself */
#define LINKS_MAX 64

extern const char fetchurl_text[];
extern const size_t fetchurl_size;

/* Into `out`, which has room for two bytes more; returns how many it took. */
static size_t canonical(str path, char *out)
{
	size_t n = 0;

	for (size_t at = 0; at < path.n;) {
		size_t end = at + str_find(str_from(path, at), '/');
		str part = str_of(path.p + at, end - at);

		at = end + 1;
		if (part.n == 0 || str_eq(part, S(".")))
			continue;
		if (str_eq(part, S(".."))) {
			while (n > 0 && out[n - 1] != '/')
				n--;
			n -= n > 0;
			continue;
		}
		out[n++] = '/';
		memcpy(out + n, part.p, part.n);
		n += part.n;
	}
	if (n == 0)
		out[n++] = '/';
	out[n] = '\0';
	return n;
}

str path_canonical(struct nix *x, str path)
{
	char *out = raw(x, path.n + 2);

	return str_of(out, canonical(path, out));
}

struct text *path_text(struct nix *x, str path)
{
	struct text *t = raw(x, sizeof *t + path.n + 3);

	t->n = canonical(path, t->b);
	return t;
}

str path_base(str path)
{
	size_t end = path.n, lo;

	if (end > 0 && path.p[end - 1] == '/')
		end--;
	for (lo = end; lo > 0 && path.p[lo - 1] != '/';)
		lo--;
	return str_of(path.p + lo, end - lo);
}

str path_dir(str path)
{
	size_t end = path.n;

	while (end > 0 && path.p[end - 1] != '/')
		end--;
	if (end == 0)
		return S(".");
	return end == 1 ? S("/") : str_upto(path, end - 1);
}

bool in_store(struct nix *x, str path)
{
	str top;

	return storepath_top(x->env.store_dir, path, &top);
}

str path_real(struct nix *x, str path)
{
	const struct text *from;
	str top;

	if (!x->sources.n || !str_starts(path, x->env.store_dir) || !storepath_top(x->env.store_dir, path, &top))
		return path;
	from = map_get(&x->sources, top);
	return from ? str_fmt(&x->mem, "%.*s%.*s", STR_ARG(text_str(from)), STR_ARG(str_from(path, top.n))) : path;
}

/* A diagnostic of a door becomes the error. */
SL_NORETURN void fail_door(struct nix *x, struct diags *diags, str path)
{
	const struct diag *d = diags->first;
	enum diag_code code = d ? d->code : DIAG_NIX_FILE;
	str why = d ? str_dup(&x->mem, d->text) : str_fmt(&x->mem, "'%.*s' cannot be read", STR_ARG(path));

	if (d && d->hint.n)
		hint_next(x, "%.*s", STR_ARG(d->hint));
	diags_free(diags);
	fail(x, code, NULL, "%.*s", STR_ARG(why));
}

bool path_read(struct nix *x, str path, str *out)
{
	const struct stored *s = x->texts.n ? map_get(&x->texts, path) : NULL;
	struct diags diags = {0};
	struct blob *b = NULL;

	if (s) {
		*out = s->bytes;
		return true;
	}
	if (str_eq(path, S(CORE_DIR "fetchurl.nix"))) {
		*out = str_of(fetchurl_text, fetchurl_size);
		return true;
	}
	switch (x->env.read(x->env.ud, path_real(x, path), &b, &diags)) {
	case NIX_ABSENT: return false;
	case NIX_FAILED: fail_door(x, &diags, path);
	case NIX_FOUND: break;
	}
	*out = str_dup(&x->mem, blob_str(b));
	blob_unref(b);
	return true;
}

enum nix_file_type path_type(struct nix *x, str path)
{
	if (x->texts.n && map_has(&x->texts, path))
		return NIX_REGULAR;
	if (str_eq(path, S(CORE_DIR "fetchurl.nix")))
		return NIX_REGULAR;
	return x->env.type(x->env.ud, path_real(x, path));
}

/* ---- copying to the store ---- */

struct asked { /* a filter in the language, for the door */
	struct nix *x;
	struct val *f;
	str from, shown; /* the source as it is on disk, and as the filter sees it */
	bool failed;
};

static bool ask(void *ud, str path, str type)
{
	struct asked *a = ud;
	struct nix *x = a->x;
	struct val *args[2], v;
	struct guard g;
	volatile bool keep = false;

	if (a->failed)
		return false;
	if (!guard_begin(x, &g, false)) {
		a->failed = true;
		return false;
	}
	args[0] = cell(x);
	args[1] = cell(x);
	set_str(x, args[0], str_fmt(&x->mem, "%.*s%.*s", STR_ARG(a->shown), STR_ARG(str_from(path, a->from.n))));
	set_str(x, args[1], type);
	call(x, a->f, args, 2, &v);
	keep = want_bool(x, &v, "the filter of a source");
	guard_end(x, &g);
	return keep;
}

static str hash_and_keep(struct nix *x, str path, str name, bool recursive, struct val *filter, const char *expected)
{
	struct asked a = {x, filter, path_real(x, path), path, false};
	struct diags diags = {0};
	struct nix_hash h = {.algo = NIX_SHA256}, want;
	nix_filter *f = filter ? ask : NULL;
	str stored;
	bool ok = x->env.hash(x->env.ud, a.from, recursive, f, &a, h.b, &diags);

	if (a.failed)
		fail_again(x);
	if (!ok)
		fail_door(x, &diags, path);
	if (expected) {
		want = read_hash(x, str_c(expected), NIX_SHA256);
		if (!nix_hash_eq(&want, &h))
			fail(x, DIAG_NIX_VALUE, NULL, "the source '%.*s' has the hash %.*s, not %s", STR_ARG(path),
					STR_ARG(nix_hash_str(&x->mem, &h, NIX_SRI, true)), expected);
	}
	stored = storepath_fixed(&x->mem, x->env.store_dir, name, recursive, &h, (struct storepath_refs){0});
	if (x->env.keep && !x->env.keep(x->env.ud, a.from, stored, recursive, f, &a, &diags))
		fail_door(x, &diags, path);
	if (!map_has(&x->sources, stored))
		map_put(&x->sources, stored, (void *)(uintptr_t)text_new(x, a.from));
	return stored;
}

void check_name(struct nix *x, str name)
{
	str why;

	if (!storepath_name_ok(name, &x->mem, &why))
		fail(x, DIAG_NIX_VALUE, NULL, "'%.*s' cannot be the name of a store path: it %.*s",
				STR_ARG(name), STR_ARG(why));
}

str path_store(struct nix *x, str path, str name, bool recursive, struct val *filter, const char *expected)
{
	bool plain = !filter && recursive && str_eq(name, path_base(path));
	const struct text *known = plain ? map_get(&x->added, path) : NULL;
	str stored;

	if (known)
		return text_str(known);
	if (str_ends(name, S(".drv")))
		fail(x, DIAG_NIX_VALUE, NULL,
				"the file name '%.*s' ends in .drv, which only derivations may", STR_ARG(name));
	check_name(x, name);
	if (path_type(x, path) == NIX_NOTHING)
		fail(x, DIAG_NIX_FILE, NULL, "the path '%.*s' does not exist", STR_ARG(path));
	stored = hash_and_keep(x, path, name, recursive, filter, expected);
	if (plain)
		map_put(&x->added, str_dup(&x->mem, path), (void *)(uintptr_t)text_new(x, stored));
	return stored;
}

/* ---- import ---- */

/* The file behind links, and default.nix of a directory. */
static str resolve(struct nix *x, str path)
{
	enum nix_file_type t;
	str target;

	for (int links = 0; (t = path_type(x, path)) == NIX_SYMLINK; links++) {
		if (links == LINKS_MAX || !x->env.link(x->env.ud, path_real(x, path), &x->mem, &target))
			fail(x, DIAG_NIX_FILE, NULL, "the links at '%.*s' do not end", STR_ARG(path));
		if (target.n && target.p[0] == '/')
			path = path_canonical(x, target);
		else
			path = path_canonical(x, str_fmt(&x->mem, "%.*s/%.*s", STR_ARG(path_dir(path)),
					STR_ARG(target)));
	}
	return t == NIX_DIRECTORY ? str_fmt(&x->mem, "%.*s/default.nix", STR_ARG(str_eq(path,
			S("/")) ? (str){0} : path)) : path;
}

struct expr *parse_file(struct nix *x, str path, const struct attrs *names)
{
	str text;

	if (!path_read(x, path, &text))
		fail(x, DIAG_NIX_FILE, NULL, "the file '%.*s' does not exist", STR_ARG(path));
	return nix_parse(x, text, path, path_dir(path), true, names);
}

str import_path(struct nix *x, str path)
{
	return resolve(x, path);
}

/* A file's value is a cell of its own: importing a file from itself is found like any recursion. */
void import_file(struct nix *x, str path, struct val *out)
{
	struct parsed *p = map_get(&x->parsed, path);

	if (!p) {
		str real = resolve(x, path);

		p = map_get(&x->parsed, real);
		if (!p) {
			p = arena_make(&x->mem, struct parsed);
			p->value = cell(x);
			p->value->head = head_of(T_THUNK, parse_file(x, real, NULL));
			p->value->u.env = x->globals;
			map_put(&x->parsed, str_dup(&x->mem, real), p);
		}
		if (!str_eq(real, path))
			map_put(&x->parsed, str_dup(&x->mem, path), p);
	}
	force(x, p->value);
	*out = *p->value;
}

/* ---- the search path ---- */

void search_path(struct nix *x, struct val *out)
{
	struct val **items = raw(x, x->env.nsearch * sizeof *items);

	for (size_t i = 0; i < x->env.nsearch; i++) {
		struct attrs *a = attrs_new(&x->mem, 2);
		struct val *prefix = cell(x), *path = cell(x);
		str head, rest;

		if (str_cut(x->env.search[i], '=', &head, &rest)) {
			set_str(x, prefix, head);
			set_str(x, path, rest);
		} else {
			set_str(x, prefix, (str){0});
			set_str(x, path, x->env.search[i]);
		}
		attrs_put(a, x->w.path, 0, path);
		attrs_put(a, x->w.prefix, 0, prefix);
		attrs_end(a);
		items[i] = cell(x);
		val_attrs(items[i], a);
	}
	val_list(out, items, x->env.nsearch);
}

/* The rest of `name` behind the prefix; false when it does not begin with it. */
static bool behind_prefix(str name, str prefix, str *rest)
{
	if (prefix.n == 0) {
		*rest = name;
		return true;
	}
	if (!str_starts(name, prefix) || (name.n > prefix.n && name.p[prefix.n] != '/'))
		return false;
	*rest = str_from(name, prefix.n + (name.n > prefix.n));
	return true;
}

static bool is_url(str s)
{
	return str_find_str(s, S("://")) < s.n;
}

void find_file(struct nix *x, struct val *search, str name, struct val *out, const struct expr *at)
{
	size_t n;
	struct val **items = want_list(x, search, &n, "findFile");

	for (size_t i = 0; i < n; i++) {
		struct attrs *a = want_attrs(x, items[i], "findFile");
		const struct attr *prefix = attrs_find(a, x->w.prefix);
		const struct context *c = NULL;
		str rest, dir, whole;

		if (!behind_prefix(name, prefix ? want_str(x, prefix->v, "findFile") : (str){0}, &rest))
			continue;
		dir = text_str(coerce_text(x, want_attr(x, a, x->w.path, "findFile"), 0, &c, at));
		if (is_url(dir))
			dir = fetch_source(x, &(struct nix_fetch){.kind = NIX_FETCH_ARCHIVE, .url = dir, .name = S("source")},
					"the search path").path;
		whole = str_fmt(&x->mem, "%.*s/%.*s", STR_ARG(dir), STR_ARG(rest));
		if (dir.n == 0 || dir.p[0] != '/')
			whole = str_fmt(&x->mem, "%.*s/%.*s", STR_ARG(x->env.directory), STR_ARG(whole));
		whole = path_canonical(x, whole);
		if (path_type(x, whole) != NIX_NOTHING) {
			val_path(out, text_new(x, whole));
			return;
		}
	}
	if (str_eq(name, S("nix/fetchurl.nix"))) {
		val_path(out, text_new(x, S(CORE_DIR "fetchurl.nix")));
		return;
	}
	hint_next(x, "give it with -I NAME=PATH, or in NIX_PATH");
	fail(x, DIAG_NIX_SEARCH, at, "'%.*s' is not found along the search path", STR_ARG(name));
}
