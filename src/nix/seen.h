/* seen.h: a set of addresses, for walks over values that may lead back to where they were.
 *
 * Starts from {0}; lives in the evaluator's arena, so an error may pass at any time. */
#ifndef STRAYLIGHT_NIX_SEEN_H
#define STRAYLIGHT_NIX_SEEN_H

#include "machine.h"

struct seen {
	const void **p;
	size_t n, cap; /* cap: a power of two, or 0 */
};

static inline size_t seen_cell(const struct seen *s, const void *p)
{
	size_t at = ((uintptr_t)p >> 4) * 0x9e3779b97f4a7c15u >> 20 & (s->cap - 1);

	while (s->p[at] && s->p[at] != p)
		at = (at + 1) & (s->cap - 1);
	return at;
}

static inline bool seen_has(const struct seen *s, const void *p)
{
	return s->cap && s->p[seen_cell(s, p)];
}

/* True when it was there already. */
static inline bool seen_add(struct nix *x, struct seen *s, const void *p)
{
	size_t at;

	if (s->n * 2 >= s->cap) {
		struct seen more = {.cap = s->cap ? s->cap * 2 : 64};

		more.p = arena_array(&x->mem, const void *, more.cap);
		for (size_t i = 0; i < s->cap; i++)
			if (s->p[i])
				more.p[seen_cell(&more, s->p[i])] = s->p[i];
		more.n = s->n;
		*s = more;
	}
	at = seen_cell(s, p);
	if (s->p[at])
		return true;
	s->p[at] = p;
	s->n++;
	return false;
}

#endif
