#include "decode.h"
#include "lex.h"
#include "stack.h"

/* The standard's decoding judgment.  Every array begins with its label. */

#define DEPTH_MAX 200000 /* as in parse.c */

static struct term *decode(struct decoder *);

static struct term *make(struct decoder *d, enum term_kind kind)
{
	struct term *t = arena_make(d->mem, struct term);

	t->kind = (uint8_t)kind;
	return t;
}

#define TAKE(d, stack, base, T) \
	((T *)take_((d), (d)->stack.p ? (d)->stack.p + (base) : NULL, &(d)->stack.n, (base), sizeof(T)))

static void *take_(struct decoder *d, const void *from, size_t *n, size_t base, size_t size)
{
	void *to = arena_raw(d->mem, (*n - base) * size, _Alignof(max_align_t));

	if (*n > base)
		memcpy(to, from, (*n - base) * size);
	*n = base;
	return to;
}

/* ---- variables, words ---- */

static struct term *variable(struct decoder *d, sym x, struct num n)
{
	struct term *t = make(d, TERM_VAR);

	if (n.big || n.small < 0 || n.small >= VAR_FREE)
		items_refuse(d, "the index of a variable is negative or too large");
	t->u.var.name = x;
	t->u.var.index = scope_find(&d->scope, x, (uint32_t)n.small, &t->u.var.at);
	return t;
}

static struct term *word(struct decoder *d, str w)
{
	uint8_t sub;
	enum token_kind kind = lex_word(w, &sub);
	struct term *t;

	if (kind != TOKEN_BUILTIN && kind != TOKEN_CONST)
		items_refuse(d, "there is no builtin of that name");
	t = make(d, kind == TOKEN_BUILTIN ? TERM_BUILTIN : TERM_CONST);
	t->sub = sub;
	return t;
}

/* ---- terms by label ---- */

static struct term *part(struct decoder *d, struct items *items)
{
	items_take(d, items, "an expression has too few parts");
	return decode(d);
}

static struct term *application(struct decoder *d, struct items *items)
{
	struct term *t = part(d, items);

	do {
		struct term *apply = make(d, TERM_APP);

		apply->u.two.a = t;
		apply->u.two.b = part(d, items);
		t = apply;
	} while (items->left);
	return t;
}

/* [1, A, b] binds _; [1, "x", A, b] another name. */
static struct term *binder(struct decoder *d, struct items *items, enum term_kind kind)
{
	struct term *t = make(d, kind);

	t->u.bind.name = d->underscore;
	if (items->left == 3) {
		t->u.bind.name = items_name(d, items, "the name of a variable must be a text");
		if (t->u.bind.name == d->underscore)
			items_refuse(d, "a binder named _ must not be written out");
	}
	t->u.bind.a = part(d, items);
	scope_push(&d->scope, t->u.bind.name);
	t->u.bind.b = part(d, items);
	scope_pop(&d->scope);
	return t;
}

static struct term *operation(struct decoder *d, struct items *items)
{
	uint64_t op = items_small(d, items, OP_COMPLETE_CODE, "there is no operator of that number");
	struct term *t = make(d, op == OP_COMPLETE_CODE ? TERM_COMPLETE : TERM_OP);

	t->sub = op == OP_COMPLETE_CODE ? 0 : (uint8_t)op;
	t->u.two.a = part(d, items);
	t->u.two.b = part(d, items);
	return t;
}

static struct term *list(struct decoder *d, struct items *items)
{
	size_t base = d->terms.n;
	struct term *t, *type;

	items_take(d, items, "a list has too few parts");
	if (!items_is_null(items_peek(d))) {
		type = make(d, TERM_APP);
		type->u.two.a = word(d, S("List"));
		type->u.two.b = decode(d);
		t = make(d, TERM_EMPTY);
		t->u.one.a = type;
		return t;
	}
	items_next(d);
	do {
		t = part(d, items);
		vec_push(&d->terms, t);
	} while (items->left);
	t = make(d, TERM_LIST);
	t->n = (uint32_t)(d->terms.n - base);
	t->u.list.items = TAKE(d, terms, base, const struct term *);
	return t;
}

static struct term *some(struct decoder *d, struct items *items)
{
	struct term *t = make(d, TERM_SOME);

	items_take(d, items, "Some has too few parts");
	if (!items_is_null(items_next(d)))
		items_refuse(d, "Some has no type");
	t->u.one.a = part(d, items);
	return t;
}

/* a, b and, for `three`, c; the last ones may be absent from `least` on. */
static struct term *parts(struct decoder *d, struct items *items, enum term_kind kind, int least, int most)
{
	struct term *t = make(d, kind);
	const struct term *p[3] = {NULL};

	for (int i = 0; i < most; i++)
		if (i < least || items->left)
			p[i] = part(d, items);
	t->u.three.a = p[0];
	t->u.three.b = p[1];
	t->u.three.c = p[2];
	return t;
}

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

static struct term *fields(struct decoder *d, struct items *items, enum term_kind kind)
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
			f.value = decode(d);
		vec_push(&d->fields, f);
	}
	items_end(d, &map, "a map does not end");
	t = make(d, kind);
	t->flags = twice(d, base) ? TERM_FLAG_TWICE : 0;
	t->n = (uint32_t)(d->fields.n - base);
	t->u.fields.fields = TAKE(d, fields, base, struct term_field);
	return t;
}

static struct term *field(struct decoder *d, struct items *items)
{
	struct term *t = make(d, TERM_FIELD);

	t->u.field.a = part(d, items);
	t->u.field.name = items_name(d, items, "a field name must be a text");
	return t;
}

static struct term *projection(struct decoder *d, struct items *items)
{
	struct term *a = part(d, items), *t;
	size_t base = d->fields.n;
	bool ordered = true;
	sym *names;

	if (items->left && items_peek(d).major == CBOR_ARRAY) {
		struct items one;

		items_take(d, items, "a projection has no type");
		one = items_of(d, items_next(d));
		t = make(d, TERM_PROJECT_TYPE);
		t->u.two.a = a;
		t->u.two.b = part(d, &one);
		items_end(d, &one, "a projection has one type");
		return t;
	}
	while (items->left) {
		struct term_field f = {.name = items_name(d, items, "a field name must be a text")};

		vec_push(&d->fields, f);
	}
	t = make(d, TERM_PROJECT);
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

static struct term *number(struct decoder *d, struct items *items, enum term_kind kind)
{
	struct term *t = make(d, kind);

	items_take(d, items, "a number has no value");
	t->u.num = items_integer(d, items_next(d));
	if (kind == TERM_NATURAL && num_sign(t->u.num) < 0)
		items_refuse(d, "a Natural is negative");
	return t;
}

static struct term *text_literal(struct decoder *d, struct items *items)
{
	size_t base = d->chunks.n;
	struct term *t;
	str rest = items_text(d, items, "a text needs its first piece");

	while (items->left) {
		struct term_chunk c = {.before = rest};

		c.expr = part(d, items);
		rest = items_text(d, items, "pieces of a text and expressions must alternate");
		vec_push(&d->chunks, c);
	}
	t = make(d, TERM_TEXT);
	t->n = (uint32_t)(d->chunks.n - base);
	t->u.text.chunks = TAKE(d, chunks, base, struct term_chunk);
	t->u.text.tail = rest;
	return t;
}

static struct term *bytes(struct decoder *d, struct items *items)
{
	struct term *t = make(d, TERM_BYTES);

	items_take(d, items, "a bytes literal has no bytes");
	t->u.bytes = str_dup(d->mem, items_view(d, items_next(d), CBOR_BYTES, "a bytes literal needs a byte string"));
	return t;
}

/* ---- imports ---- */

static void hash(struct decoder *d, struct items *items, struct import *i)
{
	struct cbor_item head;
	str multihash;

	items_take(d, items, "an import has too few parts");
	head = items_next(d);
	if (items_is_null(head))
		return;
	multihash = items_view(d, head, CBOR_BYTES, "the hash of an import must be bytes");
	if (multihash.n != 34 || memcmp(multihash.p, "\x12\x20", 2) != 0)
		items_refuse(d, "the hash of an import is not SHA-256");
	memcpy(i->hash, multihash.p + 2, 32);
	i->has_hash = true;
}

/* Path components, at least one; for `query` the last item is the query or null. */
static void components(struct decoder *d, struct items *items, struct import *i, bool query)
{
	size_t base = d->parts.n;

	while (items->left > query) {
		str part = items_text(d, items, "an import has no path");

		vec_push(&d->parts, part);
	}
	if (d->parts.n == base)
		items_refuse(d, "an import has no path");
	i->nparts = d->parts.n - base;
	i->parts = TAKE(d, parts, base, str);
	if (!query)
		return;
	if (items_is_null(items_peek(d))) {
		items_take(d, items, "");
		items_next(d);
	} else {
		i->query = items_text(d, items, "the query of a URL must be a text");
	}
}

static void remote(struct decoder *d, struct items *items, struct import *i, bool https)
{
	i->kind = IMPORT_REMOTE;
	i->https = https;
	items_take(d, items, "an import has too few parts");
	if (items_is_null(items_peek(d)))
		items_next(d);
	else
		i->headers = decode(d);
	i->authority = items_text(d, items, "a URL needs its authority");
	components(d, items, i, true);
}

static struct term *import(struct decoder *d, struct items *items)
{
	static const uint8_t bases[] = {BASE_ABSOLUTE, BASE_HERE, BASE_PARENT, BASE_HOME};
	struct term *t = make(d, TERM_IMPORT);
	struct import *i = arena_make(d->mem, struct import);
	uint64_t scheme;

	t->u.import = i;
	hash(d, items, i);
	i->mode = (enum import_mode)items_small(d, items, IMPORT_BYTES, "there is no such mode of import");
	scheme = items_small(d, items, 7, "there is no such kind of import");
	if (scheme <= 1) {
		remote(d, items, i, scheme == 1);
	} else if (scheme <= 5) {
		i->kind = IMPORT_LOCAL;
		i->base = (enum import_base)bases[scheme - 2];
		components(d, items, i, false);
	} else if (scheme == 6) {
		i->kind = IMPORT_ENV;
		i->variable = items_text(d, items, "an environment variable needs its name");
	} else {
		i->kind = IMPORT_MISSING;
	}
	return t;
}

/* ---- let, with, time ---- */

/* [25, x, A or null, a, …, b] */
static struct term *let(struct decoder *d, struct items *items)
{
	size_t base = d->fields.n;
	struct term *t;

	while (items->left != 1) {
		struct term_field f = {.name = items_name(d, items, "a let needs the names of its bindings")};
		const struct term *type = NULL;

		items_take(d, items, "a binding has too few parts");
		if (items_is_null(items_peek(d)))
			items_next(d);
		else
			type = decode(d);
		vec_push(&d->terms, type);
		f.value = part(d, items);
		vec_push(&d->fields, f);
		scope_push(&d->scope, f.name);
	}
	t = part(d, items);
	if (d->fields.n == base)
		items_refuse(d, "a let has no binding");
	while (d->fields.n > base) {
		struct term_field f = vec_pop(&d->fields);
		struct term *l = make(d, TERM_LET);

		l->u.let.name = f.name;
		l->u.let.type = vec_pop(&d->terms);
		l->u.let.value = f.value;
		l->u.let.body = t;
		scope_pop(&d->scope);
		t = l;
	}
	return t;
}

static struct term *with(struct decoder *d, struct items *items)
{
	struct term *t = make(d, TERM_WITH);
	struct with_step *path;
	struct items names;
	struct cbor_item head;

	t->u.with.a = part(d, items);
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
	t->u.with.b = part(d, items);
	return t;
}

static struct term *date(struct decoder *d, struct items *items)
{
	static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	struct term *t = make(d, TERM_DATE);
	uint64_t year = items_small(d, items, 9999, "there is no such year"), month, day;
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	month = items_small(d, items, 12, "there is no such month");
	day = items_small(d, items, 31, "there is no such day");
	if (month == 0 || day == 0 || day > days[month - 1] || (month == 2 && day == 29 && !leap))
		items_refuse(d, "there is no such day");
	t->u.date.year = (int32_t)year;
	t->u.date.month = (uint8_t)month;
	t->u.date.day = (uint8_t)day;
	return t;
}

#define FRACTION_DIGITS 17 /* as in literal.c */

/* [31, hh, mm, 4([e, m])] */
static struct term *time_of_day(struct decoder *d, struct items *items)
{
	static const char why[] = "the seconds of a time are a decimal fraction from 0 to below 60";
	struct term *t = make(d, TERM_TIME);
	struct cbor_item head;
	struct items two;
	struct num exponent;
	uint64_t m, scale = 1;

	t->u.time.hour = (uint8_t)items_small(d, items, 23, "there is no such hour");
	t->u.time.minute = (uint8_t)items_small(d, items, 59, "there is no such minute");
	items_take(d, items, why);
	head = items_next(d);
	if (head.major != CBOR_TAG || head.n != 4)
		items_refuse(d, why);
	head = items_next(d);
	if (head.major != CBOR_ARRAY || head.is_break)
		items_refuse(d, why);
	two = items_of(d, head);
	items_take(d, &two, why);
	exponent = items_integer(d, items_next(d));
	if (exponent.big || exponent.small < -FRACTION_DIGITS || exponent.small > 1)
		items_refuse(d, "a time has at most 17 digits after the point");
	m = items_small(d, &two, INT64_MAX, why);
	items_end(d, &two, why);
	if (exponent.small > 0) {
		m = m > 5 ? 60 : m * 10;
		exponent.small = 0;
	}
	for (int64_t i = exponent.small; i < 0; i++)
		scale *= 10;
	if (m / scale > 59)
		items_refuse(d, why);
	t->u.time.second = (uint8_t)(m / scale);
	t->u.time.fraction = m % scale;
	t->u.time.precision = (uint8_t)-exponent.small;
	return t;
}

static struct term *zone(struct decoder *d, struct items *items)
{
	struct term *t = make(d, TERM_TIMEZONE);
	struct cbor_item head;
	int32_t minutes;

	items_take(d, items, "a time zone has too few parts");
	head = items_next(d);
	if (head.major != CBOR_SIMPLE || (head.info != 20 && head.info != 21))
		items_refuse(d, "the sign of a time zone is a truth value");
	minutes = (int32_t)items_small(d, items, 23, "there is no such hour") * 60;
	minutes += (int32_t)items_small(d, items, 59, "there is no such minute");
	t->u.zone.minutes = head.info == 21 ? minutes : -minutes;
	return t;
}

/* ---- one expression ---- */

static struct term *labelled(struct decoder *d, uint64_t label, struct items *items)
{
	switch (label) {
	case 0: return application(d, items);
	case 1: return binder(d, items, TERM_LAMBDA);
	case 2: return binder(d, items, TERM_PI);
	case 3: return operation(d, items);
	case 4: return list(d, items);
	case 5: return some(d, items);
	case 6: return parts(d, items, TERM_MERGE, 2, 3);
	case 7: return fields(d, items, TERM_RECORD_TYPE);
	case 8: return fields(d, items, TERM_RECORD);
	case 9: return field(d, items);
	case 10: return projection(d, items);
	case 11: return fields(d, items, TERM_UNION);
	case 14: return parts(d, items, TERM_IF, 3, 3);
	case 15: return number(d, items, TERM_NATURAL);
	case 16: return number(d, items, TERM_INTEGER);
	case 18: return text_literal(d, items);
	case 19: return parts(d, items, TERM_ASSERT, 1, 1);
	case 24: return import(d, items);
	case 25: return let(d, items);
	case 26: return parts(d, items, TERM_ANNOT, 2, 2);
	case 27: return parts(d, items, TERM_TOMAP, 1, 2);
	case 28: return parts(d, items, TERM_EMPTY, 1, 1);
	case 29: return with(d, items);
	case 30: return date(d, items);
	case 31: return time_of_day(d, items);
	case 32: return zone(d, items);
	case 33: return bytes(d, items);
	case 34: return parts(d, items, TERM_SHOW_CONSTRUCTOR, 1, 1);
	default: items_refuse(d, "there is no kind of expression of that number");
	}
}

static struct term *array(struct decoder *d, struct cbor_item array_head)
{
	struct items items = items_of(d, array_head);
	struct cbor_item head;
	struct term *t;
	struct num n;

	items_take(d, &items, "an array is empty");
	head = items_next(d);
	if (head.major == CBOR_TEXT) {
		sym x = intern(items_view(d, head, CBOR_TEXT, ""));

		if (x == d->underscore)
			items_refuse(d, "a variable named _ must not be written out");
		items_take(d, &items, "a variable has no index");
		t = variable(d, x, items_integer(d, items_next(d)));
	} else {
		n = items_integer(d, head);
		if (n.big || n.small < 0)
			items_refuse(d, "there is no kind of expression of that number");
		t = labelled(d, (uint64_t)n.small, &items);
	}
	items_end(d, &items, "an expression has too many parts");
	return t;
}

static struct term *simple(struct decoder *d, struct cbor_item head)
{
	struct term *t = make(d, head.info <= 21 ? TERM_BOOL : TERM_DOUBLE);

	if (head.is_break || head.info < 20 || (head.info > 21 && head.info < 25) || head.info > 27)
		items_refuse(d, "an expression was expected");
	t->sub = head.info == 21;
	if (head.info > 21)
		t->u.dbl = cbor_float(&head);
	return t;
}

static struct term *decode(struct decoder *d)
{
	struct cbor_item head = items_next(d);
	struct term *t;

	if (++d->depth > DEPTH_MAX || stack_low(d->floor))
		items_refuse(d, "the expression is nested too deep");
	switch (head.major) {
	case CBOR_ARRAY: t = array(d, head); break;
	case CBOR_TEXT: t = word(d, items_view(d, head, CBOR_TEXT, "")); break;
	case CBOR_UINT:
	case CBOR_TAG: t = variable(d, d->underscore, items_integer(d, head)); break;
	case CBOR_SIMPLE: t = simple(d, head); break;
	default: items_refuse(d, "an expression was expected");
	}
	d->depth--;
	return t;
}

static const struct term *complete(struct decoder *d)
{
	struct term *t;

	d->top = __builtin_frame_address(0);
	if (setjmp(d->leave))
		return NULL;
	t = decode(d);
	if (d->in.at != d->in.in.n)
		items_refuse(d, "bytes follow the expression");
	return t;
}

static void release(struct decoder *d)
{
	scope_free(&d->scope);
	vec_free(&d->terms);
	vec_free(&d->fields);
	vec_free(&d->chunks);
	vec_free(&d->parts);
	buf_free(&d->bytes);
}

/* As in parse.c: what is not in the arena is freed before the arena's owner hears of its limit. */
struct over {
	struct decoder *d;
	arena_over *over;
	void *ud;
};

static void crossed(void *ud)
{
	struct over *o = ud;

	release(o->d);
	o->d->mem->over = o->over;
	o->d->mem->over_ud = o->ud;
	o->over(o->ud);
}

const struct term *term_decode(struct arena *mem, str in, const char **why)
{
	struct decoder d = {.in = cbor_over(in), .mem = mem, .underscore = intern(S("_")), .floor = stack_floor()};
	struct over over = {&d, mem->over, mem->over_ud};
	const struct term *t;

	if (mem->limit)
		arena_limit(mem, mem->limit, crossed, &over);
	t = complete(&d);
	release(&d);
	if (mem->limit)
		arena_limit(mem, mem->limit, over.over, over.ud);
	if (!t && why)
		*why = d.why;
	return t;
}
