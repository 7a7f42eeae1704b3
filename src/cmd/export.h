/* export.h: outputs as files of the user's own. */
#ifndef STRAYLIGHT_CMD_EXPORT_H
#define STRAYLIGHT_CMD_EXPORT_H

#include <straylight/base.h>

/* Copies a file, link or directory; what is there is replaced, except that directories are filled.  Files become
 * writable for their owner.  false after a diagnostic. */
bool export_copy(const char *from, const char *to, struct diags *) SL_MUST_USE;

#endif
