/* The outline of a text, and its imports. */
#include "ide.h"

/* ---- symbols ---- */

struct outlining {
	const struct dh_ide *ide;
	VEC(struct dh_symbol) all;
};

static enum dh_symbol_kind kind_of(const struct term *t, enum dh_symbol_kind otherwise)
{
	switch ((enum term_kind)t->kind) {
	case TERM_LAMBDA: return DH_SYMBOL_FUNCTION;
	case TERM_RECORD: return DH_SYMBOL_RECORD;
	case TERM_RECORD_TYPE:
	case TERM_UNION:
	case TERM_PI: return DH_SYMBOL_TYPE;
	default: return otherwise;
	}
}

static void outline(struct outlining *, const struct term *, uint32_t level);

static void symbol(struct outlining *o, enum dh_symbol_kind kind, sym name, struct dh_range name_at, uint32_t hi,
		const struct term *value, uint32_t level, uint32_t lo)
{
	vec_push(&o->all, ((struct dh_symbol){kind, level, name, {lo, hi > name_at.hi ? hi : name_at.hi}, name_at}));
	if (value && level + 1 < DH_SYMBOL_LEVELS)
		outline(o, value, level + 1);
}

static void binding(struct outlining *o, const struct term *t, uint32_t level)
{
	const struct term *value = t->u.let.value;
	struct dh_range at;

	if (ide_binder_range(&o->ide->l->unit, o->ide->text, t, &at))
		symbol(o, kind_of(value, DH_SYMBOL_BINDING), t->u.let.name, at, value->hi, value, level, t->lo);
}

static void fields(struct outlining *o, const struct term *t, uint32_t level)
{
	for (uint32_t i = 0; i < t->n; i++) {
		const struct term_field *f = &t->u.fields.fields[i];
		enum dh_symbol_kind kind = t->kind == TERM_UNION ? DH_SYMBOL_ALTERNATIVE : DH_SYMBOL_FIELD;

		if (t->kind == TERM_RECORD && f->value)
			kind = kind_of(f->value, DH_SYMBOL_FIELD);
		if (f->hi)
			symbol(o, kind, f->name, (struct dh_range){f->lo, f->hi}, f->value ? f->value->hi : f->hi, f->value,
					level, f->lo);
	}
}

/* Bindings, fields and alternatives, through what stands around them. */
static void outline(struct outlining *o, const struct term *t, uint32_t level)
{
	for (;;) {
		switch ((enum term_kind)t->kind) {
		case TERM_LET:
			binding(o, t, level);
			t = t->u.let.body;
			continue;
		case TERM_LAMBDA: t = t->u.bind.b; continue;
		case TERM_ANNOT: t = t->u.two.a; continue;
		case TERM_RECORD:
		case TERM_RECORD_TYPE:
		case TERM_UNION: fields(o, t, level); return;
		default: return;
		}
	}
}

void dhall_ide_symbols(struct dh_ide *i, struct arena *mem, struct dh_symbol **out, size_t *n)
{
	struct outlining o = {.ide = i};

	if (ide_root(i))
		outline(&o, ide_root(i), 0);
	*n = o.all.n;
	*out = arena_array(mem, struct dh_symbol, o.all.n);
	if (o.all.n)
		memcpy(*out, o.all.p, o.all.n * sizeof **out);
	vec_free(&o.all);
}

/* ---- imports ---- */

struct linking {
	struct walk w; /* first */
	const struct dh_ide *ide;
	struct arena *mem;
	VEC(struct dh_link) all;
};

static void see_import(struct walk *w, const struct term *t)
{
	struct linking *k = (struct linking *)w;
	struct edits e = {.unit = &k->ide->l->unit, .text = k->ide->text};
	struct dh_link l = {.whole = {t->lo, t->hi}};
	const struct import *im;

	if (t->kind != TERM_IMPORT || !t->hi)
		return;
	im = t->u.import;
	l.at.lo = edit_start(&e, t);
	l.at.hi = edit_place_end(&e, im, l.at.lo);
	l.place = str_dup(k->mem, im->place);
	l.remote = im->kind == IMPORT_REMOTE;
	l.pinned = im->has_hash;
	vec_push(&k->all, l);
}

void dhall_ide_links(struct dh_ide *i, struct arena *mem, struct dh_link **out, size_t *n)
{
	struct linking k = {.w.visit = see_import, .ide = i, .mem = mem};

	if (ide_root(i))
		ide_walk(&k.w, ide_root(i));
	*n = k.all.n;
	*out = arena_array(mem, struct dh_link, k.all.n);
	if (k.all.n)
		memcpy(*out, k.all.p, k.all.n * sizeof **out);
	vec_free(&k.all);
}
