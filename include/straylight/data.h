/* data.h: JSON and YAML as trees, and Dhall values as such trees.
 *
 * A struct data is immutable and lives in the arena that its maker was given, or in the session that
 * made it.  Trees may share nodes (YAML's aliases), but have no cycles.  Whoever walks one is
 * bounded: by the nesting that the readers allow, and by the session's limits where there is one. */
#ifndef STRAYLIGHT_DATA_H
#define STRAYLIGHT_DATA_H

#include <straylight/dhall.h>

enum data_kind { DATA_NULL, DATA_BOOL, DATA_NUMBER, DATA_TEXT, DATA_LIST, DATA_OBJECT };

struct data {
	enum data_kind kind;
	bool truth;                 /* BOOL */
	uint32_t lo, hi;            /* where it was read; 0, 0 when made */
	str text;                   /* TEXT; NUMBER as JSON spells it, or NaN, Infinity, -Infinity */
	size_t n;
	const struct data **items;  /* LIST; the values of an OBJECT */
	const str *keys;            /* OBJECT: in order, distinct */
};

/* ---- values to data ---- */

enum data_special { /* what NaN and the infinities become */
	DATA_SPECIAL_REFUSE,
	DATA_SPECIAL_KEEP,        /* themselves: YAML has them */
	DATA_SPECIAL_APPROXIMATE, /* null and the largest doubles */
};

struct data_rules {
	bool preserve_null; /* keep fields that are null */
	bool omit_empty;    /* drop empty lists and objects in fields too */
	bool no_maps;       /* a list of key-value records stays a list */
	str key, value;     /* the fields of such records; default mapKey and mapValue */
	enum data_special special;
};

/* NULL after a diagnostic (DATA_FORM, or a limit).  docs/data.md has the rules. */
const struct data *data_of(struct dhall *, dh_val, const struct data_rules *) SL_MUST_USE;

/* ---- writing ---- */

/* `indent` spaces a level, 0: on one line.  No newline at the end.  Nesting must be bounded by what made
 * the tree: these recurse. */
void data_json(const struct data *, unsigned indent, struct buf *out);
/* Block style; a newline at the end.  `quoted`: every text in quotes. */
void data_yaml(const struct data *, bool quoted, struct buf *out);

/* ---- CBOR ---- */

/* An encoded expression as JSON: arrays, objects, numbers, texts; byte strings are base64url without
 * padding.  NULL after a diagnostic (JSON has no NaN and no infinities). */
const struct data *data_of_cbor(struct arena *, str cbor, struct diags *) SL_MUST_USE;
/* The reverse: what stands where an expression's encoding has byte strings is read as base64url. */
bool data_cbor(const struct data *, struct diags *, struct buf *out) SL_MUST_USE;

/* ---- reading ---- */

#define DATA_DEPTH_MAX 1000 /* levels of nesting that the readers allow */

/* RFC 8259, with numbers of any size.  NULL after a diagnostic (DATA_SYNTAX). */
const struct data *data_read_json(struct arena *, uint32_t file, str text, struct diags *) SL_MUST_USE;
/* One YAML document; plain scalars as YAML 1.2's core schema has them. */
const struct data *data_read_yaml(struct arena *, uint32_t file, str text, struct diags *) SL_MUST_USE;

/* ---- data to values ---- */

enum data_unions {
	DATA_UNIONS_FIRST,  /* the first alternative that fits */
	DATA_UNIONS_STRICT, /* exactly one must fit */
	DATA_UNIONS_NONE,
};

struct data_schema_rules {
	bool loose;           /* fields that the record type does not have are dropped */
	bool no_maps;         /* objects do not become lists of key-value records */
	bool no_key_values;   /* lists of { key, value } objects do not become records or maps */
	bool omissible_lists; /* a field that is absent may be an empty list */
	enum data_unions unions;
};

/* The expression of type `schema` that the data stand for; NULL after a diagnostic (DATA_SCHEMA) whose
 * place is in `file`.  Owned by the session. */
const struct dh_term *data_term(struct dhall *, const struct data *, dh_val schema, const struct data_schema_rules *,
		uint32_t file) SL_MUST_USE;

#endif
