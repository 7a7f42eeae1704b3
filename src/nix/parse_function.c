/* Functions: x: e, { a, b ? c, ... }: e, and those with a name for the whole. */
#include "lex.h"

#include <stdlib.h>

static int by_formal(const void *a, const void *b)
{
	const struct formal *x = a, *y = b;

	return x->name < y->name ? -1 : x->name > y->name;
}

static void end_formals(struct parser *p, struct ex_lambda *l)
{
	if (l->n > 1)
		qsort(l->formals, l->n, sizeof *l->formals, by_formal);
	for (uint32_t i = 0; i < l->n; i++)
		if ((i > 0 && l->formals[i - 1].name == l->formals[i].name) || l->formals[i].name == l->arg)
			fail_at(p->x, DIAG_NIX_DUPLICATE, l->formals[i].pos,
					l->formals[i].pos + (uint32_t)sym_str(l->formals[i].name).n,
					"the parameter '%.*s' is there twice", STR_ARG(sym_str(l->formals[i].name)));
}

/* { a, b ? c, ... }, tok being behind the brace. */
static void formals(struct parser *p, struct ex_lambda *l)
{
	uint32_t cap = 0;

	while (p->tok.kind != TOKEN_RBRACE) {
		struct formal f = {p->tok.name, place_of(p, p->tok.lo), NULL};

		if (p->tok.kind == TOKEN_ELLIPSIS) {
			l->ellipsis = true;
			nix_lex(p);
			break;
		}
		if (p->tok.kind != TOKEN_ID)
			unexpected(p, "a parameter's name");
		nix_lex(p);
		if (p->tok.kind == TOKEN_HAS) {
			nix_lex(p);
			f.fallback = parse_expr(p);
		}
		if (l->n == cap) {
			struct formal *more = arena_array(&p->x->mem, struct formal, cap ? cap * 2 : 8);

			if (cap)
				memcpy(more, l->formals, cap * sizeof *more);
			l->formals = more;
			cap = cap ? cap * 2 : 8;
		}
		l->formals[l->n++] = f;
		if (p->tok.kind != TOKEN_COMMA)
			break;
		nix_lex(p);
	}
	expect(p, TOKEN_RBRACE, "',' or '}'");
}

static struct expr *function_end(struct parser *p, struct ex_lambda *l)
{
	expect(p, TOKEN_COLON, "':'");
	if (l->x.flag)
		end_formals(p, l);
	l->slots = l->n + (l->arg != 0);
	l->x.hi = place_of(p, p->last); /* its head is its place */
	l->body = parse_expr(p);
	return &l->x;
}

struct expr *parse_function_of_set(struct parser *p, sym arg, const char *lo)
{
	struct ex_lambda *l = EXPR(p, ex_lambda, EX_LAMBDA, lo);

	l->arg = arg;
	l->x.flag = 1;
	nix_lex(p);
	formals(p, l);
	if (p->tok.kind == TOKEN_AT && !arg) {
		nix_lex(p);
		if (p->tok.kind != TOKEN_ID)
			unexpected(p, "a name");
		l->arg = p->tok.name;
		nix_lex(p);
	}
	return function_end(p, l);
}

/* Does a function begin with this brace?  Looks ahead without moving. */
bool parse_starts_function(struct parser *p)
{
	struct parser ahead = *p;

	nix_lex(&ahead);
	if (ahead.tok.kind == TOKEN_ELLIPSIS)
		return true;
	if (ahead.tok.kind == TOKEN_ID) {
		nix_lex(&ahead);
		return ahead.tok.kind == TOKEN_COMMA || ahead.tok.kind == TOKEN_HAS || ahead.tok.kind == TOKEN_RBRACE;
	}
	if (ahead.tok.kind != TOKEN_RBRACE)
		return false;
	nix_lex(&ahead);
	return ahead.tok.kind == TOKEN_COLON || ahead.tok.kind == TOKEN_AT;
}

/* A name with ':' or '@' behind it begins a function; tok is the name. */
struct expr *parse_function_or(struct parser *p)
{
	struct parser ahead = *p;
	struct token t = p->tok;
	struct ex_lambda *l;

	nix_lex(&ahead);
	if (ahead.tok.kind == TOKEN_COLON) {
		nix_lex(p);
		l = EXPR(p, ex_lambda, EX_LAMBDA, t.lo);
		l->arg = t.name;
		return function_end(p, l);
	}
	if (ahead.tok.kind == TOKEN_AT) {
		nix_lex(p);
		nix_lex(p);
		if (p->tok.kind != TOKEN_LBRACE)
			unexpected(p, "'{'");
		return parse_function_of_set(p, t.name, t.lo);
	}
	return parse_operators(p);
}
