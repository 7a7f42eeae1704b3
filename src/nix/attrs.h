/* attrs.h: attribute sets.
 *
 * A set is a layer of attributes sorted by sym, over another set that it shadows (base) or none.  So
 * a // b costs nothing but a header where a is large; nixpkgs does this millions of times, and looks
 * at few of the attributes.  Layers are merged into one when there are too many (ATTRS_DEPTH_MAX), or
 * when somebody wants to see all attributes (attrs_flat): the header is changed in place then, which
 * nobody notices.
 *
 * Sets are immutable otherwise; attributes live as long as the evaluator. */
#ifndef STRAYLIGHT_NIX_ATTRS_H
#define STRAYLIGHT_NIX_ATTRS_H

#include "value.h"

#define ATTRS_DEPTH_MAX 8

struct attr {
	sym name;
	uint32_t pos; /* syntax.h; 0: none */
	struct val *v;
};

struct attrs {
	struct attr *e;
	struct attrs *base; /* NULL: e is all there is */
	uint32_t n;         /* of e */
	uint32_t depth;     /* layers below this one */
};

extern struct attrs attrs_empty;

/* NULL when there is none of that name. */
const struct attr *attrs_find(const struct attrs *, sym);

/* One layer with all attributes; returns its argument. */
struct attrs *attrs_flat(struct arena *, struct attrs *);

/* a // b. */
struct attrs *attrs_update(struct arena *, struct attrs *a, struct attrs *b);

/* Room for n attributes, to be filled and then ended; n may shrink before that. */
struct attrs *attrs_new(struct arena *, size_t n);
/* Sorts what was filled in; of two with one name the first (in order of filling) is kept. */
void attrs_end(struct attrs *);

/* The attributes of a flat set in the byte order of their names; in the arena. */
const struct attr **attrs_by_name(struct arena *, const struct attrs *);

static inline void attrs_put(struct attrs *a, sym name, uint32_t pos, struct val *v)
{
	a->e[a->n++] = (struct attr){name, pos, v};
}

#endif
