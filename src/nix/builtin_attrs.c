/* Builtins of attribute sets. */
#include "builtin.h"

#include <stdlib.h>

void builtin_attr_names(struct nix *x, struct val **args, struct val *out)
{
	struct attrs *a = attrs_flat(&x->mem, want_attrs(x, args[0], "attrNames"));
	const struct attr **sorted = attrs_by_name(&x->mem, a);
	struct val **items = items_new(x, a->n);

	for (uint32_t i = 0; i < a->n; i++)
		items[i] = str_cell(x, sym_str(sorted[i]->name));
	val_list(out, items, a->n);
}

void builtin_attr_values(struct nix *x, struct val **args, struct val *out)
{
	struct attrs *a = attrs_flat(&x->mem, want_attrs(x, args[0], "attrValues"));
	const struct attr **sorted = attrs_by_name(&x->mem, a);
	struct val **items = items_new(x, a->n);

	for (uint32_t i = 0; i < a->n; i++)
		items[i] = sorted[i]->v;
	val_list(out, items, a->n);
}

void builtin_get_attr(struct nix *x, struct val **args, struct val *out)
{
	sym name = intern(want_str(x, args[0], "getAttr"));
	struct attrs *a = want_attrs(x, args[1], "getAttr");
	const struct attr *found = attrs_find(a, name);

	if (!found)
		fail_missing(x, NULL, a, name);
	force(x, found->v);
	*out = *found->v;
}

void builtin_has_attr(struct nix *x, struct val **args, struct val *out)
{
	sym name = intern(want_str(x, args[0], "hasAttr"));

	val_bool(out, attrs_find(want_attrs(x, args[1], "hasAttr"), name) != NULL);
}

static int by_sym(const void *a, const void *b)
{
	sym x = *(const sym *)a, y = *(const sym *)b;

	return x < y ? -1 : x > y;
}

void builtin_remove_attrs(struct nix *x, struct val **args, struct val *out)
{
	struct attrs *a = want_attrs(x, args[0], "removeAttrs"), *left;
	size_t n, at = 0;
	struct val **items = want_list(x, args[1], &n, "removeAttrs");
	sym *names = raw(x, n * sizeof *names);

	for (size_t i = 0; i < n; i++)
		names[i] = intern(want_str(x, items[i], "removeAttrs"));
	qsort(names, n, sizeof *names, by_sym);
	attrs_flat(&x->mem, a);
	left = attrs_new(&x->mem, a->n);
	for (uint32_t i = 0; i < a->n; i++) {
		while (at < n && names[at] < a->e[i].name)
			at++;
		if (at == n || names[at] != a->e[i].name)
			left->e[left->n++] = a->e[i];
	}
	val_attrs(out, left);
}

void builtin_list_to_attrs(struct nix *x, struct val **args, struct val *out)
{
	size_t n;
	struct val **items = want_list(x, args[0], &n, "listToAttrs");
	struct attrs *result = attrs_new(&x->mem, n);

	for (size_t i = 0; i < n; i++) {
		struct attrs *pair = want_attrs(x, items[i], "listToAttrs");
		str name = want_str(x, want_attr(x, pair, x->w.name, "listToAttrs"), "listToAttrs");
		const struct attr *v = attrs_find(pair, x->w.value);

		if (!v)
			want_attr(x, pair, x->w.value, "listToAttrs");
		attrs_put(result, intern(name), v->pos, v->v);
	}
	attrs_end(result);
	val_attrs(out, result);
}

/* What of b is in a too: the smaller set is gone through. */
void builtin_intersect_attrs(struct nix *x, struct val **args, struct val *out)
{
	struct attrs *a = want_attrs(x, args[0], "intersectAttrs"), *b = want_attrs(x, args[1],
			"intersectAttrs"), *result;
	bool walk_a = !a->base && (b->base || a->n < b->n);
	struct attrs *small = attrs_flat(&x->mem, walk_a ? a : b), *large = walk_a ? b : a;

	result = attrs_new(&x->mem, small->n);
	for (uint32_t i = 0; i < small->n; i++) {
		const struct attr *found = attrs_find(large, small->e[i].name);

		if (found)
			result->e[result->n++] = walk_a ? *found : small->e[i];
	}
	val_attrs(out, result);
}

void builtin_cat_attrs(struct nix *x, struct val **args, struct val *out)
{
	sym name = intern(want_str(x, args[0], "catAttrs"));
	size_t n, found = 0;
	struct val **items = want_list(x, args[1], &n, "catAttrs"), **result = items_new(x, n);

	for (size_t i = 0; i < n; i++) {
		const struct attr *a = attrs_find(want_attrs(x, items[i], "catAttrs"), name);

		if (a)
			result[found++] = a->v;
	}
	val_list(out, result, found);
}

void builtin_map_attrs(struct nix *x, struct val **args, struct val *out)
{
	struct attrs *a = attrs_flat(&x->mem, want_attrs(x, args[1], "mapAttrs")), *result = attrs_new(&x->mem, a->n);

	for (uint32_t i = 0; i < a->n; i++)
		attrs_put(result, a->e[i].name, a->e[i].pos,
				later(x, later(x, args[0], str_cell(x, sym_str(a->e[i].name))), a->e[i].v));
	val_attrs(out, result);
}

void builtin_get_attr_pos(struct nix *x, struct val **args, struct val *out)
{
	sym name = intern(want_str(x, args[0], "unsafeGetAttrPos"));
	const struct attr *a = attrs_find(want_attrs(x, args[1], "unsafeGetAttrPos"), name);

	if (a && a->pos)
		position_value(x, a->pos, out);
	else
		val_null(out);
}

/* ---- groups ---- */

struct group {
	sym name;
	uint32_t pos;
	struct val **items;
	size_t n, cap;
};

struct groups { /* found by name through `index`: sym to position + 1 */
	struct nix *x;
	struct group *all;
	size_t n, cap;
	uint32_t *table;
	size_t mask;
};

static size_t group_cell(const struct groups *g, sym name)
{
	size_t at = name * 2654435761u & g->mask;

	while (g->table[at] && g->all[g->table[at] - 1].name != name)
		at = (at + 1) & g->mask;
	return at;
}

static void groups_grow(struct groups *g)
{
	size_t cap = g->cap ? g->cap * 2 : 16;
	struct group *more = arena_array(&g->x->mem, struct group, cap);

	if (g->n)
		memcpy(more, g->all, g->n * sizeof *more);
	g->all = more;
	g->cap = cap;
	g->mask = cap * 2 - 1;
	g->table = arena_array(&g->x->mem, uint32_t, cap * 2);
	for (size_t i = 0; i < g->n; i++)
		g->table[group_cell(g, g->all[i].name)] = (uint32_t)i + 1;
}

static void group_put(struct groups *g, sym name, uint32_t pos, struct val *v)
{
	struct group *group;
	size_t at;

	if (g->n == g->cap)
		groups_grow(g);
	at = group_cell(g, name);
	if (!g->table[at]) {
		g->all[g->n] = (struct group){.name = name, .pos = pos};
		g->table[at] = (uint32_t)++g->n;
	}
	group = &g->all[g->table[at] - 1];
	if (group->n == group->cap) {
		size_t cap = group->cap ? group->cap * 2 : 2;
		struct val **more = items_new(g->x, cap);

		if (group->n)
			memcpy(more, group->items, group->n * sizeof *more);
		group->items = more;
		group->cap = cap;
	}
	group->items[group->n++] = v;
}

void builtin_group_by(struct nix *x, struct val **args, struct val *out)
{
	struct groups g = {.x = x};
	struct attrs *result;
	struct val **items, v;
	size_t n;

	want_function(x, args[0], "groupBy");
	items = want_list(x, args[1], &n, "groupBy");
	for (size_t i = 0; i < n; i++) {
		call1(x, args[0], items[i], &v);
		group_put(&g, intern(want_plain(x, &v, "groupBy")), 0, items[i]);
	}
	result = attrs_new(&x->mem, g.n);
	for (size_t i = 0; i < g.n; i++)
		attrs_put(result, g.all[i].name, 0, list_cell(x, g.all[i].items, g.all[i].n));
	attrs_end(result);
	val_attrs(out, result);
}

void builtin_zip_attrs_with(struct nix *x, struct val **args, struct val *out)
{
	struct groups g = {.x = x};
	struct attrs *result;
	size_t n;
	struct val **sets;

	want_function(x, args[0], "zipAttrsWith");
	sets = want_list(x, args[1], &n, "zipAttrsWith");
	for (size_t i = 0; i < n; i++) {
		struct attrs *a = attrs_flat(&x->mem, want_attrs(x, sets[i], "zipAttrsWith"));

		for (uint32_t j = 0; j < a->n; j++)
			group_put(&g, a->e[j].name, a->e[j].pos, a->e[j].v);
	}
	result = attrs_new(&x->mem, g.n);
	for (size_t i = 0; i < g.n; i++)
		attrs_put(result, g.all[i].name, g.all[i].pos,
				later(x, later(x, args[0], str_cell(x, sym_str(g.all[i].name))),
						list_cell(x, g.all[i].items, g.all[i].n)));
	attrs_end(result);
	val_attrs(out, result);
}
