/* drv_keys.h: derivations among the keys of a build: what nix-compat actions stand on.
 *
 * A key is the path of a derivation; it is answered when its outputs are valid (valid.h).  One closure and one struct drvbuild
 * serve a build, on its loop and pool, so what two actions need is built once. */
#ifndef STRAYLIGHT_BUILD_DRV_KEYS_H
#define STRAYLIGHT_BUILD_DRV_KEYS_H

#include "keys_int.h"

#include <straylight/drvbuild.h>

struct derivations;

/* Those of the build, opened when they are first needed; NULL after a diagnostic. */
struct derivations *derivations_of(struct build *, struct diags *) SL_MUST_USE;
/* The loop must turn before derivations_free.  Both take NULL. */
void derivations_close(struct derivations *);
void derivations_free(struct derivations *);
/* Moves the warnings of this build. */
void derivations_troubles(struct derivations *, struct diags *);

/* A derivation that evaluation made, with all that it needs; NULL after a diagnostic. */
const struct closure_node *derivations_add(struct derivations *, str path, struct diags *) SL_MUST_USE;
bool derivations_has(struct derivations *, const struct closure_node *);
/* The content of a valid output, whose blobs are in the build's store; false after a diagnostic.  A tree is the caller's. */
bool derivations_output(struct derivations *, str path, struct tree_entry *out, struct diags *) SL_MUST_USE;

/* A root with the output and all that it refers to, "nix/store/…"; the caller's.  false after a diagnostic. */
bool derivations_root(struct derivations *, str path, struct tree **out, struct diags *) SL_MUST_USE;

/* The key is the sym of a path that derivations_add has seen, or an input of one; the value a number, enum drv_served. */
extern const struct dice_kind kind_derivation;

#endif
