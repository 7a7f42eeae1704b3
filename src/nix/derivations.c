/* Derivations among values: what nix-instantiate and nix-env look for. */
#include "machine.h"

struct drv_walk {
	struct nix_val v;
	bool yes;
	str path, output;
};

/* ---- one ---- */

static void is_step(struct nix *x, void *ud)
{
	struct drv_walk *w = ud;

	force(x, w->v.v);
	w->yes = is_derivation(x, w->v.v);
}

bool nix_is_derivation(struct nix *x, nix_val v)
{
	struct drv_walk w = {.v = v};

	return nix_wall(x, is_step, &w) && w.yes;
}

static void path_step(struct nix *x, void *ud)
{
	struct drv_walk *w = ud;
	struct attrs *a = want_attrs(x, w->v.v, "a derivation");
	const struct attr *name = attrs_find(a, x->w.output_name);
	const struct context *c = NULL;

	w->path = text_str(coerce_text(x, want_attr(x, a, x->w.drv_path, "a derivation"), 0, &c, NULL));
	w->output = name ? want_str(x, name->v, "outputName") : S("out");
}

bool nix_drv_path(struct nix *x, nix_val v, str *out, str *output)
{
	struct drv_walk w = {.v = v};

	if (!nix_wall(x, path_step, &w))
		return false;
	*out = w.path;
	if (output)
		*output = w.output;
	return true;
}

/* ---- all ---- */

struct finder {
	struct nix *x;
	bool lenient, failed;
	nix_drv_fn *fn;
	void *ud;
	struct map seen; /* sets, by the bytes of their address: a set that holds itself is gone through once */
};

static bool fresh_set(struct finder *f, const struct attrs *a)
{
	bool fresh;

	map_slot(&f->seen, str_dup(&f->x->mem, str_of((const char *)&a, sizeof a)), &fresh);
	return fresh;
}

static str join(struct nix *x, str path, str name)
{
	bool quoted = str_find(name, '.') < name.n || !name.n;

	return str_fmt(&x->mem, "%.*s%s%s%.*s%s", STR_ARG(path), path.n ? "." : "", quoted ? "\"" : "",
			STR_ARG(name), quoted ? "\"" : "");
}

struct look {
	struct val *v;
	bool derivation, recurse;
	bool top;
};

static void look_step(struct nix *x, void *ud)
{
	struct look *l = ud;
	struct val *called = cell(x);
	const struct attr *a;

	if (l->top)
		auto_call(x, l->v, NULL, called);
	else
		force(x, l->v);
	l->v = l->top ? called : l->v;
	l->derivation = is_derivation(x, l->v);
	l->recurse = l->top;
	if (val_tag(l->v) == T_ATTRS && (a = attrs_find(l->v->u.attrs, x->w.recurse))) {
		force(x, a->v);
		l->recurse |= val_tag(a->v) == T_BOOL && a->v->u.i;
	}
}

static void find(struct finder *f, struct val *v, str path, bool top, unsigned depth)
{
	struct nix *x = f->x;
	struct look l = {.v = v, .top = top};

	if (!nix_wall(x, look_step, &l)) {
		f->failed = true;
		return;
	}
	if (l.derivation) {
		f->fn(f->ud, path, (nix_val){l.v});
		return;
	}
	if (!l.recurse || depth == 0)
		return;
	if (val_tag(l.v) == T_LIST) {
		for (size_t i = 0; i < list_len(l.v) && (f->lenient || !f->failed); i++)
			find(f, l.v->u.items[i], join(x, path, str_fmt(&x->mem, "%zu", i)), false, depth - 1);
	} else if (val_tag(l.v) == T_ATTRS && fresh_set(f, l.v->u.attrs)) {
		const struct attr **sorted = attrs_by_name(&x->mem, attrs_flat(&x->mem, l.v->u.attrs));

		for (uint32_t i = 0; i < l.v->u.attrs->n && (f->lenient || !f->failed); i++)
			find(f, sorted[i]->v, join(x, path, sym_str(sorted[i]->name)), false, depth - 1);
	}
}

bool nix_derivations(struct nix *x, nix_val v, bool lenient, nix_drv_fn *fn, void *ud)
{
	struct finder f = {.x = x, .lenient = lenient, .fn = fn, .ud = ud};

	find(&f, v.v, (str){0}, true, 64);
	map_free(&f.seen);
	return !f.failed || lenient;
}
