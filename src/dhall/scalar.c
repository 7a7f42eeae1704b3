/* Scalars without nodes: conditions and the operands of what computes with numbers and Bools.
 *
 * A word (session.h) is a Bool or a small Natural by itself, or else any value.  Functions that are bound to
 * variables are entered directly; what is not known here is evaluated as anything else. */
#include "session.h"
#include "unit.h"

#define SPINE_MAX 4

static inline struct word word_bool(bool b)
{
	return (struct word){NULL, WORD_BOOL | b};
}

static inline struct word word_natural(int64_t n)
{
	return (struct word){NULL, n};
}

static inline struct word word_of(struct val *v)
{
	if (v->kind == VAL_BOOL)
		return word_bool(v->sub);
	if (v->kind == VAL_NATURAL && !v->u.num.big)
		return word_natural(v->u.num.small);
	return (struct word){v, 0};
}

struct val *word_value(struct dhall *s, struct word w)
{
	if (w.v)
		return w.v;
	return w.n < 0 ? val_bool(s, w.n & 1) : val_natural(s, num_small(w.n));
}

static inline struct word operand(struct dhall *s, const struct term *t, struct env *e)
{
	if (t->kind == TERM_VAR && t->u.var.index != VAR_FREE)
		return word_of(val_force(s, env_get(e, t->u.var.index)));
	return scalar(s, t, e);
}

/* ---- builtins and operators ---- */

static struct word call1(struct dhall *s, enum builtin b, struct word x)
{
	struct val *v;

	if (word_is_natural(x)) {
		switch (b) {
		case BUILTIN_NATURAL_IS_ZERO: return word_bool(x.n == 0);
		case BUILTIN_NATURAL_EVEN: return word_bool(x.n % 2 == 0);
		case BUILTIN_NATURAL_ODD: return word_bool(x.n % 2 != 0);
		default: break;
		}
	}
	v = word_value(s, x);
	return word_of(builtin_call(s, b, &v));
}

static struct word call2(struct dhall *s, enum builtin b, struct word x, struct word y)
{
	struct val *both[2];

	if (b == BUILTIN_NATURAL_SUBTRACT && word_is_natural(x) && word_is_natural(y))
		return word_natural(y.n > x.n ? y.n - x.n : 0);
	both[0] = word_value(s, x);
	both[1] = word_value(s, y);
	return word_of(builtin_call(s, b, both));
}

/* How many operands t, an application, gives to a builtin that needs them all; 0 when it is no such call. */
static inline unsigned strict_call(const struct term *t)
{
	const struct term *f = t->u.two.a;

	if (f->kind == TERM_BUILTIN)
		return builtin_strict(f->sub) == 1 ? 1 : 0;
	if (f->kind == TERM_APP && f->u.two.a->kind == TERM_BUILTIN)
		return builtin_strict(f->u.two.a->sub) == 2 ? 2 : 0;
	return 0;
}

static struct word call(struct dhall *s, const struct term *t, struct env *e, unsigned operands)
{
	const struct term *f = t->u.two.a;
	struct word x;

	if (operands == 1)
		return call1(s, f->sub, operand(s, t->u.two.b, e));
	x = operand(s, f->u.two.b, e);
	return call2(s, f->u.two.a->sub, x, operand(s, t->u.two.b, e));
}

struct val *scalar_call(struct dhall *s, const struct term *t, struct env *e)
{
	unsigned operands = strict_call(t);

	return operands ? word_value(s, call(s, t, e, operands)) : NULL;
}

/* l op r; false when it is not that simple. */
static bool computed(enum term_op op, struct word l, struct word r, struct word *out)
{
	int64_t n = 0;

	if (l.v || r.v || word_is_bool(l) != word_is_bool(r))
		return false;
	switch (op) {
	case OP_PLUS:
		if (word_is_bool(l) || __builtin_add_overflow(l.n, r.n, &n))
			return false;
		*out = word_natural(n);
		return true;
	case OP_TIMES:
		if (word_is_bool(l) || __builtin_mul_overflow(l.n, r.n, &n))
			return false;
		*out = word_natural(n);
		return true;
	case OP_EQ: *out = word_bool(l.n == r.n); return true;
	case OP_NE: *out = word_bool(l.n != r.n); return true;
	case OP_AND: *out = word_bool(l.n & r.n & 1); return true;
	case OP_OR: *out = word_bool((l.n | r.n) & 1); return true;
	default: return false;
	}
}

struct word scalar_pair(struct dhall *s, const struct term *t, struct env *e)
{
	enum term_op op = t->sub;
	struct word l = operand(s, t->u.two.a, e), r, w;

	if (word_is_bool(l) && ((op == OP_OR && word_true(l)) || (op == OP_AND && !word_true(l))))
		return l;
	r = operand(s, t->u.two.b, e);
	if (computed(op, l, r, &w))
		return w;
	return word_of(eval_operator(s, op, word_value(s, l), word_value(s, r)));
}

/* ---- functions ---- */

/* The function that t, a variable, is bound to, if it is there. */
static const struct val *known_function(struct dhall *s, const struct term *t, struct env *e)
{
	const struct val *f;

	if (t->kind != TERM_VAR || t->u.var.index == VAR_FREE)
		return NULL;
	f = val_force(s, env_get(e, t->u.var.index));
	return f->kind == VAL_LAMBDA ? f : NULL;
}

/* Enters the body of f x y … when f is a known function of that many arguments. */
static bool enter(struct dhall *s, const struct term **t, struct env **e)
{
	const struct term *args[SPINE_MAX], *head = *t, *body;
	const struct val *f;
	struct env *in;
	unsigned n = 0;

	for (; head->kind == TERM_APP; head = head->u.two.a) {
		if (n == SPINE_MAX)
			return false;
		args[n++] = head->u.two.b;
	}
	f = known_function(s, head, *e);
	if (!f)
		return false;
	body = f->u.clos.t;
	for (unsigned i = 0; i < n; i++, body = body->u.bind.b)
		if (body->kind != TERM_LAMBDA)
			return false;
	in = f->u.clos.e;
	while (n-- > 0)
		in = env_push(&s->arena, in, eval_later(s, args[n], *e));
	*t = body;
	*e = in;
	return true;
}

/* ---- terms ---- */

struct word scalar(struct dhall *s, const struct term *t, struct env *e)
{
	struct word w;
	unsigned operands;

	session_deep(s);
	for (;;) {
		session_step(s);
		switch ((enum term_kind)t->kind) {
		case TERM_BOOL: return word_bool(t->sub);
		case TERM_NATURAL:
			if (t->u.num.big)
				return word_of(eval(s, t, e));
			return word_natural(t->u.num.small);
		case TERM_APP:
			operands = strict_call(t);
			if (operands)
				return call(s, t, e, operands);
			if (!enter(s, &t, &e))
				return word_of(eval(s, t, e));
			continue;
		case TERM_ANNOT: t = t->u.two.a; continue;
		case TERM_IF:
			w = scalar_condition(s, t->u.three.a, e);
			if (!word_is_bool(w))
				return word_of(eval_if(s, word_value(s, w), t->u.three.b,
						t->u.three.c, e));
			t = word_true(w) ? t->u.three.b : t->u.three.c;
			continue;
		case TERM_OP:
			if (scalar_is_pair(t))
				return scalar_pair(s, t, e);
			return word_of(eval(s, t, e));
		default: return word_of(eval(s, t, e));
		}
	}
}

struct word scalar_condition(struct dhall *s, const struct term *t, struct env *e)
{
	struct young y;
	struct word w;

	if (t->kind == TERM_VAR)
		return operand(s, t, e);
	young_begin(s, &y);
	w = scalar(s, t, e);
	if (young_end(s, &y) && word_is_bool(w))
		young_rewind(s, &y);
	return w;
}
