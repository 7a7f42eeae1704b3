#include "notes.h"
#include "scope.h"
#include "spell.h"

/* A layout engine without recursion: a stack of pieces still to be written.  A term is either flat (on
 * one line) or broken (its separators become line breaks).  Before a term is written, it is tried flat
 * on the rest of the line: the same expansion runs without output and stops after at most WIDTH
 * columns, so every term costs a bounded look ahead.
 *
 * Pieces stand on the stack last first; `row` collects them in reading order and pushes them.
 *
 * Comments (notes.h) are written in their order, each at the first of these places that comes by: in
 * front of the term or name that follows it, behind the term that it stands behind, in front of the
 * bracket that closes what it stands in.  What contains one that needs a line break is broken. */

#define WIDTH 80
#define INDENT_MAX 240 /* deeper nesting is not shifted further: output stays linear in the term */

/* What may stand in a place without parentheses, by the rules of the grammar. */
enum level {
	LEVEL_EXPRESSION,
	LEVEL_OPERATOR,                        /* + tightness of the operator */
	LEVEL_APPLICATION = LEVEL_OPERATOR + 13,
	LEVEL_IMPORT,                          /* an argument */
	LEVEL_SELECTOR,
};

enum piece_kind {
	PIECE_LITERAL, /* text */
	PIECE_ALT,     /* text when flat, broken when not */
	PIECE_TERM,    /* t, in a place of `level`; i: link */
	PIECE_VALUE,   /* t behind a sign: on the same line if it fits, else on a line of its own at indent */
	PIECE_LINE,    /* flat: text; broken: a line break and `indent` spaces */
	PIECE_LABEL,   /* name, as enum spell_label in level */
	PIECE_FIELDS,  /* the fields of t from i on */
	PIECE_ITEMS,   /* the items of t from i on */
	PIECE_CHUNKS,  /* the chunks of t from i on, inside "…" */
	PIECE_LINES,   /* the chunks of t from i on, inside ''…'' */
	PIECE_LETS,    /* t: a let, or the body behind the last one */
	PIECE_ELSE,    /* t: what stands behind else */
	PIECE_PATH,    /* the path of a with */
	PIECE_NAMES,   /* the names of a projection */
	PIECE_HASH,    /* the hash of an import */
	PIECE_WORD,    /* the notes in front of the word or operator that stands before what starts at i */
	PIECE_BEGIN,   /* those behind a word that ends at i */
	PIECE_TRAIL,   /* those behind what ends at i */
	PIECE_CLOSE,   /* those in front of the bracket that ends at i */
	PIECE_PUSH,    /* name is bound */
	PIECE_POP,
};

struct piece {
	uint8_t kind, level;
	bool flat;
	bool inside; /* TERM: of parentheses that are there already */
	uint32_t i, indent;
	sym name;
	const char *text, *broken;
	const struct term *t;
};

struct printer {
	struct buf *out;
	uint32_t column;
	struct scope scope;
	VEC(struct piece) todo;
	bool measuring, resolved;
	long room; /* while measuring: columns left */
	uint32_t limit; /* while measuring: where the term ends; notes behind it do not count */
	struct buf leaf;
	const struct notes *notes; /* NULL: a term without its text */
	size_t note; /* the next one */
	bool owed; /* a line break, because a note ended the line */
	uint32_t owed_indent;
};

/* ---- output ---- */

static void line(struct printer *p, uint32_t indent)
{
	uint32_t spaces = indent < INDENT_MAX ? indent : INDENT_MAX;

	buf_c(p->out, '\n');
	for (uint32_t i = 0; i < spaces; i++)
		buf_c(p->out, ' ');
	p->column = spaces;
	p->owed = false;
}

static void emit(struct printer *p, str s)
{
	uint32_t width = 0;

	if (p->owed && s.n && !p->measuring)
		line(p, p->owed_indent);

	for (size_t i = 0; i < s.n; i++)
		width += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	if (p->measuring) {
		p->room -= width;
		return;
	}
	buf_str(p->out, s);
	p->column += width;
}

static void emit_leaf(struct printer *p)
{
	emit(p, buf_view(&p->leaf));
	p->leaf.n = 0;
}

/* ---- comments ---- */

/* The next note if it starts before `limit`. */
static const struct note *next_note(const struct printer *p, uint32_t limit)
{
	const struct note *n = p->notes && p->note < p->notes->n ? &p->notes->p[p->note] : NULL;

	return n && n->lo < limit && (!p->measuring || n->lo < p->limit) ? n : NULL;
}

static void put_note(struct printer *p)
{
	const struct note *n = &p->notes->p[p->note];
	struct buf text = {0};
	size_t last;

	if (p->measuring) {
		p->room -= n->breaks ? p->room + 1 : (long)(n->hi - n->lo);
		p->note++;
		return;
	}
	notes_spell(p->notes, p->note, p->column, &text);
	buf_str(p->out, buf_view(&text));
	for (last = text.n; last && text.p[last - 1] != '\n';)
		last--;
	p->column = (last ? 0 : p->column) + (uint32_t)utf8_count(str_from(buf_view(&text), last));
	buf_free(&text);
	p->note++;
}

/* In front of something that then stands at the present column. */
static void lead_one(struct printer *p, uint32_t column)
{
	const struct note *n = &p->notes->p[p->note];

	if (p->owed && !p->measuring)
		line(p, column = p->owed_indent);
	put_note(p);
	if (!n->ends || p->measuring) {
		emit(p, S(" "));
		return;
	}
	if (n->blank)
		line(p, 0);
	line(p, column);
}

static void lead(struct printer *p, uint32_t start)
{
	uint32_t column = p->column;
	const struct note *n;

	while ((n = next_note(p, start)) && n->next <= start)
		lead_one(p, column);
}

/* Inside the parentheses around t, in front of its first token. */
static void lead_inside(struct printer *p, const struct term *t)
{
	uint32_t column = p->column;
	const struct note *n;

	if (!(t->flags & TERM_FLAG_PAREN))
		return;
	while ((n = next_note(p, t->hi)) && n->outer <= t->lo && t->lo < n->lo)
		lead_one(p, column);
}

static void lead_word(struct printer *p, uint32_t start)
{
	uint32_t column = p->column;
	const struct note *n;

	while ((n = next_note(p, start)) && n->next < start)
		lead_one(p, column);
}

static void lead_begin(struct printer *p, uint32_t end)
{
	uint32_t column = p->column;
	const struct note *n;

	while ((n = next_note(p, UINT32_MAX)) && n->after <= end)
		lead_one(p, column);
}

static void trail(struct printer *p, uint32_t end, uint32_t indent)
{
	const struct note *n;

	while (!p->owed && (n = next_note(p, UINT32_MAX)) && (n->lo < end || (n->behind && n->after <= end))) {
		emit(p, S(" "));
		put_note(p);
		p->owed = n->ends && !p->measuring;
		p->owed_indent = indent;
	}
}

/* Those before `end`, of an expression of several words: behind the first one. */
static void inner_notes(struct printer *p, uint32_t end, uint32_t indent)
{
	const struct note *n;

	while ((n = next_note(p, end))) {
		if (p->owed)
			line(p, indent);
		else
			emit(p, S(" "));
		put_note(p);
		p->owed = n->ends && !p->measuring;
		p->owed_indent = indent;
	}
}

static void close_notes(struct printer *p, uint32_t end, bool flat, uint32_t indent)
{
	const struct note *n;
	bool fresh = !flat && !p->measuring;

	while ((n = next_note(p, end))) {
		if (fresh)
			line(p, indent + 2);
		else
			emit(p, S(" "));
		put_note(p);
		fresh = p->owed = n->ends && !p->measuring;
		p->owed_indent = indent;
		if (fresh && n->blank && next_note(p, end))
			line(p, 0);
	}
}

/* Whether a note stands in what ends there that keeps it from being on one line. */
static bool note_breaks(const struct printer *p, uint32_t end)
{
	const struct note *n = next_note(p, end);

	return n && n->broken < p->notes->n && p->notes->p[n->broken].lo < end;
}

/* ---- pieces ---- */

static struct piece literal(const char *text)
{
	return (struct piece){.kind = PIECE_LITERAL, .text = text};
}

static struct piece alternative(const char *flat, const char *broken)
{
	return (struct piece){.kind = PIECE_ALT, .text = flat, .broken = broken};
}

static struct piece term(const struct term *t, unsigned level)
{
	return (struct piece){.kind = PIECE_TERM, .t = t, .level = (uint8_t)level};
}

/* A part of a chain that is broken as a whole: not tried on one line. */
static struct piece link(const struct term *t, bool chain)
{
	struct piece q = term(t, LEVEL_EXPRESSION);

	q.i = chain;
	return q;
}

static struct piece label(sym name, enum spell_label use)
{
	return (struct piece){.kind = PIECE_LABEL, .name = name, .level = (uint8_t)use};
}

static struct piece line_or(const char *flat, uint32_t indent)
{
	return (struct piece){.kind = PIECE_LINE, .text = flat, .indent = indent};
}

static struct piece rest(enum piece_kind kind, const struct term *t, uint32_t i, uint32_t indent)
{
	return (struct piece){.kind = (uint8_t)kind, .t = t, .i = i, .indent = indent};
}

static struct piece notes(enum piece_kind kind, uint32_t at, uint32_t indent)
{
	return (struct piece){.kind = (uint8_t)kind, .i = at, .indent = indent};
}

static struct piece bound(sym name)
{
	return (struct piece){.kind = PIECE_PUSH, .name = name};
}

static struct piece unbound(void)
{
	return (struct piece){.kind = PIECE_POP};
}

static void row_(struct printer *p, bool flat, const struct piece *pieces, size_t n)
{
	while (n-- > 0) {
		struct piece q = pieces[n];

		q.flat = flat;
		vec_push(&p->todo, q);
	}
}

#define row(p, flat, ...) \
	row_((p), (flat), (const struct piece[]){__VA_ARGS__}, \
		sizeof((const struct piece[]){__VA_ARGS__}) / sizeof(struct piece))

/* ---- levels ---- */

/* By enum term_op, ORDER OP: as in parse.c. */
static const uint8_t tightness[] = {
	[OP_EQUIVALENT] = 0, [OP_ALTERNATIVE] = 1, [OP_OR] = 2, [OP_PLUS] = 3, [OP_TEXT_APPEND] = 4,
	[OP_LIST_APPEND] = 5, [OP_AND] = 6, [OP_COMBINE] = 7, [OP_PREFER] = 8, [OP_COMBINE_TYPES] = 9,
	[OP_TIMES] = 10, [OP_EQ] = 11, [OP_NE] = 12,
};

static const char *const operators[] = {
	[OP_OR] = "||", [OP_AND] = "&&", [OP_EQ] = "==", [OP_NE] = "!=", [OP_PLUS] = "+", [OP_TIMES] = "*",
	[OP_TEXT_APPEND] = "++", [OP_LIST_APPEND] = "#", [OP_COMBINE] = "/\\", [OP_PREFER] = "//",
	[OP_COMBINE_TYPES] = "//\\\\", [OP_ALTERNATIVE] = "?", [OP_EQUIVALENT] = "===",
};

static unsigned level_of(const struct term *t)
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
	emit_leaf(p);
}

/* Pieces are pushed from the last one on, as a left-deep term is taken apart; a long one is known not
 * to fit before it is all there. */
static bool too_long(struct printer *p, size_t pieces)
{
	if (!p->measuring || pieces < 4 * WIDTH)
		return false;
	p->room = -1;
	return true;
}

static bool fits(struct printer *p, const struct piece *q, long room);

static long width_of(sym name)
{
	return (long)sym_str(name).n;
}

/* \(x : A) -> b and forall (x : A) -> b */
static void binder(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	bool lambda = t->kind == TERM_LAMBDA, chain = t->u.bind.b->kind == t->kind;
	struct piece type = term(t->u.bind.a, LEVEL_EXPRESSION), name = label(t->u.bind.name, SPELL_VARIABLE);
	long room = WIDTH - (long)base - width_of(t->u.bind.name) - (lambda ? 9 : 16);

	row(p, flat, line_or(" ", base + (chain ? 0 : 2)), bound(t->u.bind.name), link(t->u.bind.b, chain), unbound());
	if (flat || fits(p, &type, room))
		row(p, true, literal(lambda ? "\\(" : "forall ("), name, literal(" : "), type, literal(") ->"));
	else
		row(p, false, literal(lambda ? "\\ ( " : "forall ( "), name, line_or("", base + 2), literal(": "), type,
				line_or("", base + 2), literal(") ->"));
}

/* A -> B */
static void arrow(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	bool chain = t->u.bind.b->kind == TERM_PI;

	row(p, flat, term(t->u.bind.a, LEVEL_OPERATOR), literal(" ->"), line_or(" ", base + (chain ? 0 : 2)),
			bound(t->u.bind.name), link(t->u.bind.b, chain), unbound());
}

/* f a b */
static void application(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	size_t n = 0;

	for (; t->kind == TERM_APP; t = t->u.two.a) {
		row(p, flat, line_or(" ", base + 2), term(t->u.two.b, LEVEL_IMPORT));
		if (too_long(p, ++n))
			return;
	}
	row(p, flat, term(t, LEVEL_APPLICATION));
}

/* a ++ b ++ c; broken, every operator begins a line. */
static void operation(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	static const char *const indents[] = {"", "  ", "    ", "     ", "      "};
	uint8_t op = t->sub;
	unsigned level = LEVEL_OPERATOR + tightness[op];
	size_t n = 0, length = strlen(operators[op]);

	for (; t->kind == TERM_OP && t->sub == op; t = t->u.two.a) {
		row(p, flat, line_or(" ", base), notes(PIECE_WORD, t->u.two.b->lo, 0), literal(operators[op]),
				alternative(" ", length == 1 ? " " : "  "), term(t->u.two.b, level + 1));
		if (too_long(p, ++n))
			return;
	}
	row(p, flat, alternative("", indents[length]), term(t, level));
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

static void condition(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	row(p, flat, term(t->u.three.a, LEVEL_EXPRESSION), line_or(" ", base), notes(PIECE_WORD, t->u.three.b->lo, 0),
			alternative("then ", "then  "), term(t->u.three.b, LEVEL_EXPRESSION), line_or(" ", base),
			notes(PIECE_WORD, t->u.three.c->lo, 0), rest(PIECE_ELSE, t->u.three.c, 0, base));
}

/* The rest of a chain stands below its beginning, not to the right of it. */
static void otherwise(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	if (t->kind != TERM_IF) {
		row(p, flat, alternative("else ", "else  "), term(t, LEVEL_EXPRESSION));
		return;
	}
	condition(p, t, flat, base);
	row(p, flat, literal("else if "));
}

/* With `apart`, the let t stands behind an `in`. */
static void lets(struct printer *p, const struct term *t, bool apart, bool flat, uint32_t base)
{
	struct piece name, value, type, begin = notes(PIECE_BEGIN, t->lo + 3, 0);

	if (t->kind != TERM_LET || apart) {
		row(p, flat, notes(PIECE_WORD, t->lo, 0), alternative("in ", "in  "), term(t, LEVEL_EXPRESSION));
		return;
	}
	lead(p, t->lo);
	lead_inside(p, t);
	row(p, flat, line_or(" ", base), bound(t->u.let.name),
			rest(PIECE_LETS, t->u.let.body, p->notes && (t->flags & TERM_FLAG_IN), base), unbound());
	if (!flat)
		row(p, false, line_or("", 0)); /* an empty line between bindings */
	name = label(t->u.let.name, SPELL_VARIABLE);
	value = term(t->u.let.value, LEVEL_EXPRESSION);
	if (!t->u.let.type) {
		value.kind = PIECE_VALUE;
		value.indent = base + 6;
		row(p, flat, literal("let "), begin, name, literal(" ="), value);
		return;
	}
	type = term(t->u.let.type, LEVEL_EXPRESSION);
	if (p->notes && p->measuring)
		p->room = -1; /* in source, the type has a line of its own */
	if (flat || (!p->notes && fits(p, &type, WIDTH - (long)base - width_of(t->u.let.name) - 10) && fits(p, &value, p->room)))
		row(p, true, literal("let "), begin, name, literal(" : "), type, literal(" = "), value);
	else
		row(p, false, literal("let "), begin, name, line_or("", base + 4), literal(": "), type, line_or("", base + 4),
				literal("= "), value);
}

/* a.b.{ c }.(T) */
static void selection(struct printer *p, const struct term *t, bool flat)
{
	for (size_t n = 0; !too_long(p, n); n++) {
		if (t->kind == TERM_FIELD) {
			row(p, flat, literal("."), label(t->u.field.name, SPELL_SELECTOR));
			t = t->u.field.a;
		} else if (t->kind == TERM_PROJECT) {
			row(p, flat, literal(".{"), rest(PIECE_NAMES, t, 0, 0), literal("}"));
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

static void names(struct printer *p, const struct term *t)
{
	for (uint32_t i = 0; i < t->n; i++) {
		emit(p, i ? S(", ") : S(" "));
		spell_label(t->u.project.names[i], SPELL_FIELD, &p->leaf);
		emit_leaf(p);
	}
	emit(p, t->n ? S(" ") : S(""));
}

/* a with b.c = d with … */
static void with(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	for (size_t n = 0; t->kind == TERM_WITH; t = t->u.with.a) {
		struct piece value = term(t->u.with.b, LEVEL_OPERATOR);

		value.kind = PIECE_VALUE;
		value.indent = base + 6;
		row(p, flat, line_or(" ", base + 2), literal("with "), rest(PIECE_PATH, t, 0, 0), literal(" ="), value);
		if (too_long(p, ++n))
			return;
	}
	row(p, flat, term(t, LEVEL_IMPORT));
}

static void path(struct printer *p, const struct term *t)
{
	for (uint32_t i = 0; i < t->n; i++) {
		if (i)
			buf_c(&p->leaf, '.');
		if (t->u.with.path[i].kind == WITH_OPTIONAL)
			buf_c(&p->leaf, '?');
		else
			spell_label(t->u.with.path[i].name, SPELL_FIELD, &p->leaf);
	}
	emit_leaf(p);
}

static void list(struct printer *p, const struct term *t, uint32_t i, bool flat, uint32_t base)
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

static void fields(struct printer *p, const struct term *t, uint32_t i, bool flat, uint32_t base)
{
	bool alternatives = t->kind == TERM_UNION;

	if (i == t->n) {
		row(p, flat, notes(PIECE_CLOSE, t->hi, base), line_or(" ", base), literal(alternatives ? ">" : "}"));
		return;
	}
	field(p, t, i, flat, base);
	if (i && !flat)
		line(p, base);
	if (i)
		emit(p, alternatives ? flat ? S(" | ") : S("| ") : S(", "));
	lead(p, t->u.fields.fields[i].lo);
	emit_leaf(p);
}

static void record(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	if (t->n == 0 && next_note(p, t->hi))
		row(p, flat, literal(t->kind == TERM_RECORD ? "{=" : t->kind == TERM_UNION ? "<" : "{"),
				rest(PIECE_FIELDS, t, 0, base));
	else if (t->n == 0)
		row(p, flat, literal(t->kind == TERM_RECORD ? "{=}" : t->kind == TERM_UNION ? "<>" : "{}"));
	if (t->n == 0)
		return;
	row(p, flat, literal(t->kind == TERM_UNION ? "< " : "{ "), rest(PIECE_FIELDS, t, 0, base));
}

static void chunks(struct printer *p, const struct term *t, uint32_t i)
{
	spell_text(i < t->n ? t->u.text.chunks[i].before : t->u.text.tail, &p->leaf);
	emit_leaf(p);
	if (i == t->n)
		row(p, true, literal("\""));
	else
		row(p, true, literal("${"), term(t->u.text.chunks[i].expr, LEVEL_EXPRESSION), literal("}"),
				rest(PIECE_CHUNKS, t, i + 1, 0));
}

/* A piece inside ''…''. */
static void emit_lines(struct printer *p, str s, uint32_t indent)
{
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		bool pair = i + 1 < s.n && ((s.p[i] == '\'' && s.p[i + 1] == '\'') || (s.p[i] == '$' && s.p[i + 1] == '{'));

		if (!pair && s.p[i] != '\n')
			continue;
		emit(p, str_of(s.p + from, i - from));
		if (pair)
			emit(p, s.p[i++] == '$' ? S("''${") : S("'''"));
		else
			line(p, i + 1 < s.n && s.p[i + 1] == '\n' ? 0 : indent);
		from = i + 1;
	}
	emit(p, str_of(s.p ? s.p + from : NULL, s.n - from));
}

static void lines(struct printer *p, const struct term *t, uint32_t i, uint32_t indent)
{
	str s = i < t->n ? t->u.text.chunks[i].before : t->u.text.tail;

	if (i == 0)
		line(p, s.n && s.p[0] == '\n' ? 0 : indent);
	emit_lines(p, s, indent);
	if (i == t->n)
		emit(p, S("''"));
	else
		row(p, true, literal("${"), term(t->u.text.chunks[i].expr, LEVEL_EXPRESSION), literal("}"),
				rest(PIECE_LINES, t, i + 1, indent));
}

static void text(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	if (p->measuring && spell_multiline(t))
		p->room = -1;
	else if (flat || !spell_multiline(t))
		row(p, true, literal("\""), rest(PIECE_CHUNKS, t, 0, 0));
	else
		row(p, true, literal("''"), rest(PIECE_LINES, t, 0, base));
}

static void import(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	const struct import *i = t->u.import;

	spell_place(i, &p->leaf);
	emit_leaf(p);
	inner_notes(p, i->headers ? i->headers->lo : t->hi, base + 2);
	if (i->mode != IMPORT_CODE)
		row(p, flat, line_or(" ", base + 2), literal(spell_mode(i)));
	if (i->has_hash)
		row(p, flat, line_or(" ", base + 2), rest(PIECE_HASH, t, 0, 0));
	if (i->headers)
		row(p, flat, line_or(" ", base + 2), literal("using "), term(i->headers, LEVEL_SELECTOR));
}

/* A number in the digits of its text. */
static bool as_written(struct printer *p, const struct term *t)
{
	str s = str_of(p->notes->text.p + t->lo, t->hi - t->lo);

	if (t->kind != TERM_NATURAL && t->kind != TERM_INTEGER && t->kind != TERM_DOUBLE)
		return false;
	while (s.n && (t->flags & TERM_FLAG_PAREN) && strchr("( \t\r\n", s.p[0]))
		s = str_from(s, 1);
	while (s.n && (t->flags & TERM_FLAG_PAREN) && strchr(") \t\r\n", s.p[s.n - 1]))
		s.n--;
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("+-.0123456789", s.p[i]) && (unsigned)((s.p[i] | 0x20) - 'a') > 25)
			return false;
	if (!s.n || str_find_str(s, S("--")) < s.n)
		return false;
	buf_str(&p->leaf, s);
	return true;
}

/* ---- the engine ---- */

static void expand(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	switch ((enum term_kind)t->kind) {
	case TERM_VAR: variable(p, t); break;
	case TERM_LAMBDA: binder(p, t, flat, base); break;
	case TERM_PI:
		if (is_underscore(t->u.bind.name))
			arrow(p, t, flat, base);
		else
			binder(p, t, flat, base);
		break;
	case TERM_APP: application(p, t, flat, base); break;
	case TERM_LET: lets(p, t, false, flat, base); break;
	case TERM_ANNOT: annotation(p, t, flat, base); break;
	case TERM_TEXT: text(p, t, flat, base); break;
	case TERM_IF:
		condition(p, t, flat, base);
		row(p, flat, alternative("if ", "if    "));
		break;
	case TERM_LIST: row(p, flat, literal("[ "), rest(PIECE_ITEMS, t, 0, base)); break;
	case TERM_EMPTY: row(p, flat, literal("[] : "), term(t->u.one.a, LEVEL_EXPRESSION)); break;
	case TERM_SOME: prefixed(p, "Some", t->u.one.a, NULL, NULL, flat, base); break;
	case TERM_MERGE: prefixed(p, "merge", t->u.three.a, t->u.three.b, t->u.three.c, flat, base); break;
	case TERM_TOMAP: prefixed(p, "toMap", t->u.two.a, NULL, t->u.two.b, flat, base); break;
	case TERM_SHOW_CONSTRUCTOR: prefixed(p, "showConstructor", t->u.one.a, NULL, NULL, flat, base); break;
	case TERM_ASSERT:
		row(p, flat, alternative("assert", "  assert"), line_or(" ", base), literal(": "),
				term(t->u.one.a, LEVEL_EXPRESSION));
		break;
	case TERM_RECORD:
	case TERM_RECORD_TYPE:
	case TERM_UNION: record(p, t, flat, base); break;
	case TERM_FIELD:
	case TERM_PROJECT:
	case TERM_PROJECT_TYPE: selection(p, t, flat); break;
	case TERM_OP: operation(p, t, flat, base); break;
	case TERM_COMPLETE:
		row(p, flat, term(t->u.two.a, LEVEL_SELECTOR), literal("::"), term(t->u.two.b, LEVEL_SELECTOR));
		break;
	case TERM_WITH: with(p, t, flat, base); break;
	case TERM_IMPORT: import(p, t, flat, base); break;
	default:
		if (!p->notes || !as_written(p, t))
			spell_leaf(t, &p->leaf);
		emit_leaf(p);
	}
}

/* What stands where imports and alternatives were. */
static const struct term *behind(const struct term *t)
{
	for (;;) {
		if (t->kind == TERM_OP && t->sub == OP_ALTERNATIVE)
			t = t->flags & TERM_FLAG_RIGHT ? t->u.two.b : t->u.two.a;
		else if (t->kind == TERM_IMPORT && t->u.import->target)
			t = t->u.import->target->term;
		else if (t->kind == TERM_IMPORT && t->u.import->replacement)
			t = t->u.import->replacement;
		else
			return t;
	}
}

static void in_parens(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	struct piece inner = term(t, LEVEL_EXPRESSION);

	inner.inside = true;
	row(p, flat, alternative("(", "( "), inner, notes(PIECE_CLOSE, t->hi, base), line_or("", base), literal(")"));
}

static void one_term(struct printer *p, struct piece q)
{
	bool parens;
	uint32_t base;

	if (p->resolved)
		q.t = behind(q.t);
	parens = level_of(q.t) < q.level;
	lead(p, q.t->lo);
	if (!parens)
		lead_inside(p, q.t);
	base = p->column;
	if (!q.flat && !q.i)
		q.flat = fits(p, &q, WIDTH - (long)p->column);
	if (!q.inside && next_note(p, UINT32_MAX) && p->notes->p[p->note].after <= q.t->hi)
		row(p, q.flat, notes(PIECE_TRAIL, q.t->hi, base));
	if (parens)
		in_parens(p, q.t, q.flat, base);
	else
		expand(p, q.t, q.flat, base);
}

static void value(struct printer *p, struct piece q)
{
	q.kind = PIECE_TERM;
	if (q.flat || fits(p, &q, WIDTH - (long)p->column - 1)) {
		q.flat = true;
		emit(p, S(" "));
	} else {
		line(p, q.indent);
	}
	vec_push(&p->todo, q);
}

static void step(struct printer *p, struct piece q)
{
	switch ((enum piece_kind)q.kind) {
	case PIECE_LITERAL: emit(p, str_c(q.text)); break;
	case PIECE_ALT: emit(p, str_c(q.flat ? q.text : q.broken)); break;
	case PIECE_TERM: one_term(p, q); break;
	case PIECE_VALUE: value(p, q); break;
	case PIECE_LINE:
		if (q.flat)
			emit(p, str_c(q.text));
		else
			line(p, q.indent);
		break;
	case PIECE_LABEL:
		spell_label(q.name, (enum spell_label)q.level, &p->leaf);
		emit_leaf(p);
		break;
	case PIECE_FIELDS: fields(p, q.t, q.i, q.flat, q.indent); break;
	case PIECE_ITEMS: list(p, q.t, q.i, q.flat, q.indent); break;
	case PIECE_CHUNKS: chunks(p, q.t, q.i); break;
	case PIECE_LINES: lines(p, q.t, q.i, q.indent); break;
	case PIECE_LETS: lets(p, q.t, q.i, q.flat, q.indent); break;
	case PIECE_ELSE: otherwise(p, q.t, q.flat, q.indent); break;
	case PIECE_PATH: path(p, q.t); break;
	case PIECE_NAMES: names(p, q.t); break;
	case PIECE_HASH:
		spell_hash(q.t->u.import, &p->leaf);
		emit_leaf(p);
		break;
	case PIECE_WORD: lead_word(p, q.i); break;
	case PIECE_BEGIN: lead_begin(p, q.i); break;
	case PIECE_TRAIL: trail(p, q.i, q.indent); break;
	case PIECE_CLOSE: close_notes(p, q.i, q.flat, q.indent); break;
	case PIECE_PUSH: scope_push(&p->scope, q.name); break;
	case PIECE_POP: scope_pop(&p->scope); break;
	}
}

/* Whether the piece takes at most `room` columns when flat; p->room is then what is left. */
static bool fits(struct printer *p, const struct piece *q, long room)
{
	size_t bottom = p->todo.n, note = p->note;
	uint32_t depth = scope_depth(&p->scope);
	struct piece flat = *q;

	if (note_breaks(p, q->t->hi))
		return false;
	p->limit = q->t->hi;
	flat.flat = true;
	p->measuring = true;
	p->room = room;
	vec_push(&p->todo, flat);
	while (p->todo.n > bottom && p->room >= 0) {
		struct piece next = vec_pop(&p->todo);

		step(p, next);
	}
	p->todo.n = bottom;
	while (scope_depth(&p->scope) > depth)
		scope_pop(&p->scope);
	p->measuring = false;
	p->note = note;
	return p->room >= 0;
}

static void print(struct printer *p, const struct term *t)
{
	row(p, false, term(t, LEVEL_EXPRESSION));
	while (p->todo.n) {
		struct piece next = vec_pop(&p->todo);

		step(p, next);
	}
	vec_free(&p->todo);
	buf_free(&p->leaf);
	scope_free(&p->scope);
}

static void print_term(const struct term *t, struct buf *out, bool resolved)
{
	struct printer p = {.out = out, .resolved = resolved};

	print(&p, t);
}

void unit_print(const struct unit *u, str text, struct buf *out)
{
	struct arena mem = {0};
	struct notes notes = notes_of(&mem, u, text);
	struct printer p = {.out = out, .notes = &notes};

	print(&p, u->term);
	while (p.note < notes.n) {
		line(&p, 0);
		if (p.note && notes.p[p.note - 1].blank)
			line(&p, 0);
		put_note(&p);
	}
	line(&p, 0);
	arena_clear(&mem);
}

void term_print(const struct term *t, struct buf *out)
{
	print_term(t, out, false);
}

void term_print_resolved(const struct term *t, struct buf *out)
{
	print_term(t, out, true);
}
