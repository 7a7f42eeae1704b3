/* From values back to terms: the normal form.
 *
 * A value visited at depth d that mentions only levels from d on (its own binders) is closed; `low` is
 * the least level mentioned.  Long visits are remembered: a closed value's term stands anywhere, an
 * open one's only at its depth. */
#include "session.h"

#define REMEMBER_FROM 16 /* nodes of a visit */
#define WORK_NODE 8      /* of a normal form, for whoever writes it */

struct quoter {
	struct dhall *s;
	struct arena *mem;
	enum quote_mode mode;
	uint32_t from, outer; /* ABSTRACT: the levels to be abstracted are from … outer - 1 */
	uint32_t low;         /* least level mentioned so far */
	uint64_t hits;        /* mentions of abstracted levels */
	uint64_t work;
	struct ptr_map memo;  /* (value, depth + 1 or NULL) → term */
	bool whole;           /* the term will be written out as the tree it stands for, which has its cost: */
	uint64_t cost;        /* steps for what was visited so far */
	struct ptr_map costs; /* term of memo → its cost */
};

static const struct term *visit(struct quoter *, struct val *, uint32_t depth);

static struct term *made(struct quoter *q, enum term_kind kind, unsigned sub)
{
	struct term *t = arena_make(q->mem, struct term);

	t->kind = (uint8_t)kind;
	t->sub = (uint8_t)sub;
	return t;
}

static str kept(struct quoter *q, str text)
{
	return q->mode == QUOTE_PUBLISH ? str_dup(q->mem, text) : text;
}

static sym binder(struct quoter *q, sym name)
{
	return q->mode == QUOTE_ALPHA ? q->s->name_underscore : name;
}

static struct num kept_num(struct quoter *q, struct num n)
{
	if (q->mode != QUOTE_PUBLISH || !n.big)
		return n;
	return num_from_bytes(q->mem, num_bytes(&q->s->arena, n), num_sign(n) < 0);
}

static const struct term *one(struct quoter *q, enum term_kind kind, struct val *a, uint32_t depth)
{
	struct term *t = made(q, kind, 0);

	t->u.one.a = visit(q, a, depth);
	return t;
}

static const struct term *two(struct quoter *q, enum term_kind kind, unsigned sub, struct val *a,
		struct val *b, uint32_t depth)
{
	struct term *t = made(q, kind, sub);

	t->u.two.a = visit(q, a, depth);
	t->u.two.b = b ? visit(q, b, depth) : NULL;
	return t;
}

static const struct term *three(struct quoter *q, enum term_kind kind, struct val *const *x,
		uint32_t depth)
{
	struct term *t = made(q, kind, 0);

	t->u.three.a = visit(q, x[0], depth);
	t->u.three.b = visit(q, x[1], depth);
	t->u.three.c = x[2] ? visit(q, x[2], depth) : NULL;
	return t;
}

static const struct term *builtin(struct quoter *q, enum builtin b)
{
	return made(q, TERM_BUILTIN, b);
}

static const struct term *apply(struct quoter *q, const struct term *f, struct val *x, uint32_t depth)
{
	struct term *t = made(q, TERM_APP, 0);

	t->u.two.a = f;
	t->u.two.b = visit(q, x, depth);
	return t;
}

static const struct term *visit_builtin(struct quoter *q, struct val *v, uint32_t depth)
{
	const struct term *t = builtin(q, v->sub);

	for (uint32_t i = 0; i < v->n; i++)
		t = apply(q, t, v->u.args[i], depth);
	return t;
}

/* A chain of applications is walked from its head, so its length costs no stack. */
static const struct term *visit_app(struct quoter *q, struct val *v, uint32_t depth)
{
	size_t n = 0;
	struct val **args, *head = v;
	const struct term *t;

	for (; head->kind == VAL_APP; head = head->u.two.a)
		n++;
	args = arena_raw(&q->s->arena, mem_size(n, sizeof *args), _Alignof(struct val *));
	for (size_t i = n; i-- > 0; v = v->u.two.a)
		args[i] = v->u.two.b;
	t = visit(q, head, depth);
	for (size_t i = 0; i < n; i++)
		t = apply(q, t, args[i], depth);
	return t;
}

static const struct term *visit_op(struct quoter *q, struct val *v, uint32_t depth)
{
	unsigned op = v->sub;
	size_t n = 0;
	struct val **right, *left = v;
	const struct term *t;

	for (; left->kind == VAL_OP && left->sub == op; left = left->u.two.a)
		n++;
	right = arena_raw(&q->s->arena, mem_size(n, sizeof *right), _Alignof(struct val *));
	for (size_t i = n; i-- > 0; v = v->u.two.a)
		right[i] = v->u.two.b;
	t = visit(q, left, depth);
	for (size_t i = 0; i < n; i++) {
		struct term *o = made(q, TERM_OP, op);

		o->u.two.a = t;
		o->u.two.b = visit(q, right[i], depth);
		t = o;
	}
	return t;
}

static const struct term *visit_lambda(struct quoter *q, struct val *v, uint32_t depth)
{
	const struct term *from = v->u.clos.t;
	struct term *t = made(q, TERM_LAMBDA, 0);
	struct val *x = val_variable(q->s, from->u.bind.name, depth, NULL);

	t->u.bind.name = binder(q, from->u.bind.name);
	t->u.bind.a = visit(q, eval_later(q->s, from->u.bind.a, v->u.clos.e), depth);
	t->u.bind.b = visit(q, lambda_apply(q->s, v, x), depth + 1);
	return t;
}

static const struct term *visit_pi(struct quoter *q, const struct pi *pi, uint32_t depth)
{
	struct term *t = made(q, TERM_PI, 0);
	struct val *x = val_variable(q->s, pi->name, depth, pi->domain);

	t->u.bind.name = binder(q, pi->name);
	t->u.bind.a = visit(q, pi->domain, depth);
	t->u.bind.b = visit(q, pi_apply(q->s, pi, x), depth + 1);
	return t;
}

static const struct term *visit_fields(struct quoter *q, enum term_kind kind, struct val *v,
		uint32_t depth)
{
	struct term *t = made(q, kind, 0);
	struct term_field *fields = arena_array(q->mem, struct term_field, v->n);

	for (uint32_t i = 0; i < v->n; i++) {
		fields[i].name = v->u.rec.shape->names[i];
		fields[i].value = v->u.rec.fields[i] ? visit(q, v->u.rec.fields[i], depth) : NULL;
	}
	t->n = v->n;
	t->u.fields.fields = fields;
	return t;
}

static const struct term *visit_list(struct quoter *q, struct val *v, uint32_t depth)
{
	const struct term **items;
	struct val **from;
	struct term *t;

	if (v->n == 0)
		return one(q, TERM_EMPTY, v->u.one.a, depth);
	t = made(q, TERM_LIST, 0);
	items = arena_array(q->mem, const struct term *, v->n);
	from = list_items(q->s, v);
	for (uint32_t i = 0; i < v->n; i++)
		items[i] = visit(q, from[i], depth);
	t->n = v->n;
	t->u.list.items = items;
	return t;
}

static const struct term *visit_alternative(struct quoter *q, struct val *v, uint32_t depth)
{
	struct term *t = made(q, TERM_FIELD, 0);
	struct val *type = val_force(q->s, v->u.alt.type);

	t->u.field.a = visit(q, type, depth);
	t->u.field.name = type->u.rec.shape->names[v->n];
	return v->u.alt.payload ? apply(q, t, v->u.alt.payload, depth) : t;
}

static const struct term *visit_mix(struct quoter *q, struct val *v, uint32_t depth)
{
	struct term *t = made(q, TERM_TEXT, 0);
	struct term_chunk *chunks = arena_array(q->mem, struct term_chunk, v->n);
	const struct mix *m = v->u.mix;

	for (uint32_t i = 0; i < v->n; i++) {
		chunks[i].before = kept(q, m->chunks[i].before);
		chunks[i].expr = visit(q, m->chunks[i].v, depth);
	}
	t->n = v->n;
	t->u.text.chunks = chunks;
	t->u.text.tail = kept(q, m->tail);
	return t;
}

static const struct term *visit_project(struct quoter *q, struct val *v, uint32_t depth)
{
	struct term *t = made(q, TERM_PROJECT, 1);
	const struct shape *names = v->u.project.names;
	sym *copy = arena_array(q->mem, sym, names->n);

	memcpy(copy, names->names, names->n * sizeof *copy);
	t->n = names->n;
	t->u.project.a = visit(q, v->u.project.rec, depth);
	t->u.project.names = copy;
	return t;
}

static const struct term *visit_with(struct quoter *q, struct val *v, uint32_t depth)
{
	struct term *t = made(q, TERM_WITH, 0);
	const struct with *w = v->u.with.with;
	struct with_step *path = arena_array(q->mem, struct with_step, w->n);

	memcpy(path, w->path, w->n * sizeof *path);
	t->n = w->n;
	t->u.with.a = visit(q, v->u.with.rec, depth);
	t->u.with.path = path;
	t->u.with.b = visit(q, w->value, depth);
	return t;
}

static const struct term *visit_field(struct quoter *q, struct val *v, uint32_t depth)
{
	struct term *t = made(q, TERM_FIELD, 0);

	t->u.field.a = visit(q, v->u.field.rec, depth);
	t->u.field.name = v->u.field.name;
	return t;
}

static const struct term *embedded(struct quoter *q, struct val *v)
{
	struct term *t = made(q, TERM_BOOL, 0);

	t->kind = TERM_VALUE;
	t->u.one.a = (const struct term *)(const void *)v;
	return t;
}

static const struct term *free_term(struct quoter *q, sym name, uint32_t at)
{
	struct term *t = made(q, TERM_VAR, 0);

	t->u.var.name = name;
	t->u.var.index = VAR_FREE;
	t->u.var.at = at;
	return t;
}

static const struct term *visit_var(struct quoter *q, struct val *v, uint32_t depth)
{
	struct term *t;

	/* of a comparison that goes on, or of the context in a message */
	if (v->n >= depth || (q->mode == QUOTE_NAMED && v->n < q->outer))
		return free_term(q, v->u.var.name, 0);
	if (v->n < q->low)
		q->low = v->n;
	if (q->mode == QUOTE_ABSTRACT && v->n >= q->from && v->n < q->outer)
		q->hits++;
	if (q->mode == QUOTE_ABSTRACT && v->n < q->from)
		return embedded(q, v);
	t = made(q, TERM_VAR, 0);
	t->u.var.name = binder(q, v->u.var.name);
	t->u.var.index = depth - v->n - 1;
	return t;
}

static const struct term *visit_number(struct quoter *q, enum term_kind kind, struct num n)
{
	struct term *t = made(q, kind, 0);

	t->u.num = kept_num(q, n);
	return t;
}

static const struct term *visit_literal(struct quoter *q, const struct term *from)
{
	struct term *t;

	if (q->mode != QUOTE_PUBLISH)
		return from;
	t = arena_make(q->mem, struct term);
	*t = *from;
	t->lo = t->hi = 0;
	if (t->kind == TERM_BYTES)
		t->u.bytes = str_dup(q->mem, t->u.bytes);
	return t;
}

static const struct term *visit_text(struct quoter *q, struct val *v)
{
	struct term *t = made(q, TERM_TEXT, 0);

	t->u.text.tail = kept(q, text_str(v));
	return t;
}

static const struct term *visit_double(struct quoter *q, double d)
{
	struct term *t = made(q, TERM_DOUBLE, 0);

	t->u.dbl = d;
	return t;
}

static const struct term *visit_kind(struct quoter *q, struct val *v, uint32_t depth)
{
	switch ((enum val_kind)v->kind) {
	case VAL_CONST: return made(q, TERM_CONST, v->sub);
	case VAL_BUILTIN: return visit_builtin(q, v, depth);
	case VAL_LAMBDA: return visit_lambda(q, v, depth);
	case VAL_PI: return visit_pi(q, v->u.pi, depth);
	case VAL_LIST_TYPE: return apply(q, builtin(q, BUILTIN_LIST), v->u.one.a, depth);
	case VAL_OPTIONAL_TYPE: return apply(q, builtin(q, BUILTIN_OPTIONAL), v->u.one.a, depth);
	case VAL_RECORD_TYPE: return visit_fields(q, TERM_RECORD_TYPE, v, depth);
	case VAL_UNION_TYPE: return visit_fields(q, TERM_UNION, v, depth);
	case VAL_EQUIVALENT: return two(q, TERM_OP, OP_EQUIVALENT, v->u.two.a, v->u.two.b, depth);
	case VAL_CONSTRUCTOR:
	case VAL_ALTERNATIVE: return visit_alternative(q, v, depth);
	case VAL_BOOL: return made(q, TERM_BOOL, v->sub);
	case VAL_NATURAL: return visit_number(q, TERM_NATURAL, v->u.num);
	case VAL_INTEGER: return visit_number(q, TERM_INTEGER, v->u.num);
	case VAL_DOUBLE: return visit_double(q, v->u.dbl);
	case VAL_TEXT: return visit_text(q, v);
	case VAL_BYTES:
	case VAL_DATE:
	case VAL_TIME:
	case VAL_TIMEZONE:
	case VAL_IMPORT: return visit_literal(q, v->u.term);
	case VAL_LIST: return visit_list(q, v, depth);
	case VAL_SOME: return one(q, TERM_SOME, v->u.one.a, depth);
	case VAL_NONE: return apply(q, builtin(q, BUILTIN_NONE), v->u.one.a, depth);
	case VAL_RECORD: return visit_fields(q, TERM_RECORD, v, depth);
	case VAL_ASSERT: return one(q, TERM_ASSERT, v->u.one.a, depth);
	case VAL_VAR: return visit_var(q, v, depth);
	case VAL_FREE: return free_term(q, v->u.var.name, v->n);
	case VAL_APP: return visit_app(q, v, depth);
	case VAL_IF: return three(q, TERM_IF, v->u.args, depth);
	case VAL_OP: return visit_op(q, v, depth);
	case VAL_TEXT_MIX: return visit_mix(q, v, depth);
	case VAL_FIELD: return visit_field(q, v, depth);
	case VAL_PROJECT: return visit_project(q, v, depth);
	case VAL_PROJECT_TYPE: return two(q, TERM_PROJECT_TYPE, 0, v->u.two.a, v->u.two.b, depth);
	case VAL_MERGE: return three(q, TERM_MERGE, v->u.args, depth);
	case VAL_TOMAP: return two(q, TERM_TOMAP, 0, v->u.two.a, v->u.two.b, depth);
	case VAL_SHOW_CONSTRUCTOR: return one(q, TERM_SHOW_CONSTRUCTOR, v->u.one.a, depth);
	case VAL_WITH: return visit_with(q, v, depth);
	case VAL_THUNK:
	case VAL_LAZY:
	case VAL_EVALUATED: break;
	}
	return NULL;
}

static const void *depth_key(uint32_t depth)
{
	return (const void *)((uintptr_t)depth + 1);
}

/* The term made before for v; closed ones are marked as shared. */
static const struct term *remembered(struct quoter *q, struct val *v, uint32_t depth)
{
	struct term *t;

	if (q->memo.n == 0)
		return NULL;
	t = ptr_map_get(&q->memo, v, NULL);
	if (t) {
		t->flags |= TERM_FLAG_SHARED;
		return t;
	}
	t = ptr_map_get(&q->memo, v, depth_key(depth));
	if (t) { /* open: what it mentions is not kept, so nothing around it counts as closed */
		q->low = 0;
		q->hits++;
	}
	return t;
}

/* A tree is as large as what it shares is written often. */
static void pay(struct quoter *q, uint64_t cost)
{
	if (!q->whole)
		return;
	session_work(q->s, cost);
	q->cost += cost;
}

static const struct term *visit_forced(struct quoter *q, struct val *v, uint32_t depth)
{
	uint32_t low = q->low;
	uint64_t work = ++q->work, hits = q->hits, cost = q->cost;
	const struct term *t;
	bool closed;

	if (q->mode == QUOTE_ABSTRACT && q->s->closed.n && ptr_map_get(&q->s->closed, v, NULL))
		return embedded(q, v);
	if ((t = remembered(q, v, depth)) != NULL) {
		pay(q, (uint64_t)(uintptr_t)ptr_map_get(&q->costs, t, NULL));
		return t;
	}
	pay(q, v->kind == VAL_TEXT ? WORK_NODE + WORK_BYTES(v->n) : WORK_NODE);
	q->low = UINT32_MAX;
	t = visit_kind(q, v, depth);
	closed = q->low >= depth;
	if (q->mode == QUOTE_ABSTRACT && ((depth == q->outer && hits == q->hits) || closed))
		t = embedded(q, v);
	if (q->work - work >= REMEMBER_FROM) {
		if (q->mode == QUOTE_ABSTRACT && closed)
			ptr_map_put(q->s, &q->s->closed, v, NULL, v);
		else
			ptr_map_put(q->s, &q->memo, v, closed ? NULL : depth_key(depth),
					(void *)(uintptr_t)t);
		if (q->whole)
			ptr_map_put(q->s, &q->costs, t, NULL, (void *)(uintptr_t)(q->cost - cost));
	}
	if (low < q->low)
		q->low = low;
	return t;
}

static const struct term *visit(struct quoter *q, struct val *v, uint32_t depth)
{
	struct where here = {v->kind == VAL_THUNK ? v->u.thunk.t : NULL, q->s->where};
	const struct term *t;

	session_deep(q->s);
	session_step(q->s);
	q->s->where = &here;
	t = visit_forced(q, val_force(q->s, v), depth);
	q->s->where = here.up;
	return t;
}

const struct term *quote_whole(struct dhall *s, struct arena *mem, struct val *v, enum quote_mode mode)
{
	struct quoter q = {.s = s, .mem = mem, .mode = mode, .low = UINT32_MAX, .whole = true};

	return visit(&q, v, 0);
}

const struct term *quote(struct dhall *s, struct arena *mem, struct val *v, uint32_t depth,
		enum quote_mode mode)
{
	struct quoter q = {.s = s, .mem = mem, .mode = mode, .outer = depth, .low = UINT32_MAX};

	return visit(&q, v, depth);
}

const struct term *quote_abstract(struct dhall *s, struct val *v, uint32_t from, uint32_t depth)
{
	struct quoter q = {.s = s,
			.mem = &s->arena,
			.mode = QUOTE_ABSTRACT,
			.from = from,
			.outer = depth,
			.low = UINT32_MAX};

	return visit(&q, v, depth);
}

bool quote_mentions(struct dhall *s, struct val *v, uint32_t from, uint32_t depth)
{
	struct quoter q = {.s = s,
			.mem = &s->arena,
			.mode = QUOTE_ABSTRACT,
			.from = from,
			.outer = depth,
			.low = UINT32_MAX};

	visit(&q, v, depth);
	return q.hits != 0;
}
