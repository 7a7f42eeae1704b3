/* edits.h: changes of a text by span; what no edit covers stays as it is, to the byte. */
#ifndef STRAYLIGHT_DHALL_EDITS_H
#define STRAYLIGHT_DHALL_EDITS_H

#include "term.h"

struct edit {
	uint32_t lo, hi; /* replaced by `with`; lo == hi: inserted */
	uint32_t order;  /* of edits at one place */
	str with;        /* borrowed until edits_apply */
};

struct edits {
	const struct unit *unit;
	str text;
	VEC(struct edit) list;
};

void edit_add(struct edits *, uint32_t lo, uint32_t hi, str with);
/* The text with the edits, which are freed; what two of them remove is removed once. */
void edits_apply(struct edits *, struct buf *out);

/* The next byte from `at` on that is neither whitespace nor in a comment. */
uint32_t edit_skip(const struct edits *, uint32_t at);
/* The first byte of the term behind the parentheses that it may be in. */
uint32_t edit_start(const struct edits *, const struct term *);
/* Where the location of the import that starts at `at` ends; its headers, hash and mode stand behind it. */
uint32_t edit_place_end(const struct edits *, const struct import *, uint32_t at);
/* Removes text[lo..hi) with the blanks behind it; when nothing else stands in its lines, with the lines and the empty
 * ones behind them. */
void edit_cut(struct edits *, uint32_t lo, uint32_t hi);

#endif
