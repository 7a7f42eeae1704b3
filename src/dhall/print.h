/* print.h: what the files of the printer share: a layout engine without recursion.
 *
 * The engine is a stack of pieces still to be written.  A term is either flat (on one line) or broken (its
 * separators become line breaks).  Before a term is written, it is tried flat on the rest of the line: the
 * same expansion runs without output and stops after at most WIDTH columns, so every term costs a bounded
 * look ahead.
 *
 * Pieces stand on the stack last first; `row` collects them in reading order and pushes them. */
#ifndef STRAYLIGHT_DHALL_PRINT_H
#define STRAYLIGHT_DHALL_PRINT_H

#include "notes.h"
#include "scope.h"
#include "spell.h"

#define WIDTH 80

/* What may stand in a place without parentheses, by the rules of the grammar. */
enum level {
	LEVEL_EXPRESSION,
	LEVEL_OPERATOR,                        /* + tightness of the operator */
	LEVEL_APPLICATION = LEVEL_OPERATOR + 13,
	LEVEL_IMPORT,                          /* an argument */
	LEVEL_SELECTOR,
};

enum piece_kind {
	PIECE_LITERAL, /* text */
	PIECE_ALT,     /* text when flat, broken when not */
	PIECE_TERM,    /* t, in a place of `level`; i: link */
	PIECE_VALUE,   /* t behind the = of a let: on the same line if it fits, else, or when `inside`, on a line of its own at indent */
	PIECE_HANG,    /* t behind a sign, text, in what starts at indent; i: where dotted names start, see hang */
	PIECE_LINE,    /* flat: text; broken: a line break and `indent` spaces */
	PIECE_LABEL,   /* name, as enum spell_label in level */
	PIECE_FIELDS,  /* the fields of t from i on; inside: of a completion */
	PIECE_ITEMS,   /* the items of t from i on */
	PIECE_CHUNKS,  /* the chunks of t from i on, inside "…" */
	PIECE_LINES,   /* the chunks of t from i on, inside ''…'' */
	PIECE_LETS,    /* t: a let, or the body behind the last one */
	PIECE_ELSE,    /* t: what stands behind else */
	PIECE_PATH,    /* the path of a with */
	PIECE_NAMES,   /* the names of a projection */
	PIECE_HASH,    /* the hash of an import */
	PIECE_WORD,    /* the notes in front of the word or operator that stands before what starts at i */
	PIECE_BEGIN,   /* those behind a word that ends at i */
	PIECE_TRAIL,   /* those behind what ends at i */
	PIECE_CLOSE,   /* those in front of the bracket that ends at i */
	PIECE_PUSH,    /* name is bound */
	PIECE_POP,
};

#define INDENT_OWN UINT32_MAX

struct piece {
	uint8_t kind, level;
	bool flat;
	bool inside; /* TERM: of parentheses that are there already */
	uint32_t i, indent; /* TERM: indent is where lines of a with start, less 2; INDENT_OWN: where it starts itself */
	sym name;
	const char *text, *broken;
	const struct term *t;
};

struct printer {
	struct buf *out;
	uint32_t column;
	struct scope scope;
	VEC(struct piece) todo;
	bool measuring, resolved;
	bool unicode; /* signs as the standard has them in Unicode */
	long room; /* while measuring: columns left */
	uint32_t limit; /* while measuring: where the term ends; notes behind it do not count */
	struct buf leaf;
	str shared; /* by print_lines; no text in lines stands in another one */
	const struct notes *notes; /* NULL: a term without its text */
	size_t note; /* the next one */
	bool owed; /* a line break, because a note ended the line */
	uint32_t owed_indent;
};

/* ---- pieces ---- */

static inline struct piece literal(const char *text)
{
	return (struct piece){.kind = PIECE_LITERAL, .text = text};
}

static inline struct piece alternative(const char *flat, const char *broken)
{
	return (struct piece){.kind = PIECE_ALT, .text = flat, .broken = broken};
}

static inline struct piece term(const struct term *t, unsigned level)
{
	return (struct piece){.kind = PIECE_TERM, .t = t, .level = (uint8_t)level, .indent = INDENT_OWN};
}

/* The same in something that starts at another column. */
static inline struct piece inner(const struct term *t, uint32_t indent)
{
	struct piece q = term(t, LEVEL_EXPRESSION);

	q.indent = indent;
	return q;
}

/* A part of a chain that is broken as a whole: not tried on one line. */
static inline struct piece link(const struct term *t, bool chain, uint32_t indent)
{
	struct piece q = inner(t, indent);

	q.i = chain;
	return q;
}

static inline struct piece label(sym name, enum spell_label use)
{
	return (struct piece){.kind = PIECE_LABEL, .name = name, .level = (uint8_t)use};
}

static inline struct piece line_or(const char *flat, uint32_t indent)
{
	return (struct piece){.kind = PIECE_LINE, .text = flat, .indent = indent};
}

static inline struct piece rest(enum piece_kind kind, const struct term *t, uint32_t i, uint32_t indent)
{
	return (struct piece){.kind = (uint8_t)kind, .t = t, .i = i, .indent = indent};
}

static inline struct piece notes(enum piece_kind kind, uint32_t at, uint32_t indent)
{
	return (struct piece){.kind = (uint8_t)kind, .i = at, .indent = indent};
}

static inline struct piece bound(sym name)
{
	return (struct piece){.kind = PIECE_PUSH, .name = name};
}

static inline struct piece unbound(void)
{
	return (struct piece){.kind = PIECE_POP};
}

void print_row_(struct printer *, bool flat, const struct piece *, size_t n);
#define row(p, flat, ...) \
	print_row_((p), (flat), (const struct piece[]){__VA_ARGS__}, \
		sizeof((const struct piece[]){__VA_ARGS__}) / sizeof(struct piece))

/* ---- print.c: output ---- */

void print_line(struct printer *, uint32_t indent);
void print_emit(struct printer *, str);
void print_leaf(struct printer *); /* p->leaf, which is then empty */
/* Whether the piece takes at most `room` columns when flat; p->room is then what is left. */
bool print_fits(struct printer *, const struct piece *, long room);
/* Pieces are pushed from the last one on, as a left-deep term is taken apart; a long one is known not
 * to fit before it is all there. */
bool print_too_long(struct printer *, size_t pieces);

/* ---- print_notes.c: comments ----
 * They are written in their order, each at the first of these places that comes by: in front of the term
 * or name that follows it, behind the term that it stands behind, in front of the bracket that closes what
 * it stands in.  What contains one that needs a line break is broken. */

/* The next note if it starts before `limit`. */
const struct note *print_next_note(const struct printer *, uint32_t limit);
/* Whether a note stands in what ends there that keeps it from being on one line. */
bool print_note_breaks(const struct printer *, uint32_t end);
/* Those in front of what starts there, which then stands at the present column. */
void print_lead(struct printer *, uint32_t start);
/* Inside the parentheses around t, in front of its first token. */
void print_lead_inside(struct printer *, const struct term *t);
void print_lead_word(struct printer *, uint32_t start);
void print_lead_begin(struct printer *, uint32_t end);
void print_trail(struct printer *, uint32_t end, uint32_t indent);
/* Those before `end`, of an expression of several words: behind the first one. */
void print_inner_notes(struct printer *, uint32_t end, uint32_t indent);
void print_close_notes(struct printer *, uint32_t end, bool flat, uint32_t indent);
/* Those behind everything. */
void print_last_notes(struct printer *);

/* ---- how each kind is written; `base` is the column where it starts ---- */

/* print_expression.c */
void print_expression(struct printer *, struct piece, uint32_t base);
unsigned print_level(const struct term *); /* enum level: the tightest place that needs no parentheses */
void print_lets(struct printer *, const struct term *, bool apart, bool flat, uint32_t base); /* PIECE_LETS */
void print_else(struct printer *, const struct term *, bool flat, uint32_t base);             /* PIECE_ELSE */
void print_names(struct printer *, const struct term *);                                      /* PIECE_NAMES */
void print_path(struct printer *, const struct term *);                                       /* PIECE_PATH */
/* print_record.c */
void print_record(struct printer *, const struct term *, bool flat, uint32_t base);
void print_completion(struct printer *, const struct term *, bool flat, uint32_t base);
void print_fields(struct printer *, struct piece); /* PIECE_FIELDS */
void print_hang(struct printer *, struct piece);   /* PIECE_HANG */
void print_items(struct printer *, const struct term *, uint32_t i, bool flat, uint32_t base);  /* PIECE_ITEMS */
/* print_text.c */
void print_text(struct printer *, const struct term *, bool flat, uint32_t base);
void print_chunks(struct printer *, const struct term *, uint32_t i);                 /* PIECE_CHUNKS */
void print_lines(struct printer *, const struct term *, uint32_t i, uint32_t indent); /* PIECE_LINES */

#endif
