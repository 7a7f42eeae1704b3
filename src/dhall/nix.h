/* nix.h: what the files of the translation to the Nix language share: nix.c (terms), nix_builtin.c, nix_name.c. */
#ifndef STRAYLIGHT_DHALL_NIX_H
#define STRAYLIGHT_DHALL_NIX_H

#include "session.h"

/* What may stand in a place without parentheses. */
enum nix_level {
	NIX_EXPRESSION,
	NIX_OPERAND,  /* of an operator: applications too */
	NIX_FUNCTION, /* what is applied */
	NIX_SIMPLE,   /* an argument, an item of a list, what a '.' selects from */
};

/* A closed Nix expression that does what the builtin does; *level is the tightest place it may stand in. */
const char *nix_builtin(enum builtin, enum nix_level *);

/* The identifier for the binder of that name with `outer` binders of the same name around it: other binders have other
 * identifiers, and none is a word that the translation uses itself. */
void nix_name(sym, uint32_t outer, struct buf *out);

/* The name of an attribute, quoted if need be. */
void nix_key(sym, struct buf *out);

/* What stands between the quotes of a "…" literal; false when there is a NUL, which Nix cannot have. */
bool nix_text(str, struct buf *out) SL_MUST_USE;

#endif
