/* The operators, over evaluated operands: beta-normalization.md, rule by rule. */
#include "session.h"

static bool is_bool(const struct val *v, bool b)
{
	return v->kind == VAL_BOOL && v->sub == b;
}

static bool is_natural(const struct val *v, int64_t n)
{
	return v->kind == VAL_NATURAL && !v->u.num.big && v->u.num.small == n;
}

static struct val *stuck(struct dhall *s, enum term_op op, struct val *l, struct val *r)
{
	return val_two(s, VAL_OP, op, l, r);
}

/* ||, && : `neutral` is the operand that changes nothing. */
static struct val *logic(struct dhall *s, enum term_op op, struct val *l, struct val *r)
{
	bool neutral = op == OP_AND;

	if (is_bool(l, neutral))
		return r;
	if (is_bool(r, neutral))
		return l;
	if (is_bool(l, !neutral))
		return l;
	if (is_bool(r, !neutral))
		return r;
	return val_equal(s, l, r) ? l : stuck(s, op, l, r);
}

static struct val *comparison(struct dhall *s, enum term_op op, struct val *l, struct val *r)
{
	bool neutral = op == OP_EQ;

	if (is_bool(l, neutral))
		return r;
	if (is_bool(r, neutral))
		return l;
	return val_equal(s, l, r) ? val_bool(s, op == OP_EQ) : stuck(s, op, l, r);
}

static struct val *plus(struct dhall *s, struct val *l, struct val *r)
{
	if (l->kind == VAL_NATURAL && r->kind == VAL_NATURAL) {
		session_work(s, (num_limbs(l->u.num) + num_limbs(r->u.num)) / 4);
		return val_natural(s, num_add(&s->arena, l->u.num, r->u.num));
	}
	if (is_natural(l, 0))
		return r;
	if (is_natural(r, 0))
		return l;
	return stuck(s, OP_PLUS, l, r);
}

static struct val *times(struct dhall *s, struct val *l, struct val *r)
{
	if (l->kind == VAL_NATURAL && r->kind == VAL_NATURAL) {
		session_work(s, num_mul_work(l->u.num, r->u.num));
		return val_natural(s, num_mul(&s->arena, l->u.num, r->u.num));
	}
	if (is_natural(l, 0) || is_natural(r, 1))
		return l;
	if (is_natural(r, 0) || is_natural(l, 1))
		return r;
	return stuck(s, OP_TIMES, l, r);
}

static struct val *append(struct dhall *s, struct val *l, struct val *r)
{
	if (l->kind == VAL_LIST && l->n == 0)
		return r;
	if (r->kind == VAL_LIST && r->n == 0)
		return l;
	if (l->kind == VAL_LIST && r->kind == VAL_LIST)
		return list_concat(s, l, r);
	return stuck(s, OP_LIST_APPEND, l, r);
}

struct val *eval_operator(struct dhall *s, enum term_op op, struct val *l, struct val *r)
{
	struct val *parts[2] = {l, r};

	switch (op) {
	case OP_OR:
	case OP_AND: return logic(s, op, l, r);
	case OP_EQ:
	case OP_NE: return comparison(s, op, l, r);
	case OP_PLUS: return plus(s, l, r);
	case OP_TIMES: return times(s, l, r);
	case OP_TEXT_APPEND: return text_concat(s, parts, 2);
	case OP_LIST_APPEND: return append(s, l, r);
	case OP_COMBINE: return record_combine(s, l, r);
	case OP_PREFER: return record_prefer(s, l, r);
	case OP_COMBINE_TYPES: return record_combine_types(s, l, r);
	default: return stuck(s, op, l, r);
	}
}
