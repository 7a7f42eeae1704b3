/* Builtins of string contexts: what a string depends on. */
#include "builtin.h"

void builtin_has_context(struct nix *x, struct val **args, struct val *out)
{
	want_str(x, args[0], "hasContext");
	val_bool(out, val_context(args[0]) != NULL);
}

void builtin_discard_context(struct nix *x, struct val **args, struct val *out)
{
	const struct context *c = NULL;
	const struct text *t = coerce_text(x, args[0], COERCE_COPY, &c, call_site(x));

	val_text(out, t, NULL);
}

/* A context of elements in any order. */
struct collector {
	const struct context *c;
};

static void collect(struct nix *x, struct collector *to, str e)
{
	to->c = context_union(x, to->c, context_one(x, intern(e)));
}

void builtin_discard_output_dependency(struct nix *x, struct val **args, struct val *out)
{
	const struct context *c = NULL;
	const struct text *t = coerce_text(x, args[0], COERCE_COPY, &c, call_site(x));
	struct collector to = {0};

	for (uint32_t i = 0; c && i < c->n; i++) {
		str e = sym_str(c->e[i]);

		collect(x, &to, e.p[0] == '=' ? str_from(e, 1) : e);
	}
	val_text(out, t, to.c);
}

void builtin_add_drv_outputs(struct nix *x, struct val **args, struct val *out)
{
	const struct context *c = NULL;
	const struct text *t = coerce_text(x, args[0], COERCE_COPY, &c, call_site(x));
	struct collector to = {0};
	str e;

	if (!c || c->n != 1)
		fail(x, DIAG_NIX_CONTEXT, NULL,
				"addDrvOutputDependencies needs a string with one element in its context, and '%.*s' has %u",
				STR_ARG(text_str(t)), c ? c->n : 0);
	e = sym_str(c->e[0]);
	if (e.p[0] == '!')
		fail(x, DIAG_NIX_CONTEXT, NULL, "addDrvOutputDependencies cannot take the output of a derivation");
	if (e.p[0] != '=' && !str_ends(e, S(".drv")))
		fail(x, DIAG_NIX_CONTEXT, NULL,
				"addDrvOutputDependencies needs a derivation, and '%.*s' is none", STR_ARG(e));
	collect(x, &to, e.p[0] == '=' ? e : str_fmt(&x->mem, "=%.*s", STR_ARG(e)));
	val_text(out, t, to.c);
}

/* ---- as a set ---- */

struct told { /* of one store path */
	bool path, all;
	struct val **outputs;
	size_t n;
};

static struct told *told_of(struct nix *x, struct map *m, struct attrs *order, str path)
{
	bool fresh;
	void **slot = map_slot(m, path, &fresh);

	if (fresh) {
		*slot = arena_make(&x->mem, struct told);
		attrs_put(order, intern(path), 0, NULL);
	}
	return *slot;
}

static struct attrs *told_attrs(struct nix *x, const struct told *t)
{
	struct attrs *a = attrs_new(&x->mem, 3);

	if (t->path)
		attrs_put(a, x->w.path, 0, &x->v_true);
	if (t->all)
		attrs_put(a, x->w.all_outputs, 0, &x->v_true);
	if (t->n)
		attrs_put(a, x->w.outputs, 0, list_cell(x, t->outputs, t->n));
	attrs_end(a);
	return a;
}

void builtin_get_context(struct nix *x, struct val **args, struct val *out)
{
	const struct context *c;
	struct attrs *a;
	struct map m = {0};
	sym *sorted;

	want_str(x, args[0], "getContext");
	c = val_context(args[0]);
	if (!c) {
		val_attrs(out, &attrs_empty);
		return;
	}
	sorted = context_sorted(x, c);
	a = attrs_new(&x->mem, c->n);
	for (uint32_t i = 0; i < c->n; i++) {
		str e = sym_str(sorted[i]), output, drv;

		if (e.p[0] == '=') {
			told_of(x, &m, a, str_from(e, 1))->all = true;
		} else if (e.p[0] == '!' && str_cut(str_from(e, 1), '!', &output, &drv)) {
			struct told *t = told_of(x, &m, a, drv);

			if (!t->outputs)
				t->outputs = items_new(x, c->n);
			t->outputs[t->n++] = str_cell(x, output);
		} else {
			told_of(x, &m, a, e)->path = true;
		}
	}
	for (uint32_t i = 0; i < a->n; i++)
		a->e[i].v = attrs_cell(x, told_attrs(x, map_get(&m, sym_str(a->e[i].name))));
	map_free(&m);
	attrs_end(a);
	val_attrs(out, a);
}

static void append_one(struct nix *x, struct collector *to, str path, struct attrs *a)
{
	const struct attr *found;
	size_t n;
	struct val **outputs;

	if (!in_store(x, path))
		fail(x, DIAG_NIX_CONTEXT, NULL, "appendContext: '%.*s' is no store path", STR_ARG(path));
	found = attrs_find(a, x->w.path);
	if (found && want_bool(x, found->v, "appendContext"))
		collect(x, to, path);
	found = attrs_find(a, x->w.all_outputs);
	if (found && want_bool(x, found->v, "appendContext")) {
		if (!str_ends(path, S(".drv")))
			fail(x, DIAG_NIX_CONTEXT, NULL,
					"appendContext: '%.*s' is no derivation, so it has no outputs", STR_ARG(path));
		collect(x, to, str_fmt(&x->mem, "=%.*s", STR_ARG(path)));
	}
	found = attrs_find(a, x->w.outputs);
	if (!found)
		return;
	outputs = want_list(x, found->v, &n, "appendContext");
	if (n && !str_ends(path, S(".drv")))
		fail(x, DIAG_NIX_CONTEXT, NULL,
				"appendContext: '%.*s' is no derivation, so it has no outputs", STR_ARG(path));
	for (size_t i = 0; i < n; i++)
		collect(x, to, str_fmt(&x->mem, "!%.*s!%.*s", STR_ARG(want_str(x, outputs[i],
				"appendContext")), STR_ARG(path)));
}

void builtin_append_context(struct nix *x, struct val **args, struct val *out)
{
	struct collector to;
	struct attrs *a;

	want_str(x, args[0], "appendContext");
	a = attrs_flat(&x->mem, want_attrs(x, args[1], "appendContext"));
	to.c = val_context(args[0]);
	for (uint32_t i = 0; i < a->n; i++)
		append_one(x, &to, sym_str(a->e[i].name), want_attrs(x, a->e[i].v, "appendContext"));
	val_text(out, args[0]->u.text, to.c);
}
