/* One word of shell: quotes, variables, and what stands for itself. */
#include "shellwords_int.h"

bool reader_fail(struct reader *r, size_t at, const char *why)
{
	*r->bad = (struct shell_bad){at, why};
	return false;
}

char reader_peek(const struct reader *r, size_t ahead)
{
	return r->at + ahead < r->text.n ? r->text.p[r->at + ahead] : '\0';
}

bool reader_ends(const struct reader *r)
{
	return r->at >= r->text.n;
}

bool reader_starts_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool reader_is_in_name(char c)
{
	return reader_starts_name(c) || (c >= '0' && c <= '9');
}

/* What ends a word when it is not quoted. */
bool reader_is_break(char c)
{
	return c == '\0' || char_in(c, " \t\n;&|<>()");
}

void reader_add_text(piece_list *out, enum shell_piece_kind kind, bool quoted, str text)
{
	vec_push(out, ((struct shell_piece){kind, quoted, text}));
}

/* At '$': name, or ${name}. */
bool reader_variable(struct reader *r, piece_list *out, bool quoted)
{
	size_t from = r->at++, lo;
	bool braces = reader_peek(r, 0) == '{';

	r->at += braces;
	lo = r->at;
	while (reader_is_in_name(reader_peek(r, 0)) && (r->at > lo || reader_starts_name(reader_peek(r, 0))))
		r->at++;
	if (r->at == lo) {
		if (!braces && reader_peek(r, 0) != '(' && (!reader_peek(r, 0) || (quoted ? char_in(reader_peek(r, 0), "\" \t\n/|,") : reader_is_break(reader_peek(r, 0))))) {
			reader_add_text(out, SHELL_TEXT, quoted, S("$"));
			return true;
		}
		return reader_fail(r, from, reader_peek(r, 0) == '(' ? "a command substitution" : "a special parameter");
	}
	if (braces && reader_peek(r, 0) != '}')
		return reader_fail(r, from, "an expansion with an operator");
	reader_add_text(out, SHELL_VARIABLE, quoted, str_of(r->text.p + lo, r->at - lo));
	r->at += braces;
	return true;
}

static bool read_double(struct reader *r, piece_list *out)
{
	size_t from = r->at++, lo = r->at;

	reader_add_text(out, SHELL_TEXT, true, S(""));
	for (;; lo = r->at) {
		while (!reader_ends(r) && !char_in(reader_peek(r, 0), "\"\\$`"))
			r->at++;
		reader_add_text(out, SHELL_TEXT, true, str_of(r->text.p + lo, r->at - lo));
		if (reader_ends(r))
			return reader_fail(r, from, "a quotation that does not end");
		if (reader_peek(r, 0) == '"') {
			r->at++;
			return true;
		}
		if (reader_peek(r, 0) == '`')
			return reader_fail(r, r->at, "a command substitution");
		if (reader_peek(r, 0) == '$') {
			if (!reader_variable(r, out, true))
				return false;
			continue;
		}
		r->at++;
		if (reader_peek(r, 0) == '\n')
			r->at++;
		else if (char_in(reader_peek(r, 0), "\"\\$`"))
			reader_add_text(out, SHELL_TEXT, true, str_of(r->text.p + r->at++, 1));
		else
			reader_add_text(out, SHELL_TEXT, true, S("\\"));
	}
}

static bool read_single(struct reader *r, piece_list *out)
{
	size_t from = r->at++, n = str_find(str_from(r->text, r->at), '\'');

	if (r->at + n >= r->text.n)
		return reader_fail(r, from, "a quotation that does not end");
	reader_add_text(out, SHELL_TEXT, true, str_of(r->text.p + r->at, n));
	r->at += n + 1;
	return true;
}

static bool read_bare(struct reader *r, piece_list *out)
{
	size_t lo = r->at;
	bool glob = false;

	while (!reader_is_break(reader_peek(r, 0)) && !char_in(reader_peek(r, 0), "'\"\\$`")) {
		if (reader_peek(r, 0) == '{' || reader_peek(r, 0) == '}')
			return reader_fail(r, r->at, "braces");
		if (reader_peek(r, 0) == '~' && r->at == lo && !out->n)
			return reader_fail(r, r->at, "a home directory");
		glob |= char_in(reader_peek(r, 0), "*?[");
		r->at++;
	}
	reader_add_text(out, glob ? SHELL_GLOB : SHELL_TEXT, false, str_of(r->text.p + lo, r->at - lo));
	return true;
}

static bool read_piece(struct reader *r, piece_list *out)
{
	switch (reader_peek(r, 0)) {
	case '\'': return read_single(r, out);
	case '"': return read_double(r, out);
	case '$': return reader_variable(r, out, false);
	case '`': return reader_fail(r, r->at, "a command substitution");
	case '\\':
		if (r->at + 1 >= r->text.n)
			return reader_fail(r, r->at, "a backslash at the end");
		if (reader_peek(r, 1) != '\n')
			reader_add_text(out, SHELL_TEXT, true, str_of(r->text.p + r->at + 1, 1));
		r->at += 2;
		return true;
	default: return read_bare(r, out);
	}
}

/* Texts that follow each other are one. */
struct shell_word reader_word_of(struct reader *r, piece_list *list)
{
	struct shell_piece *pieces = arena_array(r->arena, struct shell_piece, list->n);
	struct shell_word w = {pieces, 0};
	struct buf b = {0};

	for (size_t i = 0, next; i < list->n; i = next) {
		struct shell_piece *p = &pieces[w.n++];

		*p = list->p[i];
		for (next = i + 1; next < list->n && p->kind == SHELL_TEXT && list->p[next].kind == SHELL_TEXT; next++)
			buf_str(&b, list->p[next].text);
		if (next > i + 1)
			p->text = str_fmt(r->arena, "%.*s%.*s", STR_ARG(p->text), STR_ARG(buf_view(&b)));
		b.n = 0;
	}
	buf_free(&b);
	vec_free(list);
	return w;
}

bool reader_word(struct reader *r, struct shell_word *out)
{
	piece_list list = {0};

	while (!reader_ends(r) && !reader_is_break(reader_peek(r, 0)))
		if (!read_piece(r, &list)) {
			vec_free(&list);
			return false;
		}
	*out = reader_word_of(r, &list);
	return true;
}

bool shell_plain(const struct shell_word *w, struct arena *a, str *out)
{
	struct buf b = {0};

	for (size_t i = 0; i < w->n; i++) {
		if (w->pieces[i].kind != SHELL_TEXT) {
			buf_free(&b);
			return false;
		}
		buf_str(&b, w->pieces[i].text);
	}
	*out = buf_take(&b, a);
	return true;
}
