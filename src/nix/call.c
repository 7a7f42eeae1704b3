/* Calls: functions, builtins, and sets with __functor. */
#include "machine.h"

/* ---- functions that take a set apart ---- */

SL_NORETURN static void fail_argument(struct nix *x, const struct ex_lambda *l, sym name, bool missing)
{
	str who = l->x.name ? str_fmt(&x->mem, "'%.*s'", STR_ARG(sym_str(l->x.name))) : S("an anonymous function");

	if (!missing) {
		const char *near = NULL;
		unsigned best = 3;

		for (uint32_t i = 0; i < l->n; i++) {
			unsigned d = str_distance(sym_str(l->formals[i].name), sym_str(name), best - 1);

			if (d < best) {
				best = d;
				near = sym_str(l->formals[i].name).p;
			}
		}
		if (near)
			hint_next(x, "did you mean '%s'?", near);
	}
	fail_at(x, DIAG_NIX_ARGUMENT, l->x.lo, l->x.hi,
			missing ? "%.*s is called without the argument '%.*s'" : "%.*s is called with the argument '%.*s', which it does not take",
			STR_ARG(who), STR_ARG(sym_str(name)));
}

/* The first attribute that no formal takes. */
SL_NORETURN static void fail_unexpected(struct nix *x, const struct ex_lambda *l, const struct attrs *a)
{
	for (uint32_t i = 0; i < a->n; i++) {
		bool known = false;

		for (uint32_t j = 0; j < l->n; j++)
			known |= l->formals[j].name == a->e[i].name;
		if (!known)
			fail_argument(x, l, a->e[i].name, false);
	}
	fail(x, DIAG_INTERNAL, &l->x, "an argument is counted twice");
}

/* Both are sorted by sym: where they have similar lengths one walk finds all. */
static uint32_t take(struct nix *x, const struct ex_lambda *l, struct attrs *a, struct val **slots)
{
	uint32_t found = 0, at = 0;
	bool walk = !a->base && a->n <= l->n * 4 + 8;

	for (uint32_t i = 0; i < l->n; i++) {
		sym name = l->formals[i].name;
		const struct attr *hit = NULL;

		if (walk) {
			while (at < a->n && a->e[at].name < name)
				at++;
			if (at < a->n && a->e[at].name == name)
				hit = &a->e[at];
		} else {
			hit = attrs_find(a, name);
		}
		slots[i] = hit ? hit->v : NULL;
		found += hit != NULL;
		if (!hit && !l->formals[i].fallback)
			fail_argument(x, l, name, true);
	}
	return found;
}

static struct env *bind_set(struct nix *x, const struct ex_lambda *l, struct env *up, struct val *arg)
{
	struct env *env = raw(x, sizeof *env + l->slots * sizeof env->v[0]);
	struct val **slots = env->v + (l->arg != 0);
	uint32_t found;

	force(x, arg);
	if (val_tag(arg) != T_ATTRS)
		fail_at(x, DIAG_NIX_TYPE, l->x.lo, l->x.hi,
				"this function takes a set, and is called with %s", type_article(arg));
	env->up = up;
	if (l->arg)
		env->v[0] = arg;
	if (!l->ellipsis)
		attrs_flat(&x->mem, arg->u.attrs);
	found = take(x, l, arg->u.attrs, slots);
	if (!l->ellipsis && found != arg->u.attrs->n)
		fail_unexpected(x, l, arg->u.attrs);
	for (uint32_t i = 0; i < l->n; i++)
		if (!slots[i])
			slots[i] = delay(x, l->formals[i].fallback, env);
	return env;
}

static void call_lambda(struct nix *x, const struct ex_lambda *l, struct env *up, struct val *arg, struct val *out)
{
	struct env *env;

	if (l->x.flag) {
		env = bind_set(x, l, up, arg);
	} else {
		env = raw(x, sizeof *env + sizeof env->v[0]);
		env->up = up;
		env->v[0] = arg;
	}
	nix_eval(x, l->body, env, out);
}

/* ---- builtins ---- */

static void partial(struct nix *x, const struct primop *p, struct val *const *first, uint32_t n,
		struct val *const *more, uint32_t m,
		struct val *out)
{
	struct partial *held = raw(x, sizeof *held + (n + m) * sizeof held->args[0]);

	held->primop = p;
	held->n = n + m;
	if (n)
		memcpy(held->args, first, n * sizeof *first);
	memcpy(held->args + n, more, m * sizeof *more);
	out->head = T_PARTIAL;
	out->u.partial = held;
}

#define ARITY_MAX 4

/* How many of the arguments were taken. */
static uint32_t call_primop(struct nix *x, const struct primop *p, const struct partial *held,
		struct val **args, uint32_t n,
		struct val *out)
{
	uint32_t have = held ? held->n : 0;
	struct val *all[ARITY_MAX];

	if (have + n < p->arity) {
		partial(x, p, held ? held->args : NULL, have, args, n, out);
		return n;
	}
	if (have == 0) {
		p->fn(x, args, out);
		return p->arity;
	}
	memcpy(all, held->args, have * sizeof *all);
	memcpy(all + have, args, (p->arity - have) * sizeof *all);
	p->fn(x, all, out);
	return p->arity - have;
}

/* ---- calling ---- */

static void call_functor(struct nix *x, struct val *f, struct val *out)
{
	const struct attr *a = attrs_find(f->u.attrs, x->w.functor);
	struct val *self = cell(x);

	if (!a)
		fail(x, DIAG_NIX_TYPE, NULL, "a set without __functor is called like a function");
	*self = *f;
	call(x, a->v, &self, 1, out);
}

/* Calls f with one argument or more; the result goes to out.  Returns how many were taken. */
static uint32_t call_some(struct nix *x, struct val *f, struct val **args, uint32_t n, struct val *out)
{
	const struct partial *held;

	switch (val_tag(f)) {
	case T_LAMBDA:
		call_lambda(x, val_ptr(f), f->u.env, args[0], out);
		return 1;
	case T_PRIMOP: return call_primop(x, f->u.primop, NULL, args, n, out);
	case T_PARTIAL:
		held = f->u.partial;
		return call_primop(x, held->primop, held, args, n, out);
	case T_ATTRS:
		call_functor(x, f, out);
		return 0;
	default: fail(x, DIAG_NIX_TYPE, NULL, "%s is called like a function", type_article(f));
	}
}

void call(struct nix *x, struct val *f, struct val **args, uint32_t n, struct val *out)
{
	struct val g, result;

	nix_deep(x);
	nix_step(x);
	force(x, f);
	if (n == 1 && val_tag(f) == T_LAMBDA) {
		call_lambda(x, val_ptr(f), f->u.env, args[0], out);
		return;
	}
	while (n) {
		uint32_t taken = call_some(x, f, args, n, &result);

		args += taken;
		n -= taken;
		g = result;
		f = &g;
	}
	*out = g;
}

void eval_call(struct nix *x, const struct ex_call *e, struct env *env, struct val *out)
{
	struct val f, *fp, *few[8], **args = e->n <= SL_COUNT(few) ? few : raw(x, e->n * sizeof *args);
	uint32_t n = e->n, at = 0;

	nix_step(x);
	fp = eval_ref(x, e->f, env, &f);
	frame_push(x, NULL, 0, e, FRAME_CALL);
	if (val_tag(fp) == T_LAMBDA && n == 1) {
		call_lambda(x, val_ptr(fp), fp->u.env, delay(x, e->args[0], env), out);
		frame_pop(x);
		return;
	}
	for (uint32_t i = 0; i < n; i++)
		args[i] = delay(x, e->args[i], env);
	while (at < n) {
		struct val result;

		at += call_some(x, fp, args + at, n - at, &result);
		f = result;
		fp = &f;
	}
	*out = f;
	frame_pop(x);
}

void auto_call(struct nix *x, struct val *f, struct attrs *args, struct val *out)
{
	const struct ex_lambda *l;
	struct attrs *a;
	struct val *arg;

	force(x, f);
	if (val_tag(f) == T_ATTRS && attrs_find(f->u.attrs, x->w.functor)) {
		struct val *g = cell(x);

		call_functor(x, f, g);
		auto_call(x, g, args, out);
		return;
	}
	l = val_tag(f) == T_LAMBDA ? val_ptr(f) : NULL;
	if (!l || !l->x.flag) {
		*out = *f;
		return;
	}
	a = attrs_new(&x->mem, l->n + (args ? args->n : 0));
	for (uint32_t i = 0; args && i < args->n; i++) {
		bool wanted = l->ellipsis;

		for (uint32_t j = 0; j < l->n; j++)
			wanted |= l->formals[j].name == args->e[i].name;
		if (wanted)
			attrs_put(a, args->e[i].name, 0, args->e[i].v);
	}
	attrs_end(a);
	for (uint32_t i = 0; i < l->n; i++)
		if (!l->formals[i].fallback && !attrs_find(a, l->formals[i].name))
			fail_at(x, DIAG_NIX_ARGUMENT, l->x.lo, l->x.hi,
					"the argument '%.*s' of this function has no default and is not given",
					STR_ARG(sym_str(l->formals[i].name)));
	arg = cell(x);
	val_attrs(arg, a);
	call_lambda(x, l, f->u.env, arg, out);
}
