/* children.h: the parts of a term, for walks that keep a stack of their own. */
#ifndef STRAYLIGHT_DHALL_CHILDREN_H
#define STRAYLIGHT_DHALL_CHILDREN_H

#include "term.h"

struct term_stack {
	const struct term **p;
	size_t n, cap;
};

/* Pushes the parts of a term, the last one first, so that they are popped in source order. */
void term_children(struct term_stack *, const struct term *);

#endif
