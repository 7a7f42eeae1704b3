/* wrap.h: a Nix file as a BUILD.dhall whose actions are derivations.
 *
 * Layer: build.  Each derivation of the file becomes a target: one action of the category "nix-compat", whose command names the
 * expression, and whose inputs are the files that evaluating it reads.  What is written was tried: the expression gives a derivation
 * where nothing but the inputs is, and the text has the type of a BUILD.dhall. */
#ifndef STRAYLIGHT_WRAP_H
#define STRAYLIGHT_WRAP_H

#include <straylight/base.h>

struct wrap_request {
	str dir;           /* absolute: the package, whose BUILD.dhall it will be */
	str file;          /* seen from there; a folder stands for its default.nix or flake.nix */
	str attr;          /* empty: all derivations of the file */
	const str *search; /* before NIX_PATH */
	size_t nsearch;
};

/* Appends the text, formatted.  For a stack of POOL_STACK.  false after a diagnostic: WRAP_UNFIT, USAGE (no such file), or one of
 * the Nix language; a warning (WRAP_UNFIT) when the action is not all that Nix would build. */
bool wrap_run(const struct wrap_request *, struct buf *out, struct diags *) SL_MUST_USE;

#endif
