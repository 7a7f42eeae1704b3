/* parse.h: what the files of the parser share: parse.c, literal.c, text.c and path.c. */
#ifndef STRAYLIGHT_DHALL_PARSE_H
#define STRAYLIGHT_DHALL_PARSE_H

#include "lex.h"

static inline struct term *parse_make(struct parser *p, enum term_kind kind, uint32_t lo, uint32_t hi)
{
	struct term *t = arena_raw(p->mem, sizeof *t, _Alignof(struct term));

	*t = (struct term){.kind = (uint8_t)kind, .lo = lo, .hi = hi};
	return t;
}

/* Copies the part of a stack above `base` to the arena and drops it from the stack. */
#define PARSE_TAKE(p, stack, base, T)                                                              \
	((T *)parse_take_((p), (p)->stack.p ? (p)->stack.p + (base) : NULL, &(p)->stack.n, (base), sizeof(T)))

static inline void *parse_take_(struct parser *p, const void *from, size_t *n, size_t base, size_t size)
{
	void *to = arena_raw(p->mem, (*n - base) * size, _Alignof(max_align_t));

	if (*n > base)
		memcpy(to, from, (*n - base) * size);
	*n = base;
	return to;
}

/* Each starts at the token tok and leaves the token behind the term in tok. */
struct term *parse_expression(struct parser *);
struct term *parse_operand(struct parser *); /* the standard's import-expression */
struct term *parse_literal(struct parser *); /* TOKEN_NUMBER */
struct term *parse_text(struct parser *);    /* either quote */
struct term *parse_import(struct parser *);  /* PATH, HTTP, ENV, MISSING */

/* One level deeper, until parse_up; leaves when that is too deep. */
void parse_down(struct parser *);
static inline void parse_up(struct parser *p)
{
	p->depth--;
}

/* tok must be `kind`; then the next.  `what` says what was expected: "')'". */
void parse_expect(struct parser *, enum token_kind kind, const char *what);
/* The next token, which whitespace must precede; `after` is the token's text. */
void parse_spaced(struct parser *, const char *after);
/* "found …, expected WHAT". */
SL_NORETURN void parse_unexpected(struct parser *, const char *what);

#endif
