/* nix_marks.h: what is written where in a Nix text, for tools that judge or convert source.
 *
 * Layer: nix.  It does no I/O and evaluates nothing.  All calls are to be made on a stack of POOL_STACK. */
#ifndef STRAYLIGHT_NIX_MARKS_H
#define STRAYLIGHT_NIX_MARKS_H

#include <straylight/nix.h>

struct nix_range {
	uint32_t lo, hi; /* bytes of the text */
};

enum nix_shape { /* of an expression, through variables that `let` and `rec` bind */
	NIX_SHAPE_OTHER,
	NIX_SHAPE_TEXT,   /* text: its literal parts one after the other */
	NIX_SHAPE_PATH,   /* text: the path, absolute; what is interpolated is missing */
	NIX_SHAPE_NUMBER,
	NIX_SHAPE_TRUE, NIX_SHAPE_FALSE, NIX_SHAPE_NULL,
	NIX_SHAPE_LIST,   /* items; text: the literal texts in it, each with a newline behind */
	NIX_SHAPE_SET,
	NIX_SHAPE_CALL,   /* text: the function's name */
};

struct nix_setting { /* an attribute of a call's set */
	str name;
	struct nix_range at;    /* of the name */
	struct nix_range value;
	enum nix_shape shape;
	str text;
	uint32_t items; /* LIST, SET */
	bool literal;   /* TEXT, PATH: nothing is interpolated */
	bool inherited; /* `inherit x`: at and value are the same */
};

enum nix_mark_kind {
	NIX_MARK_COMMENT, /* with its signs */
	NIX_MARK_NAME,    /* a variable, or the last name of a selection: `getEnv` of builtins.getEnv */
	NIX_MARK_SEARCH,  /* <nixpkgs>, without the brackets */
	NIX_MARK_TEXT,    /* a literal part of a string or path */
	NIX_MARK_CALL,    /* text: the name of the function, through variables that `let` and `rec` bind */
};

struct nix_mark {
	enum nix_mark_kind kind;
	struct nix_range at; /* CALL: the whole call */
	str text;
	/* CALL: the first argument that is a set, seen through `rec`, `//`, functions of one's own result
	 * (finalAttrs: { … }) and variables; of two settings of a name the one that counts. */
	const struct nix_setting *settings;
	size_t nsettings;
	bool set;            /* there is such an argument */
	enum nix_shape shape; /* of the first argument, with */
	str argument;         /* its text */
	str last;             /* the text of the last one */
};

/* Everything of a mark is valid during the call only. */
typedef void nix_mark_fn(void *ud, const struct nix_mark *);

/* Parses the text and calls fn: for comments first, then for the others, both as they begin in the text, and a call before what is
 * in it.  false after a diagnostic, which calls the text `name`; nothing was called then. */
bool nix_marks(str text, str name, nix_mark_fn *fn, void *ud, struct diags *) SL_MUST_USE;

/* Calls fn for each variable that the text uses and neither it nor Nix itself binds, once, by first use: the text may stand
 * where those are bound.  What a `with` around it may bind is none of them.  false after a diagnostic, which calls the
 * text `name`; nothing was called then. */
typedef void nix_unbound_fn(void *ud, str variable);
bool nix_unbound(str text, str name, nix_unbound_fn *fn, void *ud, struct diags *) SL_MUST_USE;

#endif
