/* dhall_ide.h: what an editor asks of a Dhall text: its errors, the types and the places of its names.
 *
 * Layer: dhall.  It does no I/O but through the world's doors, and knows no protocol.
 *
 * A struct dh_ide is one version of one text, parsed, resolved and checked as far as it goes: a text with
 * errors answers what it can.  It belongs to one thread, refers to units of its world, and is to be closed
 * before a dhall_forget that it depends on, and before the world.  Places are byte offsets into the text,
 * ranges half open.  All calls are to be made on a stack of POOL_STACK.
 *
 * What a query returns lives in the arena that it was given. */
#ifndef STRAYLIGHT_DHALL_IDE_H
#define STRAYLIGHT_DHALL_IDE_H

#include <straylight/dhall.h>

struct dh_ide;

struct dh_range {
	uint32_t lo, hi;
};

/* ---- a version of a text ---- */

/* `name` is what diagnostics call it and what its source is called, `directory` where its imports start.
 * Both and the text are copied.  Never NULL. */
struct dh_ide *dhall_ide_open(struct dhall_world *, str text, str name, str directory) SL_MUST_USE;
void dhall_ide_close(struct dh_ide *); /* NULL is fine */

/* Of a text that does not parse: a version with blanks in the place of the bindings that do not, and perhaps an end of
 * its own, so that what is left has the same places.  NULL when that does not help. */
struct dh_ide *dhall_ide_mend(const struct dh_ide *) SL_MUST_USE;

str dhall_ide_text(const struct dh_ide *);
bool dhall_ide_parsed(const struct dh_ide *); /* else nothing but its diagnostics is known */
/* All that is wrong: one syntax error; else every import that fails, and the first error of each binding and of
 * each field of the result.  What only follows from another error is left out. */
const struct diags *dhall_ide_diags(const struct dh_ide *);
uint32_t dhall_ide_file(const struct dh_ide *); /* of source.h: where its spans point */
/* Whether the file with that absolute path has to do with what it means. */
bool dhall_ide_depends(const struct dh_ide *, str path);

/* The file has changed: the world drops it and all that was loaded through it.  No session may be open, and no version
 * that depends on it.  With "" it drops what was absent or failed, to be tried anew; no version refers to that. */
void dhall_forget(struct dhall_world *, str path);

/* ---- types ---- */

enum dh_seen_kind { DH_SEEN_TERM, DH_SEEN_VARIABLE, DH_SEEN_FIELD, DH_SEEN_BUILTIN, DH_SEEN_IMPORT };

struct dh_seen {
	enum dh_seen_kind kind;
	struct dh_range at; /* what of the text it is about */
	str name;           /* as it is written; empty for a term without name */
	str type;           /* Dhall text; empty when it is not known */
	str value;          /* of a term that is a type: what it stands for, if that is short */
	str comment;        /* the comment in front of its binding; empty: none */
	str place;          /* IMPORT: the path, the URL or env:NAME */
};

/* What stands at the place; false when there is nothing (whitespace, a comment, a text that does not parse). */
bool dhall_ide_seen(struct dh_ide *, uint32_t at, struct arena *, struct dh_seen *out);

/* One line on what a builtin does; NULL when there is none of that name. */
const char *dhall_ide_about(str builtin);

/* ---- places ---- */

struct dh_place {
	str path;           /* absolute, or a URL; empty: this text */
	struct dh_range at; /* 0, 0: the beginning of the file */
	uint32_t file;      /* the source that `at` is in; 0: not loaded */
};

/* Where what stands at the place is bound, written as a field, or imported from. */
bool dhall_ide_definition(struct dh_ide *, uint32_t at, struct arena *, struct dh_place *out);

/* The name bound or used at the place and all its uses, the binder first; false when no bound name is there. */
bool dhall_ide_occurrences(struct dh_ide *, uint32_t at, struct arena *, struct dh_range **out, size_t *n);

struct dh_edit {
	struct dh_range at;
	str with;
};

enum dh_rename { DH_RENAME_OK, DH_RENAME_NOTHING /* no bound name is there */, DH_RENAME_INVALID /* no name */ };

/* Edits that give the binder another name and leave the meaning as it is: x@n are adjusted where the names that
 * are seen change, so nothing is captured. */
enum dh_rename dhall_ide_rename(struct dh_ide *, uint32_t at, str name, struct arena *, struct dh_edit **out, size_t *n);

/* ---- completion ---- */

enum dh_candidate_kind {
	DH_CANDIDATE_VARIABLE, DH_CANDIDATE_FIELD, DH_CANDIDATE_WANTED /* a field that the expected type has */,
	DH_CANDIDATE_ALTERNATIVE, DH_CANDIDATE_BUILTIN, DH_CANDIDATE_KEYWORD,
};

struct dh_candidate {
	enum dh_candidate_kind kind;
	str name;   /* as it is to be written */
	str type;   /* shortened; may be empty */
};

enum dh_completing { DH_COMPLETING_NOTHING, DH_COMPLETING_NAME, DH_COMPLETING_PATH, DH_COMPLETING_VARIABLE };

struct dh_completion {
	enum dh_completing what;
	struct dh_range at;  /* what is to be replaced */
	str prefix;          /* PATH: the import as far as it is written, up to its last slash */
	struct dh_candidate *items; /* NAME: nearest binder first; not filtered by what is written */
	size_t n;
};

/* What may stand at the place.  Only the text before it counts, so what follows may be broken; when that text is
 * broken too, `good` (an earlier version that parses, or NULL) gives the names. */
void dhall_ide_complete(struct dh_ide *, struct dh_ide *good, uint32_t at, struct arena *, struct dh_completion *out);

/* ---- outline ---- */

enum dh_symbol_kind { DH_SYMBOL_BINDING, DH_SYMBOL_FUNCTION, DH_SYMBOL_RECORD, DH_SYMBOL_TYPE, DH_SYMBOL_FIELD,
	DH_SYMBOL_ALTERNATIVE };

struct dh_symbol {
	enum dh_symbol_kind kind;
	uint32_t level; /* of nesting, at most DH_SYMBOL_LEVELS - 1: it is part of the last one before it with a lower level */
	sym name;
	struct dh_range at, name_at;
};
#define DH_SYMBOL_LEVELS 16

void dhall_ide_symbols(struct dh_ide *, struct arena *, struct dh_symbol **out, size_t *n);

struct dh_link {
	struct dh_range at;    /* of its location, without hash and mode */
	struct dh_range whole; /* with them */
	str place;             /* absolute path, URL, env:NAME or "missing"; empty: not resolved */
	bool remote, pinned;
};

/* The imports, in order. */
void dhall_ide_links(struct dh_ide *, struct arena *, struct dh_link **out, size_t *n);

#endif
