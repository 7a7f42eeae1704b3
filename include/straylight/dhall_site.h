/* dhall_site.h: how a Dhall text writes the record at a path of its value, for tools that change it there.
 *
 * Layer: dhall.  It does no I/O and evaluates nothing.  All calls are to be made on a stack of POOL_STACK. */
#ifndef STRAYLIGHT_DHALL_SITE_H
#define STRAYLIGHT_DHALL_SITE_H

#include <straylight/dhall_marks.h>

struct dh_step { /* into a value */
	sym name;      /* of a field; 0: */
	uint32_t item; /* of a list */
};

struct dh_site_field { /* that the expression itself sets */
	sym name;
	struct dh_range at;    /* of the name; of `with` that of its path */
	struct dh_range value;
	struct dh_range whole; /* with the name; of `with` with the word, and what stands before it */
	uint32_t record;       /* number of the record literal; DH_SITE_WITH: `with` sets it */
	bool deep;             /* `with a.b = …`: only a part of it */
	bool hidden;           /* it is set again behind */
};
#define DH_SITE_WITH UINT32_MAX

/* An expression of the form f x y // { … } // { … }, { … }, Schema::{ … }, any of them `with …`. */
struct dh_site {
	struct dh_range at;         /* all of it, with the parentheses around it */
	struct dh_range bare;       /* without them */
	struct dh_range base;       /* what stands before the first `//` or `with` */
	struct dh_range head;       /* of a call its function, else the same as base */
	struct dh_range *arguments; /* of the call */
	struct dh_range *sources;   /* what these are through names that `let` binds */
	size_t narguments;
	bool loose;                 /* the base is no operand of `//` without parentheses */
	sym maker;                  /* when the function is selected from a record, perhaps through `let`: its name there, */
	struct dh_range module;     /* and the record; lo == hi: it is not of this text */
	struct dh_site_field *fields; /* in the order of the text */
	size_t nfields;
	struct dh_range *records;   /* the literals, in the order of the text, without parentheses */
	size_t nrecords;
	bool with;                  /* it ends with a `with` */
};

/* The expression that the value at the n steps comes from, through `let` and what it binds, records, `//` and lists; a
 * call or an import is the end.  false when the text has no such expression: what is inside a function is none.  What it
 * points to lives in the arena. */
bool dhall_site(const struct dh_typed *, const struct dh_step *, size_t n, struct arena *, struct dh_site *out) SL_MUST_USE;

/* The name of an outermost `let` that is bound to a module of that name (`let D = S.Derivation`) or to the import of
 * NAME.dhall; for "package" also of the prelude's variable.  0: none is. */
sym dhall_bound_module(const struct dh_typed *, str name);

#endif
