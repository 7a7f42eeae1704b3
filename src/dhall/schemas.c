/* Records of a known type are written as completions of their schema.  The normal form is decoded anew, so that it can be
 * changed in place; a record whose field names are those of a schema's Type is checked on its own, and when its type is
 * that Type, it becomes schemas.NAME::{ what differs from the default }. */
#include "children.h"
#include "unit.h"

struct schema {
	sym name;
	dh_val type, defaults;
	unsigned char hash[32]; /* of the type */
};

struct schemas {
	struct dhall *s;
	struct arena mem;
	VEC(struct schema) list;
	struct term_stack parts; /* of the terms that are being walked: each has those from its base on */
	sym word; /* `schemas` */
	bool used, failed;
};

/* ---- the record of schemas ---- */

static bool refuse(struct dhall *s, const struct dh_typed *typed, str field)
{
	struct diag *d;

	if (field.n)
		d = diag_error(s->diags, DIAG_DATA_SCHEMA, dhall_span(typed), "'%.*s' of the schemas is no schema", STR_ARG(field));
	else
		d = diag_error(s->diags, DIAG_DATA_SCHEMA, dhall_span(typed), "the schemas are no record");
	diag_hint(s->diags, d, "they are a record of schemas, each a record { Type, default }: "
			"'{ Person = { Type = { name : Text }, default = {=} } }'");
	return false;
}

static bool read_schemas(struct schemas *m, const struct dh_typed *typed)
{
	dh_val all = dhall_eval(m->s, typed), v;
	struct schema one;

	if (dh_kind(m->s, all) != DH_RECORD)
		return refuse(m->s, typed, S(""));
	for (size_t i = 0; dh_field_at(m->s, all, i, &one.name, &v); i++) {
		if (dh_kind(m->s, v) != DH_RECORD || !dh_field(m->s, v, intern(S("Type")), &one.type) ||
				!dh_field(m->s, v, intern(S("default")), &one.defaults) ||
				dh_kind(m->s, one.type) != DH_TYPE || dh_kind(m->s, one.defaults) != DH_RECORD)
			return refuse(m->s, typed, sym_str(one.name));
		if (!dhall_hash(m->s, one.type, one.hash))
			return false;
		vec_push(&m->list, one);
	}
	return true;
}

/* ---- which record is one ---- */

/* Whether the records in the term have the names that the type says.  As deep as the type is, so what stands inside one
 * another and may be of a schema's type is bounded by the schemas. */
static bool may_have(struct schemas *m, const struct term *t, dh_val type)
{
	if (t->kind != TERM_RECORD)
		return true;
	if (dh_type_fields(m->s, type) != t->n)
		return false;
	for (uint32_t i = 0; i < t->n; i++) {
		const struct term_field *f = &t->u.fields.fields[i];
		dh_val field;

		if (!dh_type_field(m->s, type, f->name, &field) || !may_have(m, f->value, field))
			return false;
	}
	return true;
}

/* The hash of the type of a closed term. */
static bool type_hash(struct schemas *m, const struct term *t, unsigned char hash[32])
{
	struct loaded *l = unit_new(m->s->world, S("(record)"), S(""));
	struct buf bytes = {0};
	const struct dh_resolved *resolved;
	const struct dh_typed *typed;

	term_encode(t, &bytes);
	l->unit.term = term_decode(&l->unit.arena, buf_view(&bytes), NULL);
	buf_free(&bytes);
	resolved = l->unit.term ? dhall_resolve(m->s, (const struct dh_parsed *)(const void *)l) : NULL;
	typed = resolved ? dhall_check(m->s, resolved) : NULL;
	return typed && dhall_hash(m->s, dhall_type_of(m->s, typed), hash);
}

/* The outermost binder that the term mentions, counted from outside; UINT32_MAX: it mentions none. */
static uint32_t outermost(struct schemas *m, const struct term *t, uint32_t depth)
{
	bool binds = t->kind == TERM_LAMBDA || t->kind == TERM_PI;
	size_t base = m->parts.n;
	uint32_t least = UINT32_MAX;

	session_deep(m->s);
	if (t->kind == TERM_VAR)
		return depth - 1 - t->u.var.index;
	term_children(&m->parts, t);
	while (m->parts.n > base) {
		const struct term *part = vec_pop(&m->parts);
		uint32_t level = outermost(m, part, depth + (binds && part == t->u.bind.b));

		least = level < least ? level : least;
	}
	return least;
}

/* The last schema by name of the record's type; NULL: none, or the record is not closed, or m->failed. */
static const struct schema *schema_of(struct schemas *m, const struct term *record, uint32_t depth)
{
	unsigned char hash[32];
	bool hashed = false;

	for (size_t i = m->list.n; i-- > 0;) {
		if (!may_have(m, record, m->list.p[i].type))
			continue;
		if (!hashed && outermost(m, record, depth) < depth)
			return NULL;
		if (!hashed && !type_hash(m, record, hash)) {
			m->failed = true;
			return NULL;
		}
		hashed = true;
		if (memcmp(hash, m->list.p[i].hash, sizeof hash) == 0)
			return &m->list.p[i];
	}
	return NULL;
}

/* ---- writing it ---- */

static bool is_default(struct schemas *m, const struct schema *schema, const struct term_field *f)
{
	struct buf a = {0}, b = {0};
	const struct dh_term *t = NULL;
	bool same = false;
	dh_val v;

	if (dh_field(m->s, schema->defaults, f->name, &v))
		t = dhall_quote(m->s, v, false);
	if (t) {
		term_encode(term_of(t), &a);
		term_encode(f->value, &b);
		same = str_eq(buf_view(&a), buf_view(&b));
	}
	buf_free(&a);
	buf_free(&b);
	return same;
}

static struct term *make(struct schemas *m, enum term_kind kind)
{
	struct term *t = arena_make(&m->mem, struct term);

	t->kind = (uint8_t)kind;
	return t;
}

/* The fields that are not the default, without the others' values being looked at any more. */
static struct term *differing(struct schemas *m, const struct schema *schema, const struct term *record)
{
	struct term *t = make(m, TERM_RECORD);
	struct term_field *fields = arena_array(&m->mem, struct term_field, record->n);

	for (uint32_t i = 0; i < record->n; i++)
		if (!is_default(m, schema, &record->u.fields.fields[i]))
			fields[t->n++] = record->u.fields.fields[i];
	t->u.fields.fields = fields;
	return t;
}

/* schemas.NAME, below so many binders and the let around all. */
static struct term *selected(struct schemas *m, const struct schema *schema, uint32_t depth)
{
	struct term *variable = make(m, TERM_VAR), *t = make(m, TERM_FIELD);

	variable->u.var.name = m->word;
	variable->u.var.index = depth;
	t->u.field.a = variable;
	t->u.field.name = schema->name;
	m->used = true;
	return t;
}

/* ---- the walk ---- */

static void rewrite(struct schemas *m, struct term *t, uint32_t depth)
{
	bool binds = t->kind == TERM_LAMBDA || t->kind == TERM_PI;
	const struct schema *schema = NULL;
	struct term *record = t;
	size_t base = m->parts.n;

	session_deep(m->s);
	if (t->kind == TERM_RECORD)
		schema = schema_of(m, t, depth);
	if (schema)
		record = differing(m, schema, t);
	term_children(&m->parts, record);
	while (m->parts.n > base) {
		const struct term *part = vec_pop(&m->parts);

		if (!m->failed)
			rewrite(m, (struct term *)(uintptr_t)part, depth + (binds && part == t->u.bind.b));
	}
	if (!schema)
		return;
	*t = (struct term){.kind = TERM_COMPLETE};
	t->u.two.a = selected(m, schema, depth);
	t->u.two.b = record;
}

struct walk {
	struct schemas *m;
	struct term *t;
};

static void rewrite_protected(void *ud)
{
	struct walk *w = ud;

	rewrite(w->m, w->t, 0);
}

/* The normal form as a tree of its own. */
static struct term *normal_form(struct schemas *m, const struct dh_typed *typed)
{
	dh_val v = dhall_eval(m->s, typed);
	const struct dh_term *t = v.v ? dhall_quote(m->s, v, false) : NULL;
	struct buf bytes = {0};
	const struct term *fresh = NULL;

	if (t) {
		dhall_encode(t, &bytes);
		fresh = term_decode(&m->mem, buf_view(&bytes), NULL);
	}
	buf_free(&bytes);
	return (struct term *)(uintptr_t)fresh;
}

/* ---- the text ---- */

static const struct dh_typed *typed_of(const struct schemas *m, const struct dh_parsed *parsed)
{
	const struct dh_resolved *resolved = parsed ? dhall_resolve(m->s, parsed) : NULL;

	return resolved ? dhall_check(m->s, resolved) : NULL;
}

/* let schemas = … in t, laid out; what stands in front of the text's expression comes first. */
static void lay_out(struct schemas *m, const struct unit *old, str text, const struct dh_parsed *schemas, struct term *t,
		struct buf *out)
{
	struct term *let = make(m, TERM_LET);
	struct buf now = {0};
	struct unit fresh = {0};
	struct diags none = {0};

	let->u.let.name = m->word;
	let->u.let.value = term_of(dhall_written(schemas));
	let->u.let.body = t;
	term_print(let, &now);
	if (term_parse(&fresh, buf_view(&now), &none)) {
		fresh.unicode = old->unicode;
		buf_str(out, str_upto(text, old->term->lo));
		unit_print(&fresh, buf_view(&now), out);
	}
	arena_clear(&fresh.arena);
	diags_free(&none);
	buf_free(&now);
}

bool dhall_rewrite_with_schemas(struct dhall *s, str text, str name, str directory, str schemas, struct buf *out)
{
	struct schemas m = {.s = s, .word = intern(S("schemas"))};
	const struct dh_parsed *parsed = dhall_parse(s, text, name, directory);
	const struct dh_typed *typed = typed_of(&m, parsed);
	const struct dh_parsed *given = typed ? dhall_parse(s, schemas, S("(schemas)"), directory) : NULL;
	const struct dh_typed *known = typed_of(&m, given);
	struct term *t = known && read_schemas(&m, known) ? normal_form(&m, typed) : NULL;
	bool ok = t && session_protect(s, rewrite_protected, &(struct walk){&m, t}) && !m.failed;

	if (ok && m.used)
		lay_out(&m, (const struct unit *)(const void *)parsed, text, given, t, out);
	else if (ok)
		buf_str(out, text);
	vec_free(&m.list);
	vec_free(&m.parts);
	arena_clear(&m.mem);
	return ok;
}
