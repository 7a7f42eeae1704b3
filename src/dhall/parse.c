#include "parse.h"
#include "stack.h"

/* The grammar needs no backtracking here: every choice is made by one token, with these three rules.
 *  - An expression is a row of heads (lambda, forall, let, if, assert), an operator expression, and
 *    perhaps "-> expression", ": expression" or with-clauses.  Heads and tails are frames on a stack,
 *    closed from the inside at the end, so chains of them need no recursion.
 *  - What may follow an operator expression depends on its shape (enum shape), not on its length.
 *  - [] is allowed only as the first operand of an expression, and only before ':'. */

#define DEPTH_MAX 200000 /* of brackets and other nesting: what a stack of POOL_STACK holds in every build */

enum frame_kind {
	FRAME_LAMBDA,
	FRAME_PI,
	FRAME_ARROW,
	FRAME_LET,
	FRAME_LET_IN, /* `in` follows its value */
	FRAME_IF,
	FRAME_ASSERT,
	FRAME_ANNOT,
	FRAME_LAST, /* a is a merge, toMap or [] whose annotation follows */
};

enum shape {
	SHAPE_PLAIN, /* import-expression: `with` may follow */
	SHAPE_LAST,  /* exactly merge a b, toMap a, or []: an annotation is part of it */
	SHAPE_OTHER,
};

static struct term *operators(struct parser *, enum shape *);

/* ---- depth ---- */

static void too_deep(struct parser *p)
{
	struct diag *d = lex_error(p, DIAG_SYNTAX_DEPTH, p->tok.lo, p->tok.hi, "nested too deep");

	diag_hint(p->diags, d, "at most %d levels of brackets fit; name inner parts with 'let'", DEPTH_MAX);
	lex_leave(p);
}

void parse_down(struct parser *p)
{
	if (SL_UNLIKELY(++p->depth > DEPTH_MAX || stack_low(p->floor)))
		too_deep(p);
}

/* ---- terms of parts ---- */

struct term *parse_operation(struct parser *p, enum term_op op, const struct term *a, const struct term *b)
{
	struct term *t = parse_make(p, TERM_OP, a->lo, b->hi);

	t->sub = (uint8_t)op;
	t->u.two.a = a;
	t->u.two.b = b;
	return t;
}

struct term *parse_pair(struct parser *p, enum term_kind kind, const struct term *a, const struct term *b)
{
	struct term *t = parse_make(p, kind, a->lo, p->end);

	t->u.two.a = a;
	t->u.two.b = b;
	return t;
}

/* ---- application and operators ---- */

/* An operand that whitespace must precede. */
static struct term *argument(struct parser *p, const char *what)
{
	if (!p->tok.gap || p->tok.kind > TOKEN_LAST_OPERAND)
		parse_unexpected(p, what, p->tok.gap ? "put what is not a plain operand in parentheses" : NULL);
	return parse_operand(p);
}

/* merge a b, Some a, toMap a, showConstructor a */
static struct term *prefixed(struct parser *p, enum term_kind kind, const char *word_text)
{
	uint32_t lo = p->tok.lo;
	struct term *t, *a, *b = NULL;

	parse_spaced(p, word_text);
	a = argument(p, kind == TERM_MERGE ? "the record of handlers" : "the argument");
	if (kind == TERM_MERGE)
		b = argument(p, "the union to merge");
	t = parse_make(p, kind, lo, p->end);
	t->u.three.a = a;
	t->u.three.b = b; /* not there for the others: NULL is right for toMap, and unused for Some */
	return t;
}

static struct term *application(struct parser *p, enum shape *shape)
{
	struct term *t;

	*shape = SHAPE_OTHER;
	switch ((enum token_kind)p->tok.kind) {
	case TOKEN_MERGE:
		t = prefixed(p, TERM_MERGE, "merge");
		*shape = SHAPE_LAST;
		break;
	case TOKEN_TOMAP:
		t = prefixed(p, TERM_TOMAP, "toMap");
		*shape = SHAPE_LAST;
		break;
	case TOKEN_SOME: t = prefixed(p, TERM_SOME, "Some"); break;
	case TOKEN_SHOW_CONSTRUCTOR: t = prefixed(p, TERM_SHOW_CONSTRUCTOR, "showConstructor"); break;
	default:
		t = parse_operand(p);
		*shape = t->kind == TERM_EMPTY && !t->u.one.a ? SHAPE_LAST : SHAPE_PLAIN;
	}
	while (p->tok.gap && p->tok.kind <= TOKEN_LAST_OPERAND) {
		t = parse_pair(p, TERM_APP, t, parse_operand(p));
		*shape = SHAPE_OTHER;
	}
	return t;
}

/* By enum term_op, ORDER OP: the higher, the tighter. */
static const uint8_t tightness[] = {
	[OP_EQUIVALENT] = 0, [OP_ALTERNATIVE] = 1, [OP_OR] = 2, [OP_PLUS] = 3, [OP_TEXT_APPEND] = 4,
	[OP_LIST_APPEND] = 5, [OP_AND] = 6, [OP_COMBINE] = 7, [OP_PREFER] = 8, [OP_COMBINE_TYPES] = 9,
	[OP_TIMES] = 10, [OP_EQ] = 11, [OP_NE] = 12,
};

static struct term *reduce(struct parser *p, struct term *right)
{
	enum term_op op = (enum term_op)vec_pop(&p->ops);

	return parse_operation(p, op, vec_pop(&p->terms), right);
}

static struct term *operators(struct parser *p, enum shape *shape)
{
	struct term *t = application(p, shape);
	size_t base = p->ops.n;
	enum shape ignored;

	while (p->tok.kind >= TOKEN_OP && p->tok.kind <= TOKEN_LAST_OP) {
		uint8_t op = (uint8_t)(p->tok.kind - TOKEN_OP);

		while (p->ops.n > base && tightness[vec_last(&p->ops)] >= tightness[op])
			t = reduce(p, t);
		vec_push(&p->ops, op);
		vec_push(&p->terms, t);
		if (op == OP_PLUS || op == OP_ALTERNATIVE)
			parse_spaced(p, op == OP_PLUS ? "+" : "?");
		else
			lex_next(p);
		*shape = SHAPE_OTHER;
		t = application(p, &ignored);
	}
	while (p->ops.n > base)
		t = reduce(p, t);
	return t;
}

/* ---- expressions ---- */

static void push(struct parser *p, enum frame_kind kind, uint32_t lo, sym name, struct term *a, struct term *b)
{
	vec_push(&p->frames, ((struct frame){(uint8_t)kind, lo, name, a, b}));
}

/* \(name : type) -> … and forall (name : type) -> … */
static void arrow_head(struct parser *p, enum frame_kind kind)
{
	uint32_t lo = p->tok.lo, open;
	struct term *type;
	sym name;

	lex_next(p);
	open = p->tok.lo;
	parse_expect(p, TOKEN_LPAREN, "'(' and the name of a variable",
			kind == FRAME_LAMBDA ? "parameters have types: '\\(x : T) -> …'" : "write 'forall (x : A) -> B'");
	name = parse_binder(p);
	if (p->tok.kind != TOKEN_COLON)
		parse_unexpected(p, "':' and the type of the variable", NULL);
	parse_spaced(p, ":");
	type = parse_expression(p);
	parse_close(p, TOKEN_RPAREN, "')'", open);
	parse_expect(p, TOKEN_ARROW, "'->'", p->tok.kind == TOKEN_EQUALS ? "an arrow is written '->'" : NULL);
	push(p, kind, lo, name, type, NULL);
	scope_push(&p->scope, name);
}

static SL_NORETURN void let_without_in(struct parser *p, uint32_t let)
{
	struct diag *d;

	if ((p->tok.kind == TOKEN_LET || p->tok.kind == TOKEN_IN) && !p->tok.gap) {
		lex_error(p, DIAG_SYNTAX_SPACE, p->tok.lo, p->tok.hi, "a space is missing before '%.*s'",
				STR_ARG(lex_slice(p, p->tok.lo, p->tok.hi)));
		lex_leave(p);
	}
	d = parse_unfinished(p, "'in' or another 'let'");
	lex_note(p, d, let, let + 3, "for the 'let' that begins here");
	if (p->tok.kind == TOKEN_END)
		diag_hint(p->diags, d, "a file is one expression: after its bindings comes 'in' and the result");
	lex_leave(p);
}

static void let_head(struct parser *p)
{
	uint32_t lo = p->tok.lo;
	struct term *type = NULL, *value;
	sym name;

	parse_spaced(p, "let");
	name = parse_binder(p);
	if (p->tok.kind == TOKEN_COLON) {
		parse_spaced(p, ":");
		type = parse_expression(p);
	}
	if (p->tok.kind != TOKEN_EQUALS && !type)
		parse_unexpected(p, "'=' or ':'", "a function is written 'let f = \\(x : T) -> …'");
	parse_expect(p, TOKEN_EQUALS, "'='", NULL);
	value = parse_expression(p);
	if (!p->tok.gap || (p->tok.kind != TOKEN_IN && p->tok.kind != TOKEN_LET))
		let_without_in(p, lo);
	push(p, p->tok.kind == TOKEN_IN ? FRAME_LET_IN : FRAME_LET, lo, name, type, value);
	if (p->tok.kind == TOKEN_IN)
		parse_spaced(p, "in");
	scope_push(&p->scope, name);
}

static void if_part(struct parser *p, enum token_kind kind, const char *word_text, uint32_t lo)
{
	struct diag *d;

	if (p->tok.kind != kind) {
		d = parse_unfinished(p, kind == TOKEN_THEN ? "'then'" : "'else'");
		lex_note(p, d, lo, lo + 2, "for the 'if' that begins here");
		if (kind == TOKEN_ELSE)
			diag_hint(p->diags, d, "every 'if' has an 'else'");
		lex_leave(p);
	}
	parse_spaced(p, word_text);
}

static void if_head(struct parser *p)
{
	uint32_t lo = p->tok.lo;
	struct term *condition, *yes;

	parse_spaced(p, "if");
	condition = parse_expression(p);
	if_part(p, TOKEN_THEN, "then", lo);
	yes = parse_expression(p);
	if_part(p, TOKEN_ELSE, "else", lo);
	push(p, FRAME_IF, lo, 0, condition, yes);
}

static bool head(struct parser *p)
{
	switch ((enum token_kind)p->tok.kind) {
	case TOKEN_LAMBDA: arrow_head(p, FRAME_LAMBDA); return true;
	case TOKEN_FORALL: arrow_head(p, FRAME_PI); return true;
	case TOKEN_LET: let_head(p); return true;
	case TOKEN_IF: if_head(p); return true;
	case TOKEN_ASSERT:
		push(p, FRAME_ASSERT, p->tok.lo, 0, NULL, NULL);
		lex_next(p);
		if (p->tok.kind != TOKEN_COLON)
			parse_unexpected(p, "':' and what is asserted", "write 'assert : a === b'");
		parse_spaced(p, ":");
		return true;
	default: return false;
	}
}

static void with_step(struct parser *p)
{
	struct with_step step = {WITH_NAME, 0};

	if (p->tok.kind == TOKEN_OP + OP_ALTERNATIVE) {
		step.kind = WITH_OPTIONAL;
		lex_next(p);
	} else {
		step.name = parse_any_label(p, true, "a field name or '?'");
	}
	vec_push(&p->steps, step);
}

/* e with a.b = v with … */
static struct term *with_clauses(struct parser *p, struct term *e)
{
	while (p->tok.kind == TOKEN_WITH && p->tok.gap) {
		size_t base = p->steps.n;
		struct term *t, *value;
		enum shape ignored;

		parse_spaced(p, "with");
		with_step(p);
		while (p->tok.kind == TOKEN_DOT) {
			lex_next(p);
			with_step(p);
		}
		parse_expect(p, TOKEN_EQUALS, "'=' and the new value", NULL);
		p->operand = UINT32_MAX;
		value = operators(p, &ignored);
		t = parse_make(p, TERM_WITH, e->lo, p->end);
		t->n = (uint32_t)(p->steps.n - base);
		t->u.with.a = e;
		t->u.with.path = PARSE_TAKE(p, steps, base, struct with_step);
		t->u.with.b = value;
		e = t;
	}
	return e;
}

/* What follows an operator expression; true when another expression does. */
static bool tail(struct parser *p, struct term **t, enum shape shape)
{
	struct term *e = *t;

	switch ((enum token_kind)p->tok.kind) {
	case TOKEN_ARROW:
		push(p, FRAME_ARROW, e->lo, p->underscore, e, NULL);
		scope_push(&p->scope, p->underscore);
		lex_next(p);
		return true;
	case TOKEN_COLON:
		push(p, shape == SHAPE_LAST ? FRAME_LAST : FRAME_ANNOT, e->lo, 0, e, NULL);
		parse_spaced(p, ":");
		return true;
	case TOKEN_WITH:
		if (shape == SHAPE_PLAIN)
			*t = with_clauses(p, e);
		return false;
	default: return false;
	}
}

static struct term *annotated(struct parser *p, struct term *t, const struct term *type)
{
	t->hi = p->end;
	switch ((enum term_kind)t->kind) {
	case TERM_MERGE: t->u.three.c = type; break;
	case TERM_TOMAP: t->u.two.b = type; break;
	default: t->u.one.a = type; break; /* TERM_EMPTY */
	}
	return t;
}

/* The frame with its last part. */
static struct term *whole(struct parser *p, const struct frame *f, struct term *last)
{
	struct term *t;

	switch ((enum frame_kind)f->kind) {
	case FRAME_LAMBDA:
	case FRAME_PI:
	case FRAME_ARROW:
		scope_pop(&p->scope);
		t = parse_make(p, f->kind == FRAME_LAMBDA ? TERM_LAMBDA : TERM_PI, f->lo, p->end);
		t->u.bind.name = f->name;
		t->u.bind.a = f->a;
		t->u.bind.b = last;
		return t;
	case FRAME_LET:
	case FRAME_LET_IN:
		scope_pop(&p->scope);
		t = parse_make(p, TERM_LET, f->lo, p->end);
		t->flags = f->kind == FRAME_LET_IN ? TERM_FLAG_IN : 0;
		t->u.let.name = f->name;
		t->u.let.type = f->a;
		t->u.let.value = f->b;
		t->u.let.body = last;
		return t;
	case FRAME_IF:
		t = parse_make(p, TERM_IF, f->lo, p->end);
		t->u.three.a = f->a;
		t->u.three.b = f->b;
		t->u.three.c = last;
		return t;
	case FRAME_ASSERT:
		t = parse_make(p, TERM_ASSERT, f->lo, p->end);
		t->u.one.a = last;
		return t;
	case FRAME_ANNOT: return parse_pair(p, TERM_ANNOT, f->a, last);
	case FRAME_LAST: return annotated(p, f->a, last);
	}
	return last;
}

struct term *parse_expression(struct parser *p)
{
	size_t base = p->frames.n;
	enum shape shape;
	struct term *t;

	parse_down(p);
	do {
		while (head(p))
			;
		p->operand = p->tok.lo;
		t = operators(p, &shape);
	} while (tail(p, &t, shape));
	while (p->frames.n > base) {
		struct frame f = vec_pop(&p->frames);

		t = whole(p, &f, t);
	}
	parse_up(p);
	return t;
}

/* ---- the whole text ---- */

static const struct term *complete(struct parser *p)
{
	jmp_buf leave;
	struct term *t;

	p->leave = &leave;
	p->top = __builtin_frame_address(0);
	if (setjmp(leave))
		return NULL;
	lex_start(p);
	t = parse_expression(p);
	if (p->tok.kind != TOKEN_END) {
		parse_unfinished(p, "an operator or the end of the text");
		lex_leave(p);
	}
	p->unit->ncomments = p->comments.n;
	p->unit->comments = PARSE_TAKE(p, comments, 0, struct span);
	p->unit->nimports = p->imports.n;
	p->unit->imports = PARSE_TAKE(p, imports, 0, struct import *);
	return t;
}

/* A limit of the arena is crossed: first the parser's own memory is freed, then its owner hears of it. */
static void release(struct parser *p)
{
	scope_free(&p->scope);
	vec_free(&p->frames);
	vec_free(&p->terms);
	vec_free(&p->ops);
	vec_free(&p->fields);
	vec_free(&p->chunks);
	vec_free(&p->steps);
	vec_free(&p->parts);
	vec_free(&p->comments);
	vec_free(&p->imports);
	buf_free(&p->bytes);
}

struct over {
	struct parser *p;
	arena_over *over;
	void *ud;
};

static void crossed(void *ud)
{
	struct over *o = ud;

	release(o->p);
	o->p->mem->over = o->over;
	o->p->mem->over_ud = o->ud;
	o->over(o->ud);
}

static char *padded(struct arena *a, str text)
{
	char *copy = arena_raw(a, text.n + LEX_PAD, 1);

	if (text.n)
		memcpy(copy, text.p, text.n);
	memset(copy + text.n, 0, LEX_PAD);
	return copy;
}

const struct term *term_parse(struct unit *unit, str text, struct diags *diags)
{
	struct parser p = {.unit = unit, .mem = &unit->arena, .diags = diags, .n = text.n, .floor = stack_floor()};
	struct over over = {&p, unit->arena.over, unit->arena.over_ud};
	const struct term *t;

	if (text.n >= UINT32_MAX - LEX_PAD) {
		lex_error(&p, DIAG_SYNTAX_DEPTH, 0, 0, "a text of 4 GiB or more cannot be parsed");
		return NULL;
	}
	if (unit->arena.limit)
		arena_limit(&unit->arena, unit->arena.limit, crossed, &over);
	p.text = p.at = padded(p.mem, text);
	t = complete(&p);
	release(&p);
	if (unit->arena.limit)
		arena_limit(&unit->arena, unit->arena.limit, over.over, over.ud);
	if (t)
		unit->term = t;
	return t;
}
