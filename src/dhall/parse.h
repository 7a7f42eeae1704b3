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

/* ---- what starts at the token tok, and leaves the token behind it in tok ---- */

/* parse.c */
struct term *parse_expression(struct parser *);
/* operand.c: the standard's import-expression. */
struct term *parse_operand(struct parser *);
/* fields.c: from '{', from '<', and from the '{' of a.{ x, y }. */
struct term *parse_record(struct parser *);
struct term *parse_union(struct parser *);
struct term *parse_projection(struct parser *, struct term *a);
/* literal.c, text.c, path.c: what their tokens only begin. */
struct term *parse_literal(struct parser *); /* TOKEN_NUMBER */
struct term *parse_text(struct parser *);    /* either quote */
struct term *parse_import(struct parser *);  /* PATH, HTTP, ENV, MISSING */

/* ---- terms of parts that are there ---- */

struct term *parse_variable(struct parser *, sym name, uint32_t n, uint32_t lo, uint32_t hi);
struct term *parse_operation(struct parser *, enum term_op, const struct term *a, const struct term *b);
/* u.two; ends at the token before tok. */
struct term *parse_pair(struct parser *, enum term_kind, const struct term *a, const struct term *b);

/* ---- depth ---- */

/* One level deeper, until parse_up; leaves when that is too deep. */
void parse_down(struct parser *);
static inline void parse_up(struct parser *p)
{
	p->depth--;
}

/* ---- expect.c: each leaves with a diagnostic when it finds something else ---- */

/* "found …, expected WHAT"; the hint may be NULL. */
SL_NORETURN void parse_unexpected(struct parser *, const char *what, const char *hint);
/* The same behind a whole expression that could go on, with a hint for what stands there; returns. */
struct diag *parse_unfinished(struct parser *, const char *what);
/* tok must be `kind`; then the next. */
void parse_expect(struct parser *, enum token_kind, const char *what, const char *hint);
/* The next token, which whitespace must precede; `after` is the text of tok. */
void parse_spaced(struct parser *, const char *after);
/* tok must close the bracket at `open`; then the next. */
void parse_close(struct parser *, enum token_kind, const char *what, uint32_t open);
/* The standard's any-label, with `some` any-label-or-some. */
sym parse_any_label(struct parser *, bool some, const char *what);
/* The standard's nonreserved-label. */
sym parse_binder(struct parser *);

#endif
