/* JSON and YAML trees to expressions, by a schema (docs/data.md). */
#include "session.h"

#include <math.h>
#include <stdlib.h>
#include <straylight/data.h>

/* Aliases let a short text stand for a huge tree; its nodes are counted as often as they are met. */
#define NODES_MAX ((size_t)20 << 20)

struct fitting {
	struct dhall *s;
	struct data_schema_rules rules;
	uint32_t file;
	unsigned trying;  /* inside of a union's alternatives: nothing is told */
	size_t nodes;
	bool told;
	struct buf path;
	const struct data *data;
	struct val *schema;
	const struct term *out;
};

/* NULL when the data do not fit; the first reason is told. */
static const struct term *fit(struct fitting *, const struct data *, struct val *type);

#define NUMBER_SHOWN 30

static const char *kind_name(struct arena *a, const struct data *d)
{
	static const char *const names[] = {"null", "a boolean", "a number", "a text", "a list", "an object"};

	if (d->kind == DATA_NUMBER && d->text.n <= NUMBER_SHOWN)
		return str_fmt(a, "the number %.*s", STR_ARG(d->text)).p;
	return names[d->kind];
}

SL_PRINTF(4, 5)
static const struct term *misfit(struct fitting *f, const struct data *d, const char *hint, const char *fmt, ...)
{
	struct diag *diag;
	va_list args;
	str what;

	if (f->trying || f->told)
		return NULL;
	f->told = true;
	va_start(args, fmt);
	what = str_vfmt(&f->s->arena, fmt, args);
	va_end(args);
	diag = diag_error(f->s->diags, DIAG_DATA_SCHEMA, d->hi ? (struct span){f->file, d->lo, d->hi} : NO_SPAN, "%s%.*s%s%.*s",
			f->path.n ? "at '" : "", STR_ARG(buf_view(&f->path)), f->path.n ? "': " : "", STR_ARG(what));
	diag_hint(f->s->diags, diag, "%s", hint);
	return NULL;
}

static const struct term *expected(struct fitting *f, const struct data *d, struct val *type)
{
	struct buf b = {0};

	if (f->trying || f->told)
		return NULL;
	term_print(quote(f->s, &f->s->arena, type, 0, QUOTE_PLAIN), &b);
	if (b.n > 300) {
		b.n = 300;
		buf_lit(&b, "…");
	}
	misfit(f, d, "change the data, or the schema", "expected %.*s, found %s", STR_ARG(buf_view(&b)), kind_name(&f->s->arena, d));
	buf_free(&b);
	return NULL;
}

/* ---- terms ---- */

static struct term *made(struct fitting *f, enum term_kind kind)
{
	struct term *t = arena_make(&f->s->arena, struct term);

	t->kind = (uint8_t)kind;
	return t;
}

static const struct term *type_term(struct fitting *f, struct val *type)
{
	return quote(f->s, &f->s->arena, type, 0, QUOTE_PLAIN);
}

static const struct term *text_literal(struct fitting *f, str s)
{
	struct term *t = made(f, TERM_TEXT);

	t->u.text.tail = s;
	return t;
}

static const struct term *two(struct fitting *f, enum term_kind kind, const struct term *a, const struct term *b)
{
	struct term *t = made(f, kind);

	t->u.two.a = a;
	t->u.two.b = b;
	return t;
}

static const struct term *selected(struct fitting *f, const struct term *a, sym name)
{
	struct term *t = made(f, TERM_FIELD);

	t->u.field.a = a;
	t->u.field.name = name;
	return t;
}

static const struct term *empty_list(struct fitting *f, struct val *whole)
{
	struct term *t = made(f, TERM_EMPTY);

	t->u.one.a = type_term(f, whole);
	return t;
}

static struct term *list_of_terms(struct fitting *f, size_t n, const struct term ***items)
{
	struct term *t = made(f, TERM_LIST);

	*items = arena_array(&f->s->arena, const struct term *, n);
	t->u.list.items = *items;
	t->n = (uint32_t)n;
	return t;
}

static const struct term *none(struct fitting *f, struct val *type)
{
	struct term *t = made(f, TERM_BUILTIN);

	t->sub = BUILTIN_NONE;
	return two(f, TERM_APP, t, type_term(f, type));
}

static const struct term *pair(struct fitting *f, sym key_name, const struct term *key, sym value_name, const struct term *value)
{
	struct term *t = made(f, TERM_RECORD);
	struct term_field *fields = arena_array(&f->s->arena, struct term_field, 2);

	fields[0] = (struct term_field){.name = key_name, .value = key};
	fields[1] = (struct term_field){.name = value_name, .value = value};
	t->n = 2;
	t->u.fields.fields = fields;
	return t;
}

/* ---- leaves ---- */

/* The digits of a number without fraction; p is NULL for others. */
static str whole_digits(const struct data *d, bool *negative)
{
	str digits, fraction;

	*negative = d->text.n && d->text.p[0] == '-';
	if (str_cut(str_from(d->text, *negative), '.', &digits, &fraction))
		for (size_t i = 0; i < fraction.n; i++)
			if (fraction.p[i] != '0')
				return (str){NULL, 0};
	for (size_t i = 0; i < digits.n; i++)
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return (str){NULL, 0};
	return digits;
}

static const struct term *whole(struct fitting *f, const struct data *d, bool natural)
{
	struct term *t = made(f, natural ? TERM_NATURAL : TERM_INTEGER);
	bool negative;
	str digits;
	struct num n;

	if (d->kind != DATA_NUMBER)
		return NULL;
	digits = whole_digits(d, &negative);
	if (!digits.p || (natural && negative))
		return NULL;
	n = num_parse(&f->s->arena, digits, 10);
	t->u.num = negative ? num_neg(&f->s->arena, n) : n;
	return t;
}

static const struct term *real(struct fitting *f, const struct data *d)
{
	struct term *t = made(f, TERM_DOUBLE);

	if (d->kind != DATA_NUMBER)
		return NULL;
	if (str_eq(d->text, S("NaN")))
		t->u.dbl = NAN;
	else
		t->u.dbl = strtod(str_dup(&f->s->arena, d->text).p, NULL);
	return t;
}

static const struct term *boolean(struct fitting *f, const struct data *d)
{
	struct term *t = made(f, TERM_BOOL);

	t->sub = d->truth;
	return d->kind == DATA_BOOL ? t : NULL;
}

static const struct term *leaf(struct fitting *f, const struct data *d, struct val *type)
{
	const struct term *t = NULL;

	switch ((enum builtin)type->sub) {
	case BUILTIN_BOOL: t = boolean(f, d); break;
	case BUILTIN_NATURAL: t = whole(f, d, true); break;
	case BUILTIN_INTEGER: t = whole(f, d, false); break;
	case BUILTIN_DOUBLE: t = real(f, d); break;
	case BUILTIN_TEXT:
		t = d->kind == DATA_TEXT ? text_literal(f, d->text) : NULL;
		if (!t && d->kind == DATA_NUMBER)
			return misfit(f, d, "write it in quotes", "expected Text, found a number");
		break;
	default: return misfit(f, d, "read it as Text", "nothing can be read as %.*s", STR_ARG(builtin_name(type->sub)));
	}
	return t ? t : expected(f, d, type);
}

/* ---- parts, with the path to them ---- */

static const struct term *fit_field(struct fitting *f, str name, const struct data *d, struct val *type)
{
	size_t n = f->path.n;
	const struct term *t;

	if (n)
		buf_c(&f->path, '.');
	buf_str(&f->path, name);
	t = fit(f, d, type);
	f->path.n = n;
	return t;
}

static const struct term *fit_item(struct fitting *f, size_t i, const struct data *d, struct val *type)
{
	size_t n = f->path.n;
	const struct term *t;

	buf_fmt(&f->path, "[%zu]", i);
	t = fit(f, d, type);
	f->path.n = n;
	return t;
}

static const struct data *member(const struct data *d, str name)
{
	for (size_t i = 0; i < d->n; i++)
		if (str_eq(d->keys[i], name))
			return d->items[i];
	return NULL;
}

/* ---- lists ---- */

static bool is_key_value(const struct data *d)
{
	const struct data *key = d->kind == DATA_OBJECT && d->n == 2 ? member(d, S("key")) : NULL;

	return key && key->kind == DATA_TEXT && member(d, S("value"));
}

/* A list of { key, value } objects as one object. */
static const struct data *gathered(struct fitting *f, const struct data *d)
{
	struct data *all;
	str *keys;

	if (f->rules.no_key_values || d->kind != DATA_LIST || d->n == 0)
		return d;
	for (size_t i = 0; i < d->n; i++)
		if (!is_key_value(d->items[i]))
			return d;
	all = arena_make(&f->s->arena, struct data);
	*all = *d;
	all->kind = DATA_OBJECT;
	keys = arena_array(&f->s->arena, str, d->n);
	all->items = arena_array(&f->s->arena, const struct data *, d->n);
	for (size_t i = 0; i < d->n; i++) {
		keys[i] = member(d->items[i], S("key"))->text;
		all->items[i] = member(d->items[i], S("value"));
	}
	all->keys = keys;
	return all;
}

static const struct term *map_key(struct fitting *f, const struct data *d, str name, struct val *type)
{
	uint32_t i;

	if (type->kind == VAL_BUILTIN && type->sub == BUILTIN_TEXT)
		return text_literal(f, name);
	i = shape_find(type->u.rec.shape, intern(name));
	if (i != SHAPE_NONE && !type->u.rec.fields[i])
		return selected(f, type_term(f, type), intern(name));
	return misfit(f, d, "add the alternative to the schema", "the key '%.*s' is no alternative of the schema", STR_ARG(name));
}

/* { mapKey : Text or an enumeration, mapValue : T } */
static bool is_map_type(struct fitting *f, struct val *element)
{
	struct val *key;

	if (f->rules.no_maps || element->kind != VAL_RECORD_TYPE || element->u.rec.shape != f->s->shape_map)
		return false;
	key = val_force(f->s, element->u.rec.fields[0]);
	return key->kind == VAL_UNION_TYPE || (key->kind == VAL_BUILTIN && key->sub == BUILTIN_TEXT);
}

static const struct term *map(struct fitting *f, const struct data *d, struct val *whole_type, struct val *element)
{
	struct val *key_type = val_force(f->s, element->u.rec.fields[0]);
	const struct shape *shape = element->u.rec.shape;
	const struct term **items, *key, *value;
	struct term *t;

	if (d->n == 0)
		return empty_list(f, whole_type);
	t = list_of_terms(f, d->n, &items);
	for (size_t i = 0; i < d->n; i++) {
		key = map_key(f, d, d->keys[i], key_type);
		value = key ? fit_field(f, d->keys[i], d->items[i], element->u.rec.fields[1]) : NULL;
		if (!value)
			return NULL;
		items[i] = pair(f, shape->names[0], key, shape->names[1], value);
	}
	return t;
}

static const struct term *list(struct fitting *f, const struct data *d, struct val *type)
{
	struct val *element = val_force(f->s, type->u.one.a);
	const struct term **items;
	struct term *t;

	if (is_map_type(f, element)) {
		d = gathered(f, d);
		if (d->kind == DATA_OBJECT)
			return map(f, d, type, element);
	}
	if (d->kind != DATA_LIST)
		return expected(f, d, type);
	if (d->n == 0)
		return empty_list(f, type);
	t = list_of_terms(f, d->n, &items);
	for (size_t i = 0; i < d->n; i++) {
		items[i] = fit_item(f, i, d->items[i], element);
		if (!items[i])
			return NULL;
	}
	return t;
}

/* ---- records ---- */

static const struct term *absent_field(struct fitting *f, const struct data *d, str name, struct val *type)
{
	val_force(f->s, type);
	if (type->kind == VAL_OPTIONAL_TYPE)
		return none(f, type->u.one.a);
	if (type->kind == VAL_LIST_TYPE && f->rules.omissible_lists)
		return empty_list(f, type);
	return misfit(f, d, "add it, or make it Optional in the schema", "the field '%.*s' is missing", STR_ARG(name));
}

static bool only_known(struct fitting *f, const struct data *d, const struct shape *shape)
{
	for (size_t i = 0; i < d->n && !f->rules.loose; i++)
		if (shape_find(shape, intern(d->keys[i])) == SHAPE_NONE) {
			misfit(f, d->items[i], "add it to the schema, or drop such fields with --records-loose",
					"the schema has no field '%.*s'", STR_ARG(d->keys[i]));
			return false;
		}
	return true;
}

static const struct term *record(struct fitting *f, const struct data *d, struct val *type)
{
	const struct shape *shape = type->u.rec.shape;
	struct term_field *fields = arena_array(&f->s->arena, struct term_field, type->n);
	struct term *t = made(f, TERM_RECORD);
	bool ok = true;

	d = gathered(f, d);
	if (d->kind != DATA_OBJECT)
		return expected(f, d, type);
	if (!only_known(f, d, shape))
		return NULL;
	t->n = type->n;
	t->u.fields.fields = fields;
	for (uint32_t i = 0; i < type->n && ok; i++) {
		str name = sym_str(shape->names[i]);
		const struct data *part = member(d, name);

		fields[i].name = shape->names[i];
		fields[i].value = part ? fit_field(f, name, part, type->u.rec.fields[i])
				       : absent_field(f, d, name, type->u.rec.fields[i]);
		ok = fields[i].value != NULL;
	}
	return ok ? t : NULL;
}

/* ---- unions ---- */

static const struct term *alternative(struct fitting *f, const struct data *d, struct val *type, uint32_t i)
{
	sym name = type->u.rec.shape->names[i];
	const struct term *payload;

	if (!type->u.rec.fields[i])
		return d->kind == DATA_TEXT && str_eq(d->text, sym_str(name)) ? selected(f, type_term(f, type), name) : NULL;
	payload = fit(f, d, type->u.rec.fields[i]);
	return payload ? two(f, TERM_APP, selected(f, type_term(f, type), name), payload) : NULL;
}

static const struct term *choice(struct fitting *f, const struct data *d, struct val *type)
{
	const struct term *found = NULL, *t;
	const struct shape *shape = type->u.rec.shape;
	size_t path = f->path.n;
	sym first = 0;

	if (f->rules.unions == DATA_UNIONS_NONE)
		return misfit(f, d, "leave --unions=none out", "the schema has a union here");
	for (uint32_t i = 0; i < type->n; i++) {
		f->trying++;
		t = alternative(f, d, type, i);
		f->trying--;
		f->path.n = path;
		if (t && found)
			return misfit(f, d, "leave --unions=strict out, or make the alternatives differ",
					"both '%.*s' and '%.*s' fit", STR_ARG(sym_str(first)), STR_ARG(sym_str(shape->names[i])));
		if (t && f->rules.unions == DATA_UNIONS_FIRST)
			return t;
		if (t) {
			found = t;
			first = shape->names[i];
		}
	}
	return found ? found : expected(f, d, type);
}

/* ---- the Prelude's JSON.Type ---- */

struct json_type {
	const struct term *outer, *inner; /* the two foralls, quoted */
};

static bool json_names(const struct term *record)
{
	static const char *const names[] = {"array", "bool", "null", "object", "string"};

	for (size_t i = 0; i < SL_COUNT(names); i++) {
		bool found = false;

		for (uint32_t j = 0; j < record->n && !found; j++)
			found = record->u.fields.fields[j].name == intern_c(names[i]);
		if (!found)
			return false;
	}
	return true;
}

static bool json_type(struct fitting *f, struct val *type, struct json_type *out)
{
	const struct term *t = type_term(f, type);

	if (t->kind != TERM_PI || t->u.bind.b->kind != TERM_PI)
		return false;
	out->outer = t;
	out->inner = t->u.bind.b;
	return out->outer->u.bind.a->kind == TERM_CONST && out->inner->u.bind.a->kind == TERM_RECORD_TYPE &&
			json_names(out->inner->u.bind.a);
}

static const struct term *variable(struct fitting *f, sym name, uint32_t index)
{
	struct term *t = made(f, TERM_VAR);

	t->u.var.name = name;
	t->u.var.index = index;
	return t;
}

static const struct term *json_call(struct fitting *f, const struct json_type *j, const char *name, const struct term *x)
{
	const struct term *field = selected(f, variable(f, j->inner->u.bind.name, 0), intern_c(name));

	return x ? two(f, TERM_APP, field, x) : field;
}

static bool json_has(const struct json_type *j, const char *name)
{
	const struct term *record = j->inner->u.bind.a;

	for (uint32_t i = 0; i < record->n; i++)
		if (record->u.fields.fields[i].name == intern_c(name))
			return true;
	return false;
}

/* [] : List JSON, or of its key-value records. */
static const struct term *json_empty(struct fitting *f, const struct json_type *j, bool object)
{
	struct term *t = made(f, TERM_EMPTY), *list_type = made(f, TERM_BUILTIN), *text_type = made(f, TERM_BUILTIN), *record;
	const struct term *element = variable(f, j->outer->u.bind.name, 1);

	list_type->sub = BUILTIN_LIST;
	text_type->sub = BUILTIN_TEXT;
	if (object) {
		record = (struct term *)(uintptr_t)pair(f, f->s->shape_map->names[0], text_type, f->s->shape_map->names[1], element);
		record->kind = TERM_RECORD_TYPE;
		element = record;
	}
	t->u.one.a = two(f, TERM_APP, list_type, element);
	return t;
}

static const struct term *json_value(struct fitting *f, const struct json_type *j, const struct data *d)
{
	const struct term **items;
	const struct term *t, *item;
	bool negative;

	session_deep(f->s);
	if (++f->nodes > NODES_MAX)
		return misfit(f, d, "aliases may make a tree too large", "there is too much data");
	switch (d->kind) {
	case DATA_NULL: return json_call(f, j, "null", NULL);
	case DATA_BOOL: return json_call(f, j, "bool", boolean(f, d));
	case DATA_TEXT: return json_call(f, j, "string", text_literal(f, d->text));
	case DATA_NUMBER:
		if (json_has(j, "integer") && whole_digits(d, &negative).p && str_find(d->text, '.') == d->text.n)
			return json_call(f, j, "integer", whole(f, d, false));
		return json_call(f, j, json_has(j, "double") ? "double" : "number", real(f, d));
	case DATA_LIST:
	case DATA_OBJECT: break;
	}
	if (d->n == 0)
		return json_call(f, j, d->kind == DATA_LIST ? "array" : "object", json_empty(f, j, d->kind == DATA_OBJECT));
	t = list_of_terms(f, d->n, &items);
	for (size_t i = 0; i < d->n; i++) {
		item = json_value(f, j, d->items[i]);
		if (!item)
			return NULL;
		items[i] = d->kind == DATA_LIST ? item : pair(f, f->s->shape_map->names[0], text_literal(f, d->keys[i]),
				f->s->shape_map->names[1], item);
	}
	return json_call(f, j, d->kind == DATA_LIST ? "array" : "object", t);
}

static const struct term *json(struct fitting *f, const struct data *d, struct val *type)
{
	struct json_type j;
	struct term *outer, *inner;

	if (!json_type(f, type, &j))
		return misfit(f, d, "functions cannot be read, but for the Prelude's JSON.Type", "the schema has a function here");
	outer = made(f, TERM_LAMBDA);
	inner = made(f, TERM_LAMBDA);
	outer->u.bind = j.outer->u.bind;
	inner->u.bind = j.inner->u.bind;
	outer->u.bind.b = inner;
	inner->u.bind.b = json_value(f, &j, d);
	return inner->u.bind.b ? outer : NULL;
}

/* ---- all ---- */

static const struct term *optional(struct fitting *f, const struct data *d, struct val *type)
{
	struct term *t;

	if (d->kind == DATA_NULL)
		return none(f, type->u.one.a);
	t = made(f, TERM_SOME);
	t->u.one.a = fit(f, d, type->u.one.a);
	return t->u.one.a ? t : NULL;
}

static const struct term *fit(struct fitting *f, const struct data *d, struct val *type)
{
	session_deep(f->s);
	if (++f->nodes > NODES_MAX)
		return misfit(f, d, "aliases may make a tree too large", "there is too much data");
	switch ((enum val_kind)val_force(f->s, type)->kind) {
	case VAL_BUILTIN: return leaf(f, d, type);
	case VAL_LIST_TYPE: return list(f, d, type);
	case VAL_OPTIONAL_TYPE: return optional(f, d, type);
	case VAL_RECORD_TYPE: return record(f, d, type);
	case VAL_UNION_TYPE: return choice(f, d, type);
	case VAL_PI: return json(f, d, type);
	default: return misfit(f, d, "a schema is a type", "the schema has no type here that data can have");
	}
}

static void fit_protected(void *ud)
{
	struct fitting *f = ud;

	f->out = fit(f, f->data, f->schema);
}

const struct dh_term *data_term(struct dhall *s, const struct data *d, dh_val schema, const struct data_schema_rules *rules,
		uint32_t file)
{
	struct fitting f = {.s = s, .rules = *rules, .file = file, .data = d, .schema = schema.v};
	bool ok = schema.v && session_protect(s, fit_protected, &f);

	buf_free(&f.path);
	return ok && f.out ? term_public(f.out) : NULL;
}
