/* doors.h: the world as Dhall sees it: files, variables, the embedded prelude, the integrity cache.
 *
 * Layer: build.  The one dhall_env of this program; a build and the dhall commands have the same. */
#ifndef STRAYLIGHT_DOORS_H
#define STRAYLIGHT_DOORS_H

#include <straylight/dhall.h>

/* The variable STRAYLIGHT_PRELUDE stands for the embedded prelude when it is not set.  The integrity
 * cache is the standard's: $XDG_CACHE_HOME/dhall/1220HASH, else below ~/.cache; a damaged entry is a
 * miss.  Types that were found are kept in straylight/types beside it.  What it points to lives in the arena. */
struct dhall_env doors_env(struct arena *);

#endif
