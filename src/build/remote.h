/* remote.h: which server: what was given first, then what straylight.dhall says. */
#ifndef STRAYLIGHT_BUILD_REMOTE_H
#define STRAYLIGHT_BUILD_REMOTE_H

#include "record.h"
#include <straylight/build.h>

/* Completes it; texts go into the arena.  The workspace's word on what belongs to a server counts only for the server
 * that it names; its files also for another. */
void remote_choose(struct build_remote *, const struct remote_settings *, str root, struct arena *);

#endif
