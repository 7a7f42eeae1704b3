/* provide.h: what actions read, put into the store before they run.
 *
 * Only sources need it: what actions made is in the store already, or at a remote server until it is needed.
 * Any thread may call; a directory whose files are in the store is not walked twice. */
#ifndef STRAYLIGHT_BUILD_PROVIDE_H
#define STRAYLIGHT_BUILD_PROVIDE_H

#include "files.h"

struct provider;
struct provider *provider_new(struct store *, const struct files *) SL_MUST_USE;
void provider_free(struct provider *);

/* All sources among the action's inputs.  false after a diagnostic: one changed since it was hashed, or cannot
 * be stored.  The arena holds paths. */
bool provide_inputs(struct provider *, const struct action *, const struct contents *, struct arena *,
		struct diags *) SL_MUST_USE;

#endif
