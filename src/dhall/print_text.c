#include "print.h"

void print_chunks(struct printer *p, const struct term *t, uint32_t i)
{
	spell_text(i < t->n ? t->u.text.chunks[i].before : t->u.text.tail, &p->leaf);
	print_leaf(p);
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
		print_emit(p, str_of(s.p + from, i - from));
		if (pair)
			print_emit(p, s.p[i++] == '$' ? S("''${") : S("'''"));
		else
			print_line(p, i + 1 < s.n && s.p[i + 1] == '\n' ? 0 : indent);
		from = i + 1;
	}
	print_emit(p, str_of(s.p ? s.p + from : NULL, s.n - from));
}

void print_lines(struct printer *p, const struct term *t, uint32_t i, uint32_t indent)
{
	str s = i < t->n ? t->u.text.chunks[i].before : t->u.text.tail;

	if (i == 0)
		print_line(p, s.n && s.p[0] == '\n' ? 0 : indent);
	emit_lines(p, s, indent);
	if (i == t->n)
		print_emit(p, S("''"));
	else
		row(p, true, literal("${"), term(t->u.text.chunks[i].expr, LEVEL_EXPRESSION), literal("}"),
				rest(PIECE_LINES, t, i + 1, indent));
}

void print_text(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	if (p->measuring && spell_multiline(t))
		p->room = -1;
	else if (flat || !spell_multiline(t))
		row(p, true, literal("\""), rest(PIECE_CHUNKS, t, 0, 0));
	else
		row(p, true, literal("''"), rest(PIECE_LINES, t, 0, base));
}
