/* machine.h: the state of an evaluator, and what its parts call one another by.
 *
 * Errors leave by longjmp: fail() finds the innermost struct guard (tryEval's, or that of the public
 * function which was called), restores the thunks that were being evaluated, and goes there.  So no
 * function between may own heap memory: what needs a buffer takes it from the pool of buf_borrow.
 *
 * Recursion is by the nesting of the input on the C stack, and every function that recurses looks at
 * its floor first (nix_deep): a stack of POOL_STACK holds some hundred thousand levels. */
#ifndef STRAYLIGHT_NIX_MACHINE_H
#define STRAYLIGHT_NIX_MACHINE_H

#include "attrs.h"
#include "files.h"
#include "scope.h"

#include <straylight/nix.h>
#include <straylight/drv.h>

#include <setjmp.h>

enum frame_kind {
	FRAME_FORCE,   /* v is being evaluated; head and u are what it was */
	FRAME_CALL,    /* u: the expression of the call */
	FRAME_CONTEXT, /* v: a string that addErrorContext gave */
};

/* What is going on; the trace of an error, and what it takes to undo. */
struct frame {
	struct val *v;
	uint64_t head;
	const void *u;
	enum frame_kind kind;
};

struct guard { /* where an error goes */
	jmp_buf leave;
	const char *top;
	struct guard *outer;
	uint32_t frames, borrowed;
	struct arena_mark scratch;
	bool tries; /* takes what tryEval takes */
};

struct trace_line {
	uint32_t lo, hi;
	str text;
};

struct error { /* the one that is on its way */
	enum diag_code code;
	uint32_t lo, hi;
	str text, hint;
	struct trace_line *trace;
	uint32_t ntrace;
};

struct primop {
	const char *name;
	uint32_t arity;
	void (*fn)(struct nix *, struct val **args, struct val *out);
	bool global; /* also without "builtins." */
	bool constant; /* fn gives the value itself */
};

struct drv_kept { /* of a derivation that was made */
	str *outputs, *inputs, *sources;
	size_t noutputs, ninputs, nsources;
};

struct stored { /* a text with a store path */
	str bytes;
	const struct context *refs;
};

struct parsed { /* a file, by its path */
	struct val *value; /* of the file: a thunk at first */
};

struct words { /* names that the evaluator itself uses */
	sym out_path, drv_path, to_string, functor, type, name, value, success, key, overrides, body, path, prefix,
		file, line, column, outputs, right, wrong, version, args, builder, system, 
		output_name, find_file, nix_path, start_set, operator_, structured, ignore_nulls,
				content_addressed, impure,
		output_hash, output_hash_algo, output_hash_mode, all_outputs, filter, recursive, sha256, url,
		recurse;
};

struct profile;

struct nix {
	struct arena mem;
	const char *floor; /* of the C stack */
	uint64_t steps;    /* left */
	size_t room;       /* bytes of one text that is being written */
	VEC(struct frame) frames;
	struct guard *guard;
	struct error error;
	struct nix_env env;
	struct diags *diags;
	bool finished; /* a limit was crossed */
	struct words w;
	struct files files;
	struct map parsed;       /* path: struct parsed */
	struct map added;        /* source path: struct text, its store path */
	struct map sources;      /* store path: struct text, the path that it was copied from */
	struct map realised;     /* "!OUTPUT!DRV" that was built for evaluation; no values */
	struct map texts;        /* store path: struct stored: what toFile made */
	struct map regexes;      /* pattern: struct regex */
	struct map drvs;         /* derivation path: struct drv_kept */
	struct arena scratch;    /* of the derivations that are being made, the innermost last */
	struct drv_memo *memo;
	struct env *globals;
	struct ex_attrs *global_names; /* for scope.c: binding i is slot i of globals */
	struct attrs *builtins;
	struct val v_true, v_false, v_null, v_empty_list, v_empty_attrs, v_empty_text;
	struct val *search_path;
	VEC(struct expr *) stack;  /* the parser's, */
	VEC(struct step) attr_path; /* of attribute paths that are read, and */
	VEC(struct binder) binders; /* scope.c's */
	struct map *unbound;       /* variables that nothing binds are put here; NULL: they are errors */
	struct bound *bound;       /* by sym */
	size_t bound_cap;
	VEC(struct buf *) borrowed;
	VEC(struct val *) items; /* of lists and objects that are read: json_read.c, toml.c */
	VEC(struct attr) pairs;
	uint32_t nborrowed;
	size_t cycle; /* the frame where an infinite recursion begins */
	struct profile *profile;
	const struct attr **sorted; /* of the set that nix_attr_at goes through */
	const struct attrs *sorted_of;
};

/* ---- memory ---- */

static inline struct val *cell(struct nix *x)
{
	return arena_raw(&x->mem, sizeof(struct val), _Alignof(struct val));
}

static inline void *raw(struct nix *x, size_t n)
{
	return arena_raw(&x->mem, n, 8);
}

const struct text *text_new(struct nix *, str);
void set_str(struct nix *, struct val *, str); /* a string without context */

/* A buffer until buf_return, or until an error passes; last in, first out. */
struct buf *buf_borrow(struct nix *);
void buf_return(struct nix *, struct buf *);

/* ---- errors (error.c) ---- */

SL_NORETURN void fail(struct nix *, enum diag_code, const struct expr *at, const char *fmt, ...) SL_PRINTF(4, 5);
SL_NORETURN void fail_at(struct nix *, enum diag_code, uint32_t lo, uint32_t hi, const char *fmt,
		...) SL_PRINTF(5, 6);
/* The hint of the error that the next fail makes. */
void hint_next(struct nix *, const char *fmt, ...) SL_PRINTF(2, 3);
SL_NORETURN void fail_again(struct nix *);
SL_NORETURN void fail_deep(struct nix *);
SL_NORETURN void fail_steps(struct nix *);
SL_NORETURN void fail_room(struct nix *);
/* Does tryEval take it? */
bool error_caught(enum diag_code);
/* The error becomes a diagnostic. */
void error_report(struct nix *);
/* At most so many bytes of values. */
void error_limits(struct nix *, size_t bytes);

static inline void nix_deep(struct nix *x)
{
	if (SL_UNLIKELY(stack_low(x->floor)))
		fail_deep(x);
}

static inline void nix_step(struct nix *x)
{
	if (SL_UNLIKELY(--x->steps == 0))
		fail_steps(x);
}

/* What takes n steps at once. */
static inline void nix_cost(struct nix *x, uint64_t n)
{
	if (SL_UNLIKELY(x->steps <= n))
		fail_steps(x);
	x->steps -= n;
}

/* To be asked for each part of a text that grows. */
static inline void nix_room(struct nix *x, const struct buf *b)
{
	if (SL_UNLIKELY(b->n > x->room))
		fail_room(x);
}

/* guard_begin is true when it is set up, false when an error came back to it. */
#define guard_begin(x, g, tries_)                                                                   \
	((g)->outer = (x)->guard, (g)->frames = (uint32_t)(x)->frames.n, (g)->borrowed = (x)->nborrowed,   \
			(g)->scratch = arena_mark(&(x)->scratch),                                          \
			(g)->top = __builtin_frame_address(0), (g)->tries = (tries_), (x)->guard = (g), \
			setjmp((g)->leave) == 0)
#define guard_end(x, g) ((void)((x)->guard = (g)->outer))

/* ---- frames ---- */

static inline void frame_push(struct nix *x, struct val *v, uint64_t head, const void *u, enum frame_kind kind)
{
	struct frame f = {v, head, u, kind};

	vec_push(&x->frames, f);
}

static inline void frame_pop(struct nix *x)
{
	x->frames.n--;
}

/* The expression of the innermost call: where a builtin was called. */
const struct expr *call_site(const struct nix *);

/* ---- parsing ---- */

/* The text as an expression whose names are bound; `dir` is where relative paths start.  With `names`
 * (sorted) the slots of the environment above globals have these names.  The text must live as long as
 * the evaluator. */
struct expr *nix_parse(struct nix *, str text, str name, str dir, bool is_path, const struct attrs *names);
/* Binds names; may fail. */
void scope_bind(struct nix *, struct expr *, const struct attrs *names);

/* ---- evaluation ---- */

void force_slow(struct nix *, struct val *);
void nix_eval(struct nix *, const struct expr *, struct env *, struct val *out);
/* A cell that will have the value; evaluated only where that is free. */
struct val *delay(struct nix *, const struct expr *, struct env *);
/* The value in WHNF, in a cell of its own or in *tmp. */
struct val *eval_ref(struct nix *, const struct expr *, struct env *, struct val *tmp);
void call(struct nix *, struct val *f, struct val **args, uint32_t n, struct val *out);
void eval_call(struct nix *, const struct ex_call *, struct env *, struct val *out);
void eval_select(struct nix *, const struct ex_select *, struct env *, struct val *out);
bool eval_has(struct nix *, const struct ex_select *, struct env *);
void eval_attrs(struct nix *, const struct ex_attrs *, struct env *, struct val *out);
struct env *eval_let(struct nix *, const struct ex_attrs *, struct env *);
void eval_with_var(struct nix *, const struct ex_var *, struct env *, struct val *out);
void eval_binary(struct nix *, const struct ex_three *, struct env *, struct val *out);
void eval_text(struct nix *, const struct ex_many *, struct env *, struct val *out);
void add(struct nix *, struct val *const *parts, uint32_t n, bool interpolated, const struct expr *at,
		struct val *out);
SL_NORETURN void fail_missing(struct nix *, const struct expr *at, struct attrs *, sym);
/* Applies a function whose parameters all have defaults (or are in `args`, which may be NULL). */
void auto_call(struct nix *, struct val *f, struct attrs *args, struct val *out);

static inline void force(struct nix *x, struct val *v)
{
	if (!val_forced(v))
		force_slow(x, v);
}

/* All that is inside, too. */
void force_deep(struct nix *, struct val *);

bool equal(struct nix *, struct val *, struct val *, const struct expr *at);
bool less(struct nix *, struct val *, struct val *, const struct expr *at);
/* EX_ADD to EX_DIV of numbers. */
void arithmetic(struct nix *, enum expr_kind, const struct val *, const struct val *, const struct expr *at,
		struct val *out);

void profile_enter(struct nix *, const struct expr *);
void profile_leave(struct nix *);
void profile_free(struct nix *);
void regexes_free(struct nix *);

/* Runs the step; an error becomes a diagnostic.  Everything public that evaluates goes through here. */
bool nix_wall(struct nix *, void (*step)(struct nix *, void *ud), void *ud);

/* ---- looking at values ----
 * Forces, and fails with a type error when it is another kind.  `what` says for whom. */

const char *type_article(const struct val *); /* "a string", "a set" */
struct attrs *want_attrs(struct nix *, struct val *, const char *what);
struct val **want_list(struct nix *, struct val *, size_t *n, const char *what);
int64_t want_int(struct nix *, struct val *, const char *what);
bool want_bool(struct nix *, struct val *, const char *what);
str want_str(struct nix *, struct val *, const char *what);       /* any context */
str want_plain(struct nix *, struct val *, const char *what);     /* without a context */
void want_function(struct nix *, struct val *, const char *what); /* or a set with __functor */
struct val *want_attr(struct nix *, struct attrs *, sym, const char *what);
bool is_derivation(struct nix *, struct val *); /* forced */
bool want_bool_at(struct nix *, struct val *, const struct expr *at);

/* ---- strings ---- */

enum coerce_flags {
	COERCE_MORE = 1, /* numbers, booleans, null and lists too */
	COERCE_COPY = 2, /* paths are copied to the store */
};
/* Appends the string; contexts are added to *c. */
void coerce(struct nix *, struct val *, unsigned flags, struct buf *out, const struct context **c,
		const struct expr *at);
/* The same as a string of its own. */
const struct text *coerce_text(struct nix *, struct val *, unsigned flags, const struct context **c,
		const struct expr *at);
/* A path from a path or a string that is one; absolute and canonical. */
str coerce_path(struct nix *, struct val *, const struct context **c, const char *what);

const struct context *context_union(struct nix *, const struct context *, const struct context *);
const struct context *context_one(struct nix *, sym);
/* Elements in the byte order of their texts; in the arena. */
sym *context_sorted(struct nix *, const struct context *);

/* ---- paths and files ---- */

str path_canonical(struct nix *, str absolute); /* without ., .. and doubled slashes */
struct text *path_text(struct nix *, str absolute); /* the same, with room for one byte more */
str path_base(str);
str path_dir(str);
/* What the path stands for on disk: below a store path that we made, the source of that. */
str path_real(struct nix *, str);
bool path_read(struct nix *, str path, str *out); /* false: absent; fails otherwise */
enum nix_file_type path_type(struct nix *, str path);
/* Copies to the store; the store path. */
str path_store(struct nix *, str path, str name, bool recursive, struct val *filter, const char *expected);
bool in_store(struct nix *, str);
/* What the door fetches; `what` asks for it. */
struct nix_fetched fetch_source(struct nix *, const struct nix_fetch *, const char *what);
SL_NORETURN void fail_door(struct nix *, struct diags *, str path); /* what a door said becomes the error */
void check_name(struct nix *, str); /* of a store path */
struct expr *parse_file(struct nix *, str path, const struct attrs *names);
str import_path(struct nix *, str); /* behind links, default.nix in a directory */
void import_file(struct nix *, str path, struct val *out);
void find_file(struct nix *, struct val *search, str name, struct val *out, const struct expr *at);
void search_path(struct nix *, struct val *out);

/* ---- data ---- */

void print_value(struct nix *, struct val *, struct buf *, bool strict);
void json_write(struct nix *, struct val *, bool copy, struct buf *, const struct context **, const struct expr *at);
void json_read(struct nix *, str, struct val *out);
void toml_read(struct nix *, str, struct val *out);
void xml_write(struct nix *, struct val *, bool strict, bool positions, struct buf *, const struct context **);

/* ---- builtins ---- */

void builtins_init(struct nix *);
/* The parameters in the byte order of their names; in the arena. */
const struct formal **formals_by_name(struct nix *, const struct ex_lambda *);
void position_value(struct nix *, uint32_t place, struct val *out); /* { file, line, column } or null */

/* Fails when the text is no hash of that kind. */
struct nix_hash read_hash(struct nix *, str, enum nix_algo);

extern const struct primop primops[];
extern const size_t primop_count;

static inline struct val *bool_cell(struct nix *x, bool b)
{
	return b ? &x->v_true : &x->v_false;
}

#endif
