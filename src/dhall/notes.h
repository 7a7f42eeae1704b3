/* notes.h: where the comments of a text stand, for who prints the text anew.
 *
 * A comment belongs to the token in front of it when it ends that token's line, else to the token
 * behind it.  All comments stay in their order: a printer keeps the index of the next one. */
#ifndef STRAYLIGHT_DHALL_NOTES_H
#define STRAYLIGHT_DHALL_NOTES_H

#include "term.h"

struct note {
	uint32_t lo, hi;
	uint32_t after;  /* where the token before it ends; of a comma that ends its line, the token before that; 0: none */
	uint32_t next;   /* where the token behind it starts; the text's end when there is none */
	uint32_t outer;  /* where the row of '(' that it stands behind starts; UINT32_MAX: behind no '(' */
	uint32_t broken; /* the first note from this one on with `breaks`; the count when there is none */
	bool behind;     /* belongs to the token before it */
	bool ends;       /* a line break follows */
	bool blank;      /* an empty line follows */
	bool breaks;     /* what it stands in cannot be on one line */
};

struct notes {
	str text;
	struct note *p;
	size_t n;
};

/* In the arena; the text is borrowed. */
struct notes notes_of(struct arena *, const struct unit *, str text);

/* The comment as it stands at the column: the lines of {- … -} keep their places relative to each other,
 * those of a comment that begins the text keep them altogether. */
void notes_spell(const struct notes *, size_t i, uint32_t column, struct buf *out);

#endif
