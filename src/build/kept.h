/* kept.h: what an action that ran here was, for `straylight re show` and `re run`.
 *
 * An action that runs at a server leaves its messages in the store, as it has to send them.  One that runs here needs none,
 * and some of them are its own: so they are one record, under the digest of the action, and become blobs when somebody
 * asks for them (build_recall_action).  Large Directory messages, which actions share, are blobs at once. */
#ifndef STRAYLIGHT_BUILD_KEPT_H
#define STRAYLIGHT_BUILD_KEPT_H

#include "identity.h"

/* The Action, the Command, and the Directories of the input root that the store lacks.  Any thread.  0 or -errno. */
int kept_put(struct store *, const struct identity *);

#endif
