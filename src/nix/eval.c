/* Expressions into values: the machine walks the syntax tree; what is not needed yet becomes a thunk.
 *
 * nix_eval() writes a value in weak head normal form.  What stands in tail position (if, let, with, assert)
 * is gone on with in place; a function's body is not, so that every call has a frame in traces, and
 * endless recursion ends at the stack's floor. */
#include "machine.h"

struct val *delay(struct nix *x, const struct expr *e, struct env *env)
{
	struct val *v;

	switch (e->kind) {
	case EX_CONST: return &AS(ex_const, e)->v;
	case EX_VAR: {
		struct env *at = env;

		for (uint32_t up = AS(ex_var, e)->up; up; up--)
			at = at->up;
		v = at->v[AS(ex_var, e)->slot];
		if (v) /* a slot of a scope that is being made may be empty */
			return v;
		break;
	}
	case EX_LAMBDA:
		v = cell(x);
		v->head = head_of(T_LAMBDA, e) | UNSEEN;
		v->u.env = env;
		return v;
	case EX_LIST:
		if (AS(ex_many, e)->n == 0)
			return &x->v_empty_list;
		break;
	default: break;
	}
	v = cell(x);
	v->head = head_of(T_THUNK, e);
	v->u.env = env;
	return v;
}

/* ---- forcing ---- */

SL_NORETURN static void fail_hole(struct nix *x, struct val *v)
{
	const struct expr *at = NULL;
	size_t from = 0;

	for (size_t i = 0; i < x->frames.n; i++)
		if (x->frames.p[i].kind == FRAME_FORCE && x->frames.p[i].v == v) {
			from = i;
			if ((x->frames.p[i].head & 0xff) == T_THUNK)
				at = (const struct expr *)(uintptr_t)(x->frames.p[i].head >> 16);
		}
	x->cycle = from;
	fail(x, DIAG_NIX_RECURSION, at, "infinite recursion encountered");
}

void force_slow(struct nix *x, struct val *v)
{
	uint64_t head = v->head;
	const void *p = val_ptr(v);
	struct val *u = v->u.value;

	nix_deep(x);
	nix_step(x);
	switch (val_tag(v)) {
	case T_THUNK:
		frame_push(x, v, head, u, FRAME_FORCE);
		v->head = T_HOLE;
		if (SL_UNLIKELY(x->profile != NULL))
			profile_enter(x, p);
		nix_eval(x, p, (struct env *)u, v);
		if (SL_UNLIKELY(x->profile != NULL))
			profile_leave(x);
		frame_pop(x);
		break;
	case T_APP:
		frame_push(x, v, head, u, FRAME_FORCE);
		v->head = T_HOLE;
		call(x, (struct val *)(uintptr_t)p, &u, 1, v);
		frame_pop(x);
		break;
	case T_HOLE: fail_hole(x, v);
	default: break;
	}
}

struct val *eval_ref(struct nix *x, const struct expr *e, struct env *env, struct val *tmp)
{
	if (e->kind == EX_VAR) {
		struct val *v;

		for (uint32_t up = AS(ex_var, e)->up; up; up--)
			env = env->up;
		v = env->v[AS(ex_var, e)->slot];
		force(x, v);
		return v;
	}
	if (e->kind == EX_CONST)
		return &AS(ex_const, e)->v;
	nix_eval(x, e, env, tmp);
	return tmp;
}

/* ---- names ---- */

void eval_with_var(struct nix *x, const struct ex_var *e, struct env *env, struct val *out)
{
	for (uint32_t up = e->up; up; up--)
		env = env->up;
	for (;;) {
		const struct ex_with *w = (const struct ex_with *)env->v[1];
		struct val *set = env->v[0];
		const struct attr *a;

		force(x, set);
		if (val_tag(set) != T_ATTRS)
			fail(x, DIAG_NIX_TYPE, w->set, "a 'with' needs a set, and this is %s", type_article(set));
		a = attrs_find(set->u.attrs, e->name);
		if (a) {
			force(x, a->v);
			*out = *a->v;
			return;
		}
		if (!w->up)
			fail(x, DIAG_NIX_UNDEFINED, &e->x, "the variable '%.*s' is not defined",
					STR_ARG(sym_str(e->name)));
		for (uint32_t up = w->up; up; up--)
			env = env->up;
	}
}

static struct env *with_env(struct nix *x, const struct ex_with *w, struct env *env)
{
	struct env *inner = raw(x, sizeof *inner + 2 * sizeof inner->v[0]);

	inner->up = env;
	inner->v[0] = delay(x, w->set, env);
	inner->v[1] = (struct val *)(uintptr_t)w;
	return inner;
}

/* ---- attribute paths ---- */

/* What is near: an attribute that was probably meant. */
static void suggest(struct nix *x, struct attrs *a, sym name)
{
	unsigned best = 3;
	sym near = 0;

	attrs_flat(&x->mem, a);
	for (uint32_t i = 0; i < a->n; i++) {
		unsigned d = str_distance(sym_str(a->e[i].name), sym_str(name), best - 1);

		if (d < best && d < sym_str(name).n) {
			best = d;
			near = a->e[i].name;
		}
	}
	if (near)
		hint_next(x, "did you mean '%.*s'?", STR_ARG(sym_str(near)));
}

void fail_missing(struct nix *x, const struct expr *at, struct attrs *a, sym name)
{
	suggest(x, a, name);
	fail(x, DIAG_NIX_MISSING, at, "the attribute '%.*s' is missing", STR_ARG(sym_str(name)));
}

static sym step_name(struct nix *x, const struct step *s, struct env *env)
{
	struct val tmp, *v;

	if (s->name)
		return s->name;
	v = eval_ref(x, s->dynamic, env, &tmp);
	if (val_tag(v) != T_STRING)
		fail(x, DIAG_NIX_TYPE, s->dynamic, "an attribute's name must be a string, and this is %s",
				type_article(v));
	return intern(val_str(v));
}

void eval_select(struct nix *x, const struct ex_select *e, struct env *env, struct val *out)
{
	struct val tmp, *v = eval_ref(x, e->from, env, &tmp);

	for (uint32_t i = 0; i < e->n; i++) {
		sym name = step_name(x, &e->path[i], env);
		const struct attr *a = NULL;

		if (val_tag(v) == T_ATTRS)
			a = attrs_find(v->u.attrs, name);
		if (!a && e->fallback) {
			nix_eval(x, e->fallback, env, out);
			return;
		}
		if (!a && val_tag(v) == T_ATTRS)
			fail_missing(x, &e->x, v->u.attrs, name);
		if (!a)
			fail(x, DIAG_NIX_TYPE, &e->x,
					"'%.*s' is selected from %s; only sets have attributes", STR_ARG(sym_str(name)), type_article(v));
		v = a->v;
		force(x, v);
	}
	*out = *v;
}

bool eval_has(struct nix *x, const struct ex_select *e, struct env *env)
{
	struct val tmp, *v = eval_ref(x, e->from, env, &tmp);

	for (uint32_t i = 0; i < e->n; i++) {
		sym name = step_name(x, &e->path[i], env);
		const struct attr *a;

		force(x, v);
		if (val_tag(v) != T_ATTRS)
			return false;
		a = attrs_find(v->u.attrs, name);
		if (!a)
			return false;
		v = a->v;
	}
	return true;
}

/* ---- lists and conditions ---- */

static void eval_list(struct nix *x, const struct ex_many *e, struct env *env, struct val *out)
{
	struct val **items = raw(x, e->n * sizeof *items);

	for (uint32_t i = 0; i < e->n; i++)
		items[i] = delay(x, e->e[i], env);
	val_list(out, items, e->n);
}

bool want_bool_at(struct nix *x, struct val *v, const struct expr *at)
{
	if (val_tag(v) != T_BOOL)
		fail(x, DIAG_NIX_TYPE, at, "a Boolean is needed here, and this is %s", type_article(v));
	return v->u.i;
}

static bool eval_bool(struct nix *x, const struct expr *e, struct env *env)
{
	struct val tmp;

	return want_bool_at(x, eval_ref(x, e, env, &tmp), e);
}

SL_NORETURN static void fail_assert(struct nix *x, const struct expr *condition)
{
	struct nix_file *f = files_at(&x->files, condition->lo);
	str s = f ? str_of(f->text.p + (condition->lo - f->base), condition->hi - condition->lo) : S("?");

	fail(x, DIAG_NIX_ASSERT, condition, "the assertion '%.*s'%s does not hold", STR_ARG(str_upto(s,
			200)), s.n > 200 ? "…" : "");
}

static void eval_short(struct nix *x, const struct ex_three *e, struct env *env, struct val *out)
{
	bool a = eval_bool(x, e->a, env), b;

	switch (e->x.kind) {
	case EX_AND: b = a && eval_bool(x, e->b, env); break;
	case EX_OR: b = a || eval_bool(x, e->b, env); break;
	case EX_IMPLIES: b = !a || eval_bool(x, e->b, env); break;
	default: b = !a; break;
	}
	val_bool(out, b);
}

static void eval_position(struct nix *x, const struct expr *e, struct val *out)
{
	position_value(x, e->lo, out);
}

/* ---- the walk ---- */

void nix_eval(struct nix *x, const struct expr *e, struct env *env, struct val *out)
{
	struct val *v;

	nix_deep(x);
again:
	switch ((enum expr_kind)e->kind) {
	case EX_CONST: *out = AS(ex_const, e)->v; return;
	case EX_VAR:
		for (uint32_t up = AS(ex_var, e)->up; up; up--)
			env = env->up;
		v = env->v[AS(ex_var, e)->slot];
		force(x, v);
		*out = *v;
		return;
	case EX_WITH_VAR: eval_with_var(x, AS(ex_var, e), env, out); return;
	case EX_SELECT: eval_select(x, AS(ex_select, e), env, out); return;
	case EX_HAS: val_bool(out, eval_has(x, AS(ex_select, e), env)); return;
	case EX_ATTRS: eval_attrs(x, AS(ex_attrs, e), env, out); return;
	case EX_LET:
		env = eval_let(x, AS(ex_attrs, e), env);
		e = AS(ex_attrs, e)->body;
		goto again;
	case EX_LIST: eval_list(x, AS(ex_many, e), env, out); return;
	case EX_LAMBDA:
		out->head = head_of(T_LAMBDA, e);
		out->u.env = env;
		return;
	case EX_CALL: eval_call(x, AS(ex_call, e), env, out); return;
	case EX_WITH:
		env = with_env(x, AS(ex_with, e), env);
		e = AS(ex_with, e)->body;
		goto again;
	case EX_IF:
		e = eval_bool(x, AS(ex_three, e)->a, env) ? AS(ex_three, e)->b : AS(ex_three, e)->c;
		goto again;
	case EX_ASSERT:
		if (!eval_bool(x, AS(ex_three, e)->a, env))
			fail_assert(x, AS(ex_three, e)->a);
		e = AS(ex_three, e)->b;
		goto again;
	case EX_NOT: case EX_AND: case EX_OR: case EX_IMPLIES: eval_short(x, AS(ex_three, e), env, out); return;
	case EX_TEXT: eval_text(x, AS(ex_many, e), env, out); return;
	case EX_POS: eval_position(x, e, out); return;
	default: eval_binary(x, AS(ex_three, e), env, out); return;
	}
}
