/* lex.h: bytes into tokens, for the parser only.
 *
 * One token of lookahead, found on demand.  Where the content of a token has a grammar of its own
 * (numbers, texts, paths, URLs), the lexer only recognises its beginning and leaves `at` behind the
 * first byte or bytes; the parser then reads on from the token's `lo` with the functions of
 * literal.c, text.c and path.c, and asks for the next token.  So interpolation needs no modes.
 *
 * The text is a copy in the unit's arena that PAD zero bytes follow: scanning loops need no bound,
 * because no byte class contains NUL. */
#ifndef STRAYLIGHT_DHALL_LEX_H
#define STRAYLIGHT_DHALL_LEX_H

#include "scope.h"
#include "term.h"

#include <setjmp.h>

#define LEX_PAD 16

enum token_kind {
	/* what an argument may start with */
	TOKEN_LABEL,      /* name */
	TOKEN_BUILTIN,    /* sub: enum builtin */
	TOKEN_CONST,      /* sub: enum term_const */
	TOKEN_BOOL,       /* sub: 0 or 1 */
	TOKEN_NUMBER,     /* only its start; also dates, times, 0x"bytes" */
	TOKEN_INFINITY,
	TOKEN_NAN,
	TOKEN_DOUBLE_QUOTE, /* only the quote */
	TOKEN_SINGLE_QUOTE, /* only the two quotes */
	TOKEN_PATH,       /* only its start: / ./ ../ ~/ */
	TOKEN_HTTP,       /* http:// or https:// */
	TOKEN_ENV,        /* env: */
	TOKEN_MISSING,
	TOKEN_LPAREN,
	TOKEN_LBRACE,
	TOKEN_LBRACKET,
	TOKEN_LANGLE,
	TOKEN_LAST_OPERAND = TOKEN_LANGLE,
	/* operators: TOKEN_OP + enum term_op, in that order */
	TOKEN_OP,
	TOKEN_LAST_OP = TOKEN_OP + OP_EQUIVALENT,
	/* reserved words */
	TOKEN_IF, TOKEN_THEN, TOKEN_ELSE, TOKEN_LET, TOKEN_IN, TOKEN_USING, TOKEN_ASSERT, TOKEN_AS,
	TOKEN_MERGE, TOKEN_SOME, TOKEN_TOMAP, TOKEN_FORALL, TOKEN_WITH, TOKEN_SHOW_CONSTRUCTOR,
	/* the rest */
	TOKEN_LAMBDA, TOKEN_ARROW, TOKEN_COLON, TOKEN_COMPLETE, TOKEN_EQUALS, TOKEN_DOT, TOKEN_COMMA,
	TOKEN_BAR, TOKEN_AT, TOKEN_HASH, TOKEN_RPAREN, TOKEN_RBRACE, TOKEN_RBRACKET, TOKEN_RANGLE,
	TOKEN_END, /* of the text */
	TOKEN_BAD, /* a byte that starts nothing */
};

struct token {
	uint8_t kind; /* enum token_kind */
	uint8_t sub;
	bool gap;     /* whitespace or a comment stands before it */
	bool quoted;  /* LABEL: in backticks */
	uint32_t lo, hi;
	sym name;
};

/* An expression that waits for its last part: \(name : a) ->, let name : a = b in, if a then b else … */
struct frame {
	uint8_t kind; /* enum frame_kind, parse.c */
	uint32_t lo;
	sym name;
	struct term *a, *b;
};

struct parser {
	const char *text, *at; /* at: where the next token or its whitespace starts */
	size_t n;
	struct token tok;
	uint32_t end; /* of the token before tok */
	uint32_t operand; /* where the expression's first operand starts: the place of a bare [] */
	uint32_t depth;
	const char *floor; /* stack.h */
	struct arena *mem; /* the unit's */
	struct unit *unit;
	struct scope scope;
	struct diags *diags;
	jmp_buf *leave; /* where an error goes */
	const char *top; /* the frame that has it */
	sym underscore;
	/* stacks shared by all levels: each user remembers where its part begins */
	VEC(struct frame) frames;
	VEC(struct term *) terms;
	VEC(uint8_t) ops;
	VEC(struct term_field) fields;
	VEC(struct term_chunk) chunks;
	VEC(struct with_step) steps;
	VEC(str) parts;
	VEC(struct span) comments;
	VEC(struct import *) imports;
	struct buf bytes; /* a literal with escapes, until it is whole */
};

/* byte classes */
enum {
	BYTE_LABEL = 1,       /* simple-label-next-char */
	BYTE_LABEL_FIRST = 2,
	BYTE_DIGIT = 4,
	BYTE_HEX = 8,
	BYTE_PATH = 16,       /* path-character */
	BYTE_PLAIN = 32,      /* printable ASCII and DEL: what comments may hold */
	BYTE_TEXT = 64,       /* double-quote-char below 0x80, but for '$' */
	BYTE_URL = 128,       /* unreserved / sub-delims / ":" */
};
extern const uint8_t byte_class[256];

static inline bool byte_is(char c, unsigned classes)
{
	return (byte_class[(unsigned char)c] & classes) != 0;
}

static inline unsigned byte_hex(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

/* Makes tok the next token.  `start` does that for the first one, behind any #! lines. */
void lex_start(struct parser *);
void lex_next(struct parser *);

/* What a word that is not quoted is: LABEL, or what the standard reserves it for, and its sub. */
enum token_kind lex_word(str, uint8_t *sub);

/* The length of the character at s, which is not ASCII; leaves when it is not one that Dhall allows. */
unsigned lex_wide(struct parser *, const char *s);

/* ---- errors ---- */

static inline uint32_t lex_offset(const struct parser *p, const char *s)
{
	return (uint32_t)(s - p->text);
}

/* A diagnostic about text[lo..hi); more may be added to it before lex_leave. */
struct diag *lex_error(struct parser *, enum diag_code, uint32_t lo, uint32_t hi, const char *fmt, ...)
	SL_PRINTF(5, 6);
void lex_note(struct parser *, struct diag *, uint32_t lo, uint32_t hi, const char *fmt, ...) SL_PRINTF(5, 6);
SL_NORETURN void lex_leave(struct parser *);

/* What the token is called in a message: 'then', "the end of the text". */
const char *lex_found(const struct parser *, char out[48]);

static inline str lex_slice(const struct parser *p, uint32_t lo, uint32_t hi)
{
	return str_of(p->text + lo, hi - lo);
}

#endif
