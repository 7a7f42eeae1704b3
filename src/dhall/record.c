/* Records, record types and unions: arrays of fields in the order of their shape. */
#include "session.h"

#include <stdlib.h>

struct val *record_new(struct dhall *s, enum val_kind kind, const struct shape *shape,
		struct val **fields)
{
	struct val *v = val_new(s, kind);

	v->n = shape->n;
	v->u.rec.shape = shape;
	v->u.rec.fields = fields;
	return v;
}

static struct val **fields_new(struct dhall *s, size_t n)
{
	return arena_raw(&s->arena, mem_size(n, sizeof(struct val *)), _Alignof(struct val *));
}

struct val *record_term(struct dhall *s, const struct term *t, struct env *e)
{
	const struct plan *p = shape_plan(s, t);
	struct val **fields = fields_new(s, p->shape->n);
	enum val_kind kind = t->kind == TERM_RECORD  ? VAL_RECORD
			     : t->kind == TERM_UNION ? VAL_UNION_TYPE
						     : VAL_RECORD_TYPE;

	for (uint32_t i = 0; i < p->shape->n; i++) {
		const struct term *field = t->u.fields.fields[p->from[i]].value;

		fields[i] = field ? eval_later(s, field, e) : NULL;
	}
	return record_new(s, kind, p->shape, fields);
}

static struct val *record_one(struct dhall *s, sym name, struct val *v)
{
	struct val **fields = fields_new(s, 1);

	fields[0] = v;
	return record_new(s, VAL_RECORD, shape_of(s, &name, 1), fields);
}

/* ---- selection ---- */

static struct val *constructor(struct dhall *s, struct val *type, uint32_t i)
{
	struct val *v = val_new(s, type->u.rec.fields[i] ? VAL_CONSTRUCTOR : VAL_ALTERNATIVE);

	v->n = i;
	v->u.alt.type = type;
	v->u.alt.payload = NULL;
	return v;
}

static struct val *stuck_field(struct dhall *s, struct val *rec, sym name)
{
	struct val *v = val_new(s, VAL_FIELD);

	v->u.field.rec = rec;
	v->u.field.name = name;
	return v;
}

static uint32_t literal_find(const struct val *v, sym name)
{
	return shape_find(v->u.rec.shape, name);
}

/* Selection from l // r or l /\ r where one side is a literal: `*next` is where to go on looking, or
 * NULL with the result. */
static struct val *field_of_op(struct dhall *s, struct val *op, sym name, struct val **next)
{
	struct val *l = op->u.two.a, *r = op->u.two.b;
	bool prefer = op->sub == OP_PREFER;
	uint32_t i;

	*next = NULL;
	if (l->kind == VAL_RECORD) {
		i = literal_find(l, name);
		if (i == SHAPE_NONE)
			*next = r;
		else
			return stuck_field(s,
					val_two(s, VAL_OP, op->sub,
							record_one(s, name, l->u.rec.fields[i]), r),
					name);
	} else if (r->kind == VAL_RECORD) {
		i = literal_find(r, name);
		if (i == SHAPE_NONE)
			*next = l;
		else if (prefer)
			return val_force(s, r->u.rec.fields[i]);
		else
			return stuck_field(s,
					val_two(s, VAL_OP, op->sub, l,
							record_one(s, name, r->u.rec.fields[i])),
					name);
	}
	return *next ? NULL : stuck_field(s, op, name);
}

struct val *record_field(struct dhall *s, struct val *rec, sym name)
{
	struct val *next, *v;
	uint32_t i;

	for (;;) {
		switch (rec->kind) {
		case VAL_RECORD:
			i = literal_find(rec, name);
			return i == SHAPE_NONE ? stuck_field(s, rec, name)
					       : val_force(s, rec->u.rec.fields[i]);
		case VAL_UNION_TYPE:
			i = literal_find(rec, name);
			return i == SHAPE_NONE ? stuck_field(s, rec, name) : constructor(s, rec, i);
		case VAL_PROJECT:
			rec = rec->u.project.rec;
			continue;
		case VAL_OP:
			if (rec->sub != OP_PREFER && rec->sub != OP_COMBINE)
				return stuck_field(s, rec, name);
			v = field_of_op(s, rec, name, &next);
			if (!next)
				return v;
			rec = val_force(s, next);
			continue;
		default: return stuck_field(s, rec, name);
		}
	}
}

static struct val *project_literal(struct dhall *s, struct val *rec, const struct shape *want)
{
	struct val **fields = fields_new(s, want->n);
	sym *names = arena_raw(&s->arena, mem_size(want->n, sizeof *names), _Alignof(sym));
	uint32_t n = 0;

	for (uint32_t i = 0; i < want->n; i++) {
		uint32_t at = literal_find(rec, want->names[i]);

		if (at == SHAPE_NONE)
			continue;
		names[n] = want->names[i];
		fields[n++] = rec->u.rec.fields[at];
	}
	return record_new(s, VAL_RECORD, n == want->n ? want : shape_of(s, names, n), fields);
}

/* (l // { rs }).{ want }: what rs has comes from it, the rest from l. */
static struct val *project_prefer(struct dhall *s, struct val *op, const struct shape *want)
{
	struct val *r = op->u.two.b;
	sym *left = arena_raw(&s->arena, mem_size(want->n, sizeof *left), _Alignof(sym));
	uint32_t n = 0;

	for (uint32_t i = 0; i < want->n; i++)
		if (literal_find(r, want->names[i]) == SHAPE_NONE)
			left[n++] = want->names[i];
	return record_prefer(s, record_project(s, op->u.two.a, shape_of(s, left, n)),
			project_literal(s, r, want));
}

struct val *record_project(struct dhall *s, struct val *rec, const struct shape *want)
{
	struct val *v;

	session_deep(s);
	if (want->n == 0)
		return s->empty_record;
	while (rec->kind == VAL_PROJECT)
		rec = rec->u.project.rec;
	if (rec->kind == VAL_RECORD)
		return project_literal(s, rec, want);
	if (rec->kind == VAL_OP && rec->sub == OP_PREFER && rec->u.two.b->kind == VAL_RECORD)
		return project_prefer(s, rec, want);
	v = val_new(s, VAL_PROJECT);
	v->u.project.rec = rec;
	v->u.project.names = want;
	return v;
}

struct val *record_project_type(struct dhall *s, struct val *rec, struct val *type)
{
	if (type->kind == VAL_RECORD_TYPE)
		return record_project(s, rec, type->u.rec.shape);
	return val_two(s, VAL_PROJECT_TYPE, 0, rec, type);
}

/* ---- merging two ---- */

static struct val *lazy(struct dhall *s, enum lazy_op op, struct val *a, struct val *b)
{
	return val_two(s, VAL_LAZY, op, a, b);
}

/* What stands in the result where both have the field. */
static struct val *collide(struct dhall *s, enum term_op op, struct val *l, struct val *r)
{
	switch (op) {
	case OP_COMBINE: return lazy(s, LAZY_COMBINE, l, r);
	case OP_COMBINE_TYPES: return lazy(s, LAZY_COMBINE_TYPES, l, r);
	default: return r;
	}
}

static struct val *merge_literals(struct dhall *s, enum term_op op, struct val *l, struct val *r)
{
	const struct shape *a = l->u.rec.shape, *b = r->u.rec.shape;
	size_t most = (size_t)a->n + b->n;
	struct val **fields = fields_new(s, most);
	sym *names = arena_raw(&s->arena, mem_size(most, sizeof *names), _Alignof(sym));
	uint32_t i = 0, j = 0, n = 0;

	session_work(s, most);
	while (i < a->n || j < b->n) {
		int c = i == a->n ? 1 : j == b->n ? -1 : sym_cmp(a->names[i], b->names[j]);

		names[n] = c <= 0 ? a->names[i] : b->names[j];
		fields[n++] = c < 0 ? l->u.rec.fields[i]
			: c > 0 ? r->u.rec.fields[j]
			: collide(s, op, l->u.rec.fields[i], r->u.rec.fields[j]);
		i += c <= 0;
		j += c >= 0;
	}
	return record_new(s, l->kind, n == a->n ? a : n == b->n ? b : shape_of(s, names, n), fields);
}

static enum val_kind literal_kind(enum term_op op)
{
	return op == OP_COMBINE_TYPES ? VAL_RECORD_TYPE : VAL_RECORD;
}

static struct val *merge_two(struct dhall *s, enum term_op op, struct val *l, struct val *r)
{
	enum val_kind kind = literal_kind(op);

	if (l->kind == kind && l->n == 0)
		return r;
	if (r->kind == kind && r->n == 0)
		return l;
	if (l->kind == kind && r->kind == kind)
		return merge_literals(s, op, l, r);
	if (op == OP_PREFER && val_equal(s, l, r))
		return l;
	return val_two(s, VAL_OP, op, l, r);
}

struct val *record_prefer(struct dhall *s, struct val *l, struct val *r)
{
	return merge_two(s, OP_PREFER, l, r);
}

struct val *record_combine(struct dhall *s, struct val *l, struct val *r)
{
	return merge_two(s, OP_COMBINE, l, r);
}

struct val *record_combine_types(struct dhall *s, struct val *l, struct val *r)
{
	return merge_two(s, OP_COMBINE_TYPES, l, r);
}

/* ---- merging a chain ---- */

struct entry {
	sym name;
	uint32_t order;
	struct val *v;
};

static int by_entry(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = sym_cmp(x->name, y->name);

	return c ? c : (x->order > y->order) - (x->order < y->order);
}

/* One sort by name, then what collides is merged from left to right. */
struct val *record_merge(struct dhall *s, struct val *const *operands, size_t n,
		record_collision *collision, void *ud)
{
	size_t total = 0, m = 0;
	struct entry *all;
	struct val **fields;
	sym *names;

	for (size_t i = 0; i < n; i++)
		total += operands[i]->n;
	session_work(s, total);
	all = arena_raw(&s->arena, mem_size(total, sizeof *all), _Alignof(struct entry));
	for (size_t i = 0; i < n; i++)
		for (uint32_t j = 0; j < operands[i]->n; j++)
			all[m++] = (struct entry){operands[i]->u.rec.shape->names[j], (uint32_t)i,
					operands[i]->u.rec.fields[j]};
	if (total)
		qsort(all, total, sizeof *all, by_entry);
	fields = fields_new(s, total);
	names = arena_raw(&s->arena, mem_size(total, sizeof *names), _Alignof(sym));
	m = 0;
	for (size_t i = 0; i < total; i++) {
		if (m && names[m - 1] == all[i].name) {
			fields[m - 1] = collision(ud, all[i].name, fields[m - 1], all[i].v,
					all[i].order);
		} else {
			names[m] = all[i].name;
			fields[m++] = all[i].v;
		}
	}
	return record_new(s, operands[0]->kind, shape_of(s, names, (uint32_t)m), fields);
}

struct colliding {
	struct dhall *s;
	enum term_op op;
};

static struct val *collide_in_chain(void *ud, sym name, struct val *l, struct val *r, size_t operand)
{
	const struct colliding *c = ud;

	(void)name;
	(void)operand;
	return collide(c->s, c->op, l, r);
}

static struct val *merge_many(struct dhall *s, enum term_op op, struct val *const *operands, size_t n)
{
	struct colliding c = {s, op};

	return record_merge(s, operands, n, collide_in_chain, &c);
}

struct val *record_chain(struct dhall *s, enum term_op op, struct val *const *operands, size_t n)
{
	size_t literals = 0;
	struct val *v;

	while (literals < n && operands[literals]->kind == literal_kind(op))
		literals++;
	v = literals > 2 ? merge_many(s, op, operands, literals) : operands[0];
	for (size_t i = literals > 2 ? literals : 1; i < n; i++)
		v = merge_two(s, op, v, operands[i]);
	return v;
}

/* ---- with ---- */

static struct val *lazy_with(struct dhall *s, struct val *rec, const struct with *w)
{
	struct val *v = val_new(s, VAL_LAZY);

	v->sub = LAZY_WITH;
	v->u.with.rec = rec;
	v->u.with.with = w;
	return v;
}

static const struct with *with_new(struct dhall *s, const struct with_step *path, uint32_t n,
		struct val *value)
{
	struct with *w = arena_raw(&s->arena, sizeof *w, _Alignof(struct with));

	*w = (struct with){path, n, value};
	return w;
}

static struct val *with_optional(struct dhall *s, struct val *v, const struct with_step *path,
		uint32_t n, struct val *value)
{
	if (v->kind == VAL_NONE)
		return v;
	if (n == 1)
		return val_one(s, VAL_SOME, value);
	return val_one(s, VAL_SOME, lazy_with(s, v->u.one.a, with_new(s, path + 1, n - 1, value)));
}

static struct val *with_name(struct dhall *s, struct val *rec, const struct with_step *path, uint32_t n,
		struct val *value)
{
	uint32_t at = literal_find(rec, path[0].name);
	struct val *v = value, *one;

	if (n > 1)
		v = lazy_with(s, at == SHAPE_NONE ? s->empty_record : rec->u.rec.fields[at],
				with_new(s, path + 1, n - 1, value));
	one = record_one(s, path[0].name, v);
	return rec->n ? merge_literals(s, OP_PREFER, rec, one) : one;
}

struct val *record_with(struct dhall *s, struct val *rec, const struct with_step *path, uint32_t n,
		struct val *value)
{
	struct val *v;

	if (path[0].kind == WITH_OPTIONAL && (rec->kind == VAL_SOME || rec->kind == VAL_NONE))
		return with_optional(s, rec, path, n, value);
	if (path[0].kind == WITH_NAME && rec->kind == VAL_RECORD)
		return with_name(s, rec, path, n, value);
	v = val_new(s, VAL_WITH);
	v->u.with.rec = rec;
	v->u.with.with = with_new(s, path, n, value);
	return v;
}

/* ---- toMap ---- */

struct val *record_to_map(struct dhall *s, struct val *rec, struct val *type)
{
	struct val **items;

	if (rec->kind != VAL_RECORD || (rec->n == 0 && !type))
		return val_two(s, VAL_TOMAP, 0, rec, type);
	if (rec->n == 0)
		return list_empty(s, type);
	session_work(s, rec->n);
	items = fields_new(s, rec->n);
	for (uint32_t i = 0; i < rec->n; i++) {
		struct val **fields = fields_new(s, 2);

		fields[0] = text_of(s, sym_str(rec->u.rec.shape->names[i]));
		fields[1] = rec->u.rec.fields[i];
		items[i] = record_new(s, VAL_RECORD, s->shape_map, fields);
	}
	return list_of(s, items, rec->n);
}
