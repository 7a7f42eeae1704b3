/* Judgemental equality: the same normal form up to the names of bound variables (equivalence.md; no
 * eta).  Values are compared lazily from the head.  Equal addresses are equal; pairs whose comparison
 * was long are remembered, so a shared graph is walked once and not as the tree it stands for. */
#include "session.h"

#define REMEMBER_FROM 16 /* pairs of this much work */

static bool equal_arrays(struct dhall *s, struct val *const *a, struct val *const *b, size_t n)
{
	if (a == b)
		return true;
	for (size_t i = 0; i < n; i++) {
		if (!a[i] || !b[i]) {
			if (a[i] != b[i])
				return false;
			continue;
		}
		if (!val_equal(s, a[i], b[i]))
			return false;
	}
	return true;
}

static struct val *fresh(struct dhall *s, sym name)
{
	return val_variable(s, name, LEVEL_FRESH + s->fresh++, NULL);
}

static bool equal_lambda(struct dhall *s, struct val *a, struct val *b)
{
	const struct term *t = a->u.clos.t, *u = b->u.clos.t;
	struct val *x;

	if (t == u && a->u.clos.e == b->u.clos.e)
		return true;
	if (!val_equal(s, eval_later(s, t->u.bind.a, a->u.clos.e),
			    eval_later(s, u->u.bind.a, b->u.clos.e)))
		return false;
	x = fresh(s, t->u.bind.name);
	return val_equal(s, lambda_apply(s, a, x), lambda_apply(s, b, x));
}

static bool equal_pi(struct dhall *s, const struct pi *a, const struct pi *b)
{
	struct val *x;

	if (a == b)
		return true;
	if (!val_equal(s, a->domain, b->domain))
		return false;
	if (a->body == b->body && a->env == b->env)
		return true;
	x = fresh(s, a->name);
	return val_equal(s, pi_apply(s, a, x), pi_apply(s, b, x));
}

static bool equal_list(struct dhall *s, struct val *a, struct val *b)
{
	if (a->n != b->n)
		return false;
	if (a->n == 0)
		return val_equal(s, a->u.one.a, b->u.one.a);
	return equal_arrays(s, list_items(s, a), list_items(s, b), a->n);
}

static bool equal_mix(struct dhall *s, struct val *a, struct val *b)
{
	const struct mix *m = a->u.mix, *k = b->u.mix;

	if (a->n != b->n || !str_eq(m->tail, k->tail))
		return false;
	for (uint32_t i = 0; i < a->n; i++)
		if (!str_eq(m->chunks[i].before, k->chunks[i].before) ||
				!val_equal(s, m->chunks[i].v, k->chunks[i].v))
			return false;
	return true;
}

static bool equal_with(struct dhall *s, struct val *a, struct val *b)
{
	const struct with *w = a->u.with.with, *x = b->u.with.with;

	if (w->n != x->n)
		return false;
	for (uint32_t i = 0; i < w->n; i++)
		if (w->path[i].kind != x->path[i].kind ||
				(w->path[i].kind == WITH_NAME && w->path[i].name != x->path[i].name))
			return false;
	return val_equal(s, a->u.with.rec, b->u.with.rec) && val_equal(s, w->value, x->value);
}

/* Doubles are equal when their encodings are: every NaN is one, the zeros are two. */
static bool equal_double(double a, double b)
{
	return (a != a && b != b) || memcmp(&a, &b, sizeof a) == 0;
}

static bool equal_literal(const struct term *a, const struct term *b)
{
	switch ((enum term_kind)a->kind) {
	case TERM_BYTES: return str_eq(a->u.bytes, b->u.bytes);
	case TERM_DATE:
		return a->u.date.year == b->u.date.year && a->u.date.month == b->u.date.month &&
		       a->u.date.day == b->u.date.day;
	case TERM_TIME:
	case TERM_TIMEZONE: {
		struct buf x = {0}, y = {0};
		bool same;

		term_encode(a, &x);
		term_encode(b, &y);
		same = str_eq(buf_view(&x), buf_view(&y));
		buf_free(&x);
		buf_free(&y);
		return same;
	}
	default: return a == b;
	}
}

static bool equal_maybe(struct dhall *s, struct val *a, struct val *b)
{
	return a && b ? val_equal(s, a, b) : a == b;
}

/* Both are evaluated and of one kind. */
static bool equal_parts(struct dhall *s, struct val *a, struct val *b)
{
	switch ((enum val_kind)a->kind) {
	case VAL_CONST:
	case VAL_BOOL: return a->sub == b->sub;
	case VAL_BUILTIN:
		return a->sub == b->sub && a->n == b->n && equal_arrays(s, a->u.args, b->u.args, a->n);
	case VAL_LAMBDA: return equal_lambda(s, a, b);
	case VAL_PI: return equal_pi(s, a->u.pi, b->u.pi);
	case VAL_LIST_TYPE:
	case VAL_OPTIONAL_TYPE:
	case VAL_SOME:
	case VAL_NONE:
	case VAL_ASSERT:
	case VAL_SHOW_CONSTRUCTOR: return val_equal(s, a->u.one.a, b->u.one.a);
	case VAL_RECORD_TYPE:
	case VAL_UNION_TYPE:
	case VAL_RECORD:
		return a->u.rec.shape == b->u.rec.shape &&
		       equal_arrays(s, a->u.rec.fields, b->u.rec.fields, a->n);
	case VAL_OP:
		if (a->sub != b->sub)
			return false;
		/* fallthrough */
	case VAL_EQUIVALENT:
	case VAL_APP:
	case VAL_PROJECT_TYPE:
		return val_equal(s, a->u.two.a, b->u.two.a) && val_equal(s, a->u.two.b, b->u.two.b);
	case VAL_TOMAP:
		return val_equal(s, a->u.two.a, b->u.two.a) && equal_maybe(s, a->u.two.b, b->u.two.b);
	case VAL_CONSTRUCTOR:
	case VAL_ALTERNATIVE:
		return a->n == b->n && equal_maybe(s, a->u.alt.payload, b->u.alt.payload) &&
		       val_equal(s, a->u.alt.type, b->u.alt.type);
	case VAL_NATURAL:
	case VAL_INTEGER: return num_cmp(a->u.num, b->u.num) == 0;
	case VAL_DOUBLE: return equal_double(a->u.dbl, b->u.dbl);
	case VAL_TEXT: return str_eq(text_str(a), text_str(b));
	case VAL_BYTES:
	case VAL_DATE:
	case VAL_TIME:
	case VAL_TIMEZONE:
	case VAL_IMPORT: return equal_literal(a->u.term, b->u.term);
	case VAL_LIST: return equal_list(s, a, b);
	case VAL_VAR: return a->n == b->n;
	case VAL_FREE: return a->n == b->n && a->u.var.name == b->u.var.name;
	case VAL_IF:
	case VAL_MERGE: return equal_arrays(s, a->u.args, b->u.args, 3);
	case VAL_TEXT_MIX: return equal_mix(s, a, b);
	case VAL_FIELD:
		return a->u.field.name == b->u.field.name &&
		       val_equal(s, a->u.field.rec, b->u.field.rec);
	case VAL_PROJECT:
		return a->u.project.names == b->u.project.names &&
		       val_equal(s, a->u.project.rec, b->u.project.rec);
	case VAL_WITH: return equal_with(s, a, b);
	case VAL_THUNK:
	case VAL_LAZY:
	case VAL_EVALUATED: break;
	}
	return false;
}

bool val_equal(struct dhall *s, struct val *a, struct val *b)
{
	uint64_t work;

	session_deep(s);
	if (a == b)
		return true;
	session_step(s);
	val_force(s, a);
	val_force(s, b);
	if (a->kind != b->kind)
		return false;
	work = s->equal_work++;
	if (s->equals.n && ptr_map_get(&s->equals, a, b))
		return true;
	if (!equal_parts(s, a, b))
		return false;
	if (s->equal_work - work >= REMEMBER_FROM)
		ptr_map_put(s, &s->equals, a, b, s);
	return true;
}
