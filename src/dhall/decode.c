#include "decode.h"
#include "lex.h"
#include "stack.h"

/* The standard's decoding judgment.  Every array begins with its label. */

#define DEPTH_MAX 200000 /* as in parse.c */

/* ---- variables, words ---- */

static struct term *variable(struct decoder *d, sym x, struct num n)
{
	struct term *t = decode_make(d, TERM_VAR);

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
	t = decode_make(d, kind == TOKEN_BUILTIN ? TERM_BUILTIN : TERM_CONST);
	t->sub = sub;
	return t;
}

/* ---- terms by label ---- */

struct term *decode_part(struct decoder *d, struct items *items)
{
	items_take(d, items, "an expression has too few parts");
	return decode_term(d);
}

static struct term *application(struct decoder *d, struct items *items)
{
	struct term *t = decode_part(d, items);

	do {
		struct term *apply = decode_make(d, TERM_APP);

		apply->u.two.a = t;
		apply->u.two.b = decode_part(d, items);
		t = apply;
	} while (items->left);
	return t;
}

/* [1, A, b] binds _; [1, "x", A, b] another name. */
static struct term *binder(struct decoder *d, struct items *items, enum term_kind kind)
{
	struct term *t = decode_make(d, kind);

	t->u.bind.name = d->underscore;
	if (items->left == 3) {
		t->u.bind.name = items_name(d, items, "the name of a variable must be a text");
		if (t->u.bind.name == d->underscore)
			items_refuse(d, "a binder named _ must not be written out");
	}
	t->u.bind.a = decode_part(d, items);
	scope_push(&d->scope, t->u.bind.name);
	t->u.bind.b = decode_part(d, items);
	scope_pop(&d->scope);
	return t;
}

static struct term *operation(struct decoder *d, struct items *items)
{
	uint64_t op = items_small(d, items, OP_COMPLETE_CODE, "there is no operator of that number");
	struct term *t = decode_make(d, op == OP_COMPLETE_CODE ? TERM_COMPLETE : TERM_OP);

	t->sub = op == OP_COMPLETE_CODE ? 0 : (uint8_t)op;
	t->u.two.a = decode_part(d, items);
	t->u.two.b = decode_part(d, items);
	return t;
}

static struct term *list(struct decoder *d, struct items *items)
{
	size_t base = d->terms.n;
	struct term *t, *type;

	items_take(d, items, "a list has too few parts");
	if (!items_is_null(items_peek(d))) {
		type = decode_make(d, TERM_APP);
		type->u.two.a = word(d, S("List"));
		type->u.two.b = decode_term(d);
		t = decode_make(d, TERM_EMPTY);
		t->u.one.a = type;
		return t;
	}
	items_next(d);
	do {
		t = decode_part(d, items);
		vec_push(&d->terms, t);
	} while (items->left);
	t = decode_make(d, TERM_LIST);
	t->n = (uint32_t)(d->terms.n - base);
	t->u.list.items = DECODE_TAKE(d, terms, base, const struct term *);
	return t;
}

static struct term *some(struct decoder *d, struct items *items)
{
	struct term *t = decode_make(d, TERM_SOME);

	items_take(d, items, "Some has too few parts");
	if (!items_is_null(items_next(d)))
		items_refuse(d, "Some has no type");
	t->u.one.a = decode_part(d, items);
	return t;
}

/* a, b and, for `three`, c; the last ones may be absent from `least` on. */
static struct term *parts(struct decoder *d, struct items *items, enum term_kind kind, int least, int most)
{
	struct term *t = decode_make(d, kind);
	const struct term *p[3] = {NULL};

	for (int i = 0; i < most; i++)
		if (i < least || items->left)
			p[i] = decode_part(d, items);
	t->u.three.a = p[0];
	t->u.three.b = p[1];
	t->u.three.c = p[2];
	return t;
}

static struct term *number(struct decoder *d, struct items *items, enum term_kind kind)
{
	struct term *t = decode_make(d, kind);

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

		c.expr = decode_part(d, items);
		rest = items_text(d, items, "pieces of a text and expressions must alternate");
		vec_push(&d->chunks, c);
	}
	t = decode_make(d, TERM_TEXT);
	t->n = (uint32_t)(d->chunks.n - base);
	t->u.text.chunks = DECODE_TAKE(d, chunks, base, struct term_chunk);
	t->u.text.tail = rest;
	return t;
}

static struct term *bytes(struct decoder *d, struct items *items)
{
	struct term *t = decode_make(d, TERM_BYTES);

	items_take(d, items, "a bytes literal has no bytes");
	t->u.bytes = str_dup(d->mem, items_view(d, items_next(d), CBOR_BYTES, "a bytes literal needs a byte string"));
	return t;
}

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
			type = decode_term(d);
		vec_push(&d->terms, type);
		f.value = decode_part(d, items);
		vec_push(&d->fields, f);
		scope_push(&d->scope, f.name);
	}
	t = decode_part(d, items);
	if (d->fields.n == base)
		items_refuse(d, "a let has no binding");
	while (d->fields.n > base) {
		struct term_field f = vec_pop(&d->fields);
		struct term *l = decode_make(d, TERM_LET);

		l->u.let.name = f.name;
		l->u.let.type = vec_pop(&d->terms);
		l->u.let.value = f.value;
		l->u.let.body = t;
		scope_pop(&d->scope);
		t = l;
	}
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
	case 7: return decode_fields(d, items, TERM_RECORD_TYPE);
	case 8: return decode_fields(d, items, TERM_RECORD);
	case 9: return decode_field(d, items);
	case 10: return decode_projection(d, items);
	case 11: return decode_fields(d, items, TERM_UNION);
	case 14: return parts(d, items, TERM_IF, 3, 3);
	case 15: return number(d, items, TERM_NATURAL);
	case 16: return number(d, items, TERM_INTEGER);
	case 18: return text_literal(d, items);
	case 19: return parts(d, items, TERM_ASSERT, 1, 1);
	case 24: return decode_import(d, items);
	case 25: return let(d, items);
	case 26: return parts(d, items, TERM_ANNOT, 2, 2);
	case 27: return parts(d, items, TERM_TOMAP, 1, 2);
	case 28: return parts(d, items, TERM_EMPTY, 1, 1);
	case 29: return decode_with(d, items);
	case 30: return decode_date(d, items);
	case 31: return decode_time(d, items);
	case 32: return decode_zone(d, items);
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
	struct term *t = decode_make(d, head.info <= 21 ? TERM_BOOL : TERM_DOUBLE);

	if (head.is_break || head.info < 20 || (head.info > 21 && head.info < 25) || head.info > 27)
		items_refuse(d, "an expression was expected");
	t->sub = head.info == 21;
	if (head.info > 21)
		t->u.dbl = cbor_float(&head);
	return t;
}

struct term *decode_term(struct decoder *d)
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
	t = decode_term(d);
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
