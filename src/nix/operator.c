/* Operators, and the comparisons behind them. */
#include "machine.h"

SL_NORETURN static void overflow(struct nix *x, const struct expr *at, const char *what)
{
	fail(x, DIAG_NIX_VALUE, at, "%s does not fit in 64 bits", what);
}

static double number_of(const struct val *v)
{
	return val_tag(v) == T_INT ? (double)v->u.i : v->u.f;
}

static bool is_number(const struct val *v)
{
	return val_tag(v) == T_INT || val_tag(v) == T_FLOAT;
}

void arithmetic(struct nix *x, enum expr_kind op, const struct val *a, const struct val *b,
		const struct expr *at, struct val *out)
{
	int64_t i;
	double f, g;

	if (!is_number(a) || !is_number(b))
		fail(x, DIAG_NIX_TYPE, at, "a number is needed here, and this is %s",
				type_article(is_number(a) ? b : a));
	if (val_tag(a) == T_INT && val_tag(b) == T_INT) {
		switch (op) {
		case EX_ADD:
			if (__builtin_add_overflow(a->u.i, b->u.i, &i))
				overflow(x, at, "the sum");
			break;
		case EX_SUB:
			if (__builtin_sub_overflow(a->u.i, b->u.i, &i))
				overflow(x, at, "the difference");
			break;
		case EX_MUL:
			if (__builtin_mul_overflow(a->u.i, b->u.i, &i))
				overflow(x, at, "the product");
			break;
		default:
			if (b->u.i == 0)
				fail(x, DIAG_NIX_VALUE, at, "division by zero");
			if (a->u.i == INT64_MIN && b->u.i == -1)
				overflow(x, at, "the quotient");
			i = a->u.i / b->u.i;
			break;
		}
		val_int(out, i);
		return;
	}
	f = number_of(a);
	g = number_of(b);
	switch (op) {
	case EX_ADD: f += g; break;
	case EX_SUB: f -= g; break;
	case EX_MUL: f *= g; break;
	default:
		if (g == 0)
			fail(x, DIAG_NIX_VALUE, at, "division by zero");
		f /= g;
		break;
	}
	val_float(out, f);
}

/* ---- order ---- */

static bool less_lists(struct nix *x, struct val *a, struct val *b, const struct expr *at)
{
	size_t n = list_len(a), m = list_len(b);

	for (size_t i = 0; i < m; i++) {
		if (i == n)
			return true;
		if (!equal(x, a->u.items[i], b->u.items[i], at))
			return less(x, a->u.items[i], b->u.items[i], at);
	}
	return false;
}

bool less(struct nix *x, struct val *a, struct val *b, const struct expr *at)
{
	nix_deep(x);
	force(x, a);
	force(x, b);
	if (is_number(a) && is_number(b)) {
		if (val_tag(a) == T_INT && val_tag(b) == T_INT)
			return a->u.i < b->u.i;
		return number_of(a) < number_of(b);
	}
	if (val_tag(a) != val_tag(b))
		fail(x, DIAG_NIX_TYPE, at, "%s and %s cannot be compared", type_article(a), type_article(b));
	switch (val_tag(a)) {
	case T_STRING: return str_cmp(val_str(a), val_str(b)) < 0;
	case T_PATH: return str_cmp(val_str(a), val_str(b)) < 0;
	case T_LIST: return less_lists(x, a, b, at);
	default: fail(x, DIAG_NIX_TYPE, at, "%s cannot be compared", type_article(a));
	}
}

/* ---- equality ---- */

static bool equal_attrs(struct nix *x, struct val *a, struct val *b, const struct expr *at)
{
	struct attrs *s, *t;

	if (is_derivation(x, a) && is_derivation(x, b)) {
		const struct attr *p = attrs_find(a->u.attrs, x->w.out_path), *q = attrs_find(b->u.attrs,
				x->w.out_path);

		if (p && q)
			return equal(x, p->v, q->v, at);
	}
	s = attrs_flat(&x->mem, a->u.attrs);
	t = attrs_flat(&x->mem, b->u.attrs);
	if (s->n != t->n)
		return false;
	for (uint32_t i = 0; i < s->n; i++)
		if (s->e[i].name != t->e[i].name)
			return false;
	for (uint32_t i = 0; i < s->n; i++)
		if (!equal(x, s->e[i].v, t->e[i].v, at))
			return false;
	return true;
}

bool equal(struct nix *x, struct val *a, struct val *b, const struct expr *at)
{
	nix_deep(x);
	nix_step(x);
	force(x, a);
	force(x, b);
	if (a == b)
		return true;
	if (is_number(a) && is_number(b)) {
		if (val_tag(a) == T_INT && val_tag(b) == T_INT)
			return a->u.i == b->u.i;
		return number_of(a) == number_of(b);
	}
	if (val_tag(a) != val_tag(b))
		return false;
	switch (val_tag(a)) {
	case T_BOOL: return a->u.i == b->u.i;
	case T_NULL: return true;
	case T_STRING: return str_eq(val_str(a), val_str(b));
	case T_PATH: return str_eq(val_str(a), val_str(b));
	case T_LIST:
		if (list_len(a) != list_len(b))
			return false;
		for (size_t i = 0; i < list_len(a); i++)
			if (!equal(x, a->u.items[i], b->u.items[i], at))
				return false;
		return true;
	case T_ATTRS: return equal_attrs(x, a, b, at);
	default: return false; /* functions */
	}
}

/* ---- the operators ---- */

static void update(struct nix *x, const struct ex_three *e, struct env *env, struct val *out)
{
	struct val t, u, *a = eval_ref(x, e->a, env, &t), *b = eval_ref(x, e->b, env, &u);

	if (val_tag(a) != T_ATTRS || val_tag(b) != T_ATTRS)
		fail(x, DIAG_NIX_TYPE, val_tag(a) != T_ATTRS ? e->a : e->b, "a set is needed here, and this is %s",
				type_article(val_tag(a) != T_ATTRS ? a : b));
	val_attrs(out, attrs_update(&x->mem, a->u.attrs, b->u.attrs));
}

/* One list of n. */
static void joined(struct nix *x, const struct val *lists, size_t n, struct val *out)
{
	size_t total = 0, at = 0;
	const struct val *only = &lists[0];
	struct val **items;

	for (size_t i = 0; i < n; i++) {
		total += list_len(&lists[i]);
		if (list_len(&lists[i]))
			only = &lists[i];
	}
	if (list_len(only) == total) {
		*out = *only;
		return;
	}
	items = raw(x, mem_size(total, sizeof *items));
	for (size_t i = 0; i < n; at += list_len(&lists[i++]))
		if (list_len(&lists[i]))
			memcpy(items + at, lists[i].u.items, list_len(&lists[i]) * sizeof *items);
	val_list(out, items, total);
}

/* a ++ (b ++ (c …)) at once: each item is copied once, and the nesting costs no stack. */
static void concat(struct nix *x, const struct ex_three *e, struct env *env, struct val *out)
{
	struct val few[4], *lists = few, tmp, *v;
	const struct expr *at = &e->x;
	size_t n = 1;

	while (at->kind == EX_CONCAT) {
		n++;
		at = AS(ex_three, at)->b;
	}
	if (n > SL_COUNT(few))
		lists = raw(x, mem_size(n, sizeof *lists));
	at = &e->x;
	for (size_t i = 0; i < n; i++) {
		const struct expr *one = i + 1 < n ? AS(ex_three, at)->a : at;

		v = eval_ref(x, one, env, &tmp);
		if (val_tag(v) != T_LIST)
			fail(x, DIAG_NIX_TYPE, one, "a list is needed here, and this is %s", type_article(v));
		lists[i] = *v;
		if (i + 1 < n)
			at = AS(ex_three, at)->b;
	}
	joined(x, lists, n, out);
}

static bool compare(struct nix *x, const struct ex_three *e, struct val *a, struct val *b)
{
	switch (e->x.kind) {
	case EX_EQ: return equal(x, a, b, &e->x);
	case EX_NE: return !equal(x, a, b, &e->x);
	case EX_LT: return less(x, a, b, &e->x);
	case EX_LE: return !less(x, b, a, &e->x);
	case EX_GT: return less(x, b, a, &e->x);
	default: return !less(x, a, b, &e->x);
	}
}

void eval_binary(struct nix *x, const struct ex_three *e, struct env *env, struct val *out)
{
	struct val t, u, *a, *b, zero;

	switch (e->x.kind) {
	case EX_UPDATE: update(x, e, env, out); return;
	case EX_CONCAT: concat(x, e, env, out); return;
	case EX_NEGATE:
		a = eval_ref(x, e->a, env, &t);
		val_int(&zero, 0);
		arithmetic(x, EX_SUB, &zero, a, &e->x, out);
		return;
	default: break;
	}
	a = eval_ref(x, e->a, env, &t);
	b = eval_ref(x, e->b, env, &u);
	switch (e->x.kind) {
	case EX_ADD:
		if (is_number(a) && is_number(b))
			arithmetic(x, EX_ADD, a, b, &e->x, out);
		else
			add(x, (struct val *[]){a, b}, 2, false, &e->x, out);
		return;
	case EX_SUB: case EX_MUL: case EX_DIV: arithmetic(x, (enum expr_kind)e->x.kind, a, b, &e->x, out); return;
	default:
		if (a == b) { /* two looks at one variable are two values: a function is not equal to itself */
			u = *b;
			b = &u;
		}
		val_bool(out, compare(x, e, a, b));
		return;
	}
}
