/* toolchain_nix.h: toolchains that Nix provides: `Toolchain.fromNix "nixpkgs#rustc"`.
 *
 * "NAME#ATTR" is the attribute of <NAME>, which the search path (NIX_PATH) has.  It is evaluated and built as any derivation is; the
 * toolchain is its output with all that this refers to, at /nix/store. */
#ifndef STRAYLIGHT_BUILD_TOOLCHAIN_NIX_H
#define STRAYLIGHT_BUILD_TOOLCHAIN_NIX_H

#include "toolchain.h"

struct toolchain_part {
	str installable, drv, path; /* its derivation, and the output that counts */
	bool recalled; /* nothing was evaluated */
	const struct closure_node *node;
	struct tree *tree; /* "nix/store/…", once it is built; one reference */
};

struct toolchain_nix { /* starts from {0} */
	struct arena arena;
	struct toolchain_part *parts; /* of a rendered one, in order */
	size_t nparts;
	struct map beyond; /* what evaluation looked at outside of the workspace; no values */
};

bool toolchain_nix_needed(const struct rendered *);
/* Fills in parts, but their trees; what was evaluated before is recalled from the store.  On a stack of POOL_STACK.  false after a
 * diagnostic. */
bool toolchain_nix_evaluate(struct toolchain_nix *, const struct rendered *, struct store *, str workspace, struct diags *) SL_MUST_USE;
void toolchain_nix_clear(struct toolchain_nix *);
/* The part of an installable. */
const struct toolchain_part *toolchain_nix_part(const struct toolchain_nix *, str installable);
/* Tools whose paths are relative are below the part's path; those that are not there are left out. */
void toolchain_nix_tools(struct toolchain *, const struct toolchain_part *);

#endif
