/* drv_source.h: sources of derivations, from the disk into the CAS.
 *
 * Layer: build.
 *
 * A source is looked for beside the derivations and in the store's own folder.  Its path was computed from its
 * content and its references, so both can be checked: what is taken has exactly the content, and refers to exactly the
 * paths, that Nix knew. */
#ifndef STRAYLIGHT_BUILD_DRV_SOURCE_H
#define STRAYLIGHT_BUILD_DRV_SOURCE_H

#include <straylight/closure.h>
#include <straylight/valid.h>

struct drv_sources;

/* All are borrowed. */
struct drv_sources *drv_sources_new(struct store *, struct valids *, const struct closure *, str store_dir) SL_MUST_USE;
void drv_sources_free(struct drv_sources *); /* NULL is fine */
/* It is valid, or lies where sources are looked for. */
bool drv_source_is_near(struct drv_sources *, str path);
/* Makes the path valid, and what it refers to before it.  `user` is who needs it, for messages.  NULL after a diagnostic: DRV_SOURCE (it is
 * nowhere, or not what its name says), IO. */
const struct valid *drv_source(struct drv_sources *, str path, str user, struct diags *) SL_MUST_USE;

#endif
