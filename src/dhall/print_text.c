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

/* ---- in lines ----
 * What would be read as something else there stands in interpolations: the space that all lines begin with, a quote
 * in front of ${ or of the end, control characters.  Only in source: what is printed of a term has the same encoding,
 * so there such a text is written in one line. */

static uint32_t blanks(str s)
{
	uint32_t n = 0;

	while (n < s.n && (s.p[n] == ' ' || s.p[n] == '\t'))
		n++;
	return n;
}

/* What all lines of the text begin with, but for the empty ones that others follow. */
static str shared_blanks(const struct term *t)
{
	str shared = {NULL, 0};
	bool any = false;

	for (uint32_t i = 0; i <= t->n; i++) {
		str s = i < t->n ? t->u.text.chunks[i].before : t->u.text.tail;
		bool start = i == 0; /* of a line */

		for (size_t at = 0; at <= s.n; at++) {
			str line = str_from(s, at);
			uint32_t n = start ? blanks(line) : 0;

			if (start && !(at < s.n && s.p[at] == '\n')) {
				while (any && n && (n > shared.n || memcmp(shared.p, line.p, n) != 0))
					n--;
				shared = str_upto(line, n);
				any = true;
			}
			start = at < s.n && s.p[at] == '\n';
		}
	}
	return shared;
}

static void interpolated(struct printer *p, str s)
{
	buf_lit(&p->leaf, "${\"");
	spell_text(s, &p->leaf);
	buf_lit(&p->leaf, "\"}");
}

/* How many bytes at the start of s are written in a way of their own, here. */
static size_t escape(struct printer *p, str s, bool last)
{
	size_t n = 0;

	while (n < s.n && (unsigned char)s.p[n] < ' ' && s.p[n] != '\n' && s.p[n] != '\t')
		n++;
	if (!n && (str_starts(s, S("'${")) || (last && s.n == 1 && s.p[0] == '\'')))
		n = 1;
	if (n) {
		interpolated(p, str_upto(s, n));
		return n;
	}
	if (str_starts(s, S("''")) && !str_starts(str_from(s, 1), S("'${")) && !(last && s.n == 2)) {
		buf_lit(&p->leaf, "'''");
		return 2;
	}
	if (str_starts(s, S("${"))) {
		buf_lit(&p->leaf, "''${");
		return 2;
	}
	return 0;
}

static void piece_of_lines(struct printer *p, str s, bool start, bool last, str shared, uint32_t indent)
{
	for (size_t at = 0; at < s.n;) {
		size_t n;

		if (start && shared.n && str_starts(str_from(s, at), shared)) {
			interpolated(p, shared);
			at += shared.n;
			start = false;
			continue;
		}
		n = escape(p, str_from(s, at), last);
		start = !n && s.p[at] == '\n';
		if (start) {
			print_leaf(p);
			print_line(p, at + 1 < s.n && s.p[at + 1] == '\n' ? 0 : indent);
		} else if (!n) {
			buf_c(&p->leaf, s.p[at]);
		}
		at += n ? n : 1;
	}
	print_leaf(p);
}

void print_lines(struct printer *p, const struct term *t, uint32_t i, uint32_t indent)
{
	str s = i < t->n ? t->u.text.chunks[i].before : t->u.text.tail;

	if (i == 0) {
		print_line(p, s.n && s.p[0] == '\n' ? 0 : indent);
		p->shared = shared_blanks(t);
	}
	piece_of_lines(p, s, i == 0, i == t->n, p->shared, indent);
	if (i == t->n)
		print_emit(p, S("''"));
	else
		row(p, true, literal("${"), term(t->u.text.chunks[i].expr, LEVEL_EXPRESSION), literal("}"),
				rest(PIECE_LINES, t, i + 1, indent));
}

static bool in_lines(const struct printer *p, const struct term *t)
{
	return spell_multiline(t) && (p->notes || spell_plain_lines(t));
}

void print_text(struct printer *p, const struct term *t, bool flat, uint32_t base)
{
	bool lines = in_lines(p, t);

	if (p->measuring && lines)
		p->room = -1;
	else if (flat || !lines)
		row(p, true, literal("\""), rest(PIECE_CHUNKS, t, 0, 0));
	else
		row(p, true, literal("''"), rest(PIECE_LINES, t, 0, base));
}
