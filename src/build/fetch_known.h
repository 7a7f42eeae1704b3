/* fetch_known.h: what has been fetched, by the hash that it was asked for.
 *
 * A record of the store, kind "fetched": the entry as one byte of its kind, one that says whether it is executable, the
 * digest (32 bytes, and 8 of the size, little endian), and a link's target.  What is found is whole. */
#ifndef STRAYLIGHT_BUILD_FETCH_KNOWN_H
#define STRAYLIGHT_BUILD_FETCH_KNOWN_H

#include <straylight/nixhash.h>
#include <straylight/store.h>

/* `what` is what the hash is of: "file" or "nar".  false when it is not known, or not at hand any more.  A DIR has one
 * reference; a target lives in the arena. */
bool fetch_known(struct store *, const char *what, const struct nix_hash *, struct arena *, struct tree_entry *out);
/* That it cannot be written costs the next fetch. */
void fetch_remember(struct store *, const char *what, const struct nix_hash *, const struct tree_entry *);

#endif
