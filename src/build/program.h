/* program.h: asking a program of the host a question: a compiler about itself, git for a commit.  Actions run in
 * sandboxes (sandbox.h), never here. */
#ifndef STRAYLIGHT_BUILD_PROGRAM_H
#define STRAYLIGHT_BUILD_PROGRAM_H

#include <straylight/base.h>

/* Runs argv (found along PATH) with that environment and no input; *out gets what it prints to both outputs, until its
 * limit.  false unless it ends with 0 within so many milliseconds, below the limit; it is killed then.  *started, which
 * may be NULL, is whether there is such a program. */
bool program_ask(char *const argv[], char *const env[], int64_t ms, struct buf *out, bool *started);

#endif
