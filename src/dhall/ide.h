/* ide.h: what the files of the editor's queries share: ide*.c.
 *
 * A place in a text becomes a row of terms, from the root inwards (struct focus); along it the binders are
 * entered one after the other, as the checker does, each protected for itself (struct look): so a type
 * is known wherever what it rests on has one, whatever is wrong elsewhere. */
#ifndef STRAYLIGHT_DHALL_IDE_INTERNAL_H
#define STRAYLIGHT_DHALL_IDE_INTERNAL_H

#include "check.h"
#include "children.h"
#include "edits.h"

#include <straylight/dhall_ide.h>

struct dh_ide {
	struct dhall_world *world;
	struct loaded *l; /* its own; in the world's list for the messages of limits */
	str text;         /* in the unit's arena */
};

static inline const struct term *ide_root(const struct dh_ide *i)
{
	return i->l->unit.term;
}

/* A version for completion: resolved, but not checked. */
struct dh_ide *ide_open_unchecked(struct dhall_world *, str text, str name, str directory) SL_MUST_USE;

/* ide_check.c: fills the unit's diagnostics. */
void ide_check(struct dh_ide *, struct dhall *);

/* ---- walks (ide_walk.c) ---- */

/* The term that binds a variable in its body (LET, LAMBDA, PI) has this body; NULL for all others. */
const struct term *term_body(const struct term *);
/* The parts with the headers of imports, as term_children. */
void ide_parts(struct term_stack *, const struct term *);

/* Every term below the root, in source order, with the binders around it. */
struct walk {
	void (*visit)(struct walk *, const struct term *);
	VEC(const struct term *) binders; /* around what is visited, outermost first */
};
void ide_walk(struct walk *, const struct term *root);

/* The terms around a place, outermost first. */
struct focus {
	struct term_stack path;
};
void focus_open(struct focus *, const struct term *root, uint32_t at);
void focus_close(struct focus *);
/* Whether the step from path[i] goes below the binder that it is. */
bool focus_binds(const struct focus *, size_t i);
/* The binder that index stands for at the end of the path; NULL: none. */
const struct term *focus_binder(const struct focus *, uint32_t index);

/* ---- names in the text ---- */

/* The end of the label that starts there; `at` itself when none does. */
uint32_t ide_label_end(str text, uint32_t at);
/* Where a LET, LAMBDA or PI writes its variable; false for A -> B. */
bool ide_binder_range(const struct unit *, str text, const struct term *, struct dh_range *out);
/* The name behind the last dot of a TERM_FIELD. */
struct dh_range ide_selector_range(const struct unit *, str text, const struct term *);

enum part_kind {
	PART_NONE,
	PART_TERM,
	PART_VARIABLE,
	PART_BINDER,   /* of LET, LAMBDA, PI */
	PART_FIELD,    /* number `index` of a RECORD, RECORD_TYPE, UNION */
	PART_SELECTOR, /* of FIELD, PROJECT */
	PART_UPDATED,  /* a name in the path of WITH */
};
struct part {
	enum part_kind kind;
	const struct term *t; /* the last of the path */
	struct dh_range at;
	sym name;
	uint32_t index;
};
/* What of the innermost term the place is at. */
struct part ide_part(const struct dh_ide *, const struct focus *, uint32_t at);

/* ---- types (ide_look.c) ---- */

struct look {
	struct dh_ide *ide;
	struct dhall *s;
	struct diags diags; /* dropped */
	struct check c;
	struct env *e;
	VEC(const struct term *) binders; /* entered, outermost first */
	VEC(bool) known;                  /* whether their type is */
};
void look_open(struct look *, struct dh_ide *);
void look_close(struct look *);
/* Goes below the binder. */
void look_enter(struct look *, const struct term *);
/* Along the first n terms of the path. */
void look_along(struct look *, const struct focus *, size_t n);
/* The type of a term that stands here, evaluated; NULL when it has none. */
struct val *look_type(struct look *, const struct term *);
/* Its value, for a term that has a type; NULL after a limit. */
struct val *look_value(struct look *, const struct term *);
/* As Dhall text in the arena; shortened when it is long, or when `brief` asks for it.  Empty for NULL. */
str look_show(struct look *, struct val *, bool brief, struct arena *);

/* ---- definitions (ide_find.c) ---- */

/* Where the field of `t` is written, t being the last term of the path; false when that cannot be said. */
bool ide_find_field(struct dh_ide *, const struct focus *, const struct term *t, sym name, struct arena *,
		struct dh_place *out);

/* ---- completion (ide_repair.c) ---- */

enum repair_state {
	REPAIR_CODE,
	REPAIR_TEXT,    /* the place is in a text literal */
	REPAIR_COMMENT,
	REPAIR_PATH,    /* in an import: `from` is where it starts */
	REPAIR_VARIABLE, /* behind env: */
	REPAIR_NAME,    /* where a new name is written */
	REPAIR_MODE,    /* behind `as` */
};
struct repaired {
	enum repair_state state;
	uint32_t from;  /* where what is being written starts */
	bool selector;  /* a '.' is before it */
};
/* Looks at the text up to `at`; CODE appends text[0..from), the name `x`, and what closes all that is open. */
struct repaired ide_repair(str text, uint32_t at, struct buf *out);

#endif
