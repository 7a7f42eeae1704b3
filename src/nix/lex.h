/* lex.h: bytes into tokens, for the parser only.
 *
 * One token of lookahead.  Of strings and paths the lexer only recognises the beginning; the parser
 * reads on from there (parse_text.c), so interpolation needs no modes.  A zero byte follows the text,
 * and no byte class contains it: loops over a class need no bound. */
#ifndef STRAYLIGHT_NIX_LEX_H
#define STRAYLIGHT_NIX_LEX_H

#include "machine.h"

enum token_kind {
	/* what an operand may start with */
	TOKEN_ID, TOKEN_OR, TOKEN_INT, TOKEN_FLOAT, TOKEN_URI,
	TOKEN_QUOTE, TOKEN_INDENTED, /* only the quotes */
	TOKEN_PATH, TOKEN_HOME, /* only the beginning */
	TOKEN_SEARCH, /* <…> */
	TOKEN_LPAREN, TOKEN_LBRACE, TOKEN_LBRACKET, TOKEN_REC, TOKEN_LET,
	TOKEN_LAST_OPERAND = TOKEN_LET,
	/* operators: ORDER BINARY, as of EX_EQ */
	TOKEN_EQ, TOKEN_NE, TOKEN_LT, TOKEN_LE, TOKEN_GT, TOKEN_GE, TOKEN_AND, TOKEN_LOR, TOKEN_IMPLIES, TOKEN_UPDATE,
	TOKEN_CONCAT, TOKEN_PLUS, TOKEN_MINUS, TOKEN_STAR, TOKEN_SLASH,
	TOKEN_HAS, TOKEN_NOT,
	TOKEN_IF, TOKEN_THEN, TOKEN_ELSE, TOKEN_ASSERT, TOKEN_WITH, TOKEN_IN, TOKEN_INHERIT,
	TOKEN_RPAREN, TOKEN_RBRACE, TOKEN_RBRACKET, TOKEN_DOLLAR, TOKEN_ASSIGN, TOKEN_SEMICOLON,
			TOKEN_COLON, TOKEN_COMMA,
	TOKEN_DOT, TOKEN_ELLIPSIS, TOKEN_AT,
	TOKEN_END,
};

struct token {
	uint8_t kind; /* enum token_kind */
	const char *lo, *hi;
	sym name; /* ID */
};

struct parser {
	struct nix *x;
	const char *text, *end, *at; /* at: behind tok */
	struct token tok;
	const char *last; /* the end of the token before tok */
	const char *no_path, *no_uri; /* no path or URI starts before this, in the run of bytes that ends here */
	uint32_t base; /* the place of text */
	str dir;
};

enum { BYTE_ID = 1, BYTE_ID_FIRST = 2, BYTE_DIGIT = 4, BYTE_PATH = 8, BYTE_SCHEME = 16, BYTE_URI = 32,
		BYTE_SPACE = 64 };
extern const uint8_t nix_bytes[256];

static inline bool byte_is(char c, unsigned classes)
{
	return (nix_bytes[(unsigned char)c] & classes) != 0;
}

void nix_lex(struct parser *);

static inline uint32_t place_of(const struct parser *p, const char *s)
{
	return p->base + (uint32_t)(s - p->text);
}

SL_NORETURN void syntax_error(struct parser *, const char *lo, const char *hi, const char *fmt, ...) SL_PRINTF(4, 5);
SL_NORETURN void unexpected(struct parser *, const char *wanted);

/* ---- parse.c ---- */

struct expr *parse_expr(struct parser *);
struct expr *parse_braced(struct parser *); /* the expression of ${…}, tok being what follows "${"; ends behind "}" */
static inline void *expr_new(struct parser *p, enum expr_kind kind, size_t size, const char *lo)
{
	struct expr *e = arena_alloc(&p->x->mem, size, 8);

	e->kind = (uint8_t)kind;
	e->lo = place_of(p, lo);
	e->hi = place_of(p, p->last && p->last > lo ? p->last : lo + 1);
	return e;
}

#define EXPR(p, T, kind, lo) ((struct T *)expr_new((p), (kind), sizeof(struct T), (lo)))
struct expr *expr_str(struct parser *, str, const char *lo);
struct expr *expr_many(struct parser *, enum expr_kind, size_t mark, const char *lo); /* from the stack above mark */
struct expr *parse_simple(struct parser *);
struct ex_var *expr_var(struct parser *, sym, const char *lo);

static inline void expect(struct parser *p, enum token_kind k, const char *what)
{
	if (p->tok.kind != k)
		unexpected(p, what);
	nix_lex(p);
}

struct expr *parse_operators(struct parser *); /* no function, let, if …: what operators join */

/* ---- parse_function.c ---- */

/* Does a function begin with the brace that tok is?  Looks ahead without moving. */
bool parse_starts_function(struct parser *);
/* tok: the brace; `arg` is the name before it, or 0. */
struct expr *parse_function_of_set(struct parser *, sym arg, const char *lo);
/* tok: a name.  A function when ':' or '@' follows, else an operation. */
struct expr *parse_function_or(struct parser *);

/* ---- parse_text.c ---- */

struct expr *parse_string(struct parser *);   /* tok: QUOTE; "a" is a CONST */
struct expr *parse_indented(struct parser *);
struct expr *parse_path(struct parser *);     /* tok: PATH or HOME */

/* ---- parse_attrs.c ---- */

struct ex_attrs *attrs_begin(struct parser *, enum expr_kind, const char *lo);
void parse_bindings(struct parser *, struct ex_attrs *, enum token_kind end);
/* A path a.b."c".${d}: pushed on x->attr_path; returns how many steps it has. */
uint32_t parse_attr_path(struct parser *);
/* The last n steps leave the stack. */
void parse_take_steps(struct parser *, uint32_t n, struct step *to);

#endif
