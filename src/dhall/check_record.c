/* Type inference: records, their types and operators. */
#include "check.h"

static struct val **fields_new(struct check *c, size_t n)
{
	return arena_raw(&c->s->arena, mem_size(n, sizeof(struct val *)), _Alignof(struct val *));
}

static struct span field_span(struct check *c, const struct term_field *f)
{
	return (struct span){f->hi ? c->unit->file : 0, f->lo, f->hi};
}

/* The parser merges duplicate fields of records; in types they are an error. */
static const struct plan *distinct_plan(struct check *c, const struct term *t, const char *what)
{
	const struct plan *p = shape_plan(c->s, t);

	for (uint32_t i = 0; p->shape->n < t->n && i < t->n; i++)
		for (uint32_t j = 0; j < i; j++) {
			const struct term_field *f = t->u.fields.fields;
			struct diag *d;

			if (f[i].name != f[j].name)
				continue;
			d = check_error(c, DIAG_DUPLICATE_NAME, t, "%s '%.*s' is there twice", what,
					STR_ARG(sym_str(f[i].name)));
			d->at = f[i].hi ? field_span(c, &f[i]) : d->at;
			diag_note(c->s->diags, d, field_span(c, &f[j]), "the first one");
			check_fail(c);
		}
	return p;
}

/* ---- literals and types ---- */

struct val *check_record(struct check *c, const struct term *t, struct env *e)
{
	const struct plan *p = distinct_plan(c, t, "field");
	struct val **types = fields_new(c, p->shape->n);
	struct path here = {0, 0, c->path};

	c->path = &here;
	for (uint32_t i = 0; i < p->shape->n; i++) {
		const struct term_field *f = &t->u.fields.fields[p->from[i]];

		here.name = f->name;
		types[i] = check_infer(c, f->value, e);
		if (universe_of(c, types[i], e) == UNIVERSE_NONE) {
			check_error(c, DIAG_SORT_HAS_NO_TYPE, f->value, "a field cannot have type %s",
					check_show(c, types[i], e));
			check_fail(c);
		}
	}
	c->path = here.up;
	return record_new(c->s, VAL_RECORD_TYPE, p->shape, types);
}

struct val *check_record_type(struct check *c, const struct term *t, struct env *e)
{
	enum term_const max = CONST_TYPE, u;
	struct path here = {0, 0, c->path};

	distinct_plan(c, t, "field");
	c->path = &here;
	for (uint32_t i = 0; i < t->n; i++) {
		here.name = t->u.fields.fields[i].name;
		u = check_type(c, t->u.fields.fields[i].value, e, "what stands after ':'");
		max = u > max ? u : max;
	}
	c->path = here.up;
	return c->s->consts[max];
}

/* ---- selection ---- */

static SL_NORETURN void no_field(struct check *c, const struct term *t, sym name,
		const struct val *type, struct env *e)
{
	struct diag *d = check_error(c, DIAG_NO_FIELD, t, "the record has no field '%.*s'",
			STR_ARG(sym_str(name)));

	if (!check_hint_name(c, d, name, type->u.rec.shape))
		diag_note(c->s->diags, d, NO_SPAN, "its type is %s",
				check_show(c, (struct val *)(uintptr_t)type, e));
	check_fail(c);
}

struct val *check_field(struct check *c, const struct term *t, struct env *e)
{
	const struct term *from = t->u.field.a;
	struct val *type = check_force(c, from, e), *u;
	struct diag *d;
	uint32_t i;

	if (type->kind == VAL_RECORD_TYPE) {
		i = shape_find(type->u.rec.shape, t->u.field.name);
		if (i == SHAPE_NONE)
			no_field(c, t, t->u.field.name, type, e);
		return type->u.rec.fields[i];
	}
	if (type->kind == VAL_CONST) {
		u = eval(c->s, from, e);
		if (u->kind == VAL_UNION_TYPE)
			return check_alternative(c, t, u, e);
	}
	d = check_error(c, DIAG_NOT_A_RECORD, t,
			"'.%.*s' is selected from what is neither a record nor a union type",
			STR_ARG(sym_str(t->u.field.name)));
	diag_note(c->s->diags, d, check_span(c, from), "it has type %s", check_show(c, type, e));
	if (type->kind == VAL_OPTIONAL_TYPE)
		diag_hint(c->s->diags, d,
				"an Optional is taken apart with: merge { None = …, Some = \\(x : …) -> x.%.*s } value",
				STR_ARG(sym_str(t->u.field.name)));
	check_fail(c);
}

static struct val *record_of(struct check *c, const struct term *t, struct env *e, const char *what)
{
	struct val *type = check_force(c, t, e);

	if (type->kind != VAL_RECORD_TYPE) {
		check_error(c, DIAG_NOT_A_RECORD, t, "%s is not a record: it has type %s", what,
				check_show(c, type, e));
		check_fail(c);
	}
	return type;
}

struct val *check_project(struct check *c, const struct term *t, struct env *e)
{
	struct val *type = record_of(c, t->u.project.a, e, "what is projected");
	const struct shape *want = shape_of_names(c->s, t->u.project.names, t->n);
	struct val **types = fields_new(c, want->n);

	if (want->n != t->n) {
		check_error(c, DIAG_DUPLICATE_NAME, t, "a name is projected twice");
		check_fail(c);
	}
	for (uint32_t i = 0; i < want->n; i++) {
		uint32_t at = shape_find(type->u.rec.shape, want->names[i]);

		if (at == SHAPE_NONE)
			no_field(c, t, want->names[i], type, e);
		types[i] = type->u.rec.fields[at];
	}
	return record_new(c->s, VAL_RECORD_TYPE, want, types);
}

struct val *check_project_type(struct check *c, const struct term *t, struct env *e)
{
	struct val *type = record_of(c, t->u.two.a, e, "what is projected"), *want;

	check_infer(c, t->u.two.b, e);
	want = eval(c->s, t->u.two.b, e);
	if (want->kind != VAL_RECORD_TYPE) {
		check_error(c, DIAG_NOT_A_RECORD, t->u.two.b,
				"a projection's type is not a record type: it is %s",
				check_show(c, want, e));
		check_fail(c);
	}
	for (uint32_t i = 0; i < want->n; i++) {
		uint32_t at = shape_find(type->u.rec.shape, want->u.rec.shape->names[i]);
		struct path here = {want->u.rec.shape->names[i], 0, c->path};

		if (at == SHAPE_NONE)
			no_field(c, t, here.name, type, e);
		c->path = &here;
		check_same(c, DIAG_TYPE_MISMATCH, t, "the field does not have the projected type",
				want->u.rec.fields[i], type->u.rec.fields[at], e);
		c->path = here.up;
	}
	return want;
}

/* ---- // /\ //\\ ---- */

struct chain {
	struct check *c;
	const struct term *const *terms;
	struct env *e;
	enum term_op op;
	unsigned depth;  /* of fields that collide */
	size_t operand;  /* the right one, at depth 1 */
};

static const char *op_text(enum term_op op)
{
	return op == OP_PREFER ? "//" : op == OP_COMBINE ? "/\\" : "//\\\\";
}

static struct val *combine_types(struct chain *, struct val *l, struct val *r);

static struct val *collision(void *ud, sym name, struct val *l, struct val *r, size_t operand)
{
	struct chain *ch = ud;
	struct path here = {name, 0, ch->c->path};
	struct val *v;

	if (ch->op == OP_PREFER)
		return r;
	if (ch->depth++ == 0)
		ch->operand = operand;
	ch->c->path = &here;
	v = combine_types(ch, l, r);
	ch->c->path = here.up;
	ch->depth--;
	return v;
}

static struct val *combine_types(struct chain *ch, struct val *l, struct val *r)
{
	struct check *c = ch->c;
	struct val *both[2] = {val_force(c->s, l), val_force(c->s, r)};
	struct diag *d;

	session_deep(c->s);
	if (both[0]->kind == VAL_RECORD_TYPE && both[1]->kind == VAL_RECORD_TYPE)
		return record_merge(c->s, both, 2, collision, ch);
	d = check_error(c, DIAG_FIELD_COLLISION, ch->terms[ch->operand],
			"both sides of '%s' have this field, and it is not a record in both",
			op_text(ch->op));
	diag_note(c->s->diags, d, NO_SPAN, "on the left its type is %s, on the right %s",
			check_show(c, l, ch->e), check_show(c, r, ch->e));
	diag_hint(c->s->diags, d, "'//' prefers the right side's field");
	check_fail(c);
}

/* { a = x, a = y } means { a = x /\ y }: between such operands stands a comma. */
static bool is_repeated_field(const struct chain *ch)
{
	const struct term *l = ch->terms[0], *r = ch->terms[1];
	str between = str_upto(str_from(source_text(ch->c->unit->file), l->hi),
			r->lo > l->hi ? r->lo - l->hi : 0);

	return ch->op == OP_COMBINE && l->hi && str_find(between, ',') < between.n;
}

static struct val *operand_type(struct chain *ch, const struct term *t)
{
	struct check *c = ch->c;
	struct val *v = check_force(c, t, ch->e);
	struct diag *d;

	if (ch->op == OP_COMBINE_TYPES) {
		if (v->kind != VAL_CONST) {
			d = check_error(c, DIAG_NOT_A_RECORD, t, "an operand of '%s' is not a record type: it has type %s",
					op_text(ch->op), check_show(c, v, ch->e));
			if (v->kind == VAL_RECORD_TYPE)
				diag_hint(c->s->diags, d, "records are joined with '/\\'");
			check_fail(c);
		}
		v = eval(c->s, t, ch->e);
	} else if (v->kind != VAL_RECORD_TYPE && is_repeated_field(ch)) {
		d = check_error(c, DIAG_FIELD_COLLISION, t,
				"the field is there twice, and not as a record both times");
		diag_hint(c->s->diags, d,
				"fields that are there twice are merged when all of them are records");
		check_fail(c);
	} else if (v->kind != VAL_RECORD_TYPE) {
		d = check_error(c, DIAG_NOT_A_RECORD, t,
				"an operand of '%s' is not a record: it has type %s", op_text(ch->op),
				check_show(c, v, ch->e));
		if (v->kind == VAL_LIST_TYPE)
			diag_hint(c->s->diags, d, "lists are joined with '#'");
		else if (v->kind == VAL_CONST)
			diag_hint(c->s->diags, d, "record types are joined with '//\\\\'");
		check_fail(c);
	}
	if (v->kind != VAL_RECORD_TYPE) {
		check_error(c, DIAG_NOT_A_RECORD, t, "an operand of '%s' is not a record type: it is %s",
				op_text(ch->op), check_show(c, v, ch->e));
		check_fail(c);
	}
	return v;
}

struct val *check_merge_chain(struct check *c, const struct term *t, struct env *e)
{
	enum term_op op = t->sub;
	struct chain ch = {.c = c, .e = e, .op = op};
	const struct term **terms;
	struct val **types, *merged;
	int max = CONST_TYPE;
	size_t n = 1;

	for (const struct term *x = t; x->kind == TERM_OP && x->sub == op; x = x->u.two.a)
		n++;
	terms = arena_array(&c->s->arena, const struct term *, n);
	for (size_t i = n - 1; i > 0; i--, t = t->u.two.a)
		terms[i] = t->u.two.b;
	terms[0] = t;
	ch.terms = terms;
	types = fields_new(c, n);
	for (size_t i = 0; i < n; i++) {
		types[i] = operand_type(&ch, terms[i]);
		if (op == OP_COMBINE_TYPES) {
			int u = universe_of(c, types[i], e);

			max = u > max ? u : max;
		}
	}
	merged = record_merge(c->s, types, n, collision, &ch);
	return op == OP_COMBINE_TYPES ? c->s->consts[max] : merged;
}

/* ---- T::r ---- */

static struct val *schema_field(struct check *c, const struct term *t, const struct val *type,
		sym name, struct env *e)
{
	uint32_t i = shape_find(type->u.rec.shape, name);
	struct diag *d;

	if (i != SHAPE_NONE)
		return type->u.rec.fields[i];
	d = check_error(c, DIAG_NOT_A_SCHEMA, t, "the left side of '::' has no field '%.*s'",
			STR_ARG(sym_str(name)));
	diag_note(c->s->diags, d, NO_SPAN, "its type is %s",
			check_show(c, (struct val *)(uintptr_t)type, e));
	diag_hint(c->s->diags, d, "a schema is a record { Type = …, default = { … } }");
	check_fail(c);
}

static struct val *prefer_right(void *ud, sym name, struct val *l, struct val *r, size_t operand)
{
	(void)ud;
	(void)name;
	(void)l;
	(void)operand;
	return r;
}

struct val *check_complete(struct check *c, const struct term *t, struct env *e)
{
	struct val *schema = check_force(c, t->u.two.a, e), *both[2], *type, *merged;
	struct diag *d;

	if (schema->kind != VAL_RECORD_TYPE) {
		d = check_error(c, DIAG_NOT_A_SCHEMA, t->u.two.a,
				"the left side of '::' is not a schema: it has type %s",
				check_show(c, schema, e));
		diag_hint(c->s->diags, d, "a schema is a record { Type = …, default = { … } }");
		check_fail(c);
	}
	both[0] = val_force(c->s, schema_field(c, t->u.two.a, schema, c->s->name_default, e));
	schema_field(c, t->u.two.a, schema, c->s->name_type, e);
	both[1] = record_of(c, t->u.two.b, e, "the right side of '::'");
	if (both[0]->kind != VAL_RECORD_TYPE) {
		check_error(c, DIAG_NOT_A_SCHEMA, t->u.two.a,
				"the schema's 'default' is not a record: it has type %s",
				check_show(c, both[0], e));
		check_fail(c);
	}
	type = record_field(c->s, eval(c->s, t->u.two.a, e), c->s->name_type);
	merged = record_merge(c->s, both, 2, prefer_right, NULL);
	check_same(c, DIAG_COMPLETION, t->u.two.b, "the record does not complete to the schema's type",
			type, merged, e);
	return merged;
}

/* ---- with ---- */

struct updating {
	struct check *c;
	const struct term *t;
	struct env *e;
	struct val *value; /* its type */
};

static struct val *with_type(struct updating *, struct val *type, uint32_t at);

static struct val *with_field(struct updating *w, struct val *type, uint32_t at)
{
	struct dhall *s = w->c->s;
	sym name = w->t->u.with.path[at].name;
	uint32_t i = shape_find(type->u.rec.shape, name);
	struct path here = {name, 0, w->c->path};
	struct val *field = w->value, *both[2], **one;

	w->c->path = &here;
	if (at + 1 < w->t->n)
		field = with_type(w, i == SHAPE_NONE ? s->empty_record_type : type->u.rec.fields[i],
				at + 1);
	w->c->path = here.up;
	one = fields_new(w->c, 1);
	one[0] = field;
	both[0] = type;
	both[1] = record_new(s, VAL_RECORD_TYPE, shape_of(s, &name, 1), one);
	return record_merge(s, both, 2, prefer_right, NULL);
}

static struct val *with_type(struct updating *w, struct val *type, uint32_t at)
{
	bool optional = w->t->u.with.path[at].kind == WITH_OPTIONAL;
	struct val *inner = w->value;
	struct diag *d;

	session_deep(w->c->s);
	val_force(w->c->s, type);
	if (!optional && type->kind == VAL_RECORD_TYPE)
		return with_field(w, type, at);
	if (optional && type->kind == VAL_OPTIONAL_TYPE) {
		if (at + 1 < w->t->n)
			inner = with_type(w, type->u.one.a, at + 1);
		check_same(w->c, DIAG_WITH, w->t->u.with.b,
				"'with' cannot change the type inside an Optional", type->u.one.a, inner,
				w->e);
		return type;
	}
	d = check_error(w->c, DIAG_WITH, w->t,
			"'with' updates a field of what is not %s: it has type %s",
			optional ? "an Optional" : "a record", check_show(w->c, type, w->e));
	if (!optional && type->kind == VAL_OPTIONAL_TYPE)
		diag_hint(w->c->s->diags, d, "'?' in the path goes into an Optional");
	check_fail(w->c);
}

struct val *check_with(struct check *c, const struct term *t, struct env *e)
{
	struct updating w = {.c = c, .t = t, .e = e};
	struct val *type = check_infer(c, t->u.with.a, e);
	struct path here = {t->u.with.path[0].name, 0, c->path};

	c->path = t->u.with.path[0].kind == WITH_NAME ? &here : c->path;
	w.value = check_infer(c, t->u.with.b, e);
	if (universe_of(c, w.value, e) == UNIVERSE_NONE) {
		check_error(c, DIAG_SORT_HAS_NO_TYPE, t->u.with.b, "a field cannot have type %s",
				check_show(c, w.value, e));
		check_fail(c);
	}
	c->path = here.up;
	return with_type(&w, type, 0);
}

/* ---- toMap ---- */

static struct val *map_type(struct check *c, struct val *item)
{
	struct val **fields = fields_new(c, 2);

	fields[0] = c->s->builtins[BUILTIN_TEXT];
	fields[1] = item;
	return val_one(c->s, VAL_LIST_TYPE, record_new(c->s, VAL_RECORD_TYPE, c->s->shape_map, fields));
}

static struct val *empty_map(struct check *c, const struct term *t, struct env *e,
		struct val *annotation)
{
	struct val *item;
	struct diag *d;

	if (!annotation) {
		d = check_error(c, DIAG_TO_MAP, t, "'toMap' of an empty record needs an annotation");
		diag_hint(c->s->diags, d, "toMap {=} : List { mapKey : Text, mapValue : Natural }");
		check_fail(c);
	}
	val_force(c->s, annotation);
	item = annotation->kind == VAL_LIST_TYPE ? val_force(c->s, annotation->u.one.a) : NULL;
	if (item && item->kind == VAL_RECORD_TYPE && item->u.rec.shape == c->s->shape_map
			&& val_equal(c->s, item->u.rec.fields[0], c->s->builtins[BUILTIN_TEXT])
			&& universe_of(c, item->u.rec.fields[1], e) == CONST_TYPE)
		return annotation;
	d = check_error(c, DIAG_TO_MAP, t->u.two.b, "'toMap' cannot give %s",
			check_show(c, annotation, e));
	diag_hint(c->s->diags, d,
			"its results have a type like List { mapKey : Text, mapValue : Natural }");
	check_fail(c);
}

struct val *check_to_map(struct check *c, const struct term *t, struct env *e)
{
	struct val *rec = record_of(c, t->u.two.a, e, "the argument of 'toMap'"), *annotation = NULL,
		   *type;
	struct diag *d;

	if (t->u.two.b) {
		check_infer(c, t->u.two.b, e);
		annotation = eval_later(c->s, t->u.two.b, e);
	}
	if (rec->n == 0)
		return empty_map(c, t, e, annotation);
	if (universe_of(c, rec->u.rec.fields[0], e) != CONST_TYPE) {
		check_error(c, DIAG_TO_MAP, t, "the fields of 'toMap's record are not terms");
		check_fail(c);
	}
	for (uint32_t i = 1; i < rec->n; i++) {
		if (val_equal(c->s, rec->u.rec.fields[0], rec->u.rec.fields[i]))
			continue;
		d = check_error(c, DIAG_TO_MAP, t,
				"the fields of 'toMap's record have different types: '%.*s' is %s, '%.*s' is %s",
				STR_ARG(sym_str(rec->u.rec.shape->names[0])),
				check_show(c, rec->u.rec.fields[0], e),
				STR_ARG(sym_str(rec->u.rec.shape->names[i])),
				check_show(c, rec->u.rec.fields[i], e));
		diff_notes(c, d, rec->u.rec.fields[0], rec->u.rec.fields[i], e);
		check_fail(c);
	}
	type = map_type(c, rec->u.rec.fields[0]);
	if (annotation)
		check_same(c, DIAG_TO_MAP, t, "'toMap' does not give the annotated type", annotation,
				type, e);
	return type;
}
