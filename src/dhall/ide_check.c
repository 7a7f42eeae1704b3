/* All errors of a text.  The checker ends at the first one; so when there is one the text is gone through
 * again along its spine (bindings, parameters, the fields of the result), each for itself.  A binding that
 * rests on one without a type is passed over. */
#include "ide.h"

struct going {
	struct look l;
	struct diags *out;
	VEC(bool) lost; /* of the binders around: without a type */
};

/* ---- what rests on what is lost ---- */

struct use {
	struct walk w; /* first */
	const struct going *g;
	bool found;
};

static void see_use(struct walk *w, const struct term *t)
{
	struct use *u = (struct use *)w;
	size_t depth = u->g->lost.n + w->binders.n;
	size_t level;

	if (t->kind != TERM_VAR || t->u.var.index == VAR_FREE)
		return;
	level = depth - 1 - t->u.var.index;
	if (level < u->g->lost.n && u->g->lost.p[level])
		u->found = true;
}

static bool rests_on_lost(const struct going *g, const struct term *t)
{
	struct use u = {.w.visit = see_use, .g = g};
	bool any = false;

	for (size_t i = 0; i < g->lost.n; i++)
		any |= g->lost.p[i];
	if (t && any)
		ide_walk(&u.w, t);
	return u.found;
}

/* ---- errors ---- */

/* An import without a target has been complained about when it was resolved. */
static void keep(struct going *g)
{
	const struct diag *d = g->l.diags.first;

	if (d && d->code != DIAG_IMPORT_UNRESOLVED)
		diags_copy(g->out, &g->l.diags);
	diags_free(&g->l.diags);
}

/* ---- the spine ---- */

static void see_term(struct going *g, const struct term *t)
{
	if (!rests_on_lost(g, t)) {
		look_type(&g->l, t);
		keep(g);
	}
}

static void see_binder(struct going *g, const struct term *t)
{
	bool let = t->kind == TERM_LET;
	const struct term *type = let ? t->u.let.type : t->u.bind.a;
	bool lost_type = rests_on_lost(g, type), lost_value = let && rests_on_lost(g, t->u.let.value);
	bool known;

	look_enter(&g->l, t);
	known = vec_last(&g->l.known);
	if (lost_type || lost_value)
		diags_free(&g->l.diags);
	else
		keep(g);
	vec_push(&g->lost, !known || (type ? lost_type : lost_value));
}

static void see_result(struct going *g, const struct term *t)
{
	struct val *type = rests_on_lost(g, t) ? NULL : look_type(&g->l, t);
	size_t before = g->out->errors;

	if (type || t->kind != TERM_RECORD) {
		keep(g);
		return;
	}
	diags_free(&g->l.diags);
	for (uint32_t i = 0; i < t->n; i++)
		see_term(g, t->u.fields.fields[i].value);
	if (g->out->errors == before && !rests_on_lost(g, t)) {
		look_type(&g->l, t);
		keep(g);
	}
}

static void go(struct going *g, const struct term *t)
{
	for (;;) {
		if (t->kind == TERM_LET || t->kind == TERM_LAMBDA) {
			see_binder(g, t);
			t = term_body(t);
		} else {
			see_result(g, t);
			return;
		}
	}
}

static bool has_limit(const struct diags *ds)
{
	for (const struct diag *d = ds->first; d; d = d->next)
		if (d->code == DIAG_LIMIT_BYTES || d->code == DIAG_LIMIT_DEPTH || d->code == DIAG_LIMIT_STEPS ||
				d->code == DIAG_LIMIT_LENGTH)
			return true;
	return false;
}

/* The first error of the whole, when going through it finds none: an annotation of the result, say. */
static void or_else(struct going *g, const struct diags *first)
{
	if (!g->out->errors && first->first && first->first->code != DIAG_IMPORT_UNRESOLVED)
		diags_copy(g->out, first);
}

void ide_check(struct dh_ide *i, struct dhall *s)
{
	struct loaded *l = i->l;
	struct diags imports = l->diags, first;
	struct going g = {.out = &imports};

	l->diags = (struct diags){0};
	if (unit_check(s, l, true) == UNIT_DONE) {
		diags_free(&l->diags);
		l->diags = imports;
		return;
	}
	first = l->diags;
	l->diags = (struct diags){0};
	if (has_limit(&first)) { /* whatever crosses it would do so again */
		diags_copy(&imports, &first);
	} else {
		look_open(&g.l, i);
		go(&g, ide_root(i));
		or_else(&g, &first);
		look_close(&g.l);
		vec_free(&g.lost);
	}
	diags_free(&first);
	l->diags = imports;
}
