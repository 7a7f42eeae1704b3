/* Type inference: unions, merge, showConstructor. */
#include "check.h"

struct val *check_union(struct check *c, const struct term *t, struct env *e)
{
	enum term_const max = CONST_TYPE, u;
	struct path here = {0, 0, c->path};

	if (shape_plan(c->s, t)->shape->n != t->n) {
		check_error(c, DIAG_DUPLICATE_NAME, t, "an alternative is there twice");
		check_fail(c);
	}
	c->path = &here;
	for (uint32_t i = 0; i < t->n; i++) {
		const struct term_field *f = &t->u.fields.fields[i];

		here.name = f->name;
		if (!f->value)
			continue;
		u = check_type(c, f->value, e, "what stands after ':'");
		max = u > max ? u : max;
	}
	c->path = here.up;
	return c->s->consts[max];
}

static const struct term *embedded(struct check *c, struct val *v)
{
	struct term *t = arena_make(&c->s->arena, struct term);

	t->kind = TERM_VALUE;
	t->u.one.a = (const struct term *)(const void *)v;
	return t;
}

struct val *check_alternative(struct check *c, const struct term *t, struct val *u, struct env *e)
{
	uint32_t i = shape_find(u->u.rec.shape, t->u.field.name);
	struct pi *pi;
	struct val *v;
	struct diag *d;

	if (i == SHAPE_NONE) {
		d = check_error(c, DIAG_NO_ALTERNATIVE, t, "the union has no alternative '%.*s'",
				STR_ARG(sym_str(t->u.field.name)));
		if (!check_hint_name(c, d, t->u.field.name, u->u.rec.shape))
			diag_note(c->s->diags, d, NO_SPAN, "the union is %s", check_show(c, u, e));
		check_fail(c);
	}
	if (!u->u.rec.fields[i])
		return u;
	pi = arena_raw(&c->s->arena, sizeof *pi, _Alignof(struct pi));
	*pi = (struct pi){t->u.field.name, u->u.rec.fields[i], embedded(c, u), &env_empty};
	v = val_new(c->s, VAL_PI);
	v->u.pi = pi;
	return v;
}

/* ---- merge ---- */

struct merging {
	struct check *c;
	const struct term *t;
	struct env *e;
	struct val *handlers;      /* record type */
	struct val *annotation;    /* or NULL */
	struct val *result;        /* NULL until known */
	sym result_of;             /* the handler it came from */
	bool optional;
};

static struct span handler_span(struct merging *m, sym name)
{
	const struct term *h = m->t->u.three.a;

	if (h->kind == TERM_RECORD)
		for (uint32_t i = 0; i < h->n; i++)
			if (h->u.fields.fields[i].name == name && h->u.fields.fields[i].hi)
				return (struct span){m->c->unit->file, h->u.fields.fields[i].lo,
						h->u.fields.fields[i].hi};
	return check_span(m->c, h);
}

static struct diag *handler_error(struct merging *m, enum diag_code code, sym name, const char *text)
{
	struct diag *d = check_error(m->c, code, m->t->u.three.a, "the handler '%.*s' %s",
			STR_ARG(sym_str(name)), text);

	d->at = handler_span(m, name);
	return d;
}

/* The result of a handler for an alternative with payload. */
static struct val *handler_result(struct merging *m, sym name, struct val *handler, struct val *payload)
{
	struct check *c = m->c;
	struct val *x, *result;
	struct env *inner;
	struct diag *d;

	val_force(c->s, handler);
	if (handler->kind != VAL_PI) {
		d = handler_error(m, DIAG_HANDLER, name,
				"is not a function, and the alternative has a value");
		diag_note(c->s->diags, d, NO_SPAN, "it has type %s; the alternative holds %s",
				check_show(c, handler, m->e), check_show(c, payload, m->e));
		diag_hint(c->s->diags, d, "write: %.*s = \\(x : %s) -> …", STR_ARG(sym_str(name)),
				check_show(c, payload, m->e));
		check_fail(c);
	}
	if (!val_equal(c->s, payload, handler->u.pi->domain)) {
		d = handler_error(m, DIAG_HANDLER, name,
				"takes another type than the alternative holds");
		diag_note(c->s->diags, d, NO_SPAN, "it takes %s; the alternative holds %s",
				check_show(c, handler->u.pi->domain, m->e),
				check_show(c, payload, m->e));
		diff_notes(c, d, payload, handler->u.pi->domain, m->e);
		check_fail(c);
	}
	x = val_variable(c->s, handler->u.pi->name, m->e->depth, payload);
	inner = check_push(c, m->e, x, payload);
	result = pi_apply(c->s, handler->u.pi, x);
	if (quote_mentions(c->s, result, m->e->depth, inner->depth)) {
		d = handler_error(m, DIAG_HANDLER, name, "has a result type that depends on the value");
		diag_note(c->s->diags, d, NO_SPAN, "the result type is %s",
				check_show(c, result, inner));
		check_fail(c);
	}
	return result;
}

static void merge_alternative(struct merging *m, sym name, struct val *payload)
{
	struct check *c = m->c;
	uint32_t i = shape_find(m->handlers->u.rec.shape, name);
	struct val *result;
	struct diag *d;

	if (i == SHAPE_NONE) {
		d = check_error(c, DIAG_HANDLER_MISSING, m->t->u.three.a,
				"there is no handler for the alternative '%.*s'",
				STR_ARG(sym_str(name)));
		if (payload)
			diag_hint(c->s->diags, d, "add: %.*s = \\(x : %s) -> …", STR_ARG(sym_str(name)),
					check_show(c, payload, m->e));
		else
			diag_hint(c->s->diags, d, "add: %.*s = …", STR_ARG(sym_str(name)));
		check_fail(c);
	}
	result = m->handlers->u.rec.fields[i];
	if (payload)
		result = handler_result(m, name, result, payload);
	if (!m->result) {
		m->result = result;
		m->result_of = name;
	}
	if (m->annotation && !val_equal(c->s, m->annotation, result)) {
		d = handler_error(m, DIAG_HANDLER_RESULT, name, "does not give the annotated type");
		diag_note(c->s->diags, d, NO_SPAN, "%s", diff_text(c, m->annotation, result, m->e));
		diff_notes(c, d, m->annotation, result, m->e);
		check_fail(c);
	}
	if (!val_equal(c->s, m->result, result)) {
		d = handler_error(m, DIAG_HANDLER_RESULT, name, "gives another type than the others");
		diag_note(c->s->diags, d, handler_span(m, m->result_of),
				"'%.*s' gives %s, '%.*s' gives %s", STR_ARG(sym_str(m->result_of)),
				check_show(c, m->result, m->e), STR_ARG(sym_str(name)),
				check_show(c, result, m->e));
		diff_notes(c, d, m->result, result, m->e);
		check_fail(c);
	}
}

/* Handlers that no alternative asks for. */
static void merge_unused(struct merging *m, const struct val *u)
{
	const struct shape *have = m->handlers->u.rec.shape;
	struct diag *d;

	for (uint32_t i = 0; i < have->n; i++) {
		sym name = have->names[i];

		if (m->optional ? name == m->c->s->name_none || name == m->c->s->name_some
				: shape_find(u->u.rec.shape, name) != SHAPE_NONE)
			continue;
		d = handler_error(m, DIAG_HANDLER_UNUSED, name, "is for no alternative of the union");
		if (!m->optional)
			check_hint_name(m->c, d, name, u->u.rec.shape);
		check_fail(m->c);
	}
}

struct val *check_merge(struct check *c, const struct term *t, struct env *e)
{
	struct merging m = {.c = c, .t = t, .e = e};
	struct val *u;
	struct diag *d;

	m.handlers = check_force(c, t->u.three.a, e);
	if (m.handlers->kind != VAL_RECORD_TYPE) {
		check_error(c, DIAG_MERGE, t->u.three.a,
				"the handlers of 'merge' are not a record: they have type %s",
				check_show(c, m.handlers, e));
		check_fail(c);
	}
	u = check_force(c, t->u.three.b, e);
	if (u->kind != VAL_UNION_TYPE && u->kind != VAL_OPTIONAL_TYPE) {
		check_error(c, DIAG_MERGE, t->u.three.b,
				"'merge' takes apart what is neither a union nor an Optional: it has type %s",
				check_show(c, u, e));
		check_fail(c);
	}
	if (t->u.three.c) {
		check_type(c, t->u.three.c, e, "the annotation of 'merge'");
		m.annotation = eval_later(c->s, t->u.three.c, e);
	}
	m.optional = u->kind == VAL_OPTIONAL_TYPE;
	merge_unused(&m, u);
	if (m.optional) {
		merge_alternative(&m, c->s->name_none, NULL);
		merge_alternative(&m, c->s->name_some, u->u.one.a);
		return m.result;
	}
	for (uint32_t i = 0; i < u->n; i++)
		merge_alternative(&m, u->u.rec.shape->names[i], u->u.rec.fields[i]);
	if (!m.result)
		m.result = m.annotation;
	if (!m.result) {
		d = check_error(c, DIAG_MERGE, t, "'merge' of an empty union needs an annotation");
		diag_hint(c->s->diags, d, "merge {=} x : T");
		check_fail(c);
	}
	return m.result;
}

struct val *check_show_constructor(struct check *c, const struct term *t, struct env *e)
{
	struct val *u = check_force(c, t->u.one.a, e);

	if (u->kind != VAL_UNION_TYPE && u->kind != VAL_OPTIONAL_TYPE) {
		check_error(c, DIAG_SHOW_CONSTRUCTOR, t->u.one.a,
				"the argument of 'showConstructor' is neither a union nor an Optional: it has type %s",
				check_show(c, u, e));
		check_fail(c);
	}
	return c->s->builtins[BUILTIN_TEXT];
}
