#include "print.h"

void print_items(struct printer *p, const struct term *t, uint32_t i, bool flat, uint32_t base)
{
	if (i == t->n) {
		row(p, flat, notes(PIECE_CLOSE, t->hi, base), line_or(" ", base), literal("]"));
		return;
	}
	row(p, flat, term(t->u.list.items[i], LEVEL_EXPRESSION), rest(PIECE_ITEMS, t, i + 1, base));
	if (i)
		row(p, flat, line_or("", base), literal(", "));
}

/* { x } for { x = x } */
static bool is_pun(struct printer *p, const struct term_field *f)
{
	const struct term *v = f->value;
	uint32_t n;

	if (v->kind != TERM_VAR)
		return false;
	if (v->u.var.index == VAR_FREE)
		return v->u.var.name == f->name && v->u.var.at == 0 && scope_count(&p->scope, f->name) == 0;
	return scope_name(&p->scope, v->u.var.index, &n) == f->name && n == 0;
}

/* The field's name, or the names of { a.b = … }; returns the innermost field. */
static const struct term_field *field_names(struct printer *p, const struct term *t, const struct term_field *f)
{
	spell_label(f->name, SPELL_FIELD, &p->leaf);
	if (t->kind != TERM_RECORD)
		return f;
	while (f->value->kind == TERM_RECORD && f->value->n == 1 && p->leaf.n < 4 * WIDTH) {
		f = f->value->u.fields.fields;
		buf_c(&p->leaf, '.');
		spell_label(f->name, SPELL_FIELD, &p->leaf);
	}
	return f;
}

static void field(struct printer *p, const struct term *t, uint32_t i, bool flat, uint32_t base)
{
	const struct term_field *outer = &t->u.fields.fields[i], *f;
	struct piece value;

	f = field_names(p, t, outer);
	value = rest(PIECE_FIELDS, t, i + 1, base);
	if (!f->value || (t->kind == TERM_RECORD && f == outer && is_pun(p, f))) {
		row(p, flat, notes(PIECE_TRAIL, f->hi, base + 2), value);
	} else {
		bool hangs = t->kind == TERM_RECORD && (f->value->kind == TERM_RECORD || f->value->kind == TERM_LIST);
		struct piece next = value;

		value = term(f->value, LEVEL_EXPRESSION);
		value.kind = PIECE_VALUE;
		value.indent = base + (hangs ? 2 : 4);
		row(p, flat, literal(t->kind == TERM_RECORD ? " =" : " :"), value, next);
	}
}

void print_fields(struct printer *p, const struct term *t, uint32_t i, bool flat, uint32_t base)
{
	bool alternatives = t->kind == TERM_UNION;

	if (i == t->n) {
		row(p, flat, notes(PIECE_CLOSE, t->hi, base), line_or(" ", base), literal(alternatives ? ">" : "}"));
		return;
	}
	field(p, t, i, flat, base);
	if (i && !flat)
		print_line(p, base);
	if (i)
		print_emit(p, alternatives ? flat ? S(" | ") : S("| ") : S(", "));
	print_lead(p, t->u.fields.fields[i].lo);
	print_leaf(p);
}

void print_record(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	if (t->n == 0 && print_next_note(p, t->hi))
		row(p, flat, literal(t->kind == TERM_RECORD ? "{=" : t->kind == TERM_UNION ? "<" : "{"),
				rest(PIECE_FIELDS, t, 0, base));
	else if (t->n == 0)
		row(p, flat, literal(t->kind == TERM_RECORD ? "{=}" : t->kind == TERM_UNION ? "<>" : "{}"));
	if (t->n == 0)
		return;
	row(p, flat, literal(t->kind == TERM_UNION ? "< " : "{ "), rest(PIECE_FIELDS, t, 0, base));
}
