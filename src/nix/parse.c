/* The grammar, by recursive descent; operators by precedence climbing.  Lists of things that are being
 * read stand on x->stack, each reader above its own mark. */
#include "lex.h"

#include <stdlib.h>

struct expr *expr_str(struct parser *p, str s, const char *lo)
{
	struct ex_const *e = EXPR(p, ex_const, EX_CONST, lo);

	set_str(p->x, &e->v, s);
	return &e->x;
}

struct ex_var *expr_var(struct parser *p, sym name, const char *lo)
{
	struct ex_var *e = EXPR(p, ex_var, EX_VAR, lo);

	e->name = name;
	return e;
}

struct expr *expr_many(struct parser *p, enum expr_kind kind, size_t mark, const char *lo)
{
	size_t n = p->x->stack.n - mark;
	struct ex_many *e = expr_new(p, kind, sizeof *e + n * sizeof e->e[0], lo);

	e->n = (uint32_t)n;
	if (n)
		memcpy(e->e, p->x->stack.p + mark, n * sizeof e->e[0]);
	p->x->stack.n = mark;
	return &e->x;
}

static struct expr *three(struct parser *p, enum expr_kind kind, struct expr *a, struct expr *b,
		struct expr *c, const char *lo)
{
	struct ex_three *e = EXPR(p, ex_three, kind, lo);

	e->a = a;
	e->b = b;
	e->c = c;
	return &e->x;
}

/* After e was read: reading moves the stack. */
static void push(struct parser *p, struct expr *e)
{
	vec_push(&p->x->stack, e);
}

/* ---- operands ---- */

static struct expr *number(struct parser *p)
{
	struct token t = p->tok;
	struct ex_const *e;
	char digits[400];
	size_t n = (size_t)(t.hi - t.lo);
	char *end;

	nix_lex(p);
	e = EXPR(p, ex_const, EX_CONST, t.lo);
	if (t.kind == TOKEN_INT) {
		int64_t v = 0;

		for (const char *s = t.lo; s < t.hi; s++)
			if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *s - '0', &v))
				syntax_error(p, t.lo, t.hi, "the integer '%.*s' does not fit in 64 bits",
						STR_ARG(str_of(t.lo, n)));
		val_int(&e->v, v);
		return &e->x;
	}
	if (n >= sizeof digits)
		syntax_error(p, t.lo, t.hi, "the number has too many digits");
	memcpy(digits, t.lo, n);
	digits[n] = '\0';
	val_float(&e->v, strtod(digits, &end));
	return &e->x;
}

/* <a/b> is __findFile __nixPath "a/b", with what these names mean here. */
static struct expr *search(struct parser *p)
{
	struct token t = p->tok;
	struct ex_call *e;

	nix_lex(p);
	e = expr_new(p, EX_CALL, sizeof *e + 2 * sizeof e->args[0], t.lo);
	e->n = 2;
	e->f = &expr_var(p, p->x->w.find_file, t.lo)->x;
	e->args[0] = &expr_var(p, p->x->w.nix_path, t.lo)->x;
	e->args[1] = expr_str(p, str_of(t.lo + 1, (size_t)(t.hi - t.lo) - 2), t.lo);
	return &e->x;
}

static struct expr *list(struct parser *p)
{
	const char *lo = p->tok.lo;
	size_t mark = p->x->stack.n;

	nix_lex(p);
	while (p->tok.kind <= TOKEN_LAST_OPERAND)
		push(p, parse_simple(p));
	expect(p, TOKEN_RBRACKET, "']'");
	return expr_many(p, EX_LIST, mark, lo);
}

static struct expr *braces(struct parser *p, bool rec, const char *lo)
{
	struct ex_attrs *a = attrs_begin(p, EX_ATTRS, lo);

	if (p->tok.kind != TOKEN_LBRACE)
		unexpected(p, "'{'");
	nix_lex(p);
	a->x.flag = rec;
	parse_bindings(p, a, TOKEN_RBRACE);
	expect(p, TOKEN_RBRACE, "'}'");
	a->x.hi = place_of(p, p->last);
	return &a->x;
}

/* let { a = …; body = …; } */
static struct expr *old_let(struct parser *p, const char *lo)
{
	struct expr *set = braces(p, true, lo);
	struct ex_select *e = expr_new(p, EX_SELECT, sizeof *e + sizeof e->path[0], lo);

	e->from = set;
	e->n = 1;
	e->path[0] = (struct step){p->x->w.body, e->x.lo, NULL};
	return &e->x;
}

static struct expr *operand(struct parser *p)
{
	struct token t = p->tok;
	struct expr *e;

	switch (t.kind) {
	case TOKEN_ID:
		nix_lex(p);
		if (t.hi - t.lo == 8 && memcmp(t.lo, "__curPos", 8) == 0)
			return EXPR(p, expr, EX_POS, t.lo);
		return &expr_var(p, t.name, t.lo)->x;
	case TOKEN_INT: return number(p);
	case TOKEN_FLOAT: return number(p);
	case TOKEN_QUOTE: return parse_string(p);
	case TOKEN_INDENTED: return parse_indented(p);
	case TOKEN_PATH: return parse_path(p);
	case TOKEN_HOME: return parse_path(p);
	case TOKEN_SEARCH: return search(p);
	case TOKEN_URI:
		nix_lex(p);
		return expr_str(p, str_of(t.lo, (size_t)(t.hi - t.lo)), t.lo);
	case TOKEN_LBRACKET: return list(p);
	case TOKEN_LBRACE: return braces(p, false, t.lo);
	case TOKEN_REC:
		nix_lex(p);
		return braces(p, true, t.lo);
	case TOKEN_LET:
		nix_lex(p);
		return old_let(p, t.lo);
	case TOKEN_LPAREN:
		nix_lex(p);
		e = parse_expr(p);
		expect(p, TOKEN_RPAREN, "')'");
		return e;
	default: unexpected(p, "an expression");
	}
}

/* An operand with what is selected from it; also an item of a list. */
struct expr *parse_simple(struct parser *p)
{
	const char *lo = p->tok.lo;
	struct expr *e = operand(p);
	struct ex_select *s;
	uint32_t n;

	nix_deep(p->x);
	if (p->tok.kind == TOKEN_OR) { /* f or: a call with the variable `or`,
			as it was before the word was reserved */
		struct ex_call *c = expr_new(p, EX_CALL, sizeof *c + sizeof c->args[0], lo);

		c->f = e;
		c->n = 1;
		c->args[0] = &expr_var(p, p->tok.name, p->tok.lo)->x;
		nix_lex(p);
		return &c->x;
	}
	if (p->tok.kind != TOKEN_DOT)
		return e;
	nix_lex(p);
	n = parse_attr_path(p);
	s = expr_new(p, EX_SELECT, sizeof *s + n * sizeof s->path[0], lo);
	s->from = e;
	s->n = n;
	parse_take_steps(p, n, s->path);
	if (p->tok.kind == TOKEN_OR) {
		nix_lex(p);
		s->fallback = parse_simple(p);
		s->x.hi = place_of(p, p->last);
	}
	return &s->x;
}

static struct expr *application(struct parser *p)
{
	const char *lo = p->tok.lo;
	size_t mark = p->x->stack.n, n;
	struct expr *f = parse_simple(p);
	struct ex_call *c;

	if (p->tok.kind > TOKEN_LAST_OPERAND)
		return f;
	while (p->tok.kind <= TOKEN_LAST_OPERAND)
		push(p, parse_simple(p));
	n = p->x->stack.n - mark;
	c = expr_new(p, EX_CALL, sizeof *c + n * sizeof c->args[0], lo);
	c->f = f;
	c->n = (uint32_t)n;
	memcpy(c->args, p->x->stack.p + mark, n * sizeof c->args[0]);
	p->x->stack.n = mark;
	return &c->x;
}

/* ---- operators ---- */

enum side { LEFT, RIGHT, NONE };

static const struct {
	uint8_t level, side;
} operators[] = { /* ORDER BINARY */
	{4, NONE}, {4, NONE}, {5, NONE}, {5, NONE}, {5, NONE}, {5, NONE}, {3, LEFT}, {2, LEFT}, {1, RIGHT},
			{6, RIGHT},
	{10, RIGHT}, {8, LEFT}, {8, LEFT}, {9, LEFT}, {9, LEFT},
};
#define LEVEL_NOT 7
#define LEVEL_HAS 11
#define LEVEL_NEGATE 12

static struct expr *operation(struct parser *p, unsigned level);

static struct expr *has(struct parser *p, struct expr *from, const char *lo)
{
	struct ex_select *s;
	uint32_t n;

	nix_lex(p);
	n = parse_attr_path(p);
	s = expr_new(p, EX_HAS, sizeof *s + n * sizeof s->path[0], lo);
	s->from = from;
	s->n = n;
	parse_take_steps(p, n, s->path);
	return &s->x;
}

static struct expr *prefixed(struct parser *p)
{
	const char *lo = p->tok.lo;
	struct expr *e;

	switch (p->tok.kind) {
	case TOKEN_NOT:
		nix_lex(p);
		e = operation(p, LEVEL_NOT);
		return three(p, EX_NOT, e, NULL, NULL, lo);
	case TOKEN_MINUS:
		nix_lex(p);
		e = operation(p, LEVEL_NEGATE);
		return three(p, EX_NEGATE, e, NULL, NULL, lo);
	default: return application(p);
	}
}

static struct expr *operation(struct parser *p, unsigned level)
{
	const char *lo = p->tok.lo;
	struct expr *e;
	unsigned limit = LEVEL_NEGATE + 1; /* operators of this level and above cannot follow */

	nix_deep(p->x);
	e = prefixed(p);
	for (;;) {
		unsigned kind = p->tok.kind, next;

		if (kind == TOKEN_HAS && level <= LEVEL_HAS) {
			if (limit <= LEVEL_HAS)
				unexpected(p, "another operator");
			e = has(p, e, lo);
			limit = LEVEL_HAS;
			continue;
		}
		if (kind < TOKEN_EQ || kind > TOKEN_SLASH)
			return e;
		next = operators[kind - TOKEN_EQ].level;
		if (next < level)
			return e;
		if (next >= limit)
			unexpected(p, "another operator");
		nix_lex(p);
		e = three(p, (enum expr_kind)(EX_EQ + (kind - TOKEN_EQ)), e,
				operation(p, operators[kind - TOKEN_EQ].side == RIGHT ? next : next + 1), NULL, lo);
		limit = operators[kind - TOKEN_EQ].side == NONE ? next : LEVEL_NEGATE + 1;
	}
}

struct expr *parse_operators(struct parser *p)
{
	return operation(p, 0);
}

/* ---- expressions ---- */

static struct expr *conditional(struct parser *p, const char *lo)
{
	struct expr *a, *b;

	nix_lex(p);
	a = parse_expr(p);
	expect(p, TOKEN_THEN, "'then'");
	b = parse_expr(p);
	expect(p, TOKEN_ELSE, "'else'");
	return three(p, EX_IF, a, b, parse_expr(p), lo);
}

static struct expr *assertion(struct parser *p, const char *lo)
{
	struct expr *a, *b;
	const char *end;

	nix_lex(p);
	a = parse_expr(p);
	end = p->tok.lo;
	expect(p, TOKEN_SEMICOLON, "';'");
	b = three(p, EX_ASSERT, a, parse_expr(p), NULL, lo);
	b->hi = place_of(p, end);
	return b;
}

static struct expr *with(struct parser *p, const char *lo)
{
	struct ex_with *w;
	struct expr *set;

	nix_lex(p);
	set = parse_expr(p);
	expect(p, TOKEN_SEMICOLON, "';'");
	w = EXPR(p, ex_with, EX_WITH, lo);
	w->set = set;
	w->body = parse_expr(p);
	return &w->x;
}

static struct expr *let(struct parser *p, const char *lo)
{
	struct ex_attrs *a;

	nix_lex(p);
	a = attrs_begin(p, EX_LET, lo);
	parse_bindings(p, a, TOKEN_IN);
	if (a->ndynamics)
		fail_at(p->x, DIAG_NIX_SYNTAX, a->dynamics[0].pos, a->dynamics[0].pos + 1,
				"a let has a name that is computed");
	expect(p, TOKEN_IN, "'in'");
	a->body = parse_expr(p);
	a->x.hi = place_of(p, p->last);
	return &a->x;
}

static bool let_is_old(struct parser *p)
{
	struct parser ahead = *p;

	nix_lex(&ahead);
	return ahead.tok.kind == TOKEN_LBRACE;
}

struct expr *parse_expr(struct parser *p)
{
	const char *lo = p->tok.lo;

	nix_deep(p->x);
	switch (p->tok.kind) {
	case TOKEN_ID: return parse_function_or(p);
	case TOKEN_LBRACE: return parse_starts_function(p) ? parse_function_of_set(p, 0, lo) : operation(p, 0);
	case TOKEN_IF: return conditional(p, lo);
	case TOKEN_ASSERT: return assertion(p, lo);
	case TOKEN_WITH: return with(p, lo);
	case TOKEN_LET: return let_is_old(p) ? operation(p, 0) : let(p, lo);
	default: return operation(p, 0);
	}
}

struct expr *parse_braced(struct parser *p)
{
	struct expr *e;

	nix_lex(p);
	e = parse_expr(p);
	if (p->tok.kind != TOKEN_RBRACE)
		unexpected(p, "'}'");
	p->at = p->tok.hi;
	return e;
}

struct expr *nix_parse(struct nix *x, str text, str name, str dir, bool is_path, const struct attrs *names)
{
	struct nix_file *f = files_add(&x->files, name, text, is_path);
	struct parser p = {.x = x, .text = text.p, .end = text.p + text.n, .at = text.p, .dir = dir};
	struct expr *e;

	if (!f)
		fail(x, DIAG_NIX_LIMIT_BYTES, NULL, "all texts together are larger than 4 GiB");
	p.base = f->base;
	if (text.n && memchr(text.p, '\0', text.n))
		syntax_error(&p, memchr(text.p, '\0', text.n), p.end, "the text has a NUL byte");
	x->stack.n = x->attr_path.n = 0; /* what an error left */
	nix_lex(&p);
	e = parse_expr(&p);
	if (p.tok.kind != TOKEN_END)
		unexpected(&p, "an operator or the end of the text");
	scope_bind(x, e, names);
	return e;
}
