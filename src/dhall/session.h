/* session.h: one thread's evaluation: its arena, its bounds, its tables.
 *
 * One throw, one protected call: a bound that is crossed and a type error leave by longjmp to the
 * innermost session_protect.  Nothing below it owns memory outside the session, so nothing leaks. */
#ifndef STRAYLIGHT_DHALL_SESSION_H
#define STRAYLIGHT_DHALL_SESSION_H

#include "env.h"
#include "stack.h"
#include <setjmp.h>

/* A level of nesting is reckoned as this much stack when struct dhall_limits counts levels. */
#define SESSION_LEVEL_BYTES 512

enum session_throw {
	THROW_NONE,
	THROW_ERROR, /* a diagnostic was added; the session goes on */
	THROW_LIMIT, /* a bound was crossed or dhall_stop called; the session is finished */
};

/* What is being evaluated, innermost first: frames on the C stack. */
struct where {
	const struct term *term;
	struct where *up;
};

/* Pointer to pointer, open addressing; lives in an arena. */
struct ptr_map {
	struct ptr_cell {
		const void *a, *b; /* the key; b NULL when one pointer is enough */
		void *value;
	} *cells;
	size_t n, mask;
};

struct dhall {
	struct dhall_world *world;
	struct diags *diags;
	struct arena arena;         /* values and quoted terms: counted against the byte budget */
	struct arena tables;        /* shapes, plans, memos: the same budget, never rewound */
	bool finished;
	jmp_buf *catch;
	const char *catch_frame;    /* the stack below it is left by a throw */
	const char *stack_lo;       /* the address that recursion must stay above */
	uint64_t steps, steps_max;  /* steps: of the present call */
	uint64_t steps_look;        /* up to here nobody looks at steps_max and dhall_stop */
	struct where *where;
	const struct unit *result;  /* what dhall_eval or dhall_type_of was last asked for */
	struct young *young;        /* innermost first, see young.h */
	uint64_t loop_left;         /* iterations of the innermost fold that are left: how long a list may grow */
	uint32_t fresh;             /* next level for equality */

	/* pending arguments, see eval.c */
	struct val **args;
	size_t nargs, args_cap;

	struct shape **shapes;      /* interning table */
	size_t nshapes, shapes_mask;
	struct ptr_map plans;       /* record or union term → struct plan */
	struct ptr_map literals;    /* literal term → its value */
	struct ptr_map equals;      /* pairs known to be equal */
	uint64_t equal_work;        /* pairs looked at so far */
	struct ptr_map closed;      /* values known to mention no variable, for quote_abstract */
	const struct term *succ, *cons; /* what the builds pass, see builtin.c */
	struct ptr_map shared;      /* closed shared term → its value */
	struct ptr_map imports;     /* unit → struct import_val */

	struct buf encoded;         /* of hash.c */
	struct hasher *hasher;

	struct pack *pack;          /* open, see types.h */
	struct loaded *loading;     /* the units that this session is loading, innermost first */
	struct loaded *waits_for;   /* under the world's lock */

	/* constants of the session */
	struct val *builtins[BUILTIN_COUNT];
	struct val *builtin_types[BUILTIN_COUNT];
	struct val *consts[3];
	struct val *bools[2];
	struct val *small[256];     /* naturals */
	struct val *empty_record, *empty_record_type, *empty_text;
	const struct shape *shape_empty, *shape_map; /* {}, { mapKey, mapValue } */
	const struct shape *shape_indexed;           /* { index, value } */
	sym name_underscore, name_some, name_none, name_default, name_type;
};

/* Runs fn; false after THROW_*.  On the outermost call the stack's bound is measured. */
bool session_protect(struct dhall *, void (*fn)(void *ud), void *ud) SL_MUST_USE;
SL_NORETURN void session_throw(struct dhall *, enum session_throw);

/* ---- limit.c ---- */

void session_limits(struct dhall *, const struct dhall_limits *);
SL_NORETURN void session_too_deep(struct dhall *);
/* The steps have passed steps_look: throws when they are too many or the world was stopped. */
void session_look(struct dhall *);
SL_NORETURN void session_too_long(struct dhall *, const char *what); /* a list or text of 4 GiB */

/* To be called first in every function that input can make recurse. */
static inline void session_deep(struct dhall *s)
{
	if (SL_UNLIKELY(stack_low(s->stack_lo)))
		session_too_deep(s);
}

/* Work that is no step by itself, in steps: about ten nanoseconds each. */
static inline void session_work(struct dhall *s, uint64_t steps)
{
	s->steps += steps;
	if (SL_UNLIKELY(s->steps > s->steps_look))
		session_look(s);
}

/* For bytes that are copied, and those that are looked at one by one. */
#define WORK_COPY(n) ((uint64_t)(n) / 64)
#define WORK_BYTES(n) ((uint64_t)(n) / 8)

static inline void session_step(struct dhall *s)
{
	if (SL_UNLIKELY(++s->steps > s->steps_look))
		session_look(s);
}

/* NULL when absent. */
void *ptr_map_get(const struct ptr_map *, const void *a, const void *b);
void ptr_map_put(struct dhall *, struct ptr_map *, const void *a, const void *b, void *value);

#include "young.h"

/* ---- making values ---- */

static inline struct val *val_new(struct dhall *s, enum val_kind kind)
{
	struct val *v = arena_raw(&s->arena, sizeof *v, _Alignof(struct val));

	v->kind = (uint8_t)kind;
	v->sub = 0;
	v->flags = 0;
	v->n = 0;
	return v;
}

static inline struct val *val_one(struct dhall *s, enum val_kind kind, struct val *a)
{
	struct val *v = val_new(s, kind);

	v->u.one.a = a;
	return v;
}

static inline struct val *val_two(struct dhall *s, enum val_kind kind, unsigned sub,
		struct val *a, struct val *b)
{
	struct val *v = val_new(s, kind);

	v->sub = (uint8_t)sub;
	v->u.two.a = a;
	v->u.two.b = b;
	return v;
}

static inline struct val *val_bool(struct dhall *s, bool b)
{
	return s->bools[b];
}

struct val *val_natural(struct dhall *, struct num);
struct val *val_integer(struct dhall *, struct num);
struct val *val_variable(struct dhall *, sym name, uint32_t level, struct val *type);
struct val *val_three(struct dhall *, enum val_kind, struct val *a, struct val *b, struct val *c);

/* ---- eval.c ---- */

/* The weak head normal form of a term. */
struct val *eval(struct dhall *, const struct term *, struct env *);
struct val *eval_later_slow(struct dhall *, const struct term *, struct env *);
/* The same, later; no thunk for what is already a value. */
static inline struct val *eval_later(struct dhall *s, const struct term *t, struct env *e)
{
	if (t->kind == TERM_VAR && t->u.var.index != VAR_FREE)
		return env_get(e, t->u.var.index);
	return eval_later_slow(s, t, e);
}
struct val *eval_apply(struct dhall *, struct val *f, struct val *x);
struct val *eval_apply2(struct dhall *, struct val *f, struct val *x, struct val *y);
void val_force_slow(struct dhall *, struct val *);

static inline struct val *val_force(struct dhall *s, struct val *v)
{
	if (v->kind < VAL_EVALUATED)
		val_force_slow(s, v);
	return v;
}

static inline struct val *pi_apply(struct dhall *s, const struct pi *pi, struct val *x)
{
	return eval(s, pi->body, env_push(&s->arena, pi->env, x));
}

static inline struct val *lambda_apply(struct dhall *s, const struct val *f, struct val *x)
{
	return eval(s, f->u.clos.t->u.bind.b, env_push(&s->arena, f->u.clos.e, x));
}

struct val *eval_if(struct dhall *, struct val *c, const struct term *then, const struct term *other,
		struct env *);

/* ---- scalar.c ---- */

/* A scalar, or any value: two registers. */
struct word {
	struct val *v; /* NULL: a scalar */
	int64_t n;     /* a small Natural, or 0 or 1 with the bit WORD_BOOL */
};

#define WORD_BOOL INT64_MIN

static inline bool word_is_bool(struct word w)
{
	return !w.v && w.n < 0;
}

static inline bool word_is_natural(struct word w)
{
	return !w.v && w.n >= 0;
}

static inline bool word_true(struct word w)
{
	return w.n & 1;
}

struct val *word_value(struct dhall *, struct word);
/* The weak head normal form of a term, best of one that is likely to be a scalar. */
struct word scalar(struct dhall *, const struct term *, struct env *);
/* The same; what a Bool took to evaluate is given back. */
struct word scalar_condition(struct dhall *, const struct term *, struct env *);
/* Natural/isZero x, Natural/subtract x y …: the arguments are needed, so no thunks are made.  NULL when
 * t is no such call. */
struct val *scalar_call(struct dhall *, const struct term *, struct env *);
/* l op r, not part of a longer chain, over numbers or Bools. */
static inline bool scalar_is_pair(const struct term *t)
{
	return t->sub <= OP_TIMES && !(t->u.two.a->kind == TERM_OP && t->u.two.a->sub == t->sub);
}
struct word scalar_pair(struct dhall *, const struct term *, struct env *);

/* ---- operator.c: Bool and Natural operators over evaluated operands ---- */
struct val *eval_operator(struct dhall *, enum term_op, struct val *l, struct val *r);

/* ---- builtin.c ---- */
unsigned builtin_arity(enum builtin);
/* The arity of a builtin that evaluates all its arguments at once; 0 for the others. */
unsigned builtin_strict(enum builtin);
/* With as many arguments as its arity. */
struct val *builtin_call(struct dhall *, enum builtin, struct val **x);
/* f is a VAL_BUILTIN with fewer arguments than its arity. */
struct val *builtin_apply(struct dhall *, struct val *f, struct val *x);
struct val *builtin_type(struct dhall *, enum builtin);
str builtin_name(enum builtin);

/* ---- fold.c ---- */
/* What a fold's outermost step is applied to, not evaluated: `count` steps from `start`, over items from
 * the last to the first (NULL: Natural/fold). */
struct val *fold_rest(struct dhall *, struct val *step, struct val *start, struct val **items, uint64_t count);
struct val *fold_force(struct dhall *, struct fold *);

/* ---- val_text.c ---- */
struct val *text_of(struct dhall *, str); /* the bytes are borrowed for the session */
struct val *text_copy(struct dhall *, str);
static inline str text_str(const struct val *v)
{
	return (str){v->u.text.p, v->n};
}
struct val *text_term(struct dhall *, const struct term *, struct env *);
/* All parts one after the other; they are evaluated. */
struct val *text_concat(struct dhall *, struct val *const *parts, size_t n);
struct val *text_show(struct dhall *, str);
struct val *text_replace(struct dhall *, str needle, struct val *replacement, str hay);

/* ---- list.c ---- */
struct val *list_of(struct dhall *, struct val **items, size_t n); /* n > 0; takes the array */
struct val *list_empty(struct dhall *, struct val *whole_type);
struct val *list_empty_of(struct dhall *, struct val *element_type);
struct val *list_concat(struct dhall *, struct val *a, struct val *b); /* evaluated lists */
struct val *list_prepend(struct dhall *, struct val *item, struct val *rest); /* [ item ] # rest */
bool list_grows(const struct val *rest); /* rest is a list with room in front */
struct val **list_items(struct dhall *, struct val *);                 /* of a list with n > 0 */
struct val *list_reverse(struct dhall *, struct val *);
struct val *list_indexed(struct dhall *, struct val *, struct val *element_type);

/* ---- shape.c ---- */
struct plan { /* how a term's fields stand in their shape */
	const struct shape *shape;
	const uint32_t *from; /* from[i]: which field of the term is names[i] */
};
const struct shape *shape_of(struct dhall *, const sym *sorted, uint32_t n);
const struct shape *shape_of_names(struct dhall *, const sym *names, uint32_t n); /* any order,
		distinct */
const struct plan *shape_plan(struct dhall *, const struct term *);
uint32_t shape_find_slow(const struct shape *, sym);
#define SHAPE_NONE UINT32_MAX
static inline uint32_t shape_find(const struct shape *sh, sym name)
{
	if (sh->n <= 8) {
		for (uint32_t i = 0; i < sh->n; i++)
			if (sh->names[i] == name)
				return i;
		return SHAPE_NONE;
	}
	return shape_find_slow(sh, name);
}

/* ---- record.c ---- */
struct val *record_new(struct dhall *, enum val_kind, const struct shape *, struct val **fields);
struct val *record_term(struct dhall *, const struct term *, struct env *); /* records, types, unions */
struct val *record_field(struct dhall *, struct val *rec, sym);             /* rec is evaluated */
struct val *record_project(struct dhall *, struct val *rec, const struct shape *);
struct val *record_project_type(struct dhall *, struct val *rec, struct val *type);
struct val *record_prefer(struct dhall *, struct val *l, struct val *r);
struct val *record_combine(struct dhall *, struct val *l, struct val *r);
struct val *record_combine_types(struct dhall *, struct val *l, struct val *r);
/* The same over a chain of n evaluated operands, n > 1: linear in their fields. */
struct val *record_chain(struct dhall *, enum term_op, struct val *const *operands, size_t n);
/* The fields of n records or record types as one; `collision` says what stands for a field that both
 * have (of the operand with that number, and of those before it). */
typedef struct val *record_collision(void *ud, sym, struct val *l, struct val *r, size_t operand);
struct val *record_merge(struct dhall *, struct val *const *operands, size_t n,
		record_collision *, void *ud);
struct val *record_with(struct dhall *, struct val *rec, const struct with_step *path, uint32_t n,
		struct val *v);
struct val *record_to_map(struct dhall *, struct val *rec, struct val *type);

/* ---- equal.c ---- */
bool val_equal(struct dhall *, struct val *, struct val *);

/* ---- quote.c ---- */
enum quote_mode {
	QUOTE_PLAIN,
	QUOTE_ALPHA,   /* every binder is named _ */
	QUOTE_PUBLISH, /* strings and numbers are copied, so the term outlives the session */
	QUOTE_NAMED,    /* variables of levels below `depth` become free ones of their names */
	QUOTE_ABSTRACT, /* (only quote_abstract) */
};
/* The normal form, in the arena; variables of levels below `depth` become indices of that depth.
 * Shared values give shared terms. */
const struct term *quote(struct dhall *, struct arena *, struct val *, uint32_t depth, enum quote_mode);
/* A closed normal form that will be written out: what it takes to write it, shared parts each time, is
 * counted against the step budget. */
const struct term *quote_whole(struct dhall *, struct arena *, struct val *, enum quote_mode);
/* A term that evaluates to v in an environment of `depth` entries when those from number `from` on are
 * replaced.  What mentions none of them is embedded as it is, so that sharing survives. */
const struct term *quote_abstract(struct dhall *, struct val *, uint32_t from, uint32_t depth);
/* Whether v, standing at `depth`, mentions a level from `from` up to depth. */
bool quote_mentions(struct dhall *, struct val *, uint32_t from, uint32_t depth);

/* ---- check.c ---- */
/* The type of a closed, resolved unit's term; throws after a diagnostic. */
struct val *check_unit(struct dhall *, const struct unit *);

/* ---- hash.c ---- */
void hash_val(struct dhall *, struct val *, unsigned char out[32]);
/* The same with the encoded bytes. */
void hash_encode(struct dhall *, struct val *, struct buf *);

#endif
