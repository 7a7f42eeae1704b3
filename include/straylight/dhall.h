/* dhall.h: the Dhall language (standard 23.1.0): text in, typed values out.
 *
 * Layer: dhall, above base and store.  It does no I/O: the world is reached only through dhall_env.
 *
 * Two lifetimes and two owners:
 *  - struct dhall_world is shared by all threads of a process.  It owns *units*: one per imported
 *    file, environment variable or text; a unit is parsed, resolved and type-checked once, and from
 *    then on is immutable, so every session may read it without a lock.
 *  - struct dhall is a session: one thread at a time.  It owns *values* (dh_val), which are evaluated
 *    lazily and so are written to when they are read; they never cross to another session.  Values
 *    stay valid until dhall_close.
 *
 * Everything that input can drive is bounded at birth (struct dhall_limits): bytes, depth, steps.
 * Crossing a bound is a diagnostic, the call returns false or NULL, and the session is finished:
 * further calls fail at once with no further diagnostic.  Any other error leaves it usable.  dhall_stop ends
 * sessions the same way. */
#ifndef STRAYLIGHT_DHALL_H
#define STRAYLIGHT_DHALL_H

#include <straylight/base.h>

/* ---- the world ---- */

struct dhall_limits { /* 0 = the default */
	size_t bytes;    /* of values and terms of one session; default 2 GiB */
	uint32_t depth;  /* of nesting, in evaluation and in text; default: what a stack of POOL_STACK holds */
	uint64_t steps;  /* of one call, a step being about ten nanoseconds of work; default 2^28 */
};

enum dhall_found {
	DHALL_FOUND,
	DHALL_ABSENT, /* no such file or variable: `?` may try its other side */
	DHALL_FAILED, /* a diagnostic was added: nothing falls back */
};

struct dhall_header {
	str name, value;
};

/* What a URL gave.  Everything but the body lives in the arena that the door was given. */
struct dhall_response {
	struct blob *body;  /* FOUND: one reference, the caller's */
	str allow_origin;   /* of Access-Control-Allow-Origin, the last one */
	size_t nallow;      /* how many of these headers there were */
	const char *why, *hint; /* ABSENT: the reason in a few words, and what to do; never with a header's value */
};

/* The only doors to the world.  Each may be called from any thread that runs a session. */
struct dhall_env {
	/* The bytes of a file by absolute path; the blob has one reference, the caller's. */
	enum dhall_found (*read)(void *ud, str path, struct blob **out, struct diags *);
	/* An environment variable. */
	enum dhall_found (*variable)(void *ud, str name, struct blob **out);
	/* What is at a URL (imports.md: any way in which it cannot be retrieved is ABSENT).  May be NULL. */
	enum dhall_found (*fetch)(void *ud, str url, const struct dhall_header *, size_t n, struct arena *,
			struct dhall_response *);
	/* The integrity cache: encoded expressions by SHA-256, which is verified here.  May be NULL. */
	bool (*cached)(void *ud, const unsigned char sha256[32], struct blob **out);
	void (*remember)(void *ud, const unsigned char sha256[32], str bytes);
	/* What was found about the types of imports, for the next process: bytes by a key of 32 bytes, as
	 * they were stored.  May both be NULL.  Anything else may come back: it is looked at with care. */
	bool (*recall)(void *ud, const unsigned char key[32], struct blob **out);
	void (*store)(void *ud, const unsigned char key[32], str bytes);
	str home;      /* for ~/; may be empty */
	str directory; /* where relative imports of variables start; empty: "." */
	void *ud;
	struct dhall_limits limits;
};

struct dhall_world;
struct dhall_world *dhall_world_new(const struct dhall_env *) SL_MUST_USE; /* the env is copied */
void dhall_world_free(struct dhall_world *); /* after all sessions are closed */
/* From any thread: every session of the world, also one that is opened later, ends its running or next call
 * soon, as if a bound were crossed, with the diagnostic DIAG_INTERRUPTED.  A door that is being called is
 * waited for.  There is no way back. */
void dhall_stop(struct dhall_world *);

struct dhall;
struct dhall *dhall_open(struct dhall_world *, struct diags *) SL_MUST_USE;
void dhall_close(struct dhall *);
/* A bound was crossed: it can only be closed. */
bool dhall_finished(const struct dhall *);
/* Bytes that its values and terms take, until it is closed. */
size_t dhall_held(const struct dhall *);

/* ---- phases ----
 * One type per phase, so that they can only be composed in order.  Each returns NULL after adding a
 * diagnostic.  Owned by the world. */

struct dh_parsed;
struct dh_resolved;
struct dh_typed;
struct dh_term; /* syntax, also of normal forms */

/* `name` is what diagnostics call the text; relative imports start from `directory` (absolute). */
const struct dh_parsed *dhall_parse(struct dhall *, str text, str name, str directory) SL_MUST_USE;
/* The same where free variables stand for what was checked before, of this world; a later binding shadows those of the
 * same name before it. */
struct dhall_binding {
	str name;
	const struct dh_typed *value;
};
const struct dh_parsed *dhall_parse_with(struct dhall *, str text, str name, str directory, const struct dhall_binding *,
		size_t n) SL_MUST_USE;
const struct dh_resolved *dhall_resolve(struct dhall *, const struct dh_parsed *) SL_MUST_USE;
/* The session keeps the type: another one of the world that asks for it checks the text again. */
const struct dh_typed *dhall_check(struct dhall *, const struct dh_resolved *) SL_MUST_USE;
/* All three over a file, as an import would do it: the world keeps the result. */
const struct dh_typed *dhall_load(struct dhall *, str path) SL_MUST_USE;

/* What the result depends on, transitively: absolute paths of files (also of those that were looked
 * for and absent), then environment variables as "env:NAME", then "at:PATH" for every import that rests
 * on where things are (written absolutely or from ~, or `as Location`): a copy of the importing files
 * elsewhere may mean something else; then "url:URL" for what was asked of a server and no hash pins: the
 * next answer may be another.  URLs are shown without what may be a secret.  Valid as long as the world. */
void dhall_dependencies(const struct dh_typed *, const str **names, size_t *n);

/* ---- source ----
 * What works on the text alone: no session, no imports.  To be called on a stack of POOL_STACK. */

/* The text laid out anew, with all its comments; the same again for what comes out.  `name` is what
 * diagnostics call it.  false after a diagnostic. */
bool dhall_format(str text, str name, struct buf *out, struct diags *) SL_MUST_USE;

/* The text with what is superfluous or outdated changed (docs/internals/source.md), all else as it is, to the
 * byte.  `said` gets a line NAME:LINE:COLUMN: WHAT for each change, and may be NULL. */
bool dhall_lint(str text, str name, struct buf *out, struct buf *said, struct diags *) SL_MUST_USE;

/* Appends the file's tags for editors. */
bool dhall_tags(str text, str name, struct buf *out, struct diags *) SL_MUST_USE;

/* A record of imports of the paths ("a/b.dhall", relative and normal), laid out like their folders: a/b.dhall is the field
 * a.b, and a/PACKAGE the field a.  false after a diagnostic: two of them would be one field. */
bool dhall_package(const str *paths, size_t n, str package, struct buf *out, struct diags *) SL_MUST_USE;

/* For code that is written: "text", and a name as a record's field, quoted where it must be. */
void dhall_spell_text(str, struct buf *out);
void dhall_spell_field(str, struct buf *out);

/* The words of the language: keywords, constants and builtins. */
const char *const *dhall_words(size_t *n);

enum dhall_freeze_flags {
	DHALL_FREEZE_ALL = 1,   /* local files and variables too, not only what is remote */
	DHALL_FREEZE_CACHE = 2, /* missing sha256:… ? import: the hash only finds it in the cache */
};

/* The text with the present hash behind its imports, all else as it is; what they stand for is remembered in
 * the integrity cache.  Relative imports start from `directory`.  A hash that is written already is not
 * looked at.  false after a diagnostic. */
bool dhall_freeze(struct dhall *, str text, str name, str directory, unsigned flags, struct buf *out) SL_MUST_USE;

/* The normal form of the text, in which records whose type is that of a schema are written as schemas.NAME::{ … }, below
 * `let schemas = SCHEMAS`; the text as it is when there are none.  `schemas` is an expression, a record of schemas; its
 * imports too start from `directory`.  false after a diagnostic. */
bool dhall_rewrite_with_schemas(struct dhall *, str text, str name, str directory, str schemas, struct buf *out) SL_MUST_USE;

/* ---- values ---- */

typedef struct dh_val {
	struct val *v; /* opaque; NULL is no value */
} dh_val;

dh_val dhall_eval(struct dhall *, const struct dh_typed *);
dh_val dhall_type_of(struct dhall *, const struct dh_typed *); /* its type, as a value */

/* The value of an expression that was not checked, perhaps with free variables: `eval --no-check` and
 * tests of normalisation.  What is ill-typed gives a value that is stuck, or runs until a limit. */
dh_val dhall_eval_unchecked(struct dhall *, const struct dh_resolved *);

/* f applied to x; both well-typed by construction (the caller looked at their types). */
dh_val dhall_apply(struct dhall *, dh_val f, dh_val x);

/* Says in what two values differ: a line for each difference, nothing when there is none.  false after a
 * limit was crossed. */
bool dhall_diff(struct dhall *, dh_val a, dh_val b, struct buf *out);

/* Judgemental equality (alpha, beta, eta as the standard has it). */
bool dhall_equal(struct dhall *, dh_val, dh_val);

/* The normal form as a term; with `alpha`, every bound variable is renamed to _. */
const struct dh_term *dhall_quote(struct dhall *, dh_val, bool alpha);
void dhall_print(const struct dh_term *, struct buf *out); /* standard layout, Unicode-free */
void dhall_encode(const struct dh_term *, struct buf *out); /* CBOR as the standard says */

/* The same in the Nix language (docs/internals/nix.md), of a closed normal form that is well-typed; no newline at the end.
 * false after a diagnostic: DATA_FORM for what Nix cannot hold, or a limit. */
bool dhall_nix(struct dhall *, const struct dh_term *, struct buf *out) SL_MUST_USE;

/* What was parsed, its imports kept; lives as long as the world. */
const struct dh_term *dhall_written(const struct dh_parsed *);
/* An encoded expression; NULL after a diagnostic that names the bytes `name`.  Owned by the world. */
const struct dh_term *dhall_decode(struct dhall *, str bytes, str name) SL_MUST_USE;
/* The text with what each import stands for in its place, not normalised. */
void dhall_print_resolved(const struct dh_resolved *, struct buf *out);
/* Calls fn for each import of the text that was resolved, in order: `from` is the name of the text that
 * has it, `to` is its place (a path, a URL, "env:NAME" or "missing").  With `deep` the imports of what is
 * imported follow, each text once.  What came from the integrity cache has none. */
typedef void dhall_import_fn(void *ud, str from, str to);
void dhall_imports(const struct dh_resolved *, bool deep, dhall_import_fn *fn, void *ud);

/* The semantic hash: SHA-256 of the encoded alpha-normal form. */
bool dhall_hash(struct dhall *, dh_val, unsigned char out[32]) SL_MUST_USE;

/* Reading a value directly, so a build never quotes what it only looks at.  Each forces just the
 * head, and is false when the value is of another kind (or a limit was crossed). */
enum dh_kind {
	DH_NONE, /* a limit was crossed */
	DH_BOOL, DH_NATURAL, DH_INTEGER, DH_DOUBLE, DH_TEXT, DH_BYTES, DH_LIST, DH_OPTIONAL, DH_RECORD,
	DH_UNION,    /* a constructed alternative */
	DH_FUNCTION, DH_TYPE, DH_OTHER
};
enum dh_kind dh_kind(struct dhall *, dh_val);
bool dh_field(struct dhall *, dh_val record, sym, dh_val *out);
size_t dh_fields(struct dhall *, dh_val record);           /* count; fields are sorted by name */
bool dh_field_at(struct dhall *, dh_val record, size_t i, sym *name, dh_val *out);
bool dh_case(struct dhall *, dh_val, sym *alternative, dh_val *payload); /* payload->v == NULL: none */
/* The union type of a constructed alternative; out->v == NULL after a limit. */
bool dh_case_type(struct dhall *, dh_val, dh_val *type);
bool dh_list(struct dhall *, dh_val, size_t *n);
bool dh_item(struct dhall *, dh_val list, size_t i, dh_val *out);
bool dh_optional(struct dhall *, dh_val, bool *some, dh_val *out);
bool dh_text(struct dhall *, dh_val, str *out);    /* owned by the session */
bool dh_bool(struct dhall *, dh_val, bool *out);
bool dh_natural(struct dhall *, dh_val, uint64_t *out); /* false too when it does not fit */

/* Reading a type: of a record type's field; of a function's parameter and (when it does not depend
 * on the argument) result. */
bool dh_type_field(struct dhall *, dh_val record_type, sym, dh_val *out);
size_t dh_type_fields(struct dhall *, dh_val record_type);
bool dh_type_field_at(struct dhall *, dh_val record_type, size_t i, sym *name, dh_val *out);
bool dh_type_item(struct dhall *, dh_val list_type, dh_val *out); /* of a list's items */
bool dh_type_function(struct dhall *, dh_val type, dh_val *parameter, dh_val *result);

/* The place in the source where this field of the file's outermost record is written, through `let`
 * and `in`; NO_SPAN when it is not written as a record literal. */
struct span dhall_field_span(const struct dh_typed *, sym);
struct span dhall_span(const struct dh_typed *);

#endif
