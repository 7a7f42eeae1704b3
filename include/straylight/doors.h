/* doors.h: the world as the languages see it: files, variables, the network, caches, the embedded prelude.
 *
 * Layer: build.  The one dhall_env and the one nix_env of this program; a build and the commands have the
 * same. */
#ifndef STRAYLIGHT_DOORS_H
#define STRAYLIGHT_DOORS_H

#include <straylight/dhall.h>
#include <straylight/nixstore.h>

/* The variable STRAYLIGHT_PRELUDE stands for the embedded prelude when it is not set.  The integrity
 * cache is the standard's: $XDG_CACHE_HOME/dhall/1220HASH, and below ~/.cache where that is not set, or cannot
 * be written; a damaged entry is a miss.  Types that were found are kept in straylight/types beside it.  What
 * it points to lives in the arena.  The limits are the defaults unless STRAYLIGHT_DHALL_STEPS or
 * STRAYLIGHT_DHALL_BYTES is a number; what is none counts as not set. */
struct dhall_env doors_env(struct arena *);
/* From now on the files of the map (by absolute path) have these texts (const str *) instead of their own; borrowed. */
void doors_instead(struct dhall_env *, const struct map *texts);

/* The n entries are looked through before those of NIX_PATH.  Sources and derivations get their store paths, and
 * are kept in memory alone.  What is fetched goes into nixstore_default.  What it points to lives in the arena. */
struct nix_env doors_nix(struct arena *, const str *search, size_t n);
/* Closes what the doors opened, after the session. */
void doors_nix_end(struct nix_env *);
/* From now on derivations, texts and sources are put into the folder, too; it must outlive the session. */
void doors_nix_keep(struct nix_env *, struct nixstore *);
/* From now on an output that evaluation reads is built first (drvbuild.h), and put into that folder; after doors_nix_keep. */
void doors_nix_build(struct nix_env *);

#endif
