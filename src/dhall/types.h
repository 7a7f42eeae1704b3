/* types.h: types that an earlier process found (types.c). */
#ifndef STRAYLIGHT_DHALL_TYPES_H
#define STRAYLIGHT_DHALL_TYPES_H

#include "unit.h"

struct recalled;

struct pack { /* what is loaded on behalf of one unit */
	unsigned char name[32];
	VEC(const struct recalled *) used;
	bool fresh; /* something was found that the pack did not have */
};

/* What the unit's own text is: 't' and the SHA-256 of the text, 'p' and the hash by which it is pinned.
 * Without it, it has no key and its type is found anew. */
void types_origin(struct unit *, char kind, const unsigned char digest[32]);

/* Opens the pack of that name, when none is open and the world has the doors; else false. */
bool types_open(struct dhall *, struct pack *, str name) SL_MUST_USE;
void types_close(struct dhall *);

/* Of a resolved unit: sets its encoded type when it is known. */
bool types_recall(struct dhall *, struct unit *) SL_MUST_USE;
/* Of a checked one. */
void types_learn(struct dhall *, const struct unit *);

#endif
