#include "ide.h"

#include <straylight/dhall_marks.h>

struct marker {
	struct walk walk;
	const struct unit *unit;
	str text;
	dh_mark_fn *fn;
	void *ud;
};

static void mark(struct marker *m, enum dh_mark_kind kind, uint32_t lo, uint32_t hi, str text)
{
	struct dh_mark out = {kind, {lo, hi}, text};

	m->fn(m->ud, &out);
}

static void mark_import(struct marker *m, const struct term *t)
{
	struct edits e = {.unit = m->unit, .text = m->text};
	uint32_t lo = edit_start(&e, t), hi = edit_place_end(&e, t->u.import, lo);

	mark(m, DH_MARK_IMPORT, lo, hi, str_of(m->text.p + lo, hi - lo));
}

static void mark_text(struct marker *m, const struct term *t)
{
	for (uint32_t i = 0; i < t->n; i++)
		if (t->u.text.chunks[i].before.n)
			mark(m, DH_MARK_TEXT, t->lo, t->hi, t->u.text.chunks[i].before);
	if (t->u.text.tail.n)
		mark(m, DH_MARK_TEXT, t->lo, t->hi, t->u.text.tail);
}

static void visit(struct walk *w, const struct term *t)
{
	struct marker *m = (struct marker *)w;
	struct dh_range r;

	switch ((enum term_kind)t->kind) {
	case TERM_IMPORT: mark_import(m, t); break;
	case TERM_TEXT: mark_text(m, t); break;
	case TERM_FIELD:
		r = ide_selector_range(m->unit, m->text, t);
		mark(m, DH_MARK_NAME, r.lo, r.hi, sym_str(t->u.field.name));
		break;
	case TERM_PROJECT:
		for (uint32_t i = 0; i < t->n; i++)
			mark(m, DH_MARK_NAME, t->u.project.a->hi, t->hi, sym_str(t->u.project.names[i]));
		break;
	default: break;
	}
}

bool dhall_marks(str text, str name, dh_mark_fn *fn, void *ud, struct diags *diags)
{
	struct unit u = {.name = name, .file = source_add(name, text)};
	struct marker m = {.walk = {.visit = visit}, .unit = &u, .text = text, .fn = fn, .ud = ud};
	bool ok = term_parse(&u, text, diags) != NULL;

	if (ok) {
		for (size_t i = 0; i < u.ncomments; i++)
			mark(&m, DH_MARK_COMMENT, u.comments[i].lo, u.comments[i].hi,
					str_of(text.p + u.comments[i].lo, u.comments[i].hi - u.comments[i].lo));
		ide_walk(&m.walk, u.term);
		source_drop(u.file);
	}
	arena_clear(&u.arena);
	return ok;
}
