/* The semantic hash: the CBOR of the alpha-normal form (binary.md), streamed from values.
 *
 * The bytes of the last WINDOW are kept, so what was encoded once is copied when it is met again.
 * Alpha-normal variables are plain indices, and a closed value's bytes are the same at any depth. */
#include "session.h"

#include <straylight/dhall.h>

#define WINDOW ((size_t)4 << 20)
#define REMEMBER_FROM 16 /* nodes of a visit */
#define WORK_NODE 2

struct piece {
	uint64_t at;
	size_t n;
};

struct encoder {
	struct dhall *s;
	struct buf *out;
	struct hasher *hasher; /* NULL: everything stays in out */
	uint64_t base;         /* of out->p[0] in the whole stream */
	uint32_t low;          /* as in quote.c */
	uint64_t work;
	struct ptr_map memo;
};

static void visit(struct encoder *, struct val *, uint32_t depth);

static void head(struct encoder *e, uint64_t n, unsigned code)
{
	cbor_array(e->out, n);
	cbor_uint(e->out, code);
}

static void visit_all(struct encoder *e, struct val *const *x, size_t n, uint32_t depth)
{
	for (size_t i = 0; i < n; i++)
		visit(e, x[i], depth);
}

static void name(struct encoder *e, sym s)
{
	cbor_text(e->out, sym_str(s));
}

/* f applied: the whole spine is one array. */
static void visit_app(struct encoder *e, struct val *v, uint32_t depth)
{
	size_t n = 0, inner;
	struct val *f = v, **args;

	for (; f->kind == VAL_APP; f = f->u.two.a)
		n++;
	args = arena_raw(&e->s->arena, mem_size(n, sizeof *args), _Alignof(struct val *));
	for (size_t i = n; i-- > 0; v = v->u.two.a)
		args[i] = v->u.two.b;
	inner = f->kind == VAL_BUILTIN ? f->n : 0;
	head(e, 2 + inner + n, 0);
	if (inner) {
		cbor_text(e->out, builtin_name(f->sub));
		visit_all(e, f->u.args, inner, depth);
	} else {
		visit(e, f, depth);
	}
	visit_all(e, args, n, depth);
}

static void visit_builtin(struct encoder *e, struct val *v, uint32_t depth)
{
	if (v->n)
		head(e, 2 + v->n, 0);
	cbor_text(e->out, builtin_name(v->sub));
	visit_all(e, v->u.args, v->n, depth);
}

static void applied(struct encoder *e, const char *f, struct val *x, uint32_t depth)
{
	head(e, 3, 0);
	cbor_text(e->out, str_c(f));
	visit(e, x, depth);
}

static void visit_lambda(struct encoder *e, struct val *v, uint32_t depth)
{
	const struct term *t = v->u.clos.t;

	head(e, 3, 1);
	visit(e, eval_later(e->s, t->u.bind.a, v->u.clos.e), depth);
	visit(e, lambda_apply(e->s, v, val_variable(e->s, t->u.bind.name, depth, NULL)), depth + 1);
}

static void visit_pi(struct encoder *e, const struct pi *pi, uint32_t depth)
{
	head(e, 3, 2);
	visit(e, pi->domain, depth);
	visit(e, pi_apply(e->s, pi, val_variable(e->s, pi->name, depth, pi->domain)), depth + 1);
}

static void visit_fields(struct encoder *e, unsigned code, struct val *v, uint32_t depth)
{
	head(e, 2, code);
	cbor_map(e->out, v->n);
	for (uint32_t i = 0; i < v->n; i++) {
		name(e, v->u.rec.shape->names[i]);
		if (v->u.rec.fields[i])
			visit(e, v->u.rec.fields[i], depth);
		else
			cbor_null(e->out);
	}
}

static void visit_op(struct encoder *e, unsigned op, struct val *v, uint32_t depth)
{
	head(e, 4, 3);
	cbor_uint(e->out, op);
	visit(e, v->u.two.a, depth);
	visit(e, v->u.two.b, depth);
}

static void visit_list(struct encoder *e, struct val *v, uint32_t depth)
{
	struct val *type;

	if (v->n) {
		head(e, 2 + (uint64_t)v->n, 4);
		cbor_null(e->out);
		visit_all(e, list_items(e->s, v), v->n, depth);
		return;
	}
	type = val_force(e->s, v->u.one.a);
	head(e, 2, type->kind == VAL_LIST_TYPE ? 4 : 28);
	visit(e, type->kind == VAL_LIST_TYPE ? type->u.one.a : type, depth);
}

static void visit_alternative(struct encoder *e, struct val *v, uint32_t depth)
{
	struct val *type = val_force(e->s, v->u.alt.type);

	if (v->u.alt.payload)
		head(e, 3, 0);
	head(e, 3, 9);
	visit(e, type, depth);
	name(e, type->u.rec.shape->names[v->n]);
	if (v->u.alt.payload)
		visit(e, v->u.alt.payload, depth);
}

static void visit_mix(struct encoder *e, struct val *v, uint32_t depth)
{
	head(e, 2 + 2 * (uint64_t)v->n, 18);
	for (uint32_t i = 0; i < v->n; i++) {
		cbor_text(e->out, v->u.mix->chunks[i].before);
		visit(e, v->u.mix->chunks[i].v, depth);
	}
	cbor_text(e->out, v->u.mix->tail);
}

static void visit_var(struct encoder *e, struct val *v, uint32_t depth)
{
	if (v->n < e->low)
		e->low = v->n;
	cbor_uint(e->out, depth - v->n - 1);
}

static void visit_free(struct encoder *e, struct val *v, uint32_t depth)
{
	if (v->u.var.name == e->s->name_underscore) {
		e->low = 0; /* counted from here */
		cbor_uint(e->out, (uint64_t)v->n + depth);
		return;
	}
	cbor_array(e->out, 2);
	name(e, v->u.var.name);
	cbor_uint(e->out, v->n);
}

static void visit_project(struct encoder *e, struct val *v, uint32_t depth)
{
	const struct shape *names = v->u.project.names;

	head(e, 2 + (uint64_t)names->n, 10);
	visit(e, v->u.project.rec, depth);
	for (uint32_t i = 0; i < names->n; i++)
		name(e, names->names[i]);
}

static void visit_with(struct encoder *e, struct val *v, uint32_t depth)
{
	const struct with *w = v->u.with.with;

	head(e, 4, 29);
	visit(e, v->u.with.rec, depth);
	cbor_array(e->out, w->n);
	for (uint32_t i = 0; i < w->n; i++) {
		if (w->path[i].kind == WITH_OPTIONAL)
			cbor_uint(e->out, 0);
		else
			name(e, w->path[i].name);
	}
	visit(e, w->value, depth);
}

static void visit_number(struct encoder *e, enum term_kind kind, struct num n)
{
	struct term t = {.kind = (uint8_t)kind};

	t.u.num = n;
	term_encode(&t, e->out);
}

static void const_name(struct encoder *e, unsigned c)
{
	cbor_text(e->out, c == CONST_TYPE ? S("Type") : c == CONST_KIND ? S("Kind") : S("Sort"));
}

static void visit_kind(struct encoder *e, struct val *v, uint32_t depth)
{
	switch ((enum val_kind)v->kind) {
	case VAL_CONST: const_name(e, v->sub); break;
	case VAL_BUILTIN: visit_builtin(e, v, depth); break;
	case VAL_LAMBDA: visit_lambda(e, v, depth); break;
	case VAL_PI: visit_pi(e, v->u.pi, depth); break;
	case VAL_LIST_TYPE: applied(e, "List", v->u.one.a, depth); break;
	case VAL_OPTIONAL_TYPE: applied(e, "Optional", v->u.one.a, depth); break;
	case VAL_NONE: applied(e, "None", v->u.one.a, depth); break;
	case VAL_RECORD_TYPE: visit_fields(e, 7, v, depth); break;
	case VAL_RECORD: visit_fields(e, 8, v, depth); break;
	case VAL_UNION_TYPE: visit_fields(e, 11, v, depth); break;
	case VAL_EQUIVALENT: visit_op(e, OP_EQUIVALENT, v, depth); break;
	case VAL_OP: visit_op(e, v->sub, v, depth); break;
	case VAL_CONSTRUCTOR:
	case VAL_ALTERNATIVE: visit_alternative(e, v, depth); break;
	case VAL_BOOL: cbor_bool(e->out, v->sub != 0); break;
	case VAL_NATURAL: visit_number(e, TERM_NATURAL, v->u.num); break;
	case VAL_INTEGER: visit_number(e, TERM_INTEGER, v->u.num); break;
	case VAL_DOUBLE: cbor_double(e->out, v->u.dbl); break;
	case VAL_TEXT:
		head(e, 2, 18);
		session_work(e->s, WORK_BYTES(v->n));
		cbor_text(e->out, text_str(v));
		break;
	case VAL_BYTES:
	case VAL_DATE:
	case VAL_TIME:
	case VAL_TIMEZONE:
	case VAL_IMPORT: term_encode(v->u.term, e->out); break;
	case VAL_LIST: visit_list(e, v, depth); break;
	case VAL_SOME:
		head(e, 3, 5);
		cbor_null(e->out);
		visit(e, v->u.one.a, depth);
		break;
	case VAL_ASSERT:
		head(e, 2, 19);
		visit(e, v->u.one.a, depth);
		break;
	case VAL_VAR: visit_var(e, v, depth); break;
	case VAL_FREE: visit_free(e, v, depth); break;
	case VAL_APP: visit_app(e, v, depth); break;
	case VAL_IF:
		head(e, 4, 14);
		visit_all(e, v->u.args, 3, depth);
		break;
	case VAL_TEXT_MIX: visit_mix(e, v, depth); break;
	case VAL_FIELD:
		head(e, 3, 9);
		visit(e, v->u.field.rec, depth);
		name(e, v->u.field.name);
		break;
	case VAL_PROJECT: visit_project(e, v, depth); break;
	case VAL_PROJECT_TYPE:
		head(e, 3, 10);
		visit(e, v->u.two.a, depth);
		cbor_array(e->out, 1);
		visit(e, v->u.two.b, depth);
		break;
	case VAL_MERGE:
		head(e, v->u.args[2] ? 4 : 3, 6);
		visit_all(e, v->u.args, v->u.args[2] ? 3 : 2, depth);
		break;
	case VAL_TOMAP:
		head(e, v->u.two.b ? 3 : 2, 27);
		visit(e, v->u.two.a, depth);
		if (v->u.two.b)
			visit(e, v->u.two.b, depth);
		break;
	case VAL_SHOW_CONSTRUCTOR:
		head(e, 2, 34);
		visit(e, v->u.one.a, depth);
		break;
	case VAL_WITH: visit_with(e, v, depth); break;
	case VAL_THUNK:
	case VAL_LAZY:
	case VAL_EVALUATED: break;
	}
}

/* Gives all but the window to the hash. */
static void slide(struct encoder *e)
{
	size_t old;

	if (!e->hasher || e->out->n < 2 * WINDOW)
		return;
	old = e->out->n - WINDOW;
	hasher_add(e->hasher, e->out->p, old);
	memmove(e->out->p, e->out->p + old, WINDOW);
	e->out->n = WINDOW;
	e->base += old;
}

static const void *depth_key(uint32_t depth)
{
	return (const void *)((uintptr_t)depth + 1);
}

/* Copies the bytes that v gave before, if the window still holds them. */
static bool again(struct encoder *e, struct val *v, uint32_t depth)
{
	const struct piece *p;
	bool open = false;

	if (e->memo.n == 0)
		return false;
	p = ptr_map_get(&e->memo, v, NULL);
	if (!p) {
		p = ptr_map_get(&e->memo, v, depth_key(depth));
		open = true;
	}
	if (!p || p->at < e->base)
		return false;
	session_work(e->s, WORK_BYTES(p->n));
	buf_reserve(e->out, p->n);
	buf_add(e->out, e->out->p + (p->at - e->base), p->n);
	if (open)
		e->low = 0;
	return true;
}

static void remember(struct encoder *e, struct val *v, uint32_t depth, uint64_t at)
{
	const void *key = e->low >= depth ? NULL : depth_key(depth);
	struct piece *p = ptr_map_get(&e->memo, v, key);

	if (!p) {
		p = arena_make(&e->s->tables, struct piece);
		ptr_map_put(e->s, &e->memo, v, key, p);
	}
	p->at = at;
	p->n = (size_t)(e->base + e->out->n - at);
}

static void visit_forced(struct encoder *e, struct val *v, uint32_t depth)
{
	uint32_t low = e->low;
	uint64_t work = ++e->work, at;

	slide(e);
	if (again(e, v, depth))
		return;
	at = e->base + e->out->n;
	e->low = UINT32_MAX;
	visit_kind(e, v, depth);
	if (e->work - work >= REMEMBER_FROM)
		remember(e, v, depth, at);
	if (low < e->low)
		e->low = low;
}

static void visit(struct encoder *e, struct val *v, uint32_t depth)
{
	struct where here = {v->kind == VAL_THUNK ? v->u.thunk.t : NULL, e->s->where};

	session_deep(e->s);
	session_work(e->s, WORK_NODE);
	e->s->where = &here;
	visit_forced(e, val_force(e->s, v), depth);
	e->s->where = here.up;
}

/* ---- entry points: the buffer is the session's, so a throw does not lose it ---- */

void hash_encode(struct dhall *s, struct val *v, struct buf *out)
{
	struct encoder e = {.s = s, .out = out, .low = UINT32_MAX};

	visit(&e, v, 0);
}

void hash_val(struct dhall *s, struct val *v, unsigned char out[32])
{
	struct encoder e = {.s = s, .out = &s->encoded, .low = UINT32_MAX};
	struct digest d;

	s->encoded.n = 0;
	s->hasher = e.hasher = hasher_new(DIGEST_SHA256);
	visit(&e, v, 0);
	hasher_add(s->hasher, s->encoded.p, s->encoded.n);
	hasher_end(s->hasher, &d);
	s->hasher = NULL;
	memcpy(out, d.b, 32);
}
