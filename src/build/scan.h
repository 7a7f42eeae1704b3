/* scan.h: which store paths some bytes refer to.
 *
 * Layer: build.
 *
 * A path is referred to when the 32 characters of its hash stand anywhere in the NAR: that is how Nix finds
 * run-time references.  Bytes come in parts of any size; one that is cut between two parts is found. */
#ifndef STRAYLIGHT_BUILD_SCAN_H
#define STRAYLIGHT_BUILD_SCAN_H

#include <straylight/storepath.h>

struct scan;

/* For these full store paths; what is none is never found.  They are borrowed until scan_free. */
struct scan *scan_new(str store_dir, const str *paths, size_t n) SL_MUST_USE;
void scan_free(struct scan *);
void scan_add(struct scan *, str bytes);
/* The ones that were found, in the order given; in the arena. */
const str *scan_found(const struct scan *, struct arena *, size_t *n);

#endif
