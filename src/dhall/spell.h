/* spell.h: how the leaves of terms are written: names, texts, numbers, dates, imports.
 *
 * Each appends to a buf what the parser reads back as the same thing. */
#ifndef STRAYLIGHT_DHALL_SPELL_H
#define STRAYLIGHT_DHALL_SPELL_H

#include "term.h"

enum spell_label {
	SPELL_VARIABLE, /* quoted when it is a keyword or a builtin */
	SPELL_FIELD,    /* quoted when it is a keyword; a builtin's name may stand in a record */
	SPELL_SELECTOR, /* behind a '.': as a field, but Some is quoted too */
};
void spell_label(sym, enum spell_label, struct buf *out);

/* The inside of a "…" literal. */
void spell_text(str, struct buf *out);

/* Whether a text has several lines, not all empty: it can be written between '' and ''. */
bool spell_multiline(const struct term *);
/* Whether it can without an interpolation more than it has. */
bool spell_plain_lines(const struct term *);

/* A term without parts: constants, builtins, numbers, dates, bytes. */
bool spell_leaf(const struct term *, struct buf *out);

/* Where an import points to; behind it stand its headers, its hash and its mode ("as Text"). */
void spell_place(const struct import *, struct buf *out);
void spell_hash(const struct import *, struct buf *out);
const char *spell_mode(const struct import *); /* empty for code */

#endif
