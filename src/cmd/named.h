/* named.h: derivations as arguments of commands name them.
 *
 * "NAME#ATTR" is the attribute ATTR of <NAME>, or of the file at NAME when that begins with a dot or a slash; it is
 * instantiated into the user's folder of store paths.  Anything else is a file, or a store path, and stands for itself. */
#ifndef STRAYLIGHT_CMD_NAMED_H
#define STRAYLIGHT_CMD_NAMED_H

#include "cmd.h"

#include <straylight/instantiate.h>

struct named { /* of a command's options */
	struct texts search;
	bool import_derivations;
};

#define NAMED_OPTIONS(T, field)                                                                                      \
	TEXTS(T, field.search, 'I', NULL, "NAME=PATH", "where <NAME> is; before NIX_PATH"),                              \
	FLAG(T, field.import_derivations, 0, "allow-import-from-derivation", "build what evaluation reads of outputs")

struct named_drv {
	str path; /* a file, or a store path */
	str file; /* the Nix file that it was named by, absolute; empty: none */
	str attr;
};

/* What all arguments stand for, in order; in the call's arena.  false after a diagnostic. */
bool named_drvs(struct call *, const struct named *, const struct named_drv **out, size_t *n);
/* Is the Nix file there, or the default.nix of a folder?  false after a diagnostic: USAGE. */
bool named_is_there(struct call *, str file);
/* Instantiates into the folder, on a stack of its own; false after a diagnostic. */
bool named_instantiate(struct call *, const struct instantiate *, struct nixstore *, struct instances *out);

#endif
