/* term.h: Dhall syntax as a tree (the standard's Expression).
 *
 * One tree serves every phase: the parser makes it with spans, the decoder and the quoter without.
 * Terms are immutable once their unit is published and may be read by any thread; they live in the
 * arena of the unit (or of the session, for quoted ones).
 *
 * Variables are resolved while they are made: `index` is a de Bruijn index counted over ALL enclosing
 * binders (lambda, forall, let) of the unit, so nothing is ever shifted by name.  A variable that no
 * binder binds has index VAR_FREE and keeps, of x@n, the n beyond the binders of x around it.  For
 * bound ones x@n is not stored: printer and encoder keep a stack of binder names and count (scope.h).
 *
 * Imports are leaves.  Resolving writes import->target (and the choice at `?`) once, before the unit
 * is published.
 *
 * What parsing desugars (dotted fields, duplicate fields, punning, multi-lets, `with` paths) is
 * desugared as the standard says, because CBOR shows the desugared form. */
#ifndef STRAYLIGHT_DHALL_TERM_H
#define STRAYLIGHT_DHALL_TERM_H

#include "num.h"
#include <straylight/dhall.h>

enum term_kind {
	TERM_VAR,
	TERM_CONST,     /* sub: enum term_const */
	TERM_BUILTIN,   /* sub: enum builtin (builtin.def), also Bool, Natural, List, None … */
	TERM_LAMBDA,    /* u.bind: \(name : a) -> b */
	TERM_PI,        /* u.bind: forall (name : a) -> b; A -> B binds _ */
	TERM_APP,       /* u.two: a applied to b */
	TERM_LET,       /* u.let: let name [: type] = value in body */
	TERM_ANNOT,     /* u.two: a : b */
	TERM_BOOL,      /* sub: 0 or 1 */
	TERM_NATURAL,   /* u.num */
	TERM_INTEGER,   /* u.num */
	TERM_DOUBLE,    /* u.dbl */
	TERM_TEXT,      /* u.text */
	TERM_BYTES,     /* u.bytes */
	TERM_DATE,      /* u.date */
	TERM_TIME,      /* u.time */
	TERM_TIMEZONE,  /* u.zone */
	TERM_IF,        /* u.three: if a then b else c */
	TERM_LIST,      /* u.list: items[n], n > 0 */
	TERM_EMPTY,     /* u.one: [] : a (the whole type; a may be NULL only inside the parser) */
	TERM_SOME,      /* u.one */
	TERM_MERGE,     /* u.three: merge a b [: c]; c may be NULL */
	TERM_TOMAP,     /* u.two: toMap a [: b]; b may be NULL */
	TERM_SHOW_CONSTRUCTOR, /* u.one */
	TERM_ASSERT,    /* u.one: assert : a */
	TERM_RECORD,    /* u.fields: { name = value }; source order, names distinct */
	TERM_RECORD_TYPE, /* u.fields: { name : type } */
	TERM_UNION,     /* u.fields: < name : type | name >; value NULL for none */
	TERM_FIELD,     /* u.field: a.name */
	TERM_PROJECT,   /* u.project: a.{ x, y }; sub = 1 when the names were written as a set in order */
	TERM_PROJECT_TYPE, /* u.two: a.(b) */
	TERM_OP,        /* u.two, sub: enum term_op */
	TERM_COMPLETE,  /* u.two: a::b */
	TERM_WITH,      /* u.with: a with path = b */
	TERM_IMPORT,    /* u.import */
};

enum term_const { CONST_TYPE, CONST_KIND, CONST_SORT };

/* The numbers are the standard's CBOR operator codes. */
enum term_op {
	OP_OR = 0, OP_AND = 1, OP_EQ = 2, OP_NE = 3, OP_PLUS = 4, OP_TIMES = 5, OP_TEXT_APPEND = 6,
	OP_LIST_APPEND = 7, OP_COMBINE = 8 /* /\ */, OP_PREFER = 9 /* // */, OP_COMBINE_TYPES = 10 /* //\\ */,
	OP_ALTERNATIVE = 11 /* ? */, OP_EQUIVALENT = 12, OP_COMPLETE_CODE = 13 /* only in CBOR */,
};

enum builtin {
#define B(id, name, type) BUILTIN_##id,
#include "builtin.def"
#undef B
	BUILTIN_COUNT
};

#define VAR_FREE UINT32_MAX

struct term;

struct term_field {
	sym name;
	uint32_t lo, hi; /* of the name in the source; 0, 0 when made */
	const struct term *value;
};

struct term_chunk {
	str before;              /* literal text before the expression */
	const struct term *expr;
};

enum with_step_kind { WITH_NAME, WITH_OPTIONAL /* ? */ };

struct with_step {
	enum with_step_kind kind;
	sym name;
};

enum import_kind { IMPORT_LOCAL, IMPORT_REMOTE, IMPORT_ENV, IMPORT_MISSING };
enum import_mode { IMPORT_CODE = 0, IMPORT_TEXT = 1, IMPORT_LOCATION = 2, IMPORT_BYTES = 3 };
enum import_base { BASE_ABSOLUTE, BASE_HERE, BASE_PARENT, BASE_HOME };

struct unit;

struct import {
	enum import_kind kind;
	enum import_mode mode;
	enum import_base base; /* LOCAL */
	bool https;            /* REMOTE */
	bool has_hash;
	unsigned char hash[32];      /* sha256: */
	str *parts;                  /* LOCAL and REMOTE: path components, the file last; decoded */
	size_t nparts;
	str authority, query;        /* REMOTE; query.p == NULL: none */
	const struct term *headers;  /* REMOTE: using …; or NULL */
	str variable;                /* ENV */
	str place;                       /* after resolving: where it leads, as Location shows it; empty when not tried */
	const struct unit *target;       /* after resolving: what CODE stands for */
	const struct term *replacement;  /* after resolving: what TEXT, BYTES and LOCATION stand for */
};

struct term {
	uint8_t kind;   /* enum term_kind */
	uint8_t sub;
	uint16_t flags; /* TERM_FLAG_… */
	uint32_t lo, hi; /* span in the unit's source; 0, 0 when made */
	uint32_t n;      /* how many items, fields, names or chunks */
	union {
		struct { sym name; uint32_t index; uint32_t at; } var; /* at: for FREE, scope.h */
		struct { sym name; const struct term *a, *b; } bind;
		struct { sym name; const struct term *type, *value, *body; } let; /* type may be NULL */
		struct { const struct term *a; } one;
		struct { const struct term *a, *b; } two;
		struct { const struct term *a, *b, *c; } three;
		struct num num;
		double dbl;
		struct { const struct term_chunk *chunks; str tail; } text; /* n chunks, then tail */
		str bytes;
		struct { int32_t year; uint8_t month, day; } date;
		struct { uint8_t hour, minute, second; uint8_t precision; uint64_t fraction; } time;
		struct { int32_t minutes; } zone;
		struct { const struct term *const *items; } list;
		struct { const struct term_field *fields; } fields;
		struct { const struct term *a; sym name; } field;
		struct { const struct term *a; const sym *names; } project;
		struct { const struct term *a; const struct with_step *path; const struct term *b; } with;
		struct import *import;
	} u;
};

enum {
	TERM_FLAG_RIGHT = 1,      /* OP_ALTERNATIVE after resolving: the right side was taken */
	TERM_FLAG_PAREN = 2,      /* was written in parentheses */
	TERM_FLAG_CLOSED = 4,     /* no free variable and nothing bound outside: may be shared anywhere */
	TERM_FLAG_SHARED = 16,    /* closed, and stands in several places of a normal form: one value serves all */
	TERM_FLAG_IN = 32,       /* LET: `in` was written before its body */
	TERM_FLAG_TWICE = 8,      /* RECORD_TYPE, UNION, decoded RECORD: a name stands in it twice (a type error) */
};

/* dh_term of the public header is this struct, under its outside name. */
static inline const struct dh_term *term_public(const struct term *t)
{
	return (const struct dh_term *)(const void *)t;
}
static inline const struct term *term_of(const struct dh_term *t)
{
	return (const struct term *)(const void *)t;
}

/* A text with its term: what an import names.  Fields fill in the order of the phases. */
struct unit {
	struct arena arena;        /* owns all below */
	uint32_t file;             /* source.h; 0 for decoded ones */
	str name;                  /* canonical: absolute path, "env:X", URL, or what the user called it */
	str directory;             /* where relative imports start */
	const struct term *term;   /* parsed (imports unresolved) or decoded */
	/* comments of the text, in order: spans; for the formatter and the linter */
	const struct span *comments;
	size_t ncomments;
	bool unicode;              /* one of its signs is written as the standard's Unicode one: λ → ∀ ∧ ⫽ ⩓ ≡ */
	struct import **imports;   /* every import of the text, in order (one before those of its headers) */
	size_t nimports;
	/* resolved */
	const str *deps;           /* transitive, see dhall_dependencies */
	size_t ndeps;
	/* checked */
	const struct term *type;   /* closed, normal; NULL: */
	str encoded_type;          /* it is this, of an earlier process; the world's.  Empty: it was not published */
	unsigned char key[32];     /* what the type follows from (types.c), when keyed is not 0 */
	char keyed;
};

/* parse.c — bytes in, a term out.  No I/O, no resolving.  Depth is bounded by the session's limit.
 * NULL after one diagnostic that names what was expected. */
const struct term *term_parse(struct unit *, str text, struct diags *) SL_MUST_USE;

/* print.c — the standard's surface syntax, ASCII operators, one line when short. */
void term_print(const struct term *, struct buf *out);
/* The same of a resolved term: what an import stands for is written in its place. */
void term_print_resolved(const struct term *, struct buf *out);
/* The same over the unit's text, with its comments, its nesting of `let … in` and its numbers as they are written;
 * ends with a line break. */
void unit_print(const struct unit *, str text, struct buf *out);

/* encode.c, decode.c — CBOR (standard/binary.md).  encode drops parentheses, spans and comments;
 * imports are written as imports.  decode refuses what the standard refuses. */
void term_encode(const struct term *, struct buf *out);
/* The same; false, with an unfinished encoding, when it takes more than max bytes. */
bool term_encode_within(const struct term *, struct buf *out, size_t max) SL_MUST_USE;
const struct term *term_decode(struct arena *, str bytes, const char **why) SL_MUST_USE;

#endif
