/* symbolic.h: Nix files evaluated without nixpkgs: symbols stand for it (symbolic.nix).  Where a nixpkgs is at hand, it
 * is evaluated with it, and what comes of that has the same form (evaluated.nix).
 *
 * Layer: build.  Nothing is fetched, built or written, and nothing depends on the machine but the files that the code
 * reads.  To be used on a stack of POOL_STACK. */
#ifndef STRAYLIGHT_BUILD_SYMBOLIC_H
#define STRAYLIGHT_BUILD_SYMBOLIC_H

#include <straylight/nix.h>

#define SYMBOLIC_DIR "/symbolic" /* no such directory exists: what a package's path begins with */

struct symbolic_request {
	str file;          /* absolute */
	str text;          /* what stands in it; p == NULL: as it is on disk */
	const str *path;   /* of the attribute; not with ARGUMENTS */
	size_t npath;
	const str *packages; /* names of packages that a parameter gets in spite of its default */
	size_t npackages;
	const str *search; /* entries before those of NIX_PATH: FOLLOW evaluates with the folder <nixpkgs>, if there is one */
	size_t nsearch;
	bool follow;       /* evaluate as much as can be: callPackage of files, overlays, every package that is mentioned */
	bool arguments;    /* what derivations were given is asked for, not they themselves */
	struct nix_limits limits;
};

struct symbolic;

/* Evaluates.  *out is a list: with ARGUMENTS of sets { maker, arguments } of the derivations, each argument a set { value, at } with the
 * place that builtins.unsafeGetAttrPos gives; else of sets { path, value }, or null when there is no such attribute.  NULL after diagnostics.  The request and the list must outlive
 * it: what later evaluation complains of is added to the list by symbolic_close. */
struct symbolic *symbolic_open(const struct symbolic_request *, nix_val *out, struct diags *) SL_MUST_USE;
void symbolic_close(struct symbolic *); /* NULL is fine */
struct nix *symbolic_session(struct symbolic *);
bool symbolic_failed(const struct symbolic *); /* something was complained of */
bool symbolic_is_evaluated(const struct symbolic *); /* with a real nixpkgs: texts hold store paths */

/* What a builtin wanted to fetch, by the store path that it got instead; NULL when it is none. */
const struct nix_fetch *symbolic_fetched(const struct symbolic *, str path);
/* Where what has this store path was copied from; p == NULL when it is none.  *kept: the absolute paths of the files that a
 * filter chose; NULL: all. */
str symbolic_source(const struct symbolic *, str path, const struct map **kept);
/* The Nix files that were read, in order. */
void symbolic_files(const struct symbolic *, const str **files, size_t *n);

#endif
