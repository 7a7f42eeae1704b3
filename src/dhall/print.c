#include "print.h"

#define INDENT_MAX 240 /* deeper nesting is not shifted further: output stays linear in the term */

/* ---- output ---- */

void print_line(struct printer *p, uint32_t indent)
{
	uint32_t spaces = indent < INDENT_MAX ? indent : INDENT_MAX;

	buf_c(p->out, '\n');
	for (uint32_t i = 0; i < spaces; i++)
		buf_c(p->out, ' ');
	p->column = spaces;
	p->owed = false;
}

void print_emit(struct printer *p, str s)
{
	uint32_t width = 0;

	if (p->owed && s.n && !p->measuring)
		print_line(p, p->owed_indent);

	for (size_t i = 0; i < s.n; i++)
		width += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	if (p->measuring) {
		p->room -= width;
		return;
	}
	buf_str(p->out, s);
	p->column += width;
}

void print_leaf(struct printer *p)
{
	print_emit(p, buf_view(&p->leaf));
	p->leaf.n = 0;
}

bool print_too_long(struct printer *p, size_t pieces)
{
	if (!p->measuring || pieces < 4 * WIDTH)
		return false;
	p->room = -1;
	return true;
}

/* ---- the engine ---- */

void print_row_(struct printer *p, bool flat, const struct piece *pieces, size_t n)
{
	while (n-- > 0) {
		struct piece q = pieces[n];

		q.flat = flat;
		vec_push(&p->todo, q);
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
	struct piece in = inner(t, base);

	in.inside = true;
	row(p, flat, alternative("(", "( "), in, notes(PIECE_CLOSE, t->hi, base), line_or("", base), literal(")"));
}

static void one_term(struct printer *p, struct piece q)
{
	bool parens;
	uint32_t base;

	if (p->resolved)
		q.t = behind(q.t);
	parens = print_level(q.t) < q.level;
	print_lead(p, q.t->lo);
	if (!parens)
		print_lead_inside(p, q.t);
	base = p->column;
	if (!q.flat && !q.i && (q.t->kind != TERM_WITH || parens))
		q.flat = print_fits(p, &q, WIDTH - (long)p->column);
	if (!q.inside && print_next_note(p, UINT32_MAX) && p->notes->p[p->note].after <= q.t->hi)
		row(p, q.flat, notes(PIECE_TRAIL, q.t->hi, base));
	if (parens)
		in_parens(p, q.t, q.flat, base);
	else
		print_expression(p, q, base);
}

static void value(struct printer *p, struct piece q)
{
	q.kind = PIECE_TERM;
	if (q.flat || (!q.inside && print_fits(p, &q, WIDTH - (long)p->column - 1))) {
		q.flat = true;
		print_emit(p, S(" "));
	} else {
		print_line(p, q.indent);
		q.indent -= 2;
	}
	q.inside = false;
	vec_push(&p->todo, q);
}

static void step(struct printer *p, struct piece q)
{
	switch ((enum piece_kind)q.kind) {
	case PIECE_LITERAL: print_emit(p, str_c(q.text)); break;
	case PIECE_ALT: print_emit(p, str_c(q.flat ? q.text : q.broken)); break;
	case PIECE_TERM: one_term(p, q); break;
	case PIECE_VALUE: value(p, q); break;
	case PIECE_LINE:
		if (q.flat)
			print_emit(p, str_c(q.text));
		else
			print_line(p, q.indent);
		break;
	case PIECE_LABEL:
		spell_label(q.name, (enum spell_label)q.level, &p->leaf);
		print_leaf(p);
		break;
	case PIECE_FIELDS: print_fields(p, q); break;
	case PIECE_HANG: print_hang(p, q); break;
	case PIECE_ITEMS: print_items(p, q.t, q.i, q.flat, q.indent); break;
	case PIECE_CHUNKS: print_chunks(p, q.t, q.i); break;
	case PIECE_LINES: print_lines(p, q.t, q.i, q.indent); break;
	case PIECE_LETS: print_lets(p, q.t, q.i, q.flat, q.indent); break;
	case PIECE_ELSE: print_else(p, q.t, q.flat, q.indent); break;
	case PIECE_PATH: print_path(p, q.t); break;
	case PIECE_NAMES: print_names(p, q.t); break;
	case PIECE_HASH:
		spell_hash(q.t->u.import, &p->leaf);
		print_leaf(p);
		break;
	case PIECE_WORD: print_lead_word(p, q.i); break;
	case PIECE_BEGIN: print_lead_begin(p, q.i); break;
	case PIECE_TRAIL: print_trail(p, q.i, q.indent); break;
	case PIECE_CLOSE: print_close_notes(p, q.i, q.flat, q.indent); break;
	case PIECE_PUSH: scope_push(&p->scope, q.name); break;
	case PIECE_POP: scope_pop(&p->scope); break;
	}
}

/* How many columns what follows on the line takes at least. */
static long trailing(const struct printer *p, long room)
{
	long width = 0;

	for (size_t i = p->todo.n; i-- > 0 && width <= room;) {
		const struct piece *q = &p->todo.p[i];

		if (q->kind == PIECE_LITERAL)
			width += (long)utf8_count(str_c(q->text));
		else if (q->kind == PIECE_LABEL)
			width += (long)utf8_count(sym_str(q->name));
		else if (q->kind != PIECE_PUSH && q->kind != PIECE_POP && q->kind < PIECE_WORD)
			break;
	}
	return width;
}

bool print_fits(struct printer *p, const struct piece *q, long room)
{
	size_t bottom = p->todo.n, note = p->note;
	uint32_t depth = scope_depth(&p->scope);
	struct piece flat = *q;

	if (print_note_breaks(p, q->t->hi))
		return false;
	p->limit = q->t->hi;
	flat.flat = true;
	p->measuring = true;
	p->room = room - trailing(p, room);
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
	struct piece whole = inner(t, 0);

	row(p, print_fits(p, &whole, WIDTH), whole);
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
	struct printer p = {.out = out, .notes = &notes, .unicode = u->unicode};

	print(&p, u->term);
	print_last_notes(&p);
	print_line(&p, 0);
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
