#include "scope.h"
#include "term.h"

#include <stdlib.h>

/* A stack of what is still to be written, so that depth costs heap and not stack. */

enum todo_kind {
	TODO_TERM,     /* p: the term, NULL for null */
	TODO_BINDINGS, /* p: the term; a let goes on with the array that is open */
	TODO_NAME,     /* name as text */
	TODO_TEXT,     /* text */
	TODO_LIST,     /* the head of an array of one */
	TODO_PUSH,     /* name is bound from here */
	TODO_POP,      /* n binders end */
	TODO_STEPS,    /* p: the term; the path of its `with` */
	TODO_PLACE,    /* p: the import; what follows its headers */
};

struct todo {
	uint8_t kind;
	union {
		const void *p;
		sym name;
		str text;
		size_t n;
	} u;
};

struct encoder {
	struct buf *out;
	struct scope scope;
	VEC(struct todo) todo;
	struct arena scratch;
};

static void do_term(struct encoder *e, const struct term *t)
{
	vec_push(&e->todo, ((struct todo){TODO_TERM, .u.p = t}));
}

static void do_name(struct encoder *e, sym name)
{
	vec_push(&e->todo, ((struct todo){TODO_NAME, .u.name = name}));
}

static void do_text(struct encoder *e, str text)
{
	vec_push(&e->todo, ((struct todo){TODO_TEXT, .u.text = text}));
}

static void do_pop(struct encoder *e, size_t n)
{
	vec_push(&e->todo, ((struct todo){TODO_POP, .u.n = n}));
}

static void do_other(struct encoder *e, enum todo_kind kind, const void *p)
{
	vec_push(&e->todo, ((struct todo){(uint8_t)kind, .u.p = p}));
}

/* The head of an array of n and its label. */
static void label(struct encoder *e, size_t n, unsigned number)
{
	cbor_array(e->out, n);
	cbor_uint(e->out, number);
}

static void name(struct encoder *e, sym s)
{
	cbor_text(e->out, sym_str(s));
}

static bool is_underscore(sym s)
{
	return str_eq(sym_str(s), S("_"));
}

static void variable(struct encoder *e, const struct term *t)
{
	sym x = t->u.var.name;
	uint64_t n;
	uint32_t bound;

	if (t->u.var.index == VAR_FREE) {
		n = (uint64_t)t->u.var.at + scope_count(&e->scope, x);
	} else {
		x = scope_name(&e->scope, t->u.var.index, &bound);
		n = bound;
	}
	if (!is_underscore(x)) {
		cbor_array(e->out, 2);
		name(e, x);
	}
	cbor_uint(e->out, n);
}

static void builtin(struct encoder *e, const struct term *t)
{
	static const char *const names[] = {
#define B(id, name, type) name,
#include "builtin.def"
#undef B
	};

	cbor_text(e->out, str_c(names[t->sub]));
}

static void constant(struct encoder *e, const struct term *t)
{
	static const char *const names[] = {"Type", "Kind", "Sort"};

	cbor_text(e->out, str_c(names[t->sub]));
}

static void binder(struct encoder *e, const struct term *t)
{
	bool plain = is_underscore(t->u.bind.name);

	label(e, plain ? 3 : 4, t->kind == TERM_LAMBDA ? 1 : 2);
	if (!plain)
		name(e, t->u.bind.name);
	do_pop(e, 1);
	do_term(e, t->u.bind.b);
	vec_push(&e->todo, ((struct todo){TODO_PUSH, .u.name = t->u.bind.name}));
	do_term(e, t->u.bind.a);
}

static void application(struct encoder *e, const struct term *t)
{
	size_t arguments = 0;

	for (; t->kind == TERM_APP; t = t->u.two.a, arguments++)
		do_term(e, t->u.two.b);
	do_term(e, t);
	label(e, arguments + 2, 0);
}

static void let(struct encoder *e, const struct term *t)
{
	size_t n = 0;

	for (const struct term *l = t; l->kind == TERM_LET; l = l->u.let.body)
		n++;
	label(e, 3 * n + 2, 25);
	do_pop(e, n);
	do_other(e, TODO_BINDINGS, t);
}

static void bindings(struct encoder *e, const struct term *t)
{
	if (t->kind != TERM_LET) {
		do_term(e, t);
		return;
	}
	do_other(e, TODO_BINDINGS, t->u.let.body);
	vec_push(&e->todo, ((struct todo){TODO_PUSH, .u.name = t->u.let.name}));
	do_term(e, t->u.let.value);
	do_term(e, t->u.let.type);
	name(e, t->u.let.name);
}

/* a, b and, when it is there, c behind a label. */
static void parts(struct encoder *e, unsigned number, const struct term *a, const struct term *b, const struct term *c)
{
	label(e, 2 + (b != NULL) + (c != NULL), number);
	if (c)
		do_term(e, c);
	if (b)
		do_term(e, b);
	do_term(e, a);
}

static void operation(struct encoder *e, unsigned code, const struct term *t)
{
	label(e, 4, 3);
	cbor_uint(e->out, code);
	do_term(e, t->u.two.b);
	do_term(e, t->u.two.a);
}

static void integer(struct encoder *e, struct num n)
{
	bool negative = num_sign(n) < 0;
	str bytes;
	uint64_t word = 0;

	if (!n.big) {
		cbor_int(e->out, n.small);
		return;
	}
	if (negative) /* -1 - m */
		n = num_add(&e->scratch, n, num_small(1));
	bytes = num_bytes(&e->scratch, n);
	if (bytes.n > 8) {
		cbor_tag(e->out, negative ? 3 : 2);
		cbor_bytes(e->out, bytes);
		return;
	}
	for (size_t i = 0; i < bytes.n; i++)
		word = word << 8 | (unsigned char)bytes.p[i];
	cbor_head(e->out, negative ? CBOR_NINT : CBOR_UINT, word);
}

static void text(struct encoder *e, const struct term *t)
{
	label(e, 2 * (size_t)t->n + 2, 18);
	do_text(e, t->u.text.tail);
	for (uint32_t i = t->n; i-- > 0;) {
		do_term(e, t->u.text.chunks[i].expr);
		do_text(e, t->u.text.chunks[i].before);
	}
}

static void list(struct encoder *e, const struct term *t)
{
	label(e, (size_t)t->n + 2, 4);
	cbor_null(e->out);
	for (uint32_t i = t->n; i-- > 0;)
		do_term(e, t->u.list.items[i]);
}

static void empty_list(struct encoder *e, const struct term *t)
{
	const struct term *type = t->u.one.a;
	bool plain = type->kind == TERM_APP && type->u.two.a->kind == TERM_BUILTIN && type->u.two.a->sub == BUILTIN_LIST;

	parts(e, plain ? 4 : 28, plain ? type->u.two.b : type, NULL, NULL);
}

/* By name; a name that stands twice keeps its order. */
static int by_name(const void *a, const void *b)
{
	const struct term_field *x = *(const struct term_field *const *)a, *y = *(const struct term_field *const *)b;
	int order = sym_cmp(x->name, y->name);

	return order ? order : (x > y) - (x < y);
}

static void fields(struct encoder *e, unsigned number, const struct term *t)
{
	const struct term_field **order;
	bool sorted = true;

	label(e, 2, number);
	cbor_map(e->out, t->n);
	for (uint32_t i = 1; i < t->n && sorted; i++)
		sorted = sym_cmp(t->u.fields.fields[i - 1].name, t->u.fields.fields[i].name) <= 0;
	if (sorted) {
		for (uint32_t i = t->n; i-- > 0;) {
			do_term(e, t->u.fields.fields[i].value);
			do_name(e, t->u.fields.fields[i].name);
		}
		return;
	}
	order = mem_array(const struct term_field *, t->n);
	for (uint32_t i = 0; i < t->n; i++)
		order[i] = &t->u.fields.fields[i];
	qsort(order, t->n, sizeof *order, by_name);
	for (uint32_t i = t->n; i-- > 0;) {
		do_term(e, order[i]->value);
		do_name(e, order[i]->name);
	}
	mem_free(order);
}

static void projection(struct encoder *e, const struct term *t)
{
	label(e, (size_t)t->n + 2, 10);
	for (uint32_t i = t->n; i-- > 0;)
		do_name(e, t->u.project.names[i]);
	do_term(e, t->u.project.a);
}

static void steps(struct encoder *e, const struct term *t)
{
	cbor_array(e->out, t->n);
	for (uint32_t i = 0; i < t->n; i++) {
		if (t->u.with.path[i].kind == WITH_OPTIONAL)
			cbor_uint(e->out, 0);
		else
			name(e, t->u.with.path[i].name);
	}
}

static void time_of_day(struct encoder *e, const struct term *t)
{
	uint64_t scale = 1;

	for (unsigned i = 0; i < t->u.time.precision; i++)
		scale *= 10;
	label(e, 4, 31);
	cbor_uint(e->out, t->u.time.hour);
	cbor_uint(e->out, t->u.time.minute);
	cbor_tag(e->out, 4);
	cbor_array(e->out, 2);
	cbor_int(e->out, -(int64_t)t->u.time.precision);
	cbor_uint(e->out, t->u.time.second * scale + t->u.time.fraction);
}

static void zone(struct encoder *e, const struct term *t)
{
	int32_t minutes = t->u.zone.minutes;

	label(e, 4, 32);
	cbor_bool(e->out, minutes >= 0);
	cbor_uint(e->out, (uint64_t)(abs(minutes) / 60));
	cbor_uint(e->out, (uint64_t)(abs(minutes) % 60));
}

static void place(struct encoder *e, const struct import *i)
{
	if (i->kind == IMPORT_REMOTE)
		cbor_text(e->out, i->authority);
	for (size_t n = 0; n < i->nparts; n++)
		cbor_text(e->out, i->parts[n]);
	if (i->kind == IMPORT_REMOTE && i->query.p)
		cbor_text(e->out, i->query);
	else if (i->kind == IMPORT_REMOTE)
		cbor_null(e->out);
}

static void import(struct encoder *e, const struct import *i)
{
	static const uint8_t locals[] = {[BASE_ABSOLUTE] = 2, [BASE_HERE] = 3, [BASE_PARENT] = 4, [BASE_HOME] = 5};
	char multihash[34] = "\x12\x20";
	bool remote = i->kind == IMPORT_REMOTE;

	label(e, 4 + i->nparts + (remote ? 3 : 0) + (i->kind == IMPORT_ENV), 24);
	memcpy(multihash + 2, i->hash, 32);
	if (i->has_hash)
		cbor_bytes(e->out, str_of(multihash, 34));
	else
		cbor_null(e->out);
	cbor_uint(e->out, i->mode);
	switch (i->kind) {
	case IMPORT_REMOTE:
		cbor_uint(e->out, i->https);
		do_other(e, TODO_PLACE, i);
		do_term(e, i->headers);
		break;
	case IMPORT_LOCAL:
		cbor_uint(e->out, locals[i->base]);
		place(e, i);
		break;
	case IMPORT_ENV:
		cbor_uint(e->out, 6);
		cbor_text(e->out, i->variable);
		break;
	case IMPORT_MISSING: cbor_uint(e->out, 7); break;
	}
}

static void date(struct encoder *e, const struct term *t)
{
	label(e, 4, 30);
	cbor_int(e->out, t->u.date.year);
	cbor_uint(e->out, t->u.date.month);
	cbor_uint(e->out, t->u.date.day);
}

static void with(struct encoder *e, const struct term *t)
{
	label(e, 4, 29);
	do_term(e, t->u.with.b);
	do_other(e, TODO_STEPS, t);
	do_term(e, t->u.with.a);
}

static void term(struct encoder *e, const struct term *t)
{
	switch ((enum term_kind)t->kind) {
	case TERM_VAR: variable(e, t); break;
	case TERM_CONST: constant(e, t); break;
	case TERM_BUILTIN: builtin(e, t); break;
	case TERM_LAMBDA:
	case TERM_PI: binder(e, t); break;
	case TERM_APP: application(e, t); break;
	case TERM_LET: let(e, t); break;
	case TERM_ANNOT: parts(e, 26, t->u.two.a, t->u.two.b, NULL); break;
	case TERM_BOOL: cbor_bool(e->out, t->sub != 0); break;
	case TERM_NATURAL:
	case TERM_INTEGER:
		label(e, 2, t->kind == TERM_NATURAL ? 15 : 16);
		integer(e, t->u.num);
		break;
	case TERM_DOUBLE: cbor_double(e->out, t->u.dbl); break;
	case TERM_TEXT: text(e, t); break;
	case TERM_BYTES:
		label(e, 2, 33);
		cbor_bytes(e->out, t->u.bytes);
		break;
	case TERM_DATE: date(e, t); break;
	case TERM_TIME: time_of_day(e, t); break;
	case TERM_TIMEZONE: zone(e, t); break;
	case TERM_IF: parts(e, 14, t->u.three.a, t->u.three.b, t->u.three.c); break;
	case TERM_LIST: list(e, t); break;
	case TERM_EMPTY: empty_list(e, t); break;
	case TERM_SOME:
		label(e, 3, 5);
		cbor_null(e->out);
		do_term(e, t->u.one.a);
		break;
	case TERM_MERGE: parts(e, 6, t->u.three.a, t->u.three.b, t->u.three.c); break;
	case TERM_TOMAP: parts(e, 27, t->u.two.a, t->u.two.b, NULL); break;
	case TERM_SHOW_CONSTRUCTOR: parts(e, 34, t->u.one.a, NULL, NULL); break;
	case TERM_ASSERT: parts(e, 19, t->u.one.a, NULL, NULL); break;
	case TERM_RECORD: fields(e, 8, t); break;
	case TERM_RECORD_TYPE: fields(e, 7, t); break;
	case TERM_UNION: fields(e, 11, t); break;
	case TERM_FIELD:
		label(e, 3, 9);
		do_name(e, t->u.field.name);
		do_term(e, t->u.field.a);
		break;
	case TERM_PROJECT: projection(e, t); break;
	case TERM_PROJECT_TYPE:
		label(e, 3, 10);
		do_term(e, t->u.two.b);
		do_other(e, TODO_LIST, NULL);
		do_term(e, t->u.two.a);
		break;
	case TERM_OP: operation(e, t->sub, t); break;
	case TERM_COMPLETE: operation(e, OP_COMPLETE_CODE, t); break;
	case TERM_WITH: with(e, t); break;
	case TERM_IMPORT: import(e, t->u.import); break;
	}
}

static void step(struct encoder *e, const struct todo *t)
{
	switch ((enum todo_kind)t->kind) {
	case TODO_TERM:
		if (t->u.p)
			term(e, t->u.p);
		else
			cbor_null(e->out);
		break;
	case TODO_BINDINGS: bindings(e, t->u.p); break;
	case TODO_NAME: name(e, t->u.name); break;
	case TODO_TEXT: cbor_text(e->out, t->u.text); break;
	case TODO_LIST: cbor_array(e->out, 1); break;
	case TODO_PUSH: scope_push(&e->scope, t->u.name); break;
	case TODO_POP:
		for (size_t i = 0; i < t->u.n; i++)
			scope_pop(&e->scope);
		break;
	case TODO_STEPS: steps(e, t->u.p); break;
	case TODO_PLACE: place(e, t->u.p); break;
	}
}

bool term_encode_within(const struct term *t, struct buf *out, size_t max)
{
	struct encoder e = {.out = out};
	size_t before = out->n;

	do_term(&e, t);
	while (e.todo.n && out->n - before <= max) {
		struct todo next = vec_pop(&e.todo);

		step(&e, &next);
	}
	vec_free(&e.todo);
	scope_free(&e.scope);
	arena_clear(&e.scratch);
	return out->n - before <= max;
}

void term_encode(const struct term *t, struct buf *out)
{
	(void)!term_encode_within(t, out, SIZE_MAX);
}
