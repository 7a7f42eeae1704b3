#include "depfile.h"

struct scan {
	str in;
	size_t at;
	struct buf word;
	bool colon; /* the word ended a list of targets */
};

static char at(const struct scan *s, size_t i)
{
	return i < s->in.n ? s->in.p[i] : '\n';
}

static bool is_newline(const struct scan *s, size_t i)
{
	return at(s, i) == '\n' || (at(s, i) == '\r' && at(s, i + 1) == '\n');
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Blanks and continued lines.  true when a line ended. */
static bool skip_blanks(struct scan *s)
{
	bool ended = false;

	while (s->at < s->in.n) {
		if (at(s, s->at) == '\\' && is_newline(s, s->at + 1)) {
			s->at += at(s, s->at + 1) == '\r' ? 3 : 2;
		} else if (is_blank(at(s, s->at))) {
			ended = ended || at(s, s->at) == '\n';
			s->at++;
		} else {
			break;
		}
	}
	return ended;
}

/* A colon ends a target when a blank, a newline or the end follows it: paths may hold colons. */
static bool ends_target(const struct scan *s)
{
	return at(s, s->at) == ':' && (is_blank(at(s, s->at + 1)) || at(s, s->at + 1) == '\\');
}

/* Backslashes are themselves, unless they stand before a blank or a hash (or a colon inside a name):
 * then two mean one, and an odd one makes what follows a part of the name.  false: the word is over. */
static bool scan_backslashes(struct scan *s)
{
	size_t n = 0;
	char next;

	while (at(s, s->at + n) == '\\')
		n++;
	next = at(s, s->at + n);
	if (n % 2 && is_newline(s, s->at + n)) {
		buf_add(&s->word, s->in.p + s->at, n - 1);
		s->at += n - 1;
		return false;
	}
	if (next == ' ' || next == '\t' || next == '#' || (next == ':' && !is_blank(at(s, s->at + n + 1)))) {
		buf_add(&s->word, s->in.p + s->at, n / 2);
		s->at += n;
		if (n % 2) {
			buf_c(&s->word, next);
			s->at++;
		}
		return true;
	}
	buf_add(&s->word, s->in.p + s->at, n);
	s->at += n;
	return true;
}

static void scan_word(struct scan *s)
{
	s->word.n = 0;
	s->colon = false;
	while (s->at < s->in.n && !is_blank(at(s, s->at))) {
		if (at(s, s->at) == '\\') {
			if (!scan_backslashes(s))
				return;
			continue;
		}
		if (ends_target(s)) {
			s->colon = true;
			s->at++;
			return;
		}
		if (at(s, s->at) == '$' && at(s, s->at + 1) == '$')
			s->at++;
		buf_c(&s->word, at(s, s->at++));
	}
}

/* rustc says in comments which variables it read; a hash elsewhere is one of a name. */
static bool skip_comment(struct scan *s)
{
	if (at(s, s->at) != '#')
		return false;
	while (s->at < s->in.n && at(s, s->at) != '\n')
		s->at++;
	return true;
}

bool depfile_parse(str text, struct arena *arena, const str **paths, size_t *n)
{
	struct scan s = {.in = text};
	VEC(str) out = {0};
	bool in_targets = true, begun = false, ok = true; /* begun: a target that waits for its colon */
	size_t rules = 0;
	str *p;

	for (;;) {
		if (skip_blanks(&s)) {
			ok = ok && !begun;
			in_targets = true;
		}
		if (s.at >= s.in.n)
			break;
		if (in_targets && !begun && skip_comment(&s))
			continue;
		scan_word(&s);
		if (s.colon) {
			ok = ok && in_targets && (begun || s.word.n);
			in_targets = begun = false;
			rules++;
		} else if (in_targets) {
			begun = true;
		} else {
			vec_push(&out, str_dup(arena, buf_view(&s.word)));
		}
	}
	p = arena_array(arena, str, out.n);
	if (out.n)
		memcpy(p, out.p, out.n * sizeof *p);
	*paths = p;
	*n = out.n;
	vec_free(&out);
	buf_free(&s.word);
	return ok && !begun && rules;
}
