/* convert.h: Nix expressions as native targets.
 *
 * Layer: build.  The expression is evaluated with nixpkgs, or with symbols for it (src/build/symbolic.h), and each derivation that it
 * gives becomes a target of a BUILD.dhall.  Of a derivation every attribute is used, known to say nothing of the build, noted
 * as done in another way, or reported as left out: nothing is dropped in silence. */
#ifndef STRAYLIGHT_CONVERT_H
#define STRAYLIGHT_CONVERT_H

#include <straylight/base.h>

struct convert_row { /* what stands for a package: as in a table */
	str package, stands;
};

struct trace;

struct convert_request {
	str file;          /* absolute; a directory's default.nix is meant by the directory */
	str text;          /* what stands in it; p == NULL: as it is on disk */
	str attribute;     /* "a.b"; empty: all derivations of the file */
	str folder;        /* absolute: of the BUILD.dhall, below which sources must lie */
	const str *tables; /* Dhall files, absolute: records of what stands for packages, later ones first */
	size_t ntables;
	const struct convert_row *rows; /* before those of all tables */
	size_t nrows;
	const str *search; /* entries "NAME=PATH" before those of NIX_PATH; a folder <nixpkgs> is evaluated with */
	size_t nsearch;
	const struct trace *trace; /* of the build of the only package (trace.h): its targets are wanted; NULL: the package's */
};

struct convert_left { /* what was not converted */
	enum diag_code code;
	str target;    /* its name in the file */
	str attribute; /* of the derivation */
	str what, why, hint;
};

struct convert_report {
	struct arena arena; /* all below lives here */
	str text;           /* of the BUILD.dhall: laid out, and it type-checks */
	const str *targets;
	const str *calls;  /* of each target its expression; S is the prelude in it, and C its S.Builder.Command */
	const struct convert_left *left;
	const str *packages; /* Debian packages that the toolchain "cxx" needs */
	const str *programs; /* programs that the toolchain "foreign" needs */
	const struct convert_left *noted; /* what targets do in another way: nothing of it is left out */
	const str *toolchains; /* words that straylight.dhall must say beside "cxx" and "foreign" */
	size_t ntargets, nleft, npackages, nprograms, nnoted, ntoolchains;
};

/* false after diagnostics: those of Nix; CONVERT_NOTHING (no derivation, or no such attribute), CONVERT_TABLE, CONVERT_TRACE.  To be
 * called on a stack of POOL_STACK.  convert_end frees in either case. */
bool convert_nix(const struct convert_request *, struct convert_report *out, struct diags *) SL_MUST_USE;
/* Do the tables say what is known?  false after the first diagnostic. */
bool convert_check_tables(const str *tables, size_t n, struct diags *) SL_MUST_USE;
void convert_end(struct convert_report *);

#endif
