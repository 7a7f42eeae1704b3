#include "decode.h"

static bool twice(struct decoder *d, size_t base)
{
	scope_mark(&d->scope);
	for (size_t i = base; i < d->fields.n; i++) {
		uint32_t ignored = 0;

		if (scope_marked(&d->scope, d->fields.p[i].name, &ignored))
			return true;
	}
	return false;
}

struct term *decode_fields(struct decoder *d, struct items *items, enum term_kind kind)
{
	size_t base = d->fields.n;
	struct cbor_item head;
	struct items map;
	struct term *t;

	items_take(d, items, "a record or union has no map");
	head = items_next(d);
	if (head.major != CBOR_MAP)
		items_refuse(d, "a record or union needs a map");
	map = items_of(d, head);
	while (map.left) {
		struct term_field f = {.name = items_name(d, &map, "a field name must be a text")};

		if (kind == TERM_UNION && items_is_null(items_peek(d)))
			items_next(d);
		else
			f.value = decode_term(d);
		vec_push(&d->fields, f);
	}
	items_end(d, &map, "a map does not end");
	t = decode_make(d, kind);
	t->flags = twice(d, base) ? TERM_FLAG_TWICE : 0;
	t->n = (uint32_t)(d->fields.n - base);
	t->u.fields.fields = DECODE_TAKE(d, fields, base, struct term_field);
	return t;
}

struct term *decode_field(struct decoder *d, struct items *items)
{
	struct term *t = decode_make(d, TERM_FIELD);

	t->u.field.a = decode_part(d, items);
	t->u.field.name = items_name(d, items, "a field name must be a text");
	return t;
}

struct term *decode_projection(struct decoder *d, struct items *items)
{
	struct term *a = decode_part(d, items), *t;
	size_t base = d->fields.n;
	bool ordered = true;
	sym *names;

	if (items->left && items_peek(d).major == CBOR_ARRAY) {
		struct items one;

		items_take(d, items, "a projection has no type");
		one = items_of(d, items_next(d));
		t = decode_make(d, TERM_PROJECT_TYPE);
		t->u.two.a = a;
		t->u.two.b = decode_part(d, &one);
		items_end(d, &one, "a projection has one type");
		return t;
	}
	while (items->left) {
		struct term_field f = {.name = items_name(d, items, "a field name must be a text")};

		vec_push(&d->fields, f);
	}
	t = decode_make(d, TERM_PROJECT);
	t->n = (uint32_t)(d->fields.n - base);
	names = arena_raw(d->mem, t->n * sizeof *names, _Alignof(sym));
	for (uint32_t i = 0; i < t->n; i++) {
		names[i] = d->fields.p[base + i].name;
		ordered = ordered && (i == 0 || sym_cmp(names[i - 1], names[i]) < 0);
	}
	d->fields.n = base;
	t->sub = ordered;
	t->u.project.a = a;
	t->u.project.names = names;
	return t;
}

struct term *decode_with(struct decoder *d, struct items *items)
{
	struct term *t = decode_make(d, TERM_WITH);
	struct with_step *path;
	struct items names;
	struct cbor_item head;

	t->u.with.a = decode_part(d, items);
	items_take(d, items, "a with has too few parts");
	head = items_next(d);
	names = items_of(d, head);
	if (head.major != CBOR_ARRAY || head.is_break || names.left == 0)
		items_refuse(d, "the path of a with is an array of names");
	t->n = (uint32_t)names.left;
	path = arena_array(d->mem, struct with_step, names.left);
	for (uint32_t i = 0; i < t->n; i++) {
		if (items_peek(d).major == CBOR_TEXT) {
			path[i] = (struct with_step){WITH_NAME, items_name(d, &names, "a field name must be a text")};
		} else {
			items_small(d, &names, 0, "a step of a with is a name or 0");
			path[i].kind = WITH_OPTIONAL;
		}
	}
	items_end(d, &names, "the path of a with does not end");
	t->u.with.path = path;
	t->u.with.b = decode_part(d, items);
	return t;
}
