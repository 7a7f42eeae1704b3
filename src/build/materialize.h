/* materialize.h: outputs as files in the workspace, below straylight-out/.
 *
 * Private copies (a user may do with them what he likes), written only when the one that is there is
 * not the one that was written for this content: STATE_OUTPUT remembers stamp and digest.  Whatever
 * stands in the way below straylight-out/ is removed. */
#ifndef STRAYLIGHT_BUILD_MATERIALIZE_H
#define STRAYLIGHT_BUILD_MATERIALIZE_H

#include "identity.h"
#include "state.h"

/* The stamp of an output as it stands: of a directory, one that stands for all that is in it.  Any
 * thread.  0 or a negative errno. */
int output_stamp(const char *path, struct stamp *out);

/* 0 or a negative errno.  `path` is relative to the workspace and lies below OUT_DIR. */
int materialize(struct state *, struct store *, str root, str path, const struct content *);

#endif
