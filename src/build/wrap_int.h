/* wrap_int.h: what is wrapped: wrap.c finds derivations, wrap_try.c what each reads, wrap_text.c writes them. */
#ifndef STRAYLIGHT_BUILD_WRAP_INT_H
#define STRAYLIGHT_BUILD_WRAP_INT_H

#include "compat.h"

#include <straylight/wrap.h>

struct wrapped_bytes {
	str name, digest;
};

struct wrapped { /* one target; texts in the wrapping's arena */
	str name;       /* of the target */
	str expression;
	str drv_name;   /* of the derivation */
	const str *outputs, *inputs; /* inputs below the package, the Nix file first */
	size_t noutputs, ninputs;
	const struct wrapped_bytes *bytes; /* inputs that the store has */
	size_t nbytes;
};

struct wrapping {
	const struct wrap_request *request;
	struct arena arena;
	struct diags *diags;
	str root, package; /* the workspace, or the package itself; the package below it */
	str file;          /* of Nix, below the package */
	bool flake;
	str refused;       /* a path outside that the expression asked for; p == NULL: none */
	VEC(struct wrapped) all;
};

/* ---- wrap_nix.c: spelling Nix ---- */

void wrap_nix_path(str below, struct buf *out);  /* "./default.nix" */
void wrap_nix_name(str name, struct buf *out);   /* of an attribute, quoted where it must be */
/* The next component of an attribute path "a.\"b c\".0"; false at its end. */
bool wrap_nix_part(str *rest, str *part);

/* ---- wrap_try.c ---- */

/* The world of the package in its workspace. */
void wrap_world(struct wrapping *, struct compat_world *);
/* Evaluates w->expression, fills in what it reads and makes, and evaluates it once more where only that is.  false after a
 * diagnostic. */
bool wrap_try(struct wrapping *, struct wrapped *w) SL_MUST_USE;

/* ---- wrap_text.c ---- */

/* The target as an expression: S is the prelude in it, and `module` its Action. */
void wrap_call(const struct wrapped *, const char *module, struct buf *out);
/* The BUILD.dhall; false after a diagnostic. */
bool wrap_text(struct wrapping *, struct buf *out) SL_MUST_USE;

#endif
