#include "label.h"
#include "wrap_int.h"

#include <straylight/build.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

struct finding { /* of derivations in a value */
	struct wrapping *w;
	struct compat compat;
	struct buf base;  /* the expression of the value that was found so far */
	bool failed;
};

static bool unfit(struct wrapping *w, const char *hint, const char *fmt, ...) SL_PRINTF(3, 4);

static bool unfit(struct wrapping *w, const char *hint, const char *fmt, ...)
{
	va_list args;
	struct diag *d;

	va_start(args, fmt);
	d = diag_verror(w->diags, DIAG_WRAP_UNFIT, NO_SPAN, fmt, args);
	va_end(args);
	diag_hint(w->diags, d, "%s", hint);
	return false;
}

/* ---- the file ---- */

static bool find_workspace(struct wrapping *w)
{
	struct diags none = {0};
	str root, here;

	w->root = w->request->dir;
	if (build_find(w->request->dir, &w->arena, &root, &here, &none)) {
		w->root = root;
		w->package = here;
	}
	diags_free(&none);
	return true;
}

static bool is_file(struct wrapping *w, str below)
{
	struct stat st;

	return stat(os_join(&w->arena, w->request->dir, below), &st) == 0 && S_ISREG(st.st_mode);
}

/* default.nix of a folder, or its flake.nix. */
static str in_folder(struct wrapping *w, str below)
{
	str file = str_c(os_join(&w->arena, below, S("default.nix"))), flake = str_c(os_join(&w->arena, below, S("flake.nix")));

	return !is_file(w, file) && is_file(w, flake) ? flake : file;
}

static bool find_file(struct wrapping *w)
{
	str given = w->request->file, dir = w->request->dir;
	const char *full;
	struct stat st;

	if (given.n && given.p[0] == '/' && str_starts(given, str_fmt(&w->arena, "%.*s/", STR_ARG(dir))))
		given = str_from(given, dir.n + 1);
	if ((given.n && given.p[0] == '/') || !os_normalize(&w->arena, given, &w->file))
		return unfit(w, "run it in the folder that is to have the BUILD.dhall, at or above the Nix file",
				"'%.*s' lies outside of the folder", STR_ARG(w->request->file));
	full = os_join(&w->arena, dir, w->file);
	if (stat(full, &st) < 0) {
		os_error(w->diags, DIAG_USAGE, errno, "reading", w->request->file);
		return false;
	}
	if (S_ISDIR(st.st_mode))
		w->file = in_folder(w, w->file);
	w->flake = str_eq(w->file, S("flake.nix")) || str_ends(w->file, S("/flake.nix"));
	return true;
}

/* ---- calling functions ---- */

/* Names of the parameters that have no default, as "'a', 'b'"; false when it takes one value and no set. */
static bool parameters(struct finding *f, str function, struct buf *needed)
{
	struct wrapping *w = f->w;
	struct compat_world world;
	nix_val args, v;
	size_t n;
	str name;

	wrap_world(w, &world);
	if (!compat_value(&f->compat, &world, str_fmt(&w->arena, "builtins.functionArgs %.*s", STR_ARG(function)), &args))
		return false;
	n = nix_attrs(f->compat.session, args);
	for (size_t i = 0; i < n; i++) {
		bool has_default = false;

		if (nix_attr_at(f->compat.session, args, i, &name, &v) && nix_bool(f->compat.session, v, &has_default) && !has_default)
			buf_fmt(needed, "%s'%.*s'", needed->n ? ", " : "", STR_ARG(name));
	}
	return true;
}

static bool has_nixpkgs(struct finding *f)
{
	struct wrapping *w = f->w;
	struct compat_world world;
	bool has = false;
	nix_val v;

	wrap_world(w, &world);
	return compat_value(&f->compat, &world, S("(builtins.tryEval <nixpkgs>).success"), &v) && nix_bool(f->compat.session, v, &has) && has;
}

/* A file that is a function is called with nothing, or as nixpkgs calls it. */
static bool call_file(struct finding *f)
{
	struct wrapping *w = f->w;
	str import = str_dup(&w->arena, buf_view(&f->base));
	struct buf needed = {0};
	bool ok = parameters(f, import, &needed);

	f->base.n = 0;
	if (ok && !needed.n) {
		buf_fmt(&f->base, "(%.*s { })", STR_ARG(str_of(import.p + 1, import.n - 2)));
	} else if (ok && has_nixpkgs(f)) {
		buf_lit(&f->base, "((import <nixpkgs> { }).callPackage ");
		wrap_nix_path(w->file, &f->base);
		buf_lit(&f->base, " { })");
	} else if (ok) {
		ok = unfit(w, "give the packages that it takes them from: NIX_PATH=nixpkgs=FOLDER, or -I nixpkgs=FOLDER",
				"'%.*s' is a function, and nothing is known for %.*s", STR_ARG(w->file), STR_ARG(buf_view(&needed)));
	}
	buf_free(&needed);
	return ok;
}

/* ---- flakes ---- */

/* What a flake's outputs get for nixpkgs, as far as packages use it. */
#define FLAKE_NIXPKGS "(let path = <nixpkgs>; in { outPath = path; lib = import (path + \"/lib\"); legacyPackages.%.*s = " \
		      "import path { system = \"%.*s\"; }; })"

static bool flake_inputs(struct finding *f, str outputs, struct buf *out)
{
	struct wrapping *w = f->w;
	struct compat_world world;
	str system = f->compat.doors.system, name;
	nix_val args;
	size_t n;

	wrap_world(w, &world);
	if (!compat_value(&f->compat, &world, str_fmt(&w->arena, "builtins.functionArgs %.*s", STR_ARG(outputs)), &args))
		return false;
	n = nix_attrs(f->compat.session, args);
	for (size_t i = 0; i < n; i++) {
		nix_val v;

		if (!nix_attr_at(f->compat.session, args, i, &name, &v) || str_eq(name, S("self")))
			continue;
		if (!str_eq(name, S("nixpkgs")) || !has_nixpkgs(f))
			return unfit(w, "only nixpkgs is known, where NIX_PATH or -I says; wrap a default.nix that takes the rest by fetchTarball",
					"the flake '%.*s' has the input '%.*s', which only the network has", STR_ARG(w->file), STR_ARG(name));
		buf_fmt(out, " nixpkgs = " FLAKE_NIXPKGS ";", STR_ARG(system), STR_ARG(system));
	}
	return true;
}

static bool call_flake(struct finding *f)
{
	struct wrapping *w = f->w;
	struct buf path = {0}, inputs = {0};
	str outputs;
	bool ok;

	wrap_nix_path(w->file, &path);
	outputs = str_fmt(&w->arena, "(import %.*s).outputs", STR_ARG(buf_view(&path)));
	ok = flake_inputs(f, outputs, &inputs);
	f->base.n = 0;
	path.n = 0;
	wrap_nix_path(str_eq(w->file, S("flake.nix")) ? S(".") : str_upto(w->file, w->file.n - (sizeof "/flake.nix" - 1)), &path);
	buf_fmt(&f->base, "(let self = %.*s { self = self // { outPath = %.*s; };%.*s }; in self)", STR_ARG(outputs),
			STR_ARG(buf_view(&path)), STR_ARG(buf_view(&inputs)));
	buf_free(&path);
	buf_free(&inputs);
	return ok;
}

/* ---- derivations ---- */

/* "hello" of "hello-2.12". */
static str plain_name(str drv_name)
{
	for (size_t i = 0; i + 1 < drv_name.n; i++)
		if (i && drv_name.p[i] == '-' && drv_name.p[i + 1] >= '0' && drv_name.p[i + 1] <= '9')
			return str_upto(drv_name, i);
	return drv_name;
}

static bool is_taken(const struct wrapping *w, str name)
{
	for (size_t i = 0; i < w->all.n; i++)
		if (str_eq(w->all.p[i].name, name))
			return true;
	return false;
}

/* It can be a name, and is no place in a list. */
static bool is_name(str s)
{
	return label_name_ok(s) && !(s.p[0] >= '0' && s.p[0] <= '9') && str_find(s, '"') == s.n;
}

/* The last component of the attribute path, the path, or the derivation's name; with a number behind when all are taken. */
static str target_name(struct wrapping *w, str path, str drv_name)
{
	str part = {0}, rest = path, plain = plain_name(drv_name), name;

	while (wrap_nix_part(&rest, &part))
		;
	if (part.n && is_name(part) && !is_taken(w, part))
		return str_dup(&w->arena, part);
	if (path.n && is_name(path) && !is_taken(w, path))
		return str_dup(&w->arena, path);
	name = plain;
	for (unsigned n = 2; is_taken(w, name); n++)
		name = str_fmt(&w->arena, "%.*s-%u", STR_ARG(plain), n);
	return str_dup(&w->arena, name);
}

static bool add(struct wrapping *w, str path, str expression)
{
	struct wrapped out = {.expression = expression};

	if (!wrap_try(w, &out))
		return false;
	out.name = target_name(w, path, out.drv_name);
	vec_push(&w->all, out);
	return true;
}

static void select_path(struct finding *f, str path, struct buf *out)
{
	str part;

	buf_str(out, buf_view(&f->base));
	while (wrap_nix_part(&path, &part)) {
		buf_c(out, '.');
		wrap_nix_name(part, out);
	}
}

static void give(void *ud, str path, nix_val drv)
{
	struct finding *f = ud;
	struct wrapping *w = f->w;
	struct buf expression = {0};

	(void)drv;
	if (f->failed)
		return;
	select_path(f, path, &expression);
	f->failed = !add(w, path.n ? path : w->request->attr, buf_take(&expression, &w->arena));
}

static bool find_all(struct finding *f, nix_val v)
{
	struct wrapping *w = f->w;

	if (!nix_derivations(f->compat.session, v, false, give, f) || f->failed)
		return false;
	if (w->all.n)
		return true;
	return unfit(w, "name the attribute that is one with -A ATTR", "'%.*s' gives no derivation%s%.*s%s", STR_ARG(w->file),
			w->request->attr.n ? " at '" : "", STR_ARG(w->request->attr), w->request->attr.n ? "'" : "");
}

/* Into an attribute: what is called on the way stands in the expression too. */
static bool enter(struct finding *f, nix_val *v, str part)
{
	enum nix_kind kind = nix_kind(f->compat.session, *v);
	str before = str_dup(&f->w->arena, buf_view(&f->base));

	if (kind == NIX_NONE || !nix_attr(f->compat.session, *v, str_fmt(&f->w->arena, "\"%.*s\"", STR_ARG(part)), NULL, 0, v))
		return false;
	f->base.n = 0;
	if (kind == NIX_LIST)
		buf_fmt(&f->base, "(builtins.elemAt %.*s %.*s)", STR_ARG(before), STR_ARG(part));
	else if (kind == NIX_FUNCTION)
		buf_fmt(&f->base, "(%.*s { })", STR_ARG(before));
	else
		buf_str(&f->base, before);
	if (kind != NIX_LIST) {
		buf_c(&f->base, '.');
		wrap_nix_name(part, &f->base);
	}
	return true;
}

/* A flake's attributes are those of its packages for this machine, unless they say otherwise. */
static str attribute(struct finding *f)
{
	struct wrapping *w = f->w;
	str attr = w->request->attr, packages = str_fmt(&w->arena, "packages.%.*s", STR_ARG(f->compat.doors.system));

	if (!w->flake || str_starts(attr, S("packages.")) || str_starts(attr, S("legacyPackages.")))
		return attr;
	return attr.n ? str_fmt(&w->arena, "%.*s.%.*s", STR_ARG(packages), STR_ARG(attr)) : packages;
}

static bool base(struct finding *f, const struct compat_world *world, nix_val *v)
{
	struct wrapping *w = f->w;
	enum nix_kind kind;

	buf_lit(&f->base, "(import ");
	wrap_nix_path(w->file, &f->base);
	buf_c(&f->base, ')');
	if (!compat_value(&f->compat, world, buf_view(&f->base), v))
		return false;
	kind = nix_kind(f->compat.session, *v);
	if (kind != NIX_FUNCTION && !w->flake)
		return kind != NIX_NONE;
	return (kind == NIX_FUNCTION ? call_file(f) : call_flake(f)) && compat_value(&f->compat, world, buf_view(&f->base), v);
}

static bool find(struct finding *f)
{
	struct compat_world world;
	nix_val v;
	str rest, part;

	wrap_world(f->w, &world);
	if (!compat_open(&f->compat, &world, f->w->diags) || !base(f, &world, &v))
		return false;
	rest = attribute(f);
	while (wrap_nix_part(&rest, &part))
		if (!enter(f, &v, part))
			return false;
	if (nix_kind(f->compat.session, v) == NIX_FUNCTION) {
		str before = str_dup(&f->w->arena, buf_view(&f->base));

		f->base.n = 0;
		buf_fmt(&f->base, "(%.*s { })", STR_ARG(before));
		if (!compat_value(&f->compat, &world, buf_view(&f->base), &v))
			return false;
	}
	return find_all(f, v);
}

bool wrap_run(const struct wrap_request *r, struct buf *out, struct diags *diags)
{
	struct wrapping w = {.request = r, .diags = diags};
	struct finding f = {.w = &w};
	bool ok = find_workspace(&w) && find_file(&w) && find(&f);

	compat_close(&f.compat);
	buf_free(&f.base);
	if (!ok && w.refused.p && diags->last)
		diag_note(diags, diags->last, NO_SPAN, COMPAT_REFUSED, STR_ARG(w.refused));
	ok = ok && wrap_text(&w, out);
	vec_free(&w.all);
	arena_clear(&w.arena);
	return ok;
}
