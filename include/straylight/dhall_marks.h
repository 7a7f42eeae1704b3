/* dhall_marks.h: what is written where in a Dhall text, for tools that judge or change source.
 *
 * Layer: dhall.  It does no I/O.  All calls are to be made on a stack of POOL_STACK. */
#ifndef STRAYLIGHT_DHALL_MARKS_H
#define STRAYLIGHT_DHALL_MARKS_H

#include <straylight/dhall_ide.h>

enum dh_mark_kind {
	DH_MARK_COMMENT, /* with its signs; a first line "#!…" too */
	DH_MARK_IMPORT,  /* text: the location as it is written, without hash and mode */
	DH_MARK_NAME,    /* what is selected behind a dot, or taken by a projection */
	DH_MARK_TEXT,    /* a part of a text literal, decoded */
};

struct dh_mark {
	enum dh_mark_kind kind;
	struct dh_range at;
	str text; /* valid during the call */
};

typedef void dh_mark_fn(void *ud, const struct dh_mark *);

/* Parses the text and calls fn for all its marks: comments first, then the others in source order.  false after a
 * diagnostic, which calls the text `name`; nothing was called then. */
bool dhall_marks(str text, str name, dh_mark_fn *fn, void *ud, struct diags *) SL_MUST_USE;

/* Where a field is set that a value has. */
struct dh_setting {
	str path;              /* the file that writes the field: absolute, a URL, env:NAME */
	struct dh_range name;  /* of the field there; with `with` it may be that of the record which is updated */
	str value_path;        /* the file that writes its value: another one when an argument is passed to a function */
	struct dh_range value; /* lo == hi: not known */
};

/* The n > 0 names lead from the file's value inwards: through `let`, `//`, `with`, completions, calls and imports, by the
 * text alone.  What is set last counts.  false when nothing writes it as a field. */
bool dhall_setting(const struct dh_typed *, const sym *names, size_t n, struct arena *, struct dh_setting *out);

#endif
