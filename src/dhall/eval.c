/* Evaluation to weak head normal form: an eval/apply machine over terms.
 *
 * Tail positions loop instead of recursing: the body of a let and of a lambda, the branches of an if,
 * the head of an application.  Arguments that wait for their function stand on s->args; an activation
 * owns those above its base.  Chains of one operator are walked from the left end, so their length
 * costs no stack; other nesting recurses and is bounded by session_deep. */
#include "session.h"
#include "unit.h"

struct env env_empty = {NULL, &env_empty, &env_empty, 0};

static void args_grow(struct dhall *s)
{
	s->args_cap = s->args_cap ? s->args_cap * 2 : 256;
	s->args = mem_realloc(s->args, mem_size(s->args_cap, sizeof *s->args));
}

static inline void args_push(struct dhall *s, struct val *v)
{
	if (SL_UNLIKELY(s->nargs == s->args_cap))
		args_grow(s);
	s->args[s->nargs++] = v;
}

static struct val *closure(struct dhall *s, enum val_kind kind, const struct term *t, struct env *e)
{
	struct val *v = val_new(s, kind);

	v->u.clos.t = t;
	v->u.clos.e = e;
	return v;
}

static struct val *free_variable(struct dhall *s, const struct term *t)
{
	struct val *v = val_new(s, VAL_FREE);

	v->n = t->u.var.at;
	v->u.var.name = t->u.var.name;
	v->u.var.type = NULL;
	return v;
}

static struct val *literal(struct dhall *s, enum val_kind kind, const struct term *t)
{
	struct val *v = val_new(s, kind);

	v->u.term = t;
	return v;
}

static struct val *double_value(struct dhall *s, double d)
{
	struct val *v = val_new(s, VAL_DOUBLE);

	v->u.dbl = d;
	return v;
}

/* A closed term that stands in several places of a published type: one value for all. */
static struct val *shared_term(struct dhall *s, const struct term *t)
{
	struct val *v = ptr_map_get(&s->shared, t, NULL);

	if (!v) {
		v = closure(s, VAL_THUNK, t, &env_empty);
		ptr_map_put(s, &s->shared, t, NULL, v);
	}
	return v;
}

/* x.name where x is a record that is there already: selecting is cheaper than a thunk. */
static struct val *ready_field(const struct term *t, struct env *e)
{
	const struct term *from = t->u.field.a;
	struct val *v;
	uint32_t i;

	if (from->kind != TERM_VAR || from->u.var.index == VAR_FREE)
		return NULL;
	v = env_get(e, from->u.var.index);
	if (v->kind != VAL_RECORD)
		return NULL;
	i = shape_find(v->u.rec.shape, t->u.field.name);
	return i == SHAPE_NONE ? NULL : v->u.rec.fields[i];
}

/* [ x ] # rest where rest is there already and has room in front: the list is cheaper than a thunk. */
static struct val *ready_prepend(struct dhall *s, const struct term *t, struct env *e)
{
	const struct term *one = t->u.two.a, *from = t->u.two.b;
	struct val *rest = NULL;

	if (t->sub != OP_LIST_APPEND || one->kind != TERM_LIST || one->n != 1)
		return NULL;
	if (from->kind == TERM_FIELD)
		rest = ready_field(from, e);
	else if (from->kind == TERM_VAR && from->u.var.index != VAR_FREE)
		rest = env_get(e, from->u.var.index);
	if (!rest || !list_grows(rest))
		return NULL;
	return list_prepend(s, eval_later(s, one->u.list.items[0], e), rest);
}

struct val *eval_later_slow(struct dhall *s, const struct term *t, struct env *e)
{
	struct val *v;

	switch (t->kind) {
	case TERM_VAR: return free_variable(s, t);
	case TERM_LAMBDA: return closure(s, VAL_LAMBDA, t, e);
	case TERM_ANNOT: return eval_later(s, t->u.two.a, e);
	case TERM_CONST: return s->consts[t->sub];
	case TERM_BUILTIN: return s->builtins[t->sub];
	case TERM_BOOL: return s->bools[t->sub];
	case TERM_NATURAL: return val_natural(s, t->u.num);
	case TERM_INTEGER: return val_integer(s, t->u.num);
	case TERM_TEXT:
		if (t->n == 0)
			return text_of(s, t->u.text.tail);
		break;
	case TERM_IMPORT:
		if (t->u.import->target)
			return unit_value(s, t->u.import->target);
		break;
	case TERM_FIELD:
		v = ready_field(t, e);
		if (v)
			return v;
		break;
	case TERM_OP:
		v = ready_prepend(s, t, e);
		if (v)
			return v;
		break;
	case TERM_VALUE: return term_value(t);
	default: break;
	}
	if (t->flags & TERM_FLAG_SHARED)
		return shared_term(s, t);
	return closure(s, VAL_THUNK, t, e);
}

static struct val *eval_items(struct dhall *s, const struct term *t, struct env *e)
{
	struct val **items = arena_raw(&s->arena, mem_size(t->n, sizeof *items), _Alignof(struct val *));

	for (uint32_t i = 0; i < t->n; i++)
		items[i] = eval_later(s, t->u.list.items[i], e);
	return list_of(s, items, t->n);
}

/* ---- chains of one operator ---- */

/* How many operands the chain has: l op m op r is three. */
static size_t chain_length(const struct term *t)
{
	unsigned op = t->sub;
	size_t n = 1;

	for (; t->kind == TERM_OP && t->sub == op; t = t->u.two.a)
		n++;
	return n;
}

static const struct term **chain_terms(struct dhall *s, const struct term *t, size_t n)
{
	const struct term **terms =
			arena_raw(&s->arena, mem_size(n, sizeof *terms), _Alignof(struct term *));

	for (size_t i = n - 1; i > 0; i--, t = t->u.two.a)
		terms[i] = t->u.two.b;
	terms[0] = t;
	return terms;
}

/* One step from the left.  A Bool that decides needs no right side. */
static struct val *chain_step(struct dhall *s, enum term_op op, struct val *l,
		const struct term *r, struct env *e)
{
	if (l->kind == VAL_BOOL && ((op == OP_OR && l->sub) || (op == OP_AND && !l->sub)))
		return l;
	return eval_operator(s, op, l, eval(s, r, e));
}

/* [ x ] # rest: the items go straight in front of what rest is. */
static struct val *prepend_literal(struct dhall *s, const struct term *t, struct env *e)
{
	struct val *rest = eval(s, t->u.two.b, e), *items;

	if (t->u.two.a->n == 1)
		return list_prepend(s, eval_later(s, t->u.two.a->u.list.items[0], e), rest);
	items = eval_items(s, t->u.two.a, e);
	return eval_operator(s, OP_LIST_APPEND, items, rest);
}

static struct val *eval_pair(struct dhall *s, const struct term *t, struct env *e)
{
	enum term_op op = t->sub;
	struct val *parts[2];

	if (op == OP_LIST_APPEND && t->u.two.a->kind == TERM_LIST)
		return prepend_literal(s, t, e);
	parts[0] = eval(s, t->u.two.a, e);
	if (op != OP_TEXT_APPEND)
		return chain_step(s, op, parts[0], t->u.two.b, e);
	parts[1] = eval(s, t->u.two.b, e);
	return text_concat(s, parts, 2);
}

static struct val *eval_chain(struct dhall *s, const struct term *t, struct env *e, size_t n)
{
	enum term_op op = t->sub;
	const struct term **terms = chain_terms(s, t, n);
	struct val **vals, *v;

	if (op == OP_TEXT_APPEND || op == OP_PREFER || op == OP_COMBINE || op == OP_COMBINE_TYPES) {
		vals = arena_raw(&s->arena, mem_size(n, sizeof *vals), _Alignof(struct val *));
		for (size_t i = 0; i < n; i++)
			vals[i] = eval(s, terms[i], e);
		return op == OP_TEXT_APPEND ? text_concat(s, vals, n) : record_chain(s, op, vals, n);
	}
	v = eval(s, terms[0], e);
	for (size_t i = 1; i < n; i++)
		v = chain_step(s, op, v, terms[i], e);
	return v;
}

static struct val *eval_op(struct dhall *s, const struct term *t, struct env *e)
{
	size_t n;

	if (t->sub == OP_EQUIVALENT)
		return val_two(s, VAL_EQUIVALENT, 0, eval_later(s, t->u.two.a, e),
				eval_later(s, t->u.two.b, e));
	if (scalar_is_pair(t))
		return word_value(s, scalar_pair(s, t, e));
	n = chain_length(t);
	return n == 2 ? eval_pair(s, t, e) : eval_chain(s, t, e, n);
}

/* ---- what is stuck, or ends in something that is applied ---- */

struct val *eval_if(struct dhall *s, struct val *c, const struct term *then, const struct term *other,
		struct env *e)
{
	struct val *l = eval(s, then, e), *r = eval(s, other, e);

	if (l->kind == VAL_BOOL && r->kind == VAL_BOOL && l->sub && !r->sub)
		return c;
	if (val_equal(s, l, r))
		return l;
	return val_three(s, VAL_IF, c, l, r);
}

/* The handler's field for what u is, and the payload it is applied to (NULL: none); NULL when stuck. */
static struct val *merge_handler(struct dhall *s, struct val *handlers, struct val *u,
		struct val **payload)
{
	sym name;
	uint32_t i;

	*payload = NULL;
	switch (u->kind) {
	case VAL_ALTERNATIVE:
		name = val_force(s, u->u.alt.type)->u.rec.shape->names[u->n];
		*payload = u->u.alt.payload;
		break;
	case VAL_SOME:
		name = s->name_some;
		*payload = u->u.one.a;
		break;
	case VAL_NONE: name = s->name_none; break;
	default: return NULL;
	}
	if (handlers->kind != VAL_RECORD)
		return NULL;
	i = shape_find(handlers->u.rec.shape, name);
	return i == SHAPE_NONE ? NULL : val_force(s, handlers->u.rec.fields[i]);
}

static struct val *merge_term(struct dhall *s, const struct term *t, struct env *e)
{
	struct val *handlers = eval(s, t->u.three.a, e);
	struct val *u = eval(s, t->u.three.b, e), *payload;
	struct val *handler = merge_handler(s, handlers, u, &payload);

	if (!handler)
		return val_three(s, VAL_MERGE, handlers, u,
				t->u.three.c ? eval_later(s, t->u.three.c, e) : NULL);
	if (payload)
		args_push(s, payload);
	return handler;
}

static struct val *show_constructor(struct dhall *s, struct val *u)
{
	switch (u->kind) {
	case VAL_ALTERNATIVE:
		return text_of(s, sym_str(val_force(s, u->u.alt.type)->u.rec.shape->names[u->n]));
	case VAL_SOME: return text_of(s, S("Some"));
	case VAL_NONE: return text_of(s, S("None"));
	default: return val_one(s, VAL_SHOW_CONSTRUCTOR, u);
	}
}

static struct val *complete(struct dhall *s, const struct term *t, struct env *e)
{
	struct val *schema = eval(s, t->u.two.a, e);

	return record_prefer(s, record_field(s, schema, s->name_default), eval(s, t->u.two.b, e));
}

static struct val *import_value(struct dhall *s, const struct term *t)
{
	const struct import *im = t->u.import;

	if (im->target)
		return val_force(s, unit_value(s, im->target));
	return im->replacement ? eval(s, im->replacement, &env_empty) : literal(s, VAL_IMPORT, t);
}

/* The forms whose value is made at once, with the parts left for later. */
static struct val *eval_form(struct dhall *s, const struct term *t, struct env *e)
{
	struct val *v;

	switch ((enum term_kind)t->kind) {
	case TERM_DOUBLE: return double_value(s, t->u.dbl);
	case TERM_BYTES: return literal(s, VAL_BYTES, t);
	case TERM_DATE: return literal(s, VAL_DATE, t);
	case TERM_TIME: return literal(s, VAL_TIME, t);
	case TERM_TIMEZONE: return literal(s, VAL_TIMEZONE, t);
	case TERM_TEXT: return text_term(s, t, e);
	case TERM_LIST: return eval_items(s, t, e);
	case TERM_EMPTY: return list_empty(s, eval_later(s, t->u.one.a, e));
	case TERM_SOME: return val_one(s, VAL_SOME, eval_later(s, t->u.one.a, e));
	case TERM_ASSERT: return val_one(s, VAL_ASSERT, eval_later(s, t->u.one.a, e));
	case TERM_RECORD:
	case TERM_RECORD_TYPE:
	case TERM_UNION: return record_term(s, t, e);
	case TERM_FIELD:
		v = ready_field(t, e);
		return v ? val_force(s, v) : record_field(s, eval(s, t->u.field.a, e), t->u.field.name);
	case TERM_PROJECT:
		return record_project(s, eval(s, t->u.project.a, e),
				shape_of_names(s, t->u.project.names, t->n));
	case TERM_PROJECT_TYPE:
		return record_project_type(s, eval(s, t->u.two.a, e), eval(s, t->u.two.b, e));
	case TERM_COMPLETE: return complete(s, t, e);
	case TERM_WITH:
		return record_with(s, eval(s, t->u.with.a, e), t->u.with.path, t->n,
				eval_later(s, t->u.with.b, e));
	case TERM_TOMAP:
		return record_to_map(s, eval(s, t->u.two.a, e),
				t->u.two.b ? eval_later(s, t->u.two.b, e) : NULL);
	case TERM_SHOW_CONSTRUCTOR: return show_constructor(s, eval(s, t->u.one.a, e));
	case TERM_IMPORT: return import_value(s, t);
	default: return val_force(s, eval_later(s, t, e));
	}
}

static struct val *pi_value(struct dhall *s, const struct term *t, struct env *e)
{
	struct val *v = val_new(s, VAL_PI);
	struct pi *pi = arena_raw(&s->arena, sizeof *pi, _Alignof(struct pi));

	pi->name = t->u.bind.name;
	pi->domain = eval_later(s, t->u.bind.a, e);
	pi->body = t->u.bind.b;
	pi->env = e;
	v->u.pi = pi;
	return v;
}

/* What is not a lambda, applied. */
static struct val *apply_other(struct dhall *s, struct val *f, struct val *x)
{
	if (f->kind == VAL_BUILTIN && f->n < builtin_arity(f->sub))
		return builtin_apply(s, f, x);
	if (f->kind == VAL_CONSTRUCTOR) {
		struct val *v = val_new(s, VAL_ALTERNATIVE);

		v->n = f->n;
		v->u.alt.type = f->u.alt.type;
		v->u.alt.payload = x;
		return v;
	}
	return val_two(s, VAL_APP, 0, f, x);
}

/* Evaluates t in e, or goes on with v when t is NULL, and applies it to the arguments above base. */
static struct val *machine(struct dhall *s, const struct term *t, struct env *e, struct val *v,
		size_t base)
{
	struct word w;

	session_deep(s);
	if (!t)
		goto have;
tail:
	session_step(s);
	switch ((enum term_kind)t->kind) {
	case TERM_APP:
		v = scalar_call(s, t, e);
		if (v)
			break;
		args_push(s, eval_later(s, t->u.two.b, e));
		t = t->u.two.a;
		goto tail;
	case TERM_LET:
		e = env_push(&s->arena, e, eval_later(s, t->u.let.value, e));
		t = t->u.let.body;
		goto tail;
	case TERM_LAMBDA:
		if (s->nargs > base) {
			e = env_push(&s->arena, e, s->args[--s->nargs]);
			t = t->u.bind.b;
			goto tail;
		}
		return closure(s, VAL_LAMBDA, t, e);
	case TERM_ANNOT:
		t = t->u.two.a;
		goto tail;
	case TERM_VAR:
		v = t->u.var.index == VAR_FREE ? free_variable(s, t)
					       : val_force(s, env_get(e, t->u.var.index));
		break;
	case TERM_IF:
		w = scalar_condition(s, t->u.three.a, e);
		if (word_is_bool(w)) {
			t = word_true(w) ? t->u.three.b : t->u.three.c;
			goto tail;
		}
		v = eval_if(s, word_value(s, w), t->u.three.b, t->u.three.c, e);
		break;
	case TERM_OP:
		if (t->sub == OP_ALTERNATIVE) {
			t = t->flags & TERM_FLAG_RIGHT ? t->u.two.b : t->u.two.a;
			goto tail;
		}
		v = eval_op(s, t, e);
		break;
	case TERM_MERGE: v = merge_term(s, t, e); break;
	case TERM_PI: v = pi_value(s, t, e); break;
	default: v = eval_form(s, t, e); break;
	}
have:
	while (s->nargs > base) {
		struct val *x = s->args[--s->nargs];

		if (v->kind == VAL_LAMBDA) {
			e = env_push(&s->arena, v->u.clos.e, x);
			t = v->u.clos.t->u.bind.b;
			goto tail;
		}
		v = apply_other(s, v, x);
	}
	return v;
}

struct val *eval(struct dhall *s, const struct term *t, struct env *e)
{
	if (t->kind == TERM_VAR && t->u.var.index != VAR_FREE)
		return val_force(s, env_get(e, t->u.var.index));
	return machine(s, t, e, NULL, s->nargs);
}

struct val *eval_apply(struct dhall *s, struct val *f, struct val *x)
{
	size_t base = s->nargs;

	if (val_force(s, f)->kind == VAL_LAMBDA)
		return lambda_apply(s, f, x);
	args_push(s, x);
	return machine(s, NULL, NULL, f, base);
}

struct val *eval_apply2(struct dhall *s, struct val *f, struct val *x, struct val *y)
{
	const struct term *inner = val_force(s, f)->kind == VAL_LAMBDA ? f->u.clos.t->u.bind.b : NULL;
	size_t base = s->nargs;
	struct env *e;

	if (inner && inner->kind == TERM_LAMBDA) {
		e = env_push(&s->arena, f->u.clos.e, x);
		return eval(s, inner->u.bind.b, env_push(&s->arena, e, y));
	}
	args_push(s, y);
	args_push(s, x);
	return machine(s, NULL, NULL, f, base);
}

static struct val *force_lazy(struct dhall *s, struct val *v)
{
	switch ((enum lazy_op)v->sub) {
	case LAZY_APPLY: return eval_apply(s, v->u.two.a, v->u.two.b);
	case LAZY_COMBINE: return record_combine(s, val_force(s, v->u.two.a), val_force(s, v->u.two.b));
	case LAZY_COMBINE_TYPES:
		return record_combine_types(s, val_force(s, v->u.two.a), val_force(s, v->u.two.b));
	case LAZY_WITH: {
		const struct with *w = v->u.with.with;

		return record_with(s, val_force(s, v->u.with.rec), w->path, w->n, w->value);
	}
	case LAZY_FOLD: return fold_force(s, v->u.fold);
	}
	return v;
}

void val_force_slow(struct dhall *s, struct val *v)
{
	struct where here = {v->kind == VAL_THUNK ? v->u.thunk.t : NULL, s->where};
	struct young y;
	struct val *r;

	session_deep(s);
	s->where = &here;
	young_begin(s, &y);
	r = v->kind == VAL_THUNK ? eval(s, v->u.thunk.t, v->u.thunk.e) : force_lazy(s, v);
	s->where = here.up;
	if (young_scalar(r)) {
		*v = *r;
		if (young_end(s, &y))
			young_rewind(s, &y);
		return;
	}
	young_end(s, &y);
	young_written(s, v);
	*v = *r;
}
