/* Values to JSON and YAML trees (docs/data.md). */
#include "session.h"
#include "spell.h"

#include <float.h>
#include <math.h>
#include <straylight/data.h>

struct converter {
	struct dhall *s;
	struct data_rules rules;
	const struct shape *shape_key_value, *shape_nesting;
	struct buf path; /* to what is being converted */
	struct val *value;
	const struct data *out;
};

static const struct data *convert(struct converter *, struct val *);

static struct data *made(struct converter *c, enum data_kind kind)
{
	struct data *d = arena_make(&c->s->arena, struct data);

	d->kind = kind;
	return d;
}

static const struct data *text(struct converter *c, str s)
{
	struct data *d = made(c, DATA_TEXT);

	d->text = s;
	return d;
}

static const struct data *number(struct converter *c, struct buf *b)
{
	struct data *d = made(c, DATA_NUMBER);

	d->text = buf_take(b, &c->s->arena);
	return d;
}

static struct data *object(struct converter *c, size_t room)
{
	struct data *d = made(c, DATA_OBJECT);

	d->items = arena_array(&c->s->arena, const struct data *, room);
	d->keys = arena_array(&c->s->arena, str, room);
	return d;
}

static void put(struct data *d, str key, const struct data *value)
{
	((str *)(uintptr_t)d->keys)[d->n] = key;
	d->items[d->n++] = value;
}

SL_NORETURN static void refuse(struct converter *c, const char *what, const char *hint)
{
	struct diag *d;

	if (c->path.n)
		d = diag_error(c->s->diags, DIAG_DATA_FORM, NO_SPAN, "%s at '%.*s' has no form in JSON or YAML", what,
				STR_ARG(buf_view(&c->path)));
	else
		d = diag_error(c->s->diags, DIAG_DATA_FORM, NO_SPAN, "%s has no form in JSON or YAML", what);
	diag_hint(c->s->diags, d, "%s", hint);
	session_throw(c->s, THROW_ERROR);
}

static const struct data *at_field(struct converter *c, str name, struct val *v)
{
	size_t n = c->path.n;
	const struct data *d;

	if (n)
		buf_c(&c->path, '.');
	buf_str(&c->path, name);
	d = convert(c, v);
	c->path.n = n;
	return d;
}

static const struct data *at_index(struct converter *c, size_t i, struct val *v)
{
	size_t n = c->path.n;
	const struct data *d;

	buf_fmt(&c->path, "[%zu]", i);
	d = convert(c, v);
	c->path.n = n;
	return d;
}

/* ---- leaves ---- */

static const struct data *whole(struct converter *c, struct num n)
{
	struct buf b = {0};

	num_print(n, &b);
	return number(c, &b);
}

static const struct data *real(struct converter *c, double x)
{
	struct buf b = {0};

	if (!isfinite(x)) {
		if (c->rules.special == DATA_SPECIAL_REFUSE)
			refuse(c, isnan(x) ? "NaN" : "an infinity", "--approximate-special-doubles writes null or the largest number");
		if (c->rules.special == DATA_SPECIAL_APPROXIMATE && isnan(x))
			return made(c, DATA_NULL);
		if (c->rules.special == DATA_SPECIAL_APPROXIMATE)
			x = copysign(DBL_MAX, x);
	}
	num_print_double(x, &b);
	return number(c, &b);
}

static const struct data *literal(struct converter *c, const struct term *t)
{
	struct buf b = {0};

	spell_leaf(t, &b);
	return text(c, buf_take(&b, &c->s->arena));
}

static const struct data *bytes(struct converter *c, str b)
{
	char *hex = arena_raw(&c->s->arena, 2 * b.n + 1, 1);

	hex_of((const unsigned char *)b.p, b.n, hex);
	return text(c, str_of(hex, 2 * b.n));
}

/* ---- records ---- */

static bool is_dropped(const struct converter *c, const struct data *d)
{
	if (c->rules.omit_empty && (d->kind == DATA_LIST || d->kind == DATA_OBJECT))
		return d->n == 0;
	return d->kind == DATA_NULL && !c->rules.preserve_null;
}

static sym alternative_of(struct converter *c, struct val *v)
{
	return val_force(c->s, v->u.alt.type)->u.rec.shape->names[v->n];
}

static struct val *field_of(struct converter *c, struct val *v, const char *name)
{
	return val_force(c->s, v->u.rec.fields[shape_find(v->u.rec.shape, intern_c(name))]);
}

/* { contents : union, field : Text, nesting : < Inline | Nested : Text > }: the alternative's name becomes
 * the field of that name, beside what the alternative holds or around it. */
static const struct data *nesting(struct converter *c, struct val *v)
{
	struct val *contents = field_of(c, v, "contents"), *field = field_of(c, v, "field"), *how = field_of(c, v, "nesting");
	struct val *inside;
	const struct data *name, *payload;
	struct data *d;

	if (contents->kind != VAL_ALTERNATIVE || field->kind != VAL_TEXT || how->kind != VAL_ALTERNATIVE)
		return NULL;
	inside = how->u.alt.payload ? val_force(c->s, how->u.alt.payload) : NULL;
	name = text(c, sym_str(alternative_of(c, contents)));
	payload = contents->u.alt.payload ? at_field(c, S("contents"), contents->u.alt.payload) : object(c, 0);
	if (inside && inside->kind == VAL_TEXT && str_eq(sym_str(alternative_of(c, how)), S("Nested"))) {
		d = object(c, 2);
		put(d, text_str(field), name);
		put(d, text_str(inside), payload);
		return d;
	}
	if (inside || !str_eq(sym_str(alternative_of(c, how)), S("Inline")))
		return NULL;
	if (payload->kind != DATA_OBJECT)
		refuse(c, "an alternative that holds no record, with Inline nesting,", "use Nested \"name\"");
	d = object(c, payload->n + 1);
	put(d, text_str(field), name);
	for (size_t i = 0; i < payload->n; i++)
		if (!str_eq(payload->keys[i], text_str(field)))
			put(d, payload->keys[i], payload->items[i]);
	return d;
}

static const struct data *record(struct converter *c, struct val *v)
{
	const struct data *nested = v->u.rec.shape == c->shape_nesting ? nesting(c, v) : NULL;
	struct data *d;

	if (nested)
		return nested;
	d = object(c, v->n);
	for (uint32_t i = 0; i < v->n; i++) {
		str name = sym_str(v->u.rec.shape->names[i]);
		const struct data *field = at_field(c, name, v->u.rec.fields[i]);

		if (!is_dropped(c, field))
			put(d, name, field);
	}
	return d;
}

/* ---- lists ---- */

static struct val *map_part(const struct val *item, str name)
{
	return item->u.rec.fields[shape_find(item->u.rec.shape, intern(name))];
}

/* The key of a key-value record; p is NULL when it is none. */
static str map_key(struct converter *c, struct val *item)
{
	struct val *key;

	if (val_force(c->s, item)->kind != VAL_RECORD || item->u.rec.shape != c->shape_key_value)
		return (str){NULL, 0};
	key = val_force(c->s, map_part(item, c->rules.key));
	if (key->kind == VAL_TEXT)
		return text_str(key);
	if (key->kind == VAL_ALTERNATIVE && !key->u.alt.payload)
		return sym_str(alternative_of(c, key));
	return (str){NULL, 0};
}

static bool is_map(struct converter *c, struct val *list)
{
	struct val *type, *item;

	if (c->rules.no_maps)
		return false;
	if (list->n)
		return map_key(c, list_items(c->s, list)[0]).p != NULL;
	type = val_force(c->s, list->u.one.a);
	if (type->kind != VAL_LIST_TYPE)
		return false;
	item = val_force(c->s, type->u.one.a);
	if (item->kind != VAL_RECORD_TYPE || item->u.rec.shape != c->shape_key_value)
		return false;
	item = val_force(c->s, map_part(item, c->rules.key));
	return item->kind == VAL_UNION_TYPE || (item->kind == VAL_BUILTIN && item->sub == BUILTIN_TEXT);
}

/* Of equal keys the last one counts, at the place of the first. */
static const struct data *map(struct converter *c, struct val *list)
{
	struct val **items = list->n ? list_items(c->s, list) : NULL;
	struct data *all = object(c, list->n), *d = object(c, list->n);
	struct ptr_map *at = arena_make(&c->s->tables, struct ptr_map);

	for (uint32_t i = 0; i < list->n; i++) {
		str key = map_key(c, items[i]);
		const void *name = sym_str(intern(key)).p;
		size_t before = (size_t)(uintptr_t)ptr_map_get(at, name, NULL);

		if (!key.p)
			refuse(c, "a key that is an alternative with a payload", "keys are texts or alternatives without payload");
		if (!before) {
			put(all, key, NULL);
			ptr_map_put(c->s, at, name, NULL, (void *)(uintptr_t)all->n);
			before = all->n;
		}
		all->items[before - 1] = at_field(c, key, map_part(items[i], c->rules.value));
	}
	for (size_t i = 0; i < all->n; i++)
		if (!is_dropped(c, all->items[i]))
			put(d, all->keys[i], all->items[i]);
	return d;
}

static const struct data *list(struct converter *c, struct val *v)
{
	struct val **items;
	struct data *d;

	if (is_map(c, v))
		return map(c, v);
	d = made(c, DATA_LIST);
	if (!v->n)
		return d;
	items = list_items(c->s, v);
	d->items = arena_array(&c->s->arena, const struct data *, v->n);
	for (uint32_t i = 0; i < v->n; i++)
		d->items[d->n++] = at_index(c, i, items[i]);
	return d;
}

/* ---- the Prelude's JSON.Type ----
 * forall (JSON : Type) -> forall (json : { array : List JSON -> JSON, … }) -> JSON, applied to variables:
 * its normal form is made of the fields of json. */

static const struct data *pairs_object(struct converter *c, struct val *pairs)
{
	bool no_maps = c->rules.no_maps;
	const struct shape *shape = c->shape_key_value;
	str key = c->rules.key, value = c->rules.value;
	const struct data *d;

	if (val_force(c->s, pairs)->kind != VAL_LIST)
		refuse(c, "a function", "only a value of the Prelude's JSON.Type may be a function");
	c->rules.no_maps = false;
	c->rules.key = S("mapKey");
	c->rules.value = S("mapValue");
	c->shape_key_value = c->s->shape_map;
	d = map(c, pairs);
	c->rules.no_maps = no_maps;
	c->rules.key = key;
	c->rules.value = value;
	c->shape_key_value = shape;
	return d;
}

static bool is_json_variable(const struct val *v)
{
	return v->kind == VAL_VAR && v->n >= LEVEL_FRESH;
}

static const struct data *stuck(struct converter *c, struct val *v)
{
	struct val *f = v->kind == VAL_APP ? val_force(c->s, v->u.two.a) : v;
	str name;

	if (f->kind != VAL_FIELD || !is_json_variable(val_force(c->s, f->u.field.rec)))
		return NULL;
	name = sym_str(f->u.field.name);
	if (v->kind == VAL_FIELD)
		return str_eq(name, S("null")) ? made(c, DATA_NULL) : NULL;
	return str_eq(name, S("object")) ? pairs_object(c, v->u.two.b) : convert(c, v->u.two.b);
}

static bool has_json_fields(const struct val *type)
{
	static const char *const names[] = {"array", "bool", "null", "object", "string"};

	for (size_t i = 0; i < SL_COUNT(names); i++)
		if (shape_find(type->u.rec.shape, intern_c(names[i])) == SHAPE_NONE)
			return false;
	return true;
}

static const struct data *function(struct converter *c, struct val *f)
{
	struct dhall *s = c->s;
	struct val *type = eval(s, f->u.clos.t->u.bind.a, f->u.clos.e), *inner;

	if (type->kind != VAL_CONST || type->sub != CONST_TYPE)
		return NULL;
	inner = val_force(s, lambda_apply(s, f, val_variable(s, f->u.clos.t->u.bind.name, LEVEL_FRESH + s->fresh++, type)));
	if (inner->kind != VAL_LAMBDA)
		return NULL;
	type = eval(s, inner->u.clos.t->u.bind.a, inner->u.clos.e);
	if (type->kind != VAL_RECORD_TYPE || !has_json_fields(type))
		return NULL;
	return convert(c, lambda_apply(s, inner, val_variable(s, inner->u.clos.t->u.bind.name, LEVEL_FRESH + s->fresh++, type)));
}

/* ---- all ---- */

static const struct data *convert(struct converter *c, struct val *v)
{
	const struct data *d = NULL;
	struct data *b;

	session_deep(c->s);
	session_step(c->s);
	switch ((enum val_kind)val_force(c->s, v)->kind) {
	case VAL_BOOL:
		b = made(c, DATA_BOOL);
		b->truth = v->sub != 0;
		return b;
	case VAL_NATURAL:
	case VAL_INTEGER: return whole(c, v->u.num);
	case VAL_DOUBLE: return real(c, v->u.dbl);
	case VAL_TEXT: return text(c, text_str(v));
	case VAL_BYTES: return bytes(c, v->u.term->u.bytes);
	case VAL_DATE:
	case VAL_TIME:
	case VAL_TIMEZONE: return literal(c, v->u.term);
	case VAL_LIST: return list(c, v);
	case VAL_SOME: return convert(c, v->u.one.a);
	case VAL_NONE: return made(c, DATA_NULL);
	case VAL_RECORD: return record(c, v);
	case VAL_ALTERNATIVE:
		return v->u.alt.payload ? convert(c, v->u.alt.payload) : text(c, sym_str(alternative_of(c, v)));
	case VAL_LAMBDA: d = function(c, v); break;
	case VAL_APP:
	case VAL_FIELD: d = stuck(c, v); break;
	case VAL_CONST:
	case VAL_PI:
	case VAL_LIST_TYPE:
	case VAL_OPTIONAL_TYPE:
	case VAL_RECORD_TYPE:
	case VAL_UNION_TYPE: refuse(c, "a type", "select or drop it: only values can be written");
	case VAL_BUILTIN:
		if (v->sub >= BUILTIN_BOOL && v->sub <= BUILTIN_OPTIONAL)
			refuse(c, "a type", "select or drop it: only values can be written");
		break;
	case VAL_CONSTRUCTOR: refuse(c, "an alternative without its payload", "apply it");
	case VAL_ASSERT: refuse(c, "an assertion", "select or drop it: only values can be written");
	default: break;
	}
	if (!d)
		refuse(c, "a function", "apply it; a value of the Prelude's JSON.Type may stay one");
	return d;
}

static void convert_protected(void *ud)
{
	struct converter *c = ud;
	sym names[2] = {intern(c->rules.key), intern(c->rules.value)};
	sym nesting_names[3] = {intern_c("contents"), intern_c("field"), intern_c("nesting")};

	c->shape_key_value = shape_of_names(c->s, names, 2);
	c->shape_nesting = shape_of_names(c->s, nesting_names, 3);
	c->out = convert(c, c->value);
}

const struct data *data_of(struct dhall *s, dh_val v, const struct data_rules *rules)
{
	struct converter c = {.s = s, .rules = *rules, .value = v.v};
	bool ok;

	if (!c.rules.key.p)
		c.rules.key = S("mapKey");
	if (!c.rules.value.p)
		c.rules.value = S("mapValue");
	ok = v.v && session_protect(s, convert_protected, &c);
	buf_free(&c.path);
	return ok ? c.out : NULL;
}
