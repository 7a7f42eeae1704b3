/* Attribute sets and lets as they are evaluated. */
#include "machine.h"

/* With __overrides a slot may change after others have looked: nothing is taken from it before. */
static struct val *thunk(struct nix *x, const struct expr *e, struct env *env)
{
	struct val *v = cell(x);

	v->head = head_of(T_THUNK, e);
	v->u.env = env;
	return v;
}

/* The slots of a rec or let.  Slots are empty until their turn, which delay() knows. */
static struct env *own_env(struct nix *x, const struct ex_attrs *e, struct env *up)
{
	struct env *env = raw(x, sizeof *env + e->n * sizeof env->v[0]);

	env->up = up;
	memset(env->v, 0, e->n * sizeof env->v[0]);
	for (uint32_t i = 0; i < e->n; i++)
		env->v[i] = e->overrides && e->b[i].kind != BIND_OUTER ? thunk(x, e->b[i].e, env) :
				delay(x, e->b[i].e, e->b[i].kind == BIND_OUTER ? up : env);
	return env;
}

struct env *eval_let(struct nix *x, const struct ex_attrs *e, struct env *env)
{
	return own_env(x, e, env);
}

/* What __overrides says replaces the attributes, for the set and for those who refer to them. */
static struct attrs *overridden(struct nix *x, const struct ex_attrs *e, struct env *env, struct attrs *set)
{
	struct val *v = env->v[e->overrides - 1];
	struct attrs *over;

	force(x, v);
	if (val_tag(v) != T_ATTRS)
		fail(x, DIAG_NIX_TYPE, e->b[e->overrides - 1].e,
				"__overrides must be a set, and this is %s", type_article(v));
	over = attrs_flat(&x->mem, v->u.attrs);
	for (uint32_t i = 0; i < e->n; i++) {
		const struct attr *a = attrs_find(over, e->b[i].name);

		if (a)
			env->v[i] = a->v;
	}
	return attrs_flat(&x->mem, attrs_update(&x->mem, set, over));
}

static struct attrs *with_dynamics(struct nix *x, const struct ex_attrs *e, struct env *env, struct attrs *set)
{
	struct attrs *more = attrs_new(&x->mem, e->ndynamics);

	for (uint32_t i = 0; i < e->ndynamics; i++) {
		const struct dynamic *d = &e->dynamics[i];
		struct val tmp, *v = eval_ref(x, d->name, env, &tmp);
		sym name;

		if (val_tag(v) == T_NULL)
			continue;
		if (val_tag(v) != T_STRING)
			fail(x, DIAG_NIX_TYPE, d->name,
					"an attribute's name must be a string, and this is %s", type_article(v));
		name = intern(val_str(v));
		if (attrs_find(set, name))
			fail(x, DIAG_NIX_DUPLICATE, d->name, "the attribute '%.*s' is already defined",
					STR_ARG(sym_str(name)));
		for (uint32_t j = 0; j < more->n; j++)
			if (more->e[j].name == name)
				fail(x, DIAG_NIX_DUPLICATE, d->name,
						"the attribute '%.*s' is already defined", STR_ARG(sym_str(name)));
		attrs_put(more, name, d->pos, delay(x, d->e, env));
	}
	attrs_end(more);
	return more->n ? attrs_flat(&x->mem, attrs_update(&x->mem, set, more)) : set;
}

void eval_attrs(struct nix *x, const struct ex_attrs *e, struct env *env, struct val *out)
{
	struct attrs *set;

	if (e->n == 0 && e->ndynamics == 0) {
		val_attrs(out, &attrs_empty);
		return;
	}
	set = attrs_new(&x->mem, e->n);
	set->n = e->n;
	if (e->x.flag) {
		env = own_env(x, e, env);
		for (uint32_t i = 0; i < e->n; i++)
			set->e[i] = (struct attr){e->b[i].name, e->b[i].pos, env->v[i]};
	} else {
		for (uint32_t i = 0; i < e->n; i++)
			set->e[i] = (struct attr){e->b[i].name, e->b[i].pos, delay(x, e->b[i].e, env)};
	}
	if (e->overrides && e->x.flag)
		set = overridden(x, e, env, set);
	if (e->ndynamics)
		set = with_dynamics(x, e, env, set);
	val_attrs(out, set);
}
