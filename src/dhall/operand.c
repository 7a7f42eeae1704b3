#include "parse.h"

/* Operands: what an operator, an argument or `with` takes without parentheses. */

struct term *parse_variable(struct parser *p, sym name, uint32_t n, uint32_t lo, uint32_t hi)
{
	struct term *t = parse_make(p, TERM_VAR, lo, hi);

	t->u.var.name = name;
	t->u.var.index = scope_find(&p->scope, name, n, &t->u.var.at);
	return t;
}

/* x or x@n */
static struct term *identifier(struct parser *p)
{
	struct token name = p->tok;
	const struct term *at;

	lex_next(p);
	if (SL_LIKELY(p->tok.kind != TOKEN_AT))
		return parse_variable(p, name.name, 0, name.lo, name.hi);
	lex_next(p);
	at = p->tok.kind == TOKEN_NUMBER ? parse_literal(p) : NULL;
	if (!at || at->kind != TERM_NATURAL)
		parse_unexpected(p, "the index of a variable, a natural number", NULL);
	if (at->u.num.big || at->u.num.small >= VAR_FREE) {
		lex_error(p, DIAG_SYNTAX_NUMBER, at->lo, at->hi, "the index is too large");
		lex_leave(p);
	}
	return parse_variable(p, name.name, (uint32_t)at->u.num.small, name.lo, at->hi);
}

static struct term *empty_list(struct parser *p, uint32_t lo)
{
	struct diag *d;

	lex_next(p);
	if (lo == p->operand && p->tok.kind == TOKEN_COLON)
		return parse_make(p, TERM_EMPTY, lo, p->end);
	d = lex_error(p, DIAG_SYNTAX_UNEXPECTED, lo, p->end, "an empty list needs the type of its elements");
	diag_hint(p->diags, d, "write '[] : List T', in parentheses when it is part of something");
	lex_leave(p);
}

static struct term *list(struct parser *p)
{
	uint32_t lo = p->tok.lo;
	size_t base = p->terms.n;
	struct term *t;

	lex_next(p);
	if (p->tok.kind == TOKEN_COMMA)
		lex_next(p);
	if (p->tok.kind == TOKEN_RBRACKET)
		return empty_list(p, lo);
	if (p->tok.kind == TOKEN_END)
		parse_close(p, TOKEN_RBRACKET, "']'", lo);
	do {
		t = parse_expression(p);
		vec_push(&p->terms, t);
		if (p->tok.kind != TOKEN_COMMA)
			break;
		lex_next(p);
	} while (p->tok.kind != TOKEN_RBRACKET);
	parse_close(p, TOKEN_RBRACKET, "',' or ']'", lo);
	t = parse_make(p, TERM_LIST, lo, p->end);
	t->n = (uint32_t)(p->terms.n - base);
	t->u.list.items = (const struct term *const *)PARSE_TAKE(p, terms, base, struct term *);
	return t;
}

static struct term *parenthesis(struct parser *p)
{
	uint32_t lo = p->tok.lo;
	struct term *t;

	lex_next(p);
	if (p->tok.kind == TOKEN_END)
		parse_close(p, TOKEN_RPAREN, "')'", lo);
	t = parse_expression(p);
	parse_close(p, TOKEN_RPAREN, "')'", lo);
	t->flags |= TERM_FLAG_PAREN;
	t->lo = lo;
	t->hi = p->end;
	return t;
}

static struct term *word(struct parser *p, enum term_kind kind)
{
	struct term *t = parse_make(p, kind, p->tok.lo, p->tok.hi);

	t->sub = p->tok.sub;
	lex_next(p);
	if (p->tok.kind == TOKEN_AT) {
		struct diag *d = lex_error(p, DIAG_SYNTAX_UNEXPECTED, p->tok.lo, p->tok.hi, "a builtin has no index");

		diag_hint(p->diags, d, "a variable of that name is written `%.*s`@n", STR_ARG(lex_slice(p, t->lo, t->hi)));
		lex_leave(p);
	}
	return t;
}

static struct term *special_double(struct parser *p, double d)
{
	struct term *t = parse_make(p, TERM_DOUBLE, p->tok.lo, p->tok.hi);

	t->u.dbl = d;
	lex_next(p);
	return t;
}

static struct term *primitive(struct parser *p)
{
	switch ((enum token_kind)p->tok.kind) {
	case TOKEN_LABEL: return identifier(p);
	case TOKEN_BUILTIN: return word(p, TERM_BUILTIN);
	case TOKEN_CONST: return word(p, TERM_CONST);
	case TOKEN_BOOL: return word(p, TERM_BOOL);
	case TOKEN_NUMBER: return parse_literal(p);
	case TOKEN_INFINITY: return special_double(p, __builtin_inf());
	case TOKEN_NAN: return special_double(p, __builtin_nan(""));
	case TOKEN_DOUBLE_QUOTE:
	case TOKEN_SINGLE_QUOTE: return parse_text(p);
	case TOKEN_LPAREN: return parenthesis(p);
	case TOKEN_LBRACE: return parse_record(p);
	case TOKEN_LBRACKET: return list(p);
	case TOKEN_LANGLE: return parse_union(p);
	default: parse_unexpected(p, "an expression", NULL);
	}
}

static struct term *selector(struct parser *p, struct term *a)
{
	uint32_t open = p->tok.lo;
	struct term *t;
	sym name;

	if (p->tok.kind == TOKEN_LBRACE)
		return parse_projection(p, a);
	if (p->tok.kind == TOKEN_LPAREN) {
		lex_next(p);
		t = parse_expression(p);
		parse_close(p, TOKEN_RPAREN, "')'", open);
		return parse_pair(p, TERM_PROJECT_TYPE, a, t);
	}
	name = parse_any_label(p, false, "a field name, '{ … }' or '( … )'");
	t = parse_make(p, TERM_FIELD, a->lo, p->end);
	t->u.field.a = a;
	t->u.field.name = name;
	return t;
}

static struct term *selectors(struct parser *p)
{
	struct term *t = primitive(p);

	while (p->tok.kind == TOKEN_DOT) {
		lex_next(p);
		t = selector(p, t);
	}
	return t;
}

struct term *parse_operand(struct parser *p)
{
	struct term *t;

	if (p->tok.kind >= TOKEN_PATH && p->tok.kind <= TOKEN_MISSING)
		return parse_import(p);
	t = selectors(p);
	if (p->tok.kind == TOKEN_COMPLETE) {
		lex_next(p);
		t = parse_pair(p, TERM_COMPLETE, t, selectors(p));
	}
	return t;
}

