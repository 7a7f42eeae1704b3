/* re_here.h: an action of anybody, by its messages, in this machine's sandbox.
 *
 * What stands in its working directory is a private copy that it may write to; of all else at the input root it sees
 * the bytes read-only.  An action without a working directory gets one for its whole input root. */
#ifndef STRAYLIGHT_CMD_RE_HERE_H
#define STRAYLIGHT_CMD_RE_HERE_H

#include "described.h"

/* Runs it; all inputs are in the store.  Outputs and what it printed go into the store.  false after diagnostics: it
 * could not be run.  *how is empty, or says how it ended other than with an exit code. */
bool re_run_here(struct server *, const struct described *, struct action_result *out, str *how) SL_MUST_USE;

#endif
