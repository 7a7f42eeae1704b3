#include "depfile.h"

struct scan {
	str in;
	size_t at;
	struct buf word;
	bool colon; /* the word ended a list of targets */
};

static bool is_newline(const struct scan *s, size_t at)
{
	return at < s->in.n && (s->in.p[at] == '\n' || (s->in.p[at] == '\r' && at + 1 < s->in.n && s->in.p[at + 1] == '\n'));
}

/* Blanks and continued lines.  true when a line ended. */
static bool skip_blanks(struct scan *s)
{
	bool ended = false;

	while (s->at < s->in.n) {
		char c = s->in.p[s->at];

		if (c == '\\' && is_newline(s, s->at + 1)) {
			s->at += s->in.p[s->at + 1] == '\r' ? 3 : 2;
		} else if (c == ' ' || c == '\t' || c == '\r') {
			s->at++;
		} else if (c == '\n') {
			ended = true;
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
	char next = s->at + 1 < s->in.n ? s->in.p[s->at + 1] : '\n';

	return s->in.p[s->at] == ':' && (next == ' ' || next == '\t' || next == '\n' || next == '\r' || next == '\\');
}

static void scan_word(struct scan *s)
{
	s->word.n = 0;
	s->colon = false;
	while (s->at < s->in.n) {
		char c = s->in.p[s->at];
		char next = s->at + 1 < s->in.n ? s->in.p[s->at + 1] : '\0';

		if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || (c == '\\' && is_newline(s, s->at + 1)))
			return;
		if (ends_target(s)) {
			s->colon = true;
			s->at++;
			return;
		}
		if ((c == '\\' && (next == ' ' || next == '#' || next == '\\')) || (c == '$' && next == '$')) {
			buf_c(&s->word, next);
			s->at += 2;
			continue;
		}
		buf_c(&s->word, c);
		s->at++;
	}
}

bool depfile_parse(str text, struct arena *arena, const str **paths, size_t *n)
{
	struct scan s = {.in = text};
	VEC(str) out = {0};
	bool in_targets = true, ok = true;
	str *p;

	for (;;) {
		if (skip_blanks(&s))
			in_targets = true;
		if (s.at >= s.in.n)
			break;
		scan_word(&s);
		if (s.colon) {
			ok = ok && in_targets;
			in_targets = false;
		} else if (!in_targets) {
			vec_push(&out, str_dup(arena, buf_view(&s.word)));
		} else if (s.at >= s.in.n || s.in.p[s.at] == '\n') {
			ok = false; /* a line without a colon */
		}
	}
	p = arena_array(arena, str, out.n);
	if (out.n)
		memcpy(p, out.p, out.n * sizeof *p);
	*paths = p;
	*n = out.n;
	vec_free(&out);
	buf_free(&s.word);
	return ok;
}
