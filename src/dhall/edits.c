#include "edits.h"

#include <stdlib.h>

void edit_add(struct edits *e, uint32_t lo, uint32_t hi, str with)
{
	vec_push(&e->list, ((struct edit){lo, hi, (uint32_t)e->list.n, with}));
}

static int compare(const void *a, const void *b)
{
	const struct edit *x = a, *y = b;

	if (x->lo != y->lo)
		return x->lo < y->lo ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

void edits_apply(struct edits *e, struct buf *out)
{
	uint32_t at = 0;

	if (e->list.n)
		qsort(e->list.p, e->list.n, sizeof *e->list.p, compare);
	for (size_t i = 0; i < e->list.n; i++) {
		const struct edit *x = &e->list.p[i];

		if (x->lo > at)
			buf_add(out, e->text.p + at, x->lo - at);
		buf_str(out, x->with);
		if (x->hi > at)
			at = x->hi;
	}
	buf_str(out, str_from(e->text, at));
	vec_free(&e->list);
}

/* ---- places ---- */

/* The end of the comment that starts there; 0: none does. */
static uint32_t comment_end(const struct unit *u, uint32_t at)
{
	size_t lo = 0, hi = u->ncomments;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (u->comments[mid].lo < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < u->ncomments && u->comments[lo].lo == at ? u->comments[lo].hi : 0;
}

uint32_t edit_skip(const struct edits *e, uint32_t at)
{
	uint32_t end;

	for (;;) {
		while (at < e->text.n && char_in(e->text.p[at], " \t\r\n"))
			at++;
		end = comment_end(e->unit, at);
		if (!end)
			return at;
		at = end;
	}
}

uint32_t edit_start(const struct edits *e, const struct term *t)
{
	uint32_t at = t->lo;

	while (t->flags & TERM_FLAG_PAREN && at < t->hi && e->text.p[at] == '(')
		at = edit_skip(e, at + 1);
	return at;
}

uint32_t edit_place_end(const struct edits *e, const struct import *im, uint32_t at)
{
	bool quoted = false;

	for (; at < e->text.n; at++) {
		char c = e->text.p[at];

		if (c == '"')
			quoted = !quoted;
		if (c == '\\' && quoted)
			at++;
		else if (!quoted && (char_in(c, " \t\r\n()[]{}<>,#") || (c == '?' && im->kind != IMPORT_REMOTE)))
			break;
	}
	return at;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Is the line before the one that starts there empty, or is there none? */
static bool behind_empty_line(str s, uint32_t at)
{
	while (at && is_blank(s.p[at - 1]))
		at--;
	if (!at)
		return true;
	for (at--; at && is_blank(s.p[at - 1]);)
		at--;
	return at == 0 || s.p[at - 1] == '\n';
}

void edit_cut(struct edits *e, uint32_t lo, uint32_t hi)
{
	str s = e->text;
	uint32_t start = lo, end;
	bool whole;

	while (start && is_blank(s.p[start - 1]))
		start--;
	while (hi < s.n && is_blank(s.p[hi]))
		hi++;
	if (hi < s.n && s.p[hi] == '\n') {
		lo = start;
		whole = start == 0 || s.p[start - 1] == '\n';
		hi += whole;
		whole = whole && behind_empty_line(s, start);
		for (end = hi; whole && end < s.n && (is_blank(s.p[end]) || s.p[end] == '\n'); end++)
			if (s.p[end] == '\n')
				hi = end + 1;
	}
	edit_add(e, lo, hi, (str){NULL, 0});
}
