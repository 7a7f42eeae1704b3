/* What lint changes:
 *  - a binding that nothing uses goes, with what only it used; not when an assertion is in it;
 *  - `let … in let …` becomes one block;
 *  - an equivalence that is bound, or that a `let` ends in, is asserted;
 *  - ./../a is written ../a;
 *  - an import of prelude.dhall-lang.org names its file with .dhall.
 * Two walks: `find` decides which bindings stay, `change` collects the edits. */
#include "children.h"
#include "edits.h"

#include <stdlib.h>

struct binder {
	sym name;
	bool marked; /* while finding: used; while changing: goes */
};

enum step_kind {
	STEP_TERM,
	STEP_KEPT, /* a let behind one of the same block that stays */
	STEP_BIND, /* name, from here on */
	STEP_GONE, /* the same for a binding that goes */
	STEP_POP,
	STEP_LET,  /* a let whose body has been walked; its binder is the last */
};

struct step {
	uint8_t kind; /* enum step_kind */
	sym name;
	const struct term *t;
};

struct linter {
	const struct unit *unit;
	struct edits edits;
	VEC(struct step) todo;
	VEC(struct binder) binders;
	VEC(uint32_t) asserts; /* where they start */
	VEC(uint32_t) removed; /* lets, where they start */
	struct term_stack parts;
	struct arena mem;
	struct buf *said; /* may be NULL */
};

/* ---- sorted places ---- */

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Is one of the places in [lo, hi)? */
static bool any_in(const uint32_t *p, size_t n, uint32_t lo, uint32_t hi)
{
	size_t from = 0, to = n;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (p[mid] < lo)
			from = mid + 1;
		else
			to = mid;
	}
	return from < n && p[from] < hi;
}

static bool is_removed(const struct linter *l, const struct term *let)
{
	return any_in(l->removed.p, l->removed.n, let->lo, let->lo + 1);
}

static bool is_equivalence(const struct term *t)
{
	return t->kind == TERM_OP && t->sub == OP_EQUIVALENT;
}

/* ---- walking ---- */

static void later(struct linter *l, enum step_kind kind, sym name, const struct term *t)
{
	if (t)
		vec_push(&l->todo, ((struct step){(uint8_t)kind, name, t}));
}

static void parts_later(struct linter *l, const struct term *t)
{
	size_t base = l->parts.n;

	if (t->kind == TERM_IMPORT) {
		later(l, STEP_TERM, 0, t->u.import->headers);
		return;
	}
	term_children(&l->parts, t);
	for (size_t i = base; i < l->parts.n; i++)
		later(l, STEP_TERM, 0, l->parts.p[i]);
	l->parts.n = base;
}

static void bind(struct linter *l, sym name)
{
	vec_push(&l->binders, ((struct binder){name, false}));
}

/* The parts of what is no let. */
static void enter(struct linter *l, const struct term *t)
{
	if (t->kind != TERM_LAMBDA && t->kind != TERM_PI) {
		parts_later(l, t);
		return;
	}
	later(l, STEP_POP, 0, t);
	later(l, STEP_TERM, 0, t->u.bind.b);
	later(l, STEP_BIND, t->u.bind.name, t);
	later(l, STEP_TERM, 0, t->u.bind.a);
}

static void find_asserts(struct linter *l)
{
	later(l, STEP_TERM, 0, l->unit->term);
	while (l->todo.n) {
		const struct term *t = vec_pop(&l->todo).t;

		if (t->kind == TERM_ASSERT)
			vec_push(&l->asserts, t->lo);
		if (t->kind == TERM_LET && is_equivalence(t->u.let.value))
			vec_push(&l->asserts, t->u.let.value->lo);
		if (t->kind == TERM_LET && is_equivalence(t->u.let.body))
			vec_push(&l->asserts, t->u.let.body->lo);
		parts_later(l, t);
	}
	if (l->asserts.n)
		qsort(l->asserts.p, l->asserts.n, sizeof *l->asserts.p, compare);
}

static void decide(struct linter *l, const struct term *let, bool used)
{
	if (used || any_in(l->asserts.p, l->asserts.n, let->u.let.value->lo, let->u.let.value->hi)) {
		later(l, STEP_TERM, 0, let->u.let.type);
		later(l, STEP_TERM, 0, let->u.let.value);
	} else {
		vec_push(&l->removed, let->lo);
	}
}

static void find(struct linter *l)
{
	later(l, STEP_TERM, 0, l->unit->term);
	while (l->todo.n) {
		struct step s = vec_pop(&l->todo);
		const struct term *t = s.t;

		if (s.kind == STEP_BIND) {
			bind(l, s.name);
		} else if (s.kind == STEP_POP) {
			l->binders.n--;
		} else if (s.kind == STEP_LET) {
			decide(l, t, vec_pop(&l->binders).marked);
		} else if (t->kind == TERM_LET) {
			later(l, STEP_LET, 0, t);
			later(l, STEP_TERM, 0, t->u.let.body);
			bind(l, t->u.let.name);
		} else if (t->kind == TERM_VAR && t->u.var.index != VAR_FREE) {
			l->binders.p[l->binders.n - 1 - t->u.var.index].marked = true;
		} else {
			enter(l, t);
		}
	}
	if (l->removed.n)
		qsort(l->removed.p, l->removed.n, sizeof *l->removed.p, compare);
}

/* ---- what is said ---- */

static void say(struct linter *l, uint32_t at, const char *fmt, ...) SL_PRINTF(3, 4);
static void say(struct linter *l, uint32_t at, const char *fmt, ...)
{
	struct place place = source_place(l->unit->file, at);
	va_list args;

	if (!l->said)
		return;
	buf_fmt(l->said, "%.*s:%u:%u: ", STR_ARG(l->unit->name), place.line, place.column);
	va_start(args, fmt);
	buf_str(l->said, str_vfmt(&l->mem, fmt, args));
	va_end(args);
	buf_c(l->said, '\n');
}

/* ---- changes ---- */

/* x@n where bindings of x between it and its own go. */
static void change_variable(struct linter *l, const struct term *t)
{
	struct edits *e = &l->edits;
	uint32_t at = edit_start(e, t), end, n = 0, gone = 0;
	size_t stop = t->u.var.index == VAR_FREE ? 0 : l->binders.n - t->u.var.index;

	if (t->hi - at <= sym_str(t->u.var.name).n)
		return;
	at += (uint32_t)sym_str(t->u.var.name).n + (e->text.p[at] == '`' ? 2 : 0);
	at = edit_skip(e, at);
	if (at >= t->hi || e->text.p[at] != '@')
		return;
	for (end = edit_skip(e, at + 1); end < t->hi && char_in(e->text.p[end], "0123456789abcdefxABCDEF");)
		end++;
	for (size_t i = stop; i < l->binders.n; i++)
		if (l->binders.p[i].name == t->u.var.name) {
			n++;
			gone += l->binders.p[i].marked;
		}
	if (t->u.var.index == VAR_FREE)
		n += t->u.var.at;
	if (gone)
		edit_add(e, at, end, n == gone ? S("") : str_fmt(&l->mem, "@%u", n - gone));
}

static void change_import(struct linter *l, const struct term *t)
{
	struct edits *e = &l->edits;
	const struct import *i = t->u.import;
	uint32_t at = edit_start(e, t), end = at;

	if (i->kind == IMPORT_LOCAL && str_starts(str_from(e->text, at), S("./../"))) {
		say(l, at, "'./../' is written '../'");
		edit_add(e, at, at + 2, S(""));
	}
	if (i->kind != IMPORT_REMOTE || !str_eq(i->authority, S("prelude.dhall-lang.org")) || !i->nparts ||
			str_ends(i->parts[i->nparts - 1], S(".dhall")) || !i->parts[i->nparts - 1].n)
		return;
	while (end < e->text.n && !char_in(e->text.p[end], " \t\r\n?()[]{}<>,\""))
		end++;
	say(l, at, "the Prelude's files end in '.dhall'");
	edit_add(e, end, end, S(".dhall"));
}

static void assert_it(struct linter *l, const struct term *t)
{
	if (!is_equivalence(t))
		return;
	say(l, t->lo, "an equivalence is asserted");
	edit_add(&l->edits, t->lo, t->lo, S("assert : "));
}

/* Behind the value: the comment that ends its line goes with it. */
static uint32_t with_comment(const struct linter *l, uint32_t at)
{
	str s = l->edits.text;
	uint32_t end = at;

	while (end < s.n && (s.p[end] == ' ' || s.p[end] == '\t'))
		end++;
	if (!str_starts(str_from(s, end), S("--")))
		return at;
	while (end < s.n && s.p[end] != '\n')
		end++;
	return end;
}

/* `kept`: an earlier binding of the same block stays. */
static void change_let(struct linter *l, const struct term *t, bool kept)
{
	struct edits *e = &l->edits;
	const struct term *body = t->u.let.body;
	bool removed = is_removed(l, t), last = body->kind != TERM_LET || (body->flags & TERM_FLAG_PAREN);
	uint32_t lo = edit_start(e, t), in = edit_skip(e, t->u.let.value->hi);

	kept |= !removed;
	later(l, STEP_POP, 0, t);
	later(l, last ? STEP_TERM : kept ? STEP_KEPT : STEP_TERM, 0, body);
	later(l, removed ? STEP_GONE : STEP_BIND, t->u.let.name, t);
	if (removed) {
		say(l, lo, "'%.*s' is not used", STR_ARG(sym_str(t->u.let.name)));
		edit_cut(e, lo, with_comment(l, t->u.let.value->hi));
	} else {
		assert_it(l, t->u.let.value);
		later(l, STEP_TERM, 0, t->u.let.value);
		later(l, STEP_TERM, 0, t->u.let.type);
	}
	if (!last && (t->flags & TERM_FLAG_IN))
		say(l, in, "nested 'let' is written as one block");
	if (last ? !kept : (t->flags & TERM_FLAG_IN) != 0)
		edit_cut(e, in, in + 2);
	assert_it(l, body);
}

static void change(struct linter *l)
{
	later(l, STEP_TERM, 0, l->unit->term);
	while (l->todo.n) {
		struct step s = vec_pop(&l->todo);
		const struct term *t = s.t;

		if (s.kind == STEP_POP)
			l->binders.n--;
		else if (s.kind == STEP_BIND || s.kind == STEP_GONE)
			vec_push(&l->binders, ((struct binder){s.name, s.kind == STEP_GONE}));
		else if (t->kind == TERM_LET)
			change_let(l, t, s.kind == STEP_KEPT);
		else if (t->kind == TERM_VAR)
			change_variable(l, t);
		else
			enter(l, t);
		if (s.kind == STEP_TERM && t->kind == TERM_IMPORT)
			change_import(l, t);
	}
}

bool dhall_lint(str text, str name, struct buf *out, struct buf *said, struct diags *diags)
{
	struct unit u = {.name = name, .file = source_add(name, text)};
	struct linter l = {.unit = &u, .edits = {.unit = &u, .text = text}, .said = said};
	bool ok = term_parse(&u, text, diags) != NULL;

	if (ok) {
		find_asserts(&l);
		find(&l);
		change(&l);
		edits_apply(&l.edits, out);
		source_drop(u.file);
	}
	vec_free(&l.todo);
	vec_free(&l.binders);
	vec_free(&l.asserts);
	vec_free(&l.removed);
	vec_free(&l.parts);
	arena_clear(&l.mem);
	arena_clear(&u.arena);
	return ok;
}
