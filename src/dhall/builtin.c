/* The builtins: a table of arities and rules.  A rule sees all arguments at once and gives the result,
 * or NULL when it is stuck. */
#include "session.h"
#include "unit.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>

typedef struct val *rule(struct dhall *, struct val **x);

#define ARITY_MAX 5

static struct val *natural_arg(struct dhall *s, struct val *v)
{
	v = val_force(s, v);
	return v->kind == VAL_NATURAL ? v : NULL;
}

static struct val *integer_arg(struct dhall *s, struct val *v)
{
	v = val_force(s, v);
	return v->kind == VAL_INTEGER ? v : NULL;
}

static struct val *text_arg(struct dhall *s, struct val *v)
{
	v = val_force(s, v);
	return v->kind == VAL_TEXT ? v : NULL;
}

static struct val *list_arg(struct dhall *s, struct val *v)
{
	v = val_force(s, v);
	return v->kind == VAL_LIST ? v : NULL;
}

/* ---- folds ---- */

/* The outermost step is applied to the rest, unevaluated: a step that ignores it ends at once. */
static struct val *natural_fold(struct dhall *s, struct val **x)
{
	struct val *n = natural_arg(s, x[0]);
	uint64_t count;

	if (!n)
		return NULL;
	count = n->u.num.big ? UINT64_MAX : (uint64_t)n->u.num.small;
	if (count == 0)
		return val_force(s, x[3]);
	return eval_apply(s, x[2], fold_rest(s, x[2], x[3], NULL, count - 1));
}

static struct val *list_fold(struct dhall *s, struct val **x)
{
	struct val *list = list_arg(s, x[1]);
	struct val **items;

	if (!list)
		return NULL;
	if (list->n == 0)
		return val_force(s, x[4]);
	items = list_items(s, list);
	return eval_apply2(s, x[3], items[0], fold_rest(s, x[3], x[4], items + 1, list->n - 1));
}

/* ---- builds ---- */

static struct term *made(struct dhall *s, enum term_kind kind)
{
	struct term *t = arena_make(&s->tables, struct term);

	t->kind = (uint8_t)kind;
	return t;
}

static const struct term *made_var(struct dhall *s, sym name, uint32_t index)
{
	struct term *t = made(s, TERM_VAR);

	t->u.var.name = name;
	t->u.var.index = index;
	return t;
}

static const struct term *made_two(struct dhall *s, enum term_kind kind, unsigned sub,
		const struct term *a, const struct term *b)
{
	struct term *t = made(s, kind);

	t->sub = (uint8_t)sub;
	t->u.two.a = a;
	t->u.two.b = b;
	return t;
}

static const struct term *made_lambda(struct dhall *s, const char *name, const struct term *a,
		const struct term *b)
{
	struct term *t = made(s, TERM_LAMBDA);

	t->u.bind.name = intern_c(name);
	t->u.bind.a = a;
	t->u.bind.b = b;
	return t;
}

static const struct term *made_builtin(struct dhall *s, enum builtin b)
{
	struct term *t = made(s, TERM_BUILTIN);

	t->sub = (uint8_t)b;
	return t;
}

/* \(x : Natural) -> x + 1 */
static const struct term *succ_term(struct dhall *s)
{
	struct term *one = made(s, TERM_NATURAL);

	one->u.num = num_small(1);
	return made_lambda(s, "x", made_builtin(s, BUILTIN_NATURAL),
			made_two(s, TERM_OP, OP_PLUS, made_var(s, intern_c("x"), 0), one));
}

/* \(a : A) -> \(as : List A) -> [ a ] # as, where A is the one entry of the environment */
static const struct term *cons_term(struct dhall *s)
{
	sym a = intern_c("a"), as = intern_c("as"), A = intern_c("A");
	struct term *list = made(s, TERM_LIST);
	const struct term **items = arena_array(&s->tables, const struct term *, 1);

	items[0] = made_var(s, a, 1);
	list->n = 1;
	list->u.list.items = items;
	return made_lambda(s, "a", made_var(s, A, 0),
			made_lambda(s, "as",
					made_two(s, TERM_APP, 0, made_builtin(s, BUILTIN_LIST),
							made_var(s, A, 1)),
					made_two(s, TERM_OP, OP_LIST_APPEND, list, made_var(s, as, 0))));
}

static struct val *natural_build(struct dhall *s, struct val **x)
{
	struct val *g = eval_apply(s, x[0], s->builtins[BUILTIN_NATURAL]);

	if (!s->succ)
		s->succ = succ_term(s);
	return eval_apply2(s, g, eval(s, s->succ, &env_empty), val_natural(s, num_small(0)));
}

static struct val *list_build(struct dhall *s, struct val **x)
{
	struct val *g = eval_apply(s, x[1], val_one(s, VAL_LIST_TYPE, x[0]));

	if (!s->cons)
		s->cons = cons_term(s);
	return eval_apply2(s, g, eval(s, s->cons, env_push(&s->arena, &env_empty, x[0])),
			list_empty_of(s, x[0]));
}

/* ---- Natural ---- */

static struct val *natural_is_zero(struct dhall *s, struct val **x)
{
	struct val *n = natural_arg(s, x[0]);

	return n ? val_bool(s, num_sign(n->u.num) == 0) : NULL;
}

static struct val *natural_even(struct dhall *s, struct val **x)
{
	struct val *n = natural_arg(s, x[0]);

	return n ? val_bool(s, num_even(n->u.num)) : NULL;
}

static struct val *natural_odd(struct dhall *s, struct val **x)
{
	struct val *n = natural_arg(s, x[0]);

	return n ? val_bool(s, !num_even(n->u.num)) : NULL;
}

static struct val *natural_to_integer(struct dhall *s, struct val **x)
{
	struct val *n = natural_arg(s, x[0]);

	return n ? val_integer(s, n->u.num) : NULL;
}

static struct val *shown(struct dhall *s, struct buf *b)
{
	return text_of(s, buf_take(b, &s->arena));
}

static struct val *natural_show(struct dhall *s, struct val **x)
{
	struct val *n = natural_arg(s, x[0]);
	char small[24];
	struct buf b = {0};

	if (!n)
		return NULL;
	if (!n->u.num.big) {
		int len = snprintf(small, sizeof small, "%lld", (long long)n->u.num.small);

		return text_copy(s, str_of(small, (size_t)len));
	}
	session_work(s, num_print_work(n->u.num));
	num_print(n->u.num, &b);
	return shown(s, &b);
}

static struct val *natural_subtract(struct dhall *s, struct val **x)
{
	struct val *m = val_force(s, x[0]), *n = val_force(s, x[1]);
	bool known = m->kind == VAL_NATURAL && n->kind == VAL_NATURAL;

	if (known) {
		session_work(s, (num_limbs(m->u.num) + num_limbs(n->u.num)) / 4);
		return val_natural(s, num_cmp(m->u.num, n->u.num) <= 0 ? num_sub(&s->arena, n->u.num, m->u.num)
								       : num_small(0));
	}
	if (m->kind == VAL_NATURAL && num_sign(m->u.num) == 0)
		return n;
	if (n->kind == VAL_NATURAL && num_sign(n->u.num) == 0)
		return n;
	return val_equal(s, m, n) ? val_natural(s, num_small(0)) : NULL;
}

/* ---- Integer, Double ---- */

static struct val *integer_to_double(struct dhall *s, struct val **x)
{
	struct val *n = integer_arg(s, x[0]), *v;

	if (!n)
		return NULL;
	v = val_new(s, VAL_DOUBLE);
	v->u.dbl = num_double(n->u.num);
	return v;
}

static struct val *integer_show(struct dhall *s, struct val **x)
{
	struct val *n = integer_arg(s, x[0]);
	struct buf b = {0};

	if (!n)
		return NULL;
	session_work(s, num_print_work(n->u.num));
	if (num_sign(n->u.num) >= 0)
		buf_c(&b, '+');
	num_print(n->u.num, &b);
	return shown(s, &b);
}

static struct val *integer_negate(struct dhall *s, struct val **x)
{
	struct val *n = integer_arg(s, x[0]);

	return n ? val_integer(s, num_neg(&s->arena, n->u.num)) : NULL;
}

static struct val *integer_clamp(struct dhall *s, struct val **x)
{
	struct val *n = integer_arg(s, x[0]);

	return n ? val_natural(s, num_sign(n->u.num) < 0 ? num_small(0) : n->u.num) : NULL;
}

/* Literals are shown as the printer writes them. */
static struct val *show_literal(struct dhall *s, const struct term *t)
{
	struct buf b = {0};

	term_print(t, &b);
	while (b.n && b.p[b.n - 1] == '\n')
		b.n--;
	return shown(s, &b);
}

static struct val *double_show(struct dhall *s, struct val **x)
{
	struct val *v = val_force(s, x[0]);
	struct term t = {.kind = TERM_DOUBLE};

	if (v->kind != VAL_DOUBLE)
		return NULL;
	t.u.dbl = v->u.dbl;
	return show_literal(s, &t);
}

static struct val *date_show(struct dhall *s, struct val **x)
{
	struct val *v = val_force(s, x[0]);

	return v->kind == VAL_DATE ? show_literal(s, v->u.term) : NULL;
}

static struct val *time_show(struct dhall *s, struct val **x)
{
	struct val *v = val_force(s, x[0]);

	return v->kind == VAL_TIME ? show_literal(s, v->u.term) : NULL;
}

static struct val *timezone_show(struct dhall *s, struct val **x)
{
	struct val *v = val_force(s, x[0]);

	return v->kind == VAL_TIMEZONE ? show_literal(s, v->u.term) : NULL;
}

/* ---- List ---- */

static struct val *list_length(struct dhall *s, struct val **x)
{
	struct val *list = list_arg(s, x[1]);

	return list ? val_natural(s, num_small(list->n)) : NULL;
}

static struct val *list_head(struct dhall *s, struct val **x)
{
	struct val *list = list_arg(s, x[1]);

	if (!list)
		return NULL;
	return list->n ? val_one(s, VAL_SOME, list_items(s, list)[0]) : val_one(s, VAL_NONE, x[0]);
}

static struct val *list_last(struct dhall *s, struct val **x)
{
	struct val *list = list_arg(s, x[1]);

	if (!list)
		return NULL;
	return list->n ? val_one(s, VAL_SOME, list_items(s, list)[list->n - 1])
		       : val_one(s, VAL_NONE, x[0]);
}

static struct val *indexed(struct dhall *s, struct val **x)
{
	struct val *list = list_arg(s, x[1]);

	return list ? list_indexed(s, list, x[0]) : NULL;
}

static struct val *reverse(struct dhall *s, struct val **x)
{
	struct val *list = list_arg(s, x[1]);

	return list ? list_reverse(s, list) : NULL;
}

/* ---- Text ---- */

static struct val *show_text(struct dhall *s, struct val **x)
{
	struct val *t = text_arg(s, x[0]);

	return t ? text_show(s, text_str(t)) : NULL;
}

static struct val *replace(struct dhall *s, struct val **x)
{
	struct val *needle = text_arg(s, x[0]), *hay;

	if (!needle)
		return NULL;
	if (needle->n == 0)
		return val_force(s, x[2]);
	hay = text_arg(s, x[2]);
	return hay ? text_replace(s, text_str(needle), val_force(s, x[1]), text_str(hay)) : NULL;
}

/* ---- types ---- */

static struct val *list_type(struct dhall *s, struct val **x)
{
	return val_one(s, VAL_LIST_TYPE, x[0]);
}

static struct val *optional_type(struct dhall *s, struct val **x)
{
	return val_one(s, VAL_OPTIONAL_TYPE, x[0]);
}

static struct val *none(struct dhall *s, struct val **x)
{
	return val_one(s, VAL_NONE, x[0]);
}

/* ---- the table ---- */

static const char *const names[] = {
#define B(id, name, type) [BUILTIN_##id] = name,
#include "builtin.def"
#undef B
};

static const char *const type_texts[] = {
#define B(id, name, type) [BUILTIN_##id] = type,
#include "builtin.def"
#undef B
};

/* ORDER BUILTIN (builtin.def); what is not here takes no argument. */
static const struct {
	unsigned arity;
	rule *apply;
	bool strict; /* the rule evaluates every argument, whatever they are */
} rules[BUILTIN_COUNT] = {
	[BUILTIN_NATURAL_FOLD] = {4, natural_fold},
	[BUILTIN_NATURAL_BUILD] = {1, natural_build},
	[BUILTIN_NATURAL_IS_ZERO] = {1, natural_is_zero, true},
	[BUILTIN_NATURAL_EVEN] = {1, natural_even, true},
	[BUILTIN_NATURAL_ODD] = {1, natural_odd, true},
	[BUILTIN_NATURAL_TO_INTEGER] = {1, natural_to_integer, true},
	[BUILTIN_NATURAL_SHOW] = {1, natural_show, true},
	[BUILTIN_NATURAL_SUBTRACT] = {2, natural_subtract, true},
	[BUILTIN_INTEGER_TO_DOUBLE] = {1, integer_to_double, true},
	[BUILTIN_INTEGER_SHOW] = {1, integer_show, true},
	[BUILTIN_INTEGER_NEGATE] = {1, integer_negate, true},
	[BUILTIN_INTEGER_CLAMP] = {1, integer_clamp, true},
	[BUILTIN_DOUBLE_SHOW] = {1, double_show, true},
	[BUILTIN_LIST_BUILD] = {2, list_build},
	[BUILTIN_LIST_FOLD] = {5, list_fold},
	[BUILTIN_LIST_LENGTH] = {2, list_length},
	[BUILTIN_LIST_HEAD] = {2, list_head},
	[BUILTIN_LIST_LAST] = {2, list_last},
	[BUILTIN_LIST_INDEXED] = {2, indexed},
	[BUILTIN_LIST_REVERSE] = {2, reverse},
	[BUILTIN_TEXT_SHOW] = {1, show_text, true},
	[BUILTIN_TEXT_REPLACE] = {3, replace},
	[BUILTIN_DATE_SHOW] = {1, date_show},
	[BUILTIN_TIME_SHOW] = {1, time_show},
	[BUILTIN_TIMEZONE_SHOW] = {1, timezone_show},
	[BUILTIN_LIST] = {1, list_type},
	[BUILTIN_OPTIONAL] = {1, optional_type},
	[BUILTIN_NONE] = {1, none},
};

unsigned builtin_arity(enum builtin b)
{
	return rules[b].arity;
}

str builtin_name(enum builtin b)
{
	return str_c(names[b]);
}

unsigned builtin_strict(enum builtin b)
{
	return rules[b].strict ? rules[b].arity : 0;
}

static struct val *collected(struct dhall *s, enum builtin b, struct val *const *x, uint32_t n)
{
	struct val *v = val_new(s, VAL_BUILTIN);

	v->sub = (uint8_t)b;
	v->n = n;
	v->u.args = arena_raw(&s->arena, n * sizeof *x, _Alignof(struct val *));
	memcpy(v->u.args, x, n * sizeof *x);
	return v;
}

struct val *builtin_call(struct dhall *s, enum builtin b, struct val **x)
{
	struct val *v = rules[b].apply(s, x);

	return v ? v : collected(s, b, x, rules[b].arity);
}

struct val *builtin_apply(struct dhall *s, struct val *f, struct val *x)
{
	enum builtin b = f->sub;
	struct val *all[ARITY_MAX];

	if (f->n)
		memcpy(all, f->u.args, f->n * sizeof *all);
	all[f->n] = x;
	return f->n + 1 == rules[b].arity ? builtin_call(s, b, all) : collected(s, b, all, f->n + 1);
}

/* ---- types of the builtins: parsed once per process ---- */

static struct {
	pthread_once_t once;
	struct unit unit;
	const struct term *types[BUILTIN_COUNT];
} parsed = {.once = PTHREAD_ONCE_INIT};

static void parse_types(void)
{
	struct diags ds = {0};

	for (int i = 0; i < BUILTIN_COUNT; i++)
		parsed.types[i] = term_parse(&parsed.unit, str_c(type_texts[i]), &ds);
	diags_free(&ds);
}

struct val *builtin_type(struct dhall *s, enum builtin b)
{
	if (!s->builtin_types[b]) {
		pthread_once(&parsed.once, parse_types);
		s->builtin_types[b] = eval(s, parsed.types[b], &env_empty);
	}
	return s->builtin_types[b];
}
