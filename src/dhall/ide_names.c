/* The uses of a bound name, and giving it another one. */
#include "ide.h"
#include "lex.h"
#include "spell.h"

/* ---- which binder ---- */

static const struct term *binder_at(const struct dh_ide *i, uint32_t at, struct dh_range *name)
{
	const struct term *binder = NULL;
	struct focus f;
	struct part p;

	focus_open(&f, ide_root(i), at);
	p = ide_part(i, &f, at);
	if (p.kind == PART_BINDER)
		binder = p.t;
	else if (p.kind == PART_VARIABLE && p.t->u.var.index != VAR_FREE)
		binder = focus_binder(&f, p.t->u.var.index);
	focus_close(&f);
	return binder && ide_binder_range(&i->l->unit, i->text, binder, name) ? binder : NULL;
}

/* ---- uses ---- */

struct uses {
	struct walk w; /* first */
	const struct dh_ide *ide;
	const struct term *binder;
	VEC(struct dh_range) all;
};

static struct dh_range variable_range(const struct dh_ide *i, const struct term *t)
{
	struct edits e = {.unit = &i->l->unit, .text = i->text};
	uint32_t lo = edit_start(&e, t);

	return (struct dh_range){lo, ide_label_end(i->text, lo)};
}

static void see_use(struct walk *w, const struct term *t)
{
	struct uses *u = (struct uses *)w;

	if (t->kind == TERM_VAR && t->hi && t->u.var.index != VAR_FREE &&
			w->binders.p[w->binders.n - 1 - t->u.var.index] == u->binder)
		vec_push(&u->all, variable_range(u->ide, t));
}

bool dhall_ide_occurrences(struct dh_ide *i, uint32_t at, struct arena *mem, struct dh_range **out, size_t *n)
{
	struct dh_range name;
	struct uses u = {.w.visit = see_use, .ide = i, .binder = binder_at(i, at, &name)};

	if (!u.binder)
		return false;
	vec_push(&u.all, name);
	ide_walk(&u.w, ide_root(i));
	*n = u.all.n;
	*out = arena_array(mem, struct dh_range, u.all.n);
	memcpy(*out, u.all.p, u.all.n * sizeof **out);
	vec_free(&u.all);
	return true;
}

/* ---- renaming ----
 * Every variable is spelled twice: with the names as they are and as they will be.  Its index says which
 * binder it means, so where the two spellings differ the new one is written. */

struct renaming {
	struct walk w; /* first */
	const struct dh_ide *ide;
	const struct term *binder;
	sym name;
	struct scope scope;     /* with the new name */
	VEC(const struct term *) around;
	VEC(struct dh_edit) edits;
	struct arena *mem;
};

static sym binder_name(const struct term *t)
{
	return t->kind == TERM_LET ? t->u.let.name : t->u.bind.name;
}

/* The scope follows the walk's binders. */
static void keep_up(struct renaming *r)
{
	while (r->around.n > r->w.binders.n || (r->around.n && vec_last(&r->around) != r->w.binders.p[r->around.n - 1])) {
		r->around.n--;
		scope_pop(&r->scope);
	}
	while (r->around.n < r->w.binders.n) {
		const struct term *t = r->w.binders.p[r->around.n];

		scope_push(&r->scope, t == r->binder ? r->name : binder_name(t));
		vec_push(&r->around, t);
	}
}

static str spelled(struct renaming *r, const struct term *t)
{
	struct buf b = {0};
	uint32_t n;
	sym name = t->u.var.name;

	if (t->u.var.index == VAR_FREE)
		n = t->u.var.at + scope_count(&r->scope, name);
	else
		name = scope_name(&r->scope, t->u.var.index, &n);
	spell_label(name, SPELL_VARIABLE, &b);
	if (n)
		buf_fmt(&b, "@%u", n);
	return buf_take(&b, r->mem);
}

/* { x } stands for { x = x }. */
static bool is_pun(struct renaming *r, uint32_t lo, uint32_t hi)
{
	str s = r->ide->text;
	struct edits e = {.unit = &r->ide->l->unit, .text = s};
	struct focus f;
	const struct term *around;
	uint32_t behind = edit_skip(&e, hi);
	bool pun = false;

	if (behind >= s.n || !char_in(s.p[behind], ",}"))
		return false;
	focus_open(&f, ide_root(r->ide), lo);
	for (size_t i = f.path.n; i-- > 0 && !pun;) {
		around = f.path.p[i];
		for (uint32_t k = 0; around->kind == TERM_RECORD && k < around->n; k++)
			pun |= around->u.fields.fields[k].lo == lo;
	}
	focus_close(&f);
	return pun;
}

/* With its @n; blanks may stand around the sign. */
static struct dh_range with_index(const struct dh_ide *i, struct dh_range at)
{
	struct edits e = {.unit = &i->l->unit, .text = i->text};
	uint32_t sign = edit_skip(&e, at.hi);

	if (sign < i->text.n && i->text.p[sign] == '@')
		at.hi = ide_label_end(i->text, edit_skip(&e, sign + 1));
	return at;
}

static void see_variable(struct walk *w, const struct term *t)
{
	struct renaming *r = (struct renaming *)w;
	struct dh_range at;
	str now, was;

	if (t->kind != TERM_VAR || !t->hi || (t->u.var.name != r->name && t->u.var.name != binder_name(r->binder)))
		return;
	keep_up(r);
	at = with_index(r->ide, variable_range(r->ide, t));
	was = str_of(r->ide->text.p + at.lo, at.hi - at.lo);
	now = spelled(r, t);
	if (str_eq(now, was))
		return;
	if (is_pun(r, at.lo, at.hi))
		now = str_fmt(r->mem, "%.*s = %.*s", STR_ARG(was), STR_ARG(now));
	vec_push(&r->edits, ((struct dh_edit){at, now}));
}

/* What may stand between backticks. */
static bool is_label(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || (unsigned char)s.p[i] > 0x7e || s.p[i] == '`')
			return false;
	return s.n > 0;
}

static str unquoted(str name)
{
	bool quoted = name.n > 2 && name.p[0] == '`' && name.p[name.n - 1] == '`';

	return quoted ? str_of(name.p + 1, name.n - 2) : name;
}

enum dh_rename dhall_ide_rename(struct dh_ide *i, uint32_t at, str name, struct arena *mem, struct dh_edit **out, size_t *n)
{
	struct renaming r = {.w.visit = see_variable, .ide = i, .mem = mem};
	struct dh_range where;
	struct buf b = {0};

	r.binder = binder_at(i, at, &where);
	if (!r.binder)
		return DH_RENAME_NOTHING;
	if (!is_label(unquoted(name)))
		return DH_RENAME_INVALID;
	r.name = intern(unquoted(name));
	spell_label(r.name, SPELL_VARIABLE, &b);
	vec_push(&r.edits, ((struct dh_edit){where, buf_take(&b, mem)}));
	ide_walk(&r.w, ide_root(i));
	*n = r.edits.n;
	*out = arena_array(mem, struct dh_edit, r.edits.n);
	memcpy(*out, r.edits.p, r.edits.n * sizeof **out);
	vec_free(&r.edits);
	vec_free(&r.around);
	scope_free(&r.scope);
	return DH_RENAME_OK;
}
