#include "print.h"

const struct note *print_next_note(const struct printer *p, uint32_t limit)
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
		print_line(p, column = p->owed_indent);
	put_note(p);
	if (!n->ends || p->measuring) {
		print_emit(p, S(" "));
		return;
	}
	if (n->blank)
		print_line(p, 0);
	print_line(p, column);
}

void print_lead(struct printer *p, uint32_t start)
{
	uint32_t column = p->column;
	const struct note *n;

	while ((n = print_next_note(p, start)) && n->next <= start)
		lead_one(p, column);
}

void print_lead_inside(struct printer *p, const struct term *t)
{
	uint32_t column = p->column;
	const struct note *n;

	if (!(t->flags & TERM_FLAG_PAREN))
		return;
	while ((n = print_next_note(p, t->hi)) && n->outer <= t->lo && t->lo < n->lo)
		lead_one(p, column);
}

void print_lead_word(struct printer *p, uint32_t start)
{
	uint32_t column = p->column;
	const struct note *n;

	while ((n = print_next_note(p, start)) && n->next < start)
		lead_one(p, column);
}

void print_lead_begin(struct printer *p, uint32_t end)
{
	uint32_t column = p->column;
	const struct note *n;

	while ((n = print_next_note(p, UINT32_MAX)) && n->after <= end)
		lead_one(p, column);
}

void print_trail(struct printer *p, uint32_t end, uint32_t indent)
{
	const struct note *n;

	while (!p->owed && (n = print_next_note(p, UINT32_MAX)) && (n->lo < end || (n->behind && n->after <= end))) {
		print_emit(p, S(" "));
		put_note(p);
		p->owed = n->ends && !p->measuring;
		p->owed_indent = indent;
	}
}

void print_inner_notes(struct printer *p, uint32_t end, uint32_t indent)
{
	const struct note *n;

	while ((n = print_next_note(p, end))) {
		if (p->owed)
			print_line(p, indent);
		else
			print_emit(p, S(" "));
		put_note(p);
		p->owed = n->ends && !p->measuring;
		p->owed_indent = indent;
	}
}

void print_close_notes(struct printer *p, uint32_t end, bool flat, uint32_t indent)
{
	const struct note *n;
	bool fresh = !flat && !p->measuring;

	while ((n = print_next_note(p, end))) {
		if (fresh)
			print_line(p, indent + 2);
		else
			print_emit(p, S(" "));
		put_note(p);
		fresh = p->owed = n->ends && !p->measuring;
		p->owed_indent = indent;
		if (fresh && n->blank && print_next_note(p, end))
			print_line(p, 0);
	}
}

bool print_note_breaks(const struct printer *p, uint32_t end)
{
	const struct note *n = print_next_note(p, end);

	return n && n->broken < p->notes->n && p->notes->p[n->broken].lo < end;
}

void print_last_notes(struct printer *p)
{
	while (p->note < p->notes->n) {
		print_line(p, 0);
		if (p->note && p->notes->p[p->note - 1].blank)
			print_line(p, 0);
		put_note(p);
	}
}
