/* depfile.h: make's dependency syntax, as compilers write it.
 *
 * Bytes in, paths out; no I/O.  Rules "target: a b c", with "\\\n" between lines, "\ " and "\#" for a
 * blank and a hash in a name and "$$" for a dollar sign; backslashes before an escaped character are
 * doubled, others are not.  The empty rules of -MP add nothing, nor do lines that begin with a hash. */
#ifndef STRAYLIGHT_BUILD_DEPFILE_H
#define STRAYLIGHT_BUILD_DEPFILE_H

#include <straylight/base.h>

/* The prerequisites of all rules, in order, in the arena; false when it is no depfile.  Text without any
 * rule is none: who wrote it said nothing about what was read. */
bool depfile_parse(str text, struct arena *, const str **paths, size_t *n) SL_MUST_USE;

#endif
