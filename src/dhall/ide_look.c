/* Types at a place: the checker's environment built up along a path, binder by binder. */
#include "ide.h"

#define SHOWN_MAX 4096 /* bytes of a type that is shown whole */

void look_open(struct look *l, struct dh_ide *ide)
{
	*l = (struct look){.ide = ide, .e = &env_empty};
	l->s = dhall_open(ide->world, &l->diags);
	l->c = (struct check){.s = l->s, .unit = &ide->l->unit};
}

void look_close(struct look *l)
{
	dhall_close(l->s);
	diags_free(&l->diags);
	vec_free(&l->binders);
	vec_free(&l->known);
}

/* ---- protected steps ---- */

struct asked {
	struct look *l;
	const struct term *t;
	struct val *v;
	struct buf *out;
	bool brief;
};

static void let_protected(void *ud)
{
	struct asked *a = ud;

	a->l->e = check_let(&a->l->c, a->t, a->l->e);
}

static void type_protected(void *ud)
{
	struct asked *a = ud;

	a->v = check_force(&a->l->c, a->t, a->l->e);
}

static void annotation_protected(void *ud)
{
	struct asked *a = ud;

	check_infer(&a->l->c, a->t, a->l->e);
	a->v = eval(a->l->s, a->t, a->l->e);
}

static void value_protected(void *ud)
{
	struct asked *a = ud;

	a->v = eval(a->l->s, a->t, a->l->e);
}

static bool protect(struct asked *a, void (*fn)(void *))
{
	bool ok = session_protect(a->l->s, fn, a);

	if (!ok)
		a->l->c.path = NULL; /* it led through frames that are left */
	return ok;
}

/* ---- binders ---- */

/* The type of what has none: a free variable that no text can name. */
static struct val *unknown(struct look *l)
{
	struct val *v = val_new(l->s, VAL_FREE);

	v->u.var.name = intern_c("`");
	v->u.var.type = NULL;
	return v;
}

static bool is_unknown(const struct val *v)
{
	return v->kind == VAL_FREE && v->u.var.name == intern_c("`");
}

/* A variable of whose value nothing is known. */
static void push_variable(struct look *l, sym name, struct val *type)
{
	if (!type)
		type = unknown(l);
	l->e = check_push(&l->c, l->e, val_variable(l->s, name, l->e->depth, type), type);
}

/* The value of what is written as a type, if it has one. */
static struct val *annotated(struct look *l, const struct term *t)
{
	struct asked a = {.l = l, .t = t};

	return t && protect(&a, annotation_protected) ? a.v : NULL;
}

void look_enter(struct look *l, const struct term *t)
{
	struct asked a = {.l = l, .t = t};
	struct val *type = NULL;
	bool known = t->kind == TERM_LET && protect(&a, let_protected);

	if (!known) {
		type = annotated(l, t->kind == TERM_LET ? t->u.let.type : t->u.bind.a);
		push_variable(l, t->kind == TERM_LET ? t->u.let.name : t->u.bind.name, type);
	}
	vec_push(&l->binders, t);
	vec_push(&l->known, known || type);
}

void look_along(struct look *l, const struct focus *f, size_t n)
{
	for (size_t i = 0; i < n && i < f->path.n; i++)
		if (focus_binds(f, i))
			look_enter(l, f->path.p[i]);
}

/* ---- questions ---- */

struct val *look_type(struct look *l, const struct term *t)
{
	struct asked a = {.l = l, .t = t};

	return protect(&a, type_protected) && !is_unknown(a.v) ? a.v : NULL;
}

struct val *look_value(struct look *l, const struct term *t)
{
	struct asked a = {.l = l, .t = t};

	return protect(&a, value_protected) ? a.v : NULL;
}

static void show_protected(void *ud)
{
	struct asked *a = ud;
	struct check *c = &a->l->c;

	if (!a->brief)
		term_print(quote(c->s, &c->s->arena, a->v, a->l->e->depth, QUOTE_NAMED), a->out);
	if (a->brief || a->out->n > SHOWN_MAX) {
		a->out->n = 0;
		buf_str(a->out, str_c(check_show(c, a->v, a->l->e)));
	}
}

str look_show(struct look *l, struct val *v, bool brief, struct arena *mem)
{
	struct buf b = {0};
	struct asked a = {.l = l, .v = v, .out = &b, .brief = brief};

	if (v && !protect(&a, show_protected))
		b.n = 0;
	return buf_take(&b, mem);
}
