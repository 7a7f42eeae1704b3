/* In which universe a type is: the type of a type, read off its value.  The answer depends on nothing
 * but the value, so it is kept in the value's flags. */
#include "check.h"

static int universe_max(int a, int b)
{
	if (a == UNIVERSE_NONE || b == UNIVERSE_NONE)
		return UNIVERSE_NONE;
	return a > b ? a : b;
}

static int of_fields(struct check *c, struct val *v, struct env *e)
{
	int u = CONST_TYPE;

	for (uint32_t i = 0; i < v->n; i++)
		if (v->u.rec.fields[i])
			u = universe_max(u, universe_of(c, v->u.rec.fields[i], e));
	return u;
}

static int of_pi(struct check *c, const struct pi *pi, struct env *e)
{
	struct val *x = val_variable(c->s, pi->name, e->depth, pi->domain);
	struct env *inner = check_push(c, e, x, pi->domain);
	int in = universe_of(c, pi->domain, e);
	int out = universe_of(c, pi_apply(c->s, pi, x), inner);

	if (in != UNIVERSE_NONE && out == CONST_TYPE)
		return CONST_TYPE;
	return universe_max(in, out);
}

/* The type of a variable, or of a variable applied or selected from; NULL for the rest. */
static struct val *neutral_type(struct check *c, struct val *v)
{
	struct val *t;
	uint32_t i;

	session_deep(c->s);
	switch ((enum val_kind)v->kind) {
	case VAL_VAR: return v->u.var.type ? val_force(c->s, v->u.var.type) : NULL;
	case VAL_APP:
		t = neutral_type(c, v->u.two.a);
		return t && t->kind == VAL_PI ? pi_apply(c->s, t->u.pi, v->u.two.b) : NULL;
	case VAL_FIELD:
		t = neutral_type(c, v->u.field.rec);
		if (!t || t->kind != VAL_RECORD_TYPE)
			return NULL;
		i = shape_find(t->u.rec.shape, v->u.field.name);
		return i == SHAPE_NONE ? NULL : val_force(c->s, t->u.rec.fields[i]);
	default: return NULL;
	}
}

static int of_neutral(struct check *c, struct val *v, struct env *e)
{
	struct val *t = neutral_type(c, v);

	if (!t) /* rare: a type that is computed by if, merge, toMap … on a variable */
		t = check_force(c, quote(c->s, &c->s->arena, v, e->depth, QUOTE_PLAIN), e);
	return t->kind == VAL_CONST ? t->sub : UNIVERSE_NONE;
}

static int compute(struct check *c, struct val *v, struct env *e)
{
	switch ((enum val_kind)v->kind) {
	case VAL_CONST: return v->sub == CONST_SORT ? UNIVERSE_NONE : v->sub + 1;
	case VAL_BUILTIN:
		return v->n == 0 && v->sub >= BUILTIN_BOOL && v->sub <= BUILTIN_TIMEZONE
				       ? (int)CONST_TYPE
				       : UNIVERSE_NONE;
	case VAL_LIST_TYPE:
	case VAL_OPTIONAL_TYPE:
	case VAL_EQUIVALENT: return CONST_TYPE;
	case VAL_RECORD_TYPE:
	case VAL_UNION_TYPE: return of_fields(c, v, e);
	case VAL_PI: return of_pi(c, v->u.pi, e);
	case VAL_VAR:
	case VAL_APP:
	case VAL_IF:
	case VAL_OP:
	case VAL_FIELD:
	case VAL_MERGE: return of_neutral(c, v, e);
	default: return UNIVERSE_NONE;
	}
}

int universe_of(struct check *c, struct val *v, struct env *e)
{
	unsigned known;
	int u;

	session_deep(c->s);
	val_force(c->s, v);
	if (v->kind == VAL_BUILTIN || v->kind == VAL_CONST)
		return compute(c, v, e);
	known = (v->flags & VAL_SORT_MASK) >> VAL_SORT_SHIFT;
	if (known)
		return (int)known - 1;
	u = compute(c, v, e);
	if (u != UNIVERSE_NONE)
		v->flags |= (uint16_t)((u + 1) << VAL_SORT_SHIFT);
	return u;
}
