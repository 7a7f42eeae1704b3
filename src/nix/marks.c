/* A walk over a parsed text with a stack of its own.  Variables are followed by name to what `let` and `rec` bind,
 * wherever in the text: of two bindings of a name the last one counts, which is enough to judge by. */
#include "lex.h"

#include <straylight/nix_marks.h>
#include <stdlib.h>

#define FOLLOW_MAX 32   /* variables, updates and functions on the way to a set */
#define SETTINGS_MAX 4096
#define WORK_MAX 20000000 /* steps that settings of all calls may take: variables may lead to the same set again and again */

struct marker {
	struct nix *x;
	const char *text;
	uint32_t base; /* place of the text's first byte */
	VEC(const struct expr *) todo;
	VEC(struct nix_range) texts; /* string literals: no comment begins in one */
	VEC(struct nix_setting) settings;
	uint64_t work;
	struct map bound; /* name → what it is bound to */
	struct arena mem;
	nix_mark_fn *fn;
	void *ud;
};

static struct nix_range range_of(const struct marker *m, const struct expr *e)
{
	return (struct nix_range){e->lo - m->base, e->hi - m->base};
}

static void later(struct marker *m, const struct expr *e)
{
	if (e)
		vec_push(&m->todo, e);
}

/* ---- parts ---- */

static void later_many(struct marker *m, struct expr *const *e, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		later(m, e[i]);
}

static void later_attrs(struct marker *m, const struct ex_attrs *a)
{
	for (uint32_t i = 0; i < a->n; i++)
		later(m, a->b[i].e);
	for (uint32_t i = 0; i < a->ndynamics; i++) {
		later(m, a->dynamics[i].name);
		later(m, a->dynamics[i].e);
	}
	later(m, a->body);
}

static void later_lambda(struct marker *m, const struct ex_lambda *l)
{
	for (uint32_t i = 0; i < l->n; i++)
		later(m, l->formals[i].fallback);
	later(m, l->body);
}

static void later_select(struct marker *m, const struct ex_select *s)
{
	later(m, s->from);
	later(m, s->fallback);
	for (uint32_t i = 0; i < s->n; i++)
		later(m, s->path[i].dynamic);
}

static void later_parts(struct marker *m, const struct expr *e)
{
	switch ((enum expr_kind)e->kind) {
	case EX_CONST:
	case EX_POS:
	case EX_VAR:
	case EX_WITH_VAR: break;
	case EX_SELECT:
	case EX_HAS: later_select(m, AS(ex_select, e)); break;
	case EX_ATTRS:
	case EX_LET: later_attrs(m, AS(ex_attrs, e)); break;
	case EX_LIST:
	case EX_TEXT: later_many(m, AS(ex_many, e)->e, AS(ex_many, e)->n); break;
	case EX_LAMBDA: later_lambda(m, AS(ex_lambda, e)); break;
	case EX_CALL:
		later(m, AS(ex_call, e)->f);
		later_many(m, AS(ex_call, e)->args, AS(ex_call, e)->n);
		break;
	case EX_WITH:
		later(m, AS(ex_with, e)->set);
		later(m, AS(ex_with, e)->body);
		break;
	default:
		later(m, AS(ex_three, e)->a);
		later(m, AS(ex_three, e)->b);
		later(m, AS(ex_three, e)->c);
		break;
	}
}

/* ---- names ---- */

static sym name_of(const struct expr *e)
{
	const struct ex_select *s = AS(ex_select, e);

	if (e->kind == EX_VAR || e->kind == EX_WITH_VAR)
		return AS(ex_var, e)->name;
	return e->kind == EX_SELECT && s->n ? s->path[s->n - 1].name : 0;
}

/* For a stack: what begins last comes first.  Bindings and formals are sorted by symbol, which is another order in each process. */
static int last_first(const void *a, const void *b)
{
	const struct expr *x = *(const struct expr *const *)a, *y = *(const struct expr *const *)b;

	if (x->lo != y->lo)
		return x->lo < y->lo ? 1 : -1;
	if (x->hi != y->hi)
		return x->hi < y->hi ? -1 : 1;
	return str_cmp(sym_str(name_of(y)), sym_str(name_of(x)));
}

/* What a variable stands for, as far as that is bound here. */
static const struct expr *followed(const struct marker *m, const struct expr *e)
{
	for (int i = 0; e && e->kind == EX_VAR && i < FOLLOW_MAX; i++) {
		const struct expr *to = map_get(&m->bound, sym_str(AS(ex_var, e)->name));

		if (!to || to == e)
			break;
		e = to;
	}
	return e;
}

static str function_name(const struct marker *m, const struct expr *f)
{
	sym name;

	for (int i = 0; f->kind == EX_CALL && i < FOLLOW_MAX; i++)
		f = AS(ex_call, f)->f;
	name = name_of(followed(m, f));
	if (!name)
		name = name_of(f);
	return name ? sym_str(name) : (str){0};
}

/* ---- shapes ---- */

static void add_literal(const struct expr *e, struct buf *out)
{
	if (e->kind == EX_CONST && val_tag(&AS(ex_const, e)->v) == T_STRING)
		buf_str(out, val_str(&AS(ex_const, e)->v));
}

static void shape_const(struct marker *m, const struct ex_const *c, struct nix_setting *out)
{
	switch (val_tag(&c->v)) {
	case T_STRING:
	case T_PATH:
		out->shape = val_tag(&c->v) == T_PATH ? NIX_SHAPE_PATH : NIX_SHAPE_TEXT;
		out->text = str_dup(&m->mem, val_str(&c->v));
		out->literal = true;
		break;
	case T_INT:
	case T_FLOAT: out->shape = NIX_SHAPE_NUMBER; break;
	default: break;
	}
}

static void shape_many(struct marker *m, const struct ex_many *e, struct nix_setting *out)
{
	bool list = e->x.kind == EX_LIST;
	struct buf b = {0};

	m->work += e->n;
	for (uint32_t i = 0; i < e->n; i++) {
		add_literal(e->e[i], &b);
		if (list && e->e[i]->kind == EX_CONST)
			buf_c(&b, '\n');
	}
	out->shape = list ? NIX_SHAPE_LIST : e->x.flag ? NIX_SHAPE_PATH : NIX_SHAPE_TEXT;
	out->items = list ? e->n : 0;
	out->text = buf_take(&b, &m->mem);
}

static void shape_of(struct marker *m, const struct expr *e, struct nix_setting *out)
{
	sym name;

	e = followed(m, e);
	switch ((enum expr_kind)e->kind) {
	case EX_CONST: shape_const(m, AS(ex_const, e), out); break;
	case EX_TEXT:
	case EX_LIST: shape_many(m, AS(ex_many, e), out); break;
	case EX_ATTRS:
		out->shape = NIX_SHAPE_SET;
		out->items = AS(ex_attrs, e)->n + AS(ex_attrs, e)->ndynamics;
		break;
	case EX_CALL:
		out->shape = NIX_SHAPE_CALL;
		out->text = function_name(m, e);
		break;
	case EX_VAR:
		name = AS(ex_var, e)->name;
		out->shape = name == intern_c("true")	 ? NIX_SHAPE_TRUE
			     : name == intern_c("false") ? NIX_SHAPE_FALSE
			     : name == intern_c("null")	 ? NIX_SHAPE_NULL
							 : NIX_SHAPE_OTHER;
		break;
	default: break;
	}
}

/* ---- calls ---- */

static void add_setting(struct marker *m, const struct binding *b)
{
	str name = sym_str(b->name);
	struct nix_setting s = {.name = name, .at = {b->pos - m->base, b->pos - m->base + (uint32_t)name.n}};

	m->work += m->settings.n + 1;
	if (m->settings.n >= SETTINGS_MAX || m->work > WORK_MAX)
		return;
	s.inherited = b->kind != BIND_PLAIN;
	s.value = s.inherited ? s.at : range_of(m, b->e);
	if (b->kind != BIND_FROM)
		shape_of(m, b->e, &s);
	for (size_t i = 0; i < m->settings.n; i++)
		if (str_eq(m->settings.p[i].name, name)) {
			m->settings.p[i] = s;
			return;
		}
	vec_push(&m->settings, s);
}

/* The settings of what the expression gives; the right side of an update comes last. */
static bool add_settings(struct marker *m, const struct expr *e, int depth)
{
	bool set = false;

	if (depth > FOLLOW_MAX || m->work++ > WORK_MAX)
		return false;
	e = followed(m, e);
	switch ((enum expr_kind)e->kind) {
	case EX_ATTRS:
		for (uint32_t i = 0; i < AS(ex_attrs, e)->n; i++)
			add_setting(m, &AS(ex_attrs, e)->b[i]);
		return true;
	case EX_UPDATE:
		set = add_settings(m, AS(ex_three, e)->a, depth + 1);
		return add_settings(m, AS(ex_three, e)->b, depth + 1) || set;
	case EX_LAMBDA: return add_settings(m, AS(ex_lambda, e)->body, depth + 1);
	case EX_LET: return add_settings(m, AS(ex_attrs, e)->body, depth + 1);
	case EX_WITH: return add_settings(m, AS(ex_with, e)->body, depth + 1);
	case EX_IF:
	case EX_ASSERT: return add_settings(m, AS(ex_three, e)->b, depth + 1);
	default: return false;
	}
}

static int by_place(const void *a, const void *b)
{
	const struct nix_setting *x = a, *y = b;

	return x->at.lo < y->at.lo ? -1 : x->at.lo > y->at.lo;
}

static void mark_call(struct marker *m, const struct ex_call *c)
{
	struct nix_mark out = {.kind = NIX_MARK_CALL, .at = range_of(m, &c->x), .text = function_name(m, &c->x)};
	struct nix_setting first = {0}, last = {0};

	m->settings.n = 0;
	for (uint32_t i = 0; i < c->n && !out.set; i++)
		out.set = add_settings(m, c->args[i], 0);
	if (m->settings.n)
		qsort(m->settings.p, m->settings.n, sizeof *m->settings.p, by_place);
	shape_of(m, c->args[0], &first);
	shape_of(m, c->args[c->n - 1], &last);
	out.settings = m->settings.p;
	out.nsettings = m->settings.n;
	out.shape = first.shape;
	out.argument = first.text;
	out.last = last.text;
	m->fn(m->ud, &out);
}

/* ---- the walks ---- */

static void mark(struct marker *m, enum nix_mark_kind kind, struct nix_range at, str text)
{
	struct nix_mark out = {.kind = kind, .at = at, .text = text};

	m->fn(m->ud, &out);
}

static bool is_search(const struct marker *m, const struct expr *e)
{
	return e->kind == EX_CALL && AS(ex_call, e)->n == 2 && m->text[e->lo - m->base] == '<';
}

static void mark_name(struct marker *m, const struct expr *e)
{
	const struct ex_select *s = AS(ex_select, e);
	sym name = name_of(e);
	struct nix_range at = range_of(m, e);

	if (!name)
		return;
	if (e->kind == EX_SELECT)
		at = (struct nix_range){s->path[s->n - 1].lo - m->base,
				s->path[s->n - 1].lo - m->base + (uint32_t)sym_str(name).n};
	mark(m, NIX_MARK_NAME, at, sym_str(name));
}

static void mark_const(struct marker *m, const struct ex_const *c)
{
	if (val_tag(&c->v) == T_STRING || val_tag(&c->v) == T_PATH)
		mark(m, NIX_MARK_TEXT, range_of(m, &c->x), val_str(&c->v));
}

static void mark_expr(struct marker *m, const struct expr *e)
{
	switch ((enum expr_kind)e->kind) {
	case EX_CONST: mark_const(m, AS(ex_const, e)); break;
	case EX_VAR:
	case EX_WITH_VAR:
	case EX_SELECT: mark_name(m, e); break;
	case EX_CALL:
		if (is_search(m, e))
			mark(m, NIX_MARK_SEARCH, range_of(m, e), val_str(&AS(ex_const, AS(ex_call, e)->args[1])->v));
		else
			mark_call(m, AS(ex_call, e));
		break;
	default: break;
	}
}

static void note(struct marker *m, const struct expr *e)
{
	const struct ex_attrs *a = AS(ex_attrs, e);

	if (e->kind == EX_TEXT || (e->kind == EX_CONST && val_tag(&AS(ex_const, e)->v) == T_STRING))
		vec_push(&m->texts, range_of(m, e));
	if (e->kind != EX_LET && (e->kind != EX_ATTRS || !e->flag))
		return;
	for (uint32_t i = 0; i < a->n; i++)
		if (a->b[i].kind == BIND_PLAIN)
			map_put(&m->bound, sym_str(a->b[i].name), a->b[i].e);
}

static void walk(struct marker *m, const struct expr *root, void (*fn)(struct marker *, const struct expr *))
{
	later(m, root);
	while (m->todo.n) {
		const struct expr *e = vec_pop(&m->todo);
		size_t before = m->todo.n;

		fn(m, e);
		if (fn != mark_expr || !is_search(m, e))
			later_parts(m, e);
		if (m->todo.n > before + 1)
			qsort(m->todo.p + before, m->todo.n - before, sizeof *m->todo.p, last_first);
	}
}

/* ---- comments ---- */

static int by_lo(const void *a, const void *b)
{
	const struct nix_range *x = a, *y = b;

	return x->lo < y->lo ? -1 : x->lo > y->lo;
}

/* The end of a literal that covers the byte, or the byte itself. */
static uint32_t behind_text(const struct marker *m, uint32_t at, size_t *next)
{
	uint32_t end = at;

	while (*next < m->texts.n && m->texts.p[*next].lo <= at) {
		if (m->texts.p[*next].hi > end)
			end = m->texts.p[*next].hi;
		++*next;
	}
	return end;
}

static uint32_t comment_end(str s, uint32_t at)
{
	if (s.p[at] == '#')
		return at + (uint32_t)str_find(str_from(s, at), '\n');
	return at + 2 + (uint32_t)str_find_str(str_from(s, at + 2), S("*/")) + 2;
}

static void mark_comments(struct marker *m, str s)
{
	size_t next = 0;

	if (m->texts.n)
		qsort(m->texts.p, m->texts.n, sizeof *m->texts.p, by_lo);
	for (uint32_t at = 0; at < s.n; at++) {
		uint32_t end = behind_text(m, at, &next);

		if (end > at) {
			at = end - 1;
		} else if (s.p[at] == '#' || (s.p[at] == '/' && at + 1 < s.n && s.p[at + 1] == '*')) {
			end = comment_end(s, at);
			if (end > s.n)
				end = (uint32_t)s.n;
			mark(m, NIX_MARK_COMMENT, (struct nix_range){at, end}, str_of(s.p + at, end - at));
			at = end - 1;
		}
	}
}

/* ---- */

struct asked {
	str text, name;
	const struct expr *root;
};

static void parse(struct nix *x, void *ud)
{
	struct asked *a = ud;

	a->text = str_dup(&x->mem, a->text);
	a->root = nix_parse(x, a->text, str_dup(&x->mem, a->name), S("/"), false, NULL);
}

bool nix_marks(str text, str name, nix_mark_fn *fn, void *ud, struct diags *diags)
{
	struct nix_env env = {0};
	struct nix *x = nix_open(&env, diags);
	struct asked a = {.text = text, .name = name};
	struct marker m = {.x = x, .fn = fn, .ud = ud};
	bool ok = x && nix_wall(x, parse, &a);

	if (ok) {
		m.base = x->files.all.p[x->files.all.n - 1].base;
		m.text = a.text.p;
		walk(&m, a.root, note);
		mark_comments(&m, a.text);
		walk(&m, a.root, mark_expr);
	}
	vec_free(&m.todo);
	vec_free(&m.texts);
	vec_free(&m.settings);
	map_free(&m.bound);
	arena_clear(&m.mem);
	nix_close(x);
	return ok;
}
