/* Which part of the source a message is about: along a path into a term, and to what binds a name. */
#include "check.h"
#include "children.h"

/* ---- what is bound around a term ---- */

struct bound {
	sym name;
	const struct term *value; /* of a let; NULL: of a function */
};

struct around {
	VEC(struct bound) bound; /* outermost first */
};

static bool holds(const struct term *t, const struct term *part)
{
	return t && t->lo <= part->lo && part->hi <= t->hi;
}

static const struct term *child_with(const struct term *t, const struct term *part)
{
	struct term_stack todo = {0};
	const struct term *found = NULL;

	term_children(&todo, t);
	while (todo.n && !found) {
		const struct term *child = vec_pop(&todo);

		if (holds(child, part))
			found = child;
	}
	vec_free(&todo);
	return found;
}

/* One step from t towards the part that it holds. */
static const struct term *towards(struct around *a, const struct term *t, const struct term *part)
{
	switch (t->kind) {
	case TERM_LET:
		if (holds(t->u.let.value, part))
			return t->u.let.value;
		if (holds(t->u.let.type, part))
			return t->u.let.type;
		vec_push(&a->bound, ((struct bound){t->u.let.name, t->u.let.value}));
		return t->u.let.body;
	case TERM_LAMBDA:
	case TERM_PI:
		if (holds(t->u.bind.a, part))
			return t->u.bind.a;
		vec_push(&a->bound, ((struct bound){t->u.bind.name, NULL}));
		return t->u.bind.b;
	default: return child_with(t, part);
	}
}

/* false when the part is none of the unit's source. */
static bool look_around(const struct check *c, const struct term *part, struct around *a)
{
	const struct term *t = c->unit->term;

	while (part->hi && t && t != part)
		t = towards(a, t, part);
	return t == part;
}

/* What a variable is bound to by a let of the same text. */
static const struct term *binding(const struct check *c, const struct term *var)
{
	struct around a = {0};
	const struct term *value = NULL;

	if (look_around(c, var, &a) && var->u.var.index < a.bound.n)
		value = a.bound.p[a.bound.n - 1 - var->u.var.index].value;
	vec_free(&a.bound);
	return value;
}

bool point_near(struct check *c, struct diag *d, const struct term *var)
{
	struct around a = {0};
	sym *names, near;
	size_t n = 0;

	(void)look_around(c, var, &a);
	names = arena_array(&c->s->arena, sym, a.bound.n + BUILTIN_COUNT);
	while (a.bound.n) /* the innermost first */
		names[n++] = vec_pop(&a.bound).name;
	for (unsigned b = 0; b < BUILTIN_COUNT; b++)
		names[n++] = intern(builtin_name(b));
	near = check_near(var->u.var.name, names, n);
	if (near)
		diag_hint(c->s->diags, d, "did you mean '%.*s'?", STR_ARG(sym_str(near)));
	vec_free(&a.bound);
	return near != 0;
}

/* ---- into a term ---- */

/* Through what says nothing by itself; through names only where `names`. */
static const struct term *inner(const struct check *c, const struct term *t, bool names)
{
	for (;;) {
		const struct term *next = NULL;

		if (t->kind == TERM_LET)
			next = t->u.let.body;
		else if (t->kind == TERM_ANNOT)
			next = t->u.two.a;
		else if (t->kind == TERM_VAR && names)
			next = binding(c, t);
		if (!next)
			return t;
		t = next;
	}
}

static const struct term *field_of(const struct term *t, sym name)
{
	const struct term_field *f = t->u.fields.fields;

	for (uint32_t i = 0; i < t->n; i++)
		if (f[i].name == name)
			return f[i].value;
	return NULL;
}

static bool applies(const struct term *t, enum builtin b)
{
	return t->kind == TERM_APP && t->u.two.a->kind == TERM_BUILTIN && t->u.two.a->sub == b;
}

static const struct term *down(const struct term *t, const struct turn *turn)
{
	bool function = t->kind == TERM_LAMBDA || t->kind == TERM_PI;

	switch (turn->kind) {
	case TURN_FIELD:
		return t->kind == TERM_RECORD || t->kind == TERM_RECORD_TYPE || t->kind == TERM_UNION ? field_of(t, turn->name)
												      : NULL;
	case TURN_ITEM: return t->kind == TERM_LIST ? t->u.list.items[0] : applies(t, BUILTIN_LIST) ? t->u.two.b : NULL;
	case TURN_OPTIONAL:
		return t->kind == TERM_SOME ? t->u.one.a : applies(t, BUILTIN_OPTIONAL) ? t->u.two.b : NULL;
	case TURN_PARAMETER: return function ? t->u.bind.a : NULL;
	case TURN_RESULT: return function ? t->u.bind.b : NULL;
	case TURN_OTHER: break;
	}
	return NULL;
}

const struct term *point_at(const struct check *c, const struct term *t, const struct turn *turns, size_t n, bool names)
{
	const struct term *at = t;

	for (size_t i = 0; i < n; i++) {
		t = down(inner(c, t, names), &turns[i]);
		if (!t)
			break;
		if (t->hi)
			at = t;
	}
	return at;
}

const struct term *point_parameter(const struct check *c, const struct term *head, size_t nth)
{
	const struct term *t = inner(c, head, true);

	for (; nth && t->kind == TERM_LAMBDA; nth--)
		t = inner(c, t->u.bind.b, false);
	return t->kind == TERM_LAMBDA && t->hi ? t->u.bind.a : NULL;
}
