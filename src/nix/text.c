/* Strings: their bytes, their contexts, and what becomes one. */
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>

const struct text *text_new(struct nix *x, str s)
{
	struct text *t = raw(x, sizeof *t + s.n + 1);

	t->n = s.n;
	if (s.n)
		memcpy(t->b, s.p, s.n);
	t->b[s.n] = '\0';
	return t;
}

void set_str(struct nix *x, struct val *v, str s)
{
	val_text(v, s.n ? text_new(x, s) : x->v_empty_text.u.text, NULL);
}

struct buf *buf_borrow(struct nix *x)
{
	if (x->nborrowed == x->borrowed.n) {
		struct buf *b = mem_make(struct buf);

		vec_push(&x->borrowed, b);
	}
	return x->borrowed.p[x->nborrowed++];
}

void buf_return(struct nix *x, struct buf *b)
{
	b->n = 0;
	x->nborrowed--;
}

/* ---- contexts ---- */

const struct context *context_one(struct nix *x, sym e)
{
	struct context *c = raw(x, sizeof *c + sizeof c->e[0]);

	c->n = 1;
	c->e[0] = e;
	return c;
}

static bool contains_all(const struct context *a, const struct context *b)
{
	uint32_t i = 0;

	for (uint32_t j = 0; j < b->n; j++) {
		while (i < a->n && a->e[i] < b->e[j])
			i++;
		if (i == a->n || a->e[i] != b->e[j])
			return false;
	}
	return true;
}

const struct context *context_union(struct nix *x, const struct context *a, const struct context *b)
{
	struct context *c;
	uint32_t i = 0, j = 0;

	if (!a || !b || a == b)
		return a ? a : b;
	if (a->n >= b->n && contains_all(a, b))
		return a;
	if (b->n > a->n && contains_all(b, a))
		return b;
	c = raw(x, sizeof *c + ((size_t)a->n + b->n) * sizeof c->e[0]);
	c->n = 0;
	while (i < a->n || j < b->n) {
		if (j == b->n || (i < a->n && a->e[i] < b->e[j])) {
			c->e[c->n++] = a->e[i++];
		} else {
			i += i < a->n && a->e[i] == b->e[j];
			c->e[c->n++] = b->e[j++];
		}
	}
	return c;
}

static int by_text(const void *a, const void *b)
{
	return sym_cmp(*(const sym *)a, *(const sym *)b);
}

sym *context_sorted(struct nix *x, const struct context *c)
{
	sym *out = raw(x, c->n * sizeof *out);

	memcpy(out, c->e, c->n * sizeof *out);
	qsort(out, c->n, sizeof *out, by_text);
	return out;
}

/* ---- what becomes a string ---- */

static void coerce_source(struct nix *x, str path, struct buf *out, const struct context **c)
{
	str stored = path_store(x, path, path_base(path), true, NULL, NULL);

	buf_str(out, stored);
	*c = context_union(x, *c, context_one(x, intern(stored)));
}

static void coerce_list(struct nix *x, struct val *v, unsigned flags, struct buf *out,
		const struct context **c, const struct expr *at)
{
	size_t n = list_len(v);

	for (size_t i = 0; i < n; i++) {
		struct val *item = v->u.items[i];

		coerce(x, item, flags, out, c, at);
		if (i + 1 < n && (val_tag(item) != T_LIST || list_len(item) != 0))
			buf_c(out, ' ');
	}
}

static void coerce_set(struct nix *x, struct val *v, unsigned flags, struct buf *out,
		const struct context **c, const struct expr *at)
{
	const struct attr *a = attrs_find(v->u.attrs, x->w.to_string);
	struct val result, *self;

	if (a) {
		self = cell(x);
		*self = *v;
		call(x, a->v, &self, 1, &result);
		coerce(x, &result, flags, out, c, at);
		return;
	}
	a = attrs_find(v->u.attrs, x->w.out_path);
	if (!a)
		fail(x, DIAG_NIX_COERCE, at, "a set cannot become a string; it has neither __toString nor outPath");
	coerce(x, a->v, flags, out, c, at);
}

void coerce(struct nix *x, struct val *v, unsigned flags, struct buf *out, const struct context **c,
		const struct expr *at)
{
	nix_deep(x);
	nix_room(x, out);
	force(x, v);
	switch (val_tag(v)) {
	case T_STRING:
		buf_str(out, val_str(v));
		*c = context_union(x, *c, val_context(v));
		return;
	case T_PATH:
		if (flags & COERCE_COPY)
			coerce_source(x, val_str(v), out, c);
		else
			buf_str(out, val_str(v));
		return;
	case T_ATTRS: coerce_set(x, v, flags, out, c, at); return;
	default: break;
	}
	if (!(flags & COERCE_MORE))
		fail(x, DIAG_NIX_COERCE, at, "%s cannot become a string", type_article(v));
	switch (val_tag(v)) {
	case T_INT: buf_fmt(out, "%lld", (long long)v->u.i); break;
	case T_FLOAT: buf_fmt(out, "%f", v->u.f); break;
	case T_BOOL:
		if (v->u.i)
			buf_c(out, '1');
		break;
	case T_NULL: break;
	case T_LIST: coerce_list(x, v, flags, out, c, at); break;
	default: fail(x, DIAG_NIX_COERCE, at, "%s cannot become a string", type_article(v));
	}
}

const struct text *coerce_text(struct nix *x, struct val *v, unsigned flags, const struct context **c,
		const struct expr *at)
{
	struct buf *b;
	const struct text *t;

	force(x, v);
	if (val_tag(v) == T_STRING) {
		*c = context_union(x, *c, val_context(v));
		return v->u.text;
	}
	b = buf_borrow(x);
	coerce(x, v, flags, b, c, at);
	t = text_new(x, buf_view(b));
	buf_return(x, b);
	return t;
}

/* ---- interpolation and + ---- */

/* Numbers are summed as long as all are numbers. */
static void add_numbers(struct nix *x, struct val *const *parts, uint32_t n, const struct expr *at, struct val *out)
{
	struct val sum = *parts[0];

	for (uint32_t i = 1; i < n; i++) {
		if (val_tag(parts[i]) != T_INT && val_tag(parts[i]) != T_FLOAT)
			fail(x, DIAG_NIX_TYPE, at, "%s cannot be added to %s", type_article(parts[i]),
					type_article(&sum));
		arithmetic(x, EX_ADD, &sum, parts[i], at, &sum);
	}
	*out = sum;
}

static void add_paths(struct nix *x, const struct context *c, struct buf *b, const struct expr *at, struct val *out)
{
	if (c)
		fail(x, DIAG_NIX_CONTEXT, at, "a string that refers to a store path cannot be appended to a path");
	if (memchr(b->p, '\0', b->n))
		fail(x, DIAG_NIX_VALUE, at, "a path cannot contain a NUL byte");
	val_path(out, text_new(x, path_canonical(x, buf_view(b))));
}

/* The kind of the first part decides what all become. */
void add(struct nix *x, struct val *const *parts, uint32_t n, bool interpolated, const struct expr *at,
		struct val *out)
{
	const struct context *c = NULL;
	enum tag first = interpolated ? T_STRING : val_tag(parts[0]);
	struct buf *b;

	if (first == T_INT || first == T_FLOAT) {
		add_numbers(x, parts, n, at, out);
		return;
	}
	b = buf_borrow(x);
	for (uint32_t i = 0; i < n; i++)
		coerce(x, parts[i], first == T_STRING ? COERCE_COPY : 0, b, &c, at);
	if (first == T_PATH)
		add_paths(x, c, b, at, out);
	else
		val_text(out, text_new(x, buf_view(b)), c);
	buf_return(x, b);
}

void eval_text(struct nix *x, const struct ex_many *e, struct env *env, struct val *out)
{
	struct val few[8], *vals = e->n <= SL_COUNT(few) ? few : raw(x, e->n * sizeof *vals);
	struct val *some[SL_COUNT(few)], **parts = e->n <= SL_COUNT(few) ? some : raw(x, e->n * sizeof *parts);

	for (uint32_t i = 0; i < e->n; i++)
		parts[i] = eval_ref(x, e->e[i], env, &vals[i]);
	add(x, parts, e->n, !e->x.flag, &e->x, out);
}
