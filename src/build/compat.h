/* compat.h: a Nix expression that an action wraps: from its text to a derivation.
 *
 * Layer: build.  The expression sees a nix_view and starts in a folder of the workspace.  Its value must be one derivation, which is
 * written into a nixstore with all that it needs. */
#ifndef STRAYLIGHT_BUILD_COMPAT_H
#define STRAYLIGHT_BUILD_COMPAT_H

#include "nix_witness.h"
#include "nix_world.h"

#include <straylight/closure.h>
#include <straylight/instantiate.h>
#include <straylight/store.h>

/* The note for a path that nix_view.refused told of. */
#define COMPAT_REFUSED "'%.*s' lies outside of the workspace and the search path, where actions see nothing"

/* What an expression may take, so that a loop ends: far more than nixpkgs needs for a package. */
#define COMPAT_STEPS 1000000000u
#define COMPAT_BYTES ((size_t)2 << 30)

struct compat_world {
	struct nix_view view;
	const str *search; /* before NIX_PATH */
	size_t nsearch;
	str package;       /* the folder below the root that relative paths start in */
	bool noted;        /* what values rest on beyond the workspace is noted, so that compat_remember knows it */
};

/* A session with the doors of a view, as an action has it.  For a stack of POOL_STACK. */
struct compat {
	struct arena arena;
	struct diags *diags;
	struct nixstore *kept;
	struct nix_env doors;        /* of the machine; the world's are before them */
	struct nix_witness *witness; /* between these; NULL: not noted */
	struct nix *session;         /* the first value opens it */
};
/* false after a diagnostic; compat_close is called all the same.  The world is borrowed. */
bool compat_open(struct compat *, const struct compat_world *, struct diags *) SL_MUST_USE;
void compat_close(struct compat *);

/* The value of a text; relative paths in it start in the package. */
bool compat_value(struct compat *, const struct compat_world *, str text, nix_val *out) SL_MUST_USE;
/* The path of the derivation that the value is, in the compat's arena.  false after a diagnostic: COMPAT_SHAPE when it is none. */
bool compat_derivation(struct compat *, nix_val, str *path, struct diags *) SL_MUST_USE;

/* ---- compat_memo.c: what an expression gave before ----
 *
 * A record of nix_memo.h by what was asked, where the workspace is, the search path and the system.  All that the expression sees of
 * the workspace, the digest covers; the grounds are what was looked at beyond it. */

struct compat_asked {
	struct digest what; /* an action without its derivation, or the text of an expression that sees no workspace */
	str label;          /* of the target; empty for a text */
};

/* The derivation and its output, in the compat's arena, when the expression gave them before and would again; nothing is evaluated.
 * What they rest on is told to the view as beyond. */
bool compat_recall(struct compat *, const struct compat_world *, struct store *, const struct compat_asked *,
		struct instance *) SL_MUST_USE;
/* What a noted world gave; nothing when it rests on more than its grounds. */
void compat_remember(struct compat *, const struct compat_world *, struct store *, const struct compat_asked *, const struct instance *);

/* The expression of an action's command "nix build --no-link EXPRESSION"; p == NULL when it is another command. */
str compat_expression(const str *argv, size_t n);

#endif
