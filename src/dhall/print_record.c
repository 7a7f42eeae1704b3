#include "print.h"

void print_items(struct printer *p, const struct term *t, uint32_t i, bool flat, uint32_t base)
{
	if (i == t->n) {
		row(p, flat, notes(PIECE_CLOSE, t->hi, base), line_or(" ", base), literal("]"));
		return;
	}
	row(p, flat, inner(t->u.list.items[i], base), rest(PIECE_ITEMS, t, i + 1, base));
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

/* T::{ … }, with its fields and the closing brace from `base` on. */
static void completion(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	const struct term *record = t->u.two.b;
	struct piece fields = rest(PIECE_FIELDS, record, 0, base);

	fields.inside = true;
	if (record->kind != TERM_RECORD || record->n == 0)
		row(p, flat, term(t->u.two.a, LEVEL_SELECTOR), literal("::"), term(record, LEVEL_SELECTOR));
	else
		row(p, flat, term(t->u.two.a, LEVEL_SELECTOR), alternative("::{ ", "::{"), fields);
}

void print_completion(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	completion(p, t, flat, base);
}

/* The word of a term that is written as a word and its operand, which goes to *operand; else NULL. */
static const char *word_of(const struct term *t, const struct term **operand)
{
	*operand = t->u.one.a;
	switch ((enum term_kind)t->kind) {
	case TERM_SOME: return " Some";
	case TERM_SHOW_CONSTRUCTOR: return " showConstructor";
	case TERM_TOMAP: return t->u.two.b ? NULL : " toMap";
	default: return NULL;
	}
}

/* What hangs below the sign of its field, shifted less than others. */
static bool hangs(const struct term *t)
{
	return t->kind == TERM_RECORD || t->kind == TERM_LIST;
}

static void below(struct printer *p, struct piece v, uint32_t indent)
{
	print_line(p, indent);
	vec_push(&p->todo, v);
}

/* " = value" if that fits on the line.  Else records and lists stand on the next line, the braces of a completion and
 * the word Some or toMap stay on this one, and dotted names have the sign on the next one. */
void print_hang(struct printer *p, struct piece q)
{
	struct piece v = {.kind = PIECE_TERM, .t = q.t, .level = q.level, .indent = q.indent};
	const struct term *operand = NULL;
	const char *word = word_of(q.t, &operand);
	bool noted;

	if (q.flat || print_fits(p, &v, WIDTH - (long)p->column - 3)) {
		row(p, true, literal(" "), literal(q.text), literal(" "), v);
		return;
	}
	if (q.i)
		print_line(p, q.i);
	else
		print_emit(p, S(" "));
	print_emit(p, str_c(q.text));
	noted = print_next_note(p, q.t->lo) != NULL;
	if (!noted && word) {
		print_emit(p, str_c(word));
		v.t = operand;
		v.level = LEVEL_IMPORT;
	}
	if (!noted && v.t->kind == TERM_COMPLETE && (word || v.t == q.t)) {
		print_emit(p, S(" "));
		completion(p, v.t, false, q.indent + 2);
	} else if (!noted && hangs(v.t) && (!word || q.t->kind == TERM_SOME)) {
		below(p, v, q.indent + 2);
	} else if (!noted && !word && q.i && print_fits(p, &v, WIDTH - (long)p->column - 1)) {
		row(p, true, literal(" "), v);
	} else {
		below(p, v, q.indent + 4);
	}
}

static void field(struct printer *p, const struct term *t, uint32_t i, bool flat, struct piece next)
{
	const struct term_field *outer = &t->u.fields.fields[i], *f;
	struct piece value;

	f = field_names(p, t, outer);
	if (!f->value || (t->kind == TERM_RECORD && f == outer && is_pun(p, f))) {
		row(p, flat, notes(PIECE_TRAIL, f->hi, next.indent + 2), next);
		return;
	}
	value = rest(PIECE_HANG, f->value, f == outer ? 0 : next.indent + 2, next.indent);
	value.text = t->kind == TERM_RECORD ? "=" : ":";
	row(p, flat, value, next);
}

void print_fields(struct printer *p, struct piece q)
{
	bool alternatives = q.t->kind == TERM_UNION;
	struct piece next = q;

	if (q.i == q.t->n) {
		row(p, q.flat, notes(PIECE_CLOSE, q.t->hi, q.indent), line_or(" ", q.indent), literal(alternatives ? ">" : "}"));
		return;
	}
	next.i++;
	field(p, q.t, q.i, q.flat, next);
	if ((q.i || q.inside) && !q.flat)
		print_line(p, q.indent);
	if (q.i || (q.inside && !q.flat))
		print_emit(p, alternatives ? q.flat ? S(" | ") : S("| ") : S(", "));
	print_lead(p, q.t->u.fields.fields[q.i].lo);
	print_leaf(p);
}

/* A record of a date, a time, a zone is written as one literal. */
static bool moment(struct printer *p, const struct term *t)
{
	static const struct {
		const char *name;
		enum term_kind kind;
	} parts[] = {{"date", TERM_DATE}, {"time", TERM_TIME}, {"timeZone", TERM_TIMEZONE}};
	const struct term *found[SL_COUNT(parts)] = {NULL};

	if (t->kind != TERM_RECORD || t->n < 2 || t->n > 3)
		return false;
	for (uint32_t i = 0; i < t->n; i++)
		for (size_t k = 0; k < SL_COUNT(parts); k++) {
			const struct term_field *f = &t->u.fields.fields[i];

			if (f->value->kind == parts[k].kind && str_eq(sym_str(f->name), str_c(parts[k].name)))
				found[k] = f->value;
		}
	if (!found[1] || (found[0] != NULL) + (found[2] != NULL) + 1u != t->n)
		return false;
	for (size_t k = 0; k < SL_COUNT(parts); k++) {
		if (found[k])
			spell_leaf(found[k], &p->leaf);
		if (found[k] && k == 0)
			buf_c(&p->leaf, 'T');
	}
	print_leaf(p);
	return true;
}

void print_record(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	if (moment(p, t))
		return;
	if (t->n == 0 && print_next_note(p, t->hi))
		row(p, flat, literal(t->kind == TERM_RECORD ? "{=" : t->kind == TERM_UNION ? "<" : "{"),
				rest(PIECE_FIELDS, t, 0, base));
	else if (t->n == 0)
		row(p, flat, literal(t->kind == TERM_RECORD ? "{=}" : t->kind == TERM_UNION ? "<>" : "{}"));
	if (t->n == 0)
		return;
	row(p, flat, literal(t->kind == TERM_UNION ? "< " : "{ "), rest(PIECE_FIELDS, t, 0, base));
}
