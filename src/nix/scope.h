/* scope.h: what scope.c keeps while it binds names. */
#ifndef STRAYLIGHT_NIX_SCOPE_H
#define STRAYLIGHT_NIX_SCOPE_H

#include <straylight/base.h>

struct bound { /* what a name means here; level 0: nothing */
	uint32_t level, slot;
};

struct binder { /* what it meant outside, to be put back */
	sym name;
	struct bound old;
};

#endif
