/* dhall_nix.h: a Dhall file where Nix is wanted. */
#ifndef STRAYLIGHT_CMD_DHALL_NIX_H
#define STRAYLIGHT_CMD_DHALL_NIX_H

#include "cmd.h"

/* Appends the Nix of the value in the Dhall file at that absolute path; of a function of packages its call with those of <nixpkgs>, of an
 * overlay the set that it makes.  false after a diagnostic.  On a stack of POOL_STACK. */
bool nix_of_dhall(struct call *, str file, struct buf *out) SL_MUST_USE;

#endif
