#include "print.h"

/* ---- levels ---- */

/* By enum term_op, ORDER OP: as in parse.c. */
static const uint8_t tightness[] = {
	[OP_EQUIVALENT] = 0, [OP_ALTERNATIVE] = 1, [OP_OR] = 2, [OP_PLUS] = 3, [OP_TEXT_APPEND] = 4,
	[OP_LIST_APPEND] = 5, [OP_AND] = 6, [OP_COMBINE] = 7, [OP_PREFER] = 8, [OP_COMBINE_TYPES] = 9,
	[OP_TIMES] = 10, [OP_EQ] = 11, [OP_NE] = 12,
};

/* In ASCII, in Unicode. */
static const char *const operators[][2] = {
	[OP_OR] = {"||", "||"}, [OP_AND] = {"&&", "&&"}, [OP_EQ] = {"==", "=="}, [OP_NE] = {"!=", "!="},
	[OP_PLUS] = {"+", "+"}, [OP_TIMES] = {"*", "*"}, [OP_TEXT_APPEND] = {"++", "++"}, [OP_LIST_APPEND] = {"#", "#"},
	[OP_COMBINE] = {"/\\", "∧"}, [OP_PREFER] = {"//", "⫽"}, [OP_COMBINE_TYPES] = {"//\\\\", "⩓"},
	[OP_ALTERNATIVE] = {"?", "?"}, [OP_EQUIVALENT] = {"===", "≡"},
};

unsigned print_level(const struct term *t)
{
	switch ((enum term_kind)t->kind) {
	case TERM_LAMBDA:
	case TERM_PI:
	case TERM_LET:
	case TERM_IF:
	case TERM_ASSERT:
	case TERM_ANNOT:
	case TERM_EMPTY:
	case TERM_WITH: return LEVEL_EXPRESSION;
	case TERM_MERGE: return t->u.three.c ? LEVEL_EXPRESSION : LEVEL_APPLICATION;
	case TERM_TOMAP: return t->u.two.b ? LEVEL_EXPRESSION : LEVEL_APPLICATION;
	case TERM_OP: return LEVEL_OPERATOR + tightness[t->sub];
	case TERM_APP:
	case TERM_SOME:
	case TERM_SHOW_CONSTRUCTOR: return LEVEL_APPLICATION;
	case TERM_COMPLETE:
	case TERM_IMPORT: return LEVEL_IMPORT;
	default: return LEVEL_SELECTOR;
	}
}

/* ---- how each kind is written ---- */

static bool is_underscore(sym s)
{
	return str_eq(sym_str(s), S("_"));
}

static void variable(struct printer *p, const struct term *t)
{
	sym x = t->u.var.name;
	uint64_t n;
	uint32_t under;

	if (t->u.var.index == VAR_FREE) {
		n = (uint64_t)t->u.var.at + scope_count(&p->scope, x);
	} else {
		x = scope_name(&p->scope, t->u.var.index, &under);
		n = under;
	}
	spell_label(x, SPELL_VARIABLE, &p->leaf);
	if (n)
		buf_fmt(&p->leaf, "@%llu", (unsigned long long)n);
	print_leaf(p);
}

static long width_of(sym name)
{
	return (long)sym_str(name).n;
}

/* \(x : A) -> b and forall (x : A) -> b; a type that is too long for the line is put below the name. */
static void binder(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	static const struct {
		const char *flat, *broken;
		uint32_t at; /* where the broken parts begin */
	} signs[2][2] = {{{"\\(", "\\ ( ", 2}, {"λ(", "λ ( ", 2}}, {{"forall (", "forall  ( ", 8}, {"∀(", "∀ ( ", 2}}};
	bool chain = t->u.bind.b->kind == t->kind;
	struct piece type = term(t->u.bind.a, LEVEL_EXPRESSION), name = label(t->u.bind.name, SPELL_VARIABLE);
	struct piece arrow = literal(p->unicode ? ") →" : ") ->");
	const char *sign = signs[t->kind == TERM_PI][p->unicode].flat;
	uint32_t at = base + signs[t->kind == TERM_PI][p->unicode].at;
	long room = WIDTH - (long)base - width_of(t->u.bind.name) - (long)utf8_count(str_c(sign)) - (p->unicode ? 6 : 7);

	row(p, flat, line_or(" ", base + (chain ? 0 : 2)), bound(t->u.bind.name), link(t->u.bind.b, chain, base), unbound());
	if (flat || print_fits(p, &type, room))
		row(p, true, literal(sign), name, literal(" : "), type, arrow);
	else
		row(p, false, literal(signs[t->kind == TERM_PI][p->unicode].broken), name, line_or("", at), literal(": "), type,
				line_or("", at), arrow);
}

/* A -> B */
static void arrow(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	bool chain = t->u.bind.b->kind == TERM_PI;

	row(p, flat, term(t->u.bind.a, LEVEL_OPERATOR), literal(p->unicode ? " →" : " ->"), line_or(" ", base + (chain ? 0 : 2)),
			bound(t->u.bind.name), link(t->u.bind.b, chain, base), unbound());
}

/* a ++ b ++ c; broken, every operator begins a line. */
static void operation(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	uint8_t op = t->sub;
	const char *sign = operators[op][p->unicode];
	unsigned level = LEVEL_OPERATOR + tightness[op];
	bool narrow = utf8_count(str_c(sign)) == 1;
	size_t n = 0;

	for (; t->kind == TERM_OP && t->sub == op; t = t->u.two.a) {
		row(p, flat, line_or(" ", base), notes(PIECE_WORD, t->u.two.b->lo, 0), literal(sign),
				alternative(" ", narrow ? " " : "  "), term(t->u.two.b, level + 1));
		if (print_too_long(p, ++n))
			return;
	}
	row(p, flat, alternative("", narrow ? "  " : "    "), term(t, level));
}

static void annotation(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	const struct term *a = t->u.two.a;
	/* a bare merge or toMap would take the annotation for its own */
	bool takes = a->kind == TERM_MERGE || a->kind == TERM_TOMAP;

	row(p, flat, alternative("", "  "), term(a, takes ? LEVEL_IMPORT : LEVEL_OPERATOR), line_or(" ", base),
			notes(PIECE_WORD, t->u.two.b->lo, 0), literal(": "), term(t->u.two.b, LEVEL_EXPRESSION));
}

/* merge a b : T, toMap a : T, Some a, showConstructor a; b and type may be NULL. */
static void prefixed(struct printer *p, const char *word, const struct term *a, const struct term *b,
		const struct term *type, bool flat, uint32_t base)
{
	if (type)
		row(p, flat, line_or(" ", base), notes(PIECE_WORD, type->lo, 0), literal(": "), term(type, LEVEL_EXPRESSION));
	if (b)
		row(p, flat, line_or(" ", base + 2), term(b, LEVEL_IMPORT));
	row(p, flat, literal(word), line_or(" ", base + 2), term(a, LEVEL_IMPORT));
}

/* f a b; the words above are like functions. */
static void application(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	size_t n = 0;

	for (; t->kind == TERM_APP; t = t->u.two.a) {
		row(p, flat, line_or(" ", base + 2), term(t->u.two.b, LEVEL_IMPORT));
		if (print_too_long(p, ++n))
			return;
	}
	switch ((enum term_kind)t->kind) {
	case TERM_SOME: prefixed(p, "Some", t->u.one.a, NULL, NULL, flat, base); return;
	case TERM_SHOW_CONSTRUCTOR: prefixed(p, "showConstructor", t->u.one.a, NULL, NULL, flat, base); return;
	case TERM_MERGE:
		if (!t->u.three.c) {
			prefixed(p, "merge", t->u.three.a, t->u.three.b, NULL, flat, base);
			return;
		}
		break;
	case TERM_TOMAP:
		if (!t->u.two.b) {
			prefixed(p, "toMap", t->u.two.a, NULL, NULL, flat, base);
			return;
		}
		break;
	default: break;
	}
	row(p, flat, term(t, LEVEL_APPLICATION));
}

static void condition(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	row(p, flat, inner(t->u.three.a, base), line_or(" ", base), notes(PIECE_WORD, t->u.three.b->lo, 0),
			alternative("then ", "then  "), inner(t->u.three.b, base), line_or(" ", base),
			notes(PIECE_WORD, t->u.three.c->lo, 0), rest(PIECE_ELSE, t->u.three.c, 0, base));
}

/* The rest of a chain stands below its beginning, not to the right of it. */
void print_else(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	if (t->kind != TERM_IF) {
		row(p, flat, alternative("else ", "else  "), inner(t, base));
		return;
	}
	condition(p, t, flat, base);
	row(p, flat, alternative("else if ", "else  if "));
}

/* With `apart`, the let t stands behind an `in`. */
void print_lets(struct printer *p, const struct term *t, bool apart, bool flat, uint32_t base)
{
	struct piece name, value, type, begin = notes(PIECE_BEGIN, t->lo + 3, 0);

	if (t->kind != TERM_LET || apart) {
		row(p, flat, notes(PIECE_WORD, t->lo, 0), alternative("in ", "in  "), inner(t, base));
		return;
	}
	print_lead(p, t->lo);
	print_lead_inside(p, t);
	row(p, flat, line_or(" ", base), bound(t->u.let.name),
			rest(PIECE_LETS, t->u.let.body, p->notes && (t->flags & TERM_FLAG_IN), base), unbound());
	if (!flat)
		row(p, false, line_or("", 0)); /* an empty line between bindings */
	name = label(t->u.let.name, SPELL_VARIABLE);
	value = inner(t->u.let.value, base + 4);
	if (!t->u.let.type) {
		value.kind = PIECE_VALUE;
		value.indent = base + 6;
		value.inside = !flat && print_note_breaks(p, t->u.let.value->lo);
		row(p, flat, literal("let "), begin, name, literal(" ="), value);
		return;
	}
	type = term(t->u.let.type, LEVEL_EXPRESSION);
	if (p->notes && p->measuring)
		p->room = -1; /* in source, the type has a line of its own */
	if (flat || (!p->notes && print_fits(p, &type, WIDTH - (long)base - width_of(t->u.let.name) - 10) && print_fits(p, &value, p->room)))
		row(p, true, literal("let "), begin, name, literal(" : "), type, literal(" = "), value);
	else
		row(p, false, literal("let "), begin, name, line_or("", base + 4), literal(": "), type, line_or("", base + 4),
				literal("= "), value);
}

/* a.b.{ c }.(T) */
static void selection(struct printer *p, const struct term *t, bool flat)
{
	for (size_t n = 0; !print_too_long(p, n); n++) {
		if (t->kind == TERM_FIELD) {
			row(p, flat, literal("."), label(t->u.field.name, SPELL_SELECTOR));
			t = t->u.field.a;
		} else if (t->kind == TERM_PROJECT) {
			row(p, flat, literal("."), rest(PIECE_NAMES, t, 0, 0));
			t = t->u.project.a;
		} else if (t->kind == TERM_PROJECT_TYPE) {
			row(p, flat, literal(".("), term(t->u.two.b, LEVEL_EXPRESSION), literal(")"));
			t = t->u.two.a;
		} else {
			row(p, flat, term(t, LEVEL_SELECTOR));
			return;
		}
	}
}

/* From the '{' on. */
void print_names(struct printer *p, const struct term *t)
{
	uint32_t base = p->column;
	bool flat;

	for (uint32_t i = 0; i < t->n && p->leaf.n < 4 * WIDTH; i++) {
		buf_str(&p->leaf, i ? S(", ") : S("{ "));
		spell_label(t->u.project.names[i], SPELL_FIELD, &p->leaf);
	}
	flat = t->n == 0 || p->measuring || p->column + utf8_count(buf_view(&p->leaf)) + 2 <= WIDTH;
	buf_str(&p->leaf, t->n ? S(" }") : S("{}"));
	if (flat) {
		print_leaf(p);
		return;
	}
	p->leaf.n = 0;
	for (uint32_t i = 0; i < t->n; i++) {
		if (i)
			print_line(p, base);
		print_emit(p, i ? S(", ") : S("{ "));
		spell_label(t->u.project.names[i], SPELL_FIELD, &p->leaf);
		print_leaf(p);
	}
	print_line(p, base);
	print_emit(p, S("}"));
}

/* a with b.c = d with … */
static void with(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	for (size_t n = 0; t->kind == TERM_WITH; t = t->u.with.a) {
		struct piece value = rest(PIECE_HANG, t->u.with.b, t->n > 1 ? base + 7 : 0, base + 2);

		value.level = LEVEL_OPERATOR;
		value.text = "=";
		row(p, flat, line_or(" ", base + 2), literal("with "), rest(PIECE_PATH, t, 0, 0), value);
		if (print_too_long(p, ++n))
			return;
	}
	row(p, flat, term(t, LEVEL_IMPORT));
}

void print_path(struct printer *p, const struct term *t)
{
	for (uint32_t i = 0; i < t->n; i++) {
		if (i)
			buf_c(&p->leaf, '.');
		if (t->u.with.path[i].kind == WITH_OPTIONAL)
			buf_c(&p->leaf, '?');
		else
			spell_label(t->u.with.path[i].name, SPELL_FIELD, &p->leaf);
	}
	print_leaf(p);
}


static void import(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	const struct import *i = t->u.import;

	spell_place(i, &p->leaf);
	print_leaf(p);
	print_inner_notes(p, i->headers ? i->headers->lo : t->hi, base + 2);
	if (i->mode != IMPORT_CODE)
		row(p, flat, literal(" "), literal(spell_mode(i)));
	if (i->has_hash)
		row(p, flat, line_or(" ", base + 2), rest(PIECE_HASH, t, 0, 0));
	if (i->headers)
		row(p, flat, literal(" using "), term(i->headers, LEVEL_SELECTOR));
}

/* A number in the digits of its text. */
static bool as_written(struct printer *p, const struct term *t)
{
	str s = str_of(p->notes->text.p + t->lo, t->hi - t->lo);

	if (t->kind != TERM_NATURAL && t->kind != TERM_INTEGER && t->kind != TERM_DOUBLE)
		return false;
	while (s.n && (t->flags & TERM_FLAG_PAREN) && char_in(s.p[0], "( \t\r\n"))
		s = str_from(s, 1);
	while (s.n && (t->flags & TERM_FLAG_PAREN) && char_in(s.p[s.n - 1], ") \t\r\n"))
		s.n--;
	for (size_t i = 0; i < s.n; i++)
		if (!char_in(s.p[i], "+-.0123456789") && (unsigned)((s.p[i] | 0x20) - 'a') > 25)
			return false;
	if (!s.n || str_find_str(s, S("--")) < s.n)
		return false;
	buf_str(&p->leaf, s);
	return true;
}

void print_expression(struct printer *p, struct piece q, uint32_t base)
{
	const struct term *t = q.t;
	bool flat = q.flat;

	switch ((enum term_kind)t->kind) {
	case TERM_VAR: variable(p, t); break;
	case TERM_LAMBDA: binder(p, t, flat, base); break;
	case TERM_PI:
		if (is_underscore(t->u.bind.name))
			arrow(p, t, flat, base);
		else
			binder(p, t, flat, base);
		break;
	case TERM_APP:
	case TERM_SOME:
	case TERM_SHOW_CONSTRUCTOR: application(p, t, flat, base); break;
	case TERM_LET: print_lets(p, t, false, flat, base); break;
	case TERM_ANNOT: annotation(p, t, flat, base); break;
	case TERM_TEXT: print_text(p, t, flat, base); break;
	case TERM_IF:
		condition(p, t, flat, base);
		row(p, flat, alternative("if ", "if    "));
		break;
	case TERM_LIST: row(p, flat, literal("[ "), rest(PIECE_ITEMS, t, 0, base)); break;
	case TERM_EMPTY: row(p, flat, literal("[] : "), term(t->u.one.a, LEVEL_EXPRESSION)); break;
	case TERM_MERGE:
		if (!t->u.three.c)
			application(p, t, flat, base);
		else
			prefixed(p, "merge", t->u.three.a, t->u.three.b, t->u.three.c, flat, base);
		break;
	case TERM_TOMAP:
		if (!t->u.two.b)
			application(p, t, flat, base);
		else
			prefixed(p, "toMap", t->u.two.a, NULL, t->u.two.b, flat, base);
		break;
	case TERM_ASSERT:
		row(p, flat, alternative("assert", "  assert"), line_or(" ", base), literal(": "),
				term(t->u.one.a, LEVEL_EXPRESSION));
		break;
	case TERM_RECORD:
	case TERM_RECORD_TYPE:
	case TERM_UNION: print_record(p, t, flat, base); break;
	case TERM_FIELD:
	case TERM_PROJECT:
	case TERM_PROJECT_TYPE: selection(p, t, flat); break;
	case TERM_OP: operation(p, t, flat, base); break;
	case TERM_COMPLETE: print_completion(p, t, flat, base); break;
	case TERM_WITH: with(p, t, flat, q.indent == INDENT_OWN ? base : q.indent); break;
	case TERM_IMPORT: import(p, t, flat, base); break;
	default:
		if (!p->notes || !as_written(p, t))
			spell_leaf(t, &p->leaf);
		print_leaf(p);
	}
}
