#include "notes.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static unsigned lines_between(str text, uint32_t lo, uint32_t hi)
{
	unsigned n = 0;

	for (; lo < hi; lo++)
		n += text.p[lo] == '\n';
	return n;
}

/* Backwards from `at` over whitespace and the notes before the i-th. */
static uint32_t skip_back(const struct notes *s, size_t i, uint32_t at)
{
	for (;;) {
		while (at && is_space(s->text.p[at - 1]))
			at--;
		while (i && s->p[i - 1].lo >= at)
			i--;
		if (!i || s->p[i - 1].hi != at)
			return at;
		at = s->p[--i].lo;
	}
}

static bool first_of_line(str text, uint32_t at)
{
	while (at && (text.p[at - 1] == ' ' || text.p[at - 1] == '\t'))
		at--;
	return at == 0 || text.p[at - 1] == '\n';
}

static uint32_t parens_before(const struct notes *s, size_t i, uint32_t at)
{
	uint32_t outer = UINT32_MAX;

	while (at && s->text.p[at - 1] == '(') {
		outer = at - 1;
		at = skip_back(s, i, outer);
	}
	return outer;
}

/* What is in front: fills `after` and `outer`; true when the token is on the same line. */
static bool look_back(struct notes *s, size_t i, bool previous_same)
{
	struct note *n = &s->p[i];
	uint32_t at = n->lo;

	while (at && is_space(s->text.p[at - 1]))
		at--;
	if (i && s->p[i - 1].hi == at) {
		n->after = s->p[i - 1].after;
		n->outer = s->p[i - 1].outer;
		return previous_same && !lines_between(s->text, s->p[i - 1].lo, n->lo);
	}
	n->after = at;
	n->outer = parens_before(s, i, at);
	return at && !lines_between(s->text, at, n->lo);
}

/* What is behind: fills next, ends, blank; true when the token is on the line where the note ends. */
static bool look_ahead(struct notes *s, size_t i, bool next_same)
{
	struct note *n = &s->p[i];
	uint32_t at = n->hi;
	unsigned lines;

	while (at < s->text.n && is_space(s->text.p[at]))
		at++;
	lines = lines_between(s->text, n->hi, at);
	n->ends = lines > 0 || at == s->text.n || s->text.p[n->lo] == '-';
	n->blank = lines > 1 && at < s->text.n;
	if (i + 1 < s->n && s->p[i + 1].lo == at) {
		n->next = s->p[i + 1].next;
		return !n->ends && next_same;
	}
	n->next = at;
	return !n->ends;
}

static bool closes(char c)
{
	return c == ',' || c == ')' || c == ']' || c == '}' || c == '>' || c == '|';
}

static void place(struct notes *s, size_t i, bool same_before, bool same_behind)
{
	struct note *n = &s->p[i];
	char before = n->after ? s->text.p[n->after - 1] : ' ';

	if (!n->after && (i + 1 == s->n || s->p[i + 1].after)) { /* the last one in front of everything */
		n->ends = true;
		n->blank = false;
	}
	n->breaks = !same_behind || lines_between(s->text, n->lo, n->hi);
	n->behind = same_before && (!same_behind || closes(s->text.p[n->next]));
	if (n->behind && (before == ',' || before == '|') && !same_behind && !first_of_line(s->text, n->after - 1))
		n->after = skip_back(s, i, n->after - 1);
}

struct notes notes_of(struct arena *mem, const struct unit *u, str text)
{
	struct notes s = {.text = text, .n = u->ncomments};
	bool *same = arena_array(mem, bool, 2 * s.n + 1);

	s.p = arena_array(mem, struct note, s.n);
	for (size_t i = 0; i < s.n; i++)
		s.p[i] = (struct note){.lo = u->comments[i].lo, .hi = u->comments[i].hi};
	for (size_t i = 0; i < s.n; i++)
		same[i] = look_back(&s, i, i > 0 && same[i - 1]);
	for (size_t i = s.n; i-- > 0;)
		same[s.n + i] = look_ahead(&s, i, i + 1 < s.n && same[s.n + i + 1]);
	for (size_t i = 0; i < s.n; i++)
		place(&s, i, same[i], same[s.n + i]);
	for (size_t i = s.n; i-- > 0;)
		s.p[i].broken = s.p[i].breaks ? (uint32_t)i : i + 1 < s.n ? s.p[i + 1].broken : (uint32_t)s.n;
	return s;
}

/* ---- spelling ---- */

static str trim_end(str s)
{
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

static size_t indent_of(str line)
{
	size_t n = 0;

	while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
		n++;
	return n;
}

/* How many blanks all lines of the rest but the empty ones begin with. */
static size_t shared_indent(str rest)
{
	str shared = {NULL, 0}, line;
	bool more = true, any = false;

	while (more) {
		size_t n, i = 0;

		more = str_cut(rest, '\n', &line, &rest);
		line = trim_end(line);
		n = indent_of(line);
		if (!line.n)
			continue;
		if (!any)
			shared = str_upto(line, n);
		while (i < n && i < shared.n && line.p[i] == shared.p[i])
			i++;
		shared.n = i;
		any = true;
	}
	return shared.n;
}

void notes_spell(const struct notes *s, size_t i, uint32_t column, struct buf *out)
{
	const struct note *n = &s->p[i];
	str text = str_of(s->text.p + n->lo, n->hi - n->lo), line, rest;
	bool more = str_cut(text, '\n', &line, &rest);
	size_t shared = more && n->after ? shared_indent(rest) : 0;

	buf_str(out, trim_end(line));
	while (more) {
		more = str_cut(rest, '\n', &line, &rest);
		line = trim_end(line);
		buf_c(out, '\n');
		for (uint32_t k = 0; line.n && n->after && k < column; k++)
			buf_c(out, ' ');
		buf_str(out, str_from(line, line.n ? shared : 0));
	}
}
