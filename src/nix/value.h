/* value.h: values, as the evaluator holds them.
 *
 * A value is a cell of 16 bytes.  The low byte of `head` is its tag; the upper 48 bits are a second
 * pointer or a count, which user-space addresses of x86-64 and AArch64 fit into.  Cells are referred to
 * by address: a slot of an environment, an item of a list and an attribute are pointers to cells, so
 * what is evaluated once is evaluated for all who see it.
 *
 *	tag        head's pointer           u
 *	INT        -                        i
 *	FLOAT      -                        f
 *	BOOL       -                        i
 *	NULL       -                        -
 *	STRING     context, or NULL         text
 *	PATH       -                        text: absolute, canonical
 *	LIST       the number of items      items
 *	ATTRS      -                        attrs
 *	LAMBDA     the expression           env
 *	PRIMOP     -                        primop
 *	PARTIAL    -                        partial: a primop and its first arguments
 *	THUNK      the expression           env      } not evaluated yet
 *	APP        the function             value: its argument }
 *	HOLE       -                        -        being evaluated
 *
 * A cell that is in weak head normal form never changes again. */
#ifndef STRAYLIGHT_NIX_VALUE_H
#define STRAYLIGHT_NIX_VALUE_H

#include <straylight/base.h>

struct attrs;
struct env;
struct expr;
struct nix;
struct primop;
struct val;

enum tag {
	T_INT, T_FLOAT, T_BOOL, T_NULL, T_STRING, T_PATH, T_LIST, T_ATTRS, T_LAMBDA, T_PRIMOP, T_PARTIAL,
	T_LAST_FORCED = T_PARTIAL,
	T_THUNK, T_APP, T_HOLE,
};

struct text { /* bytes that a NUL follows */
	size_t n;
	char b[];
};

/* What a string depends on: elements as Nix writes them, sorted by sym, without duplicates.  "PATH" is
 * a source, "!OUTPUT!DRV" an output of a derivation, "=DRV" a derivation with all its outputs. */
struct context {
	uint32_t n;
	sym e[];
};

struct partial {
	const struct primop *primop;
	uint32_t n;
	struct val *args[];
};

struct val {
	uint64_t head;
	union {
		int64_t i;
		double f;
		const struct text *text;
		struct val **items;
		struct attrs *attrs;
		struct env *env;
		struct val *value;
		const struct primop *primop;
		const struct partial *partial;
	} u;
};

/* An environment: what the names of one scope stand for.  Slots are numbered by scope.c. */
struct env {
	struct env *up;
	struct val *v[];
};

/* In head: nobody has asked for the value yet; printing shows it as what it would be without our being quicker. */
#define UNSEEN ((uint64_t)1 << 8)

static inline enum tag val_tag(const struct val *v)
{
	return (enum tag)(v->head & 0xff);
}

static inline const void *val_ptr(const struct val *v)
{
	return (const void *)(uintptr_t)(v->head >> 16);
}

static inline uint64_t head_of(enum tag t, const void *p)
{
	return (uint64_t)(uintptr_t)p << 16 | t;
}

static inline bool val_forced(const struct val *v)
{
	return val_tag(v) <= T_LAST_FORCED;
}

static inline void val_int(struct val *v, int64_t i)
{
	v->head = T_INT;
	v->u.i = i;
}

static inline void val_float(struct val *v, double f)
{
	v->head = T_FLOAT;
	v->u.f = f;
}

static inline void val_bool(struct val *v, bool b)
{
	v->head = T_BOOL;
	v->u.i = b;
}

static inline void val_null(struct val *v)
{
	v->head = T_NULL;
	v->u.i = 0;
}

static inline void val_text(struct val *v, const struct text *t, const struct context *c)
{
	v->head = head_of(T_STRING, c);
	v->u.text = t;
}

static inline void val_path(struct val *v, const struct text *t)
{
	v->head = T_PATH;
	v->u.text = t;
}

static inline void val_list(struct val *v, struct val **items, size_t n)
{
	v->head = (uint64_t)n << 16 | T_LIST;
	v->u.items = items;
}

static inline size_t list_len(const struct val *v)
{
	return (size_t)(v->head >> 16);
}

static inline void val_attrs(struct val *v, struct attrs *a)
{
	v->head = T_ATTRS;
	v->u.attrs = a;
}

static inline void val_app(struct val *v, struct val *f, struct val *arg)
{
	v->head = head_of(T_APP, f);
	v->u.value = arg;
}

static inline str text_str(const struct text *t)
{
	return (str){t->b, t->n};
}

static inline str val_str(const struct val *v) /* of a STRING or PATH */
{
	return text_str(v->u.text);
}

static inline const struct context *val_context(const struct val *v) /* of a STRING */
{
	return val_ptr(v);
}

#endif
