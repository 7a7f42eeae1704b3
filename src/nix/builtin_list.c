/* Builtins of lists. */
#include "builtin.h"

#include <stdlib.h>

void builtin_length(struct nix *x, struct val **args, struct val *out)
{
	size_t n;

	want_list(x, args[0], &n, "length");
	val_int(out, (int64_t)n);
}

static void item(struct nix *x, struct val *list, int64_t i, const char *what, struct val *out)
{
	size_t n;
	struct val **items = want_list(x, list, &n, what);

	if (i < 0 || (uint64_t)i >= n)
		fail(x, DIAG_NIX_VALUE, NULL, "%s: the list has %zu items, and number %lld is asked for",
				what, n, (long long)i);
	force(x, items[i]);
	*out = *items[i];
}

void builtin_elem_at(struct nix *x, struct val **args, struct val *out)
{
	item(x, args[0], want_int(x, args[1], "elemAt"), "elemAt", out);
}

void builtin_head(struct nix *x, struct val **args, struct val *out)
{
	item(x, args[0], 0, "head", out);
}

void builtin_tail(struct nix *x, struct val **args, struct val *out)
{
	size_t n;
	struct val **items = want_list(x, args[0], &n, "tail");

	if (n == 0)
		fail(x, DIAG_NIX_VALUE, NULL, "tail: the list is empty");
	val_list(out, items + 1, n - 1);
}

void builtin_map(struct nix *x, struct val **args, struct val *out)
{
	size_t n;
	struct val **items = want_list(x, args[1], &n, "map"), **result;

	if (n == 0) {
		val_list(out, NULL, 0);
		return;
	}
	want_function(x, args[0], "map");
	result = items_new(x, n);
	for (size_t i = 0; i < n; i++)
		result[i] = later(x, args[0], items[i]);
	val_list(out, result, n);
}

void builtin_filter(struct nix *x, struct val **args, struct val *out)
{
	size_t n, kept = 0;
	struct val **items = want_list(x, args[1], &n, "filter"), **result, v;

	if (n == 0) {
		val_list(out, NULL, 0);
		return;
	}
	want_function(x, args[0], "filter");
	result = items_new(x, n);
	for (size_t i = 0; i < n; i++) {
		call1(x, args[0], items[i], &v);
		if (want_bool(x, &v, "filter"))
			result[kept++] = items[i];
	}
	val_list(out, result, kept);
}

void builtin_partition(struct nix *x, struct val **args, struct val *out)
{
	size_t n, right = 0, wrong = 0;
	struct val **items = want_list(x, args[1], &n, "partition"), **yes = items_new(x, n),
			**no = items_new(x, n), v;
	struct attrs *a = attrs_new(&x->mem, 2);

	want_function(x, args[0], "partition");
	for (size_t i = 0; i < n; i++) {
		call1(x, args[0], items[i], &v);
		if (want_bool(x, &v, "partition"))
			yes[right++] = items[i];
		else
			no[wrong++] = items[i];
	}
	attrs_put(a, x->w.right, 0, list_cell(x, yes, right));
	attrs_put(a, x->w.wrong, 0, list_cell(x, no, wrong));
	attrs_end(a);
	val_attrs(out, a);
}

void builtin_elem(struct nix *x, struct val **args, struct val *out)
{
	size_t n;
	struct val **items = want_list(x, args[1], &n, "elem");
	bool found = false;

	for (size_t i = 0; i < n && !found; i++)
		found = equal(x, args[0], items[i], call_site(x));
	val_bool(out, found);
}

static void quantify(struct nix *x, struct val **args, bool any, const char *what, struct val *out)
{
	size_t n;
	struct val **items, v;
	bool found = false;

	want_function(x, args[0], what);
	items = want_list(x, args[1], &n, what);
	for (size_t i = 0; i < n && !found; i++) {
		call1(x, args[0], items[i], &v);
		found = want_bool(x, &v, what) == any;
	}
	val_bool(out, found == any);
}

void builtin_any(struct nix *x, struct val **args, struct val *out)
{
	quantify(x, args, true, "any", out);
}

void builtin_all(struct nix *x, struct val **args, struct val *out)
{
	quantify(x, args, false, "all", out);
}

/* One list of n. */
static void joined(struct nix *x, struct val **lists, size_t n, const char *what, struct val *out)
{
	size_t total = 0, m;
	struct val **result, *only = NULL;

	for (size_t i = 0; i < n; i++) {
		want_list(x, lists[i], &m, what);
		if (m)
			only = lists[i];
		total += m;
	}
	if (only && list_len(only) == total) {
		*out = *only;
		return;
	}
	result = items_new(x, total);
	total = 0;
	for (size_t i = 0; i < n; i++) {
		m = list_len(lists[i]);
		if (m)
			memcpy(result + total, lists[i]->u.items, m * sizeof *result);
		total += m;
	}
	val_list(out, result, total);
}

void builtin_concat_lists(struct nix *x, struct val **args, struct val *out)
{
	size_t n;
	struct val **lists = want_list(x, args[0], &n, "concatLists");

	joined(x, lists, n, "concatLists", out);
}

void builtin_concat_map(struct nix *x, struct val **args, struct val *out)
{
	size_t n;
	struct val **items, **lists;

	want_function(x, args[0], "concatMap");
	items = want_list(x, args[1], &n, "concatMap");
	lists = items_new(x, n);
	for (size_t i = 0; i < n; i++) {
		lists[i] = cell(x);
		call1(x, args[0], items[i], lists[i]);
	}
	joined(x, lists, n, "concatMap", out);
}

void builtin_gen_list(struct nix *x, struct val **args, struct val *out)
{
	int64_t n = want_int(x, args[1], "genList");
	struct val **items;

	if (n < 0)
		fail(x, DIAG_NIX_VALUE, NULL, "genList: a list cannot have %lld items", (long long)n);
	if (n > (int64_t)1 << 32)
		fail(x, DIAG_NIX_LIMIT_BYTES, NULL, "genList: a list of %lld items is too long", (long long)n);
	want_function(x, args[0], "genList");
	items = items_new(x, (size_t)n);
	for (int64_t i = 0; i < n; i++)
		items[i] = later(x, args[0], int_cell(x, i));
	val_list(out, items, (size_t)n);
}

void builtin_foldl(struct nix *x, struct val **args, struct val *out)
{
	size_t n;
	struct val **items, *acc = args[1];

	want_function(x, args[0], "foldl'");
	items = want_list(x, args[2], &n, "foldl'");
	for (size_t i = 0; i < n; i++) {
		struct val *next = cell(x);

		call(x, args[0], (struct val *[]){acc, items[i]}, 2, next);
		acc = next;
	}
	force(x, acc);
	*out = *acc;
}

/* ---- order ---- */

struct sorter {
	struct nix *x;
	struct val *f;
	bool plain; /* f is lessThan itself */
};

static bool before(struct sorter *s, struct val *a, struct val *b)
{
	struct val v;

	if (s->plain)
		return less(s->x, a, b, call_site(s->x));
	call(s->x, s->f, (struct val *[]){a, b}, 2, &v);
	return want_bool(s->x, &v, "sort");
}

/* Merging keeps the order of equals, and ends whatever the function says. */
static void sort_range(struct sorter *s, struct val **v, struct val **room, size_t n)
{
	size_t mid = n / 2, i = 0, j = mid, k = 0;

	if (n < 2)
		return;
	sort_range(s, v, room, mid);
	sort_range(s, v + mid, room, n - mid);
	memcpy(room, v, mid * sizeof *v);
	while (i < mid && j < n) {
		if (before(s, v[j], room[i]))
			v[k++] = v[j++];
		else
			v[k++] = room[i++];
	}
	while (i < mid)
		v[k++] = room[i++];
}

void builtin_sort(struct nix *x, struct val **args, struct val *out)
{
	size_t n;
	struct val **items = want_list(x, args[1], &n, "sort"), **result;
	struct sorter s = {.x = x, .f = args[0]};

	if (n == 0) {
		val_list(out, NULL, 0);
		return;
	}
	want_function(x, args[0], "sort");
	s.plain = val_tag(args[0]) == T_PRIMOP && args[0]->u.primop->fn == builtin_less_than;
	for (size_t i = 0; i < n; i++)
		force(x, items[i]);
	result = items_new(x, n);
	memcpy(result, items, n * sizeof *result);
	sort_range(&s, result, items_new(x, n), n);
	val_list(out, result, n);
}

/* ---- genericClosure ---- */

/* The position of the key, or where it goes. */
static bool find_key(struct nix *x, struct val **keys, size_t n, struct val *key, size_t *at)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (less(x, keys[mid], key, call_site(x)))
			lo = mid + 1;
		else
			hi = mid;
	}
	*at = lo;
	return lo < n && !less(x, key, keys[lo], call_site(x));
}

struct closure {
	struct nix *x;
	struct val **keys, **items; /* keys: sorted; items: in the order found */
	size_t n, cap;
};

static struct val **grown(struct nix *x, struct val **old, size_t n, size_t cap)
{
	struct val **more = items_new(x, cap);

	if (n)
		memcpy(more, old, n * sizeof *more);
	return more;
}

static void closure_add(struct closure *c, struct val *item)
{
	struct nix *x = c->x;
	struct val *key = want_attr(x, want_attrs(x, item, "genericClosure"), x->w.key, "genericClosure");
	size_t at;

	force(x, key);
	if (c->n == 0)
		less(x, key, key, call_site(x)); /* is it a kind that has an order? */
	if (find_key(x, c->keys, c->n, key, &at))
		return;
	if (c->n == c->cap) {
		c->cap = c->cap ? c->cap * 2 : 16;
		c->keys = grown(x, c->keys, c->n, c->cap);
		c->items = grown(x, c->items, c->n, c->cap);
	}
	memmove(c->keys + at + 1, c->keys + at, (c->n - at) * sizeof *c->keys);
	c->keys[at] = key;
	c->items[c->n++] = item;
}

void builtin_generic_closure(struct nix *x, struct val **args, struct val *out)
{
	struct attrs *a = want_attrs(x, args[0], "genericClosure");
	size_t n;
	struct val **start = want_list(x, want_attr(x, a, x->w.start_set, "genericClosure"), &n,
			"genericClosure"), *f;
	struct closure c = {.x = x};

	if (n == 0) {
		val_list(out, NULL, 0);
		return;
	}
	f = want_attr(x, a, x->w.operator_, "genericClosure");
	for (size_t i = 0; i < n; i++)
		closure_add(&c, start[i]);
	for (size_t i = 0; i < c.n; i++) {
		struct val v, **more;
		size_t m;

		nix_step(x);
		call1(x, f, c.items[i], &v);
		more = want_list(x, &v, &m, "genericClosure");
		for (size_t j = 0; j < m; j++)
			closure_add(&c, more[j]);
	}
	val_list(out, c.items, c.n);
}
