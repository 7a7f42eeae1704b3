/* scope.h: the binders around a place, and both ways between x@n and de Bruijn indices.
 *
 * Starts from {0}; scope_free ends it.  Every question takes constant time, whatever the depth.
 * A free variable keeps the n that is left beyond all binders of its name: x@3 under two binders of x
 * is free with 1, so terms may be moved under other binders without renaming. */
#ifndef STRAYLIGHT_DHALL_SCOPE_H
#define STRAYLIGHT_DHALL_SCOPE_H

#include <straylight/base.h>

struct scope_name {
	sym name;         /* 0: a free cell */
	uint32_t n, cap;
	uint32_t *levels; /* of the binders of this name, outermost first */
	uint64_t mark;    /* for scope_marked */
	uint32_t value;
};

struct scope_binder {
	sym name;
	uint32_t ordinal; /* how many binders of the same name are outside it */
};

struct scope {
	struct arena mem;
	struct scope_name *names; /* open addressing */
	size_t n, mask;
	VEC(struct scope_binder) binders; /* outermost first; n is the depth */
	uint64_t marks;
};

void scope_free(struct scope *);
void scope_push(struct scope *, sym);
void scope_pop(struct scope *);

static inline uint32_t scope_depth(const struct scope *s)
{
	return (uint32_t)s->binders.n;
}

/* The index of x@n seen from here; VAR_FREE when no binder binds it, with *beyond = what is left of n. */
uint32_t scope_find(struct scope *, sym, uint32_t n, uint32_t *beyond);

/* The other way: the name that index stands for here, and the n of x@n. */
sym scope_name(const struct scope *, uint32_t index, uint32_t *n);

/* How many binders of the name are around this place: the n of x@n of a free x is that much more. */
uint32_t scope_count(const struct scope *, sym);

/* A set of names that costs nothing to empty: scope_mark begins a new one; scope_marked puts a name
 * into it, with a value, or tells (true) that it is there, giving that value. */
void scope_mark(struct scope *);
bool scope_marked(struct scope *, sym, uint32_t *value);

#endif
