/* value.h: what evaluation makes, and what the checker, the quoter and the hasher read.
 *
 * A value is a node of 24 bytes in its session's arena.  A node that is not evaluated yet (kind below
 * VAL_EVALUATED) is turned into its weak head normal form in place by val_force, so whoever holds a
 * pointer to it sees the result: evaluation is by need, and a node's address stands for its identity.
 * What is evaluated never changes its meaning; only memos (flags) and the flattening of a rope are
 * written later.
 *
 * Variables are levels: the depth of the environment where they were bound, counted over all binders,
 * as the de Bruijn indices of terms are.  Equality makes levels of its own from LEVEL_FRESH upwards. */
#ifndef STRAYLIGHT_DHALL_VALUE_H
#define STRAYLIGHT_DHALL_VALUE_H

#include "term.h"

enum val_kind {
	/* not evaluated */
	VAL_THUNK,         /* u.thunk */
	VAL_LAZY,          /* sub: enum lazy_op */
	VAL_EVALUATED,     /* (a bound, no kind) */
	/* types and functions */
	VAL_CONST,         /* sub: enum term_const */
	VAL_BUILTIN,       /* sub: enum builtin; u.args[n]: applied so far; stuck when n is its arity */
	VAL_LAMBDA,        /* u.clos: a TERM_LAMBDA */
	VAL_PI,            /* u.pi */
	VAL_LIST_TYPE,     /* u.one: the element's type */
	VAL_OPTIONAL_TYPE, /* u.one */
	VAL_RECORD_TYPE,   /* u.rec */
	VAL_UNION_TYPE,    /* u.rec; a field is NULL for an alternative without payload */
	VAL_EQUIVALENT,    /* u.two: a === b */
	VAL_CONSTRUCTOR,   /* u.alt: of an alternative with payload, not applied; n: its index */
	/* data */
	VAL_BOOL,          /* sub */
	VAL_NATURAL,       /* u.num */
	VAL_INTEGER,       /* u.num */
	VAL_DOUBLE,        /* u.dbl */
	VAL_TEXT,          /* u.text; n: bytes */
	VAL_BYTES,         /* u.term: the literal */
	VAL_DATE,          /* u.term */
	VAL_TIME,          /* u.term */
	VAL_TIMEZONE,      /* u.term */
	VAL_LIST,          /* u.list; n: items; n == 0: u.one is the whole type */
	VAL_SOME,          /* u.one */
	VAL_NONE,          /* u.one: the type */
	VAL_RECORD,        /* u.rec */
	VAL_ALTERNATIVE,   /* u.alt; payload NULL when it has none; n: its index in the type */
	VAL_ASSERT,        /* u.one */
	/* neutral: stuck on a variable */
	VAL_VAR,           /* u.var; n: level */
	VAL_FREE,          /* u.var; n: the n of x@n, as seen from outside all binders */
	VAL_APP,           /* u.two */
	VAL_IF,            /* u.args[3] */
	VAL_OP,            /* sub: enum term_op; u.two */
	VAL_TEXT_MIX,      /* u.mix: literal and stuck parts, the stuck ones never literals; n chunks */
	VAL_FIELD,         /* u.field */
	VAL_PROJECT,       /* u.project */
	VAL_PROJECT_TYPE,  /* u.two; only in terms that were not checked */
	VAL_MERGE,         /* u.args[3]; the third may be NULL */
	VAL_TOMAP,         /* u.two; b may be NULL */
	VAL_SHOW_CONSTRUCTOR, /* u.one */
	VAL_WITH,          /* u.with */
	VAL_IMPORT,        /* u.term; only in terms that were not resolved */
};

enum lazy_op {
	LAZY_APPLY,         /* u.two: a applied to b */
	LAZY_COMBINE,       /* u.two: a /\ b */
	LAZY_COMBINE_TYPES, /* u.two: a //\\ b */
	LAZY_WITH,          /* u.with */
	LAZY_FOLD,          /* u.fold: the rest of a fold */
};

enum val_flag {
	VAL_ROPE = 1,          /* LIST: u.rope, not flattened yet */
	VAL_SORT_SHIFT = 1,    /* two bits: 1 + the universe of a type, 0 unknown (universe.c) */
	VAL_SORT_MASK = 3 << VAL_SORT_SHIFT,
};

#define LEVEL_FRESH 0x80000000u

struct env;
struct val;

/* The sorted field names of a record or union; interned per session, so equal name sets are equal
 * pointers. */
struct shape {
	uint32_t n;
	uint32_t mask;         /* of the table; 0: none, look through */
	const uint32_t *table; /* open addressing by sym: index + 1 */
	sym names[];
};

struct pi {
	sym name;
	struct val *domain;
	const struct term *body; /* under env and the argument */
	struct env *env;
};

/* Bytes with room at both ends: the value that ends where the used part ends may grow in place, so
 * building a text or list piece by piece is linear. */
struct text_buf {
	char *used_lo, *used_hi, *end, *start;
};

struct list_buf {
	struct val **used_lo, **used_hi, **end, **start;
};

struct rope {
	struct val *a, *b;      /* evaluated lists */
	struct val **items;     /* after flattening */
};

struct mix_chunk {
	str before;
	struct val *v;
};

struct mix {
	str tail;
	struct mix_chunk chunks[];
};

struct with {
	const struct with_step *path;
	uint32_t n;
	struct val *value;
};

struct fold;

struct val {
	uint8_t kind, sub;
	uint16_t flags;
	uint32_t n;
	union {
		struct { const struct term *t; struct env *e; } thunk, clos;
		struct { struct val *a; } one;
		struct { struct val *a, *b; } two;
		struct val **args;
		struct pi *pi;
		struct num num;
		double dbl;
		struct { const char *p; struct text_buf *buf; } text;
		const struct term *term;
		struct { struct val **items; struct list_buf *buf; } list;
		struct rope *rope;
		struct { const struct shape *shape; struct val **fields; } rec;
		struct { struct val *type, *payload; } alt;
		struct { sym name; struct val *type; } var;
		struct mix *mix;
		struct { struct val *rec; sym name; } field;
		struct { struct val *rec; const struct shape *names; } project;
		struct { struct val *rec; const struct with *with; } with;
		struct fold *fold;
	} u;
};

/* A value inside a term, in terms that the checker makes (TERM_VALUE): never printed, never
 * published. */
#define TERM_VALUE 254

static inline struct val *term_value(const struct term *t)
{
	return (struct val *)(void *)(uintptr_t)t->u.one.a;
}

#endif
