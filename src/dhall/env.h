/* env.h: environments, as persistent lists with skip pointers.
 *
 * Entry number `depth` counts from 1 for the outermost binder; the empty environment has depth 0.
 * Looking up the i-th binder from inside takes O(log i) steps (Myers, "An applicative random-access
 * stack", 1983). */
#ifndef STRAYLIGHT_DHALL_ENV_H
#define STRAYLIGHT_DHALL_ENV_H

#include "value.h"

struct env {
	struct val *v;
	struct env *up, *jump;
	uint32_t depth;
};

extern struct env env_empty;

static inline struct env *env_push(struct arena *a, struct env *up, struct val *v)
{
	struct env *e = arena_raw(a, sizeof *e, _Alignof(struct env));
	struct env *j = up->jump;

	e->v = v;
	e->up = up;
	e->jump = up->depth - j->depth == j->depth - j->jump->depth ? j->jump : up;
	e->depth = up->depth + 1;
	return e;
}

/* The entry of de Bruijn index `index`; it must exist. */
static inline struct val *env_get(struct env *e, uint32_t index)
{
	uint32_t want = e->depth - index;

	while (e->depth != want)
		e = e->jump->depth >= want ? e->jump : e->up;
	return e->v;
}

#endif
