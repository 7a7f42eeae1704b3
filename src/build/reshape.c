#include "reshape.h"
#include "dhalltext.h"

#include <stdlib.h>

/* ---- the text ---- */

static void note_comment(void *ud, const struct dh_mark *m)
{
	struct reshape *r = ud;

	if (m->kind == DH_MARK_COMMENT)
		vec_push(&r->comments, m->at);
}

bool reshape_begin(struct reshape *r, str text, str name, struct arena *a, struct diags *diags)
{
	*r = (struct reshape){.a = a, .text = text};
	return dhall_marks(text, name, note_comment, r, diags);
}

void reshape_end(struct reshape *r)
{
	vec_free(&r->comments);
	vec_free(&r->edits);
}

uint32_t reshape_column(str text, uint32_t at)
{
	uint32_t lo = at, column = 0;

	while (lo > 0 && text.p[lo - 1] != '\n')
		lo--;
	for (; lo < at; lo++)
		column += ((unsigned char)text.p[lo] & 0xc0) != 0x80;
	return column;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_space(char c)
{
	return is_blank(c) || c == '\n';
}

/* The comment that starts there, or NULL. */
static const struct dh_range *comment_at(const struct reshape *r, uint32_t at)
{
	for (size_t i = 0; i < r->comments.n; i++)
		if (r->comments.p[i].lo == at)
			return &r->comments.p[i];
	return NULL;
}

/* The next byte that is neither whitespace nor in a comment. */
static uint32_t skip(const struct reshape *r, uint32_t at)
{
	for (;;) {
		const struct dh_range *c;

		while (at < r->text.n && is_space(r->text.p[at]))
			at++;
		c = comment_at(r, at);
		if (!c)
			return at;
		at = c->hi;
	}
}

/* Behind the comment that follows in the same line, if one does. */
static uint32_t behind_comment(const struct reshape *r, uint32_t at)
{
	const struct dh_range *c;
	uint32_t end = at;

	while (end < r->text.n && is_blank(r->text.p[end]))
		end++;
	c = comment_at(r, end);
	if (!c)
		return at;
	end = c->hi;
	while (end > at && is_space(r->text.p[end - 1]))
		end--;
	return end;
}

/* ---- edits ---- */

static bool is_line_comment(const struct reshape *r, const struct dh_range *c)
{
	return r->text.p[c->lo] == '-' || r->text.p[c->lo] == '#';
}

/* The comments of text[lo..hi), each where a line may go on behind it. */
static void comments_of(const struct reshape *r, uint32_t lo, uint32_t hi, uint32_t indent, struct buf *out)
{
	for (size_t i = 0; i < r->comments.n; i++) {
		struct dh_range c = r->comments.p[i];

		if (c.lo < lo || c.lo >= hi)
			continue;
		while (c.hi > c.lo && is_space(r->text.p[c.hi - 1]))
			c.hi--;
		buf_add(out, r->text.p + c.lo, c.hi - c.lo);
		if (is_line_comment(r, &c))
			buf_fmt(out, "\n%*s", (int)indent, "");
		else
			buf_c(out, ' ');
	}
}

static void edit(struct reshape *r, uint32_t lo, uint32_t hi, str with)
{
	for (size_t i = 0; i < r->edits.n; i++) {
		const struct reshape_edit *e = &r->edits.p[i];

		if (e->lo == lo && e->hi == hi && str_eq(e->with, with))
			return;
	}
	vec_push(&r->edits, ((struct reshape_edit){lo, hi, with, (uint32_t)r->edits.n}));
}

void reshape_put(struct reshape *r, uint32_t lo, uint32_t hi, str with)
{
	struct buf b = {0};

	if (str_starts(with, S("\n")))
		buf_c(&b, ' ');
	comments_of(r, lo, hi, reshape_column(r->text, lo), &b);
	while (str_starts(with, S("\n")) && b.n && is_space(b.p[b.n - 1]))
		b.n--;
	buf_str(&b, with);
	edit(r, lo, hi, buf_take(&b, r->a));
}

void reshape_cut(struct reshape *r, uint32_t lo, uint32_t hi)
{
	struct buf b = {0};
	uint32_t start = lo, end = hi, column = reshape_column(r->text, lo);
	bool whole;

	while (start > 0 && is_blank(r->text.p[start - 1]))
		start--;
	while (end < r->text.n && is_blank(r->text.p[end]))
		end++;
	whole = start > 0 && r->text.p[start - 1] == '\n' && end < r->text.n && r->text.p[end] == '\n';
	comments_of(r, lo, hi, column, &b);
	while (b.n && is_space(b.p[b.n - 1]))
		b.n--;
	if (whole && b.n) {
		edit(r, lo, end, buf_take(&b, r->a));
	} else if (whole) {
		edit(r, start - 1, end, (str){NULL, 0});
	} else {
		if (b.n && end < r->text.n && r->text.p[end] != '\n')
			buf_fmt(&b, "\n%*s", (int)column, "");
		if (start == 0 || r->text.p[start - 1] == '\n') /* what follows takes its place */
			hi = end;
		edit(r, lo, hi, buf_take(&b, r->a));
	}
}

static int by_place(const void *a, const void *b)
{
	const struct reshape_edit *x = a, *y = b;

	if (x->lo != y->lo)
		return x->lo < y->lo ? -1 : 1;
	if ((x->hi == x->lo) != (y->hi == y->lo)) /* what is put in stands before what goes */
		return x->hi == x->lo ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

bool reshape_apply(struct reshape *r, struct buf *out)
{
	uint32_t at = 0;

	if (r->edits.n)
		qsort(r->edits.p, r->edits.n, sizeof *r->edits.p, by_place);
	for (size_t i = 0; i < r->edits.n; i++) {
		const struct reshape_edit *e = &r->edits.p[i];

		if (e->lo < at)
			return false;
		buf_add(out, r->text.p + at, e->lo - at);
		buf_str(out, e->with);
		at = e->hi;
	}
	buf_str(out, str_from(r->text, at));
	return true;
}

/* ---- fields ---- */

static const struct reshape_field *wanted(const struct reshape_field *f, size_t n, sym name)
{
	for (size_t i = 0; i < n; i++)
		if (f[i].name == name)
			return &f[i];
	return NULL;
}

/* What stands behind the equals sign, which is at that column. */
static void value_text(const struct reshape_field *f, uint32_t at, uint32_t indent, struct buf *out)
{
	if (!f->type.p)
		buf_fmt(out, "%s", f->before);
	else
		dhalltext_list(f->before, f->items, f->nitems, f->type, at, indent, out);
}

/* name = value, of a field whose sign before it ("{", ",") is at that column; `in_line`: several stand in a line. */
static void field_text(const struct reshape_field *f, uint32_t column, bool in_line, struct buf *out)
{
	str name = sym_str(f->name);

	buf_fmt(out, "%.*s = ", STR_ARG(name));
	value_text(f, in_line ? 0 : column + 5 + (uint32_t)name.n, column + 2, out);
}

/* The fields of a record literal, and what becomes of it. */
struct literal {
	const struct dh_site *site;
	const struct reshape_field *changes;
	size_t nchanges;
	const struct dh_site_field **fields;
	size_t n, kept, first; /* first: the first one that is kept */
	const struct reshape_field **news;
	size_t nnews;
	uint32_t column; /* of the signs before its fields */
	bool lines;      /* its fields stand on lines of their own */
};

static bool goes(const struct literal *l, const struct dh_site_field *f)
{
	const struct reshape_field *c = wanted(l->changes, l->nchanges, f->name);

	return c && (c->kind == RESHAPE_DROP || f->hidden);
}

static void look(struct reshape *r, struct literal *l, uint32_t number)
{
	const struct dh_range *range = &l->site->records[number];

	l->fields = arena_array(r->a, const struct dh_site_field *, l->site->nfields + 1);
	for (size_t i = 0; i < l->site->nfields; i++)
		if (l->site->fields[i].record == number)
			l->fields[l->n++] = &l->site->fields[i];
	l->first = l->n;
	for (size_t i = l->n; i-- > 0;)
		if (!goes(l, l->fields[i])) {
			l->kept++;
			l->first = i;
		}
	l->column = reshape_column(r->text, range->lo);
	for (uint32_t i = range->lo; i < range->hi; i++)
		l->lines |= r->text.p[i] == '\n';
	if (l->n && l->lines) { /* Schema::{ starts its fields on lines of their own */
		uint32_t at = l->fields[l->n - 1]->whole.lo;

		while (at > range->lo && is_space(r->text.p[at - 1]))
			at--;
		if (at > range->lo && (r->text.p[at - 1] == ',' || r->text.p[at - 1] == '{'))
			l->column = reshape_column(r->text, at - 1);
	}
}

static void separator(const struct literal *l, struct buf *out)
{
	if (l->lines)
		buf_fmt(out, "\n%*s", (int)l->column, "");
	buf_lit(out, ", ");
}

/* The new fields from that one on; a comma is put before each but the first of all. */
static void news_text(const struct literal *l, bool behind, struct buf *out)
{
	for (size_t i = 0; i < l->nnews; i++) {
		if (i || behind)
			separator(l, out);
		field_text(l->news[i], l->column, !l->lines, out);
	}
}

/* The comma before a field that is not the first. */
static uint32_t comma_before(const struct reshape *r, const struct literal *l, size_t i)
{
	return skip(r, l->fields[i - 1]->whole.hi);
}

static void drop_field(struct reshape *r, const struct literal *l, size_t i)
{
	reshape_cut(r, comma_before(r, l, i), l->fields[i]->whole.hi);
}

/* Fields are put behind the last one, with the comment in its line. */
static void append_fields(struct reshape *r, struct literal *l)
{
	struct buf b = {0};
	uint32_t at;
	size_t last = l->n - 1;

	if (!l->nnews)
		return;
	while (last > 0 && goes(l, l->fields[last]))
		last--;
	at = l->lines ? behind_comment(r, l->fields[last]->whole.hi) : l->fields[last]->whole.hi;
	news_text(l, true, &b);
	edit(r, at, at, buf_take(&b, r->a));
}

/* None of its fields stays: the first one's place is taken by the new ones. */
static void refill(struct reshape *r, struct literal *l)
{
	struct buf b = {0};

	news_text(l, false, &b);
	if (!l->nnews)
		buf_c(&b, '=');
	reshape_put(r, l->fields[0]->whole.lo, l->fields[0]->whole.hi, buf_take(&b, r->a));
	for (size_t i = 1; i < l->n; i++)
		drop_field(r, l, i);
}

static bool has_comment(const struct reshape *r, uint32_t lo, uint32_t hi)
{
	for (size_t i = 0; i < r->comments.n; i++)
		if (r->comments.p[i].lo >= lo && r->comments.p[i].lo < hi)
			return true;
	return false;
}

/* `// { … }` with nothing in it goes as a whole, if nothing is said in it. */
static bool remove_literal(struct reshape *r, const struct literal *l, uint32_t number)
{
	uint32_t lo = l->site->records[number].lo, hi = l->site->records[number].hi;

	while (lo > 0 && is_space(r->text.p[lo - 1]))
		lo--;
	if (lo < 2 || memcmp(r->text.p + lo - 2, "//", 2) != 0)
		return false;
	lo -= 2;
	while (lo > 0 && is_space(r->text.p[lo - 1]))
		lo--;
	if (has_comment(r, lo, hi) || comment_at(r, hi))
		return false;
	edit(r, lo, hi, (str){NULL, 0});
	return true;
}

static void change_values(struct reshape *r, const struct literal *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct dh_site_field *f = l->fields[i];
		const struct reshape_field *c = wanted(l->changes, l->nchanges, f->name);
		struct buf b = {0};

		if (!c || goes(l, f) || c->kind != RESHAPE_SET)
			continue;
		field_text(c, l->column, !l->lines, &b);
		reshape_put(r, f->whole.lo, f->whole.hi, buf_take(&b, r->a));
	}
}

static void change_literal(struct reshape *r, struct literal *l, uint32_t number)
{
	const struct dh_range *range = &l->site->records[number];
	struct buf b = {0};

	look(r, l, number);
	if (!l->n && !l->nnews)
		return;
	if (!l->n) { /* {=} */
		buf_lit(&b, "{ ");
		news_text(l, false, &b);
		buf_lit(&b, " }");
		reshape_put(r, range->lo, range->hi, buf_take(&b, r->a));
		return;
	}
	if (!l->kept && !l->nnews && remove_literal(r, l, number))
		return;
	if (!l->kept) {
		refill(r, l);
		return;
	}
	if (l->first > 0) {
		uint32_t lo = l->fields[0]->whole.lo, hi = l->fields[l->first]->whole.lo;

		comments_of(r, lo, hi, l->column + 2, &b);
		edit(r, lo, hi, buf_take(&b, r->a));
	}
	for (size_t i = l->first + 1; i < l->n; i++)
		if (goes(l, l->fields[i]))
			drop_field(r, l, i);
	change_values(r, l);
	append_fields(r, l);
}

/* ---- with ---- */

static void change_withs(struct reshape *r, const struct dh_site *s, const struct reshape_field *c, size_t n)
{
	for (size_t i = 0; i < s->nfields; i++) {
		const struct dh_site_field *f = &s->fields[i];
		const struct reshape_field *x = wanted(c, n, f->name);
		struct buf b = {0};

		if (f->record != DH_SITE_WITH || !x)
			continue;
		if (x->kind == RESHAPE_DROP || f->hidden || f->deep) {
			reshape_cut(r, skip(r, f->whole.lo), f->whole.hi);
			continue;
		}
		value_text(x, reshape_column(r->text, f->value.lo), reshape_column(r->text, f->value.lo) + 2, &b);
		reshape_put(r, f->value.lo, f->value.hi, buf_take(&b, r->a));
	}
}

/* ---- the site ---- */

static bool is_set(const struct dh_site *s, sym name)
{
	for (size_t i = 0; i < s->nfields; i++)
		if (s->fields[i].name == name && !s->fields[i].deep && !s->fields[i].hidden)
			return true;
	return false;
}

/* No literal takes the new fields: they are put behind the expression. */
static void append(struct reshape *r, const struct dh_site *s, const struct reshape_field **news, size_t n)
{
	struct buf b = {0};
	uint32_t column = reshape_column(r->text, s->bare.lo), end = reshape_column(r->text, s->bare.hi);
	bool one_line = true;

	for (uint32_t i = s->bare.lo; i < s->bare.hi; i++)
		one_line &= r->text.p[i] != '\n';
	if (s->loose && !s->with) {
		edit(r, s->bare.lo, s->bare.lo, S("("));
		buf_c(&b, ')');
	}
	for (size_t i = 0; i < n; i++) {
		struct buf f = {0};

		if (s->with) {
			buf_fmt(&b, "\n%*swith ", (int)column, "");
			field_text(news[i], column, false, &b);
			continue;
		}
		field_text(news[i], column + 4, false, &f);
		if (i == 0 && n == 1 && one_line && end + f.n + 9 < 80 && str_find(buf_view(&f), '\n') == f.n)
			buf_lit(&b, " // { ");
		else
			buf_fmt(&b, "\n%*s%s", (int)column, "", i ? "    , " : "//  { ");
		buf_str(&b, buf_view(&f));
		buf_free(&f);
	}
	if (!s->with) {
		const char *last = b.n ? memrchr(b.p, '\n', b.n) : NULL;

		if (last && n > 1)
			buf_fmt(&b, "\n%*s}", (int)column + 4, "");
		else
			buf_lit(&b, " }");
	}
	edit(r, s->bare.hi, s->bare.hi, buf_take(&b, r->a));
}

void reshape_fields(struct reshape *r, const struct dh_site *s, const struct reshape_field *changes, size_t n)
{
	const struct reshape_field **news = arena_array(r->a, const struct reshape_field *, n + 1);
	size_t nnews = 0;

	for (size_t i = 0; i < n; i++)
		if (changes[i].kind == RESHAPE_SET && !is_set(s, changes[i].name))
			news[nnews++] = &changes[i];
	for (uint32_t i = 0; i < s->nrecords; i++) {
		struct literal l = {.site = s, .changes = changes, .nchanges = n};

		if (i + 1 == s->nrecords && !s->with) {
			l.news = news;
			l.nnews = nnews;
		}
		change_literal(r, &l, i);
	}
	change_withs(r, s, changes, n);
	if (nnews && (!s->nrecords || s->with))
		append(r, s, news, nnews);
}

/* ---- comments ---- */

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

static const str *sorted(struct arena *a, const struct reshape *r)
{
	str *out = arena_array(a, str, r->comments.n + 1);

	for (size_t i = 0; i < r->comments.n; i++)
		out[i] = str_trim(str_of(r->text.p + r->comments.p[i].lo, r->comments.p[i].hi - r->comments.p[i].lo));
	if (r->comments.n)
		qsort(out, r->comments.n, sizeof *out, by_text);
	return out;
}

bool reshape_keeps_comments(const struct reshape *r, str after, str name)
{
	struct arena a = {0};
	struct diags unheard = {0};
	struct reshape now;
	const str *old, *new;
	bool same = reshape_begin(&now, after, name, &a, &unheard) && now.comments.n == r->comments.n;

	old = sorted(&a, r);
	new = sorted(&a, &now);
	for (size_t i = 0; i < r->comments.n && same; i++)
		same = str_eq(old[i], new[i]);
	reshape_end(&now);
	diags_free(&unheard);
	arena_clear(&a);
	return same;
}
