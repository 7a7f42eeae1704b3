/* narrow.h: results of actions with a depfile, found by what they read.
 *
 * Beside the action cache, a manifest per narrow key (identity.h) lists up to NARROW_MAX runs, newest
 * first: the headers that the run read, by path and digest, and the digest of its action.  A run whose
 * every read is the same now has the result that an action with the present headers would have. */
#ifndef STRAYLIGHT_BUILD_NARROW_H
#define STRAYLIGHT_BUILD_NARROW_H

#include "identity.h"

#define NARROW_MAX 8

/* The action whose result stands for this one; *reads (in the arena) are what it read. */
bool narrow_get(struct store *, const struct identity *, struct arena *, struct digest *action,
		const str **reads, size_t *nreads);
/* Records that the action of `identity` read these headers.  0 or a negative errno. */
int narrow_put(struct store *, const struct identity *, const str *reads, size_t n);

#endif
