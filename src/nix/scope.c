/* Names become addresses: how many environments up, and which slot there.  A table by sym says what each
 * name means at the place where the walk is; entering a scope changes it, leaving puts it back.  So a
 * name costs one look, whatever the depth.
 *
 * Level 1 is the globals; each rec, let, function and `with` is a level more.  A name that no scope
 * binds is looked for in the sets of the `with`s around it, when it is evaluated. */
#include "machine.h"

#include <stdlib.h>

struct scope {
	struct nix *x;
	uint32_t level;
	uint32_t with; /* level of the innermost `with`; 0: none */
};

static void walk(struct scope *s, struct expr *e);

static struct bound *bound_of(struct nix *x, sym name)
{
	if (name >= x->bound_cap) {
		size_t cap = x->bound_cap ? x->bound_cap : 4096;

		while (cap <= name)
			cap *= 2;
		x->bound = mem_realloc(x->bound, mem_size(cap, sizeof *x->bound));
		memset(x->bound + x->bound_cap, 0, (cap - x->bound_cap) * sizeof *x->bound);
		x->bound_cap = cap;
	}
	return &x->bound[name];
}

static void bind(struct scope *s, sym name, uint32_t slot)
{
	struct bound *b = bound_of(s->x, name);
	struct binder old = {name, *b};

	vec_push(&s->x->binders, old);
	*b = (struct bound){s->level, slot};
}

static void unbind(struct scope *s, size_t mark)
{
	while (s->x->binders.n > mark) {
		struct binder b = vec_pop(&s->x->binders);

		s->x->bound[b.name] = b.old;
	}
}

static void see_var(struct scope *s, struct ex_var *v)
{
	struct bound b = *bound_of(s->x, v->name);

	if (b.level) {
		v->up = s->level - b.level;
		v->slot = b.slot;
	} else if (s->with) {
		v->x.kind = EX_WITH_VAR;
		v->up = s->level - s->with;
	} else if (s->x->unbound) {
		map_put(s->x->unbound, sym_str(v->name), NULL);
	} else {
		fail_at(s->x, DIAG_NIX_UNDEFINED, v->x.lo, v->x.hi, "the variable '%.*s' is not defined",
				STR_ARG(sym_str(v->name)));
	}
}

static int by_sym(const void *a, const void *b)
{
	const struct binding *x = a, *y = b;

	return x->name < y->name ? -1 : x->name > y->name;
}

/* Names that a text says first have rising syms, so many sets are in order as they are written. */
static bool is_sorted(const struct ex_attrs *a)
{
	for (uint32_t i = 1; i < a->n; i++)
		if (a->b[i - 1].name > a->b[i].name)
			return false;
	return true;
}

/* `inherit x` looks outside, so it is seen while the set's own names are not bound. */
static void see_attrs(struct scope *s, struct ex_attrs *a)
{
	bool own = a->x.kind == EX_LET || a->x.flag;
	struct scope inner = *s;
	size_t mark = s->x->binders.n;

	if (!is_sorted(a))
		qsort(a->b, a->n, sizeof *a->b, by_sym);
	a->table = NULL;
	for (uint32_t i = 0; i < a->n; i++)
		if (a->b[i].kind == BIND_OUTER)
			walk(s, a->b[i].e);
	if (own) {
		inner.level++;
		for (uint32_t i = 0; i < a->n; i++) {
			bind(&inner, a->b[i].name, i);
			if (a->b[i].name == s->x->w.overrides && a->x.kind == EX_ATTRS)
				a->overrides = i + 1;
		}
	}
	for (uint32_t i = 0; i < a->n; i++)
		if (a->b[i].kind != BIND_OUTER)
			walk(&inner, a->b[i].e);
	for (uint32_t i = 0; i < a->ndynamics; i++) {
		walk(&inner, a->dynamics[i].name);
		walk(&inner, a->dynamics[i].e);
	}
	if (a->body)
		walk(&inner, a->body);
	unbind(s, mark);
}

static void see_lambda(struct scope *s, struct ex_lambda *l)
{
	struct scope inner = *s;
	size_t mark = s->x->binders.n;
	uint32_t slot = 0;

	inner.level++;
	if (l->arg)
		bind(&inner, l->arg, slot++);
	for (uint32_t i = 0; i < l->n; i++)
		bind(&inner, l->formals[i].name, slot++);
	for (uint32_t i = 0; i < l->n; i++)
		if (l->formals[i].fallback)
			walk(&inner, l->formals[i].fallback);
	walk(&inner, l->body);
	unbind(s, mark);
}

static void see_with(struct scope *s, struct ex_with *w)
{
	struct scope inner = *s;

	walk(s, w->set);
	inner.level++;
	inner.with = inner.level;
	w->up = s->with ? inner.level - s->with : 0;
	walk(&inner, w->body);
}

static void see_select(struct scope *s, struct ex_select *e)
{
	if (!e->x.flag)
		walk(s, e->from);
	for (uint32_t i = 0; i < e->n; i++)
		if (e->path[i].dynamic)
			walk(s, e->path[i].dynamic);
	if (e->fallback)
		walk(s, e->fallback);
}

static void see_many(struct scope *s, struct expr **e, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		walk(s, e[i]);
}

static void see_three(struct scope *s, struct ex_three *e)
{
	walk(s, e->a);
	if (e->b)
		walk(s, e->b);
	if (e->c)
		walk(s, e->c);
}

static void walk(struct scope *s, struct expr *e)
{
	nix_deep(s->x);
	switch ((enum expr_kind)e->kind) {
	case EX_CONST: break;
	case EX_POS: break;
	case EX_VAR: see_var(s, AS(ex_var, e)); break;
	case EX_WITH_VAR: break;
	case EX_SELECT: see_select(s, AS(ex_select, e)); break;
	case EX_HAS: see_select(s, AS(ex_select, e)); break;
	case EX_ATTRS: see_attrs(s, AS(ex_attrs, e)); break;
	case EX_LET: see_attrs(s, AS(ex_attrs, e)); break;
	case EX_LIST: see_many(s, AS(ex_many, e)->e, AS(ex_many, e)->n); break;
	case EX_TEXT: see_many(s, AS(ex_many, e)->e, AS(ex_many, e)->n); break;
	case EX_LAMBDA: see_lambda(s, AS(ex_lambda, e)); break;
	case EX_CALL:
		walk(s, AS(ex_call, e)->f);
		see_many(s, AS(ex_call, e)->args, AS(ex_call, e)->n);
		break;
	case EX_WITH: see_with(s, AS(ex_with, e)); break;
	default: see_three(s, AS(ex_three, e)); break;
	}
}

void scope_bind(struct nix *x, struct expr *e, const struct attrs *names)
{
	struct scope s = {x, 1, 0};

	unbind(&s, 0); /* what an error left */
	for (uint32_t i = 0; i < x->global_names->n; i++)
		*bound_of(x, x->global_names->b[i].name) = (struct bound){1, i};
	if (names) {
		s.level++;
		for (uint32_t i = 0; i < names->n; i++)
			bind(&s, names->e[i].name, i);
	}
	walk(&s, e);
	unbind(&s, 0);
}
