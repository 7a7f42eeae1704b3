/* reshape.h: changes of a text by span, through the sites of its records; what no change covers stays as it is.
 *
 * Layer: build.  It does no I/O.  Comments are never removed: those inside of what goes are put in its place. */
#ifndef STRAYLIGHT_BUILD_RESHAPE_H
#define STRAYLIGHT_BUILD_RESHAPE_H

#include <straylight/dhall_site.h>

struct reshape_edit {
	uint32_t lo, hi;
	str with;
	uint32_t order;
};

struct reshape {
	struct arena *a; /* of all texts that are put in */
	str text;
	VEC(struct dh_range) comments;
	VEC(struct reshape_edit) edits;
};

/* Of a Dhall text; one of another language fills `text` and `comments` by itself.  false after a diagnostic: it does not parse. */
bool reshape_begin(struct reshape *, str text, str name, struct arena *, struct diags *) SL_MUST_USE;
void reshape_end(struct reshape *);

/* text[lo..hi) becomes `with`; its comments stand before that.  The same edit again is none. */
void reshape_put(struct reshape *, uint32_t lo, uint32_t hi, str with);

/* text[lo..hi) goes, with its line when nothing else is left in that; its comments stay. */
void reshape_cut(struct reshape *, uint32_t lo, uint32_t hi);

enum reshape_kind { RESHAPE_SET, RESHAPE_DROP };

struct reshape_field { /* a field of the record at a site */
	sym name;
	enum reshape_kind kind;
	/* SET: `before` and, when there is a type, a list of that type; it is laid out where it stands */
	const char *before;
	const str *items;
	size_t nitems;
	str type;
};

/* Sets and drops fields of the record that the site writes; a name stands there once. */
void reshape_fields(struct reshape *, const struct dh_site *, const struct reshape_field *, size_t n);

/* Writes the text with its edits.  false: two of them overlap. */
bool reshape_apply(struct reshape *, struct buf *out) SL_MUST_USE;

/* Has the new text every comment of the old one, as often? */
bool reshape_keeps_comments(const struct reshape *, str after, str name);

/* The column, from 0, of a byte. */
uint32_t reshape_column(str text, uint32_t at);

#endif
